# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recycle bins of a QNAP (File Station guide, section 18).

What was deleted lies in `/Share/@Recycle`, below the folders that it was in. The call that brings it back answers with
a process id, and no call tells how far that process is: what lies on the shares decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Optional

from .._api.capabilities.recycle_bin import RecycleBin, RecycleBinFeatures
from .._api.files import Files
from .._core.device import Bin
from .._core.errors import Kind, NasError
from .._core.model import FINISHED, RUNNING, Entry, Job
from .._core.waiting import Watch
from .deletion import BIN
from .entries import bundles, by_folder, split
from .failures import qnap_error
from .process import Process, Seen, cancel
from .shares import tree
from .sizes import mark
from .wire import LONG, Fields, Wire

NODE = "recycle_root"

_SWITCHED_OFF = "16"
_SKIP = 1
_RECOVERY, _CLEANING = "trash_recovery", "delete&@Recycle"


class _Recovery(Process):
    """A process that brings entries back. The device does not tell about it."""

    def status(self) -> Job:
        return self._check_outcome()

    def stop(self) -> None:
        cancel(self._wire, "restore", self._pid, self._path)


class QnapRecycleBin(RecycleBin):
    """Recycle bins through utilRequest.cgi.

    :param wire: makes the calls.
    :param files: looks at what is there.
    """

    features = RecycleBinFeatures(
        folder=BIN,
    )

    def __init__(self, wire: Wire, files: Files) -> None:
        self._wire = wire
        self._files = files

    def bins(self, shares: Optional[Sequence[str]] = None) -> list[Bin]:
        """Section 18.1, get_tree: the shares with a bin, in one call. None when recycle bins are switched off."""
        try:
            having = tree(self._wire, NODE)
        except NasError as error:
            if error.code != _SWITCHED_OFF:
                raise
            return []
        return [Bin(share, f"{share}/{BIN}") for share in having if shares is None or share in shares]

    def restore(self, paths: Sequence[str], *, watch: Watch) -> None:
        """Section 18.2, trash_recovery: one process for each folder of the bin that paths lie in.

        :raises NasError: `INVALID_ARGUMENT` before any call for what does not lie in a bin; `DEVICE` when the device
            does nothing for a minute; what it reports.
        """
        for path in paths:
            if path.split("/")[2:3] != [BIN] or split(path)[1] == BIN:
                message = "this does not lie in a recycle bin"
                raise qnap_error(Kind.INVALID_ARGUMENT, message, call=_RECOVERY, path=path)
        folders = by_folder(dict.fromkeys(paths))
        portions = [(above, names) for above, every in folders.items() for names in bundles(every)]
        for part, (above, names) in enumerate(portions):
            process = _Recovery(self._wire, _RECOVERY, f"{above}/{names[0]}", self._state_reader(above, names))
            fields: Fields = [("source_path", above), ("source_total", len(names)), ("mode", _SKIP)]
            if process.start([*fields, *(("source_file", name) for name in names)]):
                process.wait(watch, part, len(portions))

    def _state_reader(self, above: str, names: Sequence[str]) -> Callable[[], Seen]:
        home = "/".join(part for number, part in enumerate(above.split("/")) if number != 2)
        sources, targets = ([f"{folder}/{name}" for name in names] for folder in (above, home))

        def read_state() -> Seen:
            left = tuple(entry for entry in self._files.stat(sources).values() if entry)
            written, whole = mark(self._wire, self._files, targets)
            return Seen((left, written), whole, over=not left and whole)

        return read_state

    def empty(self, share: str, *, watch: Watch) -> None:
        """Section 18.4: delete with the bin's path as path and as name, and no count.

        The device answers when all is done; should it go on in the background, it is waited for.
        """
        path = f"{share}/{BIN}"
        fields: Fields = [("path", path), ("file_name", path)]
        failure: Optional[NasError] = None
        background = False
        try:
            wait = watch.timeout or LONG
            with watch.unheard("delete"):
                reply = self._wire.call("delete", fields, path=path, idempotent=False, name=_CLEANING, timeout=wait)
            background = "pid" in reply
        except NasError as error:
            if error.kind not in (Kind.TIMEOUT, Kind.PROTOCOL) or error.unsent:
                raise
            failure = error
        before = len(self._held(path))

        def status() -> Job:
            left = len(self._held(path))
            return Job("", "delete", RUNNING if left else FINISHED, path, max(before - left, 0), before)

        if before and background:
            # The device's processes of this kind cannot be stopped.
            Watch(watch.progress, watch.timeout or LONG).until_finished(status, lambda: None)
        elif before:
            message = "the device reported success, but the bin still holds something"
            raise failure or qnap_error(Kind.DEVICE, message, call=_CLEANING, path=path)

    def _held(self, path: str) -> list[Entry]:
        try:
            return list(self._files.list(path))
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            return []  # a bin that never held anything need not be there
