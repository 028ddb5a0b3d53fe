# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: one JSON line a request, written and flushed when the request is over, whatever became of it."""

from __future__ import annotations

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
    """Appends to a file, or does nothing when there is none."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._handle = path.open("a", encoding="utf-8") if path is not None else None

    def write(self, record: dict[str, Any]) -> None:
        if self._handle is None:
            return
        line = json.dumps(record, ensure_ascii=True, default=str)
        with self._lock:
            self._handle.write(line + "\n")
            self._handle.flush()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()
