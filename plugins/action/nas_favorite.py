# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_favorite runs on the controller, like all nas_* modules."""

from __future__ import annotations

from ..plugin_utils._action import action_of

ActionModule = action_of("nas_favorite")
