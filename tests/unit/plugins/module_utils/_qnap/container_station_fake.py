# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A QNAP with Container Station that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json

from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import Fake, Reply, xml

WHO = {"anonymous": False, "isAdmin": True, "logintime": "2026-01-01 10:00:00", "username": "admin"}
CERTIFICATE = {"startdate": "2026-01-02", "enddate": "2028-12-17", "outdatedNotify": False}
COOKIES = ("cookie-1", "cookie-2", "cookie-3")


def envelope(code: int, message: str = "what went wrong", http: int | None = None) -> Reply:
    body = {"error": {"code": code, "message": message}}
    return Reply(json.dumps(body).encode(), code if http is None else http)


def say(value: object, **headers: str) -> Reply:
    return Reply(json.dumps(value).encode(), headers=headers)


def cookie_of(asked) -> str:
    return asked.headers.get("Cookie", "")


class Station(Fake):
    """A device with Container Station, where everything goes well unless a test says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.container_logins = 0
        self.two_step = False
        self.known: set[str] = set()
        self.on("login", self.log_in).on("login_refresh", self.refresh).on("logout", {"username": "admin"})
        self.on("authLogout.cgi", xml(authPassed=0))
        self.on("tls", self.inside(CERTIFICATE)).on("domain_names", self.inside({"domain_names": ""}))

    def log_in(self, asked):
        said = json.loads(asked.body)
        if self.two_step and "password" in said:
            return envelope(403)
        self.container_logins += 1
        cookie = f"CS_SESS_ID=cookie-{self.container_logins}"
        self.known.add(cookie)
        return say(WHO, **{"Set-Cookie": f"{cookie}; Path=/; HttpOnly"})

    def refresh(self, asked):
        return WHO if cookie_of(asked) in self.known else envelope(401)

    def inside(self, answer):
        return lambda asked: answer if cookie_of(asked) in self.known else envelope(401)

    def names(self) -> list[str]:
        return [f"{asked.method} {asked.call}" for asked in self.asked]
