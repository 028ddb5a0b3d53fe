# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long operation is, for somebody who watches."""

from __future__ import annotations

import itertools
import threading

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.text import printable
from ansible_collections.nasops.nas.plugins.plugin_utils import _progress
from ansible_collections.nasops.nas.plugins.plugin_utils._progress import ProgressLine, amount


def lines(*steps, how=lambda line: line):
    """What is said when (second, what is noted) come one after the other."""
    said, now = [], [0.0]
    progress = how(ProgressLine("/s/f", said.append, lambda: now[0]))
    for second, *noted in steps:
        now[0] = second
        progress(*noted)
    return said


def uploading(line):
    return line.in_bytes("uploading")


def device(line):
    return line.of_device


def test_nothing_for_what_is_quick():
    assert lines((0.5, 10, 100), (1.9, 100, 100)) == []


def test_percent_rate_and_time_left_of_bytes():
    assert lines((2.0, 50_000_000, 200_000_000), how=uploading) == ["/s/f: uploading, 25 %, 25.0 MB/s, 6 s left"]
    assert lines((2.0, "copy", 5_000_000, 20_000_000, True), how=device) == ["/s/f: copying, 25 %, 2.5 MB/s, 6 s left"]


def test_many_files_are_counted():
    steps = [
        (2.0, "uploading", 30, 120, 50_000_000, 200_000_000),
        (5.5, "uploading", 120, 120, 200_000_000, 200_000_000),
    ]
    assert lines(*steps, how=lambda line: line.of_files) == [
        "/s/f: uploading, 30 of 120 files, 25 %, 25.0 MB/s, 6 s left",
        "/s/f: uploading, 120 of 120 files, finishing, 6 s",
    ]


def test_percent_and_counts_have_no_rate():
    assert lines((2.0, "compress", 23, 100, False), how=device) == ["/s/f: packing, 23 %, 2 s"]
    assert lines((2.0, "delete", 1, 3, False), how=device) == ["/s/f: removing, 33 %, 2 s"]
    assert lines((4.0, "search", 57, None, False), how=device) == ["/s/f: searching, 57 so far, 4 s"]


def test_a_device_that_tells_nothing():
    assert lines((35.0, "compress", None, None, False), how=device) == ["/s/f: packing, still working, 35 s"]


def test_without_a_total():
    assert lines((4.0, 4000, None)) == ["/s/f: transferring, 4.0 kB, 1.0 kB/s"]


def test_nothing_done_yet():
    assert lines((3.0, 0, 100)) == ["/s/f: transferring, 0 %, 0 B/s, time left unknown"]


def test_all_done_is_not_over():
    said = lines((2.0, 100, 100), (79.0, 100, 100), how=uploading)
    assert said == ["/s/f: uploading, finishing, 2 s", "/s/f: uploading, finishing, 79 s"]


@pytest.mark.parametrize("dones", [(100, 99, 100), (50, 30, 60), (50, None, 40)])
def test_never_backwards(dones):
    said = lines(*((10.0 * (at + 1), "copy", done, 100, False) for at, done in enumerate(dones)), how=device)
    percents = [int(line.split(", ")[1].split()[0]) for line in said if "%" in line]
    assert percents == sorted(percents)


@pytest.mark.parametrize("dones", [(90, 10, 95), (100, 0, 100), (3, 1, 0), (60, None, 5)])
def test_a_job_that_falls_far_goes_backwards_no_more_than_any(dones):
    steps = [(10.0 * (at + 1), "copy", done, 100, False, "job-1") for at, done in enumerate(dones)]
    percents = [int(line.split(", ")[1].split()[0]) for line in lines(*steps, how=device) if "%" in line]
    assert percents == sorted(percents)


def test_the_next_job_begins_at_nothing():
    steps = [(10.0, "copy", 90, 100, False, "job-1"), (30.0, "copy", 5, 100, False, "job-2")]
    assert lines(*steps, how=device) == ["/s/f: copying, 90 %, 10 s", "/s/f: copying, 5 %, 0 s"]


def test_a_device_that_works_on_one_call_is_said_to_work():
    said, seconds = [], itertools.count(0, 5)
    progress = ProgressLine("/s/f", said.append, lambda: float(next(seconds)))
    heard = threading.Event()
    progress._say = lambda line: (said.append(line), heard.set())
    with progress.unheard("checksum"):
        assert heard.wait(60)
    assert said[0].startswith("/s/f: checking, still working, ")


def test_what_is_over_says_no_more(monkeypatch):
    monkeypatch.setattr(_progress, "LOOK", 0.001)
    said = []
    progress = ProgressLine("/s/f", said.append, itertools.count(0, 5).__next__)
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt), progress.unheard("checksum"):
        raise KeyboardInterrupt
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()


def test_a_total_that_grows_while_the_device_counts():
    said = lines((5.0, "delete", 5, 10, False), (15.0, "delete", 6, 100, False), how=device)
    assert said == ["/s/f: removing, 50 %, 5 s", "/s/f: removing, 50 %, 15 s"]


def test_the_next_file_begins_at_nothing():
    said = lines((5.0, 50, 100), (15.0, 1, 100))
    assert [line.split(", ")[1] for line in said] == ["50 %", "1 %"]


def test_pauses_grow():
    seconds = [second / 2 for second in range(2 * 3600)]
    said = lines(*((second, "compress", None, None, False) for second in seconds), how=device)
    assert 100 < len(said) < 140
    assert said[-1] == "/s/f: packing, still working, 3599 s" or said[-1].startswith("/s/f: packing, still working, 35")


def test_many_small_files_say_no_more():
    said, now = [], [0.0]
    progress = ProgressLine("/s/f", said.append, lambda: now[0])
    for second, phase in zip(range(3600), itertools.cycle(["uploading", "checking"])):
        now[0] = float(second)
        progress.in_bytes(phase)(1, 1)
    assert len(said) < 140


def test_a_new_phase_is_shown_soon():
    said, now = [], [0.0]
    progress = ProgressLine("/s/f", said.append, lambda: now[0])
    for second in range(300):
        now[0] = float(second)
        progress.of_device("copy", 50, 100, False)
    reported = len(said)
    now[0] += 3
    progress.of_device("checksum", None, None, False)
    now[0] += 2
    progress.of_device("checksum", None, None, False)
    assert len(said) > reported
    assert "checking" in said[-1]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2e9, "2.0 GB"), (5e15, "5000.0 TB")]
)
def test_amounts(count, text):
    assert amount(count) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Grüße 日本.txt", "Grüße 日本.txt"),
        ("a\u3000b\u00a0c", "a\u3000b\u00a0c"),
        ("\x1b[31mred\n\r\x07", "\\x1b[31mred\\n\\r\\x07"),
        ("\x9b31m\u202egpj.\udc80", "\\x9b31m\\u202egpj.\\udc80"),
    ],
)
def test_a_name_in_a_terminal(name, shown):
    assert printable(name) == shown
    said = []
    ProgressLine(name, said.append, itertools.count(0, 5).__next__)(1, 2)
    assert said[0].startswith(f"{shown}: ")


def test_a_label_that_begins_with_the_phase():
    said = []
    ProgressLine("packing /s/f", said.append, itertools.count(0, 5).__next__).of_device("compress", 1, 4, False)
    assert said == ["packing /s/f, 25 %, 5 s"]
