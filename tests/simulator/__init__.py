# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NAS on loopback: the HTTP APIs of Synology, QNAP and Freebox devices over a real folder, for tests and demos."""

from __future__ import annotations

VENDORS = ("synology", "qnap", "freebox")
