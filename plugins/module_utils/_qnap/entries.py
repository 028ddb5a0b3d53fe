# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as a QNAP wants them, in a folder and a name, and its rows as entries.

Rests on the File Station guide, sections 12.1 (get_tree), 12.2 (get_list) and 14 (stat).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Optional

from .._core.errors import Kind, NasError
from .._core.model import FILE, FOLDER, Entry, parse_size, parse_time
from .._transport.http import encode_query
from .codes import FAILED
from .envelope import number
from .failures import qnap_error

Row = Mapping[str, Any]

_BUNDLE = 6000  # encoded characters of names in one call
_REAL_SHARE = re.compile(r"/share/[^/]+_DATA(?=/)")
_OCTAL = re.compile(r"[0-7]{3,4}")


def split(path: str) -> tuple[str, str]:
    """The folder and the last name of a path; the folder of a share itself is empty.

    :raises NasError: `INVALID_NAME` for what is no path: the device must not be led out of its shares.
    """
    parts = path.split("/")
    if len(parts) < 2 or parts[0] or "\0" in path or any(part in ("", ".", "..") for part in parts[1:]):
        raise qnap_error(Kind.INVALID_NAME, "this is no path of the form /share/folder/name", path=path)
    folder, _slash, name = path.rpartition("/")
    return folder, name


def within_share(path: str, what: str) -> tuple[str, str]:
    """The same for a path that must not be a share itself.

    :param what: what File Station cannot do to a share, for the error.
    :raises NasError: `USAGE`.
    """
    folder, name = split(path)
    if not folder:
        raise qnap_error(Kind.USAGE, f"a shared folder itself cannot be {what}", path=path)
    return folder, name


def by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """The names to ask for, by their folder."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, name = split(path)
        folders.setdefault(folder, []).append(name)
    return folders


def bundles(names: Iterable[str]) -> Iterator[list[str]]:
    """Names in portions that fit into one query each."""
    portion: list[str] = []
    length = 0
    for name in names:
        more = len(encode_query([("file_name", name)])) + 1
        if portion and length + more > _BUNDLE:
            yield portion
            portion, length = [], 0
        portion.append(name)
        length += more
    if portion:
        yield portion


def selection(folder: str, names: Sequence[str]) -> list[tuple[str, Any]]:
    """The parameters that name entries of one folder: the plain name repeats, and the count must be right."""
    return [("path", folder), ("file_total", len(names)), *(("file_name", name) for name in names)]


def without_volume(path: str) -> str:
    """A path without the place of its volume, as in `/share/CACHEDEV1_DATA/Public` (section 18.1)."""
    return _REAL_SHARE.sub("", path, count=1) if _REAL_SHARE.match(path) else path


def name_of(row: Row, call: str, folder: str) -> str:
    """The name in a row.

    :raises NasError: `PROTOCOL` when it is none.
    """
    name = row.get("filename")
    if not isinstance(name, str) or not name or "/" in name:
        raise _broken("no usable filename", call, folder)
    return name


def entry_of(row: Row, call: str, folder: str) -> Optional[Entry]:
    """The entry that a row describes, or None when it says that nothing of that name exists.

    A missing file is answered with a row whose `exist` is 0. Modification times are taken from `epochmt` alone: `mt`
    is in the device's time zone, which it does not tell. Early firmware has no `is_link`.

    :raises NasError: `PROTOCOL`.
    """
    path = f"{folder}/{name_of(row, call, folder)}"
    if number(row.get("exist")) == FAILED:
        return None
    isfolder = number(row.get("isfolder"))
    mode = _mode(row.get("privilege"))
    if isfolder not in (0, 1):
        raise _broken("no isfolder", call, path)
    mtime = _mtime(row.get("epochmt"), call, path)
    if "exist" not in row and mode is None and not mtime and not row.get("mt"):
        raise _broken("neither existence nor permissions nor a time", call, path)
    try:
        size = None if isfolder else parse_size(number(row.get("filesize")))
    except ValueError:
        raise _broken("no size", call, path) from None
    return Entry(
        path=path,
        type=FOLDER if isfolder else FILE,
        size=size,
        mtime=mtime,
        owner=_word(row.get("owner")),
        group=_word(row.get("group")),
        mode=mode,
        link={0: False, 1: True}.get(number(row.get("is_link"))),  # type: ignore[arg-type]
    )


def rows_of(reply: Row, call: str, path: str) -> list[Row]:
    """The rows in `datas`.

    :raises NasError: `PROTOCOL` when they are none.
    """
    rows = reply.get("datas")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _broken("no list of entries", call, path)
    return rows


def _mtime(value: Any, call: str, path: str) -> Optional[int]:
    """The time in `epochmt`, None where the device tells none."""
    found = number(value)
    if found is None and value not in (None, ""):
        try:
            return parse_time(value)
        except ValueError:
            raise _broken("no time", call, path) from None
    return parse_time(found)


def _mode(value: Any) -> Optional[str]:
    text = str(value) if isinstance(value, (str, int)) else ""
    return text if _OCTAL.fullmatch(text) else None


def _word(value: Any) -> Optional[str]:
    return value if isinstance(value, str) and value else None


def _broken(what: str, call: str, path: str) -> NasError:
    return qnap_error(Kind.PROTOCOL, f"a row of the device's answer has {what}", call=call, path=path)
