# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restart and shutdown (sys/sysRequest.cgi), and the beep that finds a box.

The answer comes first. Then nothing listens for a while (`restart_seconds=S`, default 2), every session is gone, and
the device counts its time anew; after a shutdown it does not come back.
"""

from __future__ import annotations

import time

from .call import Call
from .operation import DONE, Operation

NEVER = 1e9
RESTART = 2.0


def restart(call: Call) -> int:
    _away(call, call.device.settings.number("restart_seconds", RESTART))
    return DONE


def shutdown(call: Call) -> int:
    _away(call, NEVER)
    return DONE


def _away(call: Call, seconds: float) -> None:
    device = call.device
    for store in (device.sessions, device.station.sessions):
        store.drop_all()
    device.began = time.time() + seconds
    device.away_until = time.monotonic() + seconds
    if device.go_away is not None:
        device.go_away(seconds)


def beep(call: Call) -> int:
    return DONE


OPERATIONS = {
    ("sysRequest.cgi", "power_mgmt", "restart"): Operation(restart, writes=True),
    ("sysRequest.cgi", "power_mgmt", "shutdown"): Operation(shutdown, writes=True),
    ("sysRequest.cgi", "notification", "where_are_you"): Operation(beep, writes=True),
}
