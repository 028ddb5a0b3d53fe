# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mails that the device sends: one JSON line each in the outbox (`outbox=FILE`, else `outbox.jsonl` in the state)."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .device import Qnap


def send(device: Qnap, message: dict[str, Any]) -> bool:
    """False when the device has no mail server (`smtp=off`)."""
    if device.settings.text("smtp") == "off":
        return False
    path = Path(device.settings.text("outbox") or device.state / "outbox.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"time": time.time(), **message}, ensure_ascii=True) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)
    return True
