# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting a file in place: while somebody else does the same, with names that a device does not give, and on a device
that does not do what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Optional

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks
from ansible_collections.nasops.nas.plugins.module_utils._core import names as _names
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery import atomic
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils.disk_fake import Disk, Fault, idle

PATH = "/home/f"
PART, OLD = marks.staging_path(PATH), marks.backup_path(PATH)
ODD = (
    "Smith, John.txt",
    "C++.txt",
    "O'Brien.txt",
    "50%.txt",
    "a:b.txt",
    "\udce9t\udce9",
    "e\u0301",
    "x" * 200,
    "a ",
    "b.",
)
PLAIN = ("report.txt", "\u00e9t\u00e9 2024 (1).txt", "\u65e5\u672c.md", ".env", "__init__.py", "a-b_c")


def deliver(
    disk: Any, content: bytes, path: str = PATH, *, replaces: bool = True, backup: Optional[str] = None
) -> None:
    source = BytesSource(content)
    atomic.deliver(disk, source, path, replaces=replaces, backup=backup, mtime=None, watch=Watch())


def first(act: Callable[[], object]) -> Fault:
    """What somebody else does just before the call."""

    def fault(work: Callable[[], Any]) -> None:
        act()
        work()

    return fault


def files_of(disk: Disk) -> dict[str, Optional[bytes]]:
    return {path: data for path, data in disk.content.items() if path != "/home"}


def test_a_file_is_replaced() -> None:
    disk = Disk({PATH: b"old"})
    deliver(disk, b"new")
    assert files_of(disk) == {PATH: b"new"}
    assert [call[0] for call in disk.writes] == ["upload", "rename", "rename", "delete"]


class Summing(Disk):
    """Calculates checksums."""

    features = Disk.features._replace(checksum_algorithms=("sha1",))

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        return hashlib.new(algorithm, self.content[path] or b"").hexdigest()


@pytest.mark.parametrize("size", [3, 100_000])
@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: data + b"?", lambda data: b"?" + data[1:], lambda data: b""],
    ids=["short", "long", "other", "empty"],
)
def test_what_arrives_damaged_replaces_nothing(damage: Callable[[bytes], bytes], size: int) -> None:
    for old in ({PATH: b"old"}, {}):
        disk = Summing({**old})
        disk.damage = damage
        with pytest.raises(NasError) as caught:
            deliver(disk, b"n" * size, replaces=bool(old))
        assert caught.value.kind is Kind.MISMATCH
        assert files_of(disk) == old
        assert "rename" not in [call[0] for call in disk.writes]


def test_the_recycle_bin_gets_a_name_that_tells_whose_it_is() -> None:
    disk = Disk({"/home/report.txt": b"old"})
    deliver(disk, b"new", "/home/report.txt")
    assert disk.writes[-1][0] == "delete"
    assert disk.writes[-1][1].endswith("report.txt")


@pytest.mark.parametrize("name", ["x" * 255, "\u00e9" * 127, "short", "\udcff" * 200])
def test_a_name_of_our_own_is_not_longer_than_the_device_takes(name: str) -> None:
    ours = _paths.name(marks.backup_path(f"/home/{name}")).encode("utf-8", "surrogateescape")
    assert len(ours) <= max(_names.SAFE, len(name.encode("utf-8", "surrogateescape")))
    assert ours.startswith(b".nasops-")


def test_what_somebody_else_sends_is_not_removed() -> None:
    disk = Disk({PATH: b"old", PART: b"half of anoth"})
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new")
    assert raised.value.kind is Kind.EXISTS
    assert files_of(disk) == {PATH: b"old", PART: b"half of anoth"}


def test_the_old_content_stays_when_something_else_got_the_name() -> None:
    disk = Disk({PATH: b"old"})
    disk.faults = {3: first(lambda: disk.content.update({PART: b"half of anoth"}))}
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new")
    assert raised.value.kind is Kind.MISMATCH
    assert OLD in raised.value.hint
    assert files_of(disk) == {PATH: b"half of anoth", OLD: b"old"}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_name_costs_nothing(name: str) -> None:
    disk = Disk({f"/home/{name}": b"old"})
    deliver(disk, b"new", f"/home/{name}")
    assert len(disk.writes) == 4


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_the_device_only_shows_is_not_touched(name: str) -> None:
    path = f"/home/{name}"
    disk = Disk({path: b"old"})
    disk.refused_names = lambda given: given == name
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new", path)
    assert raised.value.kind is Kind.INVALID_NAME
    assert repr(name) in raised.value.message
    assert raised.value.hint
    assert files_of(disk) == {path: b"old"}
    assert not any(path in call for call in disk.writes)


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_the_device_changes_is_not_touched(name: str) -> None:
    path = f"/home/{name}"
    disk = Disk({path: b"old"})
    disk.loose = lambda given: "other" if given == name else given
    with pytest.raises(NasError, match="gives it to nothing"):
        deliver(disk, b"new", path)
    assert files_of(disk) == {path: b"old"}


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_the_device_gives_after_all(name: str) -> None:
    path = f"/home/{name}"
    disk = Disk({path: b"old"})
    deliver(disk, b"new", path)
    assert files_of(disk) == {path: b"new"}


def test_a_full_disk_is_no_refused_name() -> None:
    disk = Disk({"/home/50%": b"old"})

    def full(work: Any) -> None:
        raise NasError(Kind.NO_SPACE, "full")

    disk.faults = {1: full}
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new", "/home/50%")
    assert raised.value.kind is Kind.NO_SPACE


@pytest.mark.parametrize("call", [2, 3])
@pytest.mark.parametrize("backup", [None, "/home/f.backup~"])
def test_a_rename_that_does_nothing(call: int, backup: Optional[str]) -> None:
    disk = Disk({PATH: b"old"}, faults={call: idle})
    with pytest.raises(NasError):
        deliver(disk, b"new", backup=backup)
    assert files_of(disk) == {PATH: b"old"}


def test_a_rename_of_a_new_file_that_does_nothing() -> None:
    disk = Disk({}, faults={2: idle})
    with pytest.raises(NasError, match="and did not"):
        deliver(disk, b"new", replaces=False)
    assert files_of(disk) == {}


def test_renames_that_never_do_anything_again() -> None:
    disk = Disk({PATH: b"old"}, faults={3: idle, 4: idle})
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new")
    assert OLD in raised.value.hint
    assert disk.content[OLD] == b"old"


def test_a_failed_upload_names_the_path_of_the_user() -> None:
    def full(work: Any) -> None:
        raise NasError(Kind.NO_SPACE, "full", path=PART)

    disk = Disk({}, faults={1: full})
    with pytest.raises(NasError) as raised:
        deliver(disk, b"new", replaces=False)
    assert raised.value.path == PATH
