# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/reliability.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.trials.trial import Trial


def read(file: Path) -> Iterator[Trial]:
    """The trials in a file; a last line that was not written to its end is none."""
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            yield Trial(**json.loads(line))
        except json.JSONDecodeError:
            continue
