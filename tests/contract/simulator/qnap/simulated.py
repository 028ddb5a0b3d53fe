# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a simulated QNAP by its command line and calls it with `requests`, as the guides of File Station and of
Container Station say."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import requests

from tests.contract.simulator.processes import simulators

ROOT = Path(__file__).resolve().parents[4]
PASSWORD = "sëcret +/=&% 汉"
WAIT = 20.0


def encoded(password: str) -> str:
    """The guide's ezEncode: base64 of the UTF-8 text."""
    return base64.b64encode(password.encode()).decode()


def xml(response: requests.Response) -> dict[str, str]:
    """The elements of a QDocRoot."""
    root = ElementTree.fromstring(response.content)
    assert root.tag == "QDocRoot"
    return {element.tag: element.text or "" for element in root}


def first(response: requests.Response) -> Any:
    """The first JSON value of a body: QTS 4 puts a header line before some of them, and says others twice."""
    text = response.content.decode()
    if text.startswith("Content-type:"):
        text = text.partition("\r\n\r\n")[2]
    return json.JSONDecoder().raw_decode(text)[0]


def fits(shape: Any, found: Any, where: str = "reply") -> None:
    """A reply has the keys of a sample, and maybe more. In the sample a type stands for any value of exactly that type,
    a list's one item for every item, and of those there must be one."""
    if isinstance(shape, type):
        assert found.__class__ is shape, f"{where} is {found!r}"
    elif isinstance(shape, dict):
        assert isinstance(found, dict), f"{where} is {found!r}"
        assert set(shape) <= set(found), f"{where} is without {sorted(set(shape) - set(found))}"
        for key, inner in shape.items():
            fits(inner, found[key], f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(found, list), f"{where} is {found!r}"
        assert found, f"{where} is empty"
        for number, item in enumerate(found):
            fits(shape[0], item, f"{where}[{number}]")
    else:
        assert (type(found), found) == (type(shape), shape), f"{where} is {found!r}"


class Nas:
    """A running device, and the ways to call it."""

    def __init__(self, url: str, root: Path, faults: Path, log: Path) -> None:
        self.url, self.root, self.faults_file, self.log_file = url, root, faults, log
        self.cgi = f"{url}/cgi-bin"
        self.util = f"{self.cgi}/filemanager/utilRequest.cgi"
        self.station = f"{url}/container-station/api/v1"
        self.sid = ""
        self._names = itertools.count(1)

    def login(self, user: str = "admin", password: str = PASSWORD, *, get: bool = False, **params: Any) -> Any:
        fields = {"user": user, "pwd": encoded(password), "serviceKey": "1", **params}
        url = f"{self.cgi}/authLogin.cgi"
        answer = (
            requests.get(f"{url}?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in fields.items()))
            if get
            else requests.post(url, data=fields, timeout=30)
        )
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/xml"
        found = xml(answer)
        self.sid = found.get("authSid", self.sid)
        return found

    def raw(self, func: str, *, method: str = "GET", **params: Any) -> requests.Response:
        """A call with its parameters in the query, spaces as %20; a list repeats its name."""
        pairs = [("func", func), ("sid", self.sid)]
        for name, value in params.items():
            pairs += [(name, str(item)) for item in (value if isinstance(value, list) else [value])]
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
        return requests.request(method, f"{self.util}?{query}", timeout=30)

    def call(self, func: str, **params: Any) -> Any:
        return self.raw(func, **params).json()

    def status(self, func: str, **params: Any) -> int:
        answer = self.call(func, **params)
        assert answer["success"] == "true"
        return int(answer["status"])

    def pid(self, func: str, **params: Any) -> int:
        answer = self.call(func, **params)
        assert answer["status"] == 1, answer
        assert sorted(answer) == ["pid", "status"]
        return int(answer["pid"])

    def finish(self, func: str, pid: int) -> Any:
        """Poll a status call until it says something else than that it goes on."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            answer = self.call(func, pid=pid)
            if answer.get("percent", 100) == 100 and answer["status"] not in {6, 36}:
                return answer
            time.sleep(0.01)
        raise AssertionError("never finished")

    def upload(self, folder: str, name: str, content: bytes, *, part: str = "file", **params: Any) -> requests.Response:
        fields = {"func": "upload", "type": "standard", "sid": self.sid, "dest_path": folder, "overwrite": "1"}
        query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in {**fields, **params}.items())
        return requests.post(f"{self.util}?{query}", files={part: (name, content)}, timeout=60)

    def stat(self, folder: str, name: str) -> dict[str, Any]:
        answer = self.call("stat", path=folder, file_total=1, file_name=name)
        assert answer["total"] == 1
        return dict(answer["datas"][0])

    def names(self, folder: str, **params: Any) -> list[str]:
        return [row["filename"] for row in self.call("get_list", path=folder, **params)["datas"]]

    def share(self, *names: str) -> tuple[str, Path]:
        """A fresh share with these files: its API path and its folder."""
        name = f"Share{next(self._names)}"
        folder = self.root / name
        folder.mkdir()
        for item in names:
            (folder / item).parent.mkdir(parents=True, exist_ok=True)
            (folder / item).write_text(item)
        return "/" + name, folder

    def faults(self, *rules: dict[str, Any]) -> None:
        fresh = self.faults_file.with_suffix(".new")
        fresh.write_text(json.dumps(rules), encoding="utf-8")
        fresh.rename(self.faults_file)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]


class Station:
    """Calls of Container Station as its guide's curl makes them: JSON with the type of a form, and a cookie."""

    def __init__(self, nas: Nas) -> None:
        self.nas = nas
        self.http = requests.Session()

    def __call__(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.send(method, path, None if body is None else json.dumps(body))

    def send(self, method: str, path: str, text: str | None = None) -> requests.Response:
        """The body as it is written."""
        headers = {} if text is None else {"Content-Type": "application/x-www-form-urlencoded"}
        return self.http.request(method, self.nas.station + path, data=text, headers=headers, timeout=30)

    def login(self, password: str = PASSWORD) -> dict[str, Any]:
        answer = self("POST", "/login", {"username": "admin", "password": password})
        assert answer.status_code == 200
        return dict(answer.json())


def refused(answer: requests.Response) -> int:
    """The status of a refusal of Container Station, which stands in its body too."""
    error = answer.json()["error"]
    assert answer.status_code == error["code"]
    assert error["message"].startswith(f"{answer.status_code} ")
    return answer.status_code


Start = Callable[..., Nas]


def until(check: Callable[[], bool]) -> None:
    """Wait for what happens in the background."""
    end = time.monotonic() + WAIT
    while not check():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.01)


def options(**values: Any) -> list[str]:
    """Settings of the device."""
    return [word for name, value in values.items() for word in ("--vendor-opt", f"{name}={value}")]


def devices(factory: pytest.TempPathFactory) -> AbstractContextManager[Start]:
    """A function that starts a device with further options; all of them are stopped at the end."""
    return simulators(factory, "qnap", Nas, "--password", PASSWORD)


def status(answer: requests.Response) -> Any:
    """The status that a JSON body tells."""
    return first(answer)["status"]


def link(nas: Nas, share: str, name: str, **more: Any) -> str:
    """The id of a new share link of one file."""
    fields = {"download_type": "create_download_link", "valid_duration": "forever", "network_type": "local", **more}
    made = first(nas.raw("get_share_link", path=share, file_total=1, file_name=name, **fields))
    return str(made["ssid"])
