# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing entries of a QNAP safely (File Station guide, section 13, delete).

The guide's call answers when all is done. Its status says little: 0, 4 or 63 have been seen for what was gone already,
success for what was kept, and firmware may go on in the background. What counts is whether the entries are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Optional

from .._api import lost_answers
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.marks import holds_nothing
from .._core.model import FINISHED, RUNNING, Entry, Job
from .._core.waiting import Watch
from .entries import bundles, by_folder, selection, within_share
from .failures import qnap_error
from .wire import LONG, Wire

BIN = "@Recycle"

Stat = Callable[[Sequence[str]], dict[str, Optional[Entry]]]
Children = Callable[[str], Iterator[Entry]]


class _Part(NamedTuple):
    """Which part of a deletion something is, for the progress."""

    watch: Watch
    before: int  # how many are gone by now
    total: int


def delete(
    wire: Wire,
    paths: Iterable[str],
    *,
    recursive: bool,
    watch: Watch,
    stat: Stat,
    children: Children,
    permanently: bool = False,
) -> None:
    """Remove entries and verify that they are gone.

    :param stat: tells what is at some paths.
    :param children: lists a folder.
    :param permanently: whether the device is asked to leave its recycle bin out.
    :raises NasError: `USAGE` for a share; `NOT_FOUND` and `NOT_EMPTY` before anything is removed; what the device says
        when something is left.
    """
    wanted = list(dict.fromkeys(paths))
    for path in wanted:
        within_share(path, "deleted")
    for path, entry in stat(wanted).items():
        if entry is None:
            raise qnap_error(Kind.NOT_FOUND, NOTHING_THERE, call="delete", path=path)
        if entry.is_tree and not recursive:
            _require_empty(path, frozenset(wanted), children)
    if recursive:
        wanted = _topmost(wanted)
    folders = sorted(by_folder(wanted).items(), key=lambda item: item[0].count("/"), reverse=True)
    done = 0
    for folder, names in folders:
        for portion in bundles(names):
            _delete_names(wire, folder, portion, _Part(watch, done, len(wanted)), stat, permanently)
            done += len(portion)
            watch.note("delete", done, len(wanted))


def in_bin(path: str) -> str:
    """Where the recycle bin has what was removed from a path."""
    share, _slash, rest = path.strip("/").partition("/")
    return f"/{share}/{BIN}/{rest}"


def _require_empty(path: str, doomed: frozenset[str], children: Children) -> None:
    """A folder may go if it holds nothing but what goes before it."""
    for child in children(path):
        if child.path not in doomed:
            raise qnap_error(
                Kind.NOT_EMPTY, "the folder is not empty", call="delete", path=path, hint="Delete it recursively"
            )


def _topmost(paths: Sequence[str]) -> list[str]:
    """The paths that lie below no other: these vanish with it."""
    every = frozenset(paths)
    return [path for path in paths if not any(above in every for above in _above(path))]


def _above(path: str) -> Iterator[str]:
    above = path.rpartition("/")[0]
    while above:
        yield above
        above = above.rpartition("/")[0]


def _delete_names(wire: Wire, folder: str, names: Sequence[str], part: _Part, stat: Stat, permanently: bool) -> None:
    paths = [f"{folder}/{name}" for name in names]
    # Not in the guide: devices were seen to leave the bin out then. Where one does not, it is in the bin as before.
    past_the_bin = [("force", 1)] if permanently or all(map(holds_nothing, paths)) else []
    background = False
    failure: Optional[NasError] = None
    try:
        # One that the device carries out in the background answers with its process id.
        with part.watch.unheard("delete"):
            background = "pid" in wire.call(
                "delete", [*selection(folder, names), *past_the_bin], path=paths[0], idempotent=False
            )
    except NasError as error:
        if error.kind is Kind.TIMEOUT and not error.unsent:
            background = True
        elif not lost_answers.is_lost(error) and (error.kind is Kind.SESSION_EXPIRED or not error.code.isdigit()):
            raise
        failure = error

    def left() -> list[str]:
        return [path for path, entry in stat(paths).items() if entry is not None]

    def status() -> Job:
        remaining = len(left())
        state = RUNNING if remaining else FINISHED
        return Job("", "delete", state, paths[0], part.before + len(paths) - remaining, part.total)

    if background:
        # The device's processes of this kind cannot be stopped.
        Watch(part.watch.progress, part.watch.timeout or LONG).until_finished(status, lambda: None)
        return
    remaining = left()
    if remaining and failure is not None and lost_answers.is_lost(failure):
        lost_answers.found(failure, lambda: not left() or None)
    elif remaining:
        failure = failure or qnap_error(
            Kind.DEVICE, "the device reported success, but it is still there", call="delete"
        )
        failure.path = remaining[0]
        raise failure
