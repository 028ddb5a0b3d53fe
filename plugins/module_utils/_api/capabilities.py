# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What some vendors offer beyond files: one abstract class a capability.

Where vendors differ in detail, a class variable says what this one can, so that a module can refuse a wish before any
call and name the vendors that can. All methods raise `NasError`; "absent" is only what the device said is absent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, Optional

from .._core.errors import Kind, NasError
from .._core.model import (
    ArchiveMember,
    Bin,
    Certificate,
    Criteria,
    DesiredLink,
    Entry,
    Favorite,
    Job,
    Mail,
    Packing,
    ShareLink,
    Unpacking,
)
from .._core.waiting import Watch


def _lacking(what: str, path: str) -> NasError:
    """The error of a method whose feature a vendor has not."""
    return NasError(Kind.UNSUPPORTED, f"the device {what}", path=path)


class Copies(ABC):
    """Copying and moving on the device itself."""

    conflicts: ClassVar[frozenset[str]] = frozenset()
    """What the device can do itself about a name that is taken: of `overwrite`, `skip`."""

    @abstractmethod
    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
        """Copy or move files and folders into an existing folder, under their own names, and wait for it.

        Devices report success for what they skipped: the caller verifies by reading.

        :param sources: paths; they need not share a parent (the client groups them as the device wants).
        :param conflict: one of `conflicts`.
        :param watch: gets the progress; the device's task is stopped on timeout and interruption.
        :raises NasError: `NOT_FOUND` (source or folder), `NO_SPACE`, `INVALID_ARGUMENT` (a folder into itself), ...
        """

    names_copies: ClassVar[bool] = False
    """Whether there is `copy_as`."""

    def copy_as(self, source: str, path: str, *, watch: Watch) -> None:
        """Copy one file or folder to a path whose name is free, in an existing folder, and wait for it.

        As `into`; the copy has its last part as its name.
        """
        raise _lacking("keeps the name of what it copies", source)


class ShareLinks(ABC):
    """Links by which others fetch a file or folder without an account."""

    features: ClassVar[frozenset[str]] = frozenset()
    """Of `password`, `expires`, `available_from`, `ssl`, `hostname`, `network`, `mail`, `edit`, `clear_invalid`,
    `delete_all`, `shows_password`, `member` (`download` of one file of a folder)."""

    longest_password: ClassVar[Optional[int]] = None
    """Characters, where the device has a limit."""

    downloads: ClassVar[bool] = True
    """Whether `download` can follow a link; else it leads to a page for a browser."""

    leads_to_shares: ClassVar[bool] = True
    """Whether a link may lead to a share itself, not only to what lies in one."""

    @abstractmethod
    def rounded(self, expires: int) -> int:
        """The point in time (seconds since 1970 UTC) that a link really ends at when asked to end at `expires`.

        Devices know days or minutes, in their own time zone; both sides of a comparison go through this.
        """

    def rounded_start(self, available_from: int) -> int:
        """The same for the point in time that a link begins at, where `features` has `available_from`."""
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

        :param mail: send it, where `features` has `mail`.
        :raises NasError: `NOT_FOUND` when there is nothing at `path`.
        """

    @abstractmethod
    def edit(self, link: ShareLink, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Change what `wish` sets and keep the rest, url and id included, where `features` has `edit`."""

    @abstractmethod
    def delete(self, links: Sequence[ShareLink]) -> None:
        """Remove links; what they lead to stays."""

    @abstractmethod
    def clear_invalid(self) -> None:
        """Remove all expired and broken links, where `features` has `clear_invalid`."""

    @abstractmethod
    def delete_all(self) -> None:
        """Remove all links of the user in one call, where `features` has `delete_all`."""

    @abstractmethod
    def download(
        self, url: str, password: Optional[str], sink: BinaryIO, *, watch: Watch, member: Optional[str] = None
    ) -> int:
        """Fetch what a link of this device leads to, as anybody could, without a session. Bytes written.

        :param url: the link's own url; its host and port are replaced by those of the connection.
        :param member: only this file of the folder that the link leads to, by its path in there without a slash at
            either end, where `features` has `member`.
        :raises NasError: `PERMISSION_DENIED` for a missing or wrong password; `NOT_FOUND` for an unknown or ended link.
        """


class Archives(ABC):
    """Packing and unpacking on the device itself."""

    formats: ClassVar[tuple[str, ...]] = ()
    """What `compress` makes, by the ending of the file: `zip`, `7z`, `tar.gz`, ..."""

    features: ClassVar[frozenset[str]] = frozenset()
    """Of `list` (see `members`), `scattered` (sources may be shares and need not share a parent), `level`, `password`,
    `encryption`, `extract_password`, `extract_members`, `codepage`."""

    levels: ClassVar[tuple[str, ...]] = ()
    """Of `store`, `fast`, `normal`, `best`."""

    @abstractmethod
    def compress(self, sources: Sequence[str], archive: str, packing: Packing, *, watch: Watch) -> None:
        """Make a new archive of files and folders, and wait for it. Nothing may be at `archive`.

        Each source is a member under its own name, a folder with all that it holds. Sources need not share a parent
        where `features` has `scattered`; else `INVALID_ARGUMENT` before any call.
        """

    def in_one_job(self, sources: Sequence[str], archive: str, packing: Packing) -> bool:
        """Whether `compress` is one task of the device, after which there is nothing to do but to look."""
        return archive.endswith(f".{packing.format}")

    @abstractmethod
    def members(
        self, archive: str, *, password: Optional[str] = None, codepage: Optional[str] = None
    ) -> Iterator[ArchiveMember]:
        """Everything that an archive holds, at all levels, where `features` has `list`.

        :raises NasError: `AUTHENTICATION` must not be used for archives: a wrong password is `PERMISSION_DENIED`; a
            damaged or unknown archive is `INVALID_ARGUMENT`.
        """

    @abstractmethod
    def extract(self, archive: str, folder: str, unpacking: Unpacking, *, watch: Watch) -> None:
        """Unpack into an existing folder, with the archive's folders, and wait for it. No file there is replaced.

        :raises NasError: `PERMISSION_DENIED` (password), `INVALID_ARGUMENT` (damaged, unsupported), `NO_SPACE`, ...
        """


class Jobs(ABC):
    """The device's long operations, whoever started them."""

    features: ClassVar[frozenset[str]] = frozenset()
    """Of `list`, `ask` (`get` takes an id and its kind, where there is no list), `pause`, `cancel`, `clear`."""

    @abstractmethod
    def list(self) -> list[Job]:
        """All that the device knows."""

    @abstractmethod
    def get(self, job_id: str, kind: Optional[str] = None) -> Optional[Job]:
        """One of them, or None when the device does not know it (any more).

        :param kind: what `Task.kind` says, where `features` has `ask`.
        """

    @abstractmethod
    def pause(self, job_id: str) -> None:
        """Hold it, where `features` has `pause`."""

    @abstractmethod
    def resume(self, job_id: str) -> None:
        """Let it go on, where `features` has `pause`."""

    @abstractmethod
    def cancel(self, job_id: str, kind: Optional[str] = None) -> None:
        """Stop it. :param kind: what `Task.kind` says, where the vendor needs it to know which call stops it."""

    @abstractmethod
    def clear(self, job_ids: Optional[Sequence[str]]) -> None:
        """Forget finished ones, all of them for None."""


class Downloads(ABC):
    """More ways to look at and fetch files."""

    features: ClassVar[frozenset[str]] = frozenset()
    """Of `folder_size`, `zip`, `compress` (for zips), `thumbnail`, `rotate` (for thumbnails), `rendition`."""

    thumbnail_sizes: ClassVar[tuple[str, ...]] = ()
    """Of `small`, `medium`, `large`, `original`, as the vendor has them."""

    rendition_formats: ClassVar[tuple[str, ...]] = ()
    """What `rendition` takes, where `features` has it."""

    @abstractmethod
    def folder_size(self, path: str, *, watch: Watch) -> dict[str, int]:
        """What a folder holds at all levels, itself not counted: `folders`, `files`, `size` (bytes)."""

    def download_zip(self, paths: Sequence[str], sink: BinaryIO, *, compress: bool = False, watch: Watch) -> int:
        """Several files, or folders, as one zip that the device makes on its way. Bytes written.

        :param compress: whether it is compressed, where `features` has `compress`; else that is the device's choice.
        """
        raise _lacking("makes no zips", paths[0] if paths else "")

    def thumbnail(self, path: str, size: str, sink: BinaryIO, *, rotate: int = 0) -> int:
        """A small picture of a picture or film. Bytes written.

        :param rotate: degrees clockwise, 0, 90, 180 or 270; other than 0 where `features` has `rotate`.
        :raises NasError: `UNSUPPORTED` for other files.
        """
        raise _lacking("makes no thumbnails", path)

    def rendition(self, path: str, format_name: str, sink: BinaryIO, *, watch: Watch) -> int:
        """The device's own version of a film or song in another format or resolution. Bytes written."""
        raise _lacking("makes no renditions", path)


class RecycleBin(ABC):
    """The folders of shares that hold what was deleted, each entry below the folders that it was in."""

    folder: ClassVar[str] = ""
    """The name that the bin has in every share."""

    @abstractmethod
    def bins(self, shares: Optional[Sequence[str]] = None) -> list[Bin]:
        """The recycle bins that there are.

        :param shares: only those of these shares, as paths; None for all that the user may see.
        """

    @abstractmethod
    def restore(self, paths: Sequence[str], *, watch: Watch) -> None:
        """Bring entries of bins back to where they were, under the names that they have in the bin, and wait for it.

        Nothing is at those places, and the folders above are there; the caller sees to both. Never overwrites. Devices
        report success for what they skipped: the caller verifies by reading.

        :raises NasError: `NOT_FOUND` for what is not in the bin.
        """

    @abstractmethod
    def empty(self, share: str, *, watch: Watch) -> None:
        """Remove for good all that the bin of a share holds, and verify that it is gone.

        :param share: as a path.
        """


class Transcoding(ABC):
    """Versions of films in other resolutions, which the device makes one after the other from a queue of its own."""

    resolutions: ClassVar[tuple[int, ...]] = ()
    """The heights in lines that the device makes."""

    shown: ClassVar[frozenset[int]] = frozenset()
    """Those of them that `renditions` shows when they are there; about others the device is silent."""

    @abstractmethod
    def renditions(self, paths: Sequence[str]) -> dict[str, Mapping[str, int]]:
        """Which renditions films have, by path: the lines of each, by the name of its format.

        :raises NasError: `NOT_FOUND` when one of the files is not there.
        """

    @abstractmethod
    def queue(self) -> list[Job]:
        """All that waits, is at work, or was done since the list was last cleared; `done` is in percent."""

    @abstractmethod
    def status(self, paths: Sequence[str]) -> list[Job]:
        """The same for some films.

        :raises NasError: `NOT_FOUND` when one of the files is not there.
        """

    @abstractmethod
    def running(self, job: Job) -> bool:
        """Whether the device is at work on something that `queue` told of."""

    @abstractmethod
    def add(self, paths: Sequence[str], resolutions: Sequence[int], *, first: bool) -> None:
        """Queue films. The device leaves out silently what it does not take: the caller verifies by `queue`.

        :param first: before all that waits.
        """

    @abstractmethod
    def remove(self, jobs: Sequence[Job]) -> None:
        """Stop what is at work and take the rest off the queue; the caller verifies by `queue`."""

    @abstractmethod
    def clear(self, *, finished: bool) -> None:
        """Take everything off the queue that is finished, or everything else; the caller verifies by `queue`.

        :param finished: which of them.
        """

    @abstractmethod
    def delete(self, paths: Sequence[str], *, videos: bool = True, pictures: bool = False) -> None:
        """Remove what the device made of films; the films stay.

        :param videos: all renditions. The caller verifies by `renditions`.
        :param pictures: the small pictures, of which no call tells whether there are any.
        """


class Search(ABC):
    """The device's own search, which spares the caller a list call for each folder."""

    criteria: ClassVar[frozenset[str]] = frozenset()
    """What narrows a search: of `patterns`, `type`, `size`, `mtime`, `owner`, `group`."""

    @abstractmethod
    def find(self, folder: str, criteria: Criteria, *, watch: Watch) -> list[Entry]:
        """What lies below a folder and may meet the criteria, each once.

        All that meets them is among it, and mostly more: devices compare names in their own way, and ignore what
        `criteria` does not name, so the caller filters. What is hidden, and what lies in recycle bins or in folders
        closed to the user, may be missing.

        :param watch: gets how many were found; the search is stopped on timeout and interruption.
        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file; `UNSUPPORTED` when the device cannot search by these
            criteria, has no search, or finds more than it lists: the caller may walk the folders instead.
        """


class Favorites(ABC):
    """Folders that the user keeps at hand in the device's file manager, in an order of the user's own."""

    @abstractmethod
    def list(self) -> list[Favorite]:
        """All of them, in their order."""

    @abstractmethod
    def add(self, path: str, name: str, index: Optional[int] = None) -> None:
        """One more, at the end.

        :param index: before the one that has this place, counted from 0; less than there are favorites.
        :raises NasError: `EXISTS` for a folder or a name that is among them; `QUOTA_EXCEEDED`; `NOT_FOUND`.
        """

    @abstractmethod
    def edit(self, path: str, name: str) -> None:
        """Another name for one of them. :raises NasError: `EXISTS`, `NOT_FOUND`."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Take one out; the folder stays. :raises NasError: `NOT_FOUND`."""

    @abstractmethod
    def clear_broken(self) -> None:
        """Take out all whose folder is gone or closed to the user."""

    @abstractmethod
    def replace_all(self, favorites: Sequence[Favorite]) -> None:
        """Have these, in this order, instead of all that there are. There must be one at least."""


class ContainerTls(ABC):
    """The certificate of Container Station."""

    @abstractmethod
    def certificate(self) -> Certificate:
        """:raises NasError: `UNSUPPORTED` where this Container Station has no such API."""

    @abstractmethod
    def set_domain_names(self, names: Sequence[str]) -> None:
        """Replace the extra names and addresses that the certificate covers."""

    @abstractmethod
    def set_outdated_notify(self, notify: bool) -> None:
        """Whether the device tells about a certificate that ends."""

    @abstractmethod
    def rotate(self) -> None:
        """Make a new certificate. Never repeated: each call makes another one."""

    @abstractmethod
    def export(self, sink: BinaryIO) -> int:
        """Write the zip of the certificate files. Bytes written."""


class ContainerStation(ABC):
    """Facts about Container Station and the networks of its host."""

    @abstractmethod
    def system(self) -> dict[str, Any]:
        """Versions, processor, memory, features, by the vendor's names."""

    @abstractmethod
    def resources(self) -> dict[str, Any]:
        """Use of processor and memory."""

    @abstractmethod
    def networks(self) -> dict[str, Any]:
        """The bridges and adapters."""

    @abstractmethod
    def port_used(self, protocol: str, port: int) -> bool:
        """Whether `tcp` or `udp` port is in use on the device."""

    @abstractmethod
    def report(self, sink: BinaryIO) -> int:
        """Write the diagnosis report. Bytes written."""


class Network(ABC):
    """By which names and addresses the device is reached."""

    @abstractmethod
    def addresses(self) -> dict[str, Any]:
        """By the vendor's names."""


class Mounts(ABC):
    """Remote folders and images that are mounted on the device."""

    @abstractmethod
    def mounts(self) -> list[dict[str, Any]]:
        """Each with `path`, `type` and what else the vendor tells."""


class Assembly(ABC):
    """One file from many, on the device itself."""

    @abstractmethod
    def assemble(
        self,
        files: Sequence[str],
        dest: str,
        *,
        watch: Watch,
    ) -> None:
        """Write the bytes of all files, in this order, to the new file `dest`, and wait for it.

        A failure may leave a part of it.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a folder, `EXISTS`, `NO_SPACE`, ...
        """


class Repair(ABC):
    """Checking and mending files with the recovery data of a par2 set beside them."""

    @abstractmethod
    def repair(self, path: str, *, delete_archive: bool = False, watch: Watch) -> None:
        """Check the files of a par2 set, mend those that are damaged or missing, and wait for it.

        :param path: one of the set's par2 files; the device finds the others.
        :param delete_archive: remove the set's par2 files afterwards.
        :raises NasError: `NOT_FOUND`, `INVALID_ARGUMENT` for what is no par2 file, `DEVICE` when too much is lost.
        """
