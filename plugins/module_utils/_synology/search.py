# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of a Synology device.

Rests on the File Station guide, SYNO.FileStation.Search. There is no call that asks for its state: the list of what was
found says whether the search goes on. What was found lies in a database of the device until it is cleaned.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Optional

from .._api.capabilities.search import Search, SearchFeatures
from .._api.files import Files
from .._core.device import Criteria
from .._core.errors import Kind, NasError
from .._core.model import FILE, FINISHED, FOLDER, RUNNING, Entry, Job
from .._core.pages import Page, Place, every
from .._core.waiting import Watch
from .encoding import Raw, Value
from .entries import DETAILS, PAGE, identity, read_entry
from .failures import synology_error
from .reasons import explained
from .reply import Reply
from .wire import Wire

SEARCH = "SYNO.FileStation.Search"

_TYPES = {FILE: "file", FOLDER: "dir"}
_STAMPS = ("mtime", "crtime", "atime")
_LOST = ("599", "400")  # an id that the device does not know
_PLAIN = re.compile(r"[A-Za-z0-9._-]+\Z")
# What of a glob means the same to everybody: spaces part globs, capitals and accents are compared in the device's way,
# and what it calls one character may be one byte.
_UNSURE = re.compile(r"\[!?\]?[^]]*\]|[^A-Za-z0-9._*-]")


class _LostError(Exception):
    """The device knows no such search."""


class SynologySearch(Search):
    """File Station's search.

    :param wire: to the device.
    :param files: looks at what is there.
    """

    features = SearchFeatures(
        criteria=frozenset(("patterns", "type", "size", "mtime", "owner", "group")),
    )

    def __init__(self, wire: Wire, files: Files) -> None:
        self._wire = wire
        self._files = files

    def find(self, folder: str, criteria: Criteria, *, watch: Watch) -> list[Entry]:
        """Guide, Search/start, /list, /stop and /clean; begun once more when the device has lost the search."""
        params = narrowed(folder, criteria)
        try:
            try:
                found = self._search(folder, params, watch)
            except _LostError:
                found = self._search(folder, params, watch)
        except _LostError:
            raise synology_error(Kind.UNSUPPORTED, "the device lost the search", f"{SEARCH}/list", folder) from None
        except NasError as error:
            raise explained(error, self._files.stat, {folder: FOLDER}) from None
        if not found:
            # As it may be for a file, for what is not there, and for what is closed to the user: a list says.
            next(self._files.list(folder), None)
        return found

    def _search(self, folder: str, params: dict[str, Value], watch: Watch) -> list[Entry]:
        reply = self._wire.call(SEARCH, "start", params, path=folder, idempotent=True)
        search = _Running(self._wire, folder, reply.needed_text("taskid"))
        try:
            return self._read(list(search.found(search.follow(watch))), folder)
        finally:
            search.end()

    def _read(self, items: list[Reply], folder: str) -> list[Entry]:
        """What was found. What went away before it was listed has no details, and is looked at again."""
        found: dict[str, Entry] = {}
        unsure = []
        for item in items:
            path = item.needed_path("path")
            if path.count("/") <= folder.count("/"):
                continue  # the folder itself
            try:
                found[path] = read_entry(item)
            except NasError:
                unsure.append(path)
        for path, entry in (self._files.stat(unsure) if unsure else {}).items():
            if entry is not None:
                found[path] = entry
        return list(found.values())


class _Running:
    """One search that the device carries out.

    :param wire: to the device.
    :param folder: where it searches, for errors.
    :param task_id: which one it is.
    """

    def __init__(self, wire: Wire, folder: str, job_id: str) -> None:
        self._wire = wire
        self._folder = folder
        self._id = job_id
        self._seen = False

    def follow(self, watch: Watch) -> int:
        """Wait until it is finished, and return how much was found."""
        total = 0

        def status() -> Job:
            nonlocal total
            reply = self._list(0, 0)
            total = reply.needed_number("total")
            return Job("", "search", FINISHED if reply.needed_flag("finished") else RUNNING, self._folder, total)

        watch.until_finished(status, lambda: None)
        return total

    def found(self, total: int) -> Iterator[Reply]:
        """All that was found, page by page."""
        if not total:
            return iter(())

        def ask(place: Place) -> Page[Reply]:
            reply = self._list(place.start, PAGE)
            return Page(reply.parts("files"), reply.needed_number("total"))

        nonsense = Reply({}, f"{SEARCH}/list", self._folder).nonsense
        return every(ask, identity, nonsense, limit=PAGE, exact=True)

    def end(self) -> None:
        """Stop it, and free what it occupies. Nothing of the result depends on that, nor on the device's answer."""
        for method in ("stop", "clean"):
            with contextlib.suppress(NasError):
                self._wire.call(SEARCH, method, {"taskid": self._id}, path=self._folder, idempotent=True)

    def _list(self, offset: int, limit: int) -> Reply:
        """A part of what was found. A search that the device does not know has a list that lacks the total.

        Some releases take the id of a search without quotes only.
        """
        params: dict[str, Value] = {"taskid": self._id, "offset": offset, "limit": limit, "additional": DETAILS}
        reply: Optional[Reply] = None
        try:
            reply = self._wire.call(SEARCH, "list", params, path=self._folder, idempotent=True)
        except NasError as error:
            if error.code not in _LOST:
                raise
        if reply is not None and "total" in reply:
            self._seen = True
            return reply
        if self._seen or isinstance(self._id, Raw):
            raise _LostError
        self._id = Raw(self._id)
        return self._list(offset, limit)


def narrowed(folder: str, criteria: Criteria) -> dict[str, Value]:
    """The parameters of Search/start (guide): they let through all that meets the criteria, and perhaps more.

    The device's bounds leave out their own value, and it may compare fractions of seconds.
    """
    params: dict[str, Value] = {"folder_path": [folder], "recursive": True}
    patterns = [glob(pattern) for pattern in criteria.patterns]
    if patterns and "*" not in patterns:
        params["pattern"] = " ".join(dict.fromkeys(patterns))
    if criteria.type is not None:
        params["filetype"] = _TYPES[criteria.type]
    bounds = {
        "size_from": (criteria.smallest, -1),
        "size_to": (criteria.largest, 1),
    }
    if criteria.stamp in _STAMPS:
        bounds[f"{criteria.stamp}_from"] = (criteria.oldest, -2)
        bounds[f"{criteria.stamp}_to"] = (criteria.newest, 2)
    for name, (value, margin) in bounds.items():
        if value is not None and value + margin >= 0:
            params[name] = value + margin
    for name, who in (("owner", criteria.owner), ("group", criteria.group)):
        if who and _PLAIN.match(who):
            params[name] = who
    return params


def glob(pattern: str) -> str:
    """A glob that lets through, whatever the device makes of it, all names that a shell's lets through.

    One without an asterisk is looked for within names.
    """
    wide = re.sub(r"\*+", "*", _UNSURE.sub("*", pattern))
    return wide or "*"
