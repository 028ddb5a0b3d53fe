# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device answered, read with suspicion: a missing key or a wrong type is an error that names the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .._core import json_text
from .._core.errors import GARBLED, WHERE, Kind, NasError
from .._core.model import parse_count, parse_size, parse_time
from .codes import to_error
from .failures import synology_error

_WHERE = f"{WHERE}: is this DSM?"
_BEFORE_A_SESSION = ("SYNO.API.Info", "SYNO.API.Auth")


class Reply:
    """The `data` of one reply, or an object inside it.

    :param data: the object.
    :param call: the call that it answers, for errors.
    :param path: the path on the NAS that the call was about, for errors.
    """

    def __init__(self, data: Mapping[str, Any], call: str, path: str = "") -> None:
        self._data = data
        self.call = call
        self.path = path

    def __contains__(self, key: str) -> bool:
        return self._data.get(key) is not None

    def as_dict(self) -> dict[str, Any]:
        """Everything, by the vendor's own names."""
        return dict(self._data)

    def number(self, key: str) -> Optional[int]:
        """An integer, or None when it is not there."""
        value = self._data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.broken(key)
        return value

    def fraction(self, key: str) -> Optional[float]:
        """A number with or without decimals, or None when it is not there."""
        value = self._data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.broken(key)
        return float(value)

    def size(self, key: str) -> int:
        """The size of a file, or a number of files, which must be there."""
        try:
            return parse_size(self._data.get(key))
        except ValueError:
            raise self.broken(key) from None

    def time(self, key: str) -> Optional[int]:
        """A point in time, or None when it is not there, or beyond all calendars."""
        try:
            return parse_time(self._data.get(key))
        except ValueError:
            raise self.broken(key) from None

    def count(self, key: str) -> Optional[int]:
        """A number of things, or None when it is not there, or none: devices write -1 for what they do not know."""
        return parse_count(self.number(key))

    def flags(self, key: str) -> Optional[dict[str, bool]]:
        """The booleans of an object by their names, or None when it is not there."""
        found = {name: value for name, value in self.part(key).as_dict().items() if isinstance(value, bool)}
        return found if key in self else None

    def text(self, key: str) -> Optional[str]:
        """A string, or None when it is not there."""
        value = self._data.get(key)
        if value is not None and not isinstance(value, str):
            raise self.broken(key)
        return value

    def flag(self, key: str) -> Optional[bool]:
        """A boolean, or None when it is not there."""
        value = self._data.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.broken(key)
        return value

    def part(self, key: str) -> Reply:
        """An object; one without keys when it is not there."""
        value = self._data.get(key)
        if value is None:
            return Reply({}, self.call, self.path)
        if not isinstance(value, Mapping):
            raise self.broken(key)
        return Reply(value, self.call, self.path)

    def parts(self, key: str) -> list[Reply]:
        """A list of objects, which must be there."""
        value = self._data.get(key)
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.broken(key)
        return [Reply(item, self.call, self.path) for item in value]

    def needed_number(self, key: str) -> int:
        """An integer, which must be there."""
        value = self.number(key)
        if value is None:
            raise self.broken(key)
        return value

    def needed_text(self, key: str) -> str:
        """A string that is not empty, which must be there."""
        value = self.text(key)
        if not value:
            raise self.broken(key)
        return value

    def needed_path(self, key: str) -> str:
        """The path of a file or folder, which must be there. What is none would pass for another file's."""
        value = self.needed_text(key)
        if not value.startswith("/"):
            raise self.broken(key)
        return value

    def needed_flag(self, key: str) -> bool:
        """A boolean, which must be there."""
        value = self.flag(key)
        if value is None:
            raise self.broken(key)
        return value

    def broken(self, key: str) -> NasError:
        """The error for a key that is missing or holds nonsense. The value is not quoted: it may be a secret."""
        return self.nonsense(f"the reply makes no sense: {key} is missing or of a wrong type")

    def nonsense(self, problem: str) -> NasError:
        """The error for a reply that nobody can use."""
        return synology_error(Kind.PROTOCOL, problem, call=self.call, path=self.path)


def read_envelope(body: bytes, status: int, api: str, method: str, path: str = "") -> Reply:
    """The `data` of an envelope (guide, "Parsing Response"). The content type is not looked at: it varies.

    :param body: the answer's body.
    :param status: its HTTP status.
    :param path: the path on the NAS that the call was about, for errors.
    :raises NasError: what the device reports; `PROTOCOL` for what is no envelope; `DEVICE` for HTTP 500 and above.
    """
    call = f"{api}/{method}"
    try:
        envelope = json_text.parse(body.decode("utf-8", "surrogateescape"))
    except ValueError:
        envelope = None
    if isinstance(envelope, dict):
        success, data, error = envelope.get("success"), envelope.get("data"), envelope.get("error")
        if success is True and (data is None or isinstance(data, dict)):
            return Reply(data or {}, call, path)
        if success is False and isinstance(error, dict):
            failure = to_error(api, method, path, error)
            if failure is not None:
                raise failure
    hint = _WHERE if api in _BEFORE_A_SESSION and method != "logout" else GARBLED
    if status != 200:
        kind, hint = (Kind.DEVICE, "") if status >= 500 else (Kind.PROTOCOL, hint)
        message, code = "the device answered with an HTTP error", f"HTTP {status}"
    else:
        kind, message, code = Kind.PROTOCOL, "the reply is not what DSM answers", ""
    raise synology_error(kind, message, call=call, path=path, code=code, hint=hint)
