# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make nox`: the sessions of antsibull-nox that antsibull-nox.toml describes."""

import antsibull_nox

antsibull_nox.load_antsibull_nox_toml()
