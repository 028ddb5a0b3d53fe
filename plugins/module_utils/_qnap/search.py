# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of a QNAP: names that hold a word (File Station guide, section 16)."""

from __future__ import annotations

import re

from .._api.capabilities.search import Search, SearchFeatures
from .._api.files import Files
from .._core.device import Criteria
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.waiting import Watch
from .entries import Row, entry_of, split, without_volume
from .failures import qnap_error
from .pages import paged
from .shares import in_image
from .wire import LONG, Wire

_CALL = "search"
_SHORTEST = 2  # characters; what is shorter is in too many names
_MOST = 4  # searches for one question
_SETS = re.compile(r"\[!?\]?[^]]*\]")
_WORDS = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]*")
# What a device may say when it is to search what is no folder.
_PERHAPS_NO_FOLDER = (Kind.NOT_FOUND, Kind.DEVICE, Kind.INVALID_ARGUMENT, Kind.PROTOCOL)


class QnapSearch(Search):
    """What utilRequest.cgi finds by a word.

    :param wire: makes the calls.
    :param files: looks at what is there.
    """

    features = SearchFeatures(
        criteria=frozenset(("patterns",)),
    )

    def __init__(self, wire: Wire, files: Files) -> None:
        self._wire = wire
        self._files = files

    def find(self, folder: str, criteria: Criteria, *, watch: Watch) -> list[Entry]:
        """One search for each word that names must hold; at all levels, whatever is asked for.

        Firmware that does not tell a modification time in seconds leaves that out.
        """
        split(folder)
        words = keywords(criteria.patterns)
        if not words:
            raise _unsupported("the device searches by a part of the name only", folder)
        found: dict[str, Entry] = {}
        is_iso = int(in_image(self._wire, folder))
        for word in words:
            fields = [
                ("is_iso", is_iso),
                ("keyword", word),
                ("source_path", folder),
                ("dir", "ASC"),
                ("sort", "filename"),
            ]
            timeout = watch.timeout or LONG
            try:
                with watch.unheard("search"):
                    for row in paged(self._wire, _CALL, fields, _name, path=folder, timeout=timeout):
                        entry = _entry(row, folder)
                        found[entry.path] = entry
            except NasError as error:
                if error.kind not in _PERHAPS_NO_FOLDER:
                    raise
                next(self._files.list(folder), None)
                if not is_iso and in_image(self._wire, folder):
                    return self.find(folder, criteria, watch=watch)
                raise
            watch.note("search", len(found))
        if not found:
            # As it may be for a file, for what is not there, and for what is closed to the user: a list says.
            next(self._files.list(folder), None)
            if not is_iso and in_image(self._wire, folder):
                return self.find(folder, criteria, watch=watch)
        return list(found.values())


def keywords(patterns: tuple[str, ...]) -> list[str]:
    """The words of which each name that fits one of the globs holds one; none when there are no such few words.

    Only of ASCII letters, digits, points, minus and underline: other text may be stored in several ways.
    """
    words = []
    for pattern in patterns:
        parts = _WORDS.findall(_SETS.sub("*", pattern))
        word = max(parts, key=len, default="")
        if len(word) < _SHORTEST:
            return []
        words.append(word.lower())
    needed = [word for word in dict.fromkeys(words) if not any(one != word and one in word for one in words)]
    return needed if len(needed) <= _MOST else []


def _name(row: Row) -> str:
    """The path in a row, which has the place of the volume before it (section 16)."""
    name = row.get("filename")
    if not isinstance(name, str) or not name.startswith("/"):
        message = "a row of the device's answer has no usable filename"
        raise qnap_error(Kind.PROTOCOL, message, call=_CALL)
    return without_volume(name)


def _entry(row: Row, folder: str) -> Entry:
    path = _name(row)
    if not path.startswith(f"{folder}/") and path.startswith(f"/share{folder}/"):
        path = path[len("/share") :]
    above, _slash, name = path.rpartition("/")
    if not path.startswith(f"{folder}/") or not name:
        raise _unsupported("the device found something elsewhere than in the folder", folder)
    entry = entry_of({**row, "filename": name}, _CALL, above)
    if entry is None:
        message = "the device found what it says is not there"
        raise qnap_error(Kind.PROTOCOL, message, call=_CALL, path=path)
    return entry


def _unsupported(message: str, path: str) -> NasError:
    return qnap_error(Kind.UNSUPPORTED, message, call=_CALL, path=path)
