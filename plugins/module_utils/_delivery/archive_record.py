# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an archive holds: by the device's list, or by a record that is kept beside it.

Where a device lists archives, it is asked. Where it does not, a hidden file beside the archive says what the archive
held, and which size and time the archive had then. A record of another archive counts for nothing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from typing import Optional

from .._api import tree as _tree
from .._api.capabilities.archives import Archives
from .._api.files import Files
from .._core import json_text
from .._core import names as _names
from .._core.archives import ArchiveMember
from .._core.model import FILE, FOLDER, LINK, Entry
from .._core.sources import BytesSource
from .._core.waiting import Watch
from .._plans.archive_contents import Tree, as_member
from . import atomic


def keep_record(files: Files, archive: Entry, members: Tree, watch: Watch) -> None:
    """Write down what an archive holds that is at its place."""
    rows = [[member.path, member.type, member.size, member.mtime] for member in members.values()]
    content = {"archive": {"size": archive.size, "mtime": archive.mtime}, "members": rows}
    source = BytesSource(json.dumps(content, separators=(",", ":")).encode())
    path = record_path(archive.path)
    replaces = files.stat([path])[path] is not None
    atomic.deliver(files, source, path, replaces=replaces, backup=None, mtime=None, watch=watch)


def below(files: Files, folder: str, name: str = "") -> Iterator[ArchiveMember]:
    """Everything in a folder, at all levels, as an archive would hold it.

    :param name: the folder's own path inside the archive; empty when it has none.
    """
    for path, entries in _tree.folders(files, folder, enter=_tree.is_kept):
        inside = f"{name}{path[len(folder) :]}".lstrip("/")
        for entry in entries:
            yield as_member(entry, f"{inside}/{entry.name}" if inside else entry.name)


def packed(files: Files, sources: Iterable[Entry]) -> Iterator[ArchiveMember]:
    """What an archive of these files and folders holds: each under its own name."""
    for source in sources:
        yield as_member(source, source.name)
        if source.is_tree:
            yield from below(files, source.path, source.name)


def record_path(archive: str) -> str:
    """Where the record of an archive is."""
    return _names.beside(archive, "json")


def known(
    files: Files, archives: Archives, archive: Entry, password: Optional[str], codepage: Optional[str]
) -> Optional[list[ArchiveMember]]:
    """What an archive holds, by the device's list or by the record; None when nobody knows.

    :raises NasError: `PERMISSION_DENIED` for a wrong password, `INVALID_ARGUMENT` for a damaged archive.
    """
    if archives.features.list:
        return list(archives.members(archive.path, password=password, codepage=codepage))
    path = record_path(archive.path)
    record_file = files.stat([path])[path]
    if record_file is None:
        return None
    content = io.BytesIO()
    files.download(path, content, watch=Watch(), entry=record_file)
    try:
        record = json_text.parse(content.getvalue().decode("utf-8", "surrogateescape"))
        if record["archive"] != {"size": archive.size, "mtime": archive.mtime}:
            return None
        return [_noted(*row) for row in record["members"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _noted(path: object, entry_type: object, size: object, mtime: object) -> ArchiveMember:
    """A member as a record has it. Records of earlier versions may hold what a device once answered by mistake.

    :raises ValueError: when it makes no sense; the archive is then looked at anew.
    """
    whole = isinstance(path, str) and path and entry_type in (FILE, FOLDER, LINK)
    numbers = [number for number in (size, mtime) if number is not None]
    numeric = all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
    if not whole or not numeric or (isinstance(size, int) and size < 0):
        raise ValueError("this is no member")
    return ArchiveMember(path, entry_type, size, mtime)  # type: ignore[arg-type]
