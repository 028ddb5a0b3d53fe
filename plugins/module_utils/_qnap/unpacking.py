# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking archives on a QNAP (File Station guide, section 6.2).

Devices disagree on what `overwrite` means: in the guide 1 replaces and 0 skips, to some it is the reverse, and what
was skipped is not reported. So it is found out before what is there, and only what is free, or may be replaced, is
asked for, with 1. That the device did it is seen in the folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Optional

from .._api.files import Files
from .._core.archives import ArchiveMember, Unpacking
from .._core.errors import Kind, NasError
from .._core.model import FILE, FOLDER
from .._core.waiting import Watch
from .entries import bundles, split, within_share
from .failures import qnap_error
from .process import Process, Seen
from .sizes import mark, measure
from .wire import Fields, Wire

Listing = Callable[[], Iterator[ArchiveMember]]


class Extraction:
    """One archive on its way into a folder.

    :param wire: makes the calls.
    :param files: looks at what is there.
    :param listing: tells what the archive holds.
    """

    def __init__(
        self, wire: Wire, files: Files, archive: str, folder: str, unpacking: Unpacking, listing: Listing
    ) -> None:
        within_share(archive, "unpacked")
        split(folder)
        self._wire = wire
        self._files = files
        self._archive = archive
        self._folder = folder
        self._desired = unpacking
        self._listing = listing
        self._listed: Optional[list[ArchiveMember]] = None

    def run(self, watch: Watch) -> None:
        """Unpack what is desired and not there, and see that it is there then.

        :raises NasError: see `Archives.extract`.
        """
        parts = self._chosen()
        overwrite = True
        if next(self._files.list(self._folder), None) is not None:
            members = parts if parts is not None else self._members()
            if members is None:
                # What it holds is a secret: the guide's word has to do.
                overwrite = False
            else:
                free = self._free(members)
                if len(free) < len(members):
                    parts = [member for member in free if member.type == FILE]
        if parts is not None and not parts:
            return
        process = Process(self._wire, "extract", self._archive, self._read_state)
        if process.start(self._fields(parts, overwrite), form=bool(self._desired.password)):
            process.wait(watch)
        if overwrite:
            self._verify(parts)

    def _chosen(self) -> Optional[list[ArchiveMember]]:
        """The files that are desired, those of folders included; None for all."""
        if self._desired.members is None:
            return None
        chosen = {member.path: member for member in self._desired.members if member.type == FILE}
        folders = [f"{member.path}/" for member in self._desired.members if member.type == FOLDER]
        if folders:
            for member in self._listing():
                if member.type == FILE and member.path.startswith(tuple(folders)):
                    chosen.setdefault(member.path, member)
        return list(chosen.values())

    def _members(self) -> Optional[list[ArchiveMember]]:
        """All that the archive holds; None when the device does not list it because it needs a password."""
        if self._listed is None:
            try:
                self._listed = list(self._listing())
            except NasError as error:
                if error.kind is not Kind.PERMISSION_DENIED:
                    raise
        return self._listed

    def _free(self, members: Sequence[ArchiveMember]) -> list[ArchiveMember]:
        """Those that nothing is in the way of; folders never are in the way of folders."""
        found = self._files.stat([self._target(member) for member in members if member.type == FILE])
        return [member for member in members if member.type == FOLDER or found[self._target(member)] is None]

    def _target(self, member: ArchiveMember) -> str:
        """Where it goes. A member that wants to leave the folder is refused."""
        parts = _parts(member)
        target = "/".join((self._folder, *parts))
        split(target)
        return target

    def _fields(self, parts: Optional[Sequence[ArchiveMember]], overwrite: bool) -> Fields:
        fields: Fields = [
            ("extract_file", self._archive),
            ("dest_path", self._folder),
            ("pwd", self._desired.password or ""),
            ("mode", "extract_all" if parts is None else "extract_part"),
            ("overwrite", int(overwrite)),
            ("path_mode", "full"),
            ("code_page", "UTF-8"),
        ]
        if parts is not None:
            fields += [("part_file", member.path) for member in parts]
            fields.append(("part_total", len(parts)))
        return fields

    def _read_state(self) -> Seen:
        if split(self._folder)[0]:
            return Seen(*mark(self._wire, self._files, [self._folder]))
        names = bundles(entry.name for entry in self._files.list(self._folder))
        return Seen(tuple(measure(self._wire, self._folder, portion) for portion in names), True)

    def _verify(self, parts: Optional[Sequence[ArchiveMember]]) -> None:
        """Look for the files that were asked for; after a whole archive, for what lies at its top.

        :raises NasError: `DEVICE` when one is not there, `MISMATCH` when it has another size.
        """
        members = parts if parts is not None else self._members()
        if members is None:
            return
        sizes: dict[str, Optional[int]] = {}
        for target, size in self._expected(members, parts is None):
            # Of two with one name, either may have been the last.
            sizes[target] = size if target not in sizes else None
        for path, entry in self._files.stat(list(sizes)).items():
            if entry is None:
                message = "the device reported success, but this is not there"
                raise qnap_error(Kind.DEVICE, message, call="extract", path=path)
            size = sizes[path]
            if size is not None and entry.size not in (None, size):
                message = f"{entry.size} bytes were unpacked instead of {size}"
                raise qnap_error(Kind.MISMATCH, message, call="extract", path=path)

    def _expected(self, members: Iterable[ArchiveMember], all_of_them: bool) -> Iterator[tuple[str, Optional[int]]]:
        for member in members:
            parts = _parts(member)
            if len(parts) > 1 and all_of_them:
                yield f"{self._folder}/{parts[0]}", None
            elif parts:
                yield self._target(member), member.size


def _parts(member: ArchiveMember) -> list[str]:
    """The names in its path; a dot stands for nothing."""
    return [part for part in member.path.split("/") if part not in ("", ".")]
