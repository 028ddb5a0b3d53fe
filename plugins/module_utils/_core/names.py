# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of our own beside a path, and which names a device gives without doubt."""

from __future__ import annotations

import hashlib
import unicodedata

from . import paths as _paths
from .text import encoded

SAFE = 143  # bytes of a name that all file systems of devices take; some encrypted shares take no more
_OURS = ".nasops-"  # how our names begin
_MARKS = frozenset(" ._-()")
_LAST = 0xFFFF  # the last character that every firmware counts as one


def beside(path: str, role: str) -> str:
    """A name of our own beside `path`; the same in every run.

    :param role: what is there; its ending.
    """
    mark = hashlib.sha256(encoded(path)).hexdigest()[:16]
    return _paths.join(_paths.parent(path), f"{_OURS}{mark}.{role}")


def is_ours(path: str) -> bool:
    """Whether a path has such a name."""
    return _paths.name(path).startswith(_OURS)


def telling(path: str, role: str) -> str:
    """The same with the path's own name at its end, so that people see whose it is. A long one lacks its middle."""
    name = _paths.name(path)
    longest = max(SAFE, len(encoded(name)))
    while len(encoded(_paths.name(beside(path, f"{role}.{name}")))) > longest:
        middle = len(name) // 2
        name = name[:middle] + name[middle + 1 :]
    return beside(path, f"{role}.{name}")


def is_plain(name: str) -> bool:
    """Whether every device gives this name as it is.

    Letters and digits in their composed form, the signs blank . _ - ( ) inside, and not too many of them. Of other
    names a device may refuse some, or change them, though it shows them where another program has given them.
    """
    return (
        len(name) > 0
        and len(encoded(name)) <= SAFE
        and all((one.isalnum() and ord(one) <= _LAST) or one in _MARKS for one in name)
        and name.strip(" ") == name
        and not name.endswith(".")
        and unicodedata.is_normalized("NFC", name)
    )
