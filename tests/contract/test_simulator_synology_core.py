# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated control panel of a Synology: shared folders, rights, accounts, groups, volumes, as devices were seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("aiohttp")
local = pytest.importorskip("tests.support.local")

CORE = "SYNO.Core."
FS = "SYNO.FileStation."
SHARE, RIGHTS, USER, GROUP = CORE + "Share", CORE + "Share.Permission", CORE + "User", CORE + "Group"


class Panel:
    """One session of a client that calls the control panel as seen: a form, each value as JSON, the token along."""

    def __init__(self, nas: Any, account: str = local.USER, password: str = local.PASSWORD, **login: Any) -> None:
        self.nas = nas
        self.http = requests.Session()
        self.token = ""
        self.sid = ""
        version = login.pop("version", 7)
        asked = {"account": account, "passwd": password, "format": "sid", "enable_syno_token": "yes", **login}
        self.login = self.send({"api": "SYNO.API.Auth", "method": "login", "version": version, **asked}).json()
        if self.login["success"]:
            self.sid, self.token = self.login["data"]["sid"], self.login["data"].get("synotoken", "")

    def send(self, fields: dict[str, Any]) -> requests.Response:
        headers = {"X-SYNO-TOKEN": self.token} if self.token else {}
        url = f"{self.nas.url}/webapi/entry.cgi"
        params = {"_sid": self.sid} if self.sid else {}
        return self.http.post(url, params=params, data=fields, headers=headers, timeout=30)

    def reply(self, api: str, method: str, version: int = 1, **params: Any) -> requests.Response:
        quoted = {name: json.dumps(value) for name, value in params.items()}
        return self.send({"api": api, "method": method, "version": version, **quoted})

    def raw(self, api: str, method: str, version: int = 1, **params: str) -> dict[str, Any]:
        """Values as they are, not quoted."""
        return dict(self.send({"api": api, "method": method, "version": version, **params}).json())

    def data(self, api: str, method: str, version: int = 1, **params: Any) -> Any:
        answer = self.reply(api, method, version, **params).json()
        assert answer["success"], answer
        return answer.get("data")

    def code(self, api: str, method: str, version: int = 1, **params: Any) -> int:
        answer = self.reply(api, method, version, **params).json()
        assert not answer["success"], answer
        return int(answer["error"]["code"])

    # -- what most tests do

    def make_share(self, name: str, **info: Any) -> None:
        info = {"name": name, "name_org": "", "vol_path": "/volume1", **info}
        assert self.data(SHARE, "create", name=name, shareinfo=info) == {"name": name}

    def refused_share(self, name: str, **info: Any) -> int:
        info = {"name": name, "name_org": "", "vol_path": "/volume1", **info}
        return self.code(SHARE, "create", name=name, shareinfo={k: v for k, v in info.items() if v is not None})

    def change_share(self, name: str, **info: Any) -> None:
        info = {"name": name, "name_org": name, "vol_path": "/volume1", **info}
        self.data(SHARE, "set", name=name, shareinfo=info)

    def refused_change(self, name: str, **info: Any) -> int:
        info = {"name": name, "name_org": name, "vol_path": "/volume1", **info}
        return self.code(SHARE, "set", name=name, shareinfo={k: v for k, v in info.items() if v is not None})

    def make_user(self, name: str, **more: Any) -> int:
        return int(self.data(USER, "create", name=name, password="Pw-of-" + name, **more)["uid"])

    def allow(self, share: str, name: str, right: str, kind: str = "local_user") -> None:
        flags = {f"is_{flag}": flag == right for flag in ("readonly", "writable", "deny", "custom")}
        self.data(RIGHTS, "set", name=share, user_group_type=kind, permissions=[{"name": name, **flags}])

    def shares(self) -> list[str]:
        """What File Station shows."""
        return [share["name"] for share in self.data(FS + "List", "list_share", 2)["shares"]]

    def upload(self, folder: str, name: str = "f", content: bytes = b"x") -> int:
        """0, or the code."""
        url = {"api": FS + "Upload", "version": "2", "method": "upload", "_sid": self.sid, "SynoToken": self.token}
        fields = {"path": folder, "overwrite": "true"}
        answer = self.http.post(
            f"{self.nas.url}/webapi/entry.cgi", params=url, data=fields, files={"file": (name, content)}, timeout=30
        ).json()
        return 0 if answer["success"] else int(answer["error"]["code"])

    def looks(self, folder: str) -> int:
        """0 when a folder can be listed, or the code."""
        answer = self.reply(FS + "List", "list", 2, folder_path=folder).json()
        return 0 if answer["success"] else int(answer["error"]["code"])

    def as_user(self, name: str) -> Panel:
        return Panel(self.nas, name, "Pw-of-" + name)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """A function that starts a device; `profile=`, `shares=`, and the vendor's settings."""
    with ExitStack() as stack:

        def run(profile: str = "dsm72", shares: tuple[str, ...] = ("public",), **options: str) -> Any:
            root = tmp_path / f"nas{len(list(tmp_path.iterdir()))}"
            return stack.enter_context(
                local.LocalDevice("synology", root, profile=profile, shares=shares, options=options)
            )

        yield run


def test_file_station_sees_what_the_control_panel_makes(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("Team", desc="for all", enable_recycle_bin=True, recycle_bin_admin_only=True, share_quota=1)
    assert nas.tree() == {"/public": None, "/Team": None, "/Team/#recycle": None}
    assert panel.shares() == ["public", "Team"]
    listed = panel.data(SHARE, "list", shareType="all", offset=0, limit=-1)
    assert [row["name"] for row in listed["shares"]] == ["public", "Team"] and listed["total"] == 2
    assert set(listed["shares"][1]) == {"desc", "is_usb_share", "name", "uuid", "vol_path"}
    row = panel.data(SHARE, "get", name="Team", additional=["recyclebin", "share_quota", "hidden", "no such word"])
    assert row["enable_recycle_bin"] and row["recycle_bin_admin_only"] and row["quota_value"] == 1 and not row["hidden"]
    assert panel.upload("/Team", content=b"x" * (1 << 20)) == 0
    assert panel.upload("/Team", "g") == 415
    link = panel.data(FS + "Sharing", "create", 3, path="/Team/f")["links"][0]["url"]
    assert requests.get(link, timeout=30).status_code == 200
    assert panel.data(SHARE, "delete", name=["Team"]) == {}
    assert nas.tree() == {"/public": None} and panel.shares() == ["public"]
    assert panel.code(SHARE, "get", name="Team") == 402
    panel.make_share("Team")
    assert panel.upload("/Team") == 0
    assert requests.get(link, timeout=30).status_code == 404, "a deleted share ends its links"
    assert panel.data(FS + "Sharing", "list", 3)["links"] == []


def test_an_account_may_do_what_its_rules_and_its_groups_say(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("team")
    assert panel.upload("/team") == 0, "administrators have access anyway"
    assert panel.make_user("alice") == 1026
    panel.data(GROUP, "create", name="staff", description="")
    alice = panel.as_user("alice")
    assert (alice.shares(), alice.looks("/team"), alice.upload("/team"), alice.looks("/public")) == ([], 407, 407, 407)
    panel.allow("team", "alice", "readonly")
    assert (alice.shares(), alice.looks("/team"), alice.upload("/team")) == (["team"], 0, 407)
    assert alice.code(FS + "CreateFolder", "create", 2, folder_path="/team", name="d") == 1100
    panel.data(GROUP + ".Member", "change", group="staff", add_member=["alice"], remove_member=[])
    panel.allow("team", "staff", "writable", "local_group")
    assert alice.upload("/team") == 0, "write before read"
    task = alice.data(FS + "Delete", "start", 2, path=["/team/f"])["taskid"]
    while not (told := alice.data(FS + "Delete", "status", 2, taskid=task))["finished"]:
        pass
    assert "errors" not in told and "/team/f" not in nas.tree()
    panel.allow("team", "alice", "none")
    assert alice.upload("/team") == 0, "the group's right is left"
    panel.allow("team", "staff", "readonly", "local_group")
    assert (alice.looks("/team"), alice.upload("/team")) == (0, 407)
    task = alice.data(FS + "Delete", "start", 2, path=["/team/f"])["taskid"]
    while not (told := alice.data(FS + "Delete", "status", 2, taskid=task))["finished"]:
        pass
    assert [error["code"] for error in told["errors"]] == [407] and "/team/f" in nas.tree()
    panel.allow("team", "alice", "deny")
    assert (alice.shares(), alice.looks("/team")) == ([], 407), "deny before all"
    panel.allow("team", "alice", "writable")
    panel.data(GROUP, "delete", name=["staff"])
    assert alice.upload("/team") == 0
    rows = panel.data(RIGHTS, "list", name="team", user_group_type="local_user", with_inherit=True)["items"]
    assert [(row["name"], row["is_admin"], row["is_writable"]) for row in rows] == [
        ("admin", True, False),
        ("alice", False, True),
        ("guest", False, False),
    ]
    assert [row["inherit"] for row in rows] == ["-", "-", "-"]
