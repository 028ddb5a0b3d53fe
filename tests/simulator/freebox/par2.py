# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Par2 sets: read, check, repair, and (for demos and tests) make.

Rests on the Parity Volume Set specification, version 2.0: packets with an MD5 of their own, the constants of the input
slices, recovery slices as sums over GF(2^16). Slices are looked for at their own places only: files that were renamed
or shifted count as damaged. All functions block, and hold pieces of files, never files.

    python -m tests.simulator.freebox.par2 BASE.par2 FILE... [--slice 4096] [--recovery 4]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import galois

MAGIC = b"PAR2\0PKT"
_HEAD = struct.Struct("<8sQ16s16s16s")
_MAIN, _FILE, _SUMS, _SLICE, _CREATOR = (
    b"PAR 2.0\0" + name.ljust(8, b"\0") for name in (b"Main", b"FileDesc", b"IFSC", b"RecvSlic", b"Creator")
)
_SMALL = 1 << 26
"""Packets that are no recovery slice are read whole up to this size."""
PIECE = 1 << 18
_16K = 16384

Tick = Callable[[int], None]


class BadSet(Exception):  # noqa: N818
    """Not a par2 file, or one that lacks what describes its set."""


class CannotRepair(Exception):  # noqa: N818
    """More slices are damaged than recovery slices are left."""


@dataclass
class SetFile:
    """A file that the set protects. `sums`: (MD5, CRC32) of each slice; `good`: which of them are there."""

    id: bytes
    name: str
    size: int
    md5: bytes
    sums: list[tuple[bytes, int]] = field(default_factory=list)
    good: list[bool] = field(default_factory=list)
    whole: bool = False


@dataclass
class RecoverySlice:
    """Where a recovery slice lies."""

    exponent: int
    real: str
    offset: int


def constants(count: int) -> list[int]:
    """The constants of so many input slices: powers of two whose exponents share no factor with the field's order."""
    found: list[int] = []
    exponent = 0
    while len(found) < count:
        exponent += 1
        if all(exponent % prime for prime in (3, 5, 17, 257)):
            found.append(galois.power(2, exponent))
    return found


class Par2Set:
    """What the par2 files at these real paths say together; the first decides which set it is."""

    def __init__(self, real: str, others: list[str]) -> None:
        self.slice_size = 0
        self.set_id = b""
        self.order: list[bytes] = []
        self.extra: list[bytes] = []
        self.described: dict[bytes, SetFile] = {}
        self._sums: dict[bytes, list[tuple[bytes, int]]] = {}
        self.slices: dict[int, RecoverySlice] = {}
        self.members: list[str] = []
        for path in (real, *(path for path in others if path != real)):
            if self._read(path):
                self.members.append(path)
        if not self.order or any(file not in self.described for file in self.order):
            raise BadSet(real)
        for file in self.described.values():
            file.sums = self._sums.get(file.id, [])
        if any(len(file.sums) != -(-file.size // self.slice_size) for file in self.files):
            raise BadSet(real)

    @property
    def files(self) -> list[SetFile]:
        """The files whose slices the recovery slices are made of, in their order."""
        return [self.described[file] for file in self.order]

    def _read(self, real: str) -> bool:
        """Take the good packets of one file; whether there was one of this set."""
        found = False
        end = os.path.getsize(real)
        with open(real, "rb") as handle:
            at = 0
            while at + _HEAD.size <= end:
                handle.seek(at)
                magic, length, md5, set_id, packet_type = _HEAD.unpack(handle.read(_HEAD.size))
                if magic != MAGIC or length < _HEAD.size or length % 4 or at + length > end:
                    at = _next_magic(handle, at + 1, end)
                    continue
                if self.set_id in {b"", set_id} and _packet_sum(handle, at, length) == md5:
                    self.set_id = set_id
                    found = True
                    self._packet(handle, real, at + _HEAD.size, length - _HEAD.size, packet_type)
                at += length
        return found

    def _packet(self, handle: IO[bytes], real: str, at: int, size: int, packet_type: bytes) -> None:
        if packet_type == _SLICE:
            with open(real, "rb") as again:
                again.seek(at)
                (exponent,) = struct.unpack("<I", again.read(4))
            self.slices.setdefault(exponent, RecoverySlice(exponent, real, at + 4))
            return
        if size > _SMALL:
            return
        with open(real, "rb") as again:
            again.seek(at)
            body = again.read(size)
        if packet_type == _MAIN:
            self.slice_size, count = struct.unpack_from("<QI", body)
            ids = [body[start : start + 16] for start in range(12, len(body), 16)]
            self.order, self.extra = ids[:count], ids[count:]
            if self.slice_size < 4 or self.slice_size % 4:
                raise BadSet(real)
        elif packet_type == _FILE:
            name = body[56:].rstrip(b"\0").decode("utf-8", "surrogateescape")
            self.described[body[:16]] = SetFile(body[:16], name, struct.unpack_from("<Q", body, 48)[0], body[16:32])
        elif packet_type == _SUMS:
            pairs = (body[start : start + 20] for start in range(16, len(body), 20))
            self._sums[body[:16]] = [(pair[:16], struct.unpack("<I", pair[16:])[0]) for pair in pairs]

    # -- checking

    def check(self, folder: str, tick: Tick) -> bool:
        """Compare every file with its sums; whether all are as they should be."""
        found = [self._check(file, os.path.join(folder, file.name), tick) for file in self.files]
        return all(found)

    def _check(self, file: SetFile, real: str, tick: Tick) -> bool:
        file.good, file.whole = [False] * len(file.sums), False
        if not os.path.isfile(real):
            tick(file.size)
            return False
        whole = hashlib.md5(usedforsecurity=False)
        with open(real, "rb") as handle:
            for number, (md5, crc) in enumerate(file.sums):
                one, check, left = hashlib.md5(usedforsecurity=False), 0, self.slice_size
                while left:
                    block = handle.read(min(PIECE, left))
                    whole.update(block)
                    tick(len(block))
                    block = block or bytes(min(PIECE, left))  # the last slice is filled up with zeros
                    one.update(block)
                    check = zlib.crc32(block, check)
                    left -= len(block)
                file.good[number] = (one.digest(), check) == (md5, crc)
        file.whole = whole.digest() == file.md5 and os.path.getsize(real) == file.size
        return file.whole

    def missing(self) -> list[tuple[int, int]]:
        """(file, slice) of what is damaged."""
        return [(number, slot) for number, file in enumerate(self.files) for slot, good in enumerate(file.good)
                if not good]  # fmt: skip

    # -- repairing

    def repair(self, folder: str, tick: Tick) -> list[str]:
        """Make the damaged files good; their names. The new one takes the old one's place when its MD5 is right."""
        missing = self.missing()
        plan: tuple[list[int], list[list[int]]] | None = ([], [])
        bases = constants(sum(len(file.sums) for file in self.files))
        available = sorted(self.slices.values(), key=lambda item: item.exponent)
        firsts = _firsts(self.files)
        if missing:
            lost = [bases[firsts[number] + slot] for number, slot in missing]
            plan = galois.solve([[galois.power(base, item.exponent) for base in lost] for item in available], len(lost))
        if plan is None:
            raise CannotRepair
        chosen = [available[index] for index in plan[0]]
        damaged = [number for number, file in enumerate(self.files) if not file.whole]
        parts = {number: os.path.join(folder, self.files[number].name) + ".repair" for number in damaged}
        try:
            self._copy_good(folder, parts, tick)
            for start in range(0, self.slice_size, PIECE):
                size = min(PIECE, self.slice_size - start)
                self._restore(folder, missing, chosen, plan[1], bases, start, size, parts, tick)
            for number, part in parts.items():
                self._adopt(self.files[number], part)
        finally:
            for part in parts.values():
                if os.path.exists(part):
                    os.unlink(part)
        return [self.files[number].name for number in damaged]

    def _copy_good(self, folder: str, parts: dict[int, str], tick: Tick) -> None:
        for number, part in parts.items():
            file = self.files[number]
            with open(part, "wb") as out:
                out.truncate(file.size)
                for slot, good in enumerate(file.good):
                    if good:
                        for start in range(0, self.slice_size, PIECE):
                            size = min(PIECE, self.slice_size - start)
                            block = self._block(folder, number, slot, start, size)
                            _write(out, slot * self.slice_size + start, block, file.size)
                            tick(len(block))

    def _block(self, folder: str, number: int, slot: int, start: int, size: int) -> bytes:
        file = self.files[number]
        with open(os.path.join(folder, file.name), "rb") as handle:
            handle.seek(slot * self.slice_size + start)
            left = max(0, min(size, file.size - slot * self.slice_size - start))
            return handle.read(left).ljust(size, b"\0")

    def _restore(self, folder: str, missing: list[tuple[int, int]], chosen: list[RecoverySlice],
                 matrix: list[list[int]], bases: list[int], start: int, size: int, parts: dict[int, str],
                 tick: Tick) -> None:  # fmt: skip
        """One stretch of every lost slice: what the recovery slices hold beyond the good slices, times the inverse."""
        sums = [galois.Sum(size) for _item in chosen]
        for item, total in zip(chosen, sums):
            with open(item.real, "rb") as handle:
                handle.seek(item.offset + start)
                total.add(handle.read(size), 1)
        firsts = _firsts(self.files)
        for number, file in enumerate(self.files):
            for slot, good in enumerate(file.good):
                if good and chosen:
                    block = self._block(folder, number, slot, start, size)
                    tick(0)
                    for item, total in zip(chosen, sums):
                        total.add(block, galois.power(bases[firsts[number] + slot], item.exponent))
        rest = [total.block() for total in sums]
        for row, (number, slot) in zip(matrix, missing):
            found = galois.Sum(size)
            for factor, block in zip(row, rest):
                found.add(block, factor)
            with open(parts[number], "r+b") as out:
                _write(out, slot * self.slice_size + start, found.block(), self.files[number].size)
            tick(size)

    @staticmethod
    def _adopt(file: SetFile, part: str) -> None:
        digest = hashlib.md5(usedforsecurity=False)
        with open(part, "rb") as handle:
            while block := handle.read(PIECE):
                digest.update(block)
        if digest.digest() != file.md5:
            raise CannotRepair
        os.replace(part, part.removesuffix(".repair"))


def _firsts(files: list[SetFile]) -> list[int]:
    """The number of each file's first slice within the set."""
    firsts, total = [], 0
    for file in files:
        firsts.append(total)
        total += len(file.sums)
    return firsts


def _write(out: IO[bytes], at: int, block: bytes, size: int) -> None:
    """Write at a place, nothing beyond the file's size."""
    left = max(0, size - at)
    out.seek(at)
    out.write(block[:left])


def _next_magic(handle: IO[bytes], at: int, end: int) -> int:
    """Where the next packet may begin; `end` when nowhere."""
    while at < end:
        handle.seek(at)
        block: bytes = handle.read(PIECE)
        found = block.find(MAGIC)
        if found >= 0:
            return at + found
        if len(block) < PIECE:
            break
        at += len(block) - len(MAGIC) + 1
    return end


def _packet_sum(handle: IO[bytes], at: int, length: int) -> bytes:
    digest = hashlib.md5(usedforsecurity=False)
    handle.seek(at + 32)
    left = length - 32
    while left > 0:
        block: bytes = handle.read(min(PIECE, left))
        if not block:
            break
        digest.update(block)
        left -= len(block)
    return digest.digest()


# -- making


def _sliced(real: str, slice_size: int) -> tuple[bytes, bytes, list[tuple[bytes, int]]]:
    """(MD5, MD5 of the first 16 KiB, sums of the slices)."""
    whole, head = hashlib.md5(usedforsecurity=False), b""
    sums = []
    with open(real, "rb") as handle:
        while block := handle.read(slice_size):
            whole.update(block)
            head += block[: max(0, _16K - len(head))]
            full = block.ljust(slice_size, b"\0")
            sums.append((hashlib.md5(full, usedforsecurity=False).digest(), zlib.crc32(full)))
    return whole.digest(), hashlib.md5(head, usedforsecurity=False).digest(), sums


def create(base: Path, files: list[Path], *, slice_size: int = 4096, recovery: int = 4) -> list[Path]:
    """Make BASE.par2 and one volume with so many recovery slices, beside the files; the paths of both."""
    described: dict[bytes, tuple[Path, bytes, bytes]] = {}
    for path in files:
        md5, head, sums = _sliced(str(path), slice_size)
        name = os.fsencode(path.name)
        size = struct.pack("<Q", path.stat().st_size)
        file = hashlib.md5(head + size + name, usedforsecurity=False).digest()
        table = file + b"".join(one + struct.pack("<I", crc) for one, crc in sums)
        described[file] = (path, file + md5 + head + size + name + b"\0" * (-len(name) % 4), table)
    order = sorted(described, key=lambda item: item[::-1])  # as little-endian numbers
    main = struct.pack("<QI", slice_size, len(order)) + b"".join(order)
    set_id = hashlib.md5(main, usedforsecurity=False).digest()

    def packet(packet_type: bytes, body: bytes) -> bytes:
        signed = set_id + packet_type + body
        return (
            MAGIC + struct.pack("<Q", len(signed) + 32) + hashlib.md5(signed, usedforsecurity=False).digest() + signed
        )

    index = packet(_MAIN, main) + packet(_CREATOR, b"nasops.nas simulator")
    for file in order:
        index += packet(_FILE, described[file][1]) + packet(_SUMS, described[file][2])
    base.write_bytes(index)
    volume = base.with_name(f"{base.name.removesuffix('.par2')}.vol000+{recovery:02d}.par2")
    slices = [
        (described[file][0], at) for file in order for at in range(0, described[file][0].stat().st_size, slice_size)
    ]
    with volume.open("wb") as out:
        out.write(index)
        for exponent in range(recovery):
            total = galois.Sum(slice_size)
            for (path, at), base_value in zip(slices, constants(len(slices))):
                with path.open("rb") as handle:
                    handle.seek(at)
                    block = handle.read(slice_size).ljust(slice_size, b"\0")
                total.add(block, galois.power(base_value, exponent))
            out.write(packet(_SLICE, struct.pack("<I", exponent) + total.block()))
    return [base, volume]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a par2 set.")
    parser.add_argument("base", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--slice", type=int, default=4096)
    parser.add_argument("--recovery", type=int, default=4)
    args = parser.parse_args()
    create(args.base, args.files, slice_size=args.slice, recovery=args.recovery)


if __name__ == "__main__":
    main()
