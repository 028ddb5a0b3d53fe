# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stub."""
from __future__ import annotations
from ..core.sessions import SessionStore
PREFIX = "/container-station/"
class Station:
    def __init__(self, device): self.sessions = SessionStore(900)
    def routes(self, app, guard): pass
from ..core.context import CallInfo
async def _id(self, context): return CallInfo("unknown", context.raw_path)
Station.identify = _id
