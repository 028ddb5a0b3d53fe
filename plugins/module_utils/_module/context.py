# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a task's options to its result: the options that all modules share, the client, and the one error ladder."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .. import _vendors
from .._api.client import Client
from .._core import names as _names
from .._core import paths as _paths
from .._core.errors import NasError
from .._core.model import Entry
from .._core.waiting import Watch
from .._plans import shares as _shares
from .._plans.plan import Plan
from .._plans.shares import Missing
from .._transport.http import Connection
from .._transport.session import Credentials, MemoryStore, SessionStore, SharedStore
from . import diff as _diff
from .options import connection_of, login_of, session_from_token

Result = dict[str, Any]


@dataclass
class Runtime:
    """What a task gets from where it runs: a module process, or the controller.

    :param module: which module it runs, for the device's own log.
    :param store: makes the session store, for the run (True) or for this task alone; None keeps the session in this
        task's memory.
    :param watch: makes a Watch that shows progress, from what is worked on.
    :param say: shows the user a line at once.
    :param secret_source: whether the uploaded bytes came out of a vault, so that no diff may show them.
    :param decrypted: gives the file with the clear text of a vaulted one; None where there is no key to vaults.
    :param host: the host of the inventory, where that is known.
    :param on_missing: takes what the task did not find, to warn once for all items of a loop; None for a warning of the
        task alone.
    :param locks: the folder where the tasks of this user find the locks of what they work on; None for no locks.
    """

    module: str = ""
    store: Optional[Callable[[Connection, Credentials, bool], SessionStore]] = None
    watch: Callable[[str, Optional[float]], Watch] = lambda label, timeout: Watch(timeout=timeout)
    say: Callable[[str], None] = lambda line: None
    secret_source: bool = False
    decrypted: Optional[Callable[[str], str]] = None
    locks: Optional[str] = None
    host: str = ""
    on_missing: Optional[Callable[[Missing], None]] = None


class ModuleContext:
    """One run of one module: its options, its client, and its warnings.

    :param params: the validated options.
    :param check_mode: whether nothing may be written.
    :param diff: whether the result shows before and after.
    """

    keeps_session = False  # whether the session outlives the task, for others to go on with

    def __init__(self, params: Mapping[str, Any], check_mode: bool, diff: bool, runtime: Runtime) -> None:
        self.params = params
        self.check_mode = check_mode
        self.diff = diff
        self.runtime = runtime
        self.warnings: list[str] = []
        self._awaited: dict[str, None] = {}
        self._found: dict[str, Optional[Entry]] = {}
        self._client: Optional[Client] = None
        self._store: Optional[SessionStore] = None
        self._others: list[Client] = []

    @property
    def client(self) -> Client:
        """The client of the NAS that the options name; the first call logs in."""
        if self._client is None:
            connection, credentials = self._access()
            handed_on = login_of(self.params)["session_token"]
            if handed_on:
                store: SessionStore = MemoryStore(session_from_token(handed_on))
            elif self.runtime.store is not None:
                store = self.runtime.store(connection, credentials, self.params["session"] == "run")
            else:
                store = MemoryStore()
            self._store = SharedStore(store)
            self._client = _vendors.build(connection, credentials, self._store)
        return self._client

    def another_client(self) -> Client:
        """One more client of the same NAS in the same session, for a thread of its own."""
        first, store = self.client, self._store
        if store is None:
            raise AssertionError(f"{first.vendor}: a client without a session store")
        client = _vendors.build(*self._access(), store)
        self._others.append(client)
        return client

    def _access(self) -> tuple[Connection, Credentials]:
        """Where the NAS is, and who asks."""
        login = login_of(self.params)
        credentials = Credentials(
            login["username"] or "", login["password"] or "", login["otp_code"], login["device_token"]
        )
        return connection_of(login, self.runtime.module), credentials

    def watch(self, label: str, timeout: Optional[float] = None) -> Watch:
        """A Watch for something long; it shows progress where somebody can see it.

        :param timeout: seconds that a job of the device may take; None for no limit.
        """
        return self.runtime.watch(label, timeout)

    def timed_watch(self, label: str) -> Watch:
        """The same with the option `wait_timeout` as its limit."""
        return self.watch(label, self.params["wait_timeout"])

    def finish(self, plan: Plan, paths: Sequence[str], *, diff: Optional[Any] = None, **values: Any) -> Result:
        """The result of a task that carried out a plan: `changed`, the module's own values, and the diff if asked for.

        :param paths: what the diff's headers name.
        :param diff: one of another form in place of that of the plan's states, such as one of contents; or several.
        :param values: the keys of the result; a `changed` among them counts more than the plan.
        """
        result: Result = {"changed": plan.changed, **values}
        if self.diff:
            result["diff"] = _diff.state_diff(paths, plan.before, plan.after) if diff is None else diff
        return result

    def not_yet(self, *paths: str) -> None:
        """Note, in check mode, what a task before this one must make; all of it becomes one warning.

        :param paths: or words such as `group staff`.
        """
        self._awaited.update(dict.fromkeys(paths))

    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What is at each path; where it takes no more calls, also whether their shares are there. See `saw`."""
        files = self.client.files
        shares = [share for share in _paths.unique(map(_paths.share, paths)) if share not in paths]
        if files.features.stats_at_once and shares and len(paths) > 1:
            with contextlib.suppress(NasError):  # such as a share whose content alone is open to the user
                found = files.stat([*paths, *shares])
                self.saw(found)
                return {path: found[path] for path in paths}
        found = files.stat(paths)
        self.saw(found)
        return found

    def saw(self, found: Mapping[str, Optional[Entry]]) -> None:
        """Note what is at paths: a share that is not there becomes one warning of the task."""
        # The user has not named what has a name of our own.
        self._found.update({path: entry for path, entry in found.items() if entry or not _names.is_ours(path)})

    def warn_missing(self, changed: bool) -> None:
        """Warn of the paths that `not_yet` noted, and of missing shares of the paths that `saw` noted.

        :param changed: whether the task changed something, or would.
        """
        asks = self._found and (self.check_mode or not changed)
        shares = _shares.missing(self.client.files, self._found) if asks else {}
        paths = [one for one in self._awaited if not one.startswith("/") or _paths.share(one) not in shares]
        missing = Missing(paths, shares, self.check_mode)
        if not paths and not shares:
            return
        if self.runtime.on_missing is not None:
            self.runtime.on_missing(missing)
        else:
            self.warnings.append(missing.warning(self.runtime.host))

    def close(self) -> None:
        """Log out where the session is this task's alone, and close the connections."""
        if self._client is None:
            return
        for client in self._others:
            self.warnings += [warning for warning in client.warnings if warning not in self.warnings]
            client.close()
        self.warnings += self._client.warnings
        try:
            if not self.keeps_session and not self._is_shared():
                try:
                    self._client.logout()
                except NasError as error:
                    # The work is done; a session that stays behind ends by itself.
                    self.warnings.append(f"logging out failed: {error}")
        finally:
            self._client.close()

    def _is_shared(self) -> bool:
        """Whether somebody else goes on with the session, or logs it out."""
        token = self.params["session_token"]
        if not token or self._store is None:
            return self.runtime.store is not None and self.params["session"] == "run"
        # After the one that was handed on has expired, the task has one of its own.
        return self._store.current() in (None, session_from_token(token))


Run = Callable[[ModuleContext], Result]
