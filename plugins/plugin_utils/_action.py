# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions of all modules begin with: their class is imported from bytecode that is kept."""

from __future__ import annotations

from ._bytecode import kept_bytecode

with kept_bytecode():
    from ._controller import action_of

__all__ = ["action_of"]
