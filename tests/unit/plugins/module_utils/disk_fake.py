# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NAS in memory with all that writes, and a fault at whichever of its calls a test chooses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Optional

from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.archives import ArchiveFeatures
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.copies import CopyFeatures
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.recycle_bin import RecycleBinFeatures
from ansible_collections.nasops.nas.plugins.module_utils._api.files import FileFeatures, Files
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Bin
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry, Share

Fault = Callable[[Callable[[], Any]], None]
"""What a call does in place of its work, which it is given."""


class Killed(BaseException):
    """The process ends here; nothing that clears up runs on the device any more."""


def lost(*, after: bool) -> Fault:
    """The answer does not come, of work that was done or not."""

    def fault(work: Callable[[], Any]) -> None:
        if after:
            work()
        raise NasError(Kind.CONNECTION, "the connection broke off", call="any")

    return fault


def refused(kind: Kind = Kind.DEVICE) -> Fault:
    """The device says no."""

    def fault(work: Callable[[], Any]) -> None:
        raise NasError(kind, "no", call="any")

    return fault


def half_done(work: Callable[[], Any]) -> None:
    """The device does a part of its work, if it has parts, and fails at the rest."""
    getattr(work, "half", int)()
    raise NasError(Kind.DEVICE, "no more than that", call="any")


def idle(work: Callable[[], Any]) -> None:
    """The device says that it is done, and did nothing."""


def killed(*, after: bool) -> Fault:
    """Our process dies before or after the device's work."""

    def fault(work: Callable[[], Any]) -> None:
        if after:
            work()
        raise Killed

    return fault


class Disk(Files):
    """Folders (None) and files by their path, in the share /home.

    :param content: of the files.
    :param faults: by the number of the call that writes, from 1 on.
    :ivar refused_names: what the device shows, and gives to nothing.
    :ivar damage: what becomes of the bytes of an upload.
    """

    features = FileFeatures(sets_mtime_of=frozenset((FILE, FOLDER)), owner=True)

    def __init__(self, content: Mapping[str, Optional[bytes]], faults: Optional[Mapping[int, Fault]] = None) -> None:
        self.content: dict[str, Optional[bytes]] = {"/home": None, **content}
        self.times: dict[str, int] = {}
        self.faults = dict(faults or {})
        self.writes: list[tuple[Any, ...]] = []
        self.reads: list[tuple[str, Any]] = []
        self.refused_names: Callable[[str], bool] = lambda name: False
        self.damage: Callable[[bytes], bytes] = lambda data: data
        self.dead = False
        self.loose: Callable[[str], str] = lambda name: name

    # what reads

    def shares(self) -> list[Share]:
        return [Share("home", "/home")]

    def entry(self, path: str) -> Optional[Entry]:
        if path not in self.content:
            return None
        data = self.content[path]
        if data is None:
            return Entry(path, FOLDER)
        return Entry(path, FILE, len(data), self.times.get(path, 1000))

    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        self._alive()
        self.reads.append(("stat", tuple(paths)))
        return {path: self.entry(path) for path in paths}

    def list(self, path: str) -> Iterator[Entry]:
        self._alive()
        self.reads.append(("list", path))
        if path not in self.content:
            raise NasError(Kind.NOT_FOUND, "no such folder", path=path)
        for one in sorted(self.content):
            entry = self.entry(one)
            if _paths.parent(one) == path and entry is not None:
                yield entry

    def download(self, path: str, sink: BinaryIO, *, watch: Any, entry: Optional[Entry] = None) -> int:
        self._alive()
        self.reads.append(("download", path))
        data = self.content.get(path)
        if data is None:
            raise NasError(Kind.NOT_FOUND, "no such file", path=path)
        sink.write(data)
        return len(data)

    # what writes

    def create_folders(self, paths: Sequence[str]) -> None:
        def work() -> None:
            for path in paths:
                self._give(path)
                self.content[path] = None

        self._write("create_folders", work, *paths)

    def rename(self, path: str, name: str) -> None:
        def work() -> None:
            if path not in self.content:
                raise NasError(Kind.NOT_FOUND, "no such file or folder", path=path)
            new = _paths.join(_paths.parent(path), self.loose(name))
            self._give(new)
            self._carry(path, new)

        self._write("rename", work, path, name)

    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Any) -> None:
        def work(some: Optional[int] = None) -> None:
            for path in paths[:some]:
                if path not in self.content:
                    raise NasError(Kind.NOT_FOUND, "no such file or folder", path=path)
                below = [one for one in self.content if one.startswith(f"{path}/")]
                if below and not recursive:
                    raise NasError(Kind.NOT_EMPTY, "the folder holds something", path=path)
                for one in (path, *below):
                    del self.content[one]

        work.half = lambda: work(len(paths) // 2)  # type: ignore[attr-defined]
        self._write("delete", work, *paths)
        if any(path in self.content for path in paths):
            raise NasError(Kind.DEVICE, "this is still there", path=paths[0])

    def upload(self, source: Any, path: str, *, mtime: Optional[int], watch: Any, times: Any = None) -> None:
        def work() -> None:
            self._give(path)
            self.content[path] = self.damage(b"".join(source.pieces()))

        self._write("upload", work, path)

    def set_mtime(self, path: str, mtime: int) -> None:
        self._write("set_mtime", lambda: self.times.update({path: mtime}), path)

    def move(self, path: str, folder: str) -> None:
        """Into another folder, under the same name; whoever has the name there keeps it."""
        new = _paths.join(folder, _paths.name(path))
        if new not in self.content:
            self._carry(path, new)

    def copy(self, path: str, folder: str) -> None:
        """The same without removing it."""
        new = _paths.join(folder, _paths.name(path))
        if new not in self.content:
            for one in [one for one in self.content if one == path or one.startswith(f"{path}/")]:
                self.content[new + one[len(path) :]] = self.content[one]

    def _carry(self, path: str, new: str) -> None:
        for one in [one for one in self.content if one == path or one.startswith(f"{path}/")]:
            self.content[new + one[len(path) :]] = self.content.pop(one)

    def _give(self, path: str) -> None:
        """A name to something new."""
        if path in self.content:
            raise NasError(Kind.EXISTS, "the name is taken", path=path)
        if _paths.parent(path) not in self.content:
            raise NasError(Kind.NOT_FOUND, "no such folder", path=path)
        if self.refused_names(_paths.name(path)):
            raise NasError(Kind.INVALID_NAME, "no such name is given", path=path)

    def _write(self, name: str, work: Callable[[], Any], *about: Any) -> None:
        self._alive()
        self.writes.append((name, *about))
        fault = self.faults.get(len(self.writes))
        if fault is None:
            work()
            return
        try:
            fault(work)
        except Killed:
            self.dead = True
            raise

    def _alive(self) -> None:
        if self.dead:
            raise Killed

    def again(self) -> Disk:
        """The same disk for the next run."""
        other = Disk(self.content)
        other.times, other.refused_names, other.loose = self.times, self.refused_names, self.loose
        return other


class Copying:
    """Copies and moves on a Disk."""

    features = CopyFeatures(conflicts=frozenset(("skip", "overwrite")))

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Any) -> None:
        def work() -> None:
            for path in sources:
                if path not in self._disk.content or folder not in self._disk.content:
                    raise NasError(Kind.NOT_FOUND, "no such file or folder", path=path)
                (self._disk.move if move else self._disk.copy)(path, folder)

        self._disk._write("into", work, *sources, folder)


class Recycling:
    """The recycle bin of /home on a Disk."""

    features = RecycleBinFeatures(folder="#recycle")

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def bins(self, shares: Optional[Sequence[str]] = None) -> list[Bin]:
        return [Bin("/home", "/home/#recycle")]

    def restore(self, paths: Sequence[str], *, watch: Any) -> None:
        def work() -> None:
            for path in paths:
                if path not in self._disk.content:
                    raise NasError(Kind.NOT_FOUND, "not in the bin", path=path)
                self._disk.move(path, _paths.parent(path.replace("/#recycle", "", 1)))

        self._disk._write("restore", work, *paths)


class Nas:
    """The client of a Disk."""

    vendor = "any"

    def __init__(self, disk: Disk) -> None:
        self.files = disk
        self.copies = Copying(disk)
        self.recycle_bin = Recycling(disk)
        self.archives = Packing(disk)
        self.assembly = Joining(disk)


class Packing:
    """Archives on a Disk: their content names their members, and those are packed and unpacked whole."""

    features = ArchiveFeatures(formats=("zip",), list=True, scattered=True, extract_members=True)

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def compress(self, sources: Sequence[str], archive: str, packing: Any, *, watch: Any) -> None:
        def work() -> None:
            held = {}
            for source in sources:
                top = len(_paths.parent(source)) + 1
                for path, data in self._disk.content.items():
                    if path == source or path.startswith(f"{source}/"):
                        held[path[top:]] = None if data is None else data.decode()
            self._disk._give(archive)
            self._disk.content[archive] = json.dumps(held).encode()

        self._disk._write("compress", work, *sources, archive)

    def in_one_job(self, sources: Sequence[str], archive: str, packing: Any) -> bool:
        return True

    def members(self, archive: str, *, password: Any = None, codepage: Any = None) -> Iterator[ArchiveMember]:
        held = json.loads(self._disk.content[archive] or b"{}")
        for path, data in held.items():
            entry_type, size = (FOLDER, None) if data is None else (FILE, len(data))
            yield ArchiveMember(path, entry_type, size, None if data is None else 1000, path)

    def extract(self, archive: str, folder: str, unpacking: Any, *, watch: Any) -> None:
        def work() -> None:
            held = json.loads(self._disk.content[archive] or b"{}")
            wanted = None if unpacking.members is None else {member.path for member in unpacking.members}
            for path, data in held.items():
                if wanted is None or path in wanted or any(one.startswith(f"{path}/") for one in wanted):
                    self._disk.content[f"{folder}/{path}"] = None if data is None else data.encode()

        self._disk._write("extract", work, archive, folder)


class Joining:
    """One file from many on a Disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def assemble(self, files: Sequence[str], dest: str, *, watch: Any, **more: Any) -> None:
        def work() -> None:
            self._disk._give(dest)
            self._disk.content[dest] = b"".join(self._disk.content[path] or b"" for path in files)

        self._disk._write("assemble", work, *files, dest)
