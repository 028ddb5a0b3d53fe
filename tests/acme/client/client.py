# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of Acme, which no shop sells: what a vendor's client must have, and nothing else. See CONTRIBUTING.md.

Its API is a handful of calls: the path is in the URL, replies are JSON, and a refusal is an HTTP status. A client for
a real device has a module for each of these classes, and says in their docstrings which page of the vendor's document
a call rests on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Dict, List, Optional
from urllib.parse import quote

from .._api import lost_answers
from .._api.capabilities.device import Device
from .._api.client import Client
from .._api.files import NO_TIMES, FileFeatures, Files
from .._api.offers import offered
from .._core import paths as _paths
from .._core.certificates import Certificate
from .._core.device import DeviceFacts
from .._core.errors import Kind, NasError
from .._core.model import Entry, Share
from .._core.sources import Source
from .._core.waiting import Watch
from .._transport.http import Connection, Http, Response
from .._transport.session import Credentials, Session, Sessions, SessionStore
from .failures import VENDOR, acme_error

KINDS = {
    400: Kind.INVALID_NAME,
    401: Kind.SESSION_EXPIRED,
    403: Kind.AUTHENTICATION,
    404: Kind.NOT_FOUND,
    409: Kind.EXISTS,
    422: Kind.NOT_EMPTY,
}


class Wire:
    """Calls in the one session of a device.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: where the session lives.
    """

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self.http = Http(connection, keep=store.keep)
        self.sessions = Sessions(store, lambda: self.log_in(credentials))

    def log_in(self, credentials: Credentials) -> Session:
        """A new session. Sent once: a login that is repeated may lock the account."""
        body = json.dumps([credentials.username, credentials.password]).encode()
        reply = self.http.repeat(lambda: self.send("POST", "login", "", {}, body), idempotent=False, is_login=True)
        session: Session = json.loads(reply.content)
        return session

    def call(self, method: str, call: str, path: str, body: Optional[bytes] = None, **query: str) -> Any:
        """The reply to a call. One that only reads is repeated when the device is busy or away for a moment."""
        answer = self.in_session(
            lambda sid: self.send(method, call, path, {**query, "sid": sid}, body), reads=method == "GET"
        )
        return json.loads(answer.content)

    def download(self, path: str) -> Response:
        """A file, whose content is not read yet."""
        return self.in_session(lambda sid: self.send("GET", "file", path, {"sid": sid}, stream=True), reads=True)

    def in_session(self, send: Callable[[str], Response], *, reads: bool) -> Response:
        """What is answered to a request with the id of the session, which is renewed when it has ended."""

        def attempt(session: Session) -> Response:
            return self.http.repeat(lambda: send(str(session["sid"])), idempotent=reads)

        return self.sessions.run(attempt)

    def send(
        self,
        method: str,
        call: str,
        path: str,
        query: Mapping[str, str],
        body: Optional[bytes] = None,
        *,
        stream: bool = False,
    ) -> Response:
        """One request.

        :raises NasError: as the HTTP status says.
        """
        name = f"{method} {call}"
        answer = self.http.request(
            method, f"/{call}{quote(path)}", call=name, path=path, query=query, body=body, stream=stream
        )
        status = answer.status_code
        if status != 200:
            kind = KINDS.get(status, Kind.DEVICE)
            raise acme_error(kind, "acme says no", call=name, path=path, code=f"HTTP {status}")
        return answer


class AcmeFiles(Files):
    """Folders and files.

    :param wire: to the device.
    """

    features = FileFeatures(checksum_algorithms=("sha256",))

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def shares(self) -> List[Share]:
        """What lies at the top."""
        return [Share(entry.name, entry.path) for entry in self.list("/")]

    def stat(self, paths: Sequence[str]) -> Dict[str, Optional[Entry]]:
        """A call for each path. Only "not found" is absent; all else that the device refuses is an error."""
        found: Dict[str, Optional[Entry]] = {}
        for path in paths:
            try:
                found[path] = Entry(path, **self._wire.call("GET", "stat", path))
            except NasError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise
                found[path] = None
        return found

    def list(self, path: str) -> Iterator[Entry]:
        """One call for the names, and one for each of them."""
        names = self._wire.call("GET", "list", path)
        entries = self.stat([_paths.join(path.rstrip("/"), name) for name in names])
        return iter([entry for entry in entries.values() if entry])

    def create_folders(self, paths: Sequence[str]) -> None:
        """A call for each folder. When the answer to one is lost, the others are still to do."""
        for path in paths:
            lost_answers.done(
                lambda path=path: self._wire.call("POST", "folder", path),  # type: ignore[misc]
                lambda path=path: lost_answers.folders_made(self, [path]),  # type: ignore[misc]
            )

    def rename(self, path: str, name: str) -> None:
        """The device refuses a name that is taken."""
        self._wire.call("POST", "rename", path, name=name)

    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """The device refuses a folder that holds something unless it is told to remove all."""
        for path in paths:
            self._wire.call("DELETE", "entry", path, recursive=str(int(recursive)))

    def upload(
        self, source: Source, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
    ) -> None:
        """The whole file in one body, which a real client streams."""
        self._wire.call("POST", "file", path, b"".join(source.pieces()))

    def download(self, path: str, sink: BinaryIO, *, watch: Watch, entry: Optional[Entry] = None) -> int:
        """The bytes as they come."""
        answer = self._wire.download(path)
        return sum(sink.write(piece) for piece in answer.chunks(answer.length))

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        """The device knows SHA-256."""
        if algorithm not in self.features.checksum_algorithms:
            return super().checksum(path, algorithm, watch=watch)
        return str(self._wire.call("GET", "sha256", path))


class AcmeDevice(Device):
    """What every device tells of itself.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self) -> DeviceFacts:
        """One call."""
        return DeviceFacts(VENDOR, **self._wire.call("GET", "device", ""))

    def https_certificate(self) -> Optional[Certificate]:
        """What the port shows."""
        return self._wire.http.certificate()


class Acme(Client):
    """A device of Acme, by its capabilities. Makes no call until one is used.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: where the session lives.
    """

    vendor = VENDOR
    default_ports = (80, 443)
    files = offered("client.AcmeFiles", lambda nas, made: made(nas._wire))
    device = offered("client.AcmeDevice", lambda nas, made: made(nas._wire))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._sessions = self._wire.sessions

    def end(self, session: Session) -> None:
        """Log a session out."""
        self._wire.send("POST", "logout", "", session)

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()
