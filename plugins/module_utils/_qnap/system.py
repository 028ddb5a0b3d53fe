# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages behind QTS' web desktop: privRequest.cgi, privWizard.cgi, wizReq.cgi and their like.

The vendor documents none of them. What is known was seen on QTS 5.1.9. They answer in XML, and most changes with
nothing but `authPassed` 1, whether they were made or not: whoever writes reads what became of it.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any, Optional, TypeVar

from .._core.administration import GoneError
from .._core.errors import Kind, NasError
from .._transport.http import encode_form
from .envelope import Element, number, xml_root
from .failures import VENDOR, qnap_error
from .wire import Wire

PRIVILEGES = "priv/privRequest.cgi"
WIZARD = "priv/privWizard.cgi"
CREATION = "wizReq.cgi"

AT_A_TIME = 200  # rows asked for
MOST_PAGES = 100
BUILDING = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)  # seconds to wait for a list that the device still makes
GONE_AFTER = 30.0  # seconds that a deletion may take
_POLL = 0.5  # seconds between two polls
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ADMINISTRATOR = "Log in (username, nas_username or ansible_user) as an administrator of the device"
_WHAT_FOR = frozenset(("subfunc", "wiz_func", "func", "chart_func", "action", "apply"))
T = TypeVar("T")
pause = time.sleep


class SystemPages:
    """Calls to these pages, in File Station's session.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def read(self, page: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Element:
        """A call that changes nothing, and its answer."""
        return self._call(page, query, body, writes=False)

    def write(self, page: str, query: Mapping[str, Any], body: Mapping[str, Any], verdict: str = "") -> Element:
        """A call that changes something.

        :param verdict: where the answer tells how it went, if it does: a number, less than 0 for a failure.
        """
        root = self._call(page, query, body, writes=True)
        for path in filter(None, (verdict, "result")):
            code = number(root.get(path))
            if code is not None and code < 0:
                raise self.failure(page, {**query, **body}, code)
        return root

    def rows(self, page: str, query: Mapping[str, Any], body: Mapping[str, Any], root: str, row: str) -> list[Element]:
        """The rows of a list; see `listed`."""
        return self.listed(page, query, body, root, row)[1]

    def listed(
        self,
        page: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any],
        root: str,
        row: str,
        count: str = "",
        about: str = "",
    ) -> tuple[Element, list[Element]]:
        """A list and its rows, read page by page; where the device still builds the list, it is asked again.

        :param root: the element of the list.
        :param row: its rows, below that.
        :param count: where it says how many there are, other than in `count` or `shareCount`.
        :param about: the account, group or shared folder that the list is of, if it is of one.
        """
        found: dict[tuple[str, ...], Element] = {}
        for _page in range(MOST_PAGES):
            bounds = {**body, "lower": len(found), "upper": len(found) + AT_A_TIME}
            element = self._built(page, query, bounds, root, about)
            before = len(found)
            for one in element.all(row):
                found.setdefault(tuple(child.text for child in one.children), one)
            counts = [number(element.get(key)) for key in (count, "count", "shareCount") if key and element.get(key)]
            total = counts[0] if counts else None
            if len(found) == before or (total is not None and len(found) >= total):
                return element, list(found.values())
        raise self.endless(page, query)

    def endless(self, page: str, query: Mapping[str, Any]) -> NasError:
        """The error for a list that has no end."""
        return qnap_error(Kind.PROTOCOL, "the device lists without end", _name(page, query))

    def optional(self, what: str, read: Callable[[], T], instead: T) -> T:
        """A fact that may be missing, of which a user is warned then; see `Session.optional`."""
        return self._wire.sessions.optional(what, read, instead)

    def wait_gone(self, what: str, gone: Callable[[], bool]) -> None:
        """Wait until what was deleted is no longer listed.

        :raises NasError: `TIMEOUT` when it still is after `GONE_AFTER` seconds.
        """
        end = time.monotonic() + GONE_AFTER
        while not gone():
            if time.monotonic() > end:
                message = f"the device did not remove {what} within {GONE_AFTER:g} s, and does not say why"
                raise qnap_error(Kind.DEVICE, message, "", hint="Try again later")
            pause(_POLL)

    def failure(
        self,
        page: str,
        query: Mapping[str, Any],
        code: Optional[int],
        message: str = "the device refuses this and does not say why",
        hint: str = "",
    ) -> NasError:
        """The error for a verdict of the device, which has no list of its codes."""
        text = "" if code is None else str(code)
        return qnap_error(Kind.DEVICE, message, _name(page, query), code=text, hint=hint)

    def missing(self, page: str, query: Mapping[str, Any], what: str) -> NasError:
        """The error for an answer without what was asked for."""
        return qnap_error(Kind.PROTOCOL, f"the answer has no {what}", _name(page, query))

    def gone(self, page: str, query: Mapping[str, Any], name: str) -> GoneError:
        """The error for an answer that tells nothing of what it was asked about.

        The device lists what was deleted for some seconds more; whether it is gone, the next listing tells.
        """
        message, hint = f"the device tells nothing of {name!r}", "Run the task again"
        return GoneError(Kind.PROTOCOL, message, vendor=VENDOR, call=_name(page, query), hint=hint)

    def unsupported(self, message: str, hint: str = "") -> NasError:
        """The error for what the observed calls cannot do."""
        return qnap_error(Kind.UNSUPPORTED, message, "", hint=hint)

    def _built(self, page: str, query: Mapping[str, Any], body: Mapping[str, Any], root: str, about: str) -> Element:
        for seconds in (*BUILDING, None):
            answer = self.read(page, query, body)
            elements = answer.all(root)
            if not elements:
                raise self.gone(page, query, about) if about else self.missing(page, query, root)
            code = number(elements[0].get("ret"))
            if code is not None and code < 0:
                raise self.gone(page, query, about) if about else self.failure(page, query, code)
            if elements[0].get("done") != "0":
                return elements[0]
            if seconds is not None:
                pause(seconds)
        raise qnap_error(Kind.BUSY, "the device does not finish its list", _name(page, query))

    def _call(self, page: str, query: Mapping[str, Any], body: Mapping[str, Any], *, writes: bool) -> Element:
        call = _name(page, {**query, **body})

        def attempt(sid: str) -> Element:
            self._require_administrator(call)
            response = self._wire.http.request(
                "POST" if body else "GET",
                f"/cgi-bin/{page}",
                call=call,
                query=[*query.items(), ("sid", sid)],
                body=encode_form(body) if body else None,
                headers=_FORM if body else None,
            )
            self._wire.require_success(response, call)
            try:
                root = xml_root(response.content)
            except ValueError as error:
                message = f"the device did not answer like its system pages: {error}"
                raise qnap_error(Kind.PROTOCOL, message, call) from None
            if not self._wire.lets_in(root.get("authPassed", "1"), sid, call):
                refusal = qnap_error(
                    Kind.PERMISSION_DENIED, "this needs the rights of an administrator", call, hint=_ADMINISTRATOR
                )
                refusal.session_in_doubt = True
                raise refusal
            return root

        return self._wire.run(attempt, idempotent=not writes)

    def _require_administrator(self, call: str) -> None:
        login = self._wire.sessions.session().get("login")
        if isinstance(login, dict) and login.get("isAdmin") == "0":
            message = "this needs the rights of an administrator, which the account has not"
            raise qnap_error(Kind.PERMISSION_DENIED, message, call, hint=_ADMINISTRATOR)


def hidden(secret: str) -> str:
    """A password as the pages take it."""
    return base64.b64encode(secret.encode("utf-8", "surrogateescape")).decode("ascii")


def names(text: str) -> list[str]:
    """The names in a text such as `a, b`."""
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _name(page: str, query: Mapping[str, Any]) -> str:
    """A call as errors name it: the page and what it shall do."""
    what = "&".join(f"{key}={value}" for key, value in query.items() if key in _WHAT_FOR)
    return f"{page.rpartition('/')[2]}?{what}"
