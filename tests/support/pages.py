# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the documentation's site, for tests that do what they say."""

from __future__ import annotations

import re
import textwrap

from tests.support.devices import ROOT

PACKAGED = {file.stem: file for file in sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))}
SITE = {file.stem: file for file in sorted((ROOT / "docs" / "site" / "rst").glob("*.rst"))}  # not in the package
PAGES = {**PACKAGED, **SITE}


def text(page: str) -> str:
    """A page's source."""
    return PAGES[page].read_text(encoding="utf-8")


def recipes(page: str, marker: str = "recipe") -> dict[str, str]:
    """The YAML blocks of a page that a comment `.. MARKER: NAME` stands before, by name."""
    pattern = rf"^\.\. {marker}: (\S+)\n\n\.\. code-block:: yaml\n\n((?: .*\n|\n)+)"
    return {name: textwrap.dedent(block) for name, block in re.findall(pattern, text(page), re.MULTILINE)}
