# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_task: the device's long operations get to the task_in state, whoever started them."""

from __future__ import annotations

import contextlib

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._freebox import encoding
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

from tests.support.devices import PASSWORD, USER
from tests.support.playbooks import in_diff, play, run

COPIES = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "copy", "freebox": "POST fs/cp/"}
SLOW = ("--vendor-opt", "task_seconds=1.5")  # so that tasks run still when somebody begins to wait for them


def task_in(state, **more):
    return {"nasops.nas.nas_task": {"state": state, **more}, "ignore_errors": True}


@contextlib.contextmanager
def talk(device):
    """A client of somebody else, who starts tasks and does not wait."""
    connection = Connection(device.vendor, "127.0.0.1", device.port, use_ssl=False)
    client = _vendors.build(connection, Credentials(USER, PASSWORD), MemoryStore())
    try:
        yield client
    finally:
        client.close()


def copy(device, name, times=1):
    """Starts copies of a file to the folder `there`; the ids of their tasks."""
    ids = []
    with talk(device) as client:
        for _turn in range(times):
            source, folder = f"/home/{name}", "/home/there"
            if device.vendor == "freebox":
                body = {"files": [encoding.encode(source)], "dst": encoding.encode(folder), "mode": "overwrite"}
                ids.append(str(client._wire.call(COPIES["freebox"], body=body)["id"]))
            elif device.vendor == "synology":
                params = {"path": [source], "dest_folder_path": folder, "overwrite": True, "remove_src": False}
                reply = client._wire.call("SYNO.FileStation.CopyMove", "start", params, idempotent=False)
                ids.append(reply.needed_text("taskid"))
            else:
                fields = [("source_file", name), ("source_total", 1), ("source_path", "/home"), ("dest_path", folder)]
                ids.append(str(client._wire.call("copy", [*fields, ("mode", 0)], idempotent=False)["pid"]))
    return ids


def stalled(device, name, times=1):
    """The same, of tasks that never come to an end."""
    device.faults({"call": COPIES[device.vendor], "times": 0, "do": "stall_task"})
    ids = copy(device, name, times)
    device.faults()
    return ids


@pytest.fixture
def begin(start):
    """A device of the test's own, with a file and a folder."""

    def begin(vendor, *arguments):
        device = start(vendor, arguments=arguments)
        (device.root / "home" / "file").write_text("content")
        (device.root / "home" / "there").mkdir()
        return device

    return begin


def states(result):
    return {task["id"]: task["state"] for task in result["tasks"]}


@pytest.mark.parametrize("vendor", ["synology", "freebox"])
def test_waiting(tmp_path, begin, vendor):
    device = begin(vendor, *SLOW)
    hosts = {"it": device.variables()}
    first, second = copy(device, "file", 2)
    device.forget()
    done, everything, unknown = run(
        tmp_path,
        play(
            task_in("finished", id=[first, second]),
            task_in("finished"),
            task_in("finished", id=["9999", first]),
        ),
        hosts,
    ).results()
    assert states(done) == {first: "finished", second: "finished"}
    assert {task["kind"] for task in done["tasks"]} == {"copy"}
    assert everything["tasks"] == []
    assert states(unknown) == {"9999": "finished", first: "finished"}
    assert "does not know" in next(task["note"] for task in unknown["tasks"] if task["id"] == "9999")
    assert not any(result["changed"] for result in (done, everything, unknown))
    assert device.writes() == []
    assert (device.root / "home/there/file").read_text() == "content"


@pytest.mark.parametrize("vendor", ["synology", "freebox"])
def test_failures_of_what_is_waited_for(tmp_path, begin, vendor):
    device = begin(vendor)
    hosts = {"it": device.variables()}
    error = {"synology": 1000, "freebox": "disk_full"}[vendor]
    device.faults({"call": COPIES[vendor], "do": {"fail_task": error}})
    (failed,) = copy(device, "file")
    (stuck,) = stalled(device, "file")
    tasks = [
        task_in("finished", id=[failed]),
        task_in("finished", id=[failed], ignore_failed=True),
        {**task_in("finished"), "check_mode": True},
        task_in("finished", wait_timeout=0),
        task_in("cancelled", id=[stuck]),
        task_in("finished"),  # what had failed before is nobody's business here
    ]
    reported, ignored, checked, slow, _cancelled, fine = run(tmp_path, play(*tasks), hosts).results()
    if vendor == "freebox":
        assert reported["failure"]["kind"] == "device"
        assert reported["failure"]["code"] == error
        assert failed in reported["msg"]
        assert states(ignored) == {failed: "failed"}
    else:
        # The list of tasks in the File Station guide has no word about a failure.
        assert states(reported) == states(ignored) == {failed: "finished"}
    # Check mode does not wait.
    assert set(states(checked)) == {stuck}
    assert slow["failure"]["kind"] == "timeout"
    assert "goes on" in slow["msg"]
    assert fine["tasks"] == []


@pytest.mark.parametrize("vendor", ["synology", "freebox"])
def test_cancelling_and_clearing(tmp_path, begin, vendor):
    device = begin(vendor)
    hosts = {"it": device.variables()}
    (over,) = copy(device, "file")
    ids = stalled(device, "file", 2)
    tasks = play(task_in("finished", id=[over]), task_in("cancelled", kind=["copy"]))
    device.forget()
    checked = run(tmp_path, tasks, hosts, "--check", "--diff").results()[1]
    assert device.writes() == []
    done = run(tmp_path, tasks, hosts, "--diff").results()[1]
    for key in ("changed", "affected", "diff"):
        assert checked[key] == done[key]
    assert states(checked) == states(done) == dict.fromkeys(ids, "cancelled")
    assert sorted(done["affected"]) == sorted(ids)
    assert in_diff(done, "after")["tasks"][ids[0]] == {"state": "cancelled"}
    assert f"task {ids[0]}" in done["diff"]["before_header"]
    device.forget()
    again = run(tmp_path, play(task_in("cancelled", kind=["copy"]), task_in("cancelled", id=ids)), hosts)
    assert again.changed == {"it": 0}, again.text
    assert device.writes() == []
    (stuck,) = stalled(device, "file")
    device.forget()
    tasks = play(task_in("cleared"))
    checked = run(tmp_path, tasks, hosts, "--check", "--diff").results()[0]
    assert device.writes() == []
    done, refused = run(tmp_path, play(task_in("cleared"), task_in("cleared", id=[stuck])), hosts, "--diff").results()
    assert over in done["affected"]
    for key in ("changed", "affected", "tasks", "diff"):
        assert checked[key] == done[key]
    assert refused["failure"]["kind"] == "invalid_argument"
    device.forget()
    again = run(tmp_path, play(task_in("cleared"), task_in("cleared", id=[over])), hosts)
    assert again.changed == {"it": 0}, again.text
    assert device.writes() == []
    run(tmp_path, play(task_in("cancelled", id=[stuck])), hosts)


def test_pausing_and_resuming(tmp_path, begin):
    device = begin("freebox")
    hosts = {"it": device.variables()}
    ids = stalled(device, "file", 2)  # the second waits in the queue
    tasks = play(task_in("paused", path="/home", kind=["copy"]))
    device.forget()
    checked = run(tmp_path, tasks, hosts, "--check", "--diff").results()[0]
    assert device.writes() == []
    done = run(tmp_path, tasks, hosts, "--diff").results()[0]
    for key in ("changed", "affected", "diff"):
        assert checked[key] == done[key]
    assert states(done) == dict.fromkeys(ids, "paused")
    device.forget()
    assert run(tmp_path, tasks, hosts).changed == {"it": 0}
    assert device.writes() == []
    tasks = play(task_in("running", id=[*ids, "9999"]))
    done = run(tmp_path, tasks, hosts).results()[0]
    assert sorted(done["affected"]) == sorted(ids)
    assert states(done)["9999"] == "finished"
    device.forget()
    assert run(tmp_path, tasks, hosts).changed == {"it": 0}
    assert device.writes() == []
    tasks = play(task_in("paused", id=ids[:1]), task_in("cancelled", id=ids), task_in("paused", id=ids))
    device.faults({"call": "PUT fs/tasks/{id}", "do": {"error": "invalid_state"}})
    refused, _cancelled, gone = run(tmp_path, tasks, hosts).results()
    assert refused["failure"]["kind"] == "invalid_argument"
    assert (gone["changed"], states(gone)) == (False, dict.fromkeys(ids, "finished"))


def test_a_device_that_only_cancels(tmp_path, begin):
    device = begin("qnap")
    hosts = {"it": device.variables()}
    (stuck,) = stalled(device, "file")
    device.forget()
    tasks = play(task_in("cancelled", id=[stuck], kind=["copy"]), task_in("cancelled", id=["77"], kind=["extract"]))
    checked = run(tmp_path, tasks, hosts, "--check")
    assert checked.changed == {"it": 2}
    assert device.writes() == []
    done, unknown = run(tmp_path, tasks, hosts).results()
    assert (done["changed"], done["affected"]) == (True, [stuck])
    assert [entry["params"].get("pid") for entry in device.calls("cancel_copy")] == [stuck]
    assert (unknown["changed"], states(unknown)) == (False, {"77": "finished"}), unknown


def test_bad_options_end_before_any_call(tmp_path, nas):
    hosts = {vendor: nas[vendor].variables() for vendor in ("synology", "qnap")}
    tasks = [
        task_in("paused"),
        task_in("running", id=["1"]),
        task_in("cancelled"),
        task_in("cancelled", id=[]),
        task_in("finished", path="home"),
        task_in("finished", wait_timeout=-1),
        task_in("cancelled", id=["1"]),
        task_in("cancelled", id=["1"], kind=["copy", "move"]),
        task_in("cleared"),
        task_in("finished"),
    ]
    outcome = run(tmp_path, play(*tasks[:6]), {"it": hosts["synology"]})
    messages = [(result["failure"]["kind"], result["failure"]["hint"], result["msg"]) for result in outcome.results()]
    assert [message[:2] for message in messages[:2]] == [("unsupported", "Offered by: freebox")] * 2
    for message, words in zip(messages[2:], ["stop all tasks", "option id", "option path: 'home'", "wait_timeout: -1"]):
        assert message[0] == "usage"
        assert words in message[2]
    results = run(tmp_path, play(*tasks[6:]), {"it": hosts["qnap"]}).results()
    assert [result["failure"]["kind"] for result in results] == ["usage", "usage", "unsupported", "usage"]
    assert results[2]["failure"]["hint"] == "Offered by: freebox, synology"
    assert nas["synology"].log() == nas["qnap"].log() == []
