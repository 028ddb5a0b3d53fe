# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""search (guide, 16): names below a folder that hold a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from ..core import errors
from ..core.disk import Entry
from . import entries
from .call import Call, Handler
from .codes import Refused, Status
from .listing import acl_of
from .recycle import BIN

MOST_HITS = 1000


async def search(call: Call) -> web.StreamResponse:
    """Case is not seen. Names come with the volume in front; more than a thousand hits are refused (34)."""
    path = call.iso_path("source_path")
    call.need("keyword")
    return call.reply(await call.run(_search, call, path), tight=True)


def _below(call: Call, path: str) -> Iterator[Entry]:
    for entry in call.disk.list(path):
        if entry.name.startswith(".") or entry.name == BIN:
            continue
        yield entry
        if entry.is_folder and not entry.is_link:
            try:
                yield from _below(call, entry.path)
            except errors.Denied:
                continue


def _search(call: Call, path: str) -> dict[str, Any]:
    device, word = call.device, call.params.get("keyword").lower()
    if path != "/" and not call.disk.stat(path).is_folder:
        raise errors.NotFolder(path)
    hidden = call.disk.denied | (device.iso_shares if device.strict_iso else frozenset())
    tops = [path] if path != "/" else [share.path for share in call.disk.shares() if share.name not in hidden]
    found: list[Entry] = []
    for top in tops:
        for entry in _below(call, top):
            if word in entry.name.lower():
                found.append(entry)
                if len(found) > MOST_HITS:
                    raise Refused(Status.TOO_MANY_HITS)
    chosen = entries.sort_entries(device, found, call.params)
    without_end = call.context.oddity("endless") is not None
    if not without_end:
        chosen = entries.page(chosen, call.params, MOST_HITS)
    rows = [entries.row(device, entry, name=entries.real_path(device, entry.path), listing=True) for entry in chosen]
    total = len(found)
    if without_end:
        total, rows = entries.endless(call, rows)
    return {"total": total, "acl": acl_of(call, path), "is_acl_enable": 1, "datas": rows}


HANDLERS: dict[str, Handler] = {"search": search}
