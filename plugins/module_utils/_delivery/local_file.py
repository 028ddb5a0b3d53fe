# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file on the machine that runs the task: where it goes, how it is put there whole, who may read it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import os
import pwd
import re
import stat
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace, TracebackType
from typing import Any, BinaryIO, Optional, Union, cast

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import Kind, NasError, usage
from .._core.sources import SummedSink

ATTRIBUTE_OPTIONS: dict[str, dict[str, Any]] = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
}
LARGEST_MODE = 0o7777
LARGEST_ID = 2**32 - 2  # of a user or group
FULL = (errno.ENOSPC, errno.EDQUOT)
_OURS, _ENDING = ".nasops-", ".part"  # around what makes the name of an `Arrival` its own
_ARRIVAL = re.compile(rf"{re.escape(_OURS)}[a-z0-9_]{{8}}{re.escape(_ENDING)}")


@dataclass(frozen=True)
class Attributes:
    """Who may do what with a file; None leaves a thing as it is, or as it usually becomes.

    :param mode: a number, or a text such as `u=rw,g=r`.
    """

    mode: Union[int, str, None] = None
    uid: Optional[int] = None
    gid: Optional[int] = None

    def mode_for(self, current: Optional[os.stat_result]) -> int:
        """The mode that a file gets, given what it has now; None for a new one."""
        if isinstance(self.mode, int):
            return self.mode
        usual = stat.S_IMODE(current.st_mode) if current is not None else new_mode()
        return usual if self.mode is None else _symbolic(self.mode, usual)

    def drift(self, current: os.stat_result) -> dict[str, tuple[Any, Any]]:
        """What of a file differs from what is desired: its name, what it is, and what it shall be."""
        pairs = {
            "mode": (f"{stat.S_IMODE(current.st_mode):04o}", f"{self.mode_for(current):04o}"),
            "owner": (current.st_uid, current.st_uid if self.uid is None else self.uid),
            "group": (current.st_gid, current.st_gid if self.gid is None else self.gid),
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def give(self, filename: str, current: Optional[os.stat_result]) -> None:
        """Make a file as desired.

        :param current: what the file has, or what the one has that it replaces; None for a new one.
        :raises NasError: `USAGE` when this user may not.
        """
        with local_errors(filename):
            if self.uid is not None or self.gid is not None:
                os.chown(filename, -1 if self.uid is None else self.uid, -1 if self.gid is None else self.gid)
            elif current is not None:
                # As the old one, where that is allowed.
                with contextlib.suppress(PermissionError):
                    os.chown(filename, current.st_uid, current.st_gid)
            os.chmod(filename, self.mode_for(current))


def read_attributes(params: Mapping[str, Any]) -> Attributes:
    """The options `mode`, `owner` and `group`.

    :raises NasError: `USAGE` for what makes no sense here.
    """
    mode = params["mode"]
    if isinstance(mode, str) and mode:
        try:
            mode = int(mode, 8)
        except ValueError:
            _symbolic(mode, 0)
    if (
        mode is not None
        and not isinstance(mode, str)
        and (isinstance(mode, bool) or not isinstance(mode, int) or not 0 <= mode <= LARGEST_MODE)
    ):
        raise _bad_mode(params["mode"])
    owner = _id_of("owner", params["owner"], lambda name: pwd.getpwnam(name).pw_uid)
    return Attributes(
        None if mode == "" else mode, owner, _id_of("group", params["group"], lambda name: grp.getgrnam(name).gr_gid)
    )


def absolute(path: str) -> str:
    """A path of this machine as an option of the type `path` has it, from the root on."""
    return os.path.abspath(os.path.expanduser(os.path.expandvars(path)))


def destination(dest: str, name: Optional[str]) -> str:
    """The file that `dest` stands for: itself, or `name` in it when it is a folder; a link is followed.

    :param name: None when there is none to take.
    :raises NasError: `USAGE` for a folder without a name, and for what is neither file nor folder.
    """
    if os.path.isdir(dest) or dest.endswith(os.sep):
        if name is None:
            raise usage(
                f"option dest: {dest!r} is a folder", hint=f"Name a file in it, such as {os.path.join(dest, 'name')}"
            )
        dest = os.path.join(dest, name)
    dest = os.path.realpath(dest)
    if os.path.exists(dest) and not os.path.isfile(dest):
        raise usage(f"option dest: {dest!r} is no file", hint="Choose another path")
    return dest


def folder_of(dest: str) -> str:
    """The folder that a file for `dest` will lie in."""
    real = os.path.realpath(dest)
    return real if os.path.isdir(dest) or dest.endswith(os.sep) else os.path.dirname(real)


def is_ready(folder: str, *, parents: bool, may_be_created_earlier: bool) -> bool:
    """Whether a folder is there, or may be made, and can be written to.

    :param parents: whether it may be made.
    :param may_be_created_earlier: whether an earlier task may make it (check mode); then the result is False.
    :raises NasError: `USAGE`.
    """
    above = folder
    while not os.path.exists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above) or not os.access(above, os.W_OK | os.X_OK):
        hint = "Choose another folder"
        raise usage(f"option dest: nothing can be written to {above!r} on this machine", hint=hint)
    if above != folder and not parents and not may_be_created_earlier:
        raise usage(f"option dest: there is no folder {folder!r} on this machine", hint="Set parents to true")
    return above == folder or parents


def missing_folders(dest: str) -> tuple[str, ...]:
    """The folders above a file that are not there, the topmost first."""
    missing: list[str] = []
    folder = os.path.dirname(dest)
    while not os.path.exists(folder):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return tuple(missing)


def zip_holds(filename: str, sizes: Counter[int], *, thorough: bool = False) -> bool:
    """Whether a zip holds files of these sizes, by how many there are of each. It may hold more.

    :param thorough: whether all that it holds is read and compared with its checksums.
    """
    try:
        with zipfile.ZipFile(filename) as archive:
            if thorough and archive.testzip() is not None:
                return False
            held = Counter(member.file_size for member in archive.infolist() if not member.is_dir())
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False
    return not sizes - held


def is_left(filename: str) -> bool:
    """Whether it is the `Arrival` of a process that was killed, and of no use to anybody."""
    with _taken(filename) as is_taken:
        return is_taken


def remove_left(filename: str) -> None:
    """Remove such a file; others stay."""
    with local_errors(filename), _taken(filename) as is_taken, contextlib.suppress(FileNotFoundError):
        if is_taken:
            os.unlink(filename)


def clear_left(folder: str) -> None:
    """Remove all such files of a folder, where this user may list it."""
    left: list[str] = []
    with local_errors(folder), contextlib.suppress(PermissionError), os.scandir(folder) as entries:
        left += [one.path for one in entries if one.name.startswith(_OURS)]
    for filename in left:
        remove_left(filename)


@contextlib.contextmanager
def _taken(filename: str) -> Iterator[bool]:
    """Whether it is such a file; nobody else takes it for one meanwhile."""
    descriptor = None
    if _ARRIVAL.fullmatch(os.path.basename(filename)):
        with contextlib.suppress(OSError):
            descriptor = os.open(filename, os.O_RDWR | os.O_NOFOLLOW)
    if descriptor is None:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_taken = True
    except OSError:
        is_taken = False
    try:
        yield is_taken
    finally:
        os.close(descriptor)


class Arrival:
    """A file that becomes whole; gone at the end of the context if it was not put at its place.

    It is locked meanwhile, so that others know that somebody writes it; see `is_left`.

    :param folder: that of its place; None for a file that is only looked at.
    :param algorithms: the checksums that are taken of what comes.
    """

    def __init__(self, folder: Optional[str], algorithms: Iterable[str] = ()) -> None:
        while True:
            with local_errors(folder or tempfile.gettempdir()):
                descriptor, self.filename = tempfile.mkstemp(prefix=_OURS, suffix=_ENDING, dir=folder)
            with contextlib.suppress(OSError):  # some file systems have no locks: nobody can take it there either
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.exists(self.filename):
                break
            os.close(descriptor)  # somebody took it for one that is left, before it was locked
        self._lock = os.dup(descriptor)  # what comes is closed before it has its name
        self._summed = SummedSink(cast(BinaryIO, os.fdopen(descriptor, "wb")), algorithms)
        self.sink = cast(BinaryIO, self._summed)

    def __enter__(self) -> Arrival:
        return self

    def close(self) -> None:
        """Write all that came to the file, so that it can be read."""
        with local_errors(self.filename):
            self.sink.close()

    @property
    def checksums(self) -> dict[str, str]:
        """The hex digests of what came, by algorithm, once it is closed."""
        return self._summed.found

    def take_place(self, dest: str, attributes: Attributes, mtime: Optional[int]) -> None:
        """Put the file at `dest`, in one step."""
        with local_errors(dest):
            current = os.stat(dest) if os.path.exists(dest) else None
            attributes.give(self.filename, current)
            if mtime is not None:
                os.utime(self.filename, (mtime, mtime))
            os.replace(self.filename, dest)

    def __exit__(
        self, exc_type: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        with contextlib.suppress(OSError):
            self.sink.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.filename)
        os.close(self._lock)


def set_mtime(filename: str, mtime: int) -> None:
    """Give a file a modification time in seconds."""
    with local_errors(filename):
        os.utime(filename, (mtime, mtime))


@contextlib.contextmanager
def local_errors(filename: str) -> Iterator[None]:
    """Turns what the operating system refuses into an error that names the file.

    :raises NasError: `NO_SPACE`, else `USAGE`.
    """
    try:
        yield
    except OSError as error:
        kind = Kind.NO_SPACE if error.errno in FULL else Kind.USAGE
        raise NasError(kind, f"{filename!r} on this machine: {error.strerror or error}") from None


def make_folders(folders: Iterable[str]) -> None:
    """Make these folders of this machine, in this order.

    One that is there by now is as it should be: tasks of other hosts make the folders above theirs at the same time.

    :raises NasError: as `local_errors`.
    """
    for folder in folders:
        with local_errors(folder):
            try:
                os.mkdir(folder)
            except FileExistsError:
                if not os.path.isdir(folder):
                    raise


def _id_of(option: str, name: Optional[str], look_up: Any) -> Optional[int]:
    if name is None:
        return None
    try:
        return int(look_up(name))
    except (KeyError, ValueError):  # ValueError: no name looks like this
        if name.isdigit() and int(name) <= LARGEST_ID:
            return int(name)
    raise usage(f"option {option}: there is no {name!r} on this machine", hint="Give a name or a number")


def _symbolic(mode: str, usual: int) -> int:
    current = SimpleNamespace(st_mode=stat.S_IFREG | usual)
    try:
        return int(AnsibleModule._symbolic_mode_to_octal(current, mode))
    except ValueError:
        raise _bad_mode(mode) from None


def _bad_mode(mode: object) -> NasError:
    hint = "Give octal digits in quotes such as '0644', or a text such as u=rw,g=r,o="
    return usage(f"option mode: {mode!r} is no mode of a file", hint=hint)


def new_mode() -> int:
    """The mode of a new file of this process. Not for several threads at once: it is read by changing it."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
