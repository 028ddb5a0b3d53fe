# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script with `requests` and the fewest calls does: the yardstick of `make bench`. It checks next to nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import requests

from tests.support.devices import PASSWORD, USER, Device


class Bare:
    """A session with a device; one connection, one call after the other."""

    def __init__(self, device: Device) -> None:
        self.url = device.url.rstrip("/")
        self.http = requests.Session()
        self.http.trust_env = False
        self.login()

    def login(self) -> None:
        """Log in."""
        raise NotImplementedError

    def make(self, paths: Sequence[str]) -> None:
        """Make folders, those above first."""
        raise NotImplementedError

    def list(self, path: str) -> None:
        """List a folder."""
        raise NotImplementedError

    def remove(self, path: str) -> None:
        """Remove a folder with all that it holds."""
        raise NotImplementedError


class BareSynology(Bare):
    """Guide, chapters of SYNO.FileStation.*."""

    def call(self, api: str, version: int, method: str, **more: Any) -> Any:
        """The data of one call."""
        given = {name: json.dumps(value) for name, value in more.items()}
        form = {"api": api, "version": str(version), "method": method, "_sid": self.sid, **given}
        answer = self.http.post(f"{self.url}/webapi/entry.cgi", data=form).json()
        assert answer["success"], answer
        return answer.get("data")

    def login(self) -> None:
        form = {"api": "SYNO.API.Auth", "version": "6", "method": "login", "account": USER, "passwd": PASSWORD}
        form.update({"session": "FileStation", "format": "sid"})
        self.sid = self.http.post(f"{self.url}/webapi/entry.cgi", data=form).json()["data"]["sid"]

    def make(self, paths: Sequence[str]) -> None:
        for start in range(0, len(paths), 500):
            places = [path.rpartition("/") for path in paths[start : start + 500]]
            parents, names = [place[0] for place in places], [place[2] for place in places]
            self.call("SYNO.FileStation.CreateFolder", 2, "create", folder_path=parents, name=names)

    def list(self, path: str) -> None:
        more = ["size", "time", "type"]
        self.call("SYNO.FileStation.List", 2, "list", folder_path=path, additional=more, limit=0)

    def remove(self, path: str) -> None:
        self.call("SYNO.FileStation.Delete", 2, "delete", path=[path], recursive=True)


class BareQnap(Bare):
    """File Station guide, sections 1, 2, 5 and 13."""

    def call(self, func: str, fields: Sequence[tuple[str, Any]]) -> Any:
        """The reply of one call."""
        query = {"func": func, "sid": self.sid}
        return self.http.post(f"{self.url}/cgi-bin/filemanager/utilRequest.cgi", params=query, data=list(fields)).json()

    def login(self) -> None:
        secret = base64.b64encode(PASSWORD.encode()).decode()
        answer = self.http.post(f"{self.url}/cgi-bin/authLogin.cgi", data={"user": USER, "pwd": secret})
        self.sid = ElementTree.fromstring(answer.content).findtext("authSid") or ""
        assert self.sid, answer.text

    def make(self, paths: Sequence[str]) -> None:
        for path in paths:
            above, _slash, name = path.rpartition("/")
            self.call("createdir", [("dest_folder", name), ("dest_path", above)])

    def list(self, path: str) -> None:
        fields = [("path", path), ("is_iso", 0), ("list_mode", "all"), ("dir", "ASC"), ("limit", 1000), ("start", 0)]
        self.call("get_list", [*fields, ("sort", "filename"), ("hidden_file", 1)])

    def remove(self, path: str) -> None:
        above, _slash, name = path.rpartition("/")
        self.call("delete", [("path", above), ("file_total", 1), ("file_name", name)])


class BareFreebox(Bare):
    """Freebox OS API: login, file system."""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The result of one call."""
        answer = self.http.request(method, f"{self.api}{path}", json=body).json()
        assert answer["success"], answer
        return answer.get("result")

    def login(self) -> None:
        about = self.http.get(f"{self.url}/api_version").json()
        self.api = f"{self.url}{about['api_base_url']}v{about['api_version'].partition('.')[0]}/"
        challenge = self.call("GET", "login/")["challenge"]
        proof = hmac.new(PASSWORD.encode(), challenge.encode(), hashlib.sha1).hexdigest()
        found = self.call("POST", "login/session/", {"app_id": USER, "password": proof})
        self.http.headers["X-Fbx-App-Auth"] = found["session_token"]

    @staticmethod
    def coded(path: str) -> str:
        """A path as the box wants it."""
        return base64.b64encode(path.encode()).decode()

    def make(self, paths: Sequence[str]) -> None:
        for path in paths:
            above, _slash, name = path.rpartition("/")
            self.call("POST", "fs/mkdir/", {"parent": self.coded(above), "dirname": name})

    def list(self, path: str) -> None:
        self.call("GET", f"fs/ls/{self.coded(path)}")

    def remove(self, path: str) -> None:
        task = self.call("POST", "fs/rm/", {"files": [self.coded(path)]})
        while self.call("GET", f"fs/tasks/{task['id']}")["state"] not in ("done", "failed"):
            time.sleep(0.005)
        self.call("DELETE", f"fs/tasks/{task['id']}")


BARE: dict[str, type[Bare]] = {"synology": BareSynology, "qnap": BareQnap, "freebox": BareFreebox}
