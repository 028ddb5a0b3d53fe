# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""share.cgi (guide, 17.1): what a link leads to, for anybody who has it.

The guide knows `ssid` alone. Programs that fetch links also send `fid` (the ssid again), `openfolder=forcedownload` and
`ep` (the password in base64), take one file of a folder's link by `path` and `filename`, list a folder by
`func=get_list`, and try a password by `func=check_passwd`.
"""

from __future__ import annotations

import hmac
from typing import Any

from aiohttp import web

from ..core import errors
from ..core.disk import Entry, join, split
from ..core.streams import send_file
from . import entries, reply
from .call import Call
from .codes import Status
from .download import disposition, send_zip
from .links import Link
from .people import decode_password

FORM = """<!DOCTYPE html>
<html><head><title>Share link</title></head><body><form method="post" action="{action}">
<p>{word}</p><input type="password" name="access_code"><input type="submit" value="OK"></form></body></html>
"""
PAGE = """<!DOCTYPE html>
<html><head><title>File Station</title><script src="/filestation/share/share.js"></script></head><body></body></html>
"""
ROW = ("epochmt", "filename", "filesize", "isfolder", "mp3", "mp4_240", "mp4_360", "mp4_480", "mp4_720", "mp4_1080")


def _code_is_good(call: Call, code: str) -> bool:
    """As `ep`, coded like a login's password, or as it is in `access_code` (what the form sends)."""
    params = call.params
    given = decode_password(params.get("ep")) if params.get("ep") else params.get("access_code") or params.get("pwd")
    return given is not None and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), code.encode())


async def serve(call: Call) -> web.StreamResponse:
    """The file, or a folder as zip. A link nobody knows, or to what is gone, is the web server's 404; an expired one
    57; a missing or wrong code gets the page that asks for it (17 in the log). The guide has none of these.

    With the setting `share_page` a link without `fid` and `openfolder=forcedownload` is a page for browsers, as on
    devices whose links programs could only fetch with both.
    """
    params = call.params
    link = call.device.links.get(params.get("ssid"))
    if link is not None and params.get("fid", link.ssid) != link.ssid:
        link = None
    func = params.get("func")
    if func in {"check_passwd", "get_list"}:
        return await _ask(call, link, func)
    if link is None:
        return _gone(call)
    if link.expired:
        return call.status(Status.LINK_EXPIRED)
    fetched = "fid" in params and params.get("openfolder") == "forcedownload"
    if call.device.settings.flag("share_page") and not fetched:
        return web.Response(text=PAGE, content_type="text/html")
    if link.code and not _code_is_good(call, link.code):
        call.context.code = int(Status.PASSWORD)
        action = f"/share.cgi?ssid={link.ssid}"
        return web.Response(text=FORM.format(action=action, word="Enter the password"), content_type="text/html")
    try:
        entry = _target(call, link, params.get("filename"))
        call.disk.check_read(entry.path)
    except errors.DiskError:
        return _gone(call)
    link.count += 1
    if entry.is_folder:
        return await send_zip(call, [entry.path], entry.name + ".zip", deflate=False)
    return await send_file(call.context, entry.path, headers={"Content-Disposition": disposition(entry.name)})


def _gone(call: Call) -> web.Response:
    call.context.code = int(Status.NO_SUCH_FILE)
    return reply.page(404)


def _target(call: Call, link: Link, name: str) -> Entry:
    """What is asked for: the link's own file or folder, or `path` and `filename` below its folder. A file's link may
    repeat the file's name."""
    top = call.disk.stat(link.path)
    below = "/" + "/".join(split(call.params.get("path") or "/"))
    if not top.is_folder:
        if below != "/" or name not in {"", top.name}:
            raise errors.NotFound(name or below)
        return top
    path = link.path if below == "/" else link.path + below
    if "/" in name:
        raise errors.NotFound(name)
    return call.disk.stat(join(path, name) if name else path)


async def _ask(call: Call, link: Link | None, func: str) -> web.StreamResponse:
    """Questions about a link, answered in JSON: 5 for none, 57 for an expired one, 17 for a wrong password."""
    if link is None:
        return call.status(Status.NO_SUCH_FILE)
    if link.expired:
        return call.status(Status.LINK_EXPIRED)
    if link.code and not _code_is_good(call, link.code):
        return call.status(Status.PASSWORD)
    if func == "check_passwd":
        return call.reply({"status": 1})
    try:
        return call.reply(await call.run(_listed, call, link), tight=True)
    except errors.DiskError:
        return call.status(Status.NO_SUCH_FILE)


def _listed(call: Call, link: Link) -> dict[str, Any]:
    """The folder behind a link, or one below it; a file's link lists the file."""
    device = call.device
    top = _target(call, link, "")
    found = call.disk.list(top.path) if top.is_folder else [top]
    found = [entry for entry in found if not entry.name.startswith((".", "@"))]
    chosen = entries.page(entries.sort_entries(device, found, call.params), call.params, entries.LIST_MAX)
    rows = []
    for entry in chosen:
        row = entries.row(device, entry, listing=True)
        rows.append({name: row.get(name, 0) for name in ROW} | {"epochmt": int(entry.mtime), "mt": row["mt"]})
    return {
        "total": len(found),
        "option": 1,
        "link_name": link.name,
        "foldername": link.path.rpartition("/")[2],
        "multiple": 0,
        "datas": rows,
    }
