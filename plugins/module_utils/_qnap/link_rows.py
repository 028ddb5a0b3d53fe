# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share links as a QNAP lists and makes them (File Station guide, sections 17.2 and 17.4)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import parse_qsl, urlsplit

from .._core.errors import Kind, NasError
from .._core.links import NEVER, ShareLink
from .entries import Row, without_volume
from .envelope import number
from .failures import qnap_error

LIST = "get_share_list"
_DETAILS = (
    "start_time",
    "filesize",
    "filetype",
    "isfolder",
    "addressee",
    "download_count",
    "download_limit",
    "title",
    "description",
    "link_name",
    "type",
    "multiple",
    "all_available",
    "qsync",
    "option",
    "misc",
)
"""What is worth showing; the rest may hold secrets, as `access_code` does."""


def ssid_of(row: Row) -> str:
    """The id in a row.

    :raises NasError: `PROTOCOL` when there is none.
    """
    return _text(row, "ssid")


def path_of(row: Row) -> str:
    """Where the link of a row leads.

    :raises NasError: `PROTOCOL` when it does not say.
    """
    return without_volume(_path(row))


def link_of(row: Row) -> ShareLink:
    """The link that a row of get_share_list describes.

    `expire_time` is 0 for a link without an end. The guide has no word on whether a link works; one that has an end in
    the past does not.

    :raises NasError: `PROTOCOL`.
    """
    expires = number(row.get("expire_time"))
    if expires is None or expires < 0:
        raise _broken("no expire_time", LIST)
    code = row.get("access_code")
    password = None if code is None else str(code)
    creator = row.get("creator")
    return ShareLink(
        id=ssid_of(row),
        path=path_of(row),
        url=_text(row, "download_link"),
        expires=expires,
        has_password=None if password is None else bool(password),
        valid=expires == NEVER or expires > time.time(),
        owner=creator if isinstance(creator, str) and creator else None,
        password=password or None,
        details={name: row[name] for name in _DETAILS if name in row},
    )


def made(reply: Mapping[str, Any], path: str) -> str:
    """The id of the link that get_share_link made: in its own field with some firmware, else in the link's URL.

    :raises NasError: `PROTOCOL`.
    """
    links = reply.get("links")
    first = links[0] if isinstance(links, list) and links else None
    url = first.get("link_url") if isinstance(first, dict) else None
    ssid = (ssid_in(url) if isinstance(url, str) else None) or reply.get("ssid")
    if not isinstance(ssid, str) or not ssid:
        raise _broken("no link", "get_share_link", path)
    return ssid


def query_of(url: str) -> list[tuple[str, Any]]:
    """What stands behind the question mark of a link."""
    try:
        return list(parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="surrogateescape"))
    except ValueError:
        return []


def ssid_in(url: str) -> Optional[str]:
    """The id in a link, or None when it is none of a QNAP."""
    return dict(query_of(url)).get("ssid")


def host_in(url: str, default: str) -> str:
    """The name or address of the device in a link, as it stands there."""
    try:
        host = urlsplit(url).hostname or default
    except ValueError:
        host = default
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise _broken(f"no {name}", LIST)
    return value


def _path(row: Row) -> str:
    path = _text(row, "filename")
    if not path.startswith("/"):
        raise _broken("a filename that is no path", LIST)
    return path


def _broken(what: str, call: str, path: str = "") -> NasError:
    return qnap_error(Kind.PROTOCOL, f"the device's answer has {what}", call=call, path=path)
