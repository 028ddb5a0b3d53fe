# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make browser`: the report about 50 devices in a real browser: on a phone, in the dark, on paper, read aloud.

The name keeps it out of `make test`, since it needs Chromium. With REPORT_SCREENSHOT=FILE a picture of the page is kept
there.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support import html
from tests.support.chromium import Browser, browser
from tests.support.devices import ROOT, Device, fleet
from tests.support.playbooks import run

COUNTS = {"synology": 20, "qnap": 17, "freebox": 10}
HOSTILE = "<img src=x onerror=alert(1)>"
CAPACITY = 1_000_000_000_000
ENDS = ("never", "3d", "60d", "12d", "200d")
CELLS = "Array.from(document.querySelectorAll('#{section} tbody tr')).filter(row => !row.hidden)"


def filled(devices: list[Device], capacity: int) -> None:
    """Files, of which each device has another amount. They take no room on the disk."""
    for one in devices:
        (one.root / "home" / HOSTILE).write_text("x")
        (one.root / "home" / "prices.pdf").write_text("x")
        with open(one.root / "public" / "large", "wb") as large:
            large.truncate(capacity * (one.number * 37 % 90 + 8) // 100)


def variables_of(device: Device) -> dict[str, Any]:
    """What is declared for some devices."""
    if device.number % 4:
        return {}
    return {
        "provision_folders": ["/home/photos/2026"] if device.number % 8 else ["/home"],
        "provision_files": [{"path": "/home/README.txt", "content": "Ask the office"}] if device.number % 8 else [],
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, by the playbook."""
    place = tmp_path_factory.mktemp("report")
    file = place / "report.html"
    hosts: dict[str, dict[str, Any]] = {}
    paths: dict[str, list[str]] = {}
    with ExitStack() as stack, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for vendor, count in COUNTS.items():
            folder = place / vendor
            folder.mkdir()
            more = ["--vendor-opt", "tls_days=40", "--vendor-opt", "tls_age=20"] if vendor == "qnap" else []
            options = ["--vendor-opt", f"capacity={CAPACITY}", *more]
            devices = stack.enter_context(fleet(vendor, count, folder, arguments=options))
            filled(devices, CAPACITY)
            for one in devices:
                name = f"{vendor}-{one.number:02}"
                hosts[name] = one.variables(report_path=str(file), **variables_of(one))
                paths[name] = ["/home/prices.pdf", *([f"/home/{HOSTILE}"] if one.number == 1 else [])]
        links = {
            name: {**data, "paths": paths[name], "ends": ENDS[number % len(ENDS)]}
            for number, (name, data) in enumerate(hosts.items())
        }
        share = {"path": "{{ paths }}", "expires": "{{ ends }}"}
        shared = run(
            place,
            [{"hosts": "all", "gather_facts": False, "tasks": [{"nasops.nas.nas_share": share}]}],
            links,
            "--forks=10",
        )
        assert shared.status == 0, shared.text
        lost: dict[str, dict[str, Any]] = {
            "attic": {"nas_port": closed.getsockname()[1]},
            "barn": {"nas_port": closed.getsockname()[1]},
            "cellar": {"ansible_password": "not-this-one"},
        }
        hosts |= {name: {**hosts["synology-01"], "nas_retries": 0, **more} for name, more in lost.items()}
        done = run(place, ROOT / "playbooks" / "report.yml", hosts, "-e", "nas_hosts=all", "--forks=10")
        assert done.status == 0, done.text
    assert len(hosts) == sum(COUNTS.values()) + len(lost) == 50
    return file


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests."""
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def tab(program: Browser, page: Path) -> Browser:
    """The page, freshly opened on a desk."""
    program.console.clear()
    program.requests.clear()
    program.media()
    program.screen(1280, 900)
    program.open(page.as_uri())
    return program


def shown(tab: Browser, section: str, column: int = 0) -> list[str]:
    """The texts of a column of the rows that are shown."""
    script = f"{CELLS.format(section=section)}.map(row => row.cells[{column}].textContent.trim())"
    found: list[str] = tab.run(script)
    return found


def test_it_opens_without_a_word_and_without_a_request(tab: Browser, page: Path) -> None:
    tree = html.check(page.read_text(encoding="utf-8"))
    assert tab.console == []
    assert tab.requests in ([page.as_uri()], [page.as_uri(), "data:,"])
    assert len(shown(tab, "devices")) == 50
    assert shown(tab, "shares", 1) == [row[1] for row in html.rows(tree, "shares")]
    assert tab.run("document.getElementById('shown').textContent") == (
        "{0} of {0} rows shown".format(sum(len(table.all("tr")) - 1 for table in tree.all("table")))
    )
    assert tab.run("document.images.length") == 0
    assert HOSTILE in tab.run("document.getElementById('links').textContent")


def test_its_policy_lets_nothing_else_run_or_leave(tab: Browser) -> None:
    attempts = {
        "script": "document.body.appendChild(document.createElement('script')).textContent = 'window.mark = 1'",
        "style": "document.body.appendChild(document.createElement('style')).textContent = 'body { color: red }'",
        "image": "document.body.appendChild(new Image()).src = 'http://127.0.0.1:9/x.png'",
        "fetch": "fetch('http://127.0.0.1:9/').catch(() => null)",
    }
    for attempt in attempts.values():
        tab.run(f"void ({attempt})")
    assert tab.run("window.mark === undefined")
    assert tab.run("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
    assert sum("Content Security Policy" in words for words in tab.console) >= len(attempts)


def test_sorting(tab: Browser) -> None:
    for section, column, column_type in (("devices", 0, str), ("shares", 2, float), ("links", 3, str)):
        heading = f"document.querySelectorAll('#{section} thead th')[{column}]"
        before = shown(tab, section, column)
        found = []
        for direction in ("ascending", "descending"):
            tab.run(f"{heading}.querySelector('button').focus()")
            tab.key("Enter", 13)
            assert tab.run(f"{heading}.getAttribute('aria-sort')") == direction
            assert tab.run(f"document.querySelectorAll('#{section} [aria-sort]').length") == 1
            found.append(shown(tab, section, column))
        assert sorted(found[0]) == sorted(before)
        if column_type is float:
            numbers = [float(text.partition(" ")[0]) for text in found[0]]
            assert numbers == sorted(numbers)
            assert len(set(numbers)) > 10
            assert [float(text.partition(" ")[0]) for text in found[1]] == numbers[::-1]
        else:
            assert found[0] == sorted(before)
            assert found[1] == sorted(before, reverse=True)
        # Not every screen reader tells that aria-sort has changed.
        said = tab.run("document.getElementById('shown').textContent")
        assert said.endswith(", descending")
        assert tab.run(f"{heading}.textContent") in said
    assert tab.console == []


def test_what_is_not_reported_comes_last_whichever_way(tab: Browser) -> None:
    columns = tab.run("document.querySelectorAll('#devices thead th').length")
    for column in range(columns):
        for _direction in ("ascending", "descending"):
            tab.run(f"document.querySelectorAll('#devices thead th button')[{column}].click()")
            found = [text in ("", "not reported") for text in shown(tab, "devices", column)]
            assert found == sorted(found), column


def test_a_filter_that_nothing_fits(tab: Browser) -> None:
    tab.run("document.getElementById('words').focus()")
    tab.type("is-nowhere")
    assert tab.run("document.getElementById('shown').textContent").startswith("0 of ")
    captions = "Array.from(document.querySelectorAll('caption')).map(one => one.textContent)"
    assert all(words.endswith(" Shown: none.") for words in tab.run(captions))
    tab.run(
        "document.getElementById('words').value = 'qnap-07';"
        "document.getElementById('words').dispatchEvent(new Event('input'))"
    )
    assert tab.run(captions)[0].endswith(" Shown: 1.")
    # Nothing on paper tells of a filter, so that has every row.
    tab.media("print")
    assert tab.run("Array.from(document.querySelectorAll('tbody tr')).every(row => row.offsetHeight > 0)")
    assert "Shown" not in tab.run("document.querySelector('#devices caption').innerText")


def test_filtering(tab: Browser) -> None:
    tab.run("document.getElementById('words').focus()")
    tab.type("qnap-07")
    assert shown(tab, "devices") == ["qnap-07"]
    assert set(shown(tab, "shares")) == {"qnap-07"}
    count = tab.run("Array.from(document.querySelectorAll('tbody tr')).filter(row => !row.hidden).length")
    assert tab.run("document.getElementById('shown').textContent").startswith(f"{count} of ")
    tab.run(
        "const which = document.getElementById('which'); document.getElementById('words').value = '';"
        "which.value = 'attention'; which.dispatchEvent(new Event('change'))"
    )
    assert shown(tab, "devices") == ["attic", "barn", "cellar"]
    assert all("nearly full" in text for text in shown(tab, "shares", 2))
    # Enter in the field sends nothing and loads nothing.
    before = len(tab.requests)
    tab.run("document.getElementById('words').focus()")
    tab.key("Enter", 13)
    assert len(tab.requests) == before
    assert tab.console == []


def test_on_a_phone(tab: Browser) -> None:
    tab.screen(360, 740, mobile=True)
    wide = (
        "Array.from(document.querySelectorAll('body *:not(.skip)'))"
        ".filter(one => one.getBoundingClientRect().right > 361).map(one => one.outerHTML.slice(0, 200))"
    )
    assert tab.run(wide) == []
    assert tab.run("document.documentElement.scrollWidth") <= 360
    assert tab.run("getComputedStyle(document.querySelector('tbody td')).display") == "grid"
    label = "getComputedStyle(document.querySelectorAll('#devices tbody td')[1], '::before').content"
    assert tab.run(label) == '"Vendor"'
    assert tab.run("Array.from(document.querySelectorAll('th button')).every(one => one.offsetHeight > 0)")


def test_no_width_makes_it_scroll_sideways(tab: Browser) -> None:
    for width in (*range(320, 1281, 40), 768, 833, 834):
        tab.screen(width, 900)
        assert tab.run("document.documentElement.scrollWidth") <= width, width


def test_numbers_with_their_units_stay_in_one_line(tab: Browser) -> None:
    tab.screen(900, 900)
    tab.run("document.querySelector('#shares tbody tr:last-child td bdi').textContent = '/' + 'W'.repeat(255)")
    words = (
        "Array.from(document.querySelectorAll('#shares tbody td[data-sort]:not(:has(svg))')).slice(-3).map(one => {"
        "const range = document.createRange(); range.selectNodeContents(one);"
        "return new Set(Array.from(range.getClientRects()).map(box => box.top)).size})"
    )
    assert tab.run(words) == [1, 1, 1]


def contrasts(tab: Browser) -> list[tuple[float, str]]:
    """The contrast of each piece of text with what is behind it, by the formula of WCAG."""
    found: list[tuple[float, str]] = tab.run(
        """(() => {
          const light = (words) => {
            const parts = words.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
              .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
          };
          const behind = (one) => {
            for (; one; one = one.parentElement) {
              const colour = getComputedStyle(one).backgroundColor;
              if (colour !== "rgba(0, 0, 0, 0)") return colour;
            }
            return "rgb(255, 255, 255)";
          };
          return Array.from(document.querySelectorAll("body *")).filter((one) => Array.from(one.childNodes)
            .some((node) => node.nodeType === 3 && node.textContent.trim()) && one.offsetHeight).map((one) => {
              const pair = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => b - a);
              return [(pair[0] + 0.05) / (pair[1] + 0.05), one.tagName + " " + one.className];
            });
        })()"""
    )
    return found


def test_in_the_dark_and_by_day(tab: Browser) -> None:
    backs = []
    for scheme in ("light", "dark"):
        tab.media(prefers_color_scheme=scheme)
        backs.append(tab.run("getComputedStyle(document.body).backgroundColor"))
        found = contrasts(tab)
        assert len(found) > 500
        assert [one for one in found if one[0] < 4.5] == []
    assert backs == ["rgb(255, 255, 255)", "rgb(20, 23, 26)"]


def test_on_paper(tab: Browser) -> None:
    tab.media("print", prefers_color_scheme="dark")
    assert tab.run("getComputedStyle(document.getElementById('tools')).display") == "none"
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.run("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert tab.run("getComputedStyle(document.querySelector('tbody td')).display") == "table-cell"
    assert [one for one in contrasts(tab) if one[0] < 4.5] == []
    paper = tab.paper()
    assert paper.startswith(b"%PDF-")
    assert 2 <= paper.count(b"/Type /Page\n") <= 30
    # Chromium repeats a table's head on each sheet only if there is no button in it.
    assert tab.run("getComputedStyle(document.querySelector('thead button')).display") == "contents"


def test_read_aloud(tab: Browser) -> None:
    for screen in ((1280, 900, False), (360, 740, True)):
        tab.screen(screen[0], screen[1], mobile=screen[2])
        spoken = tab.spoken()
        roles = [role for role, _name in spoken]
        assert {"main", "banner", "navigation", "search", "status", "contentinfo"} <= set(roles)
        tables = [name for role, name in spoken if role == "table"]
        assert len(tables) == tab.run("document.querySelectorAll('table').length")
        assert all(tables)
        assert not [name for role, name in spoken if role in ("columnheader", "button") and "\u2195" in name]
        assert roles.count("rowheader") == tab.run("document.querySelectorAll('tbody tr').length")
        assert roles.count("columnheader") == tab.run("document.querySelectorAll('thead th').length")
        named = {role: name for role, name in spoken if role in ("searchbox", "combobox")}
        assert named == {"searchbox": "Filter rows", "combobox": "Show"}
        assert "image" not in roles


def test_a_picture_of_it(tab: Browser, tmp_path: Path) -> None:
    file = Path(os.environ.get("REPORT_SCREENSHOT") or tmp_path / "report.png")
    tab.screen(1100, 800)
    tab.run(
        "const which = document.getElementById('which');"
        "which.value = 'attention'; which.dispatchEvent(new Event('change'))"
    )
    tab.picture(file, height=1100)
    with Image.open(file) as picture:
        assert picture.size == (1100, 1100)
        few = picture.convert("RGB").quantize(64)  # a third of the bytes, and nobody sees it
    assert len(few.getcolors() or ()) > 8
    few.save(file, optimize=True)
    assert tab.console == []
