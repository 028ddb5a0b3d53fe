# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic in GF(2^16) over the polynomial 0x1100B, on single words and on blocks of little-endian words.

Rests on the Parity Volume Set specification, version 2.0. A block is multiplied by a constant with four byte tables, so
that the work is done by `bytes.translate` and by adding (xor) big integers.
"""

from __future__ import annotations

from functools import lru_cache

_POLYNOMIAL = 0x1100B
ORDER = 65535


def _tables() -> tuple[list[int], list[int]]:
    powers, logs = [0] * (2 * ORDER), [0] * (ORDER + 1)
    value = 1
    for exponent in range(ORDER):
        powers[exponent] = powers[exponent + ORDER] = value
        logs[value] = exponent
        value <<= 1
        if value > ORDER:
            value ^= _POLYNOMIAL
    return powers, logs


@lru_cache(maxsize=1)
def tables() -> tuple[list[int], list[int]]:
    """(powers of 2, logarithms); made when first needed."""
    return _tables()


def multiply(one: int, other: int) -> int:
    if not one or not other:
        return 0
    powers, logs = tables()
    return powers[logs[one] + logs[other]]


def inverse(value: int) -> int:
    powers, logs = tables()
    return powers[ORDER - logs[value]]


def power(value: int, exponent: int) -> int:
    powers, logs = tables()
    return powers[logs[value] * exponent % ORDER] if value else 0


@lru_cache(maxsize=4096)
def _byte_tables(factor: int) -> tuple[bytes, bytes, bytes, bytes]:
    low = [multiply(factor, byte) for byte in range(256)]
    high = [multiply(factor, byte << 8) for byte in range(256)]
    return (bytes(word & 255 for word in low), bytes(word >> 8 for word in low),
            bytes(word & 255 for word in high), bytes(word >> 8 for word in high))  # fmt: skip


class Sum:
    """A growing sum of blocks, each times its factor. All blocks have this even number of bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._low = 0
        self._high = 0

    def add(self, block: bytes, factor: int) -> None:
        if not factor:
            return
        low_low, low_high, high_low, high_high = _byte_tables(factor)
        low, high = block[::2], block[1::2]
        number = int.from_bytes
        self._low ^= number(low.translate(low_low), "big") ^ number(high.translate(high_low), "big")
        self._high ^= number(low.translate(low_high), "big") ^ number(high.translate(high_high), "big")

    def block(self) -> bytes:
        out = bytearray(self.size)
        out[::2] = self._low.to_bytes(self.size // 2, "big")
        out[1::2] = self._high.to_bytes(self.size // 2, "big")
        return bytes(out)


def solve(rows: list[list[int]], count: int) -> tuple[list[int], list[list[int]]] | None:
    """Choose `count` rows that are independent, and invert them: (their numbers, the inverse matrix)."""
    chosen: list[int] = []
    reduced: list[tuple[int, list[int], list[int]]] = []  # pivot, row, how it was made of the chosen rows
    for index, row in enumerate(rows):
        left, made = list(row), [0] * count
        if len(chosen) == count:
            break
        made[len(chosen)] = 1
        for pivot, other, other_made in reduced:
            factor = left[pivot]
            if factor:
                left = [a ^ multiply(factor, b) for a, b in zip(left, other)]
                made = [a ^ multiply(factor, b) for a, b in zip(made, other_made)]
        pivot = next((column for column, value in enumerate(left) if value), -1)
        if pivot < 0:
            continue
        scale = inverse(left[pivot])
        left, made = [multiply(scale, a) for a in left], [multiply(scale, a) for a in made]
        for number, (old_pivot, other, other_made) in enumerate(reduced):
            factor = other[pivot]
            if factor:
                reduced[number] = (old_pivot, [a ^ multiply(factor, b) for a, b in zip(other, left)],
                                   [a ^ multiply(factor, b) for a, b in zip(other_made, made)])  # fmt: skip
        reduced.append((pivot, left, made))
        chosen.append(index)
    if len(chosen) < count:
        return None
    return chosen, [made for _pivot, _row, made in sorted(reduced)]
