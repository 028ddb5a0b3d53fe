# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What writes looks at the state before it fails for an answer that did not come, in every client."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _lost
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._source import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._watch import OverdueError, Watch
from disk_fake import Disk, lost

CUT = NasError(Kind.CONNECTION, "the connection broke off", call="any")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NasError(Kind.CONNECTION, "cut"), True),
        (NasError(Kind.TIMEOUT, "late"), True),
        (NasError(Kind.BUSY, "a web server's", code="HTTP 502"), True),
        (NasError(Kind.PROTOCOL, "a web page"), True),
        (NasError(Kind.DEVICE, "a web server's", code="HTTP 500"), True),
        (NasError(Kind.DEVICE, "the device's own", code="1200"), False),
        (NasError(Kind.PERMISSION_DENIED, "no"), False),
        (NasError(Kind.EXISTS, "taken"), False),
        (OverdueError(Kind.TIMEOUT, "a task was stopped"), False),
    ],
)
def test_which_failures_say_nothing_about_the_work(error: NasError, expected: bool) -> None:
    assert _lost.is_lost(error) is expected


def test_the_state_is_looked_at_until_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(_lost, "pause", pauses.append)
    answers = iter([None, NasError(Kind.CONNECTION, "still away"), "whole"])

    def work() -> str:
        raise CUT

    def look() -> Any:
        answer = next(answers)
        if isinstance(answer, NasError):
            raise answer
        return answer

    assert _lost.settled(work, look) == "whole"
    assert pauses == list(_lost.PAUSES[:3])


def test_the_first_failure_is_told_when_it_never_is() -> None:
    looks = []

    def work() -> str:
        raise CUT

    with pytest.raises(NasError) as raised:
        _lost.settled(work, lambda: looks.append(1))
    assert raised.value is CUT
    assert len(looks) == len(_lost.PAUSES)


CHANGES = {
    "upload": lambda disk: disk.upload(BytesSource(b"new"), "/home/new", mtime=None, watch=Watch()),
    "rename": lambda disk: disk.rename("/home/f", "g"),
    "delete": lambda disk: disk.delete(["/home/f"], recursive=False, watch=Watch()),
    "create_folders": lambda disk: disk.create_folders(["/home/a", "/home/a/b"]),
    "set_mtime": lambda disk: disk.set_mtime("/home/f", 12),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_lost_answer_to_what_was_done(name: str) -> None:
    wanted = Disk({"/home/f": b"old"})
    CHANGES[name](wanted)
    disk = Disk({"/home/f": b"old"}, faults={1: lost(after=True)})
    CHANGES[name](disk)
    assert disk.content == wanted.content
    assert disk.times == wanted.times


@pytest.mark.parametrize("name", CHANGES)
def test_a_lost_answer_to_what_was_not_done(name: str) -> None:
    disk = Disk({"/home/f": b"old"}, faults={1: lost(after=False)})
    with pytest.raises(NasError) as raised:
        CHANGES[name](disk)
    assert raised.value.kind is Kind.CONNECTION
    assert disk.content == {"/home": None, "/home/f": b"old"}


def test_an_upload_of_the_right_size_with_other_bytes_is_not_whole() -> None:
    """A device may have set the length of a file before its bytes came."""
    disk = Disk({}, faults={1: lost(after=True)})
    disk.damage = lambda data: b"\0" * len(data)
    with pytest.raises(NasError):
        disk.upload(BytesSource(b"new"), "/home/new", mtime=None, watch=Watch())


def test_a_large_upload_is_read_where_the_device_has_no_checksums() -> None:
    data = b"x" * 100_000
    disk = Disk({}, faults={1: lost(after=True)})
    disk.upload(BytesSource(data), "/home/new", mtime=None, watch=Watch())
    assert disk.content["/home/new"] == data
    assert ("download", "/home/new") in disk.reads
