# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of an Acme, which all name it: no other module of the package makes one."""

from __future__ import annotations

from .._core.errors import Kind, NasError

VENDOR = "acme"


def acme_error(kind: Kind, message: str, call: str = "", path: str = "", code: str = "", hint: str = "") -> NasError:
    """An error; see `NasError` for what it takes."""
    return NasError(kind, message, vendor=VENDOR, call=call, path=path, code=code, hint=hint)
