# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share links (guide, 17.2 to 17.4, 17.6 to 17.8): made, mailed, listed, changed, ended."""

from __future__ import annotations

import random
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from ..core.disk import Entry
from . import entries, mail
from .call import Call, Handler, Params
from .codes import Refused, Status

if TYPE_CHECKING:
    from .device import Qnap

FOREVER, PERIOD, MOMENT = "forever", "period_of_time", "specific_time"
CREATE, EMAIL = "create_download_link", "email_download_link"
INTERNET, LOCAL = "internet", "local"
SSID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
MOST_LINKS = 1000
HOUR, DAY = 3600, 86400


@dataclass
class Link:
    """One link. `expires` 0 is never; `code` empty is none."""

    ssid: str
    path: str
    creator: str
    started: int
    url: str
    expires: int = 0
    code: str = ""
    addressee: str = ""
    name: str = ""
    count: int = 0

    @property
    def expired(self) -> bool:
        return 0 < self.expires <= time.time()


class Links:
    """Every link of the device, by its ssid."""

    def __init__(self, device: Qnap) -> None:
        self._device = device
        self.most = device.settings.integer("max_links", MOST_LINKS)
        self._links: dict[str, Link] = {}

    def get(self, ssid: str) -> Link | None:
        return self._links.get(ssid)

    def all(self) -> list[Link]:
        return list(self._links.values())

    def drop(self, ssid: str) -> bool:
        return self._links.pop(ssid, None) is not None

    def end_below(self, path: str) -> None:
        """Every link to this entry, or to what is below it."""
        self._links = {ssid: link for ssid, link in self._links.items() if not (link.path + "/").startswith(path + "/")}

    def clear(self, user: str | None) -> None:
        """Every link, or every link of a user."""
        self._links = {ssid: link for ssid, link in self._links.items() if user is not None and link.creator != user}

    def new_ssid(self) -> str:
        """Seven characters once, 32 hexadecimal digits now."""
        if self._device.generation.modern:
            return secrets.token_hex(16)
        return "0" + "".join(random.choices(SSID_ALPHABET, k=6))

    def add(self, link: Link) -> None:
        if len(self._links) >= self.most:
            raise Refused(Status.TOO_MANY_LINKS)
        self._links[link.ssid] = link


# -- what the parameters say


def expiry(params: Params) -> int:
    """When it ends. A time that cannot be, or is past, is 95."""
    how = params.get("valid_duration", FOREVER)
    if how == FOREVER:
        return 0
    if how == PERIOD:
        seconds = params.number("day") * DAY + params.number("hour") * HOUR
        if seconds <= 0:
            raise Refused(Status.TIME_INVALID)
        return int(time.time()) + seconds
    if how == MOMENT:
        try:
            moment = int(time.mktime(time.strptime(params.get("datetime"), "%Y/%m/%d %H:%M")))
        except (ValueError, OverflowError):
            raise Refused(Status.TIME_INVALID) from None
        if moment <= time.time():
            raise Refused(Status.TIME_INVALID)
        return moment
    raise Refused(Status.PARAMETER)


def access_code(params: Params) -> str:
    """The code, if there is to be one; a code without its switch is none."""
    if not params.flag("access_enabled"):
        return ""
    if not params.get("access_code"):
        raise Refused(Status.PARAMETER)
    return params.get("access_code")


def download_type(params: Params) -> str:
    """17.3 and 17.8 misspell the name in their command lines, and spell it right in their tables: either will do."""
    found = params.get("download_type") or params.get("dowdownload_type") or CREATE
    if found not in {CREATE, EMAIL}:
        raise Refused(Status.PARAMETER)
    return found


def link_url(call: Call, ssid: str) -> str:
    """Where it is served. A host without a port gets the port this device listens on, or nobody could follow it."""
    params = call.params
    scheme = "https" if params.flag("ssl") else "http"
    host = params.get("hostname") or call.context.request.host
    port = call.device.url.rpartition(":")[2]
    if ":" not in host and port != {"http": "80", "https": "443"}[scheme]:
        host = f"{host}:{port}"
    return f"{scheme}://{host}/share.cgi?ssid={ssid}"


# -- calls


async def get_share_link(call: Call) -> web.StreamResponse:
    """A new link for each name, every time it is asked."""
    links = await _create(call)
    reply: dict[str, Any] = {
        "status": 1,
        "expire_time": links[0].expires,
        "total": len(links),
        "count": 0,
        "limit": 0,
        "misc": "----",
        "ssid": links[0].ssid,
        "links": [{"filename": link.path, "link_url": link.url} for link in links],
    }
    if download_type(call.params) == EMAIL:
        reply["email_error"] = int(not await _mail(call, [link.url for link in links]))
    return call.reply(reply)


async def _create(call: Call) -> list[Link]:
    params = call.params
    download_type(params)
    if params.get("network_type", LOCAL) not in {INTERNET, LOCAL}:
        raise Refused(Status.PARAMETER)
    folder = call.path("path")
    call.need("file_name")
    paths = [call.child(folder, name) for name in params.files("file_name", "file_total")]
    expires, code = expiry(params), access_code(params)
    if not paths:
        raise Refused(Status.PARAMETER)
    for path in paths:
        call.disk.stat(path)
        call.disk.check_read(path)
    made = []
    for path in paths:
        ssid = call.device.links.new_ssid()
        link = Link(
            ssid,
            path,
            call.user,
            int(time.time()),
            link_url(call, ssid),
            expires,
            code,
            params.get("addressee"),
            params.get("link_name") or path.rpartition("/")[2],
        )
        call.device.links.add(link)
        made.append(link)
    return made


async def share_file(call: Call) -> web.StreamResponse:
    """A mail with a link: the one in `link_url`, or a new one. `email_error` 1 says that it did not go."""
    urls = [call.params.get("link_url")] if call.params.get("link_url") else [link.url for link in await _create(call)]
    return call.reply({"status": 1, "email_error": int(not await _mail(call, urls))})


async def _mail(call: Call, urls: list[str]) -> bool:
    params = call.params
    to = [item.strip() for item in params.get("addressee").replace(";", ",").split(",") if item.strip()]
    if not to:
        return False
    message: dict[str, Any] = {
        "type": "share_link",
        "from": call.user,
        "to": to,
        "subject": params.get("subject"),
        "content": params.get("content"),
        "links": urls,
        "valid": params.get("mail_content_date"),
        "expires": params.number("expire_time"),
    }
    if params.get("include_access_code") in {"true", "1", "ture"}:  # the guide's example has a slip there
        message["access_code"] = params.get("access_code")
        message["password"] = params.get("mail_content_pwd")
    return await call.run(mail.send, call.device, message)


async def get_share_list(call: Call) -> web.StreamResponse:
    """Every link of the device (an administrator), or one's own; expired ones too. The code is there in clear."""
    found = [link for link in call.device.links.all() if call.admin or link.creator == call.user]
    keys = {
        "filesize": lambda link: _size(call.device.disk.find(link.path)),
        "mt": lambda link: link.started,
        "owner": lambda link: link.creator,
    }
    found.sort(
        key=keys.get(call.params.get("sort"), lambda link: link.path.lower()),
        reverse=call.params.get("dir", "ASC").upper() == "DESC",
    )
    rows = [_row(call, link) for link in entries.page(found, call.params, MOST_LINKS)]
    total = len(found)
    if call.context.oddity("endless") is not None:
        total, rows = entries.endless(call, [_row(call, link) for link in found])
    head: dict[str, Any] = {"max_share_file": call.device.links.most, "total": total}
    if call.modern:
        head |= {"date_format": "1", "time_format": "24", "total_shared_items": total}
    return call.reply({**head, "datas": rows})


def _size(entry: Entry | None) -> int:
    return entry.size if entry is not None and not entry.is_folder else 0


def _row(call: Call, link: Link) -> dict[str, Any]:
    entry = call.device.disk.find(link.path)
    row: dict[str, Any] = {
        "ssid": link.ssid,
        "filename": entries.real_path(call.device, link.path),
        "filesize": str(_size(entry)),
        "filetype": 0,
        "download_link": link.url,
        "start_time": link.started,
        "expire_time": link.expires,
        "addressee": link.addressee,
        "creator": link.creator,
        "access_code": link.code,
        "download_count": link.count,
        "download_limit": 0,
        "misc": "----",
    }
    if call.modern:
        row |= {
            "isfolder": int(entry is not None and entry.is_folder),
            "multiple": 0,
            "qsync": 0,
            "x_option": 0,
            "option": 1,
            "title": link.name,
            "description": "",
            "type": 0,
            "link_name": link.name,
            "ht": "",
            "all_available": int(entry is not None),
            "shared_items": 1,
        }
    return row


async def delete_share(call: Call) -> web.StreamResponse:
    """Ends the links that `download_link` names. One that is not there is 5."""
    call.need("download_link")
    ssids = [_ssid(url) for url in call.params.files("download_link", "file_total")]
    for ssid in ssids:
        _own(call, ssid)
    for ssid in ssids:
        call.device.links.drop(ssid)
    return call.status(Status.SUCCESS)


def _ssid(url: str) -> str:
    return (parse_qs(urlsplit(url).query).get("ssid") or [url])[0]


def _own(call: Call, ssid: str) -> Link:
    link = call.device.links.get(ssid)
    if link is None:
        raise Refused(Status.NO_SUCH_FILE)
    if not call.admin and link.creator != call.user:
        raise Refused(Status.PERMISSION_DENIED)
    return link


async def delete_share_all(call: Call) -> web.StreamResponse:
    call.device.links.clear(None if call.admin else call.user)
    return call.status(Status.SUCCESS)


async def update_share_link(call: Call) -> web.StreamResponse:
    """Changes what is said and leaves the rest. The ssids stand in one parameter each, or in one with commas."""
    params = call.params
    call.need("ssids")
    download_type(params)
    ssids = [ssid for item in params.all("ssids") for ssid in item.split(",") if ssid]
    links = [_own(call, ssid) for ssid in ssids]
    expires = expiry(params) if "valid_duration" in params else None
    code = access_code(params) if "access_enabled" in params else None
    for link in links:
        if expires is not None:
            link.expires = expires
        if code is not None:
            link.code = code
        if "hostname" in params or "ssl" in params:
            link.url = link_url(call, link.ssid)
        if params.get("link_name"):
            link.name = params.get("link_name")
        if params.get("addressee"):
            link.addressee = params.get("addressee")
    return call.status(Status.SUCCESS)


HANDLERS: dict[str, Handler] = {
    "get_share_link": get_share_link,
    "share_file": share_file,
    "get_share_list": get_share_list,
    "delete_share": delete_share,
    "delete_share_all": delete_share_all,
    "update_share_link": update_share_link,
}
