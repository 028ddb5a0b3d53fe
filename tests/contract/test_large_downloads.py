# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_fetch of a large file: the device calculates its checksum while it comes, and both must be right."""

from __future__ import annotations

import fnmatch
import os
import time

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._delivery import crew, fetch

from tests.support.devices import ABOUT, CHECKSUMS, DOWNLOADS

CONTENT = os.urandom(3_000_000)
STOPPED = [vendor for vendor, about in ABOUT.items() if "checksum" in about.get("jobs", ())]


@pytest.fixture(autouse=True)
def large(monkeypatch):
    """What a file has that counts as large here."""
    monkeypatch.setattr(fetch, "LARGE", 1_000_000)


@pytest.fixture
def file(device):
    file = device.root / "home" / "large.bin"
    file.write_bytes(CONTENT)
    return file


@pytest.fixture
def bring(do, tmp_path):
    return lambda **options: do("nas_fetch", src=["/home/large.bin"], dest=str(tmp_path / "came.bin"), **options)


def calls(device):
    return [entry["call"] for entry in device.log]


@pytest.fixture
def asked_first(device, monkeypatch):
    """The download begins when the device has begun to calculate, however busy the machine is."""
    real = fetch.Crew.run

    def run(crew, work, jobs, *rest):
        bring, ask = jobs

        def bring_later(files):
            end = time.monotonic() + 30
            while CHECKSUMS[device.vendor] not in calls(device):
                assert time.monotonic() < end, "the device was not asked for a checksum"
                time.sleep(0.01)
            bring(files)

        real(crew, work, (bring_later, ask), *rest)

    monkeypatch.setattr(fetch.Crew, "run", run)


def test_it_comes_whole_in_one_session_with_one_question_for_its_checksum(device, file, bring, tmp_path):
    result = bring()
    assert result["changed"], result
    assert (tmp_path / "came.bin").read_bytes() == CONTENT
    assert [len(device.calls(names[device.vendor])) for names in (DOWNLOADS, CHECKSUMS)] == [1, 1]
    assert len(device.calls_of("login")) == 1
    before = len(device.log)
    assert not bring()["changed"]
    assert DOWNLOADS[device.vendor] not in calls(device)[before:]


@pytest.mark.usefixtures("asked_first")
def test_the_question_does_not_wait_until_it_has_come(device, file, bring):
    assert bring()["changed"]
    asked = calls(device)
    assert asked.index(CHECKSUMS[device.vendor]) < asked.index(DOWNLOADS[device.vendor])


@pytest.mark.parametrize("which", [DOWNLOADS, CHECKSUMS])
def test_what_fails_leaves_nothing(device, file, bring, tmp_path, which):
    (tmp_path / "came.bin").write_bytes(b"old")
    device.faults = [{"call": which[device.vendor], "times": 0, "do": {"truncate": 6}}]
    result = bring()
    assert result["failed"], result
    assert (tmp_path / "came.bin").read_bytes() == b"old"
    assert [name for name in os.listdir(tmp_path) if "nasops-" in name] == []


# A QNAP calculates while the client waits: there is no task that could be stopped.
@pytest.mark.parametrize("device", STOPPED, indirect=True)
@pytest.mark.usefixtures("asked_first")
def test_a_download_that_fails_stops_the_task_of_the_device(device, file, bring):
    device.faults = [
        {"call": CHECKSUMS[device.vendor], "do": {"stall_task": True}},
        {"call": DOWNLOADS[device.vendor], "times": 0, "do": {"status": 500}},
    ]
    result = bring()
    assert result["failed"], result
    assert result["failure"]["call"].startswith(DOWNLOADS[device.vendor].split("{")[0]), result
    assert fnmatch.filter(calls(device), device.told("stop"))


def test_a_download_that_fails_does_not_wait_for_a_checksum_that_nothing_stops(device, file, bring, monkeypatch):
    monkeypatch.setattr(crew, "CLEARING", 0.1)
    device.faults = [
        {"call": CHECKSUMS[device.vendor], "do": {"slow": 10}},
        {"call": DOWNLOADS[device.vendor], "times": 0, "do": {"status": 500}},
    ]
    assert bring()["failed"]
    assert CHECKSUMS[device.vendor] not in calls(device)  # not answered yet


def test_another_checksum_than_that_of_what_came_is_an_error(device, file, bring, tmp_path, monkeypatch):
    real = fetch.comparison.device_digest
    wrong = fetch.comparison.Digest("md5", "0" * 32)
    monkeypatch.setattr(fetch.comparison, "device_digest", lambda *asked: real(*asked) and wrong)
    result = bring()
    assert result["failed"], result
    assert result["failure"]["kind"] == "mismatch"
    assert not (tmp_path / "came.bin").exists()
