# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders and files of a QNAP (File Station guide, sections 2, 3, 8, 10 and 12 to 15)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Optional

from .._api import lost_answers
from .._api.files import NO_TIMES, FileFeatures, Files
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.model import FILE, FOLDER, Entry, Share
from .._core.pages import Page, Place, every
from .._core.sources import Source
from .._core.waiting import Watch
from .codes import FAILED, TOO_MANY
from .deletion import delete, in_bin
from .entries import Row, bundles, by_folder, entry_of, name_of, rows_of, selection, split, within_share
from .envelope import number
from .failures import qnap_error
from .pages import endless
from .shares import SHARES, in_image, shares, tree
from .transfer import expect, open_file, send_file
from .wire import LONG, Fields, Wire

_PAGE = 2000  # entries asked for at once; devices have been seen to give 5000
_MD5 = re.compile(r"[0-9a-f]{32}")
# What a device may say when it is to list what is no folder.
_PERHAPS_NO_FOLDER = (
    Kind.NOT_FOUND,
    Kind.PERMISSION_DENIED,
    Kind.DEVICE,
    Kind.INVALID_ARGUMENT,
    Kind.PROTOCOL,
)


class QnapFiles(Files):
    """Folders and files through utilRequest.cgi.

    :param wire: makes the calls.
    """

    features = FileFeatures(
        checksum_algorithms=("md5",),
        sets_mtime_of=frozenset((FILE, FOLDER)),
        owner=True,
        links=True,
        deletes_permanently=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._names_are_free = False  # what the caller says of those that are new

    def shares(self) -> list[Share]:
        """All shares that the user may see (section 12.1, get_tree share_root), with the sizes of their volumes."""
        return shares(self._wire)

    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What is at each path: one call a folder (section 14), one for all shares (section 12.1).

        A share has no row of its own in the API: its entry has a path and a type only.
        """
        found: dict[str, Optional[Entry]] = {}
        for folder, names in by_folder(dict.fromkeys(paths)).items():
            if not folder:
                found.update(self._stat_shares([f"/{name}" for name in names]))
                continue
            for portion in bundles(names):
                found.update(self._stat_names(folder, portion))
        return {path: found[path] for path in paths}

    def list(self, path: str) -> Iterator[Entry]:
        """What lies in a folder, in pages (section 12.2, get_list with hidden files).

        Devices have no words for "this is a file" and may show a missing folder as an empty one, so a failure or an
        empty folder costs a stat of the path itself.
        """
        empty = True
        try:
            for entry in self._children(path):
                empty = False
                yield entry
        except NasError as error:
            if not empty or error.kind not in _PERHAPS_NO_FOLDER:
                raise
            self._require(path, FOLDER, "get_list")
            raise
        if empty:
            self._require(path, FOLDER, "get_list")

    def create_folders(self, paths: Sequence[str]) -> None:
        """Make folders, one call each (section 2, createdir); 2 and 33 both say that the name is taken."""
        places = {path: within_share(path, "made by File Station") for path in paths}
        for path, (folder, name) in places.items():
            self._create_folder(path, folder, name)

    def rename(self, path: str, name: str) -> None:
        """Another name in the same folder (section 3, rename). A missing source is a plain "failed" on the wire."""
        folder, old = within_share(path, "renamed by File Station")
        new = f"{folder}/{name}"
        if split(new) != (folder, name):
            message = "this is no name"
            raise qnap_error(Kind.INVALID_NAME, message, call="rename", path=new)
        fields = [("path", folder), ("source_name", old), ("dest_name", name)]
        try:
            self._wire.call("rename", fields, path=path, idempotent=False)
        except NasError as error:
            if error.code == str(FAILED) and self._entry(path) is None:
                raise _missing(path, "rename") from None
            raise

    def surely_gives(self, name: str) -> bool:
        """Beside characters that no plain name has, QTS refuses what begins as names of its own do (status 12)."""
        return super().surely_gives(name) and not name.startswith("_sn_")

    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """Remove entries, one call a folder (section 13, delete), and check that they are gone.

        The device removes folders with all that they hold and asks nobody, so without `recursive` each folder is
        listed first. What the device's recycle bin keeps is up to its settings.
        """
        delete(self._wire, paths, recursive=recursive, watch=watch, stat=self.stat, children=self._children)

    def delete_permanently(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """With `force=1`, which is not in the guide: devices were seen to leave the recycle bin out then.

        What the bin has of the same name is looked at before and after, since a device may not know it.
        """
        kept = [in_bin(path) for path in paths]
        before = self._stat_in_bin(kept)
        delete(
            self._wire,
            paths,
            recursive=recursive,
            watch=watch,
            stat=self.stat,
            children=self._children,
            permanently=True,
        )
        for path, entry in self._stat_in_bin(kept).items():
            if entry is not None and before.get(path) is None:
                hint = "Remove it there by nas_recycle_bin with state empty, or without the option permanent"
                message = "the device removed it, but put it into the recycle bin"
                raise qnap_error(Kind.DEVICE, message, call="delete", path=path, hint=hint)

    def _stat_in_bin(self, paths: Sequence[str]) -> Mapping[str, Optional[Entry]]:
        """What is at paths in the recycle bin; nothing of one that the user may not look into."""
        try:
            return self.stat(paths)
        except NasError as error:
            if error.kind is not Kind.PERMISSION_DENIED:
                raise
            return {}

    def upload(
        self, source: Source, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
    ) -> None:
        """Send a file (section 10, upload), after a check that its name is free.

        A reply that does not tell the stored size is checked against what is there.
        """
        within_share(path, "uploaded")
        if not self._names_are_free and self._entry(path) is not None:
            raise qnap_error(Kind.EXISTS, "the name is taken", call="upload", path=path)
        if send_file(self._wire, source, path, watch):
            return
        entry = self._entry(path)
        if entry is None:
            message = "the device reported no failure, but no file is there"
            raise qnap_error(Kind.PROTOCOL, message, call="upload", path=path)
        if entry.size != source.size:
            message = f"{entry.size} bytes arrived instead of {source.size}"
            raise qnap_error(Kind.MISMATCH, message, call="upload", path=path)

    @contextlib.contextmanager
    def series(self) -> Iterator[None]:
        """Within it no upload checks whether its name is free."""
        self._names_are_free = True
        try:
            yield
        finally:
            self._names_are_free = False

    def discard(self, paths: Sequence[str], *, watch: Watch) -> None:
        """One call a folder (section 13, delete), and a check only where the device reports a failure."""
        for folder, names in by_folder(dict.fromkeys(paths)).items():
            for portion in bundles(names):
                try:
                    self._wire.call("delete", selection(folder, portion), path=folder, idempotent=False)
                except NasError as error:
                    if not lost_answers.is_lost(error) and not error.code.isdigit():
                        raise
                    left = [
                        path for path, entry in self.stat([f"{folder}/{name}" for name in portion]).items() if entry
                    ]
                    if left:
                        self.delete(left, recursive=False, watch=watch)

    def download(self, path: str, sink: BinaryIO, *, watch: Watch, entry: Optional[Entry] = None) -> int:
        """Fetch a file (section 8, download). Nothing is written before it is clear that the file is what comes."""
        within_share(path, "downloaded as a file")
        if entry is None or entry.is_folder:
            entry = self._require(path, FILE, "download")
        opened = open_file(self._wire, entry)
        done, progress = 0, watch.in_bytes("downloading")
        with contextlib.closing(opened.pieces) as pieces:
            for piece in pieces:
                sink.write(piece)
                done += len(piece)
                progress(done, opened.size)
        expect(done, opened, path)
        return done

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        """The MD5 of a file (checksum, not in the guide; firmware that lacks it does not understand the call)."""
        if algorithm not in self.features.checksum_algorithms:
            return super().checksum(path, algorithm, watch=watch)
        folder, name = within_share(path, "hashed")
        fields = selection(folder, [name])
        try:
            with watch.unheard("checksum"):
                reply = self._wire.call("checksum", fields, path=path, payload="datas", timeout=watch.timeout or LONG)
            rows = rows_of(reply, "checksum", path)
            # Not in the guide either: what the row holds beside the digest.
            value = rows[0].get("checksum") if len(rows) == 1 and number(rows[0].get("exist")) != FAILED else None
            digest = value.strip().lower() if isinstance(value, str) else ""
            if not _MD5.fullmatch(digest):
                message = "the device's answer has no MD5"
                raise qnap_error(Kind.PROTOCOL, message, call="checksum", path=path)
        except NasError as error:
            if error.kind in (Kind.DEVICE, Kind.INVALID_ARGUMENT, Kind.PROTOCOL, Kind.UNSUPPORTED):
                self._require(path, FILE, "checksum")
            raise
        return digest

    def set_mtime(self, path: str, mtime: int) -> None:
        """Change a modification time (section 15: stat with settime=1; the guide's example has a wrong 0)."""
        call = "stat&settime"
        folder, name = within_share(path, "given another modification time")
        fields = [("settime", 1), ("mtime", mtime), *selection(folder, [name])]
        reply = self._wire.call("stat", fields, path=path, payload="datas", idempotent=False, name=call)
        rows = rows_of(reply, call, path)
        entry = entry_of(rows[0], call, folder) if rows else None
        if entry is None:
            raise _missing(path, call)
        if entry.mtime != mtime:
            # The reply may show what was before.
            now = self._entry(path)
            if now is None or now.mtime != mtime:
                message = "the device did not keep the modification time"
                raise qnap_error(Kind.DEVICE, message, call=call, path=path)

    def writable(self, path: str) -> Optional[bool]:
        """Whether the folder of `path` is read-write for the user (section 12.1, `cls` of the folder above it)."""
        folder, _name = within_share(path, "written")
        above, _own = split(folder)
        try:
            may_write = tree(self._wire, above or SHARES).get(folder)
        except NasError as error:
            if error.kind not in _PERHAPS_NO_FOLDER or not self._is_image(path):
                raise
            return False
        return False if may_write is None and self._is_image(path) else may_write

    def _create_folder(self, path: str, folder: str, name: str) -> None:
        fields: Fields = [("dest_folder", name), ("dest_path", folder)]
        lost_answers.done(
            lambda: self._wire.call("createdir", fields, path=path, idempotent=False),
            lambda: lost_answers.folders_made(self, [path]),
        )

    def _stat_shares(self, paths: Iterable[str]) -> dict[str, Optional[Entry]]:
        listed = tree(self._wire, SHARES)
        return {path: Entry(path, FOLDER) if path in listed else self._probe(path) for path in paths}

    def _probe(self, path: str) -> Optional[Entry]:
        """A share that is not in the user's list: it may be there and closed to the user."""
        try:
            return Entry(path, FOLDER) if any(True for _entry in self._children(path, limit=1)) else None
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            return None

    def _stat_names(self, folder: str, names: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What the names in one folder are. "Absent" comes as `exist: 0`, as no rows, or as status 5 or 25."""
        try:
            path = f"{folder}/{names[0]}" if len(names) == 1 else folder
            reply = self._wire.call("stat", selection(folder, names), path=path, payload="datas")
            rows = rows_of(reply, "stat", path)
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            rows = []
        found: dict[str, Optional[Entry]] = {}
        for row in rows:
            name = name_of(row, "stat", folder)
            if name not in names:
                message = "the device answered about another name"
                raise qnap_error(Kind.PROTOCOL, message, call="stat", path=folder)
            found[f"{folder}/{name}"] = entry_of(row, "stat", folder)
        for name in names:
            path = f"{folder}/{name}"
            if path not in found:
                # Absent, if no row came at all or this was the only question; else it is asked for alone.
                found.update({path: None} if not rows else self._stat_names(folder, [name]))
        return found

    def _children(self, path: str, limit: int = _PAGE) -> Iterator[Entry]:
        """The entries of a folder, without making sure that it is one."""
        split(path)
        exceeds = False

        def ask(place: Place) -> Page[Row]:
            nonlocal exceeds
            reply, rows = self._page(path, place.start, limit)
            exceeds = bool(number(reply.get("exceed_max")))
            total = max(number(reply.get("total")) or 0, number(reply.get("real_total")) or 0)
            return Page(rows, total)

        def key(row: Row) -> str:
            return name_of(row, "get_list", path)

        for row in every(ask, key, lambda problem: endless(problem, "get_list", path), limit=limit):
            entry = None if key(row) in (".", "..") else entry_of(row, "get_list", path)
            if entry is not None:
                yield entry
        if exceeds:
            message = "the folder holds more than the device lists"
            raise qnap_error(Kind.DEVICE, message, call="get_list", path=path, hint=TOO_MANY)

    def _page(self, path: str, start: int, limit: int) -> tuple[Mapping[str, Any], Sequence[Row]]:
        """One page of a folder, of an ISO image too.

        Whether it is one is only asked, and once, when the device shows nothing to who does not say so.
        """
        is_iso = in_image(self._wire, path)
        asks = not start and not is_iso and self._wire.iso_shares is None
        try:
            reply = self._wire.call("get_list", _fields(path, start, limit, is_iso), path=path, payload="datas")
            rows = rows_of(reply, "get_list", path)
        except NasError as error:
            if asks and error.kind in _PERHAPS_NO_FOLDER and self._is_image(path):
                return self._page(path, start, limit)
            raise
        if asks and not rows and self._is_image(path):
            return self._page(path, start, limit)
        return reply, rows

    def _is_image(self, path: str) -> bool:
        """Whether the list of shares calls it an ISO image; a device that does not show the list has none."""
        try:
            return in_image(self._wire, path, ask=True)
        except NasError as error:
            if error.kind not in _PERHAPS_NO_FOLDER:
                raise
            self._wire.iso_shares = frozenset()
            return False

    def _entry(self, path: str) -> Optional[Entry]:
        return self.stat([path])[path]

    def _require(self, path: str, wanted: str, call: str) -> Entry:
        """The entry at a path, which must be there and of a type."""
        entry = self._entry(path)
        if entry is None:
            raise _missing(path, call)
        if entry.type != wanted:
            raise qnap_error(Kind.WRONG_TYPE, f"this is a {entry.type}", call=call, path=path)
        return entry


def _fields(path: str, start: int, limit: int, is_iso: bool) -> list[tuple[str, object]]:
    return [
        ("is_iso", int(is_iso)),
        ("list_mode", "all"),
        ("path", path),
        ("dir", "ASC"),
        ("limit", limit),
        ("sort", "filename"),
        ("start", start),
        ("hidden_file", 1),
    ]


def _missing(path: str, call: str) -> NasError:
    return qnap_error(Kind.NOT_FOUND, NOTHING_THERE, call=call, path=path)
