# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a NAS can be asked: one abstract class a capability.

A vendor's client offers the capabilities that its API has and lacks the others; the support matrix, the error that
names who else can, and the documentation's table all come from that. A client never sees check mode, and nothing here
names a vendor.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, ClassVar, Optional, cast

from .._core import names as _names
from .._core.errors import Kind, NasError
from .._core.model import DeviceFacts, Entry, Pairing, Share
from .._core.sources import Source
from .._core.waiting import Watch
from .._transport.session import Session, Sessions
from . import lost_answers
from .administration import Accounts, SharedFolders, SharePermissions, Storage, Updates
from .capabilities import (
    Archives,
    Assembly,
    ContainerStation,
    ContainerTls,
    Copies,
    Downloads,
    Favorites,
    Jobs,
    Mounts,
    Network,
    RecycleBin,
    Repair,
    Search,
    ShareLinks,
    Transcoding,
)

PACKAGE = __name__.rsplit(".", 2)[0]


NO_TIMES: Mapping[str, int] = MappingProxyType({})


class Files(ABC):
    """Folders and files: read what is there, make, name, remove, send and fetch.

    All paths are exact, start with `/` and name a share first. All methods raise `NasError`; only `stat` answers with
    "absent", and only when the device said so. Whatever a client's methods do, those that write look at the state
    before they fail for an answer that did not come; see `_lost`.
    """

    def __init_subclass__(cls, **arguments: object) -> None:
        super().__init_subclass__(**arguments)
        lost_answers.settle(cls, lost_answers.FILES)

    checksum_algorithms: ClassVar[tuple[str, ...]] = ()
    """What `checksum` takes, best first: some of `md5`, `sha1`, `sha256`, `sha512`."""

    sets_mtime_at_upload: ClassVar[bool] = False
    """Whether `upload` can give the new file a modification time."""

    upload_times: ClassVar[frozenset[str]] = frozenset()
    """What other times `upload` can give the new file: of `crtime` (of creation), `atime` (of the last access)."""

    sets_mtime_of: ClassVar[frozenset[str]] = frozenset()
    """The types of entries (`file`, `folder`) whose modification time `set_mtime` can change."""

    stats_at_once: ClassVar[bool] = False
    """Whether one call of `stat` is one request, wherever the paths lie."""

    tells_owner: ClassVar[bool] = True
    """Whether entries say whom they belong to."""

    tells_times: ClassVar[frozenset[str]] = frozenset(("mtime",))
    """Which of `TIMES` entries have."""

    tells_links: ClassVar[bool] = False
    """Whether entries say that they are symbolic links."""

    @abstractmethod
    def shares(self) -> list[Share]:
        """All shared folders that the user may see."""

    @abstractmethod
    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What is at each path, by path: an Entry, or None when the device said that nothing is there.

        A share itself, and a path below a folder or share that does not exist, is answered too (the latter with None).
        The vendor's cheapest calls are used: one call for many paths where it has one.

        :raises NasError: `PERMISSION_DENIED` and everything else that is not a plain "not found".
        """

    @abstractmethod
    def list(self, path: str) -> Iterator[Entry]:
        """What lies directly in a folder, hidden entries included, paged as the device wants it.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file.
        """

    @abstractmethod
    def create_folders(self, paths: Sequence[str]) -> None:
        """Make folders. A parent that is missing comes before its children in `paths`.

        :raises NasError: `EXISTS`, `NOT_FOUND` (no parent), `INVALID_NAME`, `QUOTA_EXCEEDED`, `NO_SPACE`, ...
        """

    @abstractmethod
    def rename(self, path: str, name: str) -> None:
        """Give the entry at `path` another name in the same folder. Never overwrites.

        :raises NasError: `NOT_FOUND`, `EXISTS`.
        """

    def surely_gives(self, name: str) -> bool:
        """Whether there is no doubt that the device gives something exactly this name. Makes no call.

        What it shows is not always what it gives; see `_deliver.prove_name` for the others.
        """
        return _names.is_plain(name)

    @abstractmethod
    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """Remove files and folders, and verify that they are gone.

        :param recursive: whether a folder may be removed with what it holds.
        :raises NasError: `NOT_EMPTY` for a folder that holds something, when not recursive (checked before anything is
            removed where the device itself would not refuse); `NOT_FOUND`.
        """

    @abstractmethod
    def upload(
        self, source: Source, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
    ) -> None:
        """Send bytes to a new file, streamed. Nothing may be at `path`; its folder exists. Never overwrites.

        The caller chooses a temporary name of plain letters, digits and dots, which every header carries, verifies what
        arrived, and renames. A failure may leave a part of the file
        at `path`; the caller removes it. The upload starts again from the first byte when the session had expired.

        :param mtime: modification time for the new file in seconds, where `sets_mtime_at_upload`; else None.
        :param watch: gets (bytes sent, size).
        :param times: other times in seconds, by the names that `upload_times` has.
        :raises NasError: `EXISTS`, `NOT_FOUND` (no folder), `QUOTA_EXCEEDED`, `NO_SPACE`, `CONNECTION`, ...
        """

    @abstractmethod
    def download(self, path: str, sink: BinaryIO, *, watch: Watch, entry: Optional[Entry] = None) -> int:
        """Write a file's bytes to `sink`, streamed, and return how many there were.

        :param entry: what `stat` or `list` told of it a moment ago, which spares some devices a call.

        :raises NasError: `NOT_FOUND`; `MISMATCH` when fewer or more bytes came than the device announced.
        """

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        """The lower-case hex digest of a file, calculated by the device.

        :raises NasError: `UNSUPPORTED` when this device or its firmware has no such call (which a caller may take as
            "compare by size and mtime"); `NOT_FOUND`, `WRONG_TYPE`.
        """
        raise NasError(Kind.UNSUPPORTED, f"the device calculates no {algorithm} checksums", path=path)

    def set_mtime(self, path: str, mtime: int) -> None:
        """Change an entry's modification time (seconds), where `sets_mtime_of` has its type."""
        raise NasError(Kind.UNSUPPORTED, "the device cannot set this modification time", path=path)

    def require_upload(self) -> None:
        """Make sure that this machine has what `upload` needs; makes no call.

        :raises NasError: `USAGE`, naming what to install.
        """
        return

    def writable(self, path: str) -> Optional[bool]:
        """Whether the user may create the file `path` in its (existing) folder.

        None when the device cannot tell without trying.
        """
        return None


class Device(ABC):
    """The device itself."""

    @abstractmethod
    def facts(self) -> DeviceFacts:
        """Model, version and whatever else the vendor tells about itself."""


class Pairings(ABC):
    """Access that somebody at the device grants once: an application asks, a person presses a button."""

    @abstractmethod
    def request(self, app_id: str, app_name: str, app_version: str, device_name: str) -> Pairing:
        """Ask for access; the answer holds a token that is worthless until it is granted."""

    @abstractmethod
    def is_refused(self) -> bool:
        """Whether the device does not know, or no longer takes, the token that the credentials hold.

        :raises NasError: for every other reason that there is no session.
        """

    @abstractmethod
    def state(self, pairing: Pairing) -> str:
        """One of the `PAIRING_*` states."""


class Offers(Mapping[str, type]):
    """The classes of a vendor's capabilities, by name. One is imported when it is asked for: a task needs few of them.

    Ansible ships with a module what the import statements in its files name. So a vendor's client has them too, where
    no Python runs them.

    :param classes: the place of each class below `module_utils`, as `_vendor.file.Class`.
    """

    def __init__(self, classes: Mapping[str, str]) -> None:
        self._classes = classes

    def __getitem__(self, name: str) -> type:
        place, _dot, class_name = self._classes[name].rpartition(".")
        found: type = getattr(importlib.import_module(f"{PACKAGE}.{place}"), class_name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


class Client:
    """A vendor's client: its capabilities over one wire.

    Vendors subclass it, fill in the class variables, say how a capability is made, and are built as
    `Vendor(connection: Connection, credentials: Credentials, keeper: Keeper)`, which makes no call yet.

    :param sessions: logs in and keeps the session.
    """

    vendor: ClassVar[str] = ""
    default_ports: ClassVar[tuple[int, int]] = (80, 443)
    """The usual ports without and with TLS."""

    offers: ClassVar[Offers] = Offers({})
    """The capabilities that this vendor has, by the name of the property below."""

    session_details: ClassVar[frozenset[str]] = frozenset()
    """What of a session a user may keep and is told by nas_session, such as `device_token`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._made: dict[str, object] = {}

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the logins so far."""
        return self._sessions.warnings

    def login(self) -> Session:
        """Make sure there is a session and return it. Secret."""
        return self._sessions.session()

    def logout(self) -> bool:
        """Log the session out, if there is one, and forget it. Whether there was one."""
        session = self._sessions.drop()
        if session is None:
            return False
        self.end(session)
        return True

    def end(self, session: Session) -> None:
        """Tell the device that this session is over. One that it no longer knows is over too."""
        raise AssertionError("a vendor's client says how")

    def close(self) -> None:
        """Close the connections; the session stays."""
        raise AssertionError("a vendor's client says how")

    @property
    def files(self) -> Files:
        """Folders and files."""
        return cast(Files, self._capability("files"))

    @property
    def device(self) -> Device:
        """The device itself."""
        return cast(Device, self._capability("device"))

    @property
    def pairing(self) -> Pairings:
        """Asking for access."""
        return cast(Pairings, self._capability("pairing"))

    @property
    def copies(self) -> Copies:
        """Copying and moving on the device."""
        return cast(Copies, self._capability("copies"))

    @property
    def share_links(self) -> ShareLinks:
        """Links for others."""
        return cast(ShareLinks, self._capability("share_links"))

    @property
    def archives(self) -> Archives:
        """Packing and unpacking."""
        return cast(Archives, self._capability("archives"))

    @property
    def assembly(self) -> Assembly:
        """One file from many."""
        return cast(Assembly, self._capability("assembly"))

    @property
    def repair(self) -> Repair:
        """Mending files by par2 sets."""
        return cast(Repair, self._capability("repair"))

    @property
    def jobs(self) -> Jobs:
        """The device's long operations."""
        return cast(Jobs, self._capability("jobs"))

    @property
    def downloads(self) -> Downloads:
        """More ways to look at and fetch files."""
        return cast(Downloads, self._capability("downloads"))

    @property
    def recycle_bin(self) -> RecycleBin:
        """What was deleted."""
        return cast(RecycleBin, self._capability("recycle_bin"))

    @property
    def transcoding(self) -> Transcoding:
        """Renditions of films."""
        return cast(Transcoding, self._capability("transcoding"))

    @property
    def search(self) -> Search:
        """The device's own search."""
        return cast(Search, self._capability("search"))

    @property
    def favorites(self) -> Favorites:
        """Folders that the user keeps at hand."""
        return cast(Favorites, self._capability("favorites"))

    @property
    def container_tls(self) -> ContainerTls:
        """The certificate of Container Station."""
        return cast(ContainerTls, self._capability("container_tls"))

    @property
    def container_station(self) -> ContainerStation:
        """Facts about Container Station."""
        return cast(ContainerStation, self._capability("container_station"))

    @property
    def network(self) -> Network:
        """Names and addresses of the device."""
        return cast(Network, self._capability("network"))

    @property
    def mounts(self) -> Mounts:
        """What is mounted on the device."""
        return cast(Mounts, self._capability("mounts"))

    @property
    def accounts(self) -> Accounts:
        """Local accounts and groups."""
        return cast(Accounts, self._capability("accounts"))

    @property
    def shared_folders(self) -> SharedFolders:
        """Shared folders, as their administrator sees them."""
        return cast(SharedFolders, self._capability("shared_folders"))

    @property
    def share_permissions(self) -> SharePermissions:
        """What shared folders allow whom."""
        return cast(SharePermissions, self._capability("share_permissions"))

    @property
    def storage(self) -> Storage:
        """Volumes and disks."""
        return cast(Storage, self._capability("storage"))

    @property
    def updates(self) -> Updates:
        """Firmware on offer."""
        return cast(Updates, self._capability("updates"))

    def make(self, name: str) -> object:
        """An object of the class that `offers` has for a capability. It makes no call yet."""
        raise AssertionError("a vendor's client says how")

    def _capability(self, name: str) -> object:
        if name not in self.offers:
            raise unsupported(self.vendor, name)
        if name not in self._made:
            self._made[name] = self.make(name)
        return self._made[name]


def unsupported(vendor: str, capability: str, able: Iterable[str] = ()) -> NasError:
    """The error for something that a vendor's API does not offer, naming those that do."""
    others = ", ".join(sorted(able))
    hint = f"Offered by: {others}" if others else ""
    return NasError(Kind.UNSUPPORTED, f"this NAS does not offer {capability}", vendor=vendor, hint=hint)
