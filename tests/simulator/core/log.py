# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: one JSON line a request, written and flushed when the request is over, whatever became of it."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Any

SECRETS = frozenset(
    {
        "passwd",
        "password",
        "pwd",
        "pass",
        "otp_code",
        "otp",
        "security_code",
        "_sid",
        "sid",
        "synotoken",
        "device_id",
        "did",
        "device_token",
        "app_token",
        "token",
        "session_token",
        "challenge",
        "auth_token",
        "cookie",
        "qtoken",
        "extract_password",
        "archive_password",
        "__ciphertext",
        "_syno_token",
    }
)
REDACTED = "***"


def redact(params: Any, extra: frozenset[str] = frozenset()) -> Any:
    """Parameters with the value of every secret replaced, nested ones too."""
    if isinstance(params, dict):
        return {
            name: REDACTED
            if (str(name).lower() in SECRETS or name in extra) and value not in (None, "", b"")
            else redact(value, extra)
            for name, value in params.items()
        }
    if isinstance(params, (list, tuple)):
        return [redact(item, extra) for item in params]
    if isinstance(params, bytes):
        return f"<{len(params)} bytes>"
    return params


class RequestLog:
    """Appends to a file, to a list in memory, or does nothing when there is neither.

    :param device: which of several devices of a vendor writes here; stands in each line.
    """

    def __init__(self, path: Path | None, memory: list[dict[str, Any]] | None = None, device: int = 1) -> None:
        self.device = device
        self._lock = threading.Lock()
        self._handle = path.open("a", encoding="utf-8") if path is not None else None
        self._memory = memory

    def of(self, device: int) -> RequestLog:
        """The same log for another device."""
        other = copy.copy(self)
        other.device = device
        return other

    def write(self, record: dict[str, Any]) -> None:
        if self._handle is None and self._memory is None:
            return
        line = json.dumps({**record, "device": self.device}, ensure_ascii=True, default=str)
        if self._memory is not None:
            self._memory.append(json.loads(line))
        if self._handle is not None:
            with self._lock:
                self._handle.write(line + "\n")
                self._handle.flush()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()
