# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairing, challenge, session, log-out.

Rests on the vendor's Login page as it is known from clients and answers: an application asks for a token, polls until
the user grants it on the box, then opens sessions with the HMAC-SHA1 of a challenge. The page warns that an
authorisation nobody polled is worth nothing: such a token is refused here until it is polled.
"""

from __future__ import annotations

import base64
import hmac
import itertools
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.settings import Settings
from .calls import Ask, Route
from .wire import NOTHING, Refused

if TYPE_CHECKING:
    from .device import Freebox

PERMISSIONS = (
    "parental",
    "tv",
    "explorer",
    "contacts",
    "wdo",
    "camera",
    "profile",
    "player",
    "settings",
    "calls",
    "home",
    "pvr",
    "vm",
    "downloader",
)
_APP_FIELDS = ("app_id", "app_name", "device_name")  # a client that was published sends no app_version
_KEPT_CHALLENGES = 4096


@dataclass
class Application:
    """A token that was given out. `polled` tells whether its grant was ever asked for."""

    app_id: str
    token: str
    track_id: int
    created: float
    polled: bool = False


class Logins:
    """Applications and challenges."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.outcome = settings.text("grant", "granted")
        self.salt = token(24)
        self.seconds = settings.number("challenge_seconds", 120.0)
        self._challenges: OrderedDict[str, float] = OrderedDict()
        self._track_ids = itertools.count(1)
        first = Application(settings.user, settings.password, 0, float("-inf"), polled=True)
        self._apps = {first.track_id: first} if settings.flag("token_known", True) else {}
        missing = set(settings.names("missing_permissions"))
        self.permissions = {name: name not in missing for name in PERMISSIONS}

    def challenge(self) -> str:
        """A new one. How long a box honours one is not known; here `challenge_seconds`, as often as one likes."""
        text = token(24)
        self._challenges[text] = time.monotonic()
        while len(self._challenges) > _KEPT_CHALLENGES:
            self._challenges.popitem(last=False)
        return text

    def _live_challenges(self) -> list[str]:
        oldest = time.monotonic() - self.seconds
        while self._challenges and next(iter(self._challenges.values())) < oldest:
            self._challenges.popitem(last=False)
        return list(self._challenges)

    def pair(self, app_id: str) -> Application:
        app = Application(app_id, token(48), next(self._track_ids), time.monotonic())
        self._apps[app.track_id] = app
        return app

    def status(self, app: Application | None) -> str:
        if app is None:
            return "unknown"
        if app.track_id == 0:
            return "granted"
        waited = time.monotonic() - app.created >= self.settings.grant_after
        return self.outcome if waited else "pending"

    def tracked(self, track_id: str) -> Application | None:
        app = self._apps.get(int(track_id)) if track_id.isascii() and track_id.isdigit() else None
        if app is not None and self.status(app) == "granted":
            app.polled = True
        return app

    def check(self, app_id: str, password: str) -> None:
        """Raise unless this is the HMAC of a challenge under the token of a granted application of this name."""
        challenges = self._live_challenges() if password.isascii() else []
        for app in [app for app in self._apps.values() if app.app_id == app_id]:
            key = app.token.encode("utf-8", "surrogateescape")
            signed = (hmac.new(key, challenge.encode("ascii"), "sha1").hexdigest() for challenge in challenges)
            if any(hmac.compare_digest(one, password) for one in signed):
                status = self.status(app)
                if status == "pending":
                    raise Refused("pending_token")
                if status != "granted" or not app.polled:
                    raise Refused("invalid_token")
                return
        raise Refused("invalid_token")


def token(size: int) -> str:
    """Random bytes in base64: it may hold `/` and `+`, as the box's tokens do."""
    return base64.b64encode(secrets.token_bytes(size)).decode("ascii")


def _fields(ask: Ask, names: tuple[str, ...]) -> dict[str, str]:
    """Strings of the body; the Login page lists invalid_request among its errors, which are all 403."""
    body = ask.body if isinstance(ask.body, dict) else {}
    values = {name: value for name in names if isinstance(value := body.get(name), str) and value}
    if len(values) < len(names):
        raise Refused("invalid_request", status=403)
    return values


def _salts(box: Freebox, *, password_set: bool = True) -> dict[str, Any]:
    """Members that recorded answers have and the vendor's page does not."""
    if box.page_shapes:
        return {}
    return {"password_salt": box.logins.salt, **({"password_set": True} if password_set else {})}


async def authorize(box: Freebox, ask: Ask) -> Any:
    if box.settings.flag("external"):
        raise Refused("denied_from_external_ip")
    if box.settings.flag("new_apps_denied"):
        raise Refused("new_apps_denied")
    app = box.logins.pair(_fields(ask, _APP_FIELDS)["app_id"])
    return {"app_token": app.token, "track_id": app.track_id}


async def track(box: Freebox, ask: Ask) -> Any:
    app = box.logins.tracked(ask.args["track_id"])
    return {"status": box.logins.status(app), "challenge": box.logins.challenge(), **_salts(box, password_set=False)}


async def challenge(box: Freebox, ask: Ask) -> Any:
    return {"logged_in": ask.session is not None, "challenge": box.logins.challenge(), **_salts(box)}


async def open_session(box: Freebox, ask: Ask) -> Any:
    address = ask.context.request.remote or ""
    if box.settings.flag("apps_denied"):
        raise Refused("apps_denied")
    if box.sessions.blocked(address):
        raise Refused("ratelimited")
    fields = _fields(ask, ("app_id", "password"))
    try:
        box.logins.check(fields["app_id"], fields["password"])
    except Refused as exc:
        if exc.code == "invalid_token":
            box.sessions.failed(address)
        raise
    box.sessions.forgive(address)
    permissions = dict(box.logins.permissions)
    session = box.sessions.open(fields["app_id"], token(48), permissions=permissions)
    return {"session_token": session.id, "challenge": box.logins.challenge(), "permissions": permissions, **_salts(box)}


async def close_session(box: Freebox, ask: Ask) -> Any:
    box.sessions.drop(ask.context.info.session)
    return NOTHING


async def permissions(box: Freebox, ask: Ask) -> Any:
    """Seen in a client only: those of the session, each with words for people."""
    assert ask.session is not None
    held: dict[str, bool] = ask.session.data["permissions"]
    return {name: {"granted": granted, "desc": name.capitalize()} for name, granted in held.items()}


# Tokens are printed with `\/` in the vendor's examples: so they are sent.
ROUTES = [
    Route("POST", "login/authorize/", authorize, writes=True, login=False, escape_slashes=True),
    Route("GET", "login/authorize/{track_id}", track, login=False, escape_slashes=True),
    Route("GET", "login/", challenge, login=False, escape_slashes=True),
    Route("POST", "login/session/", open_session, login=False, escape_slashes=True),
    Route("POST", "login/logout/", close_session),
    Route("GET", "login/perms/", permissions),
]
