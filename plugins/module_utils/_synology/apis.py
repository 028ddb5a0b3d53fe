# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which APIs a DSM has, at which paths and in which versions, and which of them this package speaks.

Rests on the File Station guide, SYNO.API.Info/query and the "Overview" of each API. DSM 5, 6 and 7 differ in all of it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .._core.errors import Kind
from .._transport.session import Session
from .codes import AUTH
from .failures import synology_error
from .reply import Reply

# The highest version of each API that this package speaks.
FILE_STATION_APIS = {
    AUTH: 7,
    "SYNO.DSM.Info": 2,
    "SYNO.FileStation.BackgroundTask": 3,
    "SYNO.FileStation.CheckPermission": 3,
    "SYNO.FileStation.Compress": 3,
    "SYNO.FileStation.CopyMove": 3,
    "SYNO.FileStation.CreateFolder": 2,
    "SYNO.FileStation.Delete": 2,
    "SYNO.FileStation.DirSize": 2,
    "SYNO.FileStation.Download": 2,
    "SYNO.FileStation.Extract": 2,
    "SYNO.FileStation.Favorite": 2,
    "SYNO.FileStation.Info": 2,
    "SYNO.FileStation.List": 2,
    "SYNO.FileStation.MD5": 2,
    "SYNO.FileStation.Rename": 2,
    "SYNO.FileStation.Search": 2,
    "SYNO.FileStation.Sharing": 3,
    "SYNO.FileStation.Thumb": 2,
    "SYNO.FileStation.Upload": 3,
    "SYNO.FileStation.VirtualFolder": 2,
}
# Those of the control panel, which no document of the vendor describes.
CONTROL_PANEL_APIS = {
    AUTH: 7,
    "SYNO.Core.Group": 1,
    "SYNO.Core.Group.Member": 1,
    "SYNO.Core.Share": 1,
    "SYNO.Core.Share.Permission": 1,
    "SYNO.Core.Storage.Disk": 1,
    "SYNO.Core.Storage.Volume": 1,
    "SYNO.Core.Upgrade.Server": 2,
    "SYNO.Core.User": 1,
}
SPOKEN = {**FILE_STATION_APIS, **CONTROL_PANEL_APIS}

# Relative, and of characters that need no escaping.
_PATH = re.compile(r"(?!/)(?!.*\.\.)[A-Za-z0-9_./-]+\Z")


class Api(NamedTuple):
    """Where an API is, which of its versions to use, and whether it takes values as JSON."""

    name: str
    path: str
    version: int
    as_json: bool


def read_apis(reply: Reply) -> dict[str, list[Any]]:
    """What SYNO.API.Info/query tells about the APIs that this package speaks, as a session keeps it.

    :returns: `[path, lowest version, highest version, whether values are JSON]` by name, without those that the device
        does not have.
    :raises NasError: `PROTOCOL` when it makes no sense, or no login is offered.
    """
    apis: dict[str, list[Any]] = {}
    for name in SPOKEN:
        if name in reply:
            one = reply.part(name)
            path = one.needed_text("path")
            if not _PATH.match(path):
                raise one.broken(f"the path of {name}")
            as_json = path.startswith("entry.cgi") or one.text("requestFormat") == "JSON"
            apis[name] = [path, one.needed_number("minVersion"), one.needed_number("maxVersion"), as_json]
    if AUTH not in apis:
        raise reply.broken(AUTH)
    return apis


def find_api(session: Session, api: str, call: str, path: str = "") -> Api:
    """Where an API is, as a session remembers it.

    :param call: the call, for errors.
    :param path: the path on the NAS that the call is about, for errors.
    :raises NasError: `UNSUPPORTED` when the device lacks it or speaks only newer versions; `SESSION_EXPIRED` when the
        session is not one that this package has made, so that a new login is due.
    """
    apis, sid = session.get("apis"), session.get("sid")
    if not isinstance(apis, dict) or not isinstance(sid, str) or not sid:
        message = "the session at hand was not made for this device"
        raise synology_error(Kind.SESSION_EXPIRED, message, call=call, path=path)
    known: Any = apis.get(api, ["", 1, 0, False])
    if not isinstance(known, list) or [type(part) for part in known] != [str, int, int, bool]:
        message = "the session at hand is damaged"
        raise synology_error(Kind.SESSION_EXPIRED, message, call=call, path=path)
    where, lowest, highest, as_json = known
    if not where:
        message = f"this device does not have {api}"
        raise synology_error(Kind.UNSUPPORTED, message, call=call, path=path)
    version = min(highest, SPOKEN[api])
    if version < lowest:
        message = f"this device speaks {api} only from version {lowest} on"
        raise synology_error(Kind.UNSUPPORTED, message, call=call, path=path)
    return Api(api, where, version, bool(as_json))
