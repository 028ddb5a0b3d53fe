# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How DSM reads a parameter's value: as JSON if it begins like JSON, else as the text it is.

The reader takes the first JSON token and does not mind what follows it: an unquoted task id `51CE61..` becomes the
number 51, an unquoted name `2024` is no text. Devices answer such a value with 400, some with HTTP 502. The control
panel reads what is JSON as a whole (`control`). DSM 5 reads plain text only, lists joined by commas with `\\` as the
escape (guide, "Making Requests").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_DECODER = json.JSONDecoder(strict=False)
_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?\d")
_MISREAD = re.compile(r"\d{11}")
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


class ApiError(Exception):
    """An answer with success:false."""

    def __init__(self, code: int, errors: Any = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"code {code}")
        self.code = code
        self.errors = errors
        self.headers = headers or {}


class HttpError(Exception):
    """An answer of the web server instead of the API."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def failed_paths(code: int, inner: int, *paths: str) -> ApiError:
    """The error of a call with one inner error for each path."""
    return ApiError(code, [{"code": inner, "path": path} for path in paths])


def read_value(text: str, *, whole: bool = False) -> Any:
    """The value DSM 6 and 7 see. `whole`: only what is JSON from its first character to its last is read as JSON."""
    if text in _WORDS:
        return _WORDS[text]
    if text[:1] in {'"', "[", "{"} or _NUMBER.match(text):
        try:
            value, end = _DECODER.raw_decode(text)
        except ValueError:
            return text
        return text if whole and text[end:].strip() else value
    return text


def split_commas(text: str) -> list[str]:
    """DSM 5: `a,b\\,c` is ["a", "b,c"]."""
    parts = [""]
    for piece in re.findall(r"\\[\\,]|.", text, re.DOTALL):
        if piece == ",":
            parts.append("")
        else:
            parts[-1] += piece[-1]
    return parts


def unescape(text: str) -> str:
    """DSM 5: `a\\,b` is "a,b", and a doubled backslash is one; so in every parameter but passwords."""
    return re.sub(r"\\([\\,])", r"\1", text)


class Params:
    """One request's parameters. `style`: "plain" (DSM 5), "comma" (JSON, but a text may be a joined list) or "json"."""

    def __init__(self, raw: Mapping[str, str], style: str) -> None:
        self.raw = raw
        self.style = style

    def has(self, name: str) -> bool:
        return name in self.raw

    def value(self, name: str) -> Any:
        text = self.raw[name]
        return unescape(text) if self.style == "plain" else read_value(text)

    def text(self, name: str, default: str | None = None) -> str:
        """A text; 101 when it is missing, 400 when read as a number or word, HTTP 502 when as a list or object."""
        if name not in self.raw:
            if default is None:
                raise ApiError(101)
            return default
        value = self.value(name)
        if isinstance(value, (list, dict)):
            if value and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
                return value[0]
            raise HttpError(502)
        if not isinstance(value, str):
            raise ApiError(400)
        return value

    def texts(self, name: str, default: list[str] | None = None) -> list[str]:
        """One text or several."""
        if name not in self.raw:
            if default is None:
                raise ApiError(101)
            return default
        if self.style == "plain":
            return split_commas(self.raw[name])
        value = self.value(name)
        if isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                raise HttpError(502)
            return value
        if self.style == "comma" and isinstance(value, str) and not self.raw[name].startswith('"'):
            return split_commas(value)
        return [self.text(name)]

    def pattern(self, name: str) -> str | None:
        """A glob; a value read as anything but text kills the worker (HTTP 502)."""
        if name not in self.raw:
            return None
        value = self.value(name)
        if not isinstance(value, str):
            raise HttpError(502)
        return value

    def additional(self) -> frozenset[str]:
        """What to add to each entry. Newer devices want an array; its elements may be joined (guide's examples)."""
        if "additional" not in self.raw:
            return frozenset()
        value = self.raw["additional"] if self.style == "plain" else self.value("additional")
        if isinstance(value, list):
            return frozenset(name.strip() for item in value if isinstance(item, str) for name in item.split(","))
        if self.style != "json" and isinstance(value, str):
            return frozenset(name.strip() for name in value.strip("[]").split(","))
        return frozenset()

    def secret(self, name: str) -> str:
        """A password: quoted, or as it is, even if it looks like a number (guide: passwords need no escaping)."""
        text = self.raw.get(name, "")
        value = self.value(name) if text and self.style != "plain" else text
        return value if isinstance(value, str) else text

    def flag(self, name: str, default: bool = False) -> bool:
        """`true`, `True`, `"true"` and 1, and their opposites; anything else is 400."""
        choice = self.choice(name)
        return default if choice is None else choice

    def choice(self, name: str) -> bool | None:
        """A flag that may be left out."""
        if name not in self.raw:
            return None
        text = self.raw[name].strip().strip('"').lower()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False if text else None
        raise ApiError(400)

    def integer(self, name: str, default: int) -> int:
        if name not in self.raw:
            return default
        try:
            return int(float(self.raw[name].strip().strip('"')))
        except ValueError:
            raise ApiError(400) from None

    def number(self, name: str) -> float | None:
        """A number that may be left out."""
        text = self.raw.get(name, "").strip().strip('"')
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            raise ApiError(400) from None

    def task_id(self, name: str = "taskid") -> str:
        """A task id. Nobody knows a task by one that is misread (see `task_ids`)."""
        return next(iter(self.task_ids(name)), "")

    def task_ids(self, name: str = "taskid") -> list[str]:
        """One task id or several, without those that are misread.

        That happens to an unquoted one with a digit after the ten of its time (clients' measurements: 62 % of them).
        """
        if name not in self.raw:
            raise ApiError(101)
        text = self.raw[name]
        if self.style != "plain" and text[:1] not in {'"', "["}:
            return [] if _MISREAD.match(text) else [text]
        value = self.value(name)
        return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
