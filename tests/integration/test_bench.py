# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: its page is kept part by part, and the scripts that it measures beside do what they are said to do."""

from __future__ import annotations

from tests import bench, bench_work
from tests.bare import BARE


def test_a_part_takes_the_place_of_its_old_text(tmp_path):
    page = tmp_path / "benchmarks.md"
    parts = [*bench.OWN, *bench_work.PARTS]
    for part in reversed(parts):
        bench.write(part, bench.section(part, (["vendor", "x"], [["qnap", f"old {part}"]]), 1), page)
    bench.write("sync", bench.section("sync", (["vendor", "x"], [["qnap", "1.00"]]), 3), page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(bench.HEAD.strip())
    places = [text.index(f"<!-- {part} -->") for part in parts]
    assert places == sorted(places)
    assert text.count("## ") == len(parts)
    assert "old sync" not in text
    assert "old folders" in text
    assert "3 rounds" in text


def test_the_page_has_no_part_that_is_not_measured():
    text = bench.PAGE.read_text(encoding="utf-8")
    assert text.startswith(bench.HEAD.strip())
    shown = [part for part in (*bench.OWN, *bench_work.PARTS) if f"<!-- {part} -->" in text]
    assert len(shown) == text.count("\n## ") == text.count("<!-- ")
    assert shown


def test_the_scripts(one):
    """They make, list and remove, and do not check whether it is done."""
    device = one
    device.forget()
    script = BARE[one.vendor](device)
    script.make(["/home/bare", "/home/bare/a", "/home/bare/b"])
    assert sorted(path.name for path in (device.root / "home" / "bare").iterdir()) == ["a", "b"]
    script.list("/home/bare")
    script.remove("/home/bare")
    assert not any(entry.get("code") for entry in device.entries())
    assert len(device.calls_of("login")) == 1
