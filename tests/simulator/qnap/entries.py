# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries as rows of get_list, stat and search: the guide's fields (QTS 4), or those recorded on QTS 5."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..core.disk import Entry
from .call import Call, Params

if TYPE_CHECKING:
    from .device import Qnap

MUSIC, VIDEO, PHOTO = 1, 2, 3
SUFFIXES = {
    MUSIC: frozenset({"mp3", "flac", "ogg", "wav", "m4a", "aac", "wma", "aiff", "ape"}),
    VIDEO: frozenset({"mp4", "avi", "mkv", "mov", "mpg", "mpeg", "wmv", "m4v", "flv", "ts", "3gp", "webm", "vob"}),
    PHOTO: frozenset({"jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "psd"}),
}
RENDITIONS = ("mp4_360", "mp4_720", "flv_720")
ACL_FULL, ACL_READ, ACL_NONE = 7, 4, 0
LIST_MAX = 80000
"""The most rows of a page."""
TIME = "%Y/%m/%d %H:%M:%S"
_DIGITS = re.compile(r"(\d+)")


def file_type(name: str) -> int:
    """`filetype`: 1 music, 2 video, 3 photo, 0 anything else."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    return next((number for number, suffixes in SUFFIXES.items() if suffix in suffixes), 0)


def device_time(moment: float, form: str = TIME) -> str:
    """The device's own local time, without a zone."""
    return time.strftime(form, time.localtime(moment))


def owner_of(device: Qnap, entry: Entry) -> str:
    """The simulator's own user (and root) is the device's administrator."""
    return device.settings.user if entry.uid in {0, os.geteuid()} else entry.owner


def group_of(entry: Entry) -> str:
    return "administrators" if entry.gid in {0, os.getegid()} else entry.group


def row(device: Qnap, entry: Entry, *, name: str | None = None, listing: bool = False) -> dict[str, Any]:
    """One entry. In the guide's get_list `mt` ends with a line break and `epochmt` is missing; QTS 5 has both right.
    Listings of some shares lack the time (`no_times=SHARE,...`)."""
    found = _row(device, entry, name, listing=listing)
    if listing and device.disk.share(entry.path) in device.timeless_shares:
        found = {key: value for key, value in found.items() if key not in {"mt", "epochmt"}}
    return found


def _row(device: Qnap, entry: Entry, name: str | None, *, listing: bool) -> dict[str, Any]:
    video = not entry.is_folder and file_type(entry.name) == VIDEO
    ready = device.transcoder.ready(entry.path) if video else frozenset()
    shown = entry.name if name is None else name
    # the guide: an MP4 in the @Transcode folder
    play = int(video and entry.name.lower().endswith(".mp4") and "@Transcode" in entry.path.split("/")[:-1])
    base: dict[str, Any] = {
        "filename": shown,
        "isfolder": int(entry.is_folder),
        "filesize": str(entry.size),
        "group": group_of(entry),
        "owner": owner_of(device, entry),
        "iscommpressed": 0,
        "privilege": f"{entry.mode & 0o777:o}",
        "filetype": 0 if entry.is_folder else file_type(entry.name),
    }
    if not device.generation.modern:
        base["mt"] = device_time(entry.mtime) + ("\n" if listing else "")
        if listing:
            flags: dict[str, Any] = {form: int(form in ready) for form in RENDITIONS}
            return base | flags | {"trans": int(device.transcoder.queued(entry.path)) if video else 0, "play": play}
        return base | {"epochmt": int(entry.mtime), "exist": 1}
    return base | {
        "mt": device_time(entry.mtime),
        "epochmt": int(entry.mtime),
        "exist": 1,
        "cache_upload_progress": 0,
        "encrypt_folder": 0,
        "has_thumbnail": 0,
        "is_cached": 0,
        "is_h265": -1,
        "is_link": int(entry.is_link),
        "mp3": 0,
        "mp4_1080": 0,
        "mp4_240": int("mp4_240" in ready),
        "mp4_360": int("mp4_360" in ready),
        "mp4_480": 0,
        "mp4_720": int("mp4_720" in ready),
        "mp4_org": 0,
        "play": play,
        "privilege_ex": 0,
        "projection_type": 0,
        "randno": "",
        "rf_team_priviege": 0,
        "sticky_bit": 0,
        "subtitle": 0,
        "trans": int(device.transcoder.queued(entry.path)) if video else 0,
    }


def spoil_size(call: Call, rows: list[dict[str, Any]]) -> None:
    """The fault `bad_size`: the first file of this one answer has a size that cannot be."""
    size = call.context.oddity("bad_size")
    if size is None:
        return
    for item in rows:
        if not item["isfolder"]:
            item["filesize"] = "-1" if size is True else str(size)
            return


def endless(call: Call, rows: list[dict[str, Any]]) -> tuple[int, list[dict[str, Any]]]:
    """The fault `endless`: (total, page). Wherever a page starts there is another one behind it, with the rows of the
    first one again or (value `new`) with names that were never there."""
    start = max(0, call.params.number("start"))
    rows = rows[: call.params.number("limit") or len(rows)]
    if call.context.oddity("endless") == "new":
        rows = [{**item, "filename": f"{item['filename']}-{start + number:09}"} for number, item in enumerate(rows)]
    return start + 2 * len(rows) + 1, rows


def missing_row(device: Qnap, name: str) -> dict[str, Any]:
    """stat echoes a name that is not there: `exist` 0, nothing known of it."""
    base: dict[str, Any] = {
        "filename": name,
        "isfolder": 0,
        "filesize": "0",
        "group": "",
        "owner": "",
        "iscommpressed": 0,
        "privilege": "",
        "filetype": 0,
        "mt": "",
        "epochmt": 0,
        "exist": 0,
    }
    if device.generation.modern:
        base |= {"is_link": 0, "is_cached": 0, "encrypt_folder": 0, "sticky_bit": 0, "privilege_ex": 0}
    return base


def natural(name: str) -> list[tuple[int, int, str]]:
    """Numbers by value, letters without case."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in _DIGITS.split(name.lower()) if part]


def sort_entries(device: Qnap, entries: Iterable[Entry], params: Params) -> list[Entry]:
    """By `sort` and `dir`. Folders go before files when sorted by name, as the web page shows them."""
    keys = {
        "filesize": lambda entry: entry.size,
        "filetype": lambda entry: file_type(entry.name),
        "mt": lambda entry: entry.mtime,
        "privilege": lambda entry: entry.mode,
        "owner": lambda entry: owner_of(device, entry),
        "group": group_of,
    }
    descending = params.get("dir", "ASC").upper() == "DESC"
    order = params.get("sort", "filename")
    found = sorted(
        entries,
        key=lambda entry: (natural(entry.name) if order in {"natural", "nartual"} else entry.name.lower(), entry.name),
    )
    if order in keys:
        return sorted(found, key=keys[order], reverse=descending)
    if descending:
        found.reverse()
    return sorted(found, key=lambda entry: not entry.is_folder)


def page(items: list[Any], params: Params, largest: int) -> list[Any]:
    """`start` and `limit`; without a limit (or with 0) everything, up to the device's own maximum."""
    start = max(0, params.number("start"))
    limit = params.number("limit")
    return items[start : start + (min(limit, largest) if limit > 0 else largest)]


def real_path(device: Qnap, path: str) -> str:
    """As search results and the link list have it: with the share's volume in front."""
    return f"/share/{device.volumes.folder(device.shares.volume_of(device.disk.share(path)))}{path}"
