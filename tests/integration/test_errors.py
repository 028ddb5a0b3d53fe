# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong ends in a clear error, before anything is written, and nothing is lost."""

from __future__ import annotations

import datetime
import json
import os
import socket

import pytest

from tests.support.devices import SESSION_CALLS, VENDORS
from tests.support.playbooks import file, folder, play, run

UPLOADS = {
    "synology": "SYNO.FileStation.Upload/upload",
    "qnap": "upload",
    "freebox": "*upload*",
}
ALL_STATS = {"synology": "SYNO.FileStation.List/*", "qnap": "[sg][te][at]*", "freebox": "*fs/*"}
STATS = {"synology": "SYNO.FileStation.List/getinfo", "qnap": "stat", "freebox": "GET fs/*"}


def fail(tmp_path, device, *tasks, variables=None, arguments=()):
    """Run a play that must fail, and return the failed result."""
    outcome = run(tmp_path, play(*tasks), {"it": {**device.variables(), **(variables or {})}}, *arguments)
    assert outcome.status != 0, (outcome.text, [entry["call"] for entry in device.log()])
    (failed,) = [result for result in outcome.results() if result.get("failed")]
    assert "Traceback" not in outcome.text
    return failed


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (file(path="home/x", content="x"), ["option path", "'home/x'", "slash"]),
        (file(path="/home/../x", content="x"), ["option path", ".."]),
        (file(path="/home/a\0b", content="x"), ["option path", "NUL"]),
        (file(path="/home/x/", content="x"), ["option path", "empty name"]),
        (file(path="/home", content="x"), ["option path", "share"]),
        (file(path="/home", state="absent"), ["option path", "share"]),
        (folder(path=["/home/ok", "oops"]), ["option path", "'oops'"]),
        (folder(path="/home", state="absent", recursive=True), ["option path", "share", "never removed"]),
        (file(path="/home/x", src="no-such-file"), ["option src", "no-such-file"]),
        (file(path="/home/x", src="x", content="x"), ["mutually exclusive", "src"]),
        (file(path="/home/x"), ["src", "content"]),
        (file(path="/home/x", content="x", checksum="md5:" + "0" * 32), ["md5", "Nothing was sent"]),
        (file(path="/home/x", content="x", checksum="wat"), ["option checksum", "'wat'"]),
        (file(path="/home/x", content="x", mtime="soon"), ["option mtime", "'soon'"]),
        (file(path="/home/x", content="x", mtime="preserve"), ["option mtime", "src"]),
    ],
)
@pytest.mark.parametrize("check", [(), ("--check",)])
def test_bad_options_cost_no_call(tmp_path, nas, task, words, check):
    failed = fail(tmp_path, nas["qnap"], task, arguments=check)
    for word in words:
        assert word in failed["msg"]
    assert nas["qnap"].log() == []


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_what_is_in_the_way(tmp_path, one, check):
    home = one.root / "home" / f"in-the-way{len(check)}"
    (home / "folder").mkdir(parents=True)
    (home / "folder" / "file").write_text("kept")
    path = f"/home/{home.name}"
    cases = [
        (file(path=f"{path}/folder", content="x"), "wrong_type"),
        (file(path=f"{path}/folder", state="absent"), "wrong_type"),
        (file(path=f"{path}/folder", state="touch"), "wrong_type"),
        (folder(path=f"{path}/folder/file"), "wrong_type"),
        (folder(path=f"{path}/folder/file", state="absent"), "wrong_type"),
        (folder(path=f"{path}/folder/file/below"), "wrong_type"),
        (file(path=f"{path}/folder/file/below", content="x", parents=True), "wrong_type"),
        (folder(path=[f"{path}/other", f"{path}/folder"], state="absent"), "not_empty"),
    ]
    if not check:  # where an earlier task may make them
        cases += [
            (file(path=f"{path}/none/x", content="x"), "not_found"),
            (folder(path="/nosuchshare/x"), "not_found"),
            (file(path="/nosuchshare/x/y", content="x", parents=True), "not_found"),
        ]
    tasks = [{**task, "ignore_errors": True} for task, _kind in cases]
    outcome = run(tmp_path, play(*tasks), {"it": one.variables()}, *check)
    assert "Traceback" not in outcome.text
    for (task, kind), failed in zip(cases, outcome.results(), strict=True):
        assert failed["failure"]["kind"] == kind, (task, failed)
        assert failed["failure"]["path"]
        assert failed["msg"]
    assert one.writes() == []
    assert (home / "folder" / "file").read_text() == "kept"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_wrong_password_is_tried_once(tmp_path, start, vendor):
    device = start(vendor)
    tasks = [{**folder(path="/home/x"), "ignore_errors": True} for _number in range(4)]
    outcome = run(tmp_path, play(*tasks), {"it": device.variables(ansible_password="wrong-s3cret")}, "-vvvv")
    assert [result["failure"]["kind"] for result in outcome.results()] == ["authentication"] * 4
    assert len(device.calls_of("login")) == 1
    assert device.writes() == []
    assert "wrong-s3cret" not in outcome.text


@pytest.mark.parametrize("vendor", ["synology", "qnap"])
def test_a_one_time_code_is_asked_for_once(tmp_path, start, vendor):
    device = start(vendor, arguments=("--otp-code", "123456"))
    failed = fail(tmp_path, device, folder(path="/home/x"))
    assert failed["failure"]["kind"] == "otp_required"
    assert "otp_code" in failed["failure"]["hint"]
    assert len(device.calls_of("login")) == 1
    device.forget()
    outcome = run(
        tmp_path, play(folder(path="/home/x"), folder(path="/home/y")), {"it": device.variables(nas_otp_code="123456")}
    )
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"it": 2}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_certificate_that_nobody_signed(tmp_path, start, vendor, certificate):
    device = start(vendor, tls=certificate)
    failed = fail(tmp_path, device, folder(path="/home/x"), variables={"nas_ca_path": None})
    assert failed["failure"]["kind"] == "certificate"
    assert "ca_path" in failed["msg"]
    assert device.log() == []
    for trust in ({}, {"nas_ca_path": None, "nas_validate_certs": False}):
        outcome = run(tmp_path, play(folder(path="/home/x")), {"it": device.variables(**trust)})
        assert outcome.status == 0, outcome.text
        assert "InsecureRequestWarning" not in outcome.text


def test_plain_http_to_a_device_that_wants_https(tmp_path, start):
    device = start("qnap", arguments=("--vendor-opt", "force_https=8181"))
    failed = fail(tmp_path, device, folder(path="/home/x"))
    assert failed["failure"]["kind"] == "redirect"
    assert "use_ssl" in failed["failure"]["hint"]
    assert "8181" in failed["failure"]["hint"]
    assert len(device.log()) == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_https_to_a_port_that_speaks_http(tmp_path, nas, vendor):
    failed = fail(tmp_path, nas[vendor], folder(path="/home/x"), variables={"nas_use_ssl": True})
    assert failed["failure"]["kind"] == "certificate"
    assert "use_ssl" in failed["msg"]


def test_nobody_there(tmp_path, nas):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        failed = fail(tmp_path, nas["synology"], folder(path="/home/x"), variables={"nas_port": port, "nas_retries": 0})
    assert failed["failure"]["kind"] == "connection"
    assert str(port) in failed["msg"]


@pytest.mark.parametrize(
    ("option", "value"), [("nas_port", 70000), ("nas_timeout", 0), ("nas_retries", -1), ("nas_vendor", "acme")]
)
def test_bad_connection_options(tmp_path, nas, option, value):
    failed = fail(tmp_path, nas["qnap"], folder(path="/home/x"), variables={option: value})
    assert str(value) in failed["msg"]
    assert nas["qnap"].log() == []


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"disk_full": {"at_bytes": 100_000}}, "no_space"),
        ({"quota": {"at_bytes": 100_000}}, "quota_exceeded"),
        ({"reset": {"at_bytes": 100_000}}, "connection"),
    ],
)
def test_an_upload_that_breaks_off_leaves_the_old_file_whole(tmp_path, nas, vendor, fault, kind):
    device = nas[vendor]
    # A Freebox has no quotas, and a QNAP has one code for both.
    kind = {("freebox", "quota_exceeded"): "no_space", ("qnap", "no_space"): "quota_exceeded"}.get((vendor, kind), kind)
    place = f"/home/whole-{next(iter(fault))}"
    old = device.root / place[1:] / "x.bin"
    old.parent.mkdir()
    old.write_bytes(b"old" * 1000)
    (tmp_path / "new.bin").write_bytes(b"new" * 200_000)
    task = file(path=f"{place}/{old.name}", src=str(tmp_path / "new.bin"))
    device.faults({"call": UPLOADS[vendor], "do": fault})
    failed = fail(tmp_path, device, task, variables={"nas_timeout": 5})
    assert failed["failure"]["kind"] == kind, failed
    assert old.read_bytes() == b"old" * 1000
    device.faults()
    device.forget()
    outcome = run(tmp_path, play(task), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    assert old.read_bytes() == b"new" * 200_000
    assert not device.unfinished(f"{place}/")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_session_that_expires_between_two_calls(tmp_path, nas, vendor):
    device = nas[vendor]
    device.faults({"call": "*", "only": vendor, "after": 4, "do": "expire_session"})
    name = f"expired-{vendor}"
    tasks = [folder(path=f"/home/{name}/{number}") for number in range(3)]
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"it": 3}
    assert len(device.calls_of("login")) == 2
    assert all((device.root / "home" / name / str(number)).is_dir() for number in range(3))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_session_that_expires_at_an_upload(tmp_path, nas, vendor):
    device = nas[vendor]
    device.faults({"call": UPLOADS[vendor], "do": "expire_session"})
    outcome = run(tmp_path, play(file(path="/home/late.txt", content="x" * 100_000)), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    assert (device.root / "home" / "late.txt").read_text() == "x" * 100_000
    assert len(device.calls_of("login")) == 2


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_share_that_may_not_be_written(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "read_only=public"))
    for task in (folder(path="/public/x"), file(path="/public/x", content="x")):
        failed = fail(tmp_path, device, task)
        assert failed["failure"]["kind"] in ("permission_denied", "read_only"), failed
    assert list((device.root / "public").iterdir()) == []


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", ["garbage", {"truncate": 20}, {"status": 500}])
def test_a_broken_answer_is_never_taken_for_absent(tmp_path, start, vendor, fault):
    device = start(vendor)
    (device.root / "home" / "there").write_text("precious")
    desires = (file(path="/home/there", content="changed!"), file(path="/home/there", state="absent"))
    host = {"it": device.variables(nas_retries=0)}
    session_calls = {call for calls in SESSION_CALLS.values() for call in calls[vendor]}
    for desired in desires:
        device.forget()
        device.faults()
        assert run(tmp_path, play(desired), host, "--check").changed == {"it": 1}
        # What forgets the task of a checksum may fail; nothing depends on it.
        reads = {entry["call"] for entry in device.log() if not entry["call"].startswith("DELETE")} - session_calls
        assert reads
        for call in reads:
            device.faults({"call": call, "times": 0, "do": fault})
            outcome = run(tmp_path, play(desired), host, "--check")
            (result,) = outcome.results()
            if result["failed"]:
                assert result["failure"]["kind"] in ("protocol", "device", "busy", "connection"), (call, result)
            else:  # another call said what this one could not
                assert result["changed"], call
        device.faults({"call": ALL_STATS[vendor], "times": 0, "do": fault})
        assert "failure" in fail(tmp_path, device, desired, variables={"nas_retries": 0})
    assert device.writes() == []
    assert (device.root / "home" / "there").read_text() == "precious"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_busy_device_is_asked_again(tmp_path, nas, vendor):
    device = nas[vendor]
    (device.root / "home" / "busy").mkdir(exist_ok=True)
    device.faults({"call": STATS[vendor], "only": vendor, "times": 2, "do": {"status": 503}})
    outcome = run(tmp_path, play(folder(path="/home/busy")), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"it": 0}
    assert [entry["status"] for entry in device.log()].count(503) == 2


def test_a_removal_that_takes_too_long_is_stopped(tmp_path, start):
    device = start("synology", arguments=("--vendor-opt", "task_seconds=60"))
    (device.root / "home" / "full").mkdir()
    (device.root / "home" / "full" / "file").write_text("kept")
    task = folder(path="/home/full", state="absent", recursive=True, wait_timeout=1)
    failed = fail(tmp_path, device, task)
    assert failed["failure"]["kind"] == "timeout"
    assert "wait_timeout" in failed["failure"]["hint"]
    assert len(device.calls("SYNO.FileStation.Delete/stop")) == 1


def test_options_that_are_no_use(tmp_path, nas):
    """In one play, since none of it reaches the device."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    cases = {
        "src, content": file(path="/home/x", content=None),
        "are mutually exclusive": file(path="/home/x", content="x", src="y"),
        "sources": {"nasops.nas.nas_archive": {"path": "/home/a.zip", "sources": None}},
        "dest": {"nasops.nas.nas_archive": {"path": "/home/a.zip", "state": "extracted", "dest": None}},
        "Unsupported parameters for (nasops.nas.nas_file) module: colour": file(path="/home/x", colour="red"),
        "unable to convert to int": file(path="/home/x", content="x", wait_timeout="soon"),
        "not a regular file": file(path="/home/x", src=str(fifo)),
        "NUL": {"nasops.nas.nas_fetch": {"src": "/home/x", "dest": "/tmp/a\0b"}},
        "option owner": {"nasops.nas.nas_fetch": {"src": "/home/x", "dest": str(tmp_path), "owner": "9" * 20}},
    }
    tasks = [{**task, "ignore_errors": True} for task in cases.values()]
    outcome = run(tmp_path, play(*tasks), {"it": nas["synology"].variables()})
    for words, result in zip(cases, outcome.results(), strict=True):
        assert words in f"{result['msg']} {result['failure']['hint']}"
        assert result["failure"]["kind"] == "usage"
    assert nas["synology"].log() == []


def test_content_is_any_data(tmp_path, one):
    written = file(path="/home/data.json", content={"day": datetime.date(2024, 1, 1), "list": [1, None, "é"]})
    outcome = run(tmp_path, play(written, written), {"it": one.variables()})
    assert [result["changed"] for result in outcome.results()] == [True, False]
    found = json.loads((one.root / "home" / "data.json").read_text())
    assert found == {"day": "2024-01-01", "list": [1, None, "é"]}


def test_plain_http_to_a_port_that_speaks_tls(tmp_path, start, certificate):
    device = start("synology", tls=certificate)
    failed = fail(tmp_path, device, folder(path="/home/x"), variables={"nas_use_ssl": False})
    assert failed["failure"]["kind"] == "protocol"
    assert "https" in failed["failure"]["hint"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_check_mode_tells_what_may_not_be_written(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "read_only=public"))
    for task in (folder(path="/public/new/deep", parents=True), file(path="/public/new.txt", content="x")):
        for arguments in ((), ("--check",)):
            if arguments and vendor == "freebox":  # it does not tell without trying
                continue
            assert fail(tmp_path, device, task, arguments=arguments)["failure"]["kind"] in (
                "permission_denied",
                "read_only",
            )


@pytest.mark.parametrize("vendor", ["qnap", "freebox"])
def test_a_name_too_long_leaves_nothing_behind(tmp_path, nas, vendor):
    device = nas[vendor]
    (device.root / "home" / "too-long").mkdir()
    outcome = run(tmp_path, play(file(path="/home/too-long/" + "n" * 256, content="x")), {"it": device.variables()})
    assert outcome.results()[0]["failed"]
    assert not device.unfinished("/home/too-long/")


def test_a_number_that_is_no_time(tmp_path, nas):
    outcome = run(tmp_path, play(file(path="/home/x", content="x", mtime="9" * 5000)), {"it": nas["qnap"].variables()})
    assert "option mtime" in outcome.results()[0]["msg"]
    assert nas["qnap"].log() == []
