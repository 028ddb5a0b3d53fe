# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every vendor's client does when the device, the network or the session fails, at every request it makes.

Each thing that a client can do is done with a fault at its first request, then at its second, and so on, until the
fault meets no request any more. It must then end as without the fault or with a NasError, and never with another
answer: what cannot be read is not absent, and what was not done is not done.
"""

from __future__ import annotations

import fnmatch
import hashlib
import io
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any, Callable, Optional

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._api import lost_answers
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch

from tests.support.devices import ABOUT, lacks

CONTENT = b"0123456789" * 2_000
MOST_REQUESTS = 25

# What a failing device or network may be called. What is missing here would be an answer about the files.
FAILURES = (
    Kind.BUSY,
    Kind.CONNECTION,
    Kind.DEVICE,
    Kind.MISMATCH,
    Kind.PROTOCOL,
    Kind.TIMEOUT,
    Kind.UNSUPPORTED,
)


def kinds_of(found):
    return {path.rpartition("/")[2]: entry and (entry.type, entry.size) for path, entry in found.items()}


def algorithm_of(client):
    """The best checksum that the vendor's devices calculate."""
    return client.files.features.checksum_algorithms[0]


def fetch(files, path):
    sink = io.BytesIO()
    files.download(path, sink, watch=Watch())
    return sink.getvalue()


@dataclass(frozen=True)
class Operation:
    """One thing that a client can do, in a folder that holds `file`, `full/below`, `full/deep/er` and `empty/`.

    :param run: does it; the answer of something that only reads is the same each time.
    :param changed: for what writes, the folder's content afterwards, from the one before.
    :param lacking: what a generation lacks that has no such call, as `vendors.yml` calls it.
    :param offered: whether a vendor's client class has it.
    """

    run: Callable[[Any, str], Any]
    changed: Optional[Callable[[dict[str, Any]], dict[str, Any]]] = None
    lacking: str = ""
    offered: Callable[[Any], bool] = lambda client: True


def without(*gone):
    return lambda tree: {
        name: data
        for name, data in tree.items()
        if name not in gone and not any(name.startswith(f"{top}/") for top in gone)
    }


READS = {
    "shares": Operation(lambda client, at: sorted(share.path for share in client.files.shares())),
    "stat": Operation(lambda client, at: kinds_of(client.files.stat([f"{at}/file"]))),
    "stat missing": Operation(lambda client, at: kinds_of(client.files.stat([f"{at}/none"]))),
    "stat share": Operation(lambda client, at: kinds_of(client.files.stat(["/home"]))),
    "stat many": Operation(
        lambda client, at: kinds_of(
            client.files.stat([f"{at}/file", f"{at}/none", f"{at}/full", f"{at}/full/below", f"{at}/no/ne", "/home"])
        )
    ),
    "list": Operation(lambda client, at: sorted(entry.name for entry in client.files.list(at))),
    "list empty": Operation(lambda client, at: list(client.files.list(f"{at}/empty"))),
    "download": Operation(lambda client, at: fetch(client.files, f"{at}/file") == CONTENT),
    "checksum": Operation(
        lambda client, at: client.files.checksum(
            f"{at}/file", client.files.features.checksum_algorithms[0], watch=Watch()
        ),
        lacking="checksum",
        offered=lambda client: bool(client.files.features.checksum_algorithms),
    ),
    "writable": Operation(
        lambda client, at: client.files.writable(f"{at}/new"),
        lacking="writable",
    ),
    "facts": Operation(lambda client, at: client.device.facts().vendor),
}
WRITES = {
    "create folders": Operation(
        lambda client, at: client.files.create_folders([f"{at}/new", f"{at}/new/er"]),
        lambda tree: {**tree, "new": None, "new/er": None},
    ),
    "rename": Operation(
        lambda client, at: client.files.rename(f"{at}/file", "named"),
        lambda tree: {**without("file")(tree), "named": tree["file"]},
    ),
    "delete file": Operation(
        lambda client, at: client.files.delete([f"{at}/file"], recursive=False, watch=Watch(timeout=20)),
        without("file"),
    ),
    "delete empty": Operation(
        lambda client, at: client.files.delete([f"{at}/empty"], recursive=False, watch=Watch(timeout=20)),
        without("empty"),
    ),
    "delete many": Operation(
        lambda client, at: client.files.delete([f"{at}/full", f"{at}/file"], recursive=True, watch=Watch(timeout=20)),
        without("full", "file"),
    ),
    "upload": Operation(
        lambda client, at: client.files.upload(BytesSource(CONTENT), f"{at}/sent", mtime=None, watch=Watch()),
        lambda tree: {**tree, "sent": CONTENT},
    ),
    "set mtime": Operation(
        lambda client, at: client.files.set_mtime(f"{at}/file", 1_000_000_000),
        lambda tree: tree,
        offered=lambda client: FILE in client.files.features.sets_mtime_of,
    ),
}
OPERATIONS = {**READS, **WRITES}
LONG = (
    "test_what_cannot_be_read_is_never_an_answer",
    "test_a_device_that_does_not_answer_in_time",
    "test_an_expired_session_costs_one_login",
)


@pytest.fixture(params=OPERATIONS)
def operation(request, nas):
    return OPERATIONS[request.param]


@pytest.fixture(params=[name for name in WRITES if name != "set mtime"])
def write(request):
    return WRITES[request.param]


def prepared(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(CONTENT)
    (place.disk / "full" / "deep").mkdir(parents=True)
    (place.disk / "full" / "below").write_bytes(b"below")
    (place.disk / "full" / "deep" / "er").write_bytes(b"deeper")
    (place.disk / "empty").mkdir()
    return place


def met(nas):
    """Whether a fault has met a request. The log has a request that is answered bit by bit only when it is over."""
    return nas.logins() > 0 or any(entry["fault"] for entry in nas.device.log())


def in_socket(nas):
    """Whether files are sent in messages of a web socket."""
    return nas.told("upload_start") != nas.told("upload")


def at_each_request(nas, operation, do, check):
    """Do it with a fault at each of its requests in turn.

    :param check: gets the answer or the error, the folder, what was in it, and what it should hold at the end.
    """
    nas.client.login()
    expected = operation.run(nas.client, prepared(nas).path) if operation.changed is None else None
    silent = 0
    for number in itertools.count():
        assert number < MOST_REQUESTS
        place = prepared(nas)
        before = place.tree()
        nas.client.login()
        nas.device.forget()
        nas.faults({"call": "*", "after": number, "do": do})
        answer, error = nas.outcome(lambda at=place.path: operation.run(nas.client, at))
        nas.faults()
        wanted = operation.changed(before) if operation.changed else before
        check(answer, error, expected, place, wanted)
        silent = 0 if error or met(nas) else silent + 1
        # The messages inside a web socket are requests to the simulator, but not all faults have a meaning there.
        if silent == (2 if in_socket(nas) else 1):
            break
    assert number >= 1, "the fault has met no request"


def test_an_expired_session_costs_one_login(nas, operation):
    met_once = []

    def check(answer, error, expected, place, wanted):
        assert error is None, str(error)
        assert answer == expected
        assert place.tree() == wanted
        assert nas.logins() <= 1
        met_once.append(nas.logins())

    at_each_request(nas, operation, {"expire_session": True}, check)
    assert 1 in met_once


UNREADABLE = {
    "no such reply": (
        {"garbage": True},
        {"garbage": "{}"},
        {"garbage": '{"success": true, "data": {"files": [{"pa'},
    ),
    "a web server's error": (
        {"status": 500, "body": "Internal Server Error"},
        {"status": 404, "body": "<html>Not Found</html>", "headers": {"Content-Type": "text/html"}},
        {"status": 503, "body": "busy"},
    ),
    "a broken connection": (
        {"reset": True},
        {"reset": {"at_bytes": 0, "where": "reply"}},
        {"reset": {"at_bytes": 6, "where": "reply"}},
    ),
    "a short reply": (
        {"truncate": 0},
        {"truncate": 6},
    ),
}


@pytest.mark.parametrize("trouble", UNREADABLE)
def test_what_cannot_be_read_is_never_an_answer(nas, operation, trouble):
    fetching = operation is READS["download"]
    for do in UNREADABLE[trouble]:
        # A QNAP says by HTTP that a file went away after it was looked at.
        allowed = (*FAILURES, Kind.NOT_FOUND) if fetching and do.get("status") == 404 else FAILURES

        def check(answer, error, expected, place, wanted, do=do, allowed=allowed):
            if error is None:
                assert answer == expected, do
                assert place.tree() == wanted, do
            else:
                assert error.kind in allowed, (do, str(error))

        at_each_request(nas, operation, do, check)


@pytest.mark.parametrize("trouble", [{"status": 503}, {"reset": True}])
@pytest.mark.parametrize("name", ["stat many", "list", "download"])
def test_what_changes_nothing_is_tried_again(nas, name, trouble):
    place = prepared(nas)
    expected = READS[name].run(nas.client, place.path)
    client = nas.again(retries=1)
    nas.device.forget()
    nas.faults({"call": "*", "do": trouble})
    assert READS[name].run(client, place.path) == expected
    assert any(entry["fault"] for entry in nas.device.log())
    assert nas.logins() == 0


CHANGES = {
    "create folders": "create_folder",
    "rename": "rename",
    "upload": "upload",
    "delete file": "delete",
    "delete many": "delete_many",
}
"""The call that does it, as `vendors.yml` calls it."""


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("trouble", [{"status": 503}, {"reset": {"at_bytes": 0, "where": "reply"}}])
def test_what_changes_something_is_never_sent_twice(nas, name, trouble):
    place = prepared(nas)
    before = place.tree()
    client = nas.again(retries=2)
    nas.device.forget()
    nas.faults({"call": nas.told(CHANGES[name]), "times": 0, "do": trouble})
    _answer, error = nas.outcome(lambda: WRITES[name].run(client, place.path))
    if error is None:
        # The reply was lost, and a check showed that it is done.
        assert place.tree() == WRITES[name].changed(before)
    else:
        assert error.kind in FAILURES
    if name != "upload" or not in_socket(nas):  # to be refused a web socket is no change yet
        sent = [json.dumps([entry["path"], entry["params"]]) for entry in nas.device.log() if entry["fault"]]
        assert len(sent) == len(set(sent))


LOST = {
    "cut": {"reset": {"at_bytes": 0, "where": "reply"}},
    "broken": {"truncate": 6},
    "a gateway's": {"status": 502, "body": "Bad Gateway", "where": "after"},
    "a web page": {"garbage": True, "where": "after"},
}


@pytest.mark.parametrize("trouble", LOST)
@pytest.mark.parametrize("name", CHANGES)
def test_a_lost_reply_to_what_was_done(nas, name, trouble, monkeypatch):
    """The state shows it, some hundredths of a second later where the device works on its own."""
    monkeypatch.setattr(lost_answers, "pause", lambda seconds: time.sleep(min(seconds, 0.2)))
    place = prepared(nas)
    before = place.tree()
    nas.client.login()
    nas.device.forget()
    call = nas.told("upload_end" if name == "upload" else CHANGES[name])
    nas.faults({"call": call, "do": LOST[trouble]})
    WRITES[name].run(nas.client, place.path)
    assert any(entry["fault"] for entry in nas.device.log())
    assert place.tree() == WRITES[name].changed(before)


def test_a_device_that_does_not_answer_in_time(nas, operation):
    place = prepared(nas)
    client = nas.again(timeout=0.15)
    nas.device.forget()
    # Not slower than it takes: the device logs these requests once it has answered them, perhaps in the next test.
    nas.faults({"call": "*", "times": 0, "do": {"slow": 0.5}})
    if operation is READS["checksum"] and "checksum" not in jobs_of(nas.vendor):
        # The device calculates while the client waits: that takes the time that the caller grants.
        with nas.refuses(Kind.TIMEOUT):
            client.files.checksum(f"{place.path}/file", algorithm_of(client), watch=Watch(timeout=0.15))
    else:
        with nas.refuses(Kind.TIMEOUT):
            operation.run(client, place.path)


# The tasks of a device

TASKS = {"checksum": "checksum", "delete": "delete_many"}
"""The call that starts one, as `vendors.yml` calls it."""


def jobs_of(vendor):
    """What of `TASKS` a vendor's devices do on their own."""
    return ABOUT[vendor].get("jobs", ())


@pytest.fixture(params=TASKS)
def task(request, nas):
    """The call that starts a task, and what to do for that."""
    place = prepared(nas)

    def run(client, watch):
        if request.param == "delete":
            return client.files.delete([f"{place.path}/full"], recursive=True, watch=watch)
        return client.files.checksum(f"{place.path}/file", client.files.features.checksum_algorithms[0], watch=watch)

    return place, nas.told(TASKS[request.param]), run


def stops(nas):
    return fnmatch.filter(nas.calls(), nas.told("stop"))


def test_a_task_that_takes_too_long_is_stopped(nas, task):
    place, call, run = task
    before = place.tree()
    nas.client.login()
    nas.device.forget()
    nas.faults({"call": call, "do": {"stall_task": True}})
    began = time.monotonic()
    with nas.refuses(Kind.TIMEOUT) as refusal:
        run(nas.client, Watch(timeout=0.1))
    assert time.monotonic() - began < 5
    assert refusal.error.hint
    assert len(stops(nas)) == 1
    assert place.tree() == before


def test_a_task_is_stopped_when_the_user_interrupts(nas, task):
    _place, call, run = task
    nas.client.login()
    nas.device.forget()
    nas.faults({"call": call, "do": {"stall_task": True}})

    class Impatient(Watch):
        """Interrupts at the second poll."""

        def until_finished(self, status, stop, **more):
            reads = itertools.count()

            def read():
                if next(reads) == 1:
                    raise KeyboardInterrupt
                return status()

            return super().until_finished(read, stop, **more)

    with pytest.raises(KeyboardInterrupt):
        run(nas.client, Impatient())
    assert len(stops(nas)) == 1


def test_a_task_that_the_device_forgets(nas, task):
    place, call, run = task
    nas.client.login()
    nas.faults({"call": call, "do": {"lose_task": True}})
    answer = run(nas.client, Watch(timeout=20))
    if answer is None:
        assert not (place.disk / "full").exists()
    else:
        algorithm = nas.files.features.checksum_algorithms[0]
        assert answer == hashlib.new(algorithm, CONTENT).hexdigest()
        nas.faults({"call": call, "times": 0, "do": {"lose_task": True}})
        with nas.refuses(Kind.DEVICE):
            run(nas.client, Watch(timeout=20))


def test_a_task_that_fails(nas, task):
    place, call, run = task
    before = place.tree()
    nas.faults({"call": call, "do": {"fail_task": nas.told("job_error")}})
    with pytest.raises(NasError) as caught:
        run(nas.client, Watch(timeout=20))
    nas.check(caught.value)
    assert caught.value.kind not in (Kind.NOT_FOUND, Kind.TIMEOUT)
    assert place.tree() == before


def test_a_task_in_its_time(start):
    nas = start("task_seconds=0.2")
    place = prepared(nas)
    seen = []
    watch = Watch(lambda done, total: seen.append((done, total)), timeout=20)
    algorithm = nas.files.features.checksum_algorithms[0]
    digest = nas.files.checksum(f"{place.path}/file", algorithm, watch=Watch(timeout=20))
    assert digest == hashlib.new(algorithm, CONTENT).hexdigest()
    nas.files.delete([f"{place.path}/full"], recursive=True, watch=watch)
    assert set(place.tree()) == {"file", "empty"}
    assert [done for done, _total in seen] == sorted(done for done, _total in seen)


@pytest.mark.parametrize("name", ["full", "file"])
def test_a_deletion_that_the_device_only_pretends(nas, name):
    place = prepared(nas)
    before = place.tree()
    calls = {nas.told("delete"), nas.told("delete_many")}
    nas.faults(*({"call": call, "times": 0, "do": {"vendor": nas.told("pretends")}} for call in calls))
    with pytest.raises(NasError) as caught:
        nas.files.delete([f"{place.path}/{name}"], recursive=True, watch=Watch(timeout=20))
    nas.check(caught.value)
    assert caught.value.kind is Kind.DEVICE
    assert caught.value.path == f"{place.path}/{name}"
    assert place.tree() == before


def applies(test, vendor, params):
    """Whether there is anything to test: a device that lacks a call cannot answer it wrongly."""
    generation = next(value[1] for value in params.values() if isinstance(value, tuple) and value[0] == vendor)
    operation, task, trouble = (params.get(name) for name in ("operation", "task", "trouble"))
    if operation is not None and not OPERATIONS[operation].offered(_vendors.VENDORS[vendor]):
        return False
    if operation is not None and lacks(vendor, generation, OPERATIONS[operation].lacking):
        return False
    if operation == "download" and trouble == "a short reply":
        return False  # a file that the device announces to be short is a short file
    if task is not None and task not in jobs_of(vendor):
        return False  # the device does this while the client waits
    if test == "test_a_task_in_its_time":
        return "delete" in jobs_of(vendor)
    return test != "test_a_deletion_that_the_device_only_pretends" or "pretends" in ABOUT[vendor]
