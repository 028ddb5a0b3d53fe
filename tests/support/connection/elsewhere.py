# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is not the local one, although it leads to the same machine."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = r"""
name: elsewhere
short_description: Another machine, for tests
description: Stands for ssh in tests that may not leave the machine.
author: The nasops.nas authors
"""


class Connection(Local):  # type: ignore[misc]
    """The local connection under another name."""

    transport = "elsewhere"
