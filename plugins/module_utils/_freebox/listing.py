# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a Freebox's files without changing any ("Listing" in the guide of the file system, API v4).

The cheapest calls: one path is one `GET fs/info/{path}`; a few of one folder are one listing; many are one
`POST fs/info` where the box has it (API v11.2).
That call leaves out what it cannot answer, without saying why, so what it left out is asked for again; so are many
paths on an older box: one listing for all paths of a folder, and again `info` for a path that is alone in its folder.
A file, and what a run may have left beside it, are asked for by that call too: their folder may be large. Where it
tells of the file, what it leaves out beside it is nobody's but a rest for the next run to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Dict, List, NamedTuple, Optional

from .._core import names as _names
from .._core import paths as _paths
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.model import FOLDER, Entry
from .._core.pages import Page, Place, every
from . import encoding, entries, envelope
from .failures import freebox_error
from .wire import Wire

BATCH = 500  # paths in one request
FEW = 6  # paths of one folder that are looked up in its listing: if one is absent, that is one call and not two
PAGE = 1000  # entries in one answer, where the box has pages
_INFO = "GET fs/info/{path}"
_LIST = "GET fs/ls/{path}"
_MANY = "POST fs/info"

# What a box may say of a path that is not of the type that the call wants; the documents do not tell.
_VAGUE = (Kind.DEVICE, Kind.INVALID_ARGUMENT, Kind.UNSUPPORTED, Kind.PROTOCOL)

Found = Dict[str, Optional[Entry]]


class Counted(NamedTuple):
    """An entry of a folder's listing, and what decides whether it is to be looked into."""

    entry: Entry
    is_empty: bool  # only when the box says that it is a folder with nothing in it


class Listing:
    """Reads what is at paths and in folders."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def info(self, path: str) -> Optional[Entry]:
        """What is at one path (`GET fs/info/{path}`), None when the box says `path_not_found`."""
        try:
            found = self._wire.call(_INFO, encoding.encode(path), path=path)
        except NasError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise
        return entries.entry(found, path, _INFO)

    def at(self, wanted: Sequence[str], *, expected: bool = True) -> Found:
        """What is at each path.

        :param expected: false when most paths are probably absent, which the call for many does not tell.
        """
        unique = _paths.unique(wanted)
        found: Found = {}
        named = [path for path in unique if not _names.is_ours(path)]
        few = len(unique) <= FEW and len({_paths.parent(path) for path in unique}) == 1
        is_file_with_rests = few and len(named) == 1
        if expected and len(unique) > 1 and (not few or is_file_with_rests) and self._wire.version().has_batch:
            for start in range(0, len(unique), BATCH):
                found.update(self._many(unique[start : start + BATCH]))
            if is_file_with_rests and named[0] in found:
                return {path: found.get(path) for path in unique}
        self._complete([path for path in unique if path not in found], found)
        return {path: found[path] for path in unique}

    def folder(self, path: str) -> Iterator[Entry]:
        """What lies directly in a folder, without `.` and `..`.

        :raises NasError: `NOT_FOUND`; `WRONG_TYPE` for a file.
        """
        try:
            for info in self._infos(path, {}):
                found = entries.in_folder(info, path, _LIST)
                if found is not None:
                    yield found
        except NasError as error:
            raise self.explained(error, path, FOLDER, also=(Kind.NOT_FOUND,)) from None

    def counted(self, path: str) -> Iterator[Counted]:
        """The same with `countSubFolder`, for which the box looks into each folder in it."""
        try:
            for info in self._infos(path, {"countSubFolder": 1}):
                found = entries.in_folder(info, path, _LIST)
                if found is not None:
                    empty = info.get("foldercount") == 0 and info.get("filecount") == 0
                    yield Counted(found, empty)
        except NasError as error:
            raise self.explained(error, path, FOLDER, also=(Kind.NOT_FOUND,)) from None

    def explained(self, error: NasError, path: str, wanted: str, also: Sequence[Kind] = ()) -> NasError:
        """The error, or a clearer one when it is vague and the path is absent or not of the wanted type.

        :param wanted: FILE or FOLDER.
        :param also: kinds that count as vague here, beside the usual.
        """
        if error.kind not in (*_VAGUE, *also):
            return error
        try:
            current = self.info(path)
        except NasError:
            return error
        if current is None:
            kind, message = Kind.NOT_FOUND, NOTHING_THERE
        elif current.type != wanted:
            kind, message = Kind.WRONG_TYPE, f"this is a {current.type} and not a {wanted}"
        else:
            return error
        return freebox_error(kind, message, call=error.call, path=path, code=error.code)

    def _many(self, wanted: Sequence[str]) -> Found:
        """What the call for many paths tells, and nothing of those that it leaves out.

        It is documented for API v11.2 and later, but no recording of it is known: where a box does not have it, or
        answers something else, the other calls do.
        """
        asked = frozenset(wanted)
        found: Found = {}
        try:
            infos = self._wire.call(_MANY, body=[encoding.encode(path) for path in wanted], idempotent=True)
            if infos is not None and not isinstance(infos, list):
                raise envelope.protocol_error(_MANY, "the answer is not a list")
            for info in infos or []:
                path = entries.decoded_path(info, _MANY)
                if path in asked:
                    found[path] = entries.entry(info, path, _MANY)
        except NasError as error:
            if error.kind not in (Kind.UNSUPPORTED, Kind.INVALID_ARGUMENT, Kind.NOT_FOUND, Kind.PROTOCOL):
                raise
            return {}
        return found

    def _complete(self, wanted: Sequence[str], found: Found) -> None:
        """Add to `found` what is at each wanted path, folder by folder, the upper ones first."""
        by_folder: Dict[str, List[str]] = {}
        for path in wanted:
            by_folder.setdefault(_paths.parent(path), []).append(path)
        absent = {path for path, current in found.items() if current is None}
        for folder in sorted(by_folder, key=lambda path: (path != "/", _paths.depth(path))):
            children = by_folder[folder]
            if absent.intersection((folder, *_paths.ancestors(folder))):
                answers: Found = dict.fromkeys(children)
            elif len(children) == 1:
                answers = {children[0]: self.info(children[0])}
            else:
                listed = self._among(folder, children)
                if listed is None:
                    absent.add(folder)
                answers = listed if listed is not None else dict.fromkeys(children)
            found.update(answers)
            absent.update(path for path, current in answers.items() if current is None)

    def _among(self, folder: str, children: Sequence[str]) -> Optional[Found]:
        """What is at some paths of one folder by its listing, None when there is no such folder.

        Of a large folder that comes in pages one is read: a few that are not on it cost less by themselves.
        """
        missing = set(children)
        answers: Found = {}
        try:
            for number, info in enumerate(self._infos(folder, {}), 1):
                current = entries.in_folder(info, folder, _LIST, missing)
                if current is not None:
                    answers[current.path] = current
                    missing.discard(current.path)
                if not missing or (number == PAGE and len(missing) <= FEW and self._wire.version().has_pages):
                    break
            else:
                missing.clear()  # the listing has ended: they are absent
        except NasError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            if error.kind not in _VAGUE:
                raise
            return {path: self.info(path) for path in children}
        answers.update((path, self.info(path)) for path in sorted(missing))
        return {path: answers.get(path) for path in children}

    def _infos(self, folder: str, more: Mapping[str, Any]) -> Iterator[Any]:
        """The FileInfos of a folder: an array up to API v14, later pages of `entries` with a `cursor` to the next.

        :param more: parameters of the call.
        """
        limit: Dict[str, Any] = {"limit": PAGE} if self._wire.version().has_pages else {}

        def ask(place: Place) -> Page[Any]:
            query = {**more, **(limit if place.cursor is None else {"limit": PAGE, "cursor": place.cursor})}
            page = self._wire.call(_LIST, encoding.encode(folder), path=folder, query=query)
            cursor = None
            if isinstance(page, dict):
                cursor = page.get("cursor") or None
                if cursor is not None and not isinstance(cursor, str):
                    raise envelope.protocol_error(_LIST, "the cursor of the answer is no text", folder)
                page = envelope.member(page, "entries", list, _LIST, folder)
            elif page is not None and not isinstance(page, list):
                raise envelope.protocol_error(_LIST, "the answer is no listing", folder)
            return Page(page or [], cursor=cursor, by_cursor=True)

        def key(info: Any) -> str:
            return str(envelope.member(info, "path", str, _LIST, folder))

        yield from every(ask, key, lambda problem: envelope.protocol_error(_LIST, problem, folder))
