# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FileInfo, what a Freebox tells about a file or folder ("File info" in the guide of the file system, API v4)."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Optional

from .._core import paths as _paths
from .._core.model import FILE, FOLDER, Entry, parse_size, parse_time
from . import encoding, envelope

_LONGEST = 4096  # characters of a path
_TYPES = {"dir": FOLDER, "file": FILE}


def decoded_path(info: Any, call: str, path: str = "") -> str:
    """The path in a FileInfo.

    :raises NasError: `PROTOCOL`.
    """
    text = envelope.member(info, "path", str, call, path)
    try:
        found = encoding.decode(text)
    except ValueError:
        raise envelope.protocol_error(call, "the answer holds a path that is not base64", path) from None
    if not found or len(found) > _LONGEST:
        raise envelope.protocol_error(call, "the answer holds a path that is empty or too long", path)
    return found


def entry(info: Any, path: str, call: str) -> Entry:
    """What a FileInfo tells, at the path that was asked for.

    Type, size and time of a symbolic link are those of what it leads to, as the box itself says. The `size` of a folder
    is not of its content.

    :raises NasError: `PROTOCOL`.
    """
    entry_type = _TYPES.get(envelope.member(info, "type", str, call, path))
    if entry_type is None:
        raise envelope.protocol_error(call, "the answer tells a type that is neither file nor folder", path)
    if info.get("modification") is None:
        raise envelope.protocol_error(call, "the answer tells no time of a file", path)
    try:
        size = parse_size(info.get("size")) if entry_type == FILE else None
        mtime = parse_time(info["modification"])
    except ValueError as error:
        raise envelope.protocol_error(call, f"the answer tells {error} of a file", path) from None
    link = info.get("link")
    mimetype = info.get("mimetype")
    return Entry(
        path=path,
        type=entry_type,
        size=size,
        mtime=mtime,
        link=link if isinstance(link, bool) else None,
        target=_target(info, call, path) if link is True else None,
        mimetype=mimetype if isinstance(mimetype, str) and mimetype else None,
    )


def _target(info: Any, call: str, path: str) -> Optional[str]:
    """Where a link leads to; None when the box does not tell.

    :raises NasError: `PROTOCOL`.
    """
    if not info.get("target"):
        return None
    try:
        return encoding.decode(envelope.member(info, "target", str, call, path))
    except ValueError:
        raise envelope.protocol_error(call, "the answer holds a link's target that is not base64", path) from None


def in_folder(info: Any, folder: str, call: str, wanted: Optional[Container[str]] = None) -> Optional[Entry]:
    """What a FileInfo in a listing tells, None for the folder itself and the one above it, and what is not wanted.

    Those two are listed as `.` and `..`, hidden on some firmware and not on other. The name is taken from `path`, which
    has the exact bytes.

    :param wanted: the paths that the listing is looked through for; None for all.
    :raises NasError: `PROTOCOL`.
    """
    if envelope.member(info, "name", str, call, folder) in (".", ".."):
        return None
    name = _paths.name(decoded_path(info, call, folder))
    if name in ("", ".", ".."):
        raise envelope.protocol_error(call, "the listing holds an entry without a name", folder)
    path = _paths.join("" if folder == "/" else folder, name)
    return entry(info, path, call) if wanted is None or path in wanted else None
