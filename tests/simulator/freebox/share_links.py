# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share links, and the files behind them.

Rests on the vendor's Share Link page as far as known and on recorded answers: a POST always makes a new token, `expire`
may come as a string, `fullurl` is empty while remote access is off, there is no call that changes a link.
"""

from __future__ import annotations

import html
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from ..core import errors
from ..core.context import Context
from ..core.disk import base_name, join
from ..core.streams import send_file
from .calls import EXPLORER, Ask, Route
from .fsinfo import mimetype
from .operations import disposition
from .wire import NOTHING, Refused, encode_path, number, shown

if TYPE_CHECKING:
    from .device import Freebox


@dataclass
class ShareLink:
    """One link; `path` as sent."""

    token: str
    path: str
    expire: int

    @property
    def expired(self) -> bool:
        return 0 < self.expire <= time.time()


class ShareLinks:
    """Every link, in the order they were made."""

    def __init__(self) -> None:
        self._links: dict[str, ShareLink] = {}

    def add(self, path: str, expire: int) -> ShareLink:
        link = ShareLink(secrets.token_urlsafe(12), path, expire)
        self._links[link.token] = link
        return link

    def get(self, token: str) -> ShareLink | None:
        return self._links.get(token)

    def remove(self, token: str) -> bool:
        return self._links.pop(token, None) is not None

    def all(self) -> list[ShareLink]:
        return list(self._links.values())


def render(box: Freebox, ask: Ask, link: ShareLink) -> dict[str, Any]:
    """As recorded; the page has another form of the URL and no `internal`."""
    name = base_name("/" + link.path)
    if not box.settings.flag("remote_access", True):
        url = ""
    elif box.page_shapes:
        url = f"{box.url}/api/v{ask.version}/share/{link.token}/"
    else:
        url = f"{box.url}/share/{link.token}/{quote(name, errors='surrogateescape')}"
    answer: dict[str, Any] = {
        "path": encode_path(link.path),
        "token": link.token,
        "name": shown(name),
        "expire": link.expire,
        "fullurl": url,
    }
    if not box.page_shapes:
        answer["internal"] = 0
    return answer


async def list_links(box: Freebox, ask: Ask) -> Any:
    rows = [render(box, ask, link) for link in box.links.all()]
    return rows if rows or box.page_shapes else NOTHING


def _find(box: Freebox, ask: Ask) -> ShareLink:
    link = box.links.get(ask.args["token"])
    if link is None:
        raise Refused("invalid_id")
    return link


async def get_link(box: Freebox, ask: Ask) -> Any:
    return render(box, ask, _find(box, ask))


async def create_link(box: Freebox, ask: Ask) -> Any:
    """`expire` may be missing or 0: never. One in the past is taken as it is (nothing says otherwise)."""
    path = ask.path("path")
    expire = number(ask.mapping().get("expire") or 0)
    if expire < 0:
        raise Refused("invalid_request", detail="expire")
    place = box.place(path)
    box.disk.stat(place)
    if place == "/":
        raise Refused("access_denied")
    return render(box, ask, box.links.add(path, expire))


async def delete_link(box: Freebox, ask: Ask) -> Any:
    box.links.remove(_find(box, ask).token)
    return NOTHING


async def serve(box: Freebox, context: Context) -> web.StreamResponse:
    """The public side: no session. What stands behind the token may be the file's name, or a path below a folder."""
    token, rest = context.data["share"]
    link = box.links.get(token)
    try:
        if link is None or link.expired:
            raise errors.NotFound(rest)
        path = box.place(link.path)
        entry = box.disk.stat(path)
        inside = rest.strip("/")
        if entry.is_folder and inside:
            if inside == entry.name or inside.startswith(entry.name + "/"):
                inside = inside[len(entry.name) :].strip("/")
            path = box.place(join(path, inside)) if inside else path
            entry = box.disk.stat(path)
        elif inside and inside != entry.name:
            raise errors.NotFound(rest)
        if entry.is_folder:
            return await _page(box, context, path, token, inside)
        box.disk.check_read(path)
    except (errors.DiskError, Refused):
        context.code = "not_found"
        return web.Response(status=404, text="<html><body><h1>404</h1></body></html>\n", content_type="text/html")
    headers = {"Content-Type": mimetype(entry.name), "Content-Disposition": disposition(entry.name)}
    return await send_file(context, path, headers=headers)


async def _page(box: Freebox, context: Context, path: str, token: str, inside: str) -> web.Response:
    """A plain index: what boxes show for a folder is not known."""
    rows = []
    for entry in sorted(box.disk.list(path), key=lambda item: item.name):
        below = quote(join(inside, entry.name).lstrip("/"), errors="surrogateescape")
        rows.append(f'<li><a href="/share/{token}/{below}">{html.escape(shown(entry.name))}</a></li>')
    return web.Response(text=f"<html><body><ul>{''.join(rows)}</ul></body></html>\n", content_type="text/html")


ROUTES = [
    Route("GET", "share_link/", list_links, permission=EXPLORER),
    Route("GET", "share_link/{token}", get_link, permission=EXPLORER),
    Route("POST", "share_link/", create_link, permission=EXPLORER, writes=True),
    Route("DELETE", "share_link/{token}", delete_link, permission=EXPLORER, writes=True),
]
