# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login per NAS and run.

Every task is a new process, so a session in memory would be lost with it. It lives in the memory of the broker; where
the run does without one, in a file (0600) inside the run's own temporary directory (0700), which ansible-core removes
at its exit; just before, the main process logs all of them out (`_run`). What is left in files after a SIGKILL the
next run of the user clears away.

A session's key is a hash of everything that must be equal for it to be shared, the secret included: a wrong password
never finds a good session.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional, Union

from ansible import constants as C  # noqa: N812 - the name that all of Ansible gives it

from ..module_utils import _vendors
from ..module_utils._core.errors import Kind, NasError
from ..module_utils._transport.http import Connection
from ..module_utils._transport.locks import file_lock
from ..module_utils._transport.session import REFUSALS, Credentials, Login, MemoryStore, Session, SessionStore
from . import _broker, _process
from ._interruption import deferred
from ._kept_sessions import BrokerStore
from ._one_time_codes import Codes

FOLDER = "nasops-sessions"
CLEARED = "cleared"  # in it: what runs that were killed have left is cleared away
LOGOUT_TIMEOUT = 5.0  # seconds for each NAS at the end of a run
REMAINS_TIMEOUT = 20.0  # seconds that a run spends on the sessions that others left
ALL_TIMEOUT = 20.0  # seconds after which a run begins no logout of a session in a file any more


class FileStore(SessionStore):
    """Keeps the session of a NAS in a file that all tasks of the run find.

    :param folder: where the files are; made when it is not there.
    :param name: which of a device's sessions, where it has more than one (`SessionStore.beside`).
    """

    def __init__(self, folder: Path, connection: Connection, credentials: Credentials, name: str = "") -> None:
        self._connection = connection
        self._credentials = credentials
        self._file = folder / f"{_key(connection, credentials, name)}.json"
        self._code = hashlib.sha256(credentials.otp_code.encode()).hexdigest() if credentials.otp_code else ""
        self._record: Optional[dict[str, Any]] = None

    def current(self) -> Optional[Session]:
        if self._record is None:
            self._record = _read(self._file)
        return None if self._record is None else self._record.get("session")

    def renew(self, login: Login, stale: Optional[Session]) -> Session:
        with self._locked():
            record = self._not_refused()
            session: Optional[Session] = record.get("session")
            if session is None or session == stale:
                with deferred():
                    session = self._log_in(login)
            self._record = {"session": session}
            return session

    def drop(self) -> Optional[Session]:
        with self._locked():
            record = _read(self._file)
            self._file.unlink(missing_ok=True)
            self._record = None
        return None if record is None else record.get("session")

    def for_service(self, name: str) -> FileStore:
        return FileStore(self._file.parent, self._connection, self._credentials, name)

    def attempt(self, login: Login) -> Session:
        """The session of `login()`, which is not kept; only a refusal is."""
        with self._locked():
            return self._try(login, self._not_refused())

    def _not_refused(self) -> dict[str, Any]:
        record = _read(self._file) or {}
        # Another one-time code is worth another attempt; the same one is not.
        if "refused" in record and record["code"] == self._code:
            refused = dict(record["refused"])
            raise NasError(Kind(refused.pop("kind")), refused.pop("message"), **refused)
        return record

    def _log_in(self, login: Login) -> Session:
        session = self._try(login, {})
        self._write({"session": session, "connection": asdict(self._connection)})
        return session

    def _try(self, login: Login, kept: dict[str, Any]) -> Session:
        try:
            return login()
        except NasError as error:
            if error.kind in REFUSALS:
                # A second attempt with the same secret brings a device closer to blocking our address.
                refusal = {name: getattr(error, name) for name in ("message", "vendor", "call", "path", "code", "hint")}
                self._write({**kept, "refused": {"kind": error.kind.value, **refusal}, "code": self._code})
            raise

    def _write(self, record: dict[str, Any]) -> None:
        beside = self._file.with_suffix(".new")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump(record, stream)
        os.replace(beside, self._file)

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        return file_lock(str(self._file.with_suffix(".lock")))


class TaskStore(MemoryStore):
    """Keeps the session of one task in its own memory, and a refusal where all tasks of the run find it.

    :param store: where the refusal is kept.
    """

    def __init__(self, store: Union[FileStore, BrokerStore]) -> None:
        super().__init__()
        self._store = store

    def renew(self, login: Login, stale: Optional[Session]) -> Session:
        with deferred():
            return super().renew(lambda: self._store.attempt(login), stale)

    def for_service(self, name: str) -> SessionStore:
        return TaskStore(self._store.for_service(name))


def store(connection: Connection, credentials: Credentials, shared: bool = True) -> SessionStore:
    """The store of this run's session with a NAS; when not `shared`, of a session that is a task's own."""
    folder = folder_of_run()
    if not os.path.exists(folder / CLEARED):
        _claim(folder)
        (folder / CLEARED).touch()
        clear_remains(folder.parent.parent, folder)
    broker = _broker.find(folder)
    if broker is None:
        in_files = FileStore(folder, connection, credentials)
        return in_files if shared else TaskStore(in_files)

    key = functools.cache(functools.partial(_key, connection, credentials))
    codes = Codes(folder, key(""), connection.vendor, credentials)
    store = BrokerStore(broker, lambda: _broker.find(folder), key, connection, codes)
    if not shared:
        return TaskStore(store)
    store.ask_ahead()
    store.keep = _broker.ways(broker)
    return store


def log_out_all(folder: Path) -> None:
    """Log out every session in the folder and remove its file.

    The file goes last: a signal may come in between, and whoever handles it, or the next run, must find it. To be
    logged out twice does no harm. What `ALL_TIMEOUT` leaves no time for keeps its file.
    """
    until = time.monotonic() + ALL_TIMEOUT
    for file in sorted(folder.glob("*.json")):
        record = _read(file) or {}
        if "connection" in record:
            if time.monotonic() > until:
                continue
            connection = Connection(**{**record["connection"], "timeout": LOGOUT_TIMEOUT, "retries": 0})
            # A device that is gone by now ends the session by itself, and the run is over: nobody is left to tell.
            with contextlib.suppress(NasError):
                client = _vendors.build(connection, Credentials(), MemoryStore(record["session"]))
                try:
                    client.logout()
                finally:
                    client.close()
        file.unlink(missing_ok=True)


@functools.cache
def _folder_in(place: str) -> Path:
    return Path(place) / FOLDER


def folder_of_run() -> Path:
    """Where this run keeps what its tasks share; nobody else may enter."""
    return _folder_in(C.DEFAULT_LOCAL_TMP)


def begin() -> None:
    """Begin with what all tasks share, before the first of them is there. What cannot be made, that task finds out."""
    with contextlib.suppress(OSError):
        _claim(folder_of_run())
        _broker.begin(folder_of_run())


def _claim(folder: Path) -> None:
    """Make the folder of this run."""
    if os.getpid() != _process.MAIN and os.getppid() != _process.MAIN:
        os._exit(1)  # a worker that was forked in the moment of the run's end, which nobody has ended
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder / _process.OWNER
    beside = folder / f"{_process.OWNER}.{os.getpid()}"
    beside.write_text(json.dumps(_process.identity(_process.MAIN)), encoding="utf-8")
    os.replace(beside, owner)


def clear_remains(place: Path, own: Path) -> None:
    """Log out and remove the sessions of runs whose process is gone.

    A run that goes on keeps its own, and so does one on another machine that shares the folder.

    :param place: where the temporary folders of this user's runs are.
    :param own: the folder of this run's sessions.
    """
    until = time.monotonic() + REMAINS_TIMEOUT
    for folder in sorted(place.glob(f"*/{FOLDER}")):
        owner = folder / _process.OWNER
        if folder == own or not _process.is_gone(owner) or time.monotonic() > until:
            continue
        try:
            with file_lock(str(owner), wait=False):
                clear(folder)
            folder.parent.rmdir()
        except OSError:
            continue  # another run is at it, or files of core's own are there


def clear(folder: Path) -> None:
    """Log out every session in the folder, and remove it, unless there was no time for all: the next run goes on."""
    log_out_all(folder)
    if not any(folder.glob("*.json")):
        shutil.rmtree(folder, ignore_errors=True)


def _key(connection: Connection, credentials: Credentials, name: str) -> str:
    same = [
        connection.vendor,
        connection.host,
        connection.port,
        connection.use_ssl,
        connection.validate_certs,
        connection.ca_path,
        connection.fingerprint,
        connection.client_cert,
        connection.client_key,
        connection.proxy,
        credentials.username,
        credentials.password,
        credentials.device_token,
        name,
    ]
    return hashlib.sha256(json.dumps(same).encode()).hexdigest()


def _read(file: Path) -> Optional[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    record = json.loads(text)
    return record if isinstance(record, dict) else None


folder_of_run()  # once, for all workers
