# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make docs`: builds the site in .cache/docs/html by antsibull-docs and Sphinx, where every warning is an error.

Then it checks whether each link in the repository's pages to the address of the documentation (galaxy.yml) leads to a
page, and to a place on it, that the site has.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.support import pages
from tests.support.devices import ROOT

PLACE = ROOT / ".cache" / "docs"
SITE = PLACE / "html"
# The pages that are not in the package, where they would be in the way: title in the contents, and page.
PROJECT = (
    ("First steps, with a simulated NAS", "guide_first_steps"),
    ("Recipes", "recipes"),
    ("What works with which vendor", "vendors"),
    ("Troubleshooting", "troubleshooting"),
    ("AWX, execution environments, cron", "guide_controllers"),
    ("How it is built and tested", "architecture"),
)
ADDRESS = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["documentation"]


def build() -> None:
    """Make the site anew. :raises CalledProcessError: for a warning."""
    shutil.rmtree(PLACE, ignore_errors=True)
    source = PLACE / "rst"
    source.mkdir(parents=True, mode=0o755)
    collection = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    subprocess.run([*collection, "--cleanup", "everything", "--dest-dir", str(source), "nasops.nas"], check=True)
    for _title, page in PROJECT:
        shutil.copy(pages.SITE[page], source / "docsite")
    toc = "".join(f"   {title} <docsite/{page}>\n" for title, page in PROJECT)
    index = source / "index.rst"
    heading = "Guides\n------\n"
    before, found, after = index.read_text(encoding="utf-8").partition(heading)
    assert found, "antsibull-docs writes another index"
    index.write_text(f"{before}Begin here\n----------\n\n.. toctree::\n   :maxdepth: 1\n\n{toc}\n{heading}{after}")
    sphinx = [
        sys.executable,
        "-m",
        "sphinx",
        "-b",
        "html",
        "-q",
        "-W",
        "--keep-going",
        "-c",
        str(ROOT / "docs" / "site"),
    ]
    subprocess.run([*sphinx, str(source), str(SITE)], check=True)
    (SITE / ".nojekyll").touch()  # GitHub leaves out folders that begin with an underscore otherwise


def links() -> Iterator[tuple[Path, str]]:
    """The links to the site: where, and to what, from the site's address on."""
    sources = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("roles/*/README.md"),
        *ROOT.glob("docs/docsite/rst/*.rst"),
    ]
    for page in sorted(sources):
        for link in re.findall(re.escape(ADDRESS) + r"([^\s)\"'>]*)", page.read_text(encoding="utf-8")):
            yield page, link


def broken(site: Path) -> Iterator[str]:
    """The links that lead nowhere."""
    for page, link in links():
        path, _hash, anchor = link.partition("#")
        file = site / (path or "index.html")
        if not file.is_file() or (anchor and f'id="{anchor}"' not in file.read_text(encoding="utf-8")):
            yield f"{page.relative_to(ROOT)}: {ADDRESS}{link} is not in the site"


def main() -> int:
    """Build it and check the links; the exit status is 0 when all is well."""
    build()
    found = list(broken(SITE))
    for line in found:
        print(line)
    print(
        f"{SITE.relative_to(ROOT)}/index.html: {len(list(SITE.rglob('*.html')))} pages, {len(found)} broken links to it"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
