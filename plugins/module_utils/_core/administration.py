# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use a NAS, and what its administrators set: accounts, groups, shared folders, rights, volumes, disks."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, TypeVar

from .errors import Kind, NasError
from .model import LOCAL, Record, with_kind

NO_END = ""  # of an account


class GoneError(NasError):
    """A device tells nothing of what it listed a moment ago: it is gone, or the next listing has it again."""


READ = "read"
WRITE = "write"
DENY = "deny"
NO_RULE = "none"
CUSTOM = "custom"

USER = "user"
GROUP = "group"
WORDS = {USER: "account", GROUP: "group"}
"""What people call who a rule is for."""


@dataclass(frozen=True)
class Account(Record):
    """A local account.

    :ivar disabled: whether an administrator has switched it off; None where a listing does not tell.
    :ivar expires: its last day as `YYYY-MM-DD`, `NO_END`, or None where the device does not tell.
    :ivar built_in: whether the device needs it, so that it cannot be removed.
    """

    name: str
    id: Optional[int] = None
    description: Optional[str] = None
    email: Optional[str] = None
    disabled: Optional[bool] = None
    expires: Optional[str] = None
    built_in: bool = False

    def as_result(self) -> dict[str, Any]:
        """All fields; null for an account without an end."""
        return {**super().as_result(), "expires": self.expires or None}


@dataclass(frozen=True)
class Group(Record):
    """A local group."""

    name: str
    id: Optional[int] = None
    description: Optional[str] = None
    built_in: bool = False


@dataclass(frozen=True)
class AccountValues:
    """What of an account to write; None leaves a thing as it is.

    Only what the vendor's `AccountFeatures` has may be set.
    """

    description: Optional[str] = None
    email: Optional[str] = None
    disabled: Optional[bool] = None
    expires: Optional[str] = None
    new_name: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)


Named = TypeVar("Named")


def key_of(name: str) -> str:
    """A name without its case: names that have the same are those of one account, group or shared folder.

    Letter by letter: to a device, `straße` and `strasse` are two, though a dictionary takes them for one.
    """
    return name.lower()


def same(one: str, other: str) -> bool:
    """Whether two names are those of one account, group or shared folder: devices do not tell case."""
    return key_of(one) == key_of(other)


def is_among(name: str, names: Iterable[str]) -> bool:
    """Whether a name is one of those."""
    return any(same(name, one) for one in names)


def named(things: Iterable[Named], name: str) -> Optional[Named]:
    """The thing of this name, in whatever case; one that is written exactly so comes first."""
    found = [thing for thing in things if same(name_of(thing), name)]
    return next((thing for thing in found if name_of(thing) == name), found[0] if found else None)


def renamed_or(things: Sequence[Named], name: str, new_name: Optional[str], what: str) -> Optional[Named]:
    """The thing of a name, or, where that is gone, the one that has the new name that a task gives it.

    :param new_name: None where the task gives none.
    :param what: such as `an account`, for a person.
    :raises NasError: `EXISTS` when there are both, and they are two.
    """
    found = named(things, name)
    renamed = None if new_name is None else named(things, new_name)
    if renamed is None:
        return found
    if found is not None and name_of(found) != name_of(renamed):
        message = f"{name_of(found)!r} cannot become {name_of(renamed)!r}: there is such {what}"
        raise NasError(Kind.EXISTS, message, hint="Set new_name to a name that is free")
    return renamed


def require_name(option: str, name: str) -> None:
    """Refuse a name for something new that nobody could find again: what devices report has no blanks around it.

    :raises NasError: `INVALID_NAME`.
    """
    if name != name.strip() or any(unicodedata.category(one) == "Cc" for one in name):
        message = f"option {option}: {name!r} begins or ends with a blank, or has a control character"
        raise NasError(Kind.INVALID_NAME, message, hint="Choose another name")


def as_reported(text: Optional[str]) -> Optional[str]:
    """A description as devices report it: without the blanks and line breaks around it, and with plain line breaks."""
    return None if text is None else re.sub("\r\n?", "\n", text).strip()


def name_of(thing: Any) -> str:
    """The name of an account, a group or a shared folder."""
    return str(thing.name)


def unknown(what: str, name: str, there: Iterable[str], option: str = "") -> NasError:
    """The error for a name that the device does not have, with the names that look like it.

    :param what: what it should be, such as `group`.
    :param there: the names that there are.
    :param option: which option holds the name.
    """
    names = sorted(there)
    by_key = {key_of(one): one for one in names}
    module = f"nas_{what.replace('account', 'user').replace(' ', '_')}"
    near = [by_key[one] for one in difflib.get_close_matches(key_of(name), by_key, n=3, cutoff=0.5)]
    if near:
        hint = f"There is {' or '.join(map(repr, near))}: write the name as the device has it"
    elif names:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        hint = f"There is {', '.join(map(repr, names[:MOST_NAMES]))}{more}; {module} makes new ones"
    else:
        hint = f"There is none; {module} makes it"
    where = f"option {option}: " if option else ""
    return NasError(Kind.NOT_FOUND, f"{where}there is no {what} {name!r}", hint=hint)


MOST_NAMES = 10  # that an error lists


@dataclass(frozen=True)
class SharedFolder(Record):
    """A shared folder as its administrator sees it. None where the device does not tell, or has no such thing.

    :ivar path: as the other modules take it.
    :ivar volume: the name or path of its volume, as `Volume.id` has it.
    :ivar quota: bytes; 0 for none.
    :ivar built_in: whether the device needs it, so that it cannot be removed.
    :ivar windows_acl: whether rights are Windows ACLs, so that simple rights are not the whole truth.
    """

    name: str
    path: str
    volume: Optional[str] = None
    description: Optional[str] = None
    hidden: Optional[bool] = None
    recycle_bin: Optional[bool] = None
    recycle_bin_admin_only: Optional[bool] = None
    quota: Optional[int] = None
    compression: Optional[bool] = None
    checksums: Optional[bool] = None
    encrypted: Optional[bool] = None
    windows_acl: Optional[bool] = None
    built_in: bool = False
    editable: bool = True


@dataclass(frozen=True)
class SharedFolderValues:
    """What of a shared folder to write; None leaves a thing as it is.

    Only what the vendor's `SharedFolderFeatures` has may be set; `compression`, `checksums` and `encryption_password`
    only where it is made.
    """

    volume: Optional[str] = None
    description: Optional[str] = None
    hidden: Optional[bool] = None
    recycle_bin: Optional[bool] = None
    recycle_bin_admin_only: Optional[bool] = None
    quota: Optional[int] = None
    compression: Optional[bool] = None
    checksums: Optional[bool] = None
    new_name: Optional[str] = None
    encryption_password: Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class Rule(Record):
    """What a shared folder allows an account or a group.

    :ivar type: `USER` or `GROUP`.
    :ivar name: of the account or group.
    :ivar access: `READ`, `WRITE`, `DENY`, `NO_RULE` (nothing is set), or `CUSTOM` (more than these words can say).
    :ivar source: `LOCAL`, or where else the name is from, such as `ldap`.
    :ivar masked: whether another rule of the device hides it.
    :ivar administrator: whether it has access anyway.
    """

    type: str
    name: str
    access: str = NO_RULE
    source: str = LOCAL
    masked: bool = False
    administrator: bool = False

    @property
    def who(self) -> tuple[str, str, str]:
        """What tells it apart from other rules of the same shared folder."""
        return self.type, self.source, self.name

    def as_result(self) -> dict[str, Any]:
        """All fields by name, the type as `kind`."""
        return with_kind(super().as_result())


@dataclass(frozen=True)
class Volume(Record):
    """Where shared folders lie. None where the device does not tell.

    :ivar id: how the device names it: a path or a number.
    :ivar name: what people call it.
    :ivar status: the vendor's word.
    """

    id: str
    name: str
    path: Optional[str] = None
    file_system: Optional[str] = None
    size: Optional[int] = None  # bytes
    free: Optional[int] = None
    status: Optional[str] = None
    raid: Optional[str] = None
    read_only: Optional[bool] = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Disk(Record):
    """A disk. None where the device does not tell.

    :ivar health: the vendor's word.
    :ivar smart: the vendor's word for what the disk says about itself.
    """

    id: str
    name: str
    model: Optional[str] = None
    serial: Optional[str] = None
    type: Optional[str] = None
    size: Optional[int] = None  # bytes
    temperature: Optional[int] = None  # degrees Celsius
    health: Optional[str] = None
    smart: Optional[str] = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Update(Record):
    """The firmware that the vendor offers for the device.

    :ivar available: whether there is a newer one than is installed; None where the device could not find out.
    :ivar version: its version, where the device tells.
    :ivar installed: the version that is at work, where the device tells beside it.
    """

    available: Optional[bool]
    version: Optional[str] = None
    installed: Optional[str] = None
