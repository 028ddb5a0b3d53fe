# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The note of what an archive holds, where the device cannot list it: one that makes no sense counts for nothing."""

from __future__ import annotations

import json

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._delivery import archive_record

ARCHIVE = Entry(path="/s/a.zip", type=FILE, size=100, mtime=1_700_000_000)
GOOD = ["d/a.txt", FILE, 5, 1_600_000_000]


class Features:
    list = False


class Archives:
    """A device that does not list archives."""

    features = Features()


class Files:
    """A device that holds the note."""

    def __init__(self, note):
        self.note = note if isinstance(note, bytes) else json.dumps(note).encode()

    def stat(self, paths):
        return {path: Entry(path=path, type=FILE, size=len(self.note), mtime=0) for path in paths}

    def download(self, path, sink, *, watch, entry):
        assert path == archive_record.record_path(ARCHIVE.path)
        sink.write(self.note)


def known(rows, size=100, mtime=1_700_000_000):
    note = rows if isinstance(rows, bytes) else {"archive": {"size": size, "mtime": mtime}, "members": rows}
    return archive_record.known(Files(note), Archives(), ARCHIVE, None, None)


def test_a_note_of_this_archive_counts():
    assert known([GOOD, ["d", FOLDER, None, None]]) == [
        ArchiveMember("d/a.txt", FILE, 5, 1_600_000_000),
        ArchiveMember("d", FOLDER, None, None),
    ]


@pytest.mark.parametrize(("size", "mtime"), [(101, 1_700_000_000), (100, 1_700_000_001), (None, None)])
def test_a_note_of_another_archive_counts_for_nothing(size, mtime):
    assert known([GOOD], size, mtime) is None


@pytest.mark.parametrize(
    "row",
    [
        ["a", FILE, -1, 0],
        ["a", FILE, True, 0],
        ["a", FILE, "5", 0],
        ["a", FILE, 5, [0]],
        ["a", FILE, 5.5, 0],
        ["a", "device", 5, 0],
        ["", FILE, 5, 0],
        [None, FILE, 5, 0],
        ["a", FILE, 5],
        {},
        None,
    ],
)
def test_a_senseless_member_in_a_note_does_not_stay_in_the_way(row):
    assert known([GOOD, row]) is None


@pytest.mark.parametrize("note", [b"", b"\xff", b"[]", b"{", b"null", b'{"archive": 1}'])
def test_what_is_no_note_counts_for_nothing(note):
    assert known(note) is None
