# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: listings and replies that cannot be true."""

from __future__ import annotations

import zipfile
from xml.etree import ElementTree

import pytest
import requests

from tests.contract.simulator.qnap.simulated import PASSWORD, Nas, encoded, link, until


@pytest.mark.parametrize("variant", ["same", "new"])
def test_a_listing_without_end(nas: Nas, variant: str) -> None:
    share, folder = nas.share("a", "b", "c")
    nas.faults({"call": "get_list", "times": 0, "do": {"vendor": "endless", "value": variant}})
    start, seen = 0, []
    for _page in range(5):
        page = nas.call("get_list", path=share, start=start, limit=2)
        seen += [row["filename"] for row in page["datas"]]
        start += len(page["datas"])
        assert start < page["total"]
    assert len(set(seen)) == (2 if variant == "same" else 10)
    assert nas.call("get_list", path=share)["total"] > 3
    link(nas, share, "a")
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        archive.writestr("m", "x")
    for func, more in (("search", {"source_path": share, "keyword": "a"}), ("get_share_list", {}),
                       ("get_extract_list", {"extract_file": share + "/z.zip"})):  # fmt: skip
        nas.faults({"call": func, "times": 0, "do": {"vendor": "endless", "value": variant}})
        pages = [nas.call(func, start=start, limit=1, **more) for start in range(3)]
        assert all(page["total"] > start + 1 for start, page in enumerate(pages))
        assert len({page["datas"][0]["filename"] for page in pages}) == (1 if variant == "same" else 3)
    nas.faults()
    assert nas.call("get_list", path=share)["total"] == 4


def test_a_size_that_cannot_be(nas: Nas) -> None:
    share, _folder = nas.share("sub/x", "file")
    nas.faults({"call": "get_list", "do": {"vendor": "bad_size"}},
               {"call": "get_list", "after": 1, "do": {"vendor": "bad_size", "value": "many"}})  # fmt: skip
    sizes = [
        {row["filename"]: row["filesize"] for row in nas.call("get_list", path=share)["datas"]}["file"]
        for _time in range(3)
    ]
    assert sizes == ["-1", "many", "4"]
    nas.faults({"call": "stat", "do": {"vendor": "bad_size"}})
    assert [nas.stat(share, "file")["filesize"] for _time in range(2)] == ["-1", "4"]


def test_half_a_surrogate_pair(nas: Nas) -> None:
    share, folder = nas.share("x", "target/y")
    nas.faults({"call": "copy", "do": {"vendor": "lone_surrogate"}},
               {"call": "get_list", "do": {"vendor": "lone_surrogate", "value": "filename"}})  # fmt: skip
    answer = nas.call("copy", source_path=share, source_file="x", source_total=1, dest_path=share + "/target", mode=0)
    assert answer == {"status": 1, "pid": "\ud800"}
    assert "\ud800" in nas.names(share)
    until((folder / "target/x").exists)


def test_deeply_nested_replies(nas: Nas) -> None:
    depth = 50_000
    nas.faults({"call": "authLogin.cgi", "do": {"vendor": "nested", "value": depth}},
               {"call": "get_list", "do": {"vendor": "nested", "value": depth}})  # fmt: skip
    fields = {"user": "admin", "pwd": encoded(PASSWORD), "serviceKey": "1"}
    page = requests.post(f"{nas.cgi}/authLogin.cgi", data=fields, timeout=30)
    assert page.headers["Content-Type"] == "text/xml"
    depths = []
    parser = ElementTree.XMLPullParser(["start", "end"])
    parser.feed(page.content)
    level = 0
    for event, element in parser.read_events():
        level += 1 if event == "start" else -1
        depths.append(level)
        element.clear()
    assert (max(depths), level) == (depth + 1, 0)
    assert nas.raw("get_list", path="/").content.count(b"[") == depth
