# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""share.cgi (guide, 17.1): what a link leads to, for anybody who has it."""

from __future__ import annotations

import hmac

from aiohttp import web

from ..core import errors
from ..core.streams import send_file
from . import reply
from .call import Call
from .codes import Status
from .download import disposition, send_zip
from .people import decode_password

FORM = """<!DOCTYPE html>
<html><head><title>Share link</title></head><body><form method="post" action="{action}">
<p>{word}</p><input type="password" name="access_code"><input type="submit" value="OK"></form></body></html>
"""


def _code_is_good(call: Call, code: str) -> bool:
    """As `ep`, coded like a login's password, or as it is in `access_code` (what the form sends)."""
    params = call.params
    given = decode_password(params.get("ep")) if params.get("ep") else params.get("access_code") or params.get("pwd")
    return given is not None and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), code.encode())


async def serve(call: Call) -> web.StreamResponse:
    """The file, or a folder as zip. A link nobody knows, or to what is gone, is the web server's 404; an expired one
    57; a missing or wrong code gets the page that asks for it (17 in the log). The guide has none of these."""
    link = call.device.links.get(call.params.get("ssid"))
    if link is None:
        call.context.code = int(Status.NO_SUCH_FILE)
        return reply.page(404)
    if link.expired:
        return call.status(Status.LINK_EXPIRED)
    if link.code and not _code_is_good(call, link.code):
        call.context.code = int(Status.PASSWORD)
        action = f"/share.cgi?ssid={link.ssid}"
        return web.Response(text=FORM.format(action=action, word="Enter the password"), content_type="text/html")
    try:
        entry = call.disk.stat(link.path)
        call.disk.check_read(link.path)
    except errors.DiskError:
        call.context.code = int(Status.NO_SUCH_FILE)
        return reply.page(404)
    link.count += 1
    if entry.is_folder:
        return await send_zip(call, [link.path], entry.name + ".zip", deflate=False)
    return await send_file(call.context, link.path, headers={"Content-Disposition": disposition(entry.name)})
