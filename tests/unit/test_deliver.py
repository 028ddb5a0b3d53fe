# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting a file in place while somebody else, who takes none of our locks, does the same."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _deliver, _paths
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import FILE, Entry
from ansible_collections.nasops.nas.plugins.module_utils._source import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

PATH = "/home/f"
PART, OLD = _deliver.arriving(PATH), _deliver.leaving(PATH)


class Disk:
    """Files in memory. `before_rename` is what somebody else does just before a name changes."""

    sets_mtime_at_upload = False
    sets_mtime_of: frozenset[str] = frozenset()

    def __init__(self, **content: bytes) -> None:
        self.content = {"/home/" + name: data for name, data in content.items()}
        self.before_rename: Any = lambda path, name: None

    def stat(self, paths: Any) -> dict[str, Any]:
        return {path: Entry(path, FILE, len(self.content[path])) if path in self.content else None for path in paths}

    def upload(self, source: Any, path: str, **more: Any) -> None:
        if path in self.content:
            raise NasError(Kind.EXISTS, "the name is taken", path=path)
        self.content[path] = b"".join(source.pieces())

    def download(self, path: str, sink: Any, **more: Any) -> int:
        return int(sink.write(self.content[path]))

    def rename(self, path: str, name: str) -> None:
        self.before_rename(path, name)
        target = _paths.join(_paths.parent(path), name)
        if target in self.content:
            raise NasError(Kind.EXISTS, "the name is taken", path=target)
        self.content[target] = self.content.pop(path)

    def delete(self, paths: Any, **more: Any) -> None:
        for path in paths:
            del self.content[path]


def deliver(disk: Any, content: bytes) -> None:
    _deliver.deliver(disk, BytesSource(content), PATH, replaces=True, backup=None, mtime=None, watch=Watch())


def test_a_file_is_replaced() -> None:
    disk = Disk(f=b"old")
    deliver(disk, b"new")
    assert disk.content == {PATH: b"new"}


def test_what_somebody_else_sends_is_not_removed() -> None:
    disk = Disk(f=b"old")
    disk.content[PART] = b"half of anoth"
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new")
    assert raised.value.kind is Kind.EXISTS
    assert disk.content == {PATH: b"old", PART: b"half of anoth"}


def test_the_old_content_stays_when_something_else_got_the_name() -> None:
    disk = Disk(f=b"old")

    def somebody(path: str, name: str) -> None:
        if path == PART:
            disk.content[PART] = b"half of anoth"

    disk.before_rename = somebody
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new")
    assert raised.value.kind is Kind.MISMATCH
    assert OLD in raised.value.hint
    assert disk.content == {PATH: b"half of anoth", OLD: b"old"}
