# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.Share: list, get, create, set, delete, clone, validate_set; SYNO.Core.Share.Crypto: encrypt, decrypt.

Seen: `shareinfo` is one JSON object, flat parameters are 403; `set` answers success for what it ignores (checksums and
compression after the creation, a conversion to encryption); one change at a time (3328), and not at once after another
(3300, setting `settle_seconds`). Which code a deletion of a share that is not there gets, and of one that the device
needs for itself, was not recorded: here 402 and 3300. Neither was the list of characters that no name may hold: here
it is the one of the vendor's help page. `validate_set` judges a share that is to be made, as `create` does.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from ..core.names import fold, written
from ..core.space import folder_bytes
from .calls import Call, controls
from .control import Wants, rows_page
from .rights import NO_ACCESS
from .shares import RESERVED, Share
from .storage import BTRFS, Volume
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.Core.Share"
NO_SHARE, BAD_VALUE = 402, 403
GENERIC, EXISTS, BAD_NAME, WRONG_KEY, TOO_MANY, FOLDER_THERE = 3300, 3301, 3305, 3308, 3309, 3312
VOLUME_READ_ONLY, NAME_RESERVED, NO_SPACE, OVERLAP, BAD_KEY = 3314, 3319, 3320, 3328, 3344
ILLEGAL = frozenset("!\"#$%&'()*+,/:;<=>?@[]\\^`{}|~\0\n\r\t")
MAX_NAME, MAX_DESCRIPTION, MIN_KEY = 32, 64, 8
NEEDED = frozenset({"home", "homes"})
"""Shares that belong to the device's own services and cannot be deleted."""


class Turnstile:
    """One change of a share at a time."""

    def __init__(self, device: Synology) -> None:
        self.seconds = device.settings.number("share_seconds", 0.0)
        self.settle = device.settings.number("settle_seconds", 0.0)
        self._inside = False
        self._last = float("-inf")

    async def __aenter__(self) -> None:
        if self._inside:
            raise ApiError(OVERLAP)
        if time.monotonic() - self._last < self.settle:
            raise ApiError(GENERIC)
        self._inside = True
        if self.seconds:
            try:
                await asyncio.sleep(self.seconds)
            except BaseException:
                self._inside = False
                raise

    async def __aexit__(self, exc_type: type[BaseException] | None, *_error: object) -> None:
        self._inside = False
        if exc_type is None:
            self._last = time.monotonic()


def named(call: Call, name: str) -> Share:
    """The share of this name; 402 without one."""
    share = call.device.shares.get(name)
    if share is None:
        raise ApiError(NO_SHARE)
    return share


# -- reading


def describe(device: Synology, share: Share, wanted: frozenset[str]) -> dict[str, Any]:
    """A row, with what `additional` asks for; names nobody knows are passed over."""
    row: dict[str, Any] = {
        "desc": share.desc,
        "is_usb_share": False,
        "name": share.name,
        "uuid": share.uuid,
        "vol_path": share.vol_path,
    }
    if not wanted:
        return row
    row.update(is_applying_settings=False, support_action=511, task_id="")
    for name in wanted:
        row.update(_more(device, share, name))
    return row


def _more(device: Synology, share: Share, name: str) -> dict[str, Any]:
    """What one name of `additional` adds. What only Btrfs has is missing elsewhere."""
    volume = device.storage.at(share.vol_path)
    btrfs = volume is not None and volume.fs_type == BTRFS
    if name == "share_quota":
        return _quota(device, share) if btrfs else {}
    if name in {"enable_share_compress", "enable_share_cow"}:
        return {name: share.compress if name == "enable_share_compress" else share.cow} if btrfs else {}
    if name == "recyclebin":
        return {"enable_recycle_bin": device.shares.recycles(share.name), "recycle_bin_admin_only": share.admin_only}
    if name == "encryption":
        return {"enc_auto_mount": False, "encryption": int(share.encrypted)}
    if name == "support_snapshot":
        return {"is_block_snap_action": False, "support_snapshot": btrfs}
    if name in {"disable_list", "disable_modify", "disable_download"}:
        return {name: share.name in device.special[name]}
    if name == "is_force_readonly":
        return {name: bool(volume and volume.read_only) or share.name in device.disk.read_only}
    plain: dict[str, Any] = {
        "force_readonly_reason": "",
        "hidden": share.hidden,
        "is_aclmode": share.acl,
        "is_support_acl": volume is None or volume.acl,
        "unite_permission": False,
    }
    plain.update(dict.fromkeys(_NEVER, False))
    return {name: plain[name]} if name in plain else {}


_NEVER = (
    "is_c2_share",
    "is_cluster_share",
    "is_cold_storage_share",
    "is_exfat_share",
    "is_missing_share",
    "is_offline_share",
    "is_share_moving",
    "is_sync_share",
)


def _quota(device: Synology, share: Share) -> dict[str, Any]:
    used = 0 if share.name in device.disk.locked else folder_bytes(device.disk.real("/" + share.name))
    return {
        "quota_value": share.quota,
        "share_quota_logical_size": 0,
        "share_quota_status": "v1",
        "share_quota_used": used / (1 << 20),
    }


@controls(API, "list", everybody=True)
async def list_(call: Call) -> dict[str, Any]:
    """Those that the account may see. An `additional` that is no array is answered by an empty list (seen)."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    wanted, share_type = wants.additional(), wants.text("shareType", "all")
    if share_type not in {"all", "user", "system"}:
        raise wants.refuse()
    shares = [share for share in device.shares.all() if device.shares.right(share.name, call.user) != NO_ACCESS]
    if share_type != "all":
        shares = [share for share in shares if (share.name in NEEDED) == (share_type == "system")]
    if wanted is None:
        return {"shares": [], "total": 0}
    rows = await device.disk.run(lambda: [describe(device, share, wanted) for share in shares])
    return rows_page(wants, "shares", rows, offset=False)


@controls(API, "get", everybody=True)
async def get(call: Call) -> dict[str, Any]:
    """One share, without a wrapper."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    share = named(call, wants.text("name"))
    if device.shares.right(share.name, call.user) == NO_ACCESS:
        raise ApiError(NO_SHARE)
    return await device.disk.run(describe, device, share, wants.additional() or frozenset())


# -- changing


def check_name(call: Call, name: str, *, but: Share | None = None) -> None:
    """Whether a share may be called so."""
    device = call.device
    taken = device.shares.get(name)
    if taken is not None and taken is not but:
        raise ApiError(EXISTS)
    if not name.strip() or len(name) > MAX_NAME or name[0] in ". -_" or name[-1] == " " or set(name) & ILLEGAL:
        raise ApiError(BAD_NAME)
    if taken is None and fold(name) in RESERVED:
        raise ApiError(NAME_RESERVED)
    strays = [*device.settings.names("stray_folders"), "@eaDir"]
    if taken is None and written(name, strays) is not None:
        raise ApiError(FOLDER_THERE)


def _flag(info: dict[str, Any], name: str, default: bool) -> bool:
    value = info.get(name, default)
    if not isinstance(value, bool):
        raise ApiError(BAD_VALUE)
    return value


def _text(info: dict[str, Any], name: str, default: str) -> str:
    value = info.get(name, default)
    if not isinstance(value, str):
        raise ApiError(BAD_VALUE)
    return value


def _settings(call: Call, share: Share, info: dict[str, Any], volume: Volume) -> dict[str, Any]:
    """The settings that create and set both take, checked; what is not named keeps its value."""
    recycles = call.device.shares.recycles(share.name) if share.bin is None else share.bin
    settings: dict[str, Any] = {
        "admin_only": _flag(info, "recycle_bin_admin_only", share.admin_only),
        "bin": _flag(info, "enable_recycle_bin", recycles),
        "desc": _text(info, "desc", share.desc),
        "hidden": _flag(info, "hidden", share.hidden),
        "quota": mebibytes(info.get("share_quota", share.quota)),
    }
    if "enable_recycle_bin" in info and not settings["bin"] and "recycle_bin_admin_only" not in info:
        settings["admin_only"] = False
    if len(settings["desc"]) > MAX_DESCRIPTION or (settings["admin_only"] and not settings["bin"]):
        raise ApiError(GENERIC)
    if volume.fs_type != BTRFS:
        settings["quota"] = 0
    return settings


def mebibytes(value: Any) -> int:
    """A quota: a number, or its digits (both were seen)."""
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not str(value).isdigit():
        raise ApiError(BAD_VALUE)
    return int(value)


def _apply(device: Synology, share: Share, settings: dict[str, Any]) -> None:
    share.admin_only, share.desc, share.hidden = settings["admin_only"], settings["desc"], settings["hidden"]
    if share.bin is not None or settings["bin"] != device.shares.recycles(share.name):
        device.shares.set_bin(share, on=settings["bin"])
    if settings["quota"] != share.quota:
        device.shares.set_quota(share, settings["quota"])


@controls(API, "create", writes=True)
async def create(call: Call) -> dict[str, Any]:
    """An empty share that nobody but administrators has a right in. DSM 7.1 wants a `name_org`, empty as it may be."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name, info = wants.text("name"), wants.mapping("shareinfo")
    if device.dsm.control == "dsm71" and "name_org" not in info:
        raise ApiError(BAD_VALUE)
    async with device.turnstile:
        if info.get("name_org"):
            raise ApiError(EXISTS)
        share, settings = _new(call, name, info)
        if not call.silent:
            device.shares.add(share)
            _apply(device, share, settings)
    return {"name": share.name}


@controls(API, "validate_set")
async def validate(call: Call) -> None:
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    _new(call, wants.text("name"), wants.mapping("shareinfo"))


@controls(API, "clone", writes=True)
async def clone(call: Call) -> dict[str, Any]:
    """Another share with the same content, on the same Btrfs volume. It loses its quota (seen). A source or `snapshot`
    that is not there is 3300. As snapshots hold no content here, a clone of one has what the source has now."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name, info, snapshot = wants.text("name"), wants.mapping("shareinfo"), wants.text("snapshot", "")
    async with device.turnstile:
        source = device.shares.get(_text(info, "name_org", ""))
        if source is None or (snapshot and snapshot not in {known.time for known in source.snapshots}):
            raise ApiError(GENERIC)
        share, settings = _new(call, name, info)
        volume = device.storage.at(source.vol_path)
        if share.vol_path != source.vol_path or volume is None or volume.fs_type != BTRFS:
            raise ApiError(GENERIC)
        if not call.silent:
            await device.disk.run(device.disk.clone_share, source.name, share.name)
            share.quota = settings["quota"] = 0
            device.shares.take(share)
            _apply(device, share, settings)
    return {"name": share.name}


def _new(call: Call, name: str, info: dict[str, Any]) -> tuple[Share, dict[str, Any]]:
    """A share that is to be made, and its settings, or what the device has against it."""
    device = call.device
    name = _text(info, "name", name)
    volume = device.storage.at(_text(info, "vol_path", ""))
    if volume is None:
        raise ApiError(GENERIC if info.get("vol_path") else BAD_VALUE)
    check_name(call, name)
    cow, compress = _flag(info, "enable_share_cow", False), _flag(info, "enable_share_compress", False)
    encrypted = info.get("encryption", False)
    if encrypted not in {True, False}:  # 0 and 1 among them
        raise ApiError(BAD_VALUE)
    key = _text(info, "enc_passwd", "")
    if encrypted and len(key) < MIN_KEY:
        raise ApiError(BAD_KEY)
    btrfs = volume.fs_type == BTRFS
    share = Share(name, volume.path, cow=cow and btrfs, compress=compress and btrfs, acl=volume.acl, bin=False)
    share.encrypted, share.key = bool(encrypted), key if encrypted else ""
    settings = _settings(call, share, info, volume)
    if compress and not cow:
        raise ApiError(GENERIC)
    if volume.read_only:
        raise ApiError(VOLUME_READ_ONLY)
    room = call.context.budget(device.disk, "/").room()
    if room is not None and room <= 0:
        raise ApiError(NO_SPACE)
    if len(device.shares.all()) >= device.settings.integer("max_shares", 512):
        raise ApiError(TOO_MANY)
    return share, settings


@controls(API, "set", writes=True)
async def set_(call: Call) -> dict[str, Any]:
    """Change what is named. `vol_path` must be there, and be the one it has: no move was recorded (3300)."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name, info = wants.text("name"), wants.mapping("shareinfo")
    async with device.turnstile:
        share = named(call, name)
        path = _text(info, "vol_path", "")
        volume = device.storage.at(path)
        if path != share.vol_path or volume is None:
            raise ApiError(GENERIC if path else BAD_VALUE)
        if volume.read_only:
            raise ApiError(VOLUME_READ_ONLY)
        new = _text(info, "name", share.name)
        if new != share.name:
            check_name(call, new, but=share)
            if share.name in NEEDED:
                raise ApiError(GENERIC)
        settings = _settings(call, share, info, volume)
        compressed = _flag(info, "enable_share_compress", share.compress)
        _flag(info, "enable_share_cow", share.cow)
        if not call.silent:
            _apply(device, share, settings)
            share.compress = share.compress and compressed
            if new != share.name:
                device.shares.rename(share, new)
    return {"name": new}


@controls(API, "delete", writes=True)
async def delete(call: Call) -> dict[str, Any]:
    """Shares and everything in them, at once."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    names = wants.texts("name", single=True)
    async with device.turnstile:
        shares = [named(call, name) for name in names]
        if not shares or any(share.name in NEEDED for share in shares):
            raise ApiError(GENERIC)
        if not call.silent:
            for share in shares:
                await device.disk.run(device.shares.remove, share)
    return {}


@controls("SYNO.Core.Share.Crypto", "encrypt", writes=True)
async def encrypt(call: Call) -> None:
    """Take an encrypted share off: nothing in it can be seen until it is mounted again."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name = wants.text("name")
    async with device.turnstile:
        share = named(call, name)
        if not share.encrypted:
            raise ApiError(GENERIC)
        if not call.silent:
            device.disk.locked.add(share.name)


@controls("SYNO.Core.Share.Crypto", "decrypt", writes=True)
async def decrypt(call: Call) -> None:
    """Mount it: the key must be right (3308)."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name, key = wants.text("name"), wants.password("password")
    async with device.turnstile:
        share = named(call, name)
        if not share.encrypted:
            raise ApiError(GENERIC)
        if key != share.key:
            raise ApiError(WRONG_KEY)
        if not call.silent:
            device.disk.locked.discard(share.name)
