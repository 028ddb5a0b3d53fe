# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FileInfo, fs/ls and fs/info.

Rests on the File System page ("Listing", "Get file information"), on the log of API changes (15: pages with a cursor,
11.2: the batch form of fs/info) and on recorded listings: `.` and `..` come first; up to v14 they are flagged hidden.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import hashlib
import json
import mimetypes
import posixpath
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import Entry, join, parent
from .calls import EXPLORER, Ask, Route
from .profiles import BATCH_INFO, PAGED_LISTING
from .wire import Refused, decode_path, decode_url_path, encode_path, number, shown, truth

if TYPE_CHECKING:
    from .device import Freebox

FOLDER_TYPE = "inode/directory"
FOLDER_SIZE = 4096
_TYPES = mimetypes.MimeTypes(filenames=())
_DIGITS = re.compile(r"(\d+)")


@functools.lru_cache(maxsize=4096)
def mimetype(name: str) -> str:
    content_type, encoding = _TYPES.guess_type(shown(name), strict=False)
    if encoding == "gzip":
        return "application/gzip"
    return (content_type if encoding is None else f"application/x-{encoding}") or "application/octet-stream"


@functools.lru_cache(maxsize=4096)
def natural(name: str) -> tuple[list[tuple[int, int, str]], bool]:
    """The key of a natural sort: numbers by value, letters without case.

    The page prints two names that look the same side by side, the composed one first.
    """
    composed = unicodedata.normalize("NFC", name)
    parts = [
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part.lower())
        for part in _DIGITS.split(composed)
    ]
    return parts, name != composed


def cookie(name: str) -> int:
    """The place of a name in the order of the disk: like the cookies of a hashed directory, no index."""
    if name in {".", ".."}:
        return len(name)
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 1) | 4


def file_info(entry: Entry, path: str | None = None) -> dict[str, Any]:
    """The members that ls and info share; `path` is the path as sent, when that matters."""
    info: dict[str, Any] = {
        "type": "dir" if entry.is_folder else "file",
        "name": shown(entry.name),
        "path": encode_path(entry.path if path is None else path),
        "size": FOLDER_SIZE if entry.is_folder else entry.size,
        "modification": int(entry.mtime),
        "mimetype": FOLDER_TYPE if entry.is_folder else mimetype(entry.name),
        "hidden": entry.name.startswith("."),
        "link": entry.is_link,
    }
    return info


def link_target(box: Freebox, entry: Entry) -> str:
    """Where a link leads: an absolute path of the box, as the page prints it. No more than one step; a link of a link
    leads to that one. With `link_target=text` it is what the link says, as it stands."""
    assert entry.link is not None
    text = entry.link.text
    if box.settings.text("link_target") == "text":
        return encode_path(text)
    return encode_path(posixpath.normpath(posixpath.join(box.disk.place(parent(entry.path)), text)))


class Listing:
    """One reading of a folder. Blocks: for a thread."""

    def __init__(self, box: Freebox, path: str, query: dict[str, str], version: int) -> None:
        self.box = box
        self.path = path
        self.version = version
        self.only_folders = truth(query.get("onlyFolder"))
        self.count = truth(query.get("countSubFolder"))
        self.remove_hidden = truth(query.get("removeHidden"))

    def read(self) -> list[tuple[str, dict[str, Any]]]:
        """(name on the disk, FileInfo) in natural order, numbered before anything is left out."""
        box, path = self.box, self.path
        if path == "/":
            entries = [entry for entry in box.disk.shares() if entry.name not in box.unmounted]
        else:
            entries = box.disk.list(path)
        rows = [] if box.page_shapes else self._dots()
        rows += [(entry.name, self._row(entry)) for entry in sorted(entries, key=lambda item: natural(item.name))]
        for index, (_name, info) in enumerate(rows):
            info["index"] = index
        return [
            (name, info)
            for name, info in rows
            if not (self.only_folders and info["type"] != "dir") and not (self.remove_hidden and info["hidden"])
        ]

    def _dots(self) -> list[tuple[str, dict[str, Any]]]:
        """`.` and `..`: recorded with their own paths, not `path/..`."""
        rows = []
        for name, path in ((".", self.path), ("..", parent(self.path))):
            info = file_info(self.box.disk.stat(path, check=False))
            info.update(name=name, hidden=self.version < PAGED_LISTING, link=False)
            rows.append((name, info))
        return rows

    def _row(self, entry: Entry) -> dict[str, Any]:
        info = file_info(entry)
        if entry.is_link:
            info["target"] = link_target(self.box, entry)
        if self.count and entry.is_folder:
            inside: list[Entry] = []
            with contextlib.suppress(errors.DiskError):
                inside = self.box.disk.list(entry.path)
            info["foldercount"] = sum(item.is_folder for item in inside)
            info["filecount"] = sum(not item.is_folder for item in inside)
        return info


async def list_folder(box: Freebox, ask: Ask) -> Any:
    path = box.place(decode_url_path(ask.args["path"]))
    if not box.disk.stat(path).is_folder:
        # nothing recorded; the page has no code for "not a folder"
        raise Refused("path_not_found")
    listing = Listing(box, path, ask.query, ask.version)
    paged = ask.version >= PAGED_LISTING
    limit = number(ask.query.get("limit") or 0) if paged else 0
    after = read_cursor(ask.query.get("cursor", "")) if paged else None
    if limit < 0:
        raise Refused("invalid_request", detail="limit")
    rows = listing.read()
    spoil_size(ask, [info for _name, info in rows])
    if paged and (cursors := ask.context.oddity("endless")) is not None:
        return endless(rows, limit, after or 0, fresh=cursors == "new")
    if not paged:
        return [info for _name, info in rows]
    cap = box.settings.integer("page_cap", 0)
    return page(rows, min((size for size in (limit, cap) if size), default=0), after)


def spoil_size(ask: Ask, rows: list[dict[str, Any]]) -> None:
    """The fault `bad_size`: the first file of this one answer has a size that cannot be."""
    size = ask.context.oddity("bad_size")
    if size is None:
        return
    size = -1 if size is True else size
    for row in rows:
        if row["type"] == "file":
            row["size"] = size
            return


def endless(rows: list[tuple[str, dict[str, Any]]], limit: int, number: int, *, fresh: bool) -> dict[str, Any]:
    """The fault `endless`: a cursor behind every page, and the rows of the first one again or names never seen."""
    chosen = [info for _name, info in rows][: limit or len(rows)]
    if fresh:
        for info in chosen:
            path = decode_path(info["path"])
            info["name"] = f"{number:09}-{info['name']}"
            info["path"] = encode_path(entry_path(posixpath.dirname(path), info["name"]))
    state = json.dumps({"offset": number + 1}, separators=(",", ":"))
    return {"entries": chosen, "cursor": base64.b64encode(state.encode("ascii")).decode("ascii")}


def page(rows: list[tuple[str, dict[str, Any]]], limit: int, after: int | None) -> dict[str, Any]:
    """One page. What fits into the first page comes in natural order, as recorded; else the order is the disk's."""
    if after is None and (not limit or len(rows) <= limit):
        return {"entries": [info for _name, info in rows]}
    ordered = sorted(((cookie(name), name, info) for name, info in rows), key=lambda row: row[:2])
    left = [row for row in ordered if after is None or row[0] > after]
    chosen = left[:limit] if limit else left
    answer: dict[str, Any] = {"entries": [info for _cookie, _name, info in chosen]}
    if len(left) > len(chosen):
        state = json.dumps({"offset": chosen[-1][0]}, separators=(",", ":"))
        answer["cursor"] = base64.b64encode(state.encode("ascii")).decode("ascii")
    return answer


def read_cursor(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(json.loads(base64.b64decode(text.replace(" ", "+"), validate=True))["offset"])
    except (ValueError, TypeError, KeyError, binascii.Error) as exc:
        raise Refused("invalid_request", detail="cursor") from exc


def describe(box: Freebox, sent: str) -> dict[str, Any]:
    """fs/info of one path. Blocks."""
    path = box.place(sent)
    entry = box.disk.stat(path)
    above = parent(path)
    if above != "/":
        box.disk.check_read(above)
    info = file_info(entry, sent)
    info["name"] = shown(entry.name) if path != "/" else "/"
    info["parent"] = encode_path(above)
    if entry.is_link:
        info["target"] = link_target(box, entry)
    if not box.page_shapes:
        info["index"] = 0  # seen in a client's recorded answer; the page has none
    return info


async def info(box: Freebox, ask: Ask) -> Any:
    sent = decode_url_path(ask.args["path"])
    if not sent:
        raise Refused("invalid_request", detail="path")
    answer = describe(box, sent)
    spoil_size(ask, [answer])
    return answer


async def info_batch(box: Freebox, ask: Ask) -> Any:
    """A JSON array of paths; those that are not there, or are no paths, are left out without a word (11.2)."""
    if not isinstance(ask.body, list):
        raise Refused("invalid_request", detail="JSON")

    def collect() -> list[dict[str, Any]]:
        found = []
        for item in ask.body:
            try:
                found.append(describe(box, decode_path(item)))
            except (Refused, errors.DiskError):
                continue
        return found

    return collect()


def entry_path(folder: str, name: str) -> str:
    """A new path in the form in which its folder was sent."""
    return join(folder, name) if folder.strip("/") else "/" + name


ROUTES = [
    Route("GET", "fs/ls/{path}", list_folder, permission=EXPLORER),
    Route("POST", "fs/info", info_batch, permission=EXPLORER, since=BATCH_INFO),
    Route("GET", "fs/info/{path}", info, permission=EXPLORER),
]
