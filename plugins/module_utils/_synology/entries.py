# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders as SYNO.FileStation.List describes them, and finding the one that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Optional

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import FILE, FOLDER, Entry, Share
from ansible_collections.nasops.nas.plugins.module_utils._synology.codes import meaning
from ansible_collections.nasops.nas.plugins.module_utils._synology.encoding import Value
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import Reply
from ansible_collections.nasops.nas.plugins.module_utils._synology.wire import Wire

LIST = "SYNO.FileStation.List"
DETAILS = ("size", "owner", "time", "perm")
PAGE = 1000  # entries asked for at a time

# Codes of a single path in a getinfo: nothing is there, or nothing can ever be there because of its name.
_ABSENT = (408, 412, 413, 418, 419, 420)


def read_entry(item: Reply) -> Entry:
    """A `<file>` object (guide, List/list) with the details of `DETAILS`. A folder's own size says nothing: null.

    :raises NasError: `PROTOCOL`.
    """
    path, is_folder = item.needed_text("path"), item.needed_flag("isdir")
    details = item.part("additional")
    owner = details.part("owner")
    times = details.part("time")
    size = None if is_folder else details.needed_number("size")
    if size is not None and size < 0:
        raise details.broken("size")
    return Entry(
        path=path,
        type=FOLDER if is_folder else FILE,
        size=size,
        mtime=times.number("mtime") if is_folder else times.needed_number("mtime"),
        owner=owner.text("user") or None,
        group=owner.text("group") or None,
        mode=octal(details.part("perm").number("posix")),
    )


def octal(posix: Optional[int]) -> Optional[str]:
    """Octal digits from a number that is written in decimal but meant as octal: 70 is `070`."""
    if posix is None or posix < 0:
        return None
    digits = f"{posix:03d}"
    return None if set(digits) & {"8", "9"} else digits


def read_share(item: Reply) -> Share:
    """A `<shared folder>` object (guide, List/list_share) with `volume_status` and `perm`."""
    details = item.part("additional")
    volume = details.part("volume_status")
    right, read_only = details.part("perm").text("share_right"), volume.flag("readonly")
    if right is not None:
        read_only = bool(read_only) or right.upper() != "RW"
    return Share(
        name=item.needed_text("name"),
        path=item.needed_text("path"),
        total=volume.number("totalspace"),
        free=volume.number("freespace"),
        read_only=read_only,
    )


def pages(
    wire: Wire,
    method: str,
    params: Mapping[str, Value],
    key: str,
    path: str = "",
    *,
    api: str = LIST,
    first: Optional[Mapping[str, Value]] = None,
) -> Iterator[Reply]:
    """The objects of a list, page after page: of List/list, List/list_share, and the lists of other APIs.

    :param key: where a reply holds its objects.
    :param first: what else is asked for with the first page only.
    :raises NasError: `PROTOCOL` when the device ends the list before the total that it announced.
    """
    offset = 0
    while True:
        page = {**params, **({} if offset else first or {}), "offset": offset, "limit": PAGE}
        reply = wire.call(api, method, page, path=path, changes_nothing=True)
        items, total = reply.parts(key), reply.needed_number("total")
        yield from items
        offset += len(items)
        if offset >= total:
            return
        if not items:
            raise reply.broken(f"{key} at offset {offset} of {total}")


def match(reply: Reply, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
    """What a getinfo says about each of the paths that it was asked for.

    A path with nothing there has a code instead of details, or (DSM 7) is left out. The names of shares are the same in
    capitals and small letters; everything below is exact.

    :raises NasError: the code of a path that is not simply absent; `PROTOCOL` when a path is left out while the device
        answers for another one that nobody asked for.
    """
    answers: dict[str, Reply] = {}
    for item in reply.parts("files"):
        answers[item.needed_text("path")] = item
    by_share = {folded(path): item for path, item in answers.items()}
    found: dict[str, Optional[Entry]] = {}
    silent = ""
    used: set[int] = set()
    for path in paths:
        answer = answers.get(path) or by_share.get(folded(path))
        if answer is None:
            silent, found[path] = path, None
            continue
        used.add(id(answer))
        code = answer.number("code")
        if code is None:
            found[path] = replace(read_entry(answer), path=path)
        elif code in _ABSENT:
            found[path] = None
        else:
            known = meaning(LIST, code)
            raise NasError(
                known.kind,
                known.message,
                vendor="synology",
                call=reply.call,
                path=path,
                code=str(code),
                hint=known.hint,
            )
    if silent and any(id(item) not in used for item in answers.values()):
        raise NasError(
            Kind.PROTOCOL,
            "the device answered for a path that it was not asked about",
            vendor="synology",
            call=reply.call,
            path=silent,
        )
    return found


def folded(path: str) -> str:
    """A path with its share's name in small letters."""
    share, slash, rest = path[1:].partition("/")
    return f"/{share.casefold()}{slash}{rest}"
