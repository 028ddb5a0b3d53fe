# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker of a run: how it is started, how tasks find it, and how it ends with the run.

The main process forks it while a run imports its first action of ours, so that it imports what talks to devices at the
same time. A worker forks it where there is none yet, or none any more. It outlives whoever forked it, has no terminal,
and holds nothing of theirs but what it is given. `NASOPS_KEEP=0` in the environment does without it; then sessions live
in files.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import resource
import shutil
import signal
import socket
import stat
import sys
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Callable, Optional

from ansible.utils.display import Display

from ..module_utils import _vendors
from ..module_utils._transport.frames import user_of_peer
from ..module_utils._transport.http import Connection, Keep
from ..module_utils._transport.kept import LOGOUT_TIME, Broker, BrokerLostError, Channel
from ..module_utils._transport.locks import file_lock
from ..module_utils._transport.session import Credentials, MemoryStore, Session
from ..module_utils._transport.way import system_store
from ._bytecode import kept_bytecode
from ._interruption import SIGNALS
from ._process import is_worker

SWITCH = "NASOPS_KEEP"
OPTIONS = "NAS_"  # begins the names of variables that may hold secrets
SOCKET = "broker"
ELSEWHERE = "broker-place"  # a link to where the socket is
LOCK = "broker.lock"
STARTS = "broker.starts"  # a byte for each
OVER = "over"  # tells a worker that was forked in the moment of the run's end, which nobody ends

MOST_STARTS = 3  # after which a run does without
LONGEST_PATH = 100  # bytes of a socket's: systems take 103 to 107
_BACKLOG = 512
_PR_SET_DUMPABLE = 4
_STACK = 1024 * 1024  # bytes for each thread
_OPEN_FILES = 65536
_SWITCH_INTERVAL = 0.001  # seconds that a thread of the broker may keep others waiting
LOST = (
    "the process that keeps the NAS connections of this run has ended unexpectedly: the task goes on without it, and "
    "sessions that it held end by the time-out of their devices"
)

_display = Display()
_environment = dict(os.environ)  # before any task has its own
_store = system_store()
_life: Optional[tuple[int, int]] = None if is_worker() or not hasattr(socket, "AF_UNIX") else os.pipe()
"""A pipe. All processes of a run hold both ends, and the broker the one to read from: it ends when they have."""


def find(folder: Path) -> Optional[Broker]:
    """The broker of this run, started where there is none yet; None where the run does without.

    :param folder: of the run, which nobody else may enter.
    """
    if _life is None or not is_wanted():
        return None
    try:
        connected = _connect_or_start(folder, _life[0])
    except OSError:
        return None
    return Broker(lambda: _connect(folder), lambda: _display.warning(LOST), connected)


def is_wanted() -> bool:
    """Whether the run keeps its connections, where the system can."""
    return _life is not None and os.environ.get(SWITCH) != "0"


def begin(folder: Path) -> None:
    """Start the broker of this run before anybody asks for it.

    :raises OSError: where it cannot be.
    """
    if _life is not None:
        with file_lock(str(folder / LOCK)):
            _start_counted(folder, _life[0])


def ways(broker: Broker) -> Optional[Keep]:
    """The ways through the broker, unless the environment of the task names another store of certificates than its."""
    return broker.way if system_store() == _store else None


def end(folder: Path) -> None:
    """Tell the broker to log out, and wait for it; remove what is left of it."""
    with contextlib.suppress(OSError, BrokerLostError):
        channel = Channel(_connect(folder, LOGOUT_TIME))
        channel.ask({"do": "end"}, seconds=LOGOUT_TIME + 0.5)
        channel.close()
    remove(folder)


def remove(folder: Path) -> None:
    """Remove the socket, and where it is."""
    with contextlib.suppress(OSError):
        place = _elsewhere(folder)
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
            (folder / ELSEWHERE).unlink()
    with contextlib.suppress(OSError):
        (folder / SOCKET).unlink()


def _connect(folder: Path, seconds: Optional[float] = None) -> socket.socket:
    """A connection to the broker.

    :param seconds: to wait for it, where so many wait already that the system has no room.
    :raises OSError: where there is none, or it is not ours.
    """
    place = folder if _fits(folder) else _elsewhere(folder)
    if place is None:
        raise FileNotFoundError
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(seconds)
    try:
        sock.connect(os.path.join(place, SOCKET))
        if user_of_peer(sock) not in (None, os.geteuid()):
            raise PermissionError
    except OSError:
        sock.close()
        raise
    return sock


def _connect_or_start(folder: Path, life: int) -> socket.socket:
    try:
        return _connect(folder)
    except OSError:
        pass
    with file_lock(str(folder / LOCK)):
        try:
            return _connect(folder)
        except OSError:
            pass
        if (folder / OVER).exists():
            os._exit(1)
        _start_counted(folder, life)
        return _connect(folder)


def _start_counted(folder: Path, life: int) -> None:
    """Start it, unless that was done too often. Called by who has the lock.

    :raises OSError: where there is none.
    """
    with open(folder / STARTS, "ab") as starts:
        if starts.tell():
            _display.warning(LOST)
        if starts.tell() >= MOST_STARTS:
            raise OSError
        starts.write(b".")
    remove(folder)
    _start(folder, life)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(os.path.join(folder, SOCKET))) <= LONGEST_PATH


def _elsewhere(folder: Path) -> Optional[Path]:
    """Where the socket is when the path of the run's folder is too long for one: a folder that is ours alone.

    :raises PermissionError: when it is not.
    """
    try:
        place = Path(os.readlink(folder / ELSEWHERE))
        found = place.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError
    return place


def _new_place(folder: Path) -> Path:
    if _fits(folder):
        return folder
    candidates = [os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp"]  # noqa: S108 - mkdtemp makes one of our own there
    base = next(path for path in candidates if path and os.access(path, os.W_OK) and len(path) < LONGEST_PATH // 2)
    place = Path(tempfile.mkdtemp(prefix="nasops-", dir=base))
    (folder / ELSEWHERE).symlink_to(place)
    return place


def _start(folder: Path, life: int) -> None:
    place = _new_place(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place / SOCKET))
        os.chmod(place / SOCKET, 0o600)
        listener.listen(_BACKLOG)
        blocked = {*SIGNALS, signal.SIGALRM}
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # no thread of the worker's has a lock of ours
                child = os.fork()
            if not child:
                _detach(lambda: _be(folder, listener, life))
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)


def _detach(then: Callable[[], None]) -> None:
    """Do something in this process, which no signal to the run's processes or its terminal reaches, and end with it."""
    try:
        os.setsid()
        then()
    finally:
        os._exit(0)


def _be(folder: Path, listener: socket.socket, life: int) -> None:
    """Be the broker."""
    # What ends the run must not end the broker before it has logged out; the pipe tells it.
    for number in (*SIGNALS, signal.SIGALRM, signal.SIGPIPE, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    gc.freeze()  # what is the worker's is never finalized here
    _close_files({life, listener.fileno()})
    logging.root.handlers.clear()
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it holds sessions; where a program takes dumps, this is not all
    with contextlib.suppress(OSError, ValueError):
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    os.environ.clear()
    os.environ.update({name: value for name, value in _environment.items() if not name.startswith(OPTIONS)})
    _show_as(f"nasops.nas broker {folder}")
    _hide_memory()
    threading.stack_size(_STACK)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    with kept_bytecode():
        from ..module_utils._transport.broker import Server  # noqa: PLC0415 - while the main process does its own
    gc.enable()  # which it may not have been, as it was forked in the middle of an import
    server = Server(listener, life, _log_out)
    asked_to = server.serve()
    remove(folder)
    server.finish()
    if not asked_to:
        # Nobody is left to clear up.
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


def _close_files(kept: set[int]) -> None:
    """Close all files but some; what talks to the user talks to nobody."""
    try:
        numbers = {int(name) for name in os.listdir("/dev/fd")}
    except OSError:
        numbers = set(range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    for number in (numbers | {nowhere}) - kept - {0, 1, 2}:
        with contextlib.suppress(OSError):
            os.close(number)
    sys.stdin = sys.stdout = sys.stderr = open(os.devnull, "r+")  # noqa: SIM115 - for good


def _show_as(title: str) -> None:
    """Show this to who lists processes, in the place of the command line and environment of the run, with its secrets.

    They lie in the memory of each process that was forked from it, between the addresses that the system tells.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        begin, end, more, last = map(int, fields[45:49])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            for start, size, text in ((begin, end - begin, os.fsencode(title)), (more, last - more, b"")):
                memory.seek(start)
                memory.write(text[: size - 1].ljust(size, b"\0"))


def _hide_memory() -> None:
    """Have no dump made of this process, and its memory shown to nobody but the administrator, where Linux does it."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _log_out(connection: Connection, session: Session, keep: Keep) -> None:
    store = MemoryStore(session)
    store.keep = keep
    client = _vendors.build(connection, Credentials(), store)
    try:
        client.logout()
    finally:
        client.close()
