# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to Container Station's API v1 and its answer.

Calls are named as the Container Station API guide heads them, for example `GET /api/v1/tls`, and that is also what they
are on the wire, below `/container-station`, on the port of QTS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import quote

from ..._core.errors import Kind, NasError
from ..._transport.http import Http
from ..envelope import json_value
from .codes import meaning
from .replies import ErrorBody, status_of, words

if TYPE_CHECKING:
    from ..._transport.http import Response

_PREFIX = "/container-station"


class ContainerStationApi:
    """Requests to the Container Station of one device, without a session.

    :param http: the connections to the device.
    """

    def __init__(self, http: Http) -> None:
        self.http = http

    def send(
        self,
        call: str,
        cookie: str = "",
        *,
        more: Sequence[str] = (),
        body: Optional[dict[str, Any]] = None,
        stream: bool = False,
        timeout: Optional[float] = None,
    ) -> Response:
        """Send one request, once, and return whatever Container Station answers.

        :param call: method and page, as the guide heads it.
        :param cookie: the session's, empty for none.
        :param more: further parts of the page.
        :param body: what is sent, as JSON.
        :param stream: leave the answer's body unread.
        :raises NasError: see `Http.request`.
        """
        method, _space, page = call.partition(" ")
        url_path = "/".join([_PREFIX + page, *(quote(part, safe="") for part in more)])
        headers = {"Cookie": cookie} if cookie else {}
        if stream:
            # Compressed on the way, the announced length would not be the file's.
            headers["Accept-Encoding"] = "identity"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("ascii")
        try:
            return self.http.request(
                method, url_path, call=call, body=data, headers=headers, stream=stream, timeout=timeout
            )
        except NasError as error:
            if error.kind is Kind.BUSY:
                error.hint = "Check that Container Station is running"
            raise

    def value(self, call: str, response: Response) -> dict[str, Any]:
        """The object in an answer.

        :raises NasError: `PROTOCOL` when there is none.
        """
        try:
            value = json_value(response.content)
        except ValueError:
            what = "something that is no JSON" if response.content.strip() else "nothing"
            raise self.http.error(Kind.PROTOCOL, f"Container Station answered with {what}", call) from None
        if not isinstance(value, dict):
            raise self.http.error(Kind.PROTOCOL, "Container Station's answer is no object", call)
        return value

    def failure(self, call: str, response: Response, error_body: Optional[ErrorBody], cookie: str = "") -> NasError:
        """The error that an answer stands for.

        :param error_body: what its body says; quoted where a cookie was sent: to a login it may name the secret.
        """
        status = status_of(response, error_body)
        known = meaning(status)
        message = known.message
        said = words(error_body, cookie) if cookie and known.kind is not Kind.UNSUPPORTED else ""
        if said:
            message = f"{message}: {said}"
        code = f"HTTP {status}" if error_body is None or error_body.code is None else str(error_body.code)
        return self.http.error(known.kind, message, call, code=code, hint=known.hint)

    def expired(self, call: str) -> NasError:
        """The error that makes `Sessions` log in again."""
        return self.http.error(Kind.SESSION_EXPIRED, "the session is not known to Container Station", call)
