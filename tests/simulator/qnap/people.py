# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in, and the second step of it.

The users are `--user`, an administrator (unless `admin=no`), those of the settings `users`, `administrators` and
`guests`, and those that the calls of `accounts` make. With a two-step secret (`--otp-secret`, `--otp-code`) the first
step of the administrator's login gives no session.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
import time
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .device import Qnap

DAY = 86400.0
ADMINISTRATORS, EVERYONE = "administrators", "everyone"
FIRST_UID, FIRST_UID_ONCE = 1000, 500


@dataclass
class Person:
    """A user of the device. `groups` are those besides `everyone`; `expires` is the last day of the account."""

    name: str
    password: str
    uid: int
    guest: bool = False
    two_step: bool = False
    groups: set[str] = field(default_factory=set)
    description: str = ""
    email: str = ""
    tel: str = ""
    tel_country_code: str = ""
    disabled: bool = False
    expires: date | None = None

    @property
    def admin(self) -> bool:
        return ADMINISTRATORS in self.groups

    @property
    def built_in(self) -> bool:
        """The device's own administrator: he stays, and stays one."""
        return self.uid == 0

    @property
    def active(self) -> bool:
        """Whether this account may be used."""
        return not self.disabled and (self.expires is None or date.today() <= self.expires)

    def is_in(self, group: str) -> bool:
        return group == EVERYONE or group in self.groups


@dataclass
class Trust:
    """A token that stands for a password (qtoken) or for the second step (vtoken)."""

    user: str
    client: str
    until: float


class People:
    """Users, tokens and codes."""

    def __init__(self, device: Qnap) -> None:
        self._device = device
        settings = device.settings
        two_step = bool(settings.otp_secret or settings.otp_code)
        is_admin = settings.flag("admin", True)
        self._next_uid = FIRST_UID if device.generation.modern else FIRST_UID_ONCE
        self._people: dict[str, Person] = {}
        groups = {ADMINISTRATORS} if is_admin else set()
        self.add(settings.user, settings.password, uid=0 if is_admin else None, two_step=two_step, groups=groups)
        for option in ("users", "administrators", "guests"):
            for name, password in settings.pairs(option).items():
                groups = {ADMINISTRATORS} if option == "administrators" else set()
                self.add(name, password, guest=option == "guests", groups=groups)
        self.emergency = settings.text("emergency_code")
        self.question = settings.text("security_question")
        self.answer = settings.text("security_answer")
        self.tries = 0
        self._qtokens: dict[str, Trust] = {}
        self._vtokens: dict[str, Trust] = {}
        self._used: set[int] = set()

    def get(self, name: str) -> Person:
        return self._people[name]

    def find(self, name: str) -> Person | None:
        return self._people.get(name)

    def all(self) -> list[Person]:
        return list(self._people.values())

    def add(self, name: str, password: str, *, uid: int | None = None, **more: Any) -> Person:
        """A new account; the next free uid unless one is given."""
        if uid is None:
            uid, self._next_uid = self._next_uid, self._next_uid + 1
        person = self._people[name] = Person(name, password, uid, **more)
        return person

    def remove(self, name: str) -> None:
        """The account goes, and its sessions and tokens with it."""
        del self._people[name]
        self.shut_out(name)

    def shut_out(self, name: str) -> None:
        """End every session of an account."""
        device = self._device
        for store in (device.sessions, device.station.sessions):
            for session in store.all():
                if session.user == name:
                    store.drop(session.id)
        self._qtokens = {token: trust for token, trust in self._qtokens.items() if trust.user != name}

    def by_password(self, name: str, password: str | None) -> Person | None:
        person = self._people.get(name)
        if person is None or password is None or not person.active:
            return None
        same = hmac.compare_digest(
            person.password.encode("utf-8", "surrogateescape"), password.encode("utf-8", "surrogateescape")
        )
        return person if same else None

    # -- the second step

    def code_is_good(self, code: str) -> bool:
        """Six digits of the secret (each good once), the fixed code, or the emergency code."""
        settings = self._device.settings
        if not code:
            return False
        if settings.otp_code and hmac.compare_digest(settings.otp_code.encode(), code.encode()):
            return True
        if self.emergency and hmac.compare_digest(self.emergency.encode(), code.encode()):
            return True
        if settings.otp_secret:
            step = int(time.time() // 30)
            for counter in (step, step - 1, step + 1):
                if counter not in self._used and code == totp(settings.otp_secret, counter):
                    self._used.add(counter)
                    return True
        return False

    def current_code(self) -> str:
        """What a mail to the user would say."""
        settings = self._device.settings
        return settings.otp_code or totp(settings.otp_secret, int(time.time() // 30))

    # -- tokens

    def trust_device(self, user: str, client: str, days: float, *, lasting: bool) -> str:
        """A vtoken. It skips the second step later on only if the user said not to be asked again."""
        token = secrets.token_hex(16)
        if lasting:
            self._vtokens[token] = Trust(user, client, time.time() + days * DAY)
        return token

    def is_trusted(self, token: str, user: str, client: str) -> bool:
        trust = self._vtokens.get(token)
        return trust is not None and trust.user == user and trust.until > time.time() and trust.client in {"", client}

    def remember(self, user: str) -> str:
        """A qtoken."""
        token = secrets.token_hex(16)
        self._qtokens[token] = Trust(user, "", time.time() + 30 * DAY)
        return token

    def by_token(self, token: str, user: str) -> Person | None:
        trust = self._qtokens.get(token)
        if trust is None or trust.user != user or trust.until <= time.time():
            return None
        person = self._people.get(user)
        return person if person is not None and person.active else None


def decode_password(text: str) -> str | None:
    """The guide's ezEncode is base64 of the UTF-8 text. None when it is no base64."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw.decode("utf-8", "surrogateescape")


def totp(secret: str, counter: int) -> str:
    """RFC 6238, six digits."""
    padded = secret.replace(" ", "").upper()
    key = base64.b32decode(padded + "=" * (-len(padded) % 8))
    digest = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"
