# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_stat and nas_info: they tell what is there, and change nothing."""

from __future__ import annotations

import hashlib
import os

import pytest

from tests.support.devices import VENDORS, devices
from tests.support.playbooks import play, run
from tests.support.tls import fingerprint_of

STATS = {"synology": "SYNO.FileStation.List/getinfo", "qnap": "stat", "freebox": "POST fs/info"}


def stat(*paths, **options):
    return {"nasops.nas.nas_stat": {"path": list(paths), **options}}


def info(**options):
    return {"nasops.nas.nas_info": options}


def tolerant(*tasks):
    return play(*({**task, "ignore_errors": True} for task in tasks))


def test_many_paths(tmp_path, one):
    hosts = {"it": one.variables()}
    place = one.root / "home" / "stat"
    (place / "folder" / "sub").mkdir(parents=True)
    (place / "folder" / "sub" / "file").write_text("12345")
    (place / "2024").write_text("abc")
    (place / "é").write_text("")
    os.utime(place / "2024", (1000, 1000))
    many = [f"/home/stat/folder/{number}" for number in range(100)]
    paths = ["/home/stat/2024", "/home/stat/folder/", "/home/stat/é", "/home/stat/none", "/home", "/none/x", "/none"]
    tasks = play(stat(*paths), stat("/home/stat/2024", "/home/stat/folder", "/home/stat/none", checksum=True))
    outcome = run(tmp_path, tasks, hosts, "--check")
    assert outcome.changed == {"it": 0}, outcome.text
    first, second = outcome.results()
    reported = {entry["path"]: entry for entry in first["entries"]}
    assert list(reported) == [path.rstrip("/") for path in paths]
    assert (reported["/home/stat/2024"]["type"], reported["/home/stat/2024"]["size"]) == ("file", 3)
    assert reported["/home/stat/2024"]["mtime"] == 1000
    assert reported["/home/stat/folder"]["type"] == "folder"
    assert reported["/home/stat/folder"]["size"] is None
    assert reported["/home/stat/é"]["size"] == 0
    assert reported["/home"]["type"] == "folder"
    for path in ("/home/stat/none", "/none/x", "/none"):
        assert not reported[path]["exists"]
        assert reported[path]["type"] is None
    assert "checksum" not in reported["/home/stat/2024"]
    algorithm = "sha256" if one.vendor == "freebox" else "md5"
    digest = hashlib.new(algorithm, b"abc").hexdigest()
    sums = [entry["checksum"] for entry in second["entries"]]
    assert sums == [f"{algorithm}:{digest}", None, None]
    one.forget()
    assert run(tmp_path, play(stat(*many)), hosts).changed == {"it": 0}
    assert len(one.calls(STATS[one.vendor])) == 1
    assert len(one.log()) <= (4 if one.vendor == "synology" else 110)
    assert one.writes() == []


def test_folder_sizes_and_rights(tmp_path, one):
    hosts = {"it": one.variables()}
    place = one.root / "home" / "sizes"
    (place / "sub" / "deep").mkdir(parents=True)
    (place / "sub" / "a").write_text("12345")
    (place / "sub" / "deep" / "b").write_text("123")
    locked = place / "locked"
    locked.mkdir(mode=0o555)
    paths = ("/home/sizes", "/home/sizes/sub/a", "/home/sizes/none", "/home/sizes/locked", "/home/sizes/none/x")
    sized = stat(*paths, folder_size=True)
    writable = stat(*paths, "/home", writable=True)
    first, second = run(tmp_path, tolerant(sized, writable), hosts).results()
    rights = [entry["writable"] for entry in second["entries"]]
    contents = [entry["content"] for entry in first["entries"]]
    assert contents[0] == {"folders": 3, "files": 2, "size": 8}
    assert contents[1:3] == [None, None]
    assert contents[3] == {"folders": 0, "files": 0, "size": 0}
    assert rights == ([None] * 6 if one.vendor == "freebox" else [True, True, True, False, None, True])
    assert one.writes() == []


def test_bad_options_end_before_any_call(tmp_path, nas):
    wrong = {
        "option path": stat("home/x"),
        "option checksum": stat("/home/x", checksum="crc32"),
        "Offered by: freebox": stat("/home/x", checksum="sha256"),
        "Offered by: qnap": info(gather=["device", "container_station"]),
        "synology: this NAS does not offer network. Offered by: qnap": info(gather=["network"]),
        "synology: this NAS does not offer ports. Offered by: qnap": info(ports=[{"port": 80}]),
        "container_networks": info(gather=["everything"]),
    }
    results = run(tmp_path, tolerant(*wrong.values()), {"it": nas["synology"].variables()}).results()
    for words, result in zip(wrong, results, strict=True):
        assert result["failed"]
        assert words in result["msg"]
    (bad_port,) = run(tmp_path, play(info(ports=[{"port": 70000}])), {"it": nas["qnap"].variables()}).results()
    assert "option ports: 70000" in bad_port["msg"]
    assert nas["synology"].log() == nas["qnap"].log() == []


def test_all_that_a_device_tells(tmp_path, one):
    hosts = {"it": {**one.variables(), "secret": "open sesame"}}
    (one.root / "home" / "told").write_text("x")
    link = {"path": ["/home/told"]}
    if one.vendor != "freebox":
        link["link_password"] = "{{ secret }}"
    assert run(tmp_path, play({"nasops.nas.nas_share": link}), hosts).status == 0
    one.forget()
    outcome = run(tmp_path, play(info(gather=["all"]), info(gather=["share_links"])), hosts, "-vvv")
    assert outcome.status == 0, outcome.text
    reported, links = outcome.results()
    assert "sesame" not in outcome.text
    assert reported["device"]["vendor"] == one.vendor
    assert {share["path"] for share in reported["shares"]} >= {"/home", "/public"}
    for share in reported["shares"]:
        assert share["used"] == share["total"] - share["free"]
        assert share["percent_used"] == pytest.approx(100 * share["used"] / share["total"], abs=0.05)
    (mine,) = [link for link in links["share_links"] if link["path"] == "/home/told"]
    assert mine["url"].startswith("http")
    assert "password" not in mine
    assert ("tasks" in reported) is (one.vendor != "qnap")
    assert "shares" not in links
    own = {
        "freebox": set(),
        "synology": {"mounts"},
        "qnap": {"network", "container_station", "container_resources", "container_networks"},
    }
    assert own[one.vendor] <= set(reported)
    assert not (set().union(*own.values()) - own[one.vendor]) & set(reported)
    assert one.writes() == []


def test_the_certificate_that_a_device_shows(tmp_path, nas, certificate):
    """By every task as the options say; of a device whose certificate is refused, all else is not told either."""
    ours = fingerprint_of(certificate[0])
    place = tmp_path / "tls"
    place.mkdir()
    with devices(VENDORS, place, tls=certificate) as secure:
        hosts = {vendor: device.variables() for vendor, device in secure.items()}
        hosts["pinned"] = {**hosts["qnap"], "nas_ca_path": None, "nas_fingerprint": ours, "ansible_password": "wrong"}
        hosts["refused"] = {**hosts["qnap"], "nas_ca_path": None}
        hosts["plain"] = nas["qnap"].variables()
        for words in ((), ("--check",)):
            outcome = run(tmp_path, tolerant(info(gather=["https_certificate"])), hosts, *words)
            for name in hosts:
                (reported,) = outcome.results(name)
                if name == "refused":
                    assert (reported["failed"], reported["failure"]["kind"]) == (True, "certificate")
                    continue
                found = reported["https_certificate"]
                if name == "plain":
                    assert found is None
                    continue
                assert (found["names"], found["fingerprint"], found["days_left"]) == (["127.0.0.1"], ours, 1)
                assert found["subject"] == found["issuer"] == {"commonName": "simulated device"}
                assert found["not_after_iso"].startswith("20")
        assert [entry for device in (*secure.values(), nas["qnap"]) for entry in device.log()] == []
        everything = run(tmp_path, play(info(gather=["all"])), {"it": hosts["synology"]})
        assert everything.results()[0]["https_certificate"]["fingerprint"] == ours


def test_mounts_and_ports(tmp_path, start):
    nas = start("synology", arguments=["--vendor-opt", "mounts=cifs:/home/remote"])
    (nas.root / "home" / "remote").mkdir()
    (reported,) = run(tmp_path, play(info(gather=["mounts"])), {"it": nas.variables()}).results()
    assert [(mount["path"], mount["type"]) for mount in reported["mounts"]] == [("/home/remote", "cifs")]
    nas = start("qnap", arguments=["--vendor-opt", "ports_used=tcp/80,udp/53"])
    ports = [{"port": 80}, {"port": 80, "protocol": "udp"}, {"port": 53, "protocol": "udp"}]
    (reported,) = run(tmp_path, play(info(ports=ports, gather=[])), {"it": nas.variables()}).results()
    assert [port["used"] for port in reported["ports"]] == [True, False, True]
    assert "device" not in reported


def test_a_qnap_without_container_station(tmp_path, start):
    nas = start("qnap", arguments=["--vendor-opt", "container_station=off"])
    tasks = tolerant(info(gather=["all"]), info(gather=["container_station"]))
    everything, named = run(tmp_path, tasks, {"it": nas.variables()}).results()
    assert everything["network"]
    assert "container_station" not in everything
    assert named["failure"]["kind"] == "unsupported"


@pytest.mark.parametrize("one", ["synology"], indirect=True)
def test_a_path_closed_to_the_user_is_an_error(tmp_path, one, start):
    nas = start("synology", arguments=["--vendor-opt", "denied=public"])
    (failed,) = run(tmp_path, play(stat("/home", "/public/x")), {"it": nas.variables()}).results()
    assert failed["failure"]["kind"] == "permission_denied"


@pytest.mark.parametrize("one", ["synology"], indirect=True)
def test_what_takes_too_long_is_stopped(tmp_path, one):
    place = one.root / "home" / "slow"
    place.mkdir()
    (place / "file").write_text("x")
    one.faults(*({"call": f"SYNO.FileStation.{api}/start", "do": "stall_task"} for api in ("MD5", "DirSize")))
    tasks = tolerant(
        stat("/home/slow/file", checksum=True, wait_timeout=1), stat("/home/slow", folder_size=True, wait_timeout=1)
    )
    results = run(tmp_path, tasks, {"it": one.variables()}).results()
    assert [result["failure"]["kind"] for result in results] == ["timeout", "timeout"]
    assert one.calls("SYNO.FileStation.MD5/stop")
    assert one.calls("SYNO.FileStation.DirSize/stop")
