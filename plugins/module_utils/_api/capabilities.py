# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What some vendors offer beyond files: one abstract class a capability.

Where vendors differ in detail, `features` says what this one can, so that a module can refuse a task before any call
and name the vendors that can. All methods raise `NasError`; "absent" is only what the device said is absent.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar, Optional

from .._core.model import (
    ArchiveMember,
    Bin,
    Certificate,
    Criteria,
    DesiredLink,
    DeviceFacts,
    Entry,
    Favorite,
    Job,
    Mail,
    Packing,
    Pairing,
    ShareLink,
    Unpacking,
)
from .._core.waiting import Watch
from .offers import Capability, Features, unsupported


class Device(Capability):
    """The device itself."""

    @abstractmethod
    def facts(self) -> DeviceFacts:
        """Model, version and whatever else the vendor tells about itself."""


class Pairings(Capability):
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


@dataclass(frozen=True)
class CopyFeatures(Features):
    """What a vendor's devices can of `Copies`.

    :ivar conflicts: what the device can do itself about a name that is taken: of `overwrite`, `skip`.
    :ivar names_copies: whether `copy_as` can be asked.
    """

    conflicts: frozenset[str] = frozenset()
    names_copies: bool = False


class Copies(Capability):
    """Copying and moving on the device itself."""

    features: ClassVar[CopyFeatures] = CopyFeatures()

    @abstractmethod
    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
        """Copy or move files and folders into an existing folder, under their own names, and wait for it.

        Devices report success for what they skipped: the caller verifies by reading.

        :param sources: paths; they need not share a parent (the client groups them as the device wants).
        :param conflict: one of `features.conflicts`.
        :param watch: gets the progress; the device's task is stopped on timeout and interruption.
        :raises NasError: `NOT_FOUND` (source or folder), `NO_SPACE`, `INVALID_ARGUMENT` (a folder into itself), ...
        """

    def copy_as(self, source: str, path: str, *, watch: Watch) -> None:
        """Copy one file or folder to a path whose name is free, in an existing folder, and wait for it.

        As `into`; the copy has its last part as its name.
        """
        raise unsupported("another name for a copy", lambda nas: nas.copies.features.names_copies, path=source)


@dataclass(frozen=True)
class ShareLinkFeatures(Features):
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


@dataclass(frozen=True)
class ArchiveFeatures(Features):
    """What a vendor's devices can of `Archives`.

    :ivar formats: what `compress` makes, by the ending of the file: `zip`, `7z`, `tar.gz`, ...
    :ivar levels: of `store`, `fast`, `normal`, `best`; empty where there is no choice.
    :ivar list: whether `members` can be asked.
    :ivar scattered: whether sources may be shares and need not share a parent.
    :ivar password: whether a new archive may have a password.
    :ivar encryption: whether the way of encryption can be chosen.
    :ivar extract_password: whether archives with a password can be unpacked.
    :ivar extract_members: whether some members can be unpacked without the others.
    :ivar codepage: whether the character set of names in an archive can be given.
    """

    formats: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    list: bool = False
    scattered: bool = False
    password: bool = False
    encryption: bool = False
    extract_password: bool = False
    extract_members: bool = False
    codepage: bool = False


class Archives(Capability):
    """Packing and unpacking on the device itself."""

    features: ClassVar[ArchiveFeatures] = ArchiveFeatures()

    @abstractmethod
    def compress(self, sources: Sequence[str], archive: str, packing: Packing, *, watch: Watch) -> None:
        """Make a new archive of files and folders, and wait for it. Nothing may be at `archive`.

        Each source is a member under its own name, a folder with all that it holds. Sources need not share a parent
        where `features.scattered`; else `INVALID_ARGUMENT` before any call.
        """

    def in_one_job(self, sources: Sequence[str], archive: str, packing: Packing) -> bool:
        """Whether `compress` is one task of the device, after which there is nothing to do but to look."""
        return archive.endswith(f".{packing.format}")

    def members(
        self, archive: str, *, password: Optional[str] = None, codepage: Optional[str] = None
    ) -> Iterator[ArchiveMember]:
        """Everything that an archive holds, at all levels, where `features.list`.

        :raises NasError: `AUTHENTICATION` must not be used for archives: a wrong password is `PERMISSION_DENIED`; a
            damaged or unknown archive is `INVALID_ARGUMENT`.
        """
        raise unsupported("lists of archives", lambda nas: nas.archives.features.list, path=archive)

    @abstractmethod
    def extract(self, archive: str, folder: str, unpacking: Unpacking, *, watch: Watch) -> None:
        """Unpack into an existing folder, with the archive's folders, and wait for it. No file there is replaced.

        :raises NasError: `PERMISSION_DENIED` (password), `INVALID_ARGUMENT` (damaged, unsupported), `NO_SPACE`, ...
        """


@dataclass(frozen=True)
class JobFeatures(Features):
    """What a vendor's devices can of `Jobs`.

    :ivar list: whether the device tells which jobs there are.
    :ivar ask: whether, without a list, `get` takes an id and its type.
    :ivar pause: whether jobs can be held, and go on.
    :ivar cancel: whether jobs can be stopped.
    :ivar clear: whether the device can be told to forget finished ones.
    """

    list: bool = False
    ask: bool = False
    pause: bool = False
    cancel: bool = False
    clear: bool = False


class Jobs(Capability):
    """The device's long operations, whoever started them."""

    features: ClassVar[JobFeatures] = JobFeatures()

    def list(self) -> list[Job]:
        """All that the device knows."""
        raise unsupported("a list of its jobs", lambda nas: nas.jobs.features.list)

    def get(self, job_id: str, job_type: Optional[str] = None) -> Optional[Job]:
        """One of them, or None when the device does not know it (any more).

        :param job_type: what `Job.type` says, where `features.ask`.
        """
        raise unsupported("news of a job", lambda nas: nas.jobs.features.list or nas.jobs.features.ask)

    def pause(self, job_id: str) -> None:
        """Hold it, where `features.pause`."""
        raise unsupported("pausing jobs", lambda nas: nas.jobs.features.pause)

    def resume(self, job_id: str) -> None:
        """Let it go on, where `features.pause`."""
        raise unsupported("pausing jobs", lambda nas: nas.jobs.features.pause)

    def cancel(self, job_id: str, job_type: Optional[str] = None) -> None:
        """Stop it. :param job_type: what `Job.type` says, where the vendor needs it to know which call stops it."""
        raise unsupported("cancelling jobs", lambda nas: nas.jobs.features.cancel)

    def clear(self, job_ids: Optional[Sequence[str]]) -> None:
        """Forget finished ones, all of them for None."""
        raise unsupported("clearing jobs", lambda nas: nas.jobs.features.clear)


@dataclass(frozen=True)
class DownloadFeatures(Features):
    """What a vendor's devices can of `Downloads`.

    :ivar folder_size: whether `folder_size` can be asked.
    :ivar zip: whether `download_zip` can be asked.
    :ivar compress: whether it can be chosen that a zip is compressed.
    :ivar thumbnail_sizes: of `small`, `medium`, `large`, `original`, as `thumbnail` takes them.
    :ivar rotate: whether thumbnails can be turned.
    :ivar rendition_formats: what `rendition` takes.
    """

    folder_size: bool = False
    zip: bool = False
    compress: bool = False
    thumbnail_sizes: tuple[str, ...] = ()
    rotate: bool = False
    rendition_formats: tuple[str, ...] = ()


class Downloads(Capability):
    """More ways to look at and fetch files."""

    features: ClassVar[DownloadFeatures] = DownloadFeatures()

    def folder_size(self, path: str, *, watch: Watch) -> dict[str, int]:
        """What a folder holds at all levels, itself not counted: `folders`, `files`, `size` (bytes)."""
        raise unsupported("sizes of folders", lambda nas: nas.downloads.features.folder_size, path=path)

    def download_zip(self, paths: Sequence[str], sink: BinaryIO, *, compress: bool = False, watch: Watch) -> int:
        """Several files, or folders, as one zip that the device makes on its way. Bytes written.

        :param compress: whether it is compressed, where `features.compress`; else that is the device's choice.
        """
        raise unsupported("zips", lambda nas: nas.downloads.features.zip, path=paths[0] if paths else "")

    def thumbnail(self, path: str, size: str, sink: BinaryIO, *, rotate: int = 0) -> int:
        """A small picture of a picture or film. Bytes written.

        :param rotate: degrees clockwise, 0, 90, 180 or 270; other than 0 where `features.rotate`.
        :raises NasError: `UNSUPPORTED` for other files.
        """
        raise unsupported("thumbnails", lambda nas: bool(nas.downloads.features.thumbnail_sizes), path=path)

    def rendition(self, path: str, format_name: str, sink: BinaryIO, *, watch: Watch) -> int:
        """The device's own version of a film or song in another format or resolution. Bytes written."""
        raise unsupported("renditions", lambda nas: bool(nas.downloads.features.rendition_formats), path=path)


@dataclass(frozen=True)
class RecycleBinFeatures(Features):
    """What a vendor's devices can of `RecycleBin`.

    :ivar folder: the name that the bin has in every share.
    """

    folder: str = ""


class RecycleBin(Capability):
    """The folders of shares that hold what was deleted, each entry below the folders that it was in."""

    features: ClassVar[RecycleBinFeatures] = RecycleBinFeatures()

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


@dataclass(frozen=True)
class TranscodingFeatures(Features):
    """What a vendor's devices can of `Transcoding`.

    :ivar resolutions: the heights in lines that the device makes.
    :ivar shown: those of them that `renditions` shows when they are there; about others the device is silent.
    """

    resolutions: tuple[int, ...] = ()
    shown: frozenset[int] = frozenset()


class Transcoding(Capability):
    """Versions of films in other resolutions, which the device makes one after the other from a queue of its own."""

    features: ClassVar[TranscodingFeatures] = TranscodingFeatures()

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


@dataclass(frozen=True)
class SearchFeatures(Features):
    """What a vendor's devices can of `Search`.

    :ivar criteria: what narrows a search: of `patterns`, `type`, `size`, `mtime`, `owner`, `group`.
    """

    criteria: frozenset[str] = frozenset()


class Search(Capability):
    """The device's own search, which spares the caller a list call for each folder."""

    features: ClassVar[SearchFeatures] = SearchFeatures()

    @abstractmethod
    def find(self, folder: str, criteria: Criteria, *, watch: Watch) -> list[Entry]:
        """What lies below a folder and may meet the criteria, each once.

        All that meets them is among it, and mostly more: devices compare names in their own way, and ignore what
        `features.criteria` does not name, so the caller filters. What is hidden, and what lies in recycle bins or in
        folders closed to the user, may be missing.

        :param watch: gets how many were found; the search is stopped on timeout and interruption.
        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file; `UNSUPPORTED` when the device cannot search by these
            criteria, has no search, or finds more than it lists: the caller may walk the folders instead.
        """


class Favorites(Capability):
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


class ContainerTls(Capability):
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


class ContainerStation(Capability):
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


class Network(Capability):
    """By which names and addresses the device is reached."""

    @abstractmethod
    def addresses(self) -> dict[str, Any]:
        """By the vendor's names."""


class Mounts(Capability):
    """Remote folders and images that are mounted on the device."""

    @abstractmethod
    def mounts(self) -> list[dict[str, Any]]:
        """Each with `path`, `type` and what else the vendor tells."""


class Assembly(Capability):
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


class Repair(Capability):
    """Checking and mending files with the recovery data of a par2 set beside them."""

    @abstractmethod
    def repair(self, path: str, *, delete_archive: bool = False, watch: Watch) -> None:
        """Check the files of a par2 set, mend those that are damaged or missing, and wait for it.

        :param path: one of the set's par2 files; the device finds the others.
        :param delete_archive: remove the set's par2 files afterwards.
        :raises NasError: `NOT_FOUND`, `INVALID_ARGUMENT` for what is no par2 file, `DEVICE` when too much is lost.
        """
