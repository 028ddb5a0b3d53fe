# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several connections side by side: each job is done once, a failure stops all, what is on its way is counted."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._delivery.crew import Crew, Stopped, Tally


class Client:
    """One that only knows how many series it is in."""

    made: list

    def __init__(self):
        self.open = 0
        self.files = SimpleNamespace(series=self.series, client=self)

    @contextlib.contextmanager
    def series(self):
        self.open += 1
        yield
        self.open -= 1


def crew(size):
    made = [Client()]

    def another():
        made.append(Client())
        return made[-1]

    return Crew(made[0], another, size), made


@pytest.mark.parametrize(("jobs", "size", "clients"), [(0, 4, 1), (1, 4, 1), (3, 4, 3), (50, 4, 4), (50, 1, 1)])
def test_each_job_is_done_once_by_no_more_than_there_may_be(jobs, size, clients):
    found, made = crew(size)
    done, users = [], set()
    with found:
        found.run(lambda files, job: (done.append(job), users.add(files.client)), range(jobs), Tally(0, 0))
        assert [client.open for client in made] == [1] * clients
        found.run(lambda files, job: done.append(job), range(jobs), Tally(0, 0))
    assert sorted(done) == sorted([*range(jobs)] * 2)
    assert len(made) == clients
    assert users <= set(made)
    assert [client.open for client in made] == [0] * clients


def test_no_two_use_a_client_at_a_time():
    found, _made = crew(4)
    busy, clashes, gate = set(), [], threading.Barrier(4, timeout=10)

    def work(files, job):
        if files.client in busy:
            clashes.append(job)
        busy.add(files.client)
        gate.wait()
        busy.discard(files.client)

    with found:
        found.run(work, range(8), Tally(0, 0))
    assert clashes == []


@pytest.mark.parametrize("failure", [NasError(Kind.NO_SPACE, "full"), ValueError("a defect")])
def test_a_failure_stops_the_others(failure):
    found, _made = crew(2)
    tally, done, stopped = Tally(0, 0), [], []

    def work(files, job):
        if job == 3:
            raise failure
        try:
            if len(done) > 2:
                tally.stopped.wait(10)
                tally.watch(None).in_bytes("uploading")(1, 2)
        except Stopped:
            stopped.append(job)
            raise
        done.append(job)

    with found, pytest.raises(type(failure)) as caught:
        found.run(work, range(1000), tally)
    assert caught.value is failure
    assert len(done) < 1000
    assert len(stopped) <= 1


def test_an_interruption_stops_all_and_waits_for_them():
    found, _made = crew(3)
    tally, cleared = Tally(0, 0), []

    def work(files, job):
        try:
            while True:
                tally.stopped.wait(0.01)
                tally.watch(None).note("checksum", 1)
        finally:
            cleared.append(job)

    def show():
        raise KeyboardInterrupt

    with found, pytest.raises(KeyboardInterrupt):
        found.run(work, range(5), tally, show)
    assert len(cleared) == 3


def test_a_signal_while_it_waits_leaves_nobody_behind():
    # `Thread.join` of Python 3.11 takes a thread that it waits for in this moment for one that has ended.
    found, _made = crew(1)
    tally, cleared = Tally(0, 0), []

    def work(files, job):
        time.sleep(0.05)  # until it waits
        os.kill(os.getpid(), signal.SIGINT)
        assert tally.stopped.wait(10)
        time.sleep(0.05)  # what it clears up
        cleared.append(job)

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with found, pytest.raises(KeyboardInterrupt):
            found.run(work, [1], tally)
    finally:
        signal.signal(signal.SIGINT, usual)
    assert cleared == [1]


def test_no_room_for_a_thread_is_no_wait(monkeypatch):
    found, _made = crew(2)
    started, ended = threading.Thread.start, []

    def start(thread):
        if ended:
            raise RuntimeError("can't start new thread")
        ended.append(thread)
        started(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    tally = Tally(0, 0)
    with found, pytest.raises(RuntimeError, match="new thread"):
        found.run(lambda files, job: tally.stopped.wait(10), range(2), tally)
    assert tally.stopped.is_set()


def test_what_is_on_its_way_counts():
    tally = Tally(3, 300)
    tally.moved(40)
    assert (tally.done_files, tally.bytes, tally.moving) == (0, 0, 40)
    tally.whole(100)
    assert (tally.done_files, tally.bytes, tally.moving) == (1, 100, 100)
    tally.moved(30)
    tally.lost()
    assert (tally.done_files, tally.bytes, tally.moving) == (2, 100, 100)


@pytest.mark.parametrize(
    ("many", "size", "folders", "calls"),
    [
        (True, 4, 10, [500, 500]),
        (True, 1, 10, [500, 500]),
        (False, 4, 10, [400, 400, 200]),  # four folders are worth a connection
        (False, 4, 100, [2500, 2500, 2500, 2500]),
        (False, 1, 10, [1000]),
        (False, 4, 1, [100]),
        (False, 4, 0, []),
    ],
)
def test_what_is_at_many_paths_is_asked_side_by_side_and_of_each_folder_once(many, size, folders, calls):
    paths = [f"/share/{folder}/{name}" for name in range(100) for folder in range(folders)]
    asked = []

    def stat(portion):
        asked.append(list(portion))
        return dict.fromkeys(portion, "it")

    found, made = crew(size)
    made[0].files.stat, made[0].files.stats_many = stat, lambda: many
    usual = found._another

    def another():
        client = usual()
        client.files.stat = stat
        return client

    found._another = another
    with found:
        there = found.stat(paths)
    assert list(there) == paths
    assert sorted(map(len, asked), reverse=True) == calls
    if not many:
        holders = [{path.rpartition("/")[0] for path in portion} for portion in asked]
        assert sum(map(len, holders)) == folders
