# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks between the processes of one user on one machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterator

PLACES = "nasops-places"


@contextlib.contextmanager
def file_lock(file: str, number: int = 0, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a byte of a file, which is made with its folder when it is not there.

    A process must not hold two locks of one file: both end with the first.

    :param wait: for whoever has it.
    :raises BlockingIOError: when somebody has it and we do not wait.
    """
    flags = os.O_WRONLY | os.O_CREAT
    try:
        lock = os.open(file, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        lock = os.open(file, flags, 0o600)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def place_lock(folder: str, *place: object) -> Iterator[None]:
    """Let no other task of this user work on the same place meanwhile: another host that is the same NAS, another run.

    :param folder: where all of them find the lock; it stays there, an empty file.
    """
    # Two places of one number wait for each other, which harms nobody.
    number = zlib.crc32(repr(place).encode("utf-8", "surrogateescape"))
    with file_lock(os.path.join(folder, PLACES), number):
        yield
