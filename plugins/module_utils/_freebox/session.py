# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Freebox's session dict holds: `token`, `permissions` (those that the application has) and `api` (see `Api`).

It comes from a store or from a user's hands, so it is checked like an answer; what is no session counts as expired.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .._core.errors import CodeMeaning, Kind, NasError
from .._transport.session import Session
from . import envelope

AUTH_HEADER = "X-Fbx-App-Auth"
OLDEST = 4  # the floor: from here on errors and uploads are as this package expects them
NEWEST = 16  # the newest version whose changes this package knows
TOKEN = re.compile(r"[!-~]+")
BASE = re.compile(r"/(?:[A-Za-z0-9_.~-]+/)*")


class Api(NamedTuple):
    """Which API is spoken with a box.

    :param base: the first part of every URL, with a slash at both ends.
    :param major: the version of the API.
    :param minor: what the box has of it.
    """

    base: str
    major: int
    minor: int

    @property
    def has_batch(self) -> bool:
        """Whether one `POST fs/info` answers many paths (from 11.2 on)."""
        return (self.major, self.minor) >= (11, 2)

    @property
    def has_pages(self) -> bool:
        """Whether `GET fs/ls/{path}` hands a folder out in pages (from 15 on)."""
        return self.major >= 15


def token_of(session: Session) -> str:
    """The session's token. Secret.

    :raises NasError: `SESSION_EXPIRED` for what was never a session of a Freebox.
    """
    token = session.get("token")
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise _no_session()
    return token


def api_of(session: Session) -> Api:
    """Which API the session speaks.

    :raises NasError: `SESSION_EXPIRED` for what was never a session of a Freebox.
    """
    api = session.get("api")
    if not isinstance(api, (list, tuple)) or [type(part) for part in api] != [str, int, int]:
        raise _no_session()
    if not BASE.fullmatch(api[0]) or not OLDEST <= api[1] <= NEWEST:
        raise _no_session()
    return Api(*api)


def may_see_files(session: Session) -> bool:
    """Whether the application had the right to the files when it logged in; one that is not listed is not there."""
    permissions = session.get("permissions")
    return isinstance(permissions, list) and "explorer" in permissions


def _no_session() -> NasError:
    known = CodeMeaning(Kind.SESSION_EXPIRED, "this is not a session of a Freebox", "Log in again")
    return envelope.failed(known, "")
