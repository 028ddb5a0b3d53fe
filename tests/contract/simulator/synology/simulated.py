# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a simulated Synology by its command line and calls it with `requests`, as the File Station guide says."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.simulator.processes import simulators

ROOT = Path(__file__).resolve().parents[4]
FS = "SYNO.FileStation."


def q(value: Any) -> str:
    """A value as DSM wants it: JSON."""
    return json.dumps(value)


class Nas:
    """A running device, and the one way to call it."""

    def __init__(self, url: str, root: Path, faults: Path, log: Path) -> None:
        self.url, self.root, self.faults_file, self.log_file = url, root, faults, log
        self.sid = ""
        self._names = itertools.count(1)

    def raw(
        self,
        api: str,
        method: str,
        version: int = 2,
        *,
        cgi: str = "entry.cgi",
        get: bool = False,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> requests.Response:
        fields = {"api": api, "method": method, "version": str(version), **params}
        url = f"{self.url}/webapi/{cgi}"
        sid = {"_sid": self.sid} if self.sid else {}
        if get:
            return requests.get(url, params={**fields, **sid}, headers=headers, timeout=30)
        return requests.post(url, params=sid, data=fields, headers=headers, timeout=30)

    def call(self, api: str, method: str, version: int = 2, **params: Any) -> dict[str, Any]:
        return dict(self.raw(api, method, version, **params).json())

    def data(self, api: str, method: str, version: int = 2, **params: Any) -> Any:
        answer = self.call(api, method, version, **params)
        assert answer["success"], answer
        return answer.get("data")

    def code(self, api: str, method: str, version: int = 2, **params: Any) -> int:
        answer = self.call(api, method, version, **params)
        assert not answer["success"], answer
        return int(answer["error"]["code"])

    def login(self, version: int = 7, *, cgi: str = "entry.cgi", **params: Any) -> dict[str, Any]:
        fields = {"account": "admin", "passwd": "secret", "format": "sid", **params}
        self.sid = ""
        answer = self.call("SYNO.API.Auth", "login", version, cgi=cgi, **fields)
        if answer["success"]:
            self.sid = answer["data"]["sid"]
        return answer

    def upload(self, name: str, content: bytes, version: int = 2, part: str = "file", **fields: str) -> dict[str, Any]:
        url = {"api": FS + "Upload", "version": str(version), "method": "upload", "_sid": self.sid}
        return self.post_file(url, fields, {part: (name, content)})

    def post_file(self, url: dict[str, str], fields: Mapping[str, str], files: Any) -> dict[str, Any]:
        """A multipart request with these parameters in the URL and these in the form."""
        answer = requests.post(f"{self.url}/webapi/entry.cgi", params=url, data=fields, files=files, timeout=30)
        return dict(answer.json())

    def job(self, api: str, version: int, **params: Any) -> dict[str, Any]:
        """Start a task and wait for the answer that says finished, or for an error."""
        task = json.dumps(self.data(api, "start", version, **params)["taskid"])
        return self.wait(api, version, task)

    def wait(self, api: str, version: int, task: str) -> dict[str, Any]:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            answer = self.call(api, "status", version, taskid=task)
            if not answer["success"] or answer["data"]["finished"]:
                return answer
            time.sleep(0.01)
        raise AssertionError("never finished")

    def share(self) -> tuple[str, Path]:
        """A fresh share: its API path and its folder."""
        name = f"share{next(self._names)}"
        (self.root / name).mkdir()
        return "/" + name, self.root / name

    def faults(self, *rules: dict[str, Any]) -> None:
        fresh = self.faults_file.with_suffix(".new")
        fresh.write_text(json.dumps(rules), encoding="utf-8")
        fresh.rename(self.faults_file)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]


Start = Callable[..., Nas]


def devices(factory: pytest.TempPathFactory) -> AbstractContextManager[Start]:
    """A function that starts a device with further options; all of them are stopped at the end."""
    return simulators(factory, "synology", Nas)


def options(**settings: str) -> list[str]:
    return [part for name, value in settings.items() for part in ("--vendor-opt", f"{name}={value}")]
