# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions of all modules begin with: their class is imported from bytecode that is kept.

Before that, the run is made ours: its broker imports what talks to devices while we import the rest.
"""

from __future__ import annotations

from ._bytecode import kept_bytecode

with kept_bytecode():
    from . import _run

    _run.take_over()
    from ._controller import action_of

__all__ = ["action_of"]
