# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated device in a thread of the test's own process, for tests that try thousands of things: started once, as
new after each `reset()`, its faults and its log in memory."""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import stat
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Optional, TypeVar

from ..simulator.core.faults import Book, Faults
from ..simulator.core.log import RequestLog
from ..simulator.core.server import Server
from ..simulator.core.settings import Settings
from ..simulator.core.vendor import Vendor
from .devices import PASSWORD, USER, Simulated

T = TypeVar("T")
SECONDS = 30.0


class LocalDevice(Simulated):
    """A simulated NAS that serves on loopback while the context lasts.

        with LocalDevice(VENDORS[0], tmp_path / "nas") as device:
            device.faults = [{"call": "*", "after": 3, "do": "reset"}]
            ...
            assert device.acted == 1 and device.requests == 4
            device.reset()

    :param root: its files; made when missing, emptied by `reset`.
    :param options: the vendor's settings, as `--vendor-opt` takes them.
    :param tls: files of certificate and key.
    :param latency: seconds of a network round trip.
    :param settings: other fields of `tests.simulator.core.settings.Settings`.
    """

    def __init__(
        self,
        vendor: str,
        root: Path,
        *,
        shares: Sequence[str] = ("home", "public"),
        profile: str = "",
        options: Optional[Mapping[str, str]] = None,
        tls: Optional[tuple[Path, Path]] = None,
        latency: float = 0.0,
        **settings: Any,
    ) -> None:
        self.vendor = vendor
        self.root = root
        self.shares = tuple(shares)
        self.ca_path = tls[0] if tls else None
        self.log: list[dict[str, Any]] = []
        """The requests since the start or the last `reset`, in order; the keys are those of the log file."""
        self.url = ""
        self._tls = (str(tls[0]), str(tls[1])) if tls else None
        self._latency = latency
        self._settings = Settings(
            vendor=vendor,
            root=root,
            profile=profile,
            options=dict(options or {}),
            tls=bool(tls),
            **{"user": USER, "password": PASSWORD, **settings},
        )
        self._class: type[Vendor] = importlib.import_module(f"tests.simulator.{vendor}").VENDOR
        self._book = Book(None)
        self._faults: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(max_workers=8, thread_name_prefix="disk"))
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"simulated {vendor}", daemon=True)
        self._server: Optional[Server] = None

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    def __enter__(self) -> LocalDevice:
        self._prepare(None)
        self._thread.start()
        self.url = self._run(self._start())
        return self

    async def _start(self) -> str:
        self._server = Server(
            self._class(self._settings), RequestLog(None, self.log), Faults(self._book), latency=self._latency
        )
        return await self._server.start(0, self._tls)

    def __exit__(self, *_error: object) -> None:
        try:
            if self._server is not None:
                self._run(self._server.stop())
            self._run(self._loop.shutdown_default_executor())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(SECONDS)
            self._loop.close()

    # -- what a test sets and sees

    @property
    def faults(self) -> list[dict[str, Any]]:
        """The rules, as `--faults` takes them. Setting them begins their counts; ValueError for one not understood."""
        return self._faults

    @faults.setter
    def faults(self, rules: Sequence[dict[str, Any]]) -> None:
        self._book.set(rules)
        self._faults = list(rules)

    @property
    def acted(self) -> int:
        """How often rules have acted since they were set."""
        return self._book.acted

    @property
    def requests(self) -> int:
        """How many requests (messages of a web socket among them) came since the start or the last `reset`."""
        return sum(self._book.requests.values())

    @property
    def connections(self) -> int:
        """How many connections were accepted since the start."""
        return self._server.connections if self._server is not None else 0

    def entries(self) -> list[dict[str, Any]]:
        return self.log

    def sessions(self) -> int:
        """How many sessions are open."""
        assert self._server is not None
        return len(self._server.vendor.sessions.all())

    def reset(self, template: Optional[Path] = None) -> None:
        """As new, at the same URL: no faults, sessions, tasks, connections, requests; the root is empty but for shares.

        :param template: a folder whose content is copied into the root.
        """
        self.faults = []
        assert self._server is not None
        self._run(self._server.switch_off())
        self._prepare(template)
        self._run(self._switch_on())
        self.log.clear()
        self._book.requests.clear()

    async def _switch_on(self) -> None:
        assert self._server is not None
        await self._server.switch_on(self._class(self._settings))

    def _prepare(self, template: Optional[Path]) -> None:
        if self.root.exists():
            _empty(self.root)
        for share in self.shares:
            (self.root / share).mkdir(parents=True, exist_ok=True)
        if template is not None:
            shutil.copytree(template, self.root, symlinks=True, dirs_exist_ok=True)

    def tree(self) -> dict[str, Optional[bytes]]:
        """What lies on the device: the content of files, None for folders, `-> text` for links; nothing of its own."""
        found: dict[str, Optional[bytes]] = {}
        for base, folders, files in os.walk(self.root):
            if Path(base) == self.root:
                folders[:] = [name for name in folders if not name.startswith(".")]
            at = "/" + os.path.relpath(base, self.root) if Path(base) != self.root else ""
            for name in [*folders, *files]:
                path = Path(base, name)
                if path.is_symlink():
                    found[f"{at}/{name}"] = b"-> " + os.fsencode(os.readlink(path))
                else:
                    found[f"{at}/{name}"] = None if path.is_dir() else path.read_bytes()
        return found


def _empty(folder: Path) -> None:
    """Remove what a folder holds, whatever its rights."""
    for item in folder.iterdir():
        if item.is_dir() and not item.is_symlink():
            os.chmod(item, stat.S_IRWXU)
            _empty(item)
            item.rmdir()
        else:
            item.unlink()
