# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call that writes, and whose answer did not come: what the device did of it shows in its state alone.

A connection that breaks, a timeout, a web server in front that gives up: the device may have done its work, may be at
it still, or may never have heard of it. So the state is looked at, a few times over some seconds. What is whole and
verified counts as done; else the failure stands. The call itself is never repeated.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, TypeVar

from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.sources import Source
from .._core.waiting import OverdueError, Watch
from . import comparison

if TYPE_CHECKING:
    from .files import Files

T = TypeVar("T")

PAUSES = (0.0, 0.3, 0.7, 1.5, 2.5)  # seconds before each check
LONGEST = 15.0  # seconds after which no other check begins, for devices that do not answer these either
pause = time.sleep

_NO_ANSWER = (Kind.CONNECTION, Kind.TIMEOUT, Kind.PROTOCOL)
_SERVER = "HTTP 5"  # how the code of a web server's own failure begins


def is_lost(error: NasError) -> bool:
    """Whether the device may have done what it was asked for, though the call failed.

    What a device says itself counts. What a web server says in its place, or a broken answer, does not.
    """
    return not isinstance(error, OverdueError) and (error.kind in _NO_ANSWER or error.code.startswith(_SERVER))


def settled(work: Callable[[], T], check: Callable[[], Optional[T]]) -> T:
    """The result of `work()`; when its answer was lost, what `check()` finds.

    :param work: calls the device once.
    :param check: reads the state: the result when all is done, None while it is not.
    :raises NasError: the failure of `work`.
    """
    try:
        return work()
    except NasError as error:
        return found(error, check)


def done(work: Callable[[], object], check: Callable[[], Optional[bool]]) -> None:
    """The same for work without a result.

    :param check: whether all is done.
    """
    settled(lambda: bool(work()) or True, lambda: check() or None)


def found(error: NasError, check: Callable[[], Optional[T]]) -> T:
    """What `check()` finds after a failure.

    :raises NasError: that failure, when it is the device's own word, or the state does not show that all is done.
    """
    if is_lost(error):
        end = time.monotonic() + LONGEST
        for seconds in PAUSES:
            if time.monotonic() > end:
                break
            pause(seconds)
            try:
                result = check()
            except NasError:
                continue  # it tells nothing about the state; the failure to report is the first one
            if result is not None:
                return result
    raise error


def settle(methods: type, checks: Mapping[str, Callable[..., Optional[bool]]]) -> None:
    """Make methods of a class, which return nothing, look at the state after a lost answer.

    :param checks: by the method's name; each takes what the method takes.
    """
    for name, check in checks.items():
        method = vars(methods).get(name)
        if method is not None:
            setattr(methods, name, _settling(method, check))


def _settling(method: Callable[..., None], check: Callable[..., Optional[bool]]) -> Callable[..., None]:
    @functools.wraps(method)
    def run(*given: Any, **named: Any) -> None:
        done(lambda: method(*given, **named), lambda: check(*given, **named))

    return run


def folders_made(files: Files, paths: Sequence[str]) -> bool:
    """Whether there are folders at all paths."""
    return all(entry is not None and entry.is_folder for entry in files.stat(paths).values())


def renamed(files: Files, path: str, name: str) -> bool:
    """Whether nothing is at a path any more, and something under the new name."""
    new = _paths.join(_paths.parent(path), name)
    found = files.stat([path, new])
    return found[path] is None and found[new] is not None


def deleted(files: Files, paths: Sequence[str], *, recursive: bool, watch: Watch) -> bool:
    """Whether nothing is at any of the paths."""
    return not any(files.stat(paths).values())


def uploaded(files: Files, source: Source, path: str, *, watch: Watch, **_times: object) -> bool:
    """Whether the file is there with all its bytes."""
    entry = files.stat([path])[path]
    return entry is not None and comparison.surely_same(files, source, entry, watch)


def time_set(files: Files, path: str, mtime: int) -> bool:
    """Whether what is at a path has this modification time."""
    entry = files.stat([path])[path]
    return entry is not None and entry.mtime == mtime


FILES: Mapping[str, Callable[..., Optional[bool]]] = {
    "create_folders": folders_made,
    "rename": renamed,
    "delete": deleted,
    "delete_permanently": deleted,
    "upload": uploaded,
    "set_mtime": time_set,
}
"""What the methods of `Files` that write leave, by their names."""
