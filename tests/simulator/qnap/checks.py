# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about files and the device: checksum, get_file_size (guide, 12.3), get_disk_info, check_sid,
get_domain_ip_list (17.5)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..core import errors
from .call import Call, Handler
from .codes import Refused, Status
from .login import check_sid

MODERN_ONLY = frozenset({"checksum", "get_checksum"})


async def checksum(call: Call) -> web.StreamResponse:
    """MD5 of files (QTS 5 only): `mt` is in seconds here, `filesize` text as everywhere."""
    path = call.path("path")
    call.need("file_name")
    names = call.params.files("file_name", "file_total")

    def work() -> list[dict[str, Any]]:
        rows = []
        for name in names:
            entry = call.disk.stat(call.child(path, name))
            if entry.is_folder:
                raise Refused(Status.CHECKSUM_FAILED)
            rows.append(
                {
                    "filename": name,
                    "filesize": str(entry.size),
                    "mt": int(entry.mtime),
                    "checksum": call.disk.hash(entry.path),
                }
            )
        return rows

    rows = await call.run(work)
    return call.reply({**call.device.envelope(Status.SUCCESS), "total": len(rows), "datas": rows})


async def get_file_size(call: Call) -> web.StreamResponse:
    """Bytes of everything below the names, hidden files too; the counts are text as the size is."""
    path = call.path("path")
    call.need("name")
    names = call.params.files("name", "total")

    def work() -> tuple[int, int, int]:
        folders = files = size = 0
        for name in names:
            call.disk.check_read(call.child(path, name))
            more = call.disk.measure(call.child(path, name))
            folders, files, size = folders + more[0], files + more[1], size + more[2]
        return folders, files, size

    folders, files, size = await call.run(work)
    return call.reply({"status": 1, "size": str(size), "folderCnt": str(folders), "fileCnt": str(files)})


async def get_disk_info(call: Call) -> web.StreamResponse:
    """Room on the volume (or in the share's quota) of a path, in KB."""
    path = call.path("path")

    def work() -> tuple[int, int]:
        call.disk.stat(path)
        total, free = call.disk.usage()
        room = call.disk.budget(path).room()
        return total - free, free if room is None else min(free, room)

    try:
        used, free = await call.run(work)
    except errors.NotFound:
        raise Refused(Status.NO_SUCH_FILE) from None
    return call.reply(
        {**call.device.envelope(Status.SUCCESS), "free_size": str(free // 1024), "used_size": str(used // 1024)}
    )


async def get_domain_ip_list(call: Call) -> web.StreamResponse:
    """How the device can be reached, for making links."""
    device = call.device
    port = device.url.rpartition(":")[2]
    addresses = {
        "mycloudnas_hn": device.settings.text("mycloudnas", f"{device.hostname}.myqnapcloud.com"),
        "ddns_hn": device.settings.text("ddns"),
        "external_ip": device.settings.text("external_ip"),
        "local_ip": "127.0.0.1",
        "host_ip": "127.0.0.1",
    }
    more = {
        "local_ip_list": ["127.0.0.1"],
        "port": port,
        "sslPort": device.settings.text("force_https", "443"),
        "extPort": port,
        "extSslPort": "443",
    }
    return call.reply({"status": 1, **addresses, **more})


HANDLERS: dict[str, Handler] = {
    "checksum": checksum,
    "get_checksum": checksum,
    "get_file_size": get_file_size,
    "get_disk_info": get_disk_info,
    "check_sid": check_sid,
    "get_domain_ip_list": get_domain_ip_list,
}
