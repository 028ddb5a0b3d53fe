# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much may still be written: a volume's capacity, a share's quota, and limits that a fault rule adds."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from .errors import DiskError


@dataclass
class Budget:
    """Counts bytes as they are written; `take` raises before the byte that does not fit any more."""

    path: str = ""
    fixed: list[tuple[int, type[DiskError]]] = field(default_factory=list)
    limits: list[tuple[int, type[DiskError]]] = field(default_factory=list)

    def limit(self, size: int, error: type[DiskError], *, fixed: bool = False) -> None:
        """Add a limit of so many bytes from now on; a `fixed` one counts every byte, freed or not."""
        (self.fixed if fixed else self.limits).append((max(0, size), error))

    def give_back(self, size: int) -> None:
        """Bytes that a replaced file frees."""
        self.limits = [(limit + size, error) for limit, error in self.limits]

    def room(self) -> int | None:
        """Bytes left, or None when nothing limits."""
        return min((size for size, _error in (*self.limits, *self.fixed)), default=None)

    def take(self, size: int) -> None:
        for limit, error in (*self.limits, *self.fixed):
            if size > limit:
                raise error(self.path)
        self.limits = [(limit - size, error) for limit, error in self.limits]
        self.fixed = [(limit - size, error) for limit, error in self.fixed]


def folder_bytes(folder: str) -> int:
    """Bytes of every file below a real folder."""
    total = 0
    for base, _folders, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue
    return total
