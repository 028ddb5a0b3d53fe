# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files of a Synology device."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Optional

from .._api.files import NO_TIMES, FileFeatures, Files
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.model import FILE, FINISHED, FOLDER, RUNNING, TIMES, Entry, Job, Share
from .._core.sources import Source
from .._core.waiting import Watch
from .deletion import Deletion
from .encoding import Value, batches, split
from .entries import DETAILS, LIST, SHARE_DETAILS, in_folder, match, pages, read_share
from .failures import synology_error
from .jobs import JobApi, JobLostError
from .reply import Reply
from .transfers import Transfers
from .wire import Wire

CREATE_FOLDER = "SYNO.FileStation.CreateFolder"
RENAME = "SYNO.FileStation.Rename"
MD5 = "SYNO.FileStation.MD5"
CHECK_PERMISSION = "SYNO.FileStation.CheckPermission"

_DIGEST = re.compile(r"[0-9a-fA-F]{32}\Z")

# Kinds that a device may report for a path of the wrong type, or for one that is not there.
_VAGUE = (Kind.NOT_FOUND, Kind.INVALID_ARGUMENT, Kind.INVALID_NAME, Kind.DEVICE)


class SynologyFiles(Files):
    """File Station.

    :param wire: to the device.
    """

    features = FileFeatures(
        checksum_algorithms=("md5",),
        sets_mtime_at_upload=True,
        upload_times=frozenset(("crtime", "atime")),
        stats_at_once=True,
        makes_at_once=True,
        owner=True,
        times=frozenset(TIMES),
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._deletion = Deletion(wire, self.stat)
        self._transfers = Transfers(wire, self.stat)

    def shares(self) -> list[Share]:
        """Guide, List/list_share."""
        params: dict[str, Value] = {"additional": SHARE_DETAILS}
        return [read_share(item) for item in pages(self._wire, "list_share", params, "shares")]

    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """Guide, List/getinfo: one call for some hundreds of paths."""
        found: dict[str, Optional[Entry]] = {}
        for batch in batches(list(dict.fromkeys(paths))):
            path = batch[0] if len(batch) == 1 else ""
            params = {"path": batch, "additional": DETAILS}
            found.update(match(self._wire.call(LIST, "getinfo", params, path=path, idempotent=True), batch))
        return found

    def list(self, path: str) -> Iterator[Entry]:
        """Guide, List/list."""
        params = {"folder_path": path, "additional": DETAILS}
        try:
            for item in pages(self._wire, "list", params, "files", path):
                yield in_folder(item, path)
        except NasError as error:
            raise self._explained(error, path, FOLDER) from None

    def create_folders(self, paths: Sequence[str]) -> None:
        """Guide, CreateFolder/create: one call for some hundreds of folders, made in the order given."""
        for path in paths:
            if path.count("/") < 2:
                raise synology_error(
                    Kind.UNSUPPORTED,
                    "File Station cannot make a shared folder",
                    call=f"{CREATE_FOLDER}/create",
                    path=path,
                    hint="Create the shared folder in DSM's control panel",
                )
        for batch in batches(list(paths)):
            places = [split(path) for path in batch]
            reply = self._wire.call(
                CREATE_FOLDER,
                "create",
                {
                    "folder_path": [folder for folder, _name in places],
                    "name": [name for _folder, name in places],
                    "force_parent": False,
                },
                path=batch[0] if len(batch) == 1 else "",
                idempotent=False,
            )
            _same_names(reply, "folders", [name for _folder, name in places])

    def rename(self, path: str, name: str) -> None:
        """Guide, Rename/rename."""
        try:
            reply = self._wire.call(RENAME, "rename", {"path": [path], "name": [name]}, path=path, idempotent=False)
        except NasError as error:
            if error.kind is not Kind.DEVICE:
                raise
            raise self._why_not_renamed(error, path, name) from None
        _same_names(reply, "files", [name])

    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """Guide, Delete/delete for a few files, else Delete/start."""
        if paths:
            self._deletion.run(paths, recursive=recursive, watch=watch)

    def upload(
        self, source: Source, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
    ) -> None:
        """Guide, Upload/upload."""
        given = {**times, **({} if mtime is None else {"mtime": mtime})}
        self._transfers.upload(source, path, times=given, watch=watch)

    def download(self, path: str, sink: BinaryIO, *, watch: Watch, entry: Optional[Entry] = None) -> int:
        """Guide, Download/download with mode=download."""
        return self._transfers.download(path, sink, watch=watch, size=None if entry is None else entry.size)

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        """Guide, MD5/start, /status and /stop; begun once more when the device has lost the result."""
        if algorithm not in self.features.checksum_algorithms:
            return super().checksum(path, algorithm, watch=watch)
        try:
            digest = self._md5(path, watch) or self._md5(path, watch)
        except NasError as error:
            raise self._explained(error, path, FILE) from None
        if digest is None:
            raise synology_error(Kind.DEVICE, "the device lost the checksum", call=f"{MD5}/status", path=path)
        return digest

    def writable(self, path: str) -> Optional[bool]:
        """Guide, CheckPermission/write, which names a file since its version 3; None on older devices."""
        if self._wire.version(CHECK_PERMISSION) < 3:
            return None
        folder, name = split(path)
        params: dict[str, Value] = {"path": folder, "filename": name, "overwrite": True, "create_only": False}
        try:
            self._wire.call(CHECK_PERMISSION, "write", params, path=path, idempotent=True)
        except NasError as error:
            if error.kind in (Kind.PERMISSION_DENIED, Kind.READ_ONLY):
                return False
            raise
        return True

    def _md5(self, path: str, watch: Watch) -> Optional[str]:
        """The digest, or None when the device has forgotten the task before it reported the result."""
        job = JobApi(self._wire, MD5, path)
        digest: Optional[str] = None

        def status() -> Job:
            nonlocal digest
            try:
                reply = job.status()
            except JobLostError:
                return Job("", "checksum", FINISHED, path)
            if reply is None or not reply.needed_flag("finished"):
                return Job("", "checksum", RUNNING, path)
            digest = reply.needed_text("md5").lower()
            if not _DIGEST.match(digest):
                raise reply.broken("md5")
            return Job("", "checksum", FINISHED, path)

        job.start({"file_path": path}, idempotent=True)
        watch.until_finished(status, job.stop)
        return digest

    def _explained(self, error: NasError, path: str, wanted: str) -> NasError:
        """A better error where the device's own does not say that the path is of the wrong type, or not there."""
        if error.kind not in _VAGUE or not error.code:
            return error
        try:
            entry = self.stat([path])[path]
        except NasError:
            return error
        if entry is not None and entry.type != wanted:
            message = f"this is a {entry.type}, not a {wanted}"
            return synology_error(Kind.WRONG_TYPE, message, call=error.call, path=path, code=error.code)
        if entry is None and error.kind is not Kind.NOT_FOUND:
            message = NOTHING_THERE
            return synology_error(Kind.NOT_FOUND, message, call=error.call, path=path, code=error.code)
        return error

    def _why_not_renamed(self, error: NasError, path: str, name: str) -> NasError:
        """The reason behind a bare 1200."""
        target = f"{split(path)[0]}/{name}"
        try:
            found = self.stat([path, target])
        except NasError:
            return error
        if found[path] is None:
            kind, message = Kind.NOT_FOUND, NOTHING_THERE
        elif found[target] is not None:
            kind, message = Kind.EXISTS, "the name is taken"
        else:
            return error
        return synology_error(kind, message, call=error.call, path=path, code=error.code)


def _same_names(reply: Reply, key: str, names: Sequence[str]) -> None:
    """Make sure that the device used the names that it was given, byte by byte.

    :raises NasError: `MISMATCH`.
    """
    if key not in reply:
        return
    for item in reply.parts(key):
        used = item.text("name")
        if used is not None and used not in names:
            message = f"the device used the name {used!r} instead of the one that it was given"
            hint = "Choose a name that the device keeps as it is"
            raise synology_error(Kind.MISMATCH, message, call=reply.call, path=reply.path, hint=hint)
