# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a shared folder: from what is desired and what there is. Pure functions; no calls here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Optional

from .._api.capabilities.administration import SharedFolderFeatures
from .._core.administration import SharedFolder, SharedFolderValues, Volume, same
from .._core.errors import Kind, NasError, usage
from .plan import Plan, Step

CREATE = "create"
EDIT = "edit"
DELETE = "delete"
NOTHING = SharedFolderValues()
AT_CREATION = ("compression", "checksums")
"""What a device takes and ignores thereafter."""

_SHOWN = (
    "volume",
    "description",
    "hidden",
    "recycle_bin",
    "recycle_bin_admin_only",
    "quota",
    "compression",
    "checksums",
    "encrypted",
)
_UNITS: dict[str, int] = {"": 1, "B": 1, **{f"{letter}iB": int(1024**power) for power, letter in enumerate("KMGTP", 1)}}
_UNITS.update({f"{letter}B": int(1000**power) for power, letter in enumerate("KMGTP", 1)})
_MIB = 1024 * 1024
NO_QUOTA = 0
_MOST = 2**63 - 1  # bytes that a device can count
_BTRFS = "btrfs"


@dataclass(frozen=True)
class DesiredFolder:
    """A shared folder as it shall be.

    :ivar values: its volume is a name or path as the user wrote it.
    """

    name: str
    state: str = "present"
    values: SharedFolderValues = NOTHING

    @property
    def final_name(self) -> str:
        """Its name in the end."""
        return self.values.new_name or self.name


@dataclass(frozen=True)
class FolderPlan(Plan):
    """What to do about a shared folder.

    :ivar changes: what of it to write.
    :ivar folder: the shared folder as it will be; None for none.
    """

    changes: SharedFolderValues = NOTHING
    folder: Optional[SharedFolder] = None


def read_quota(text: str) -> int:
    """Bytes of a quota such as `10 GiB`; 0 for `none`.

    :raises NasError: `USAGE`.
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", text)
    unit = None if found is None else next((size for name, size in _UNITS.items() if name == found.group(2)), None)
    if text.strip().lower() == "none":
        return NO_QUOTA
    if found is None or unit is None:
        hint = "Give a size such as 10 GiB or 500 MiB, or none"
        raise usage(f"option quota: {text!r} is no size", hint=hint)
    size = Fraction(found.group(1)) * unit
    if size > _MOST:
        hint = "Give what the shared folder may hold, such as 10 GiB, or none"
        raise usage(f"option quota: {text!r} is more than any device holds", hint=hint)
    if size % _MIB:
        hint = f"The device counts whole MiB: give {max(1, round(size / _MIB))} MiB"
        if not found.group(2):
            hint = f"Without a unit it is a number of bytes: give {found.group(1)} GiB or {found.group(1)} MiB"
        raise usage(f"option quota: {text!r} is not a whole number of MiB", hint=hint)
    return int(size)


def readable(size: int) -> str:
    """A number of bytes for people."""
    for unit in ("PiB", "TiB", "GiB", "MiB", "KiB"):
        if size >= _UNITS[unit]:
            return f"{size / _UNITS[unit]:.4g} {unit}"
    return f"{size} bytes"


def plan_folder(desired: DesiredFolder, current: Optional[SharedFolder], volumes: Sequence[Volume]) -> FolderPlan:
    """The steps to a desired shared folder.

    :param current: the one that there is, with its details.
    :param volumes: where shared folders can lie; they matter for a new one, and where one is named.
    :raises NasError: `USAGE` for what cannot be.
    """
    if desired.state == "absent":
        gone = (Step(DELETE, current.name),) if current else ()
        return FolderPlan(gone, _diff_of(current), {"state": "absent"})
    values = desired.values
    if current is None:
        volume = chosen_volume(values.volume, volumes)
        changes = replace(values, volume=volume.id, new_name=None)
        if changes.compression and changes.checksums is None:
            changes = replace(changes, checksums=True)
        _require_bin(changes.recycle_bin, changes.recycle_bin_admin_only)
        folder = _new(desired.final_name, changes)
        return FolderPlan((Step(CREATE, folder.name),), {"state": "absent"}, _diff_of(folder), changes, folder)
    changes = _changes(values, current, volumes)
    after = _after(current, changes)
    if changes != NOTHING:
        _require_bin(after.recycle_bin, values.recycle_bin_admin_only)
    steps = (Step(EDIT, current.name, changes.new_name),) if changes != NOTHING else ()
    return FolderPlan(steps, _diff_of(current), _diff_of(after), changes, after)


def chosen_volume(wanted: Optional[str], volumes: Sequence[Volume]) -> Volume:
    """The volume that a user means: by its name, its path or its number; the only one for None.

    :raises NasError: `USAGE` with the choices, where there are others or none is meant.
    """
    choices = ", ".join(_choice(volume) for volume in volumes) or "none"
    hint = f"The device has these volumes: {choices}"
    if wanted is None:
        if len(volumes) == 1:
            return volumes[0]
        raise usage("option volume is missing, and the device has not just one", hint=f"Set volume. {hint}")
    meant = [one for one in volumes if wanted in (one.id, one.path)] or [
        one for one in volumes if same(one.name, wanted)
    ]
    if len(meant) != 1:
        problem = "names no volume of the device" if not meant else "names more than one volume"
        raise usage(f"option volume: {wanted!r} {problem}", hint=hint)
    return meant[0]


def _choice(volume: Volume) -> str:
    names = dict.fromkeys(filter(None, (volume.name, volume.path or volume.id)))
    free = "" if volume.free is None else f", {readable(volume.free)} free"
    return f"{' = '.join(map(repr, names))}{free}"


def require_volume_can(values: SharedFolderValues, volume: Optional[Volume], features: SharedFolderFeatures) -> None:
    """Refuse what needs another file system than the volume has.

    :raises NasError: `UNSUPPORTED`.
    """
    system = None if volume is None else volume.file_system
    if volume is None or system is None or system.lower() == _BTRFS:
        return
    for option in features.btrfs:
        if getattr(values, option):
            message = f"option {option} needs a volume of Btrfs, and {volume.name!r} is one of {system}"
            raise NasError(Kind.UNSUPPORTED, message, hint=f"Leave {option} out, or choose another volume")


def require_removable(folder: SharedFolder) -> None:
    """Refuse to remove a shared folder of the device's own.

    :raises NasError: `PERMISSION_DENIED`.
    """
    if folder.built_in:
        message = f"the shared folder {folder.name!r} is the device's own, which is not removed"
        raise NasError(Kind.PERMISSION_DENIED, message, path=folder.path, hint="Empty it, if it must go")


def _require_bin(has_bin: Optional[bool], admin_only: Optional[bool]) -> None:
    if admin_only and not has_bin:
        hint = "Set recycle_bin to true beside it"
        raise usage("option recycle_bin_admin_only: the shared folder has no recycle bin", hint=hint)


def _new(name: str, changes: SharedFolderValues) -> SharedFolder:
    return SharedFolder(
        name,
        f"/{name}",
        changes.volume,
        changes.description or "",
        bool(changes.hidden),
        bool(changes.recycle_bin),
        bool(changes.recycle_bin_admin_only),
        changes.quota,
        changes.compression,
        changes.checksums,
        None if changes.encryption_password is None else True,
    )


def _changes(values: SharedFolderValues, current: SharedFolder, volumes: Sequence[Volume]) -> SharedFolderValues:
    """What to write of a shared folder that is there.

    :raises NasError: `USAGE` for what it got when it was made, and keeps.
    """
    if values.volume is not None:
        volume = chosen_volume(values.volume, volumes)
        if current.volume is not None and volume.id != current.volume:
            hint = "Moving it to another volume is not offered: make another one there, and copy"
            message = f"option volume: the shared folder {current.name!r} lies on {current.volume!r}"
            raise usage(f"{message}, not on {volume.id!r}", hint=hint)
    for option in AT_CREATION:
        wanted, has = getattr(values, option), getattr(current, option)
        if wanted is not None and has is not None and wanted != has:
            message = f"option {option}: the shared folder {current.name!r} was made with{'' if has else 'out'} it"
            raise usage(message, hint="It is decided when a shared folder is made: leave it out, or make another one")
    if values.encryption_password is not None and current.encrypted is False:
        message = f"option encryption_password: the shared folder {current.name!r} was made without encryption"
        raise usage(message, hint="It is decided when a shared folder is made: leave it out, or make another one")
    changed = {
        key: wanted
        for key in ("description", "hidden", "recycle_bin", "recycle_bin_admin_only", "quota")
        if (wanted := getattr(values, key)) is not None and wanted != getattr(current, key)
    }
    if values.recycle_bin is False and values.recycle_bin_admin_only is None and current.recycle_bin_admin_only:
        changed["recycle_bin_admin_only"] = False  # of a recycle bin that is gone; devices refuse it without one
    new_name = None if values.new_name in (None, current.name) else values.new_name
    changes = SharedFolderValues(**changed, new_name=new_name)
    if changes != NOTHING and not current.editable:
        message = f"the shared folder {current.name!r} is the device's own, which cannot be changed"
        raise NasError(Kind.PERMISSION_DENIED, message, path=current.path)
    return changes


def _after(current: SharedFolder, changes: SharedFolderValues) -> SharedFolder:
    own = {field.name for field in fields(current)}
    changed: dict[str, Any] = {
        field.name: getattr(changes, field.name)
        for field in fields(changes)
        if field.name in own and getattr(changes, field.name) is not None
    }
    name = changes.new_name or current.name
    return replace(current, name=name, path=f"/{name}", **changed)


def _diff_of(folder: Optional[SharedFolder]) -> dict[str, Any]:
    """What a diff tells of a shared folder."""
    if folder is None:
        return {"state": "absent"}
    values = {key: getattr(folder, key) for key in _SHOWN if getattr(folder, key) is not None}
    if "quota" in values:
        values["quota"] = readable(values["quota"]) if values["quota"] else "none"
    return {"state": "present", "name": folder.name, **values}
