# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk: API paths (/share/folder/file) over a real folder, byte for byte.

Names are never normalised: what a client sends is what lies on the disk, surrogate escapes included. The first level
below the root are the shares. Nothing leads out of the root, neither `..` nor a symbolic link: a link out of it is
listed, renamed and removed as what it is, and nothing is read or written through it. A link to another share has that
share's rights.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import hashlib
import os
import pwd
import secrets
import shutil
import stat as stat_module
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from . import errors
from .progress import Progress
from .space import Budget, folder_bytes

T = TypeVar("T")
CHUNK = 1 << 20


class Link(NamedTuple):
    """Where a symbolic link leads.

    `text` is what the link says, as the device's own disk would have it: relative as it stands, absolute as an API path
    (out of the root: as it stands). `target` is the API path where it leads in the end, every link on the way followed,
    whether or not something is there; None out of the root, or in a circle. `broken`: nothing that the device can see
    is there.
    """

    text: str
    target: str | None
    broken: bool


class Entry(NamedTuple):
    """What lies at a path. Times are seconds since 1970, with fractions.

    A link has `link`, and is otherwise what it leads to (`is_folder`, size, times, rights); a broken one is a file.
    """

    path: str
    name: str
    real: str
    is_folder: bool
    is_link: bool
    size: int
    mtime: float
    atime: float
    ctime: float
    crtime: float
    mode: int
    uid: int
    gid: int
    link: Link | None = None

    @property
    def leaves_root(self) -> bool:
        """A link out of the root (or in a circle): it can be seen, not followed."""
        return self.link is not None and self.link.target is None

    @property
    def leaves_share(self) -> bool:
        """A link to a place that is not below its own share."""
        if self.link is None:
            return False
        return self.link.target is None or split(self.link.target)[:1] != split(self.path)[:1]

    @property
    def owner(self) -> str:
        return _user_name(self.uid)

    @property
    def group(self) -> str:
        return _group_name(self.gid)


@lru_cache(maxsize=64)
def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@lru_cache(maxsize=64)
def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


@contextlib.contextmanager
def os_errors(path: str) -> Iterator[None]:
    """Turn an OSError into its DiskError."""
    try:
        yield
    except OSError as exc:
        raise errors.from_os_error(exc, path) from exc


def split(path: str) -> list[str]:
    """The names of an absolute API path; a trailing slash is not seen."""
    if not path.startswith("/") or "\0" in path:
        raise errors.BadPath(path)
    names = [name for name in path.split("/") if name]
    if any(name in {".", ".."} for name in names):
        raise errors.BadPath(path)
    if len(path) < 64:  # characters, each at most four bytes
        return names
    if any(len(os.fsencode(name)) > 255 for name in names) or len(os.fsencode(path)) > 4096:
        raise errors.NameTooLong(path)
    return names


def parent(path: str) -> str:
    return "/" + "/".join(split(path)[:-1])


def base_name(path: str) -> str:
    names = split(path)
    return names[-1] if names else ""


def join(folder: str, name: str) -> str:
    return folder.rstrip("/") + "/" + name


def same_file(one: Entry, other: Entry) -> bool:
    """Whether two entries are, or lead to, the same file."""
    try:
        return os.path.samefile(one.real, other.real)
    except OSError:  # a broken link
        return one.real == other.real


class Disk:
    """The root and its rules. All methods block; `await disk.run(disk.method, ...)` runs a long one in a thread."""

    def __init__(
        self,
        root: Path,
        *,
        capacity: int | None = None,
        quotas: dict[str, int] | None = None,
        read_only: Iterable[str] = (),
        denied: Iterable[str] = (),
    ) -> None:
        self.root = os.path.realpath(root)
        self.capacity = capacity
        self.quotas = dict(quotas or {})
        self.read_only = set(read_only)
        self.denied = set(denied)
        self._crtimes: dict[tuple[int, int], float] = {}

    @staticmethod
    async def run(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await asyncio.to_thread(work, *args, **kwargs)

    # -- paths and rights

    def real(self, path: str, *, follow: bool = True) -> str:
        """The real path; with `follow=False` the last name may be a link and is not resolved."""
        names = split(path)
        if not names:
            return self.root
        if names[0].startswith("."):  # the simulator's own
            raise errors.NotFound(path)
        if self._api(self._resolved(names if follow else names[:-1])) is None:
            raise errors.BadPath(path)
        return os.path.join(self.root, *names)

    def _resolved(self, names: Sequence[str]) -> str:
        """`os.path.realpath` of a path below the root, in a tenth of its time where no link is on the way."""
        at = self.root
        for name in names:
            at = f"{at}{os.sep}{name}"
            try:
                if stat_module.S_ISLNK(os.lstat(at).st_mode):
                    return os.path.realpath(os.path.join(self.root, *names))
            except FileNotFoundError:
                return os.path.join(self.root, *names)
            except OSError:
                return os.path.realpath(os.path.join(self.root, *names))
        return at

    def _api(self, real: str) -> str | None:
        """The API path of a real one without links; None out of the root, or among the simulator's own."""
        if real == self.root:
            return "/"
        if not real.startswith(self.root + os.sep) or real[len(self.root) + 1] == ".":
            return None
        return real[len(self.root) :]

    def place(self, path: str) -> str:
        """The API path where a path leads, every link followed; the path itself where that is out of the root."""
        return self._api(self._resolved(split(path))) or path

    def share(self, path: str) -> str:
        """The share's name, or an empty string for the root."""
        names = split(path)
        return names[0] if names else ""

    def shares(self) -> list[Entry]:
        """The first-level folders, by name; hidden ones (a leading dot) are the simulator's own."""
        return sorted(
            (entry for entry in self.list("/", check=False) if entry.is_folder and not entry.name.startswith(".")),
            key=lambda entry: entry.name,
        )

    def check_read(self, path: str) -> None:
        """Raise Denied when the user may not read here: a denied share, or an entry without its owner's read bit."""
        if {self.share(path), self.share(self.place(path))} & self.denied:
            raise errors.Denied(path)
        with contextlib.suppress(OSError):
            if not os.stat(self.real(path)).st_mode & stat_module.S_IRUSR:
                raise errors.Denied(path)

    def check_write(self, path: str) -> None:
        """Raise when the user may not change what is at this path: share rights, or the parent's owner write bit."""
        share = self.share(path)
        folder = path if path.rstrip("/") == "/" + share else parent(path)
        shares = {share, self.share(self.place(folder))}
        if shares & self.denied:
            raise errors.Denied(path)
        if not share or shares & self.read_only:
            raise errors.ReadOnly(path)
        with contextlib.suppress(OSError):
            if not os.stat(self.real(folder)).st_mode & stat_module.S_IWUSR:
                raise errors.ReadOnly(path)

    def part_file(self) -> str:
        """A real path for something that is not complete yet; on the volume, in no share."""
        return os.path.join(self.scratch(), secrets.token_hex(8))

    def scratch(self) -> str:
        """A real folder for such things."""
        folder = os.path.join(self.root, ".parts")
        os.makedirs(folder, exist_ok=True)
        return folder

    def close(self) -> None:
        """Leave nothing of our own behind."""
        shutil.rmtree(os.path.join(self.root, ".parts"), ignore_errors=True)

    # -- reading

    def _entry(self, path: str, real: str, st: os.stat_result, link: Link | None) -> Entry:
        return Entry(
            path=path,
            name=os.path.basename(path.rstrip("/")),
            real=real,
            is_folder=stat_module.S_ISDIR(st.st_mode),
            is_link=link is not None,
            size=st.st_size,
            mtime=st.st_mtime,
            atime=st.st_atime,
            ctime=st.st_ctime,
            mode=stat_module.S_IMODE(st.st_mode),
            uid=st.st_uid,
            gid=st.st_gid,
            crtime=self._crtimes.get((st.st_dev, st.st_ino), min(st.st_mtime, st.st_ctime)),
            link=link,
        )

    def _linked(self, real: str) -> tuple[Link, os.stat_result]:
        """Where the link at a real path leads, and what the device sees there (or, broken, the link itself)."""
        text = os.readlink(real)
        if text.startswith("/"):
            text = self._api(os.path.normpath(text)) or text
        target = self._api(os.path.realpath(real))
        if target is not None:
            try:
                return Link(text, target, broken=False), os.stat(real)
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError:  # in a circle
                target = None
        return Link(text, target, broken=True), os.lstat(real)

    def stat(self, path: str, *, check: bool = True) -> Entry:
        """The entry, following a link; a link that leads nowhere, or out of the root, is an entry of its own."""
        real = self.real(path, follow=False)
        if check and self.share(path) in self.denied:
            raise errors.Denied(path)
        with os_errors(path):
            st = os.lstat(real)
            link = None
            if stat_module.S_ISLNK(st.st_mode):
                link, st = self._linked(real)
        return self._entry(path.rstrip("/") or "/", real, st, link)

    def find(self, path: str) -> Entry | None:
        """The entry, or None when nothing is there."""
        try:
            return self.stat(path)
        except (errors.NotFound, errors.NotFolder):
            return None

    def list(self, path: str, *, check: bool = True) -> list[Entry]:
        """A folder's entries, in the order the disk gives them, links among them (`entry.link`)."""
        real = self.real(path)
        if check:
            self.check_read(path)
        found: list[Entry] = []
        with os_errors(path), os.scandir(real) as entries:
            for item in entries:
                try:
                    link, st = self._linked(item.path) if item.is_symlink() else (None, item.stat())
                except OSError:  # gone meanwhile
                    continue
                found.append(self._entry(join(path, item.name), item.path, st, link))
        return found

    def walk(self, path: str, *, follow: bool = False) -> Iterator[Entry]:
        """The entry and everything below it, parents first, names in order.

        With `follow`, folders are entered through links too, except where one leads to a folder that the walk is in.
        """
        yield from self._walk(self.stat(path), follow, ())

    def _walk(self, top: Entry, follow: bool, above: tuple[str, ...]) -> Iterator[Entry]:
        yield top
        if not top.is_folder or (top.link is not None and not follow):
            return
        here = os.path.realpath(top.real)
        if here in above:
            return
        for entry in sorted(self.list(top.path), key=lambda item: item.name):
            yield from self._walk(entry, follow, (*above, here))

    def measure(self, path: str) -> tuple[int, int, int]:
        """(folders, files, bytes) of an entry and everything below it; the entry itself counts."""
        folders = files = size = 0
        for entry in self.walk(path):
            if entry.is_folder:
                folders += 1
            else:
                files += 1
                size += entry.size
        return folders, files, size

    def hash(self, path: str, algorithm: str = "md5", progress: Progress | None = None) -> str:
        """The hex digest of a file."""
        entry = self.stat(path)
        if entry.is_folder:
            raise errors.IsFolder(path)
        self.check_read(path)
        digest = hashlib.new(algorithm, usedforsecurity=False)
        with os_errors(path), open(self.real(path), "rb") as handle:
            while block := handle.read(CHUNK):
                if progress is not None:
                    progress.checkpoint()
                    progress.advance(size=len(block), current=path)
                digest.update(block)
        return digest.hexdigest()

    # -- changing

    def mkdir(self, path: str, *, parents: bool = False, mode: int = 0o777) -> Entry:
        """One folder; `parents` makes the missing ones above (never a share). Exists when something is there."""
        self.check_write(path)
        names = split(path)
        with os_errors(path):
            if parents:
                for depth in range(2, len(names)):
                    above = "/" + "/".join(names[:depth])
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(self.real(above), mode)
            os.mkdir(self.real(path), mode)
        return self.stat(path)

    def rename(self, path: str, target: str, *, overwrite: bool = False) -> Entry:
        """Give an entry another path, at once. Exists when that is taken (unless `overwrite` and both are files)."""
        self.check_write(path)
        self.check_write(target)
        entry = self.stat(path)
        taken = self.find(target)
        if target.startswith(path.rstrip("/") + "/"):
            raise errors.IntoItself(target)
        same = taken is not None and same_file(entry, taken)
        if taken is not None and not same and (not overwrite or taken.is_folder or entry.is_folder):
            raise errors.Exists(target)
        with os_errors(path):
            os.rename(entry.real, self.real(target, follow=False))
        return self.stat(target)

    def delete(self, path: str, *, recursive: bool = True, progress: Progress | None = None) -> int:
        """Remove an entry; how many entries went. NotEmpty for a folder with content unless `recursive`."""
        self.check_write(path)
        entry = self.stat(path)
        gone = 0
        if entry.is_folder and not entry.is_link:
            children = self.list(path)
            if children and not recursive:
                raise errors.NotEmpty(path)
            for child in sorted(children, key=lambda item: item.name):
                gone += self.delete(child.path, progress=progress)
        if progress is not None:
            progress.checkpoint()
        with os_errors(path):
            if entry.is_folder and not entry.is_link:
                os.rmdir(entry.real)
            else:
                os.unlink(entry.real)
        if progress is not None:
            progress.advance(files=1, current=path)
        return gone + 1

    def set_times(
        self, path: str, *, mtime: float | None = None, atime: float | None = None, crtime: float | None = None
    ) -> None:
        """Set some of an entry's times; the others keep their value."""
        self.check_write(path)
        real = self.real(path)
        with os_errors(path):
            st = os.stat(real)
            if mtime is not None or atime is not None:
                os.utime(
                    real,
                    ns=(
                        st.st_atime_ns if atime is None else round(atime * 1e6) * 1000,
                        st.st_mtime_ns if mtime is None else round(mtime * 1e6) * 1000,
                    ),
                )
            if crtime is not None:
                self._crtimes[(st.st_dev, st.st_ino)] = crtime

    # -- room

    def usage(self) -> tuple[int, int]:
        """(total, free) bytes of the volume."""
        if self.capacity is None:
            volume = os.statvfs(self.root)
            return volume.f_blocks * volume.f_frsize, volume.f_bavail * volume.f_frsize
        return self.capacity, max(0, self.capacity - folder_bytes(self.root))

    def budget(self, path: str) -> Budget:
        """What may still be written at this path."""
        budget = Budget(path)
        if self.capacity is not None:
            budget.limit(self.usage()[1], errors.NoSpace)
        quota = self.quotas.get(self.share(path))
        if quota is not None:
            budget.limit(quota - folder_bytes(self.real("/" + self.share(path))), errors.Quota)
        return budget
