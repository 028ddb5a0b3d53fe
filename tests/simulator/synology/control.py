# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control panel's calls (SYNO.Core, SYNO.Storage): who may make them, and how they read their parameters.

No vendor's document describes them. What is here was seen on devices and in the vendor's own client:

- An account outside of `administrators` reads little and changes nothing (105; on 7.1.1: 119).
- On DSM 7.2 and later a session of Auth before version 7 that was opened with a `session` name reads, and changes
  nothing (105, with the header `x-request-error: noprivilege`); one without a name, and without a token, may do both.
- SynoToken: without it a change is 119 (of a certificate 103); on 7.3 that of a share is 403, and reading needs it too.

Whether devices take a session opened with `session=FileStation` was not seen; with the setting `core_sessions=separate`
they do not (105).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..core.context import Context
from ..core.log import REDACTED, SECRETS, redact
from ..core.sessions import Session
from .calls import Call, Method
from .values import ApiError, HttpError, read_value

if TYPE_CHECKING:
    from .device import Synology

NO_METHOD, NO_RIGHT, NO_SESSION, SHARE_REFUSED = 103, 105, 119, 403
NO_PRIVILEGE = {"x-request-error": "noprivilege"}


def veil(text: str, secret: frozenset[str]) -> str:
    """A parameter for the log: the secrets inside of an object or array are replaced, or all of one that is broken."""
    names = {*SECRETS, *(name.lower() for name in secret)}
    if text[:1] not in {"{", "["} or not any(f'"{name}"' in text.lower() for name in names):
        return text
    value = read_value(text)
    return REDACTED if isinstance(value, str) else json.dumps(redact(value, secret))


def admit(device: Synology, context: Context, session: Session, row: Method, api: str) -> None:
    """Raise what a device answers to a session that may not make this call."""
    name, version = session.data.get("name", ""), session.data.get("auth_version", 7)
    if (
        device.settings.flag("refuse_body_sid")
        and "_sid" not in context.query()
        and "id" not in context.request.cookies
    ):
        raise ApiError(NO_SESSION)
    if name == "FileStation" and device.settings.text("core_sessions") == "separate":
        raise ApiError(NO_RIGHT, headers=NO_PRIVILEGE)
    if not device.people.is_administrator(session.user) and not row.everybody:
        outdated = device.dsm.control == "dsm71" and row.writes
        raise ApiError(NO_SESSION if outdated else NO_RIGHT, headers=None if outdated else NO_PRIVILEGE)
    if version < 7 and not name:
        return
    if version < 7 and row.writes and device.dsm.control in {"dsm72", "dsm73"}:
        raise ApiError(NO_RIGHT, headers=NO_PRIVILEGE)
    needed = device.settings.text(
        "core_token", {"dsm73": "always", "dsm72": "mutating"}.get(device.dsm.control, "never")
    )
    if (needed == "always" or (needed == "mutating" and row.writes)) and not device.token_fits(context, session):
        raise ApiError(_tokenless(api, writes=row.writes, always=needed == "always"))


def _tokenless(api: str, *, writes: bool, always: bool) -> int:
    """The code for a call without the token that it needs."""
    if api.startswith("SYNO.Core.Certificate"):
        return NO_METHOD
    return SHARE_REFUSED if api == "SYNO.Core.Share" and writes and always else NO_SESSION


async def unseal(device: Synology, raw: dict[str, str]) -> None:
    """Over http, the vendor's pages and some clients send parameters in the sealed form of a login's fields."""
    if device.ciphers.FIELD in raw:
        raw.update(await device.ciphers.open(raw.pop(device.ciphers.FIELD)))


class Wants:
    """Reads a call's parameters, with its API's codes for one that is missing and one that is no such thing."""

    def __init__(self, call: Call, *, missing: int, bad: int) -> None:
        self.call = call
        self.params = call.params
        self.missing, self.bad = missing, bad

    def refuse(self, code: int | None = None) -> ApiError:
        """The error, to be raised; without a code that of a bad value."""
        return ApiError(self.bad if code is None else code)

    def value(self, name: str) -> Any:
        """What the device reads: JSON, else the text itself. Unlike File Station it does not stop behind a first token:
        a date that is not quoted, `2027/1/5`, is a text (seen on 7.2.2)."""
        return read_value(self.params.raw[name], whole=True)

    def has(self, name: str) -> bool:
        return self.params.has(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A text. One that reads as a number, a word of JSON or a list is a bad value."""
        if not self.has(name):
            if default is None:
                raise self.refuse(self.missing)
            return default
        value = self.value(name)
        if not isinstance(value, str):
            raise self.refuse()
        return value

    def password(self, name: str) -> str:
        """A text that may look like a number."""
        if not self.has(name):
            raise self.refuse(self.missing)
        return self.params.secret(name)

    def flag(self, name: str, default: bool) -> bool:
        """`true` or `false`, in no other spelling."""
        if not self.has(name):
            return default
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.refuse(self.missing)
        return value

    def texts(self, name: str, default: list[str] | None = None, *, single: bool = False) -> list[str]:
        """A JSON array of texts; `single`: a bare text is one of them."""
        if not self.has(name):
            if default is None:
                raise self.refuse(self.missing)
            return default
        value = self.value(name)
        if single and isinstance(value, str):
            return [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse()
        return value

    def rows(self, name: str) -> list[dict[str, Any]]:
        """A JSON array of objects, each with a `name`."""
        if not self.has(name):
            raise self.refuse(self.missing)
        value = self.value(name)
        if not isinstance(value, list) or not all(
            isinstance(row, dict) and isinstance(row.get("name"), str) for row in value
        ):
            raise self.refuse()
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """A JSON object."""
        if not self.has(name):
            raise self.refuse(self.missing)
        value = self.value(name)
        if not isinstance(value, dict):
            raise self.refuse()
        return value

    def additional(self) -> frozenset[str] | None:
        """The names of `additional`, which must be an array; None for anything else."""
        if not self.has("additional"):
            return frozenset()
        value = self.value("additional")
        return frozenset(str(name) for name in value) if isinstance(value, list) else None

    def window(self) -> tuple[int, int]:
        """(offset, limit): -1, or none, means everything."""
        try:
            return max(0, self.params.integer("offset", 0)), self.params.integer("limit", -1)
        except (ApiError, HttpError):
            raise self.refuse() from None


def rows_page(wants: Wants, key: str, rows: list[Any], *, offset: bool = True) -> dict[str, Any]:
    """A page of rows under their key, with `total` and, in most lists, `offset`."""
    start, limit = wants.window()
    shown = rows[start:] if limit < 0 else rows[start : start + limit]
    reply: dict[str, Any] = {key: shown, "total": len(rows)}
    if offset:
        reply["offset"] = start
    return reply
