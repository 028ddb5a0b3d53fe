# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders as SYNO.FileStation.List describes them, and finding the one that was asked for."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Optional

from .._core.errors import Kind
from .._core.model import FILE, FOLDER, Entry, Share
from .._core.pages import Page, Place, every
from .codes import meaning
from .encoding import Value
from .failures import synology_error
from .reply import Reply
from .wire import Wire

LIST = "SYNO.FileStation.List"
DETAILS = ("real_path", "size", "owner", "time", "perm")
SHARE_DETAILS = ("real_path", "volume_status", "perm")
PAGE = 1000  # entries asked for at a time

# Codes of a single path in a getinfo: nothing is there, or nothing can ever be there because of its name.
_ABSENT = (408, 412, 413, 418, 419, 420)


def read_entry(item: Reply) -> Entry:
    """A `<file>` object (guide, List/list) with the details of `DETAILS`. A folder's own size says nothing: null.

    Nothing in it tells whether it is a symbolic link.

    :raises NasError: `PROTOCOL`.
    """
    path, is_folder = item.needed_path("path"), item.needed_flag("isdir")
    details = item.part("additional")
    owner = details.part("owner")
    times = details.part("time")
    perm = details.part("perm")
    if not is_folder and "mtime" not in times:
        raise item.broken("mtime")
    return Entry(
        path=path,
        type=FOLDER if is_folder else FILE,
        size=None if is_folder else details.size("size"),
        mtime=times.time("mtime"),
        owner=owner.text("user") or None,
        group=owner.text("group") or None,
        mode=octal(perm.number("posix")),
        real_path=details.text("real_path") or None,
        atime=times.time("atime"),
        ctime=times.time("ctime"),
        crtime=times.time("crtime"),
        uid=owner.number("uid"),
        gid=owner.number("gid"),
        acl=perm.flags("acl"),
        is_acl_mode=perm.flag("is_acl_mode"),
    )


def in_folder(item: Reply, folder: str) -> Entry:
    """The same of what is listed in a folder, by the folder's path as it was asked for.

    :raises NasError: `PROTOCOL` for what does not lie there: nothing may lead out of a folder that is walked through.
    """
    entry = read_entry(item)
    name = entry.name
    path = f"{folder}/{name}"
    if name in ("", ".", "..") or (entry.path != path and folded(entry.path) != folded(path)):
        raise item.broken("path")
    return entry if entry.path == path else replace(entry, path=path)


def octal(posix: Optional[int]) -> Optional[str]:
    """Octal digits from a number that is written in decimal but meant as octal: 70 is `070`."""
    if posix is None or posix < 0:
        return None
    digits = f"{posix:03d}"
    return None if set(digits) & {"8", "9"} else digits


def read_share(item: Reply) -> Share:
    """A `<shared folder>` object (guide, List/list_share) with `SHARE_DETAILS`."""
    details = item.part("additional")
    volume, perm = details.part("volume_status"), details.part("perm")
    right, read_only = perm.text("share_right"), volume.flag("readonly")
    if right is not None:
        read_only = bool(read_only) or right.upper() != "RW"
    return Share(
        name=item.needed_text("name"),
        path=item.needed_path("path"),
        total=volume.count("totalspace"),
        free=volume.count("freespace"),
        read_only=read_only,
        real_path=details.text("real_path") or None,
        adv_right=perm.flags("adv_right"),
        acl=perm.flags("acl"),
        is_acl_mode=perm.flag("is_acl_mode"),
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
    :raises NasError: `PROTOCOL` when the device ends the list before the total that it announced, or never.
    """

    def ask(place: Place) -> Page[Reply]:
        page = {**params, **({} if place.start else first or {}), "offset": place.start, "limit": PAGE}
        reply = wire.call(api, method, page, path=path, idempotent=True)
        return Page(reply.parts(key), reply.needed_number("total"))

    return every(ask, identity, Reply({}, f"{api}/{method}", path).nonsense, limit=PAGE, exact=True)


def identity(item: Reply) -> Hashable:
    """What tells an object of a list from the others."""
    for name in ("id", "taskid", "itemid", "item_id", "path"):
        if name in item:
            return str(item.as_dict()[name])
    return json.dumps(item.as_dict(), sort_keys=True)


def match(reply: Reply, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
    """What a getinfo says about each of the paths that it was asked for.

    A path with nothing there has a code instead of details, or (DSM 7) is left out. The names of shares are the same in
    capitals and small letters; everything below is exact.

    :raises NasError: the code of a path that is not simply absent; `PROTOCOL` when a path is left out while the device
        answers for another one that nobody asked for.
    """
    answers: dict[str, Reply] = {}
    for item in reply.parts("files"):
        answers[item.needed_path("path")] = item
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
            raise synology_error(known.kind, known.message, call=reply.call, path=path, code=str(code), hint=known.hint)
    if silent and any(id(item) not in used for item in answers.values()):
        raise synology_error(
            Kind.PROTOCOL, "the device answered for a path that it was not asked about", call=reply.call, path=silent
        )
    return found


def folded(path: str) -> str:
    """A path with its share's name in small letters."""
    share, slash, rest = path[1:].partition("/")
    return f"/{share.lower()}{slash}{rest}"
