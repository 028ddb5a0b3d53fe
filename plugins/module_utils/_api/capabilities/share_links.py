# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links by which others fetch files without an account."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, BinaryIO, ClassVar, NamedTuple, Optional

from ..._core.waiting import Watch
from ..offers import Capability, unsupported

if TYPE_CHECKING:
    from ..._core.links import DesiredLink, Mail, ShareLink


class ShareLinkFeatures(NamedTuple):
    """What a vendor's devices can of `ShareLinks`.

    :ivar password: whether a link may have a password.
    :ivar longest_password: characters, where the device has a limit.
    :ivar shows_password: whether `ShareLink.password` is what the device tells.
    :ivar expires: whether a link may end by itself.
    :ivar available_from: whether a link may begin later.
    :ivar ssl: whether it can be chosen that a link is an https address.
    :ivar hostname: whether the name or address in a link can be chosen.
    :ivar network: whether the network by which a link is reached can be chosen.
    :ivar mail: whether the device sends links by mail.
    :ivar edit: whether a link can be changed; see `edit`.
    :ivar clear_invalid: whether one call removes all links that lead nowhere; see `clear_invalid`.
    :ivar delete_all: whether one call removes all links; see `delete_all`.
    :ivar download: whether `download` can follow a link; else it leads to a page for a browser.
    :ivar download_member: whether `download` can fetch one file of the folder that a link leads to.
    :ivar of_shares: whether a link may lead to a share itself, not only to what lies in one.
    """

    password: bool = False
    longest_password: Optional[int] = None
    shows_password: bool = False
    expires: bool = False
    available_from: bool = False
    ssl: bool = False
    hostname: bool = False
    network: bool = False
    mail: bool = False
    edit: bool = False
    clear_invalid: bool = False
    delete_all: bool = False
    download: bool = False
    download_member: bool = False
    of_shares: bool = False


class ShareLinks(Capability):
    """Links by which others fetch a file or folder without an account."""

    features: ClassVar[ShareLinkFeatures] = ShareLinkFeatures()

    @abstractmethod
    def rounded(self, expires: int) -> int:
        """The point in time (seconds since 1970 UTC) that a link really ends at when asked to end at `expires`.

        Devices know days or minutes, in their own time zone; both sides of a comparison go through this.
        """

    def rounded_start(self, available_from: int) -> int:
        """The same for the point in time that a link begins at, where `features.available_from`."""
        return available_from

    @abstractmethod
    def list(self, paths: Optional[Container[str]] = None) -> list[ShareLink]:
        """All links that the user may see, in as few calls as the device allows (paged).

        :param paths: only the links to these.
        """

    @abstractmethod
    def get(self, link_id: str) -> Optional[ShareLink]:
        """One link, or None when the device says that there is none."""

    @abstractmethod
    def create(self, path: str, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Make a new link (devices always make another one) and return it as the device has it then.

        :param mail: send it, where `features.mail`.
        :raises NasError: `NOT_FOUND` when there is nothing at `path`.
        """

    def edit(self, link: ShareLink, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Change what `desired` sets and keep the rest, url and id included, where `features.edit`."""
        raise unsupported("changing a share link", lambda nas: nas.share_links.features.edit, path=link.path)

    @abstractmethod
    def delete(self, links: Sequence[ShareLink]) -> None:
        """Remove links; what they lead to stays."""

    def clear_invalid(self) -> None:
        """Remove all expired and broken links, where `features.clear_invalid`."""
        raise unsupported("removing all broken links at once", lambda nas: nas.share_links.features.clear_invalid)

    def delete_all(self) -> None:
        """Remove all links of the user in one call, where `features.delete_all`."""
        raise unsupported("removing all links at once", lambda nas: nas.share_links.features.delete_all)

    def download(
        self, url: str, password: Optional[str], sink: BinaryIO, *, watch: Watch, member: Optional[str] = None
    ) -> int:
        """Fetch what a link of this device leads to, as anybody could, without a session. Bytes written.

        :param url: the link's own url; its host and port are replaced by those of the connection.
        :param member: only this file of the folder that the link leads to, by its path in there without a slash at
            either end, where `features.download_member`.
        :raises NasError: `PERMISSION_DENIED` for a missing or wrong password; `NOT_FOUND` for an unknown or ended link.
        """
        raise unsupported("downloads by share links", lambda nas: nas.share_links.features.download)
