# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives on a QNAP (File Station guide, sections 6 and 7)."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Hashable, Iterator, Sequence
from time import strptime
from typing import Optional

from .._api.capabilities.archives import ArchiveFeatures, Archives
from .._api.capabilities.copies import Copies
from .._api.files import Files
from .._core.archives import ArchiveMember, Packing, Unpacking
from .._core.errors import Kind, NasError
from .._core.model import FILE, FOLDER, parse_size
from .._core.pages import Levels
from .._core.waiting import Watch
from .entries import Row, within_share
from .envelope import number
from .failures import qnap_error
from .packing import FORMATS, LEVELS, compress
from .pages import endless, paged
from .unpacking import Extraction
from .wire import Fields, Wire

_LIST = "get_extract_list"


class QnapArchives(Archives):
    """Packing and unpacking through utilRequest.cgi. Names inside archives are UTF-8 only.

    :param wire: makes the calls.
    :param files: looks at what is there.
    :param copies: moves archives that are not to lie beside their sources.
    """

    features = ArchiveFeatures(
        formats=FORMATS,
        levels=tuple(LEVELS),
        list=True,
        password=True,
        encryption=True,
        extract_password=True,
        extract_members=True,
    )

    def __init__(self, wire: Wire, files: Files, copies: Copies) -> None:
        self._wire = wire
        self._files = files
        self._copies = copies

    def compress(self, sources: Sequence[str], archive: str, packing: Packing, *, watch: Watch) -> None:
        """Make a zip or 7z archive (section 7) of what lies in one folder.

        With a password and no encryption named, AES-256 is used: what the device would do is written nowhere.
        """
        compress(self._wire, self._files, self._copies, sources, archive, packing, watch)

    def in_one_job(self, sources: Sequence[str], archive: str, packing: Packing) -> bool:
        """Only beside its sources."""
        folder = archive.rpartition("/")[0]
        beside = all(path.rpartition("/")[0] == folder for path in sources)
        return beside and super().in_one_job(sources, archive, packing)

    def members(
        self, archive: str, *, password: Optional[str] = None, codepage: Optional[str] = None
    ) -> Iterator[ArchiveMember]:
        """What an archive holds (section 6.1), in pages.

        The guide does not say whether the device lists all levels at once or, by `path`, each by itself: folders that
        seem empty in a list of plain names are asked for, until a device answers that with the first list again.
        """
        within_share(archive, "read as an archive")
        if codepage is not None:
            raise _lacking("codepage", _LIST, archive)
        top = [*self._rows(archive, "", password)]
        waiting = []
        for row in top:
            member = _member(row, "", archive)
            yield member
            if member.type == FOLDER:
                waiting.append(member.path)
        if any("/" in str(row["filename"]).rstrip("/").lstrip("/") for row in top):
            return
        levels = Levels(lambda problem: endless(problem, _LIST, archive))
        while waiting:
            folder = waiting.pop(0)
            levels.enter(folder)
            rows = [*self._rows(archive, folder, password)]
            if rows == top:
                return
            for row in rows:
                member = _member(row, folder, archive)
                yield member
                if member.type == FOLDER:
                    waiting.append(member.path)

    def extract(self, archive: str, folder: str, unpacking: Unpacking, *, watch: Watch) -> None:
        """Unpack (section 6.2) all, or the members given; a folder among them stands for the files below it.

        :raises NasError: beside what `Archives` says, `DEVICE` and `MISMATCH` for what is not there then.
        """
        if unpacking.codepage is not None:
            raise _lacking("codepage", "extract", archive)

        def listing() -> Iterator[ArchiveMember]:
            return self.members(archive, password=unpacking.password)

        Extraction(self._wire, self._files, archive, folder, unpacking, listing).run(watch)

    def _rows(self, archive: str, folder: str, password: Optional[str]) -> Iterator[Row]:
        fields: Fields = [
            ("path", f"/{folder}"),
            ("extract_file", archive),
            ("code_page", "UTF-8"),
            ("sort", "filename"),
            ("dir", "ASC"),
        ]
        if password:
            # Not in the guide; an archive may keep its names secret too.
            fields.append(("pwd", password))

        def key(row: Row) -> Hashable:
            return (row.get("id"), _name(row, archive))

        return paged(self._wire, _LIST, fields, key, path=archive, form=bool(password))


def _member(row: Row, folder: str, archive: str) -> ArchiveMember:
    """The member that a row of the list of `folder` describes; its name may begin with that of the folder or not."""
    path = _name(row, archive)
    if folder and not path.startswith(f"{folder}/"):
        path = f"{folder}/{path}"
    if number(row.get("isfolder")) not in (0, 1):
        raise _broken("no isfolder", archive)
    if number(row.get("isfolder")) or str(row["filename"]).endswith("/"):
        return ArchiveMember(path, FOLDER, None, _time(row.get("mt")))
    return ArchiveMember(path, FILE, _size(row.get("filesize"), archive), _time(row.get("mt")))


def _size(value: object, archive: str) -> Optional[int]:
    """The size of a file; None where the device does not tell it."""
    try:
        return None if value in (None, "") else parse_size(number(value))
    except ValueError:
        raise _broken("no usable filesize", archive) from None


def _name(row: Row, archive: str) -> str:
    name = row.get("filename")
    path = name.strip("/") if isinstance(name, str) else ""
    if not path:
        raise _broken("no usable filename", archive)
    return path


def _time(value: object) -> Optional[int]:
    try:
        return timegm(strptime(str(value).strip().replace("/", "-"), "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return None


def _lacking(feature: str, call: str, path: str) -> NasError:
    message = f"the device does not offer {feature} for archives"
    return qnap_error(Kind.UNSUPPORTED, message, call=call, path=path)


def _broken(what: str, path: str) -> NasError:
    message = f"a row of the device's answer has {what}"
    return qnap_error(Kind.PROTOCOL, message, call=_LIST, path=path)
