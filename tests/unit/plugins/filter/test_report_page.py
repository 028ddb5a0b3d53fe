# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the role report, from what was read of the hosts."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.nasops.nas.plugins.filter.report_page import report_page
from ansible_collections.nasops.nas.plugins.plugin_utils import _report
from ansible_collections.nasops.nas.plugins.plugin_utils._report import Limits
from ansible_collections.nasops.nas.tests.support import html

ROOT = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
TEMPLATES = ROOT / "roles" / "report" / "templates"
TODAY = date(2026, 5, 4)
HOSTILE = (
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- ",
    "&lt;b&gt; &amp;",
    "]]>",
    "a\u202eb\u200f",
    "<style>*{display:none}</style>",
    "javascript:alert(1)",
    "é 😀",
)


def at(day, hour=12):
    return int(datetime(2026, 5, day, hour, tzinfo=timezone.utc).timestamp())


def link(**more):
    return {"path": "/home/a", "expires": 0, "valid": True, "has_password": None, "owner": None, **more}


def made(hosts, **limits):
    return _report.page(hosts, TEMPLATES, "The <fleet>", Limits(TODAY, **limits))


def of(hosts, section, **limits):
    return html.rows(html.check(made(hosts, **limits)), section)


def info(**more):
    return {"box": {"info": {"changed": False, **more}}}


def everywhere(text):
    """A device that says a text wherever it can, with hosts of that name."""
    device = dict.fromkeys(("vendor", "model", "version", "hostname"), text)
    reported = {
        "device": device,
        "warnings": [text, text],
        "shares": [{"path": text, "total": 10, "free": 5}],
        "volumes": [{"name": text, "status": text, "file_system": text, "raid": text, "total": text, "free": text}],
        "https_certificate": {"names": [text], "subject": {"commonName": text}, "not_after_iso": text},
        "disks": [{"name": text, "health": text, "model": text, "temperature": text}],
        "update": {"available": True, "version": text},
        "users": [{"name": text, "description": text, "expires": text}],
        "share_links": [link(path=text, owner=text, url=text)],
        "tasks": [{"id": text, "kind": text, "state": "running", "path": text, "done": text, "total": text}],
    }
    folders = {"changed": True, "created": [text], "deleted": [text]}
    files = {"results": [{"changed": True, "invocation": {"module_args": {"path": text}}}]}
    return {
        text: {
            "info": reported,
            "certificate": {"end_date": text, "domain_names": [text]},
            "drift": {"provision_folders_result": folders, "provision_files_result": files, text: folders},
            "drift_failed": {"failed": True, "msg": text},
        },
        f"{text} gone": {"info": {"unreachable": True, "msg": text, "failure": {"hint": text}}},
        f"{text} no": {
            "info": {"failed": True, "msg": text, "device": device},
            "certificate": {"failed": True, "msg": text},
        },
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_device_says_is_text(text):
    plain = html.check(made(everywhere("plain")))
    tree = html.check(made(everywhere(text)))
    shape = [(one.tag, sorted(one.attributes)) for one in plain.walk()]
    assert [(one.tag, sorted(one.attributes)) for one in tree.walk()] == shape
    seen = " ".join(text.split())
    assert tree.by_id("shares").text.count(seen) == plain.by_id("shares").text.count("plain") > 0
    assert tree.by_id("devices").text.count(seen) >= 8


def test_what_html_cannot_hold_is_replaced():
    page = made(info(shares=[{"path": "/a\x00b\x1b[31m\ud800c\ufffe\nd"}]))
    page.encode()
    assert html.rows(html.check(page), "shares")[0][1] == "/a\ufffdb\ufffd[31m\ufffdc\ufffd\ufffdd"


def test_the_policy_names_the_page_s_own_script_and_style():
    page = made({})
    tree = html.check(page)
    assert tree.all("title")[0].text == "The <fleet>, 2026-05-04"
    for tag in ("script", "style"):
        (own,) = tree.all(tag)
        text = "".join(own.pieces())
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.replace("&#39;", "'")
        assert "http" not in text
        assert "url(" not in text
        assert "innerHTML" not in text
        assert f"</{tag}" not in text


def test_how_a_host_is():
    hosts = {
        "good": info(device={"vendor": "qnap", "model": "TS-453D", "version": "5.2", "hostname": "good"})["box"],
        "gaps": info(warnings=["tasks is left out: refused"])["box"],
        "bad": {"info": {"failed": True, "msg": "no such user", "failure": {"hint": "Check ansible_user"}}},
        "gone": {"info": {"unreachable": True, "msg": "refused. Check host", "failure": {"hint": "Check host"}}},
        "never": {},
    }
    assert of(hosts, "devices") == [
        ["good", "read", "qnap", "TS-453D", "5.2", "not reported", ""],
        ["gaps", "read, with gaps", *["not reported"] * 4, "tasks is left out: refused"],
        ["bad", "failed", *["not reported"] * 4, "no such user Check ansible_user"],
        ["gone", "unreachable", *["not reported"] * 4, "refused. Check host"],
        ["never", "not read", *["not reported"] * 4, "The run did not come to this host, or it was left out before."],
    ]


@pytest.mark.parametrize(
    ("reported", "word"),
    [
        ({}, "not reported"),
        ({"update": None}, "none"),
        ({"update": {}}, "none"),
        ({"update": {"available": False, "version": "5.2"}}, "none"),
        ({"update": {"available": True, "version": "5.2"}}, "5.2"),
        ({"update": {"available": True}}, "on offer"),
        ({"update": {"available": None}}, "not reported"),
        ({"update": {"version": "5.2"}}, "5.2"),
        ({"update": "5.2"}, "5.2"),
    ],
)
def test_an_update_on_offer(reported, word):
    assert of(info(**reported), "devices")[0][5] == word


def test_how_full_shares_are():
    shares = [
        {"path": "/a", "total": 4000, "free": 3000, "used": 1000, "percent_used": 25.0},
        {"path": "/b", "total": 10**12, "free": 10**11},
        {"path": "/c", "total": None, "free": 5},
        {"path": "/d", "total": 0, "free": 0},
        {"path": "/e", "total": 5, "free": 9},
        {"path": "/f", "total": 1000, "free": 0},
        {"path": "/g", "total": 1000, "used": -10},
    ]
    page = html.check(made(info(shares=shares)))
    assert html.rows(page, "shares") == [
        ["box", "/a", "25 %", "1.0 kB", "3.0 kB", "4.0 kB"],
        ["box", "/b", "90 % nearly full", "900 GB", "100 GB", "1.0 TB"],
        ["box", "/c", "not reported", "not reported", "5 B", "not reported"],
        ["box", "/d", "not reported", "0 B", "0 B", "0 B"],
        ["box", "/e", "0 %", "0 B", "9 B", "5 B"],
        ["box", "/f", "100 % full", "1.0 kB", "0 B", "1.0 kB"],
        ["box", "/g", "0 %", "-10 B", "not reported", "1.0 kB"],
    ]
    bars = [one.attributes["width"] for one in page.all("rect") if one.attributes["class"] == "used"]
    assert bars == ["25.0", "90.0", "0.0", "100.0", "0.0"]
    assert "90 % nearly full" not in made(info(shares=shares), full_percent=90.1)


@pytest.mark.parametrize(
    ("reported", "words", "sort"),
    [
        (0, "0 B", 0),
        (999, "999 B", 999),
        (1000, "1.0 kB", 1000),
        (99_940, "99.9 kB", 99_900),
        (123_456_789, "123 MB", 123_000_000),
        (999_999_995_904, "1.0 TB", 10**12),
        ("13429160144896", "13.4 TB", 13_400_000_000_000),
        (9 * 10**18, "9000 PB", 9 * 10**18),
        (None, "not reported", None),
        ("much", "not reported", None),
        (True, "not reported", None),
        (float("inf"), "not reported", None),
    ],
)
def test_sizes(reported, words, sort):
    cell = _report.size(reported)
    assert (cell.text, cell.sort) == (words, sort)


def test_a_few_bytes_more_make_no_other_page():
    one, other = ({"path": "/a", "total": 10**12, "free": 5 * 10**11 + more} for more in (0, 10**7))
    assert made(info(shares=[one])) == made(info(shares=[other]))


def test_volumes_and_disks():
    assert "Volumes" not in made(info())
    volumes = [
        {"name": "volume1", "status": "normal", "total": 1000, "free": 10, "file_system": "btrfs", "raid": "shr"},
        {"path": "/volume2", "status": "degraded", "total": "1000", "free": "900", "fs_type": "ext4"},
    ]
    disks = [
        {"name": "Disk 1", "health": "normal", "temperature": 38, "total": 4 * 10**12, "model": "WD40"},
        {"name": "Disk 2", "status": "normal", "smart": "failing"},
        {"name": "Disk 3"},
    ]
    hosts = info(volumes=volumes, disks=disks)
    assert of(hosts, "volumes") == [
        ["box", "volume1", "normal", "99 % nearly full", "990 B", "10 B", "1.0 kB", "btrfs", "shr"],
        ["box", "/volume2", "degraded", "10 %", "100 B", "900 B", "1.0 kB", "ext4", "not reported"],
    ]
    assert of(hosts, "disks") == [
        ["box", "Disk 1", "normal", "38 °C", "4.0 TB", "WD40"],
        ["box", "Disk 2", "failing", "not reported", "not reported", "not reported"],
        ["box", "Disk 3", "not reported", "not reported", "not reported", "not reported"],
    ]


def test_links_that_end_soon_never_or_have_ended():
    links = [
        link(path="/never", has_password=True, owner="joe"),
        link(path="/today", expires=at(4, 23)),
        link(path="/tomorrow", expires=at(5)),
        link(path="/soon", expires=at(18)),
        link(path="/later", expires=at(19)),
        link(path="/ended", expires=at(2), valid=False),
        link(path="/gone", valid=False),
        link(path="/gone-later", expires=at(30), valid=False),
        link(path="/far", expires=2**62),
    ]
    page = html.check(made(info(share_links=links)))
    assert [row[1:] for row in html.rows(page, "links")] == [
        ["/never", "never ends", "never", "yes", "joe"],
        ["/today", "ends today", "2026-05-04", "not reported", "not reported"],
        ["/tomorrow", "ends tomorrow", "2026-05-05", "not reported", "not reported"],
        ["/soon", "14 days left", "2026-05-18", "not reported", "not reported"],
        ["/ended", "has ended", "2026-05-02", "not reported", "not reported"],
        ["/gone", "leads to nothing", "never", "not reported", "not reported"],
        ["/gone-later", "leads to nothing", "2026-05-30", "not reported", "not reported"],
    ]
    assert "links that end later (2)" in page.by_id("links").text


def test_the_certificate_of_a_device_itself():
    shown = {
        "names": ["nas.example", "192.0.2.1"],
        "not_after_iso": "2026-05-14T03:02:01Z",
        "subject": {"commonName": "x"},
    }

    def rows(**more):
        return of(info(device={}, https_certificate={**shown, **more}), "certificates")

    assert rows() == [["box", "https", "nas.example, 192.0.2.1", "10 days left", "2026-05-14"]]
    assert rows(names=[])[0][2] == "x"
    assert rows(names=[], subject={})[0][2] == "not reported"
    assert rows(not_after_iso=None)[0][3:] == ["not reported", "not reported"]
    assert of(info(device={}, https_certificate=None), "certificates") == []
    both = {
        "box": {"info": {"https_certificate": shown}, "certificate": {"end_date": "2026-05-03", "domain_names": []}}
    }
    assert [row[1] for row in of(both, "certificates")] == ["https", "Container Station"]


def test_certificates():
    def one(**more):
        return {"box": {"info": {"device": {}}, "certificate": more}}

    good = {"end_date": "2026-06-04", "domain_names": ["a.example", "192.0.2.1"]}
    assert of(one(**good), "certificates") == [
        ["box", "Container Station", "a.example, 192.0.2.1", "31 days left", "2026-06-04"]
    ]
    assert of(one(end_date="2026-05-03"), "certificates")[0][3] == "ended 1 day ago"
    assert of(one(end_date="2026-05-01"), "certificates")[0][3] == "ended 3 days ago"
    assert of(one(failed=True, msg="refused"), "certificates")[0][3] == "not read refused"
    assert of(one(skipped=True), "certificates") == []
    for days, level in ((31, "warn"), (30, "ok")):
        page = html.check(made(one(**good), certificate_days=days))
        (badge,) = page.by_id("certificates").all("span")
        assert badge.attributes["class"] == f"badge {level}"


def test_running_jobs():
    jobs = [
        {"kind": "copy", "state": "running", "path": "/a", "done": 1, "total": 3, "eta": 65},
        {"kind": "move", "state": "queued", "eta": 3700},
        {"kind": "copy", "state": "finished", "path": "/b"},
    ]
    page = html.check(made({**info(tasks=jobs), "other": {"info": {"device": {}}}}))
    assert html.rows(page, "jobs") == [
        ["box", "copy", "/a", "running", "33.3 %", "1 min 05 s"],
        ["box", "move", "not reported", "queued", "not reported", "1 h 01 min"],
    ]
    assert "Devices that do not tell their jobs: 1." in page.by_id("jobs").text


def test_drift():
    def result(**more):
        return {"changed": True, **more}

    def args(**options):
        return {"invocation": {"module_args": options}}

    drift = {
        "provision_folders_result": result(created=["/home/a", "/home/b"]),
        "provision_files_result": {
            "changed": True,
            "results": [
                result(**args(path="/home/f", state="present")),
                result(**args(path=["/home/g", "/home/h"], state="absent")),
                {"changed": False, **args(path="/home/same")},
                {"failed": True, "msg": "no\nsuch share"},
            ],
        },
        "provision_links_result": result(results=[result(deleted=[{"path": "/home/l", "id": "1"}])]),
        "provision_archives_result": {"skipped": True, "changed": False},
    }
    hosts = {
        "box": {"info": {"device": {}}, "drift": drift, "drift_failed": {"failed": True, "msg": "no such share"}},
        "same": {"info": {"device": {}}, "drift": {"provision_files_result": {"changed": False, "results": []}}},
        "free": {"info": {"device": {}}},
        "gone": {"info": {"unreachable": True}},
    }
    page = html.check(made(hosts))
    assert [row[1:] for row in html.rows(page, "drift")] == [
        ["folders", "/home/a", "would be made"],
        ["folders", "/home/b", "would be made"],
        ["files", "/home/f", "would be made or changed"],
        ["files", "/home/g", "would be removed"],
        ["files", "/home/h", "would be removed"],
        ["links", "/home/l", "would be removed"],
        ["check failed", "", "no such share"],
    ]
    text = page.by_id("drift").text
    assert "as declared: 1." in text
    assert "nothing is declared: 1." in text


def test_a_state_that_is_a_number_is_neither_good_nor_bad():
    page = html.check(made(info(volumes=[{"name": "a", "status": "0"}], disks=[{"name": "b", "health": "-1"}])))
    assert (html.rows(page, "volumes")[0][2], html.rows(page, "disks")[0][2]) == ("0", "-1")
    tiles = [one.text for one in page.all("nav")[0].all("a")]
    assert {"0 volumes to look at", "0 disks to look at"} <= set(tiles)


def test_accounts_say_whether_they_end():
    users = [
        {"name": "joe", "disabled": False, "expires": None, "description": "cook"},
        {"name": "ann", "disabled": True, "expires": "2026-12-31"},
        {"name": "bob", "expires": at(9)},
        {"name": "eve", "disabled": None, "expires": None},
        {"name": "sue", "disabled": False, "expires": TODAY.isoformat()},
        {"name": "tom", "disabled": False, "expires": "2026-05-03"},
        {"name": "may", "disabled": False, "expires": "some day"},
    ]
    assert [row[1:] for row in of(info(users=users), "accounts")] == [
        ["joe", "enabled, without an end", "never", "cook"],
        ["ann", "disabled", "2026-12-31", "not reported"],
        ["bob", "enabled", "2026-05-09", "not reported"],
        ["eve", "not reported", "not reported", "not reported"],
        ["sue", "enabled", "2026-05-04", "not reported"],
        ["tom", "has ended", "2026-05-03", "not reported"],
        ["may", "enabled", "some day", "not reported"],
    ]
    # By number like "never", which is the last of them.
    cells = [
        one.all("td")[2] for one in html.check(made(info(users=users))).by_id("accounts").all("tbody")[0].all("tr")
    ]
    order = {cell.text: float(cell.attributes["data-sort"]) for cell in cells if "data-sort" in cell.attributes}
    assert sorted(order, key=order.__getitem__) == ["2026-05-03", "2026-05-04", "2026-05-09", "2026-12-31", "never"]
    tiles = html.check(made(info(users=users))).all("nav")[0].all("a")
    assert ("1 account without an end", "#accounts") in [(one.text, one.attributes["href"]) for one in tiles]


def test_the_numbers_at_the_top_lead_to_their_rows():
    hosts = {**info(share_links=[link()], shares=[{"path": "/a", "total": 100, "free": 1}]), "gone": {}}
    page = html.check(made(hosts))
    (nav,) = page.all("nav")
    assert [(tile.text, tile.attributes["href"]) for tile in nav.all("a")] == [
        ("2 devices", "#devices"),
        ("1 device not read", "#devices"),
        ("1 link to look at", "#links"),
        ("1 share nearly full", "#shares"),
    ]
    marked = [row for row in page.all("tr") if "data-attention" in row.attributes]
    assert len(marked) == 3


def test_what_nobody_reported_is_not_said_to_be_well():
    unasked = html.check(made(info()))
    assert [tile.text for tile in unasked.all("nav")[0].all("a")] == ["1 device", "0 devices not read"]
    for section in ("shares", "links", "certificates", "jobs", "drift"):
        assert "No device reported this, or none was asked." in unasked.by_id(section).text
    unknown = html.check(made(info(update={"available": None})))
    assert [tile.text for tile in unknown.all("nav")[0].all("a")] == ["1 device", "0 devices not read"]
    hosts = info(shares=[], share_links=[], tasks=[], update=None, volumes=[], disks=[])
    hosts["box"]["drift"] = {"provision_files_result": {"changed": False}}
    asked = html.check(made(hosts))
    assert [tile.text for tile in asked.all("nav")[0].all("a")] == [
        "1 device",
        "0 devices not read",
        "0 updates on offer",
        "0 links to look at",
        "0 shares nearly full",
        "0 running jobs",
        "0 changes due",
    ]
    assert "No share link has ended, ends soon or has no end." in asked.by_id("links").text


def test_addresses_and_passwords_of_links_are_not_on_the_page():
    page = made(info(share_links=[link(url="https://nas/secret-address", qr_code="data:secret", id="secret-id")]))
    assert "secret" not in page


def test_the_filter():
    hosts = json.loads(json.dumps(everywhere("plain")))
    page = report_page(hosts, str(TEMPLATES), "2026-05-04", title="The <fleet>")
    assert page == made(hosts)
    with pytest.raises(AnsibleFilterError, match="today is 'soon'"):
        report_page(hosts, str(TEMPLATES), "soon")
