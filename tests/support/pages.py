# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the documentation's site, for tests that do what they say."""

from __future__ import annotations

import re
import textwrap

from tests.support.devices import ROOT

PAGES = {file.stem: file for file in sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))}


def text(page: str) -> str:
    """A page's source."""
    return PAGES[page].read_text(encoding="utf-8")


def recipes(page: str) -> dict[str, str]:
    """The code blocks of a page that a comment `.. recipe: NAME` stands before, by name."""
    found = {}
    for name, block in re.findall(
        r"^\.\. recipe: (\S+)\n\n\.\. code-block:: yaml\n\n((?: .*\n|\n)+)", text(page), re.MULTILINE
    ):
        found[name] = textwrap.dedent(block)
    return found
