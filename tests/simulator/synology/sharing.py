# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Sharing: getinfo, list, create, delete, clear_invalid, edit.

Every create makes a new link (seen). Fields of a link as recorded on DSM 7; older profiles answer as the guide prints
it (unset dates `0`, on DSM 5 links under /fbsharing/). Dates are the device's local ones: a link is good from the
beginning of its first day to the end of its last.
"""

from __future__ import annotations

import base64
import datetime
import functools
import io
import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from ..core import errors
from ..core.disk import base_name
from .calls import Call, serves
from .codes import INVALID, MISSING, code_of
from .entries import page, true_path
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.FileStation.Sharing"
NO_LINK, TOO_MANY_LINKS = 2000, 2001
MAX_PASSWORD = 16
_ALPHABET = string.ascii_letters + string.digits


@dataclass
class Link:
    """One share link. `used` counts its downloads; `expire_times` 0 means any number."""

    id: str
    path: str
    owner: str
    is_folder: bool
    password: str = ""
    expired: datetime.datetime | None = None
    available: datetime.datetime | None = None
    expire_times: int = 0
    used: int = 0

    def status(self, device: Synology) -> str:
        """`valid`, `invalid` (not yet), `expired` or `broken` (guide)."""
        now = datetime.datetime.now()
        try:
            there = device.disk.find(self.path) is not None
        except errors.DiskError:  # its owner may not see it any more
            there = False
        if not there:
            return "broken"
        if (self.expired is not None and now > self.expired) or (self.expire_times and self.used >= self.expire_times):
            return "expired"
        return "invalid" if self.available is not None and now < self.available else "valid"

    def url(self, device: Synology) -> str:
        return f"{device.url}/{'fbsharing' if device.dsm.style == 'plain' else 'sharing'}/{self.id}"

    def describe(self, device: Synology) -> dict[str, Any]:
        old = not device.dsm.device_key
        row: dict[str, Any] = {
            "date_available": _date(self.available, old=old),
            "date_expired": _date(self.expired, old=old),
            "has_password": bool(self.password),
            "id": self.id,
            "isFolder": self.is_folder,
            "link_owner": self.owner,
            "name": base_name(self.path),
            "path": self.path,
            "status": self.status(device),
            "url": self.url(device),
        }
        if not old:
            row.update(
                {
                    "app": {"enable_upload": False, "is_folder": self.is_folder},
                    "enable_upload": False,
                    "expire_times": self.expire_times,
                    "limit_size": 0,
                    "project_name": "SYNO.SDS.App.FileStation3.Instance",
                    "protect_groups": [],
                    "protect_type": "password" if self.password else "none",
                    "protect_users": [],
                    "qrcode": picture(row["url"]),
                    "request_info": "",
                    "request_name": "",
                    "uid": device.uid(self.owner),
                }
            )
        return row


def _date(moment: datetime.datetime | None, *, old: bool) -> str:
    if moment is None:
        return "0" if old else ""
    return moment.strftime("%Y-%m-%d" if old else "%Y-%m-%d %H:%M:%S")


@functools.lru_cache(maxsize=4096)
def picture(url: str) -> str:
    """A picture in the place of the QR code: a pattern of the address, that no camera reads."""
    bits = "".join(f"{byte:08b}" for byte in url.encode())
    side = 21
    image = Image.new("1", (side, side))
    image.putdata([int(bits[place % len(bits)]) for place in range(side * side)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def read_date(call: Call, name: str, *, end_of_day: bool) -> datetime.datetime | None:
    """`YYYY-MM-DD`, perhaps with a time; empty and 0 mean none. An unquoted date was read as a number (400)."""
    value = call.params.value(name)
    if value in ("", 0, "0", None):
        return None
    if not isinstance(value, str):
        raise ApiError(INVALID)
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            moment = datetime.datetime.strptime(value, form)
        except ValueError:
            continue
        return moment.replace(hour=23, minute=59, second=59) if end_of_day and form == "%Y-%m-%d" else moment
    raise ApiError(INVALID)


def apply(call: Call, link: Link) -> None:
    """The settings of create and edit that were given."""
    params = call.params
    if params.has("password"):
        password = params.secret("password")
        if len(password) > MAX_PASSWORD:
            raise ApiError(INVALID)
        link.password = password
    if params.has("date_expired"):
        link.expired = read_date(call, "date_expired", end_of_day=True)
    if params.has("date_available"):
        link.available = read_date(call, "date_available", end_of_day=False)
    if params.has("expire_times"):
        link.expire_times, link.used = params.integer("expire_times", 0), 0


def _mine(call: Call) -> list[Link]:
    return [link for link in call.device.links.values() if link.owner == call.user]


def _named(call: Call) -> list[Link]:
    """The links of `id`; 2000 with the ids nobody knows."""
    ids = call.params.texts("id")
    mine = {link.id: link for link in _mine(call)}
    missing = [{"code": NO_LINK, "id": link_id} for link_id in ids if link_id not in mine]
    if missing:
        raise ApiError(NO_LINK, missing)
    return [mine[link_id] for link_id in ids]


@serves(API, "getinfo")
async def getinfo(call: Call) -> dict[str, Any]:
    link = call.device.links.get(call.params.text("id"))
    if link is None:
        raise ApiError(NO_LINK)
    return link.describe(call.device)


@serves(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """The user's own links."""
    params = call.params
    rows = [link.describe(call.device) for link in _mine(call)]
    order, direction = params.text("sort_by", ""), params.text("sort_direction", "asc").lower()
    allowed = {
        "id",
        "name",
        "isFolder",
        "path",
        "date_expired",
        "date_available",
        "status",
        "has_password",
        "url",
        "link_owner",
        "",
    }
    if order not in allowed or direction not in {"asc", "desc"}:
        raise ApiError(INVALID)
    if order:
        rows.sort(key=lambda item: str(item[order]))
    if direction == "desc":
        rows.reverse()
    offset, shown = page(rows, params)
    return {"links": shown, "offset": offset, "total": len(rows)}


@serves(API, "create", writes=True)
async def create(call: Call) -> dict[str, Any]:
    """One link a path. A path that is not there is reported in its own entry, and the call succeeds (seen)."""
    device = call.device
    paths = call.params.texts("path")
    if len(_mine(call)) + len(paths) > device.settings.integer("max_links", 1000):
        raise ApiError(TOO_MANY_LINKS)
    rows: list[dict[str, Any]] = []
    for given in paths:
        try:
            path = true_path(device, given)
            if path.endswith("/"):
                raise errors.NotFound(given)
            entry = device.disk.stat(path)
        except errors.DiskError as exc:
            rows.append({"error": code_of(exc) or MISSING, "path": given})
            continue
        link = Link("".join(secrets.choice(_ALPHABET) for _place in range(9)), path, call.user, entry.is_folder)
        apply(call, link)
        device.links[link.id] = link
        url = link.url(device)
        item = {"error": 0, "id": link.id, "path": path, "qrcode": picture(url), "url": url}
        if call.context.oddity("no_link_error"):
            del item["error"]
        rows.append(item)
    return {"links": rows}


@serves(API, "edit", writes=True)
async def edit(call: Call) -> None:
    """Change what is given; an empty password takes it away."""
    for link in _named(call):
        apply(call, link)


@serves(API, "delete", writes=True)
async def delete(call: Call) -> None:
    for link in _named(call):
        del call.device.links[link.id]


@serves(API, "clear_invalid", writes=True)
async def clear_invalid(call: Call) -> None:
    """Throw expired and broken links away; those that are not yet available stay (guide)."""
    for link in _mine(call):
        if link.status(call.device) in {"expired", "broken"}:
            del call.device.links[link.id]
