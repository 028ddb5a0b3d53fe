# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks tell of paths that lead nowhere, of options that are missing, and of facts that a device does not give."""

from __future__ import annotations

import pytest

from tests.support.devices import VENDORS
from tests.support.playbooks import play, run

OPTIONAL = {
    "synology": {"call": "SYNO.DSM.Info/getinfo", "times": 0, "do": {"error": 1055}},
    "qnap": {"call": "get_disk_info", "times": 0, "do": {"status": 500}},
    "freebox": {"call": "GET storage/partition/", "times": 0, "do": {"error": "internal_error"}},
}
LINKS = {
    "synology": {"call": "SYNO.FileStation.Sharing/*", "times": 0, "do": {"status": 500}},
    "qnap": {"call": "get_share_list", "times": 0, "do": {"status": 500}},
    "freebox": {"call": "* share_link/*", "times": 0, "do": {"error": "internal_error"}},
}


def one(module, **options):
    return {f"nasops.nas.{module}": options}


@pytest.mark.parametrize("vendor", VENDORS)
def test_paths_that_begin_with_no_share(tmp_path, start, vendor):
    device = start(vendor)
    for name in ("a", "b"):
        (device.root / "home" / name).write_text("kept")
    volume, other = "/volume1/home/a", "/share/CACHEDEV1_DATA/home/a"
    refused = [
        *(one("nas_file", path=path, state="absent") for path in (volume, other)),
        one("nas_folder", path=["/home/x", volume], state="absent"),
        one("nas_share", path=volume, state="absent"),
        one("nas_stat", path=other),
        one("nas_find", paths=[volume]),
        one("nas_fetch", src=other, dest=str(tmp_path / "fetched")),
        one("nas_copy", src="/home/a", dest=volume),
    ]
    gone = [
        one("nas_file", path="/nowhere/x", state="absent"),
        one("nas_folder", path=["/nowhere/x", "/nowhere/y"], state="absent"),
        one("nas_stat", path=["/nowhere/x", "/nowhere/y", "/home/none"]),
    ]
    current = [
        one("nas_file", path="/nowhere/x", content="x", parents=True),
        one("nas_folder", path="/nowhere/x"),
        one("nas_copy", src="/home/a", dest="/nowhere/a"),
    ]
    lists = [
        one("nas_file", path=["/home/a", "/home/none"], content="x"),
        one("nas_file", path=["/home/a", "/home/none"], state="absent"),
    ]
    results = run(
        tmp_path, play(*refused, *gone, *current, *lists, ignore_errors=True), {"it": device.variables()}
    ).results()
    assert len(results) == len(refused) + len(gone) + len(current) + len(lists)
    for result in results[: len(refused)]:
        assert result["failure"]["kind"] == "usage", result
        assert "'/home/a'" in result["failure"]["hint"], result
    for result in results[len(refused) :][: len(gone)]:
        assert not result.get("failed"), result
        assert ["there is no share 'nowhere'" in warning for warning in result["warnings"]] == [True], result
    for result in results[len(refused) + len(gone) :][: len(current)]:
        assert result["failure"]["kind"] == "not_found"
        assert "no share 'nowhere'" in result["msg"]
        # A Freebox has volumes, which are disks.
        assert ("nas_shared_folder" in result["failure"]["hint"]) == (device.vendor != "freebox"), result
    several, removed = results[-2:]
    assert several["failure"]["kind"] == "usage"
    assert "list of files" in several["msg"]
    assert [each["changed"] for each in removed["files"]] == [True, False]
    assert sorted(path.name for path in (device.root / "home").iterdir() if path.is_file()) == ["b"]
    # In check mode an earlier task may make the share.
    device.forget()
    checked = run(tmp_path, play(*current, ignore_errors=True), {"it": device.variables()}, "--check").results()
    for result in checked[:2]:
        assert not result.get("failed"), result
        assert result["changed"]
        assert ["no share 'nowhere'" in warning for warning in result["warnings"]] == [True], result
    assert device.writes() == []


def test_connection_options_that_are_missing_are_named_by_their_variables(tmp_path):
    tasks = play(one("nas_info"), ignore_errors=True)
    hosts = {"it": {"ansible_host": "127.0.0.1"}}
    (result,) = run(tmp_path, tasks, hosts).results()
    assert "nas_vendor" in result["msg"]
    assert "nas_vendor" in result["failure"]["hint"]
    (result,) = run(tmp_path, tasks, {"it": {**hosts["it"], "nas_vendor": "qnap", "nas_port": "http"}}).results()
    assert "nas_port" in result["failure"]["hint"]
    (result,) = run(tmp_path, tasks, {"it": {**hosts["it"], "nas_vendor": "acme"}}).results()
    assert "nas_vendor" in result["failure"]["hint"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_report_survives_what_a_device_fails_at(tmp_path, start, vendor):
    device = start(vendor)
    device.faults(OPTIONAL[vendor], LINKS[vendor])
    tasks = play(
        one("nas_info"), one("nas_info", gather=["all"]), one("nas_info", gather=["share_links"]), ignore_errors=True
    )
    some, every, asked = run(tmp_path, tasks, {"it": device.variables()}).results()
    for result in (some, every):
        assert not result.get("failed"), result
        assert {share["path"] for share in result["shares"]} >= {"/home"}
        assert result["device"]["vendor"] == vendor
        assert any("does not tell" in warning for warning in result["warnings"]), result
    assert "share_links" not in every
    assert any("share_links is left out" in warning for warning in every["warnings"])
    assert asked["failed"]
    assert asked["failure"]["hint"], "a failure that nobody could say more of tells what to do all the same"
    device.faults()
    wrong = {**device.variables(), "ansible_password": "wrong"}
    (result,) = run(tmp_path, play(one("nas_info", gather=["all"]), ignore_errors=True), {"it": wrong}).results()
    assert result["failure"]["kind"] == "authentication"
