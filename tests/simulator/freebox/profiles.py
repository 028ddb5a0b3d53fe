# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations of the box: what `/api_version` says and what each major version of the API changed.

Rests on the vendor's log of API changes as far as it is known: 8.2 gave tasks `src` and `dst`, 11.2 brought the batch
form of fs/info, 15 the paged listing; and on an answer of a v16 box.
"""

from __future__ import annotations

from dataclasses import dataclass

LATEST = "latest"
TASK_PATHS = 8
BATCH_INFO = 11
PAGED_LISTING = 15
NEW_TASK_ERRORS = 15
"""copy_into_itself and truncate_failed came after v4; since when exactly is not known."""


@dataclass(frozen=True)
class Profile:
    """One generation."""

    api_version: str
    device_type: str
    box_model: str = ""
    box_model_name: str = ""
    shapes: str = "recorded"
    path_errors: str = "task"

    @property
    def major(self) -> int:
        return int(self.api_version.partition(".")[0])


PROFILES = {
    "v4": Profile("4.0", "FreeboxServer1,1", shapes="page", path_errors="immediate"),
    "v15": Profile("15.0", "FreeboxServer7,1", "fbxgw7-r1", "Freebox v7 (r1)"),
    "v16": Profile("16.0", "FreeboxServer9,1", "fbxgw9-r1", "Freebox v9 (r1)"),
}
