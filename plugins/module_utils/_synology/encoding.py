# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values and files are written into requests. Pure functions and one stream; no calls here.

Two spellings exist. Since DSM 6 (`entry.cgi`) every value is JSON: unquoted, a name such as `2024` would be a number.
The older programs (`FileStation/file_*.cgi`) take plain text, several elements joined by commas, with a backslash
before each comma and backslash that belongs to an element (guide, "Making Requests").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Union

from .._core.text import encoded


class Raw(str):
    """Text that is sent as it is."""

    __slots__ = ()


class Secret(str):
    """A password: JSON like other text, but nothing in it is escaped in the older spelling."""

    __slots__ = ()


Value = Union[str, int, bool, Sequence[str], Sequence[int]]

MOST_ITEMS = 500
MOST_BYTES = 128 * 1024


def encode_value(value: Value, as_json: bool) -> str:
    """One parameter as text, in JSON or in the older spelling. Bytes that are not UTF-8 stay as they are."""
    if isinstance(value, Raw) or (isinstance(value, Secret) and not as_json):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if as_json:
        return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, str):
        return _escaped(value)
    return ",".join(_escaped(str(item)) for item in value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,")


def batches(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths in as few portions as a device takes in one request."""
    batch: list[str] = []
    size = 0
    for path in paths:
        weight = 3 * len(encoded(path)) + 8  # as it may be after percent-encoding
        if batch and (len(batch) == MOST_ITEMS or size + weight > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += weight
    if batch:
        yield batch


def split(path: str) -> tuple[str, str]:
    """The folder of a path, and its name in it."""
    folder, _slash, name = path.rpartition("/")
    return folder, name
