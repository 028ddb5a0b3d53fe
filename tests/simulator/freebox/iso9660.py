# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ISO 9660 images, read and written, with Joliet names (ECMA-119 and its Joliet supplement).

Reading prefers the Joliet tree, then Rock Ridge's NM names, then the plain ones. Writing makes a plain tree with short
names and a Joliet tree over the same files. Files of 4 GiB and more, and links, are left out of what this can do.
"""

from __future__ import annotations

import calendar
import os
import re
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from ..core.archives import BrokenArchive, Member, Reader
from ..core.disk import CHUNK, Entry

SECTOR = 2048
_MAGIC = b"CD001"
_JOLIET = (b"%/@", b"%/C", b"%/E")
_VERSION = re.compile(r";\d+\Z")
_FOLDER = 2
_DEPTH_LIMIT = 64
_FILE_LIMIT = 1 << 32


def is_image(real: str) -> bool:
    with open(real, "rb") as handle:
        handle.seek(16 * SECTOR + 1)
        return handle.read(5) == _MAGIC


# -- reading


class Image(Reader):
    """An image; members parents first."""

    def __init__(self, real: str) -> None:
        super().__init__(real, None)
        self._extents: list[int] = []
        with open(real, "rb") as handle:
            self._joliet, root = self._root(handle)
            self._walk(handle, root, "", 0)

    @staticmethod
    def _root(handle: IO[bytes]) -> tuple[bool, bytes]:
        plain = None
        for sector in range(16, 64):
            handle.seek(sector * SECTOR)
            block = handle.read(SECTOR)
            if len(block) < SECTOR or block[1:6] != _MAGIC or block[0] == 255:
                break
            if block[0] == 1:
                plain = block[156:190]
            elif block[0] == 2 and block[88:91] in _JOLIET:
                return True, block[156:190]
        if plain is None:
            raise BrokenArchive("no volume descriptor")
        return False, plain

    def _walk(self, handle: IO[bytes], record: bytes, prefix: str, depth: int) -> None:
        start, size = struct.unpack_from("<I", record, 2)[0] * SECTOR, struct.unpack_from("<I", record, 10)[0]
        if depth > _DEPTH_LIMIT or start + size > os.fstat(handle.fileno()).st_size:
            raise BrokenArchive("folder outside of the image")
        handle.seek(start)
        data = handle.read(size)
        at = 0
        while at < size:
            length = data[at]
            if length == 0:
                at = (at // SECTOR + 1) * SECTOR
                continue
            child = data[at : at + length]
            at += length
            if len(child) < 34 or 33 + child[32] > len(child):
                raise BrokenArchive("folder record")
            if child[33 : 33 + child[32]] in {b"\0", b"\1"}:
                continue
            self._member(handle, child, prefix, depth)

    def _member(self, handle: IO[bytes], child: bytes, prefix: str, depth: int) -> None:
        folder = bool(child[25] & _FOLDER)
        size = struct.unpack_from("<I", child, 10)[0]
        name = prefix + self._name(child)
        self.members.append(Member(len(self.members), name, folder, 0 if folder else size, size, _moment(child)))
        self._extents.append(struct.unpack_from("<I", child, 2)[0] * SECTOR)
        if folder:
            self._walk(handle, child, name + "/", depth + 1)

    def _name(self, child: bytes) -> str:
        raw = child[33 : 33 + child[32]]
        if self._joliet:
            return _VERSION.sub("", raw.decode("utf-16-be", "replace"))
        return rock_ridge_name(child) or _VERSION.sub("", raw.decode("ascii", "replace")).rstrip(".")

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        for member in wanted:
            yield member, iter(()) if member.is_folder else self._content(member)

    def _content(self, member: Member) -> Iterator[bytes]:
        left = member.size
        with open(self.real, "rb") as handle:
            handle.seek(self._extents[member.index])
            while left > 0:
                block = handle.read(min(CHUNK, left))
                if not block:
                    raise BrokenArchive("the image ends early")
                left -= len(block)
                yield block


def rock_ridge_name(child: bytes) -> str:
    """The NM entries of a record's system use area."""
    at = 33 + child[32]
    at += at % 2
    name = b""
    while at + 4 <= len(child) and child[at + 2] >= 4:
        if child[at : at + 2] == b"NM":
            name += child[at + 5 : at + child[at + 2]]
        at += child[at + 2]
    return os.fsdecode(name)


def _moment(child: bytes) -> float:
    year, month, day, hour, minute, second, zone = struct.unpack_from("6Bb", child, 18)
    try:
        return float(calendar.timegm((1900 + year, month, day, hour, minute, second)) - zone * 900)
    except (ValueError, OverflowError):
        return 0.0


# -- writing


@dataclass(eq=False)
class Node:
    """A folder or file on its way into an image. `places`: (first sector, bytes) in the plain and the Joliet tree."""

    name: str
    mtime: float
    entry: Entry | None = None
    tick: Callable[[int], None] | None = None
    size: int = 0
    parent: Node | None = None
    children: dict[str, Node] = field(default_factory=dict)
    plain: bytes = b""
    number: int = 0
    places: dict[bool, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return self.entry is None

    def raw(self, joliet: bool) -> bytes:
        return self.name.encode("utf-16-be", "replace")[:206] if joliet else self.plain


def _both16(value: int) -> bytes:
    return struct.pack("<H", value) + struct.pack(">H", value)


def _both32(value: int) -> bytes:
    return struct.pack("<I", value) + struct.pack(">I", value)


def _sectors(size: int) -> int:
    return -(-size // SECTOR)


def _record(node: Node, raw: bytes, joliet: bool) -> bytes:
    start, size = node.places.get(joliet, (0, 0))
    moment = time.gmtime(node.mtime)
    year = min(max(moment[0] - 1900, 0), 255)
    head = _both32(start) + _both32(size) + bytes([year, *moment[1:6], 0]) + bytes([_FOLDER if node.is_folder else 0])
    body = head + b"\0\0" + _both16(1) + bytes([len(raw)]) + raw
    length = 2 + len(body)
    return bytes([length + length % 2, 0]) + body + b"\0" * (length % 2)


class Writer:
    """Collects folders and files, then writes the image in one go: a folder's place depends on all of them."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._out = handle
        self._root = Node("", time.time())
        self._counter = 0

    def add(self, name: str, entry: Entry, tick: Callable[[int], None]) -> None:
        node = self._root
        *above, last = name.split("/")
        for part in above:
            node = node.children.setdefault(part, Node(part, entry.mtime, parent=node))
        if entry.is_folder:
            node.children.setdefault(last, Node(last, entry.mtime, parent=node))
            return
        if entry.size >= _FILE_LIMIT:
            raise ValueError("too big for ISO 9660")
        node.children[last] = Node(last, entry.mtime, entry, tick, entry.size, parent=node)

    def write(self) -> None:
        folders, files, waiting = [], [], [self._root]
        while waiting:  # breadth first, as path tables want it
            folder = waiting.pop(0)
            folders.append(folder)
            for child in folder.children.values():
                self._counter += 1
                child.plain = f"{'D' if child.is_folder else 'F'}{self._counter:07d}".encode("ascii")
                if child.is_folder:
                    waiting.append(child)
                else:
                    child.plain += b".;1"
                    files.append(child)
        for number, folder in enumerate(folders, 1):
            folder.number = number
        at = 19
        tables: dict[tuple[bool, str], int] = {}
        for joliet in (False, True):
            for order in "<>":
                tables[joliet, order] = at
                at += _sectors(len(self._path_table(folders, joliet, order)))
        for joliet in (False, True):
            for folder in folders:
                size = _sectors(len(self._folder(folder, joliet))) * SECTOR
                folder.places[joliet] = (at, size)
                at += size // SECTOR
        for file in files:
            file.places[False] = file.places[True] = (at, file.size)
            at += _sectors(file.size)
        self._pad(bytes(16 * SECTOR))
        for joliet in (False, True):
            self._pad(self._descriptor(folders, joliet, tables, at))
        self._pad(b"\xff" + _MAGIC + b"\1")
        for (joliet, order), _start in tables.items():
            self._pad(self._path_table(folders, joliet, order))
        for joliet in (False, True):
            for folder in folders:
                self._pad(self._folder(folder, joliet))
        for file in files:
            self._content(file)

    def _pad(self, data: bytes) -> None:
        self._out.write(data + b"\0" * (-len(data) % SECTOR))

    def _content(self, node: Node) -> None:
        """Exactly as many bytes as were announced, whatever became of the file meanwhile."""
        assert node.entry is not None
        assert node.tick is not None
        left = node.size
        with open(node.entry.real, "rb") as handle:
            while left > 0:
                block = handle.read(min(CHUNK, left)) or b"\0" * min(CHUNK, left)
                node.tick(len(block))
                self._out.write(block)
                left -= len(block)
        self._out.write(b"\0" * (-node.size % SECTOR))

    @staticmethod
    def _folder(node: Node, joliet: bool) -> bytes:
        data = _record(node, b"\0", joliet) + _record(node.parent or node, b"\1", joliet)
        for child in sorted(node.children.values(), key=lambda item: item.raw(joliet)):
            record = _record(child, child.raw(joliet), joliet)
            if len(data) % SECTOR + len(record) > SECTOR:
                data += b"\0" * (-len(data) % SECTOR)
            data += record
        return data

    @staticmethod
    def _path_table(folders: list[Node], joliet: bool, order: str) -> bytes:
        rows = []
        for node in folders:
            raw = node.raw(joliet) if node.parent else b"\0"
            start = node.places.get(joliet, (0, 0))[0]
            above = node.parent.number if node.parent else 1
            row = struct.pack(f"{order}BBIH", len(raw), 0, start, above) + raw
            rows.append(row + b"\0" * (len(raw) % 2))
        return b"".join(rows)

    def _descriptor(self, folders: list[Node], joliet: bool, tables: dict[tuple[bool, str], int], total: int) -> bytes:
        def text(value: str, size: int) -> bytes:
            raw = value.encode("utf-16-be") if joliet else value.encode("ascii")
            blank = " ".encode("utf-16-be") if joliet else b" "
            return (raw + blank * size)[:size]

        table = len(self._path_table(folders, joliet, "<"))
        stamp = time.strftime("%Y%m%d%H%M%S00", time.gmtime()).encode("ascii") + b"\0"
        never = b"0" * 16 + b"\0"
        data = (b"\2" if joliet else b"\1") + _MAGIC + b"\1\0" + text("", 32) + text("ARCHIVE", 32) + bytes(8)
        data += _both32(total) + (b"%/E" if joliet else b"").ljust(32, b"\0") + _both16(1) + _both16(1)
        data += _both16(SECTOR) + _both32(table) + struct.pack("<II", tables[joliet, "<"], 0)
        data += struct.pack(">II", tables[joliet, ">"], 0) + _record(self._root, b"\0", joliet)
        data += text("", 128) * 4 + text("", 37) * 3 + stamp * 2 + never * 2 + b"\1\0"
        return data
