# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody with a share link gets. Devices show a page with a button; here the address itself is the file.

A folder comes as a zip. A link with a password wants it as the form field or query parameter `password`, and answers
a form (403) without. A link that is not valid is 404.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from aiohttp import web

from ..core import errors
from ..core.context import Context
from ..core.disk import base_name
from ..core.streams import send_file, send_stream
from ..core.zip_stream import zip_blocks
from .download import disposition
from .sharing import Link

if TYPE_CHECKING:
    from .device import Synology

FORM = (
    '<html><body><form method="post"><input type="password" name="password"><input type="submit">'
    "</form></body></html>\n"
)


async def visit(context: Context, link: Link | None) -> web.StreamResponse | None:
    """Serve a link; None when there is nothing to serve."""
    device: Synology = context.vendor  # type: ignore[assignment]
    if link is None or link.status(device) != "valid":
        return None
    if link.password:
        given = context.data["raw"].get("password", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), link.password.encode()):
            return web.Response(status=403, text=FORM, content_type="text/html")
    link.used += 1
    try:
        name = base_name(link.path)
        if not link.is_folder:
            return await send_file(context, link.path, headers={"Content-Disposition": disposition(name)})
        headers = {"Content-Type": "application/zip", "Content-Disposition": disposition(name + ".zip")}
        return await send_stream(
            context,
            zip_blocks(device.disk, [link.path], follow=device.follows("download")),
            headers=headers,
            length=None,
        )
    except errors.Interrupted:
        raise
    except errors.DiskError:
        return None
