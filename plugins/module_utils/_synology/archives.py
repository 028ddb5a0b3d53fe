# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing and unpacking on a Synology device.

Rests on the File Station guide, SYNO.FileStation.Compress and SYNO.FileStation.Extract.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from .._api.capabilities.archives import ArchiveFeatures, Archives
from .._core.archives import ArchiveMember, Packing, Unpacking
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.model import FILE, FOLDER
from .._core.waiting import Watch
from .contents import EXTRACT, Contents
from .deletion import Stat
from .encoding import Secret, Value, batches, split
from .failures import synology_error
from .jobs import JobApi, percent
from .reasons import ANY, explained, own_names
from .wire import Wire

COMPRESS = "SYNO.FileStation.Compress"
_COMPRESS, _EXTRACT = f"{COMPRESS}/start", f"{EXTRACT}/start"
_LEVELS = {"store": "store", "fast": "fastest", "normal": "moderate", "best": "best"}
_LOST = "the device has forgotten the task before it reported how it ended"


class SynologyArchives(Archives):
    """File Station's archives.

    :param wire: to the device.
    :param stat: reads what is at some paths.
    """

    features = ArchiveFeatures(
        formats=("zip", "7z"),
        levels=tuple(_LEVELS),
        list=True,
        scattered=True,
        password=True,
        extract_password=True,
        extract_members=True,
        codepage=True,
    )

    def __init__(self, wire: Wire, stat: Stat) -> None:
        self._wire = wire
        self._stat = stat
        self._contents = Contents(wire)

    def compress(self, sources: Sequence[str], archive: str, packing: Packing, *, watch: Watch) -> None:
        """Guide, Compress/start, /status and /stop. A failure may leave a part of the archive.

        Some hundreds of sources make one task; the next ones are added to the archive by another one.

        :raises NasError: `EXISTS` when something is at `archive`: the device would add to it.
        """
        if packing.format not in self.features.formats:
            raise synology_error(
                Kind.UNSUPPORTED, f"File Station makes no {packing.format} archives", _COMPRESS, archive
            )
        if packing.level is not None and packing.level not in _LEVELS:
            raise synology_error(Kind.UNSUPPORTED, f"File Station knows no level {packing.level}", _COMPRESS, archive)
        if packing.encryption is not None:
            raise synology_error(Kind.UNSUPPORTED, "File Station lets nobody choose the encryption", _COMPRESS, archive)
        wanted = list(dict.fromkeys(sources))
        if not wanted:
            raise synology_error(
                Kind.INVALID_ARGUMENT, "an archive needs at least one file or folder", _COMPRESS, archive
            )
        own_names(wanted, _COMPRESS)
        before = self._stat([archive, *wanted])
        if before[archive] is not None:
            raise synology_error(Kind.EXISTS, "the name is taken", _COMPRESS, archive)
        for source in wanted:
            if before[source] is None:
                raise synology_error(Kind.NOT_FOUND, NOTHING_THERE, _COMPRESS, source)
        portions = list(batches(wanted))
        watch.require_one(len(portions), archive)
        lost = False
        for batch in portions:
            lost = self._pack(batch, archive, packing, watch) or lost
        self._verify(wanted, archive, packing, lost)

    def in_one_job(self, sources: Sequence[str], archive: str, packing: Packing) -> bool:
        """Not for more sources than fit into one call."""
        return super().in_one_job(sources, archive, packing) and len(list(batches(sources))) == 1

    def members(
        self, archive: str, *, password: Optional[str] = None, codepage: Optional[str] = None
    ) -> Iterator[ArchiveMember]:
        """Guide, Extract/list: one call for each folder in the archive. A folder comes before what it holds."""
        try:
            yield from self._contents.members(archive, password, codepage)
        except NasError as error:
            raise explained(error, self._stat, {archive: FILE}) from None

    def extract(self, archive: str, folder: str, unpacking: Unpacking, *, watch: Watch) -> None:
        """Guide, Extract/start, /status and /stop.

        Where the device has not reported how a task ended, what lies in the folder then decides.
        """
        params: dict[str, Value] = {
            "file_path": archive,
            "dest_folder_path": folder,
            "overwrite": False,
            "keep_dir": True,
            "create_subfolder": False,
        }
        if unpacking.codepage:
            params["codepage"] = unpacking.codepage
        if unpacking.password:
            params["password"] = Secret(unpacking.password)
        if unpacking.members is not None:
            params["item_id"] = _item_ids(unpacking.members, archive)
        job = JobApi(self._wire, EXTRACT, archive)
        try:
            job.start(params, idempotent=False)
            end = job.follow("extract", watch, percent, 1400)
        except NasError as error:
            raise self._explained(error, archive, folder) from None
        if end.failure is not None:
            raise self._explained(end.failure, archive, folder)
        if end.lost:
            self._verify_extracted(archive, folder, unpacking)

    def _pack(self, sources: Sequence[str], archive: str, packing: Packing, watch: Watch) -> bool:
        """One task. Whether the device has not reported how it ended."""
        params: dict[str, Value] = {
            "path": list(sources),
            "dest_file_path": archive,
            "mode": "add",
            "format": packing.format,
        }
        if packing.level is not None:
            params["level"] = _LEVELS[packing.level]
        if packing.password:
            params["password"] = Secret(packing.password)
        job = JobApi(self._wire, COMPRESS, archive)
        wanted = {split(archive)[0]: FOLDER, **dict.fromkeys(sources, ANY)}
        try:
            job.start(params, idempotent=False)
            end = job.follow("compress", watch, percent, 1300)
        except NasError as error:
            raise explained(error, self._stat, wanted) from None
        if end.failure is not None:
            raise explained(end.failure, self._stat, wanted)
        return end.lost

    def _verify(self, sources: Sequence[str], archive: str, packing: Packing, lost: bool) -> None:
        """Make sure that there is an archive; after a lost task, also that it can be read and lacks nothing.

        Only the number of its members is compared: how their names are encoded in it is the device's affair.
        """
        entry = self._stat([archive])[archive]
        if entry is None or entry.is_folder:
            message = _LOST if lost else "the device reported success, but there is no archive"
            raise synology_error(Kind.DEVICE, message, f"{COMPRESS}/status", archive)
        if lost:
            number = sum(1 for _member in self._contents.level(archive, packing.password, None))
            if number != len(sources):
                message = f"{_LOST}, and the archive holds {number} members instead of {len(sources)}"
                raise synology_error(Kind.DEVICE, message, f"{COMPRESS}/status", archive)

    def _explained(self, error: NasError, archive: str, folder: str) -> NasError:
        return explained(error, self._stat, {archive: FILE, folder: FOLDER})

    def _verify_extracted(self, archive: str, folder: str, unpacking: Unpacking) -> None:
        """Whether a lost task has done its work: everything is there. What was there before may have other sizes."""
        members = unpacking.members
        if members is None:
            members = tuple(self.members(archive, password=unpacking.password, codepage=unpacking.codepage))
        expected = {f"{folder}/{member.path}": member for member in members}
        found = self._stat(list(expected))
        for path, member in expected.items():
            entry = found[path]
            if entry is None or entry.type != member.type:
                message = f"{_LOST}, and this is not there completely"
                raise synology_error(Kind.DEVICE, message, f"{EXTRACT}/status", path)


def _item_ids(members: Sequence[ArchiveMember], archive: str) -> list[int]:
    """The handles of members that `members` has listed.

    :raises NasError: `INVALID_ARGUMENT` for a member that was not made by it, or when there are none.
    """
    if not members:
        raise synology_error(Kind.INVALID_ARGUMENT, "there is no member to extract", _EXTRACT, archive)
    for member in members:
        if member.id is None or not member.id.isdecimal():
            message = f"the member {member.path} has no handle of this device"
            raise synology_error(Kind.INVALID_ARGUMENT, message, _EXTRACT, archive)
    return [int(member.id or 0) for member in members]
