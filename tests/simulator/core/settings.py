# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one simulated device is set up: the command line in the form a vendor package reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

_TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass
class Settings:
    """One device. `options` holds every `--vendor-opt KEY=VALUE` that is meant for it."""

    vendor: str
    root: Path
    user: str = "admin"
    password: str = "secret"
    profile: str = ""
    session_seconds: float = 900.0
    otp_secret: str = ""
    otp_code: str = ""
    grant_after: float = 0.0
    options: dict[str, str] = field(default_factory=dict)
    tls: bool = False

    def text(self, name: str, default: str = "") -> str:
        return self.options.get(name, default)

    def number(self, name: str, default: float) -> float:
        return float(self.options.get(name, default))

    def integer(self, name: str, default: int) -> int:
        return int(self.options.get(name, default))

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.options.get(name)
        return default if value is None else value.lower() in _TRUE

    def names(self, name: str) -> list[str]:
        """A comma-separated list."""
        return [item for item in self.options.get(name, "").split(",") if item]

    def pairs(self, name: str) -> dict[str, str]:
        """`a:1,b:2` as a mapping."""
        return dict(item.rpartition(":")[::2] for item in self.names(name))
