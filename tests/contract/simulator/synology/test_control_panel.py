# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated control panel of a Synology: shared folders, rights, accounts, groups and volumes as seen."""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.support import local
from tests.support.tls import self_signed

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
        url = f"{self.nas.url}/webapi/{'auth' if fields['api'] == 'SYNO.API.Auth' else 'entry'}.cgi"
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

    def change_share(self, share: str, /, **info: Any) -> None:
        info = {"name": share, "name_org": share, "vol_path": "/volume1", **info}
        self.data(SHARE, "set", name=share, shareinfo=info)

    def refused_change(self, share: str, /, **info: Any) -> int:
        info = {"name": share, "name_org": share, "vol_path": "/volume1", **info}
        return self.code(SHARE, "set", name=share, shareinfo={k: v for k, v in info.items() if v is not None})

    def make_user(self, name: str, **more: Any) -> int:
        return int(self.data(USER, "create", name=name, password="Pw-of-" + name, **more)["uid"])

    def allow(self, share: str, name: str, right: str, principal_type: str = "local_user") -> None:
        flags = {f"is_{flag}": flag == right for flag in ("readonly", "writable", "deny", "custom")}
        self.data(RIGHTS, "set", name=share, user_group_type=principal_type, permissions=[{"name": name, **flags}])

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

    def reads(self, folder: str) -> int:
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
    assert ([row["name"] for row in listed["shares"]], listed["total"]) == (["public", "Team"], 2)
    assert set(listed["shares"][1]) == {"desc", "is_usb_share", "name", "uuid", "vol_path"}
    row = panel.data(SHARE, "get", name="Team", additional=["recyclebin", "share_quota", "hidden", "no such word"])
    assert (row["enable_recycle_bin"], row["recycle_bin_admin_only"]) == (True, True)
    assert (row["quota_value"], row["hidden"]) == (1, False)
    assert panel.upload("/Team", content=b"x" * (1 << 20)) == 0
    assert panel.upload("/Team", "g") == 415
    link = panel.data(FS + "Sharing", "create", 3, path="/Team/f")["links"][0]["url"]
    assert requests.get(link, timeout=30).status_code == 200
    assert panel.data(SHARE, "delete", name=["Team"]) == {}
    assert nas.tree() == {"/public": None}
    assert panel.shares() == ["public"]
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
    assert (alice.shares(), alice.reads("/team"), alice.upload("/team"), alice.reads("/public")) == ([], 407, 407, 407)
    panel.allow("team", "alice", "readonly")
    assert (alice.shares(), alice.reads("/team"), alice.upload("/team")) == (["team"], 0, 407)
    assert alice.code(FS + "CreateFolder", "create", 2, folder_path="/team", name="d") == 1100
    panel.data(GROUP + ".Member", "change", group="staff", add_member=["alice"], remove_member=[])
    panel.allow("team", "staff", "writable", "local_group")
    assert alice.upload("/team") == 0, "write before read"
    task = alice.data(FS + "Delete", "start", 2, path=["/team/f"])["taskid"]
    while not (reported := alice.data(FS + "Delete", "status", 2, taskid=task))["finished"]:
        pass
    assert "errors" not in reported
    assert "/team/f" not in nas.tree()
    panel.allow("team", "alice", "none")
    assert alice.upload("/team") == 0, "the group's right is left"
    panel.allow("team", "staff", "readonly", "local_group")
    assert (alice.reads("/team"), alice.upload("/team")) == (0, 407)
    task = alice.data(FS + "Delete", "start", 2, path=["/team/f"])["taskid"]
    while not (reported := alice.data(FS + "Delete", "status", 2, taskid=task))["finished"]:
        pass
    assert [error["code"] for error in reported["errors"]] == [407]
    assert "/team/f" in nas.tree()
    panel.allow("team", "alice", "deny")
    assert (alice.shares(), alice.reads("/team")) == ([], 407), "deny before all"
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


def test_who_may_only_read_changes_nothing(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    for share in ("team", "mine"):
        panel.make_share(share)
    panel.make_user("alice")
    panel.allow("team", "alice", "readonly")
    panel.allow("mine", "alice", "writable")
    assert panel.upload("/team") == 0
    before = {path: content for path, content in nas.tree().items() if path.startswith("/team")}
    alice = panel.as_user("alice")

    def ends(api: str, version: int, **params: Any) -> Any:
        """The last answer of a task, or the refusal to start it."""
        began = alice.reply(FS + api, "start", version, **params).json()
        if not began["success"]:
            return began["error"]
        while True:
            reported = alice.reply(FS + api, "status", version, taskid=began["data"]["taskid"]).json()
            if not reported["success"] or reported["data"]["finished"]:
                return reported.get("error") or reported["data"]

    assert alice.upload("/team") == 407
    assert alice.code(FS + "Rename", "rename", 2, path="/team/f", name="g") == 1200
    assert alice.code(FS + "CheckPermission", "write", 3, path="/team", filename="g") == 407
    assert [error["code"] for error in ends("Delete", 2, path=["/team/f"])["errors"]] == [407]
    copied = ends("CopyMove", 3, path=["/team/f"], dest_folder_path="/mine")
    assert (copied["status"], nas.tree()["/mine/f"]) == ("PROCESSING", b"x")
    assert ends("CopyMove", 3, path=["/mine/f"], dest_folder_path="/team")["code"] == 1002
    moved = ends("CopyMove", 3, path=["/team/f"], dest_folder_path="/mine", remove_src=True, overwrite=True)
    assert [error["code"] for error in moved["errors"]] == [407]
    packed = ends("Compress", 3, path=["/mine/f"], dest_file_path="/team/a.zip")
    assert 407 in [packed.get("code"), *[error["code"] for error in packed.get("errors", [])]]
    assert {path: content for path, content in nas.tree().items() if path.startswith("/team")} == before
    found = alice.data(FS + "List", "list_share", 2, additional=["perm"])["shares"]
    assert [(row["name"], row["additional"]["perm"]["share_right"]) for row in found] == [
        ("mine", "RW"),
        ("team", "RO"),
    ]
    assert [row["name"] for row in alice.data(FS + "List", "list_share", 2, onlywritable=True)["shares"]] == ["mine"]


# -- shared folders


def test_what_a_device_refuses_of_a_share(start: Any) -> None:
    panel = Panel(start(stray_folders="old", file_systems="volume1:btrfs,volume2:ext4,volume3:btrfs"))
    assert panel.code(SHARE, "create", name="x", vol_path="/volume1", desc="") == 403, "flat parameters"
    assert panel.raw(SHARE, "create", name="x", shareinfo="name=x")["error"]["code"] == 403
    assert panel.refused_share("x", vol_path=None) == 403
    assert panel.refused_share("x", hidden="True") == 403
    assert panel.refused_share("x", share_quota="ten") == 403
    assert panel.refused_share("x", vol_path="/volume1/below") == 3300
    assert panel.refused_share("x", vol_path="/volume9") == 3300
    assert panel.refused_share("x", desc="d" * 65) == 3300
    assert panel.refused_share("x", enable_recycle_bin=False, recycle_bin_admin_only=True) == 3300
    assert panel.refused_share("x", enable_share_compress=True) == 3300, "compression needs checksums"
    assert panel.refused_share("PUBLIC") == 3301
    assert panel.refused_share("x", name_org="public") == 3301
    assert panel.refused_share("Old") == 3312
    assert panel.refused_share("Photo") == 3319
    assert panel.refused_share("a/b") == 3305
    assert panel.refused_share(" ") == 3305
    assert panel.refused_share("x", encryption=1, enc_passwd="short") == 3344
    panel.make_share("d", desc="d" * 64)
    assert panel.code(SHARE, "delete", name=["d", "no such share"]) == 402
    assert panel.code(SHARE, "get", name="x") == 402
    assert panel.code(SHARE, "set", name="x", shareinfo={"name": "x", "vol_path": "/volume1"}) == 402
    assert panel.refused_change("d", vol_path=None) == 403
    assert panel.refused_change("d", vol_path="/volume3") == 3300
    assert panel.refused_change("d", name="public") == 3301
    assert panel.shares() == ["d", "public"]


@pytest.mark.parametrize(("profile", "needed"), [("dsm6", False), ("dsm71", True), ("dsm72", False), ("dsm73", False)])
def test_only_7_1_needs_the_old_name_of_a_new_share(start: Any, profile: str, needed: bool) -> None:
    panel = Panel(start(profile), version=6 if profile == "dsm6" else 7)
    answer = panel.reply(SHARE, "create", name="x", shareinfo={"name": "x", "vol_path": "/volume1"}).json()
    assert answer.get("error", {}).get("code") == (403 if needed else None)


def test_a_change_of_a_share_is_partial_and_ignores_what_only_a_creation_sets(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("a", desc="one", hidden=True)
    panel.make_share("b", enable_share_cow=True, enable_share_compress=True)
    words = ["hidden", "recyclebin", "share_quota", "enable_share_cow", "enable_share_compress", "is_aclmode"]
    panel.change_share("A", name="a", enable_share_cow=True, enable_share_compress=True, share_quota="64")
    row = panel.data(SHARE, "get", name="a", additional=words)
    assert (row["desc"], row["hidden"], row["quota_value"], row["is_aclmode"]) == ("one", True, 64, True)
    assert not row["enable_share_cow"] | row["enable_share_compress"] | row["enable_recycle_bin"]
    panel.change_share("b", enable_share_compress=False, enable_recycle_bin=True, share_quota=0)
    row = panel.data(SHARE, "get", name="b", additional=words)
    assert (row["enable_share_cow"], row["enable_share_compress"], row["enable_recycle_bin"]) == (True, False, True)
    panel.allow("b", "guest", "readonly")
    assert panel.upload("/b") == 0
    panel.change_share("b", name="c")
    assert nas.tree() == {"/public": None, "/a": None, "/c": None, "/c/#recycle": None, "/c/f": b"x"}
    rules = panel.data(RIGHTS, "list", name="c", user_group_type="local_user", offset=0, limit=-1)["items"]
    assert [row["name"] for row in rules if row["is_readonly"]] == ["guest"]


def test_what_a_list_of_shares_tells(start: Any) -> None:
    panel = Panel(
        start(shares=("homes", "public"), file_systems="volume1:btrfs,volume2:ext4", volumes="public:volume2")
    )
    rows = panel.data(SHARE, "list", additional=["share_quota", "enable_share_cow", "encryption"])["shares"]
    assert [(row["name"], row["vol_path"]) for row in rows] == [("homes", "/volume1"), ("public", "/volume2")]
    assert "quota_value" in rows[0]
    assert not {"quota_value", "share_quota_status", "enable_share_cow"} & set(rows[1]), "not on ext4"
    assert rows[1]["encryption"] == 0
    assert panel.data(SHARE, "list", additional="hidden,encryption") == {"shares": [], "total": 0}
    assert [row["name"] for row in panel.data(SHARE, "list", shareType="user")["shares"]] == ["public"]
    assert panel.data(SHARE, "list", offset=1, limit=5)["shares"][0]["name"] == "public"
    assert panel.code(SHARE, "delete", name=["homes"]) == 3300


def test_a_clone_of_a_share_or_of_one_of_its_snapshots(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("a", share_quota=5)
    assert panel.upload("/a") == 0
    taken = panel.data(SHARE + ".Snapshot", "create", name="a", snapinfo={"desc": "", "lock": False})
    info = {"name_org": "a", "vol_path": "/volume1"}
    assert panel.data(SHARE, "clone", name="b", shareinfo={"name": "b", **info}) == {"name": "b"}
    assert panel.data(SHARE, "clone", name="c", shareinfo={"name": "c", **info}, snapshot=taken) == {"name": "c"}
    assert (nas.tree()["/b/f"], nas.tree()["/c/f"]) == (b"x", b"x")
    assert panel.data(SHARE, "get", name="b", additional=["share_quota"])["quota_value"] == 0
    for wrong in ({"snapshot": "GMT+00-2001.02.03-04.05.06"}, {"shareinfo": {**info, "name": "d", "name_org": "no"}}):
        asked = {"name": "d", "shareinfo": {"name": "d", **info}, **wrong}
        assert panel.code(SHARE, "clone", **asked) == 3300
    assert "/d" not in nas.tree()


def test_quotas_go_with_whom_and_what_they_are_for(start: Any) -> None:
    panel = Panel(start())
    quota = CORE + "Quota"

    def read(name: str, share: str) -> int:
        (volume,) = panel.data(quota, "get", name=name, support_share_quota=True)["user_quota"]
        return next(int(row["quota"]) for row in volume["shares"] if row["name"] == share)

    panel.make_user("alice")
    panel.make_share("team")
    panel.data(quota, "set", name="alice", user_quota=[{"share": "team", "quota": 32}])
    assert (read("alice", "team"), read("ALICE", "team"), read("admin", "team")) == (32, 32, 0)
    panel.data(USER, "set", name="alice", new_name="Alicia")
    panel.change_share("team", name="crew")
    assert read("Alicia", "crew") == 32
    panel.data(USER, "delete", name=["Alicia"])
    assert panel.code(quota, "get", name="Alicia", support_share_quota=True) == 5403
    panel.make_user("Alicia")
    assert read("Alicia", "crew") == 0
    assert panel.code(quota, "set", name="admin", user_quota=[{"share": "team", "quota": 1}]) == 3300


def test_shares_change_one_at_a_time(start: Any) -> None:
    nas = start(share_seconds="0.5")
    panel, other = Panel(nas), Panel(nas)
    panel.make_share("a")

    def change(client: Panel) -> Any:
        return client.reply(SHARE, "delete", name=["a"]).json()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(change, (panel, other)), key=lambda answer: bool(answer["success"]))
    assert [answer["success"] for answer in answers] == [False, True]
    assert answers[0]["error"]["code"] == 3328
    assert other.data(SHARE, "list")["total"] == 1, "reading goes on"
    hasty = Panel(start(settle_seconds="60"))
    hasty.make_share("a")
    assert hasty.refused_share("b") == 3300, "at once after another"


def test_a_full_and_a_read_only_volume_take_no_share(start: Any) -> None:
    nas = start(capacity="1000", file_systems="volume1:btrfs,volume2:btrfs", read_only_volumes="volume2")
    panel = Panel(nas)
    assert panel.refused_share("x", vol_path="/volume2") == 3314
    panel.make_share("x")
    assert panel.upload("/x", content=b"x" * 1000) == 0
    assert panel.refused_share("y") == 3320
    assert panel.data(CORE + "Storage.Volume", "list", location="all", offset=0, limit=-1)["volumes"][0][
        "size_free_byte"
    ] in {"0"}


def test_an_encrypted_share_is_seen_while_it_is_mounted(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("safe", encryption=True, enc_passwd="a long passphrase")
    assert panel.upload("/safe") == 0
    panel.data(SHARE + ".Crypto", "encrypt", name="safe")
    assert (panel.shares(), panel.reads("/safe")) == (["public"], 408)
    assert panel.data(SHARE, "get", name="safe", additional=["encryption"])["encryption"]
    assert panel.code(SHARE + ".Crypto", "decrypt", name="safe", password="another") == 3308
    panel.data(SHARE + ".Crypto", "decrypt", name="safe", password="a long passphrase")
    assert panel.reads("/safe") == 0
    assert "passphrase" not in json.dumps(nas.log)


def test_a_recycle_bin_for_administrators_takes_what_others_delete(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("team", enable_recycle_bin=True, recycle_bin_admin_only=True)
    panel.make_user("alice")
    panel.allow("team", "alice", "writable")
    alice = panel.as_user("alice")
    assert alice.upload("/team") == 0
    alice.data(FS + "Delete", "delete", 2, path="/team/f")
    assert nas.tree()["/team/#recycle/f"] == b"x"
    assert (alice.reads("/team/#recycle"), panel.reads("/team/#recycle")) == (407, 0)
    panel.change_share("team", enable_recycle_bin=False)
    assert alice.upload("/team", "g") == 0
    alice.data(FS + "Delete", "delete", 2, path="/team/g")
    assert {path for path in nas.tree() if path.startswith("/team/")} == {"/team/#recycle", "/team/#recycle/f"}


def test_folders_from_outside_are_shares_too(start: Any) -> None:
    nas = start(users="joe:pw", custom_rules="public:joe", masked_rules="late:users")
    panel, joe = Panel(nas), Panel(nas, "joe", "pw")
    assert joe.upload("/public") == 0, "accounts of the setting may write in what was there before"
    (nas.root / "late" / "#recycle").mkdir(parents=True)
    assert joe.upload("/late") == 0
    row = panel.data(SHARE, "get", name="late", additional=["recyclebin"])
    assert row["enable_recycle_bin"]
    rules = panel.data(RIGHTS, "list", name="public", user_group_type="local_user", action="find", substr="JO")["items"]
    assert [(row["name"], row["is_custom"]) for row in rules] == [("joe", True)]
    rules = panel.data(RIGHTS, "list", name="late", user_group_type="local_group")["items"]
    assert [row["name"] for row in rules if row["is_mask"]] == ["users"]
    panel.allow("late", "joe", "readonly")
    panel.allow("late", "users", "none", "local_group")
    assert (joe.reads("/late"), joe.upload("/late")) == (0, 407)


# -- rights


def test_rules_are_listed_for_everybody_and_set_for_those_that_are_named(start: Any) -> None:
    panel = Panel(start(ldap_users="zoe@dir", ldap_groups="all@dir"))
    panel.make_share("team")
    panel.make_user("alice")
    panel.make_user("bob")
    panel.allow("team", "alice", "writable")
    panel.allow("team", "bob", "deny")
    rows = panel.data(RIGHTS, "list", name="team", user_group_type="local_user", offset=0, limit=-1)
    assert rows["total"] == len(rows["items"]) == 4
    reported = {row.pop("name"): row for row in rows["items"]}
    assert set(reported["alice"]) == {"is_admin", "is_custom", "is_deny", "is_mask", "is_readonly", "is_writable"}
    assert {name: [flag for flag, on in row.items() if on] for name, row in reported.items()} == {
        "admin": ["is_admin"],
        "alice": ["is_writable"],
        "bob": ["is_deny"],
        "guest": [],
    }
    panel.allow("team", "zoe@dir", "readonly", "ldap_user")
    assert panel.data(RIGHTS, "list", name="team", user_group_type="ldap_user")["items"][0]["is_readonly"]
    assert panel.data(RIGHTS, "list", name="team", user_group_type="ldap_group")["items"][0]["name"] == "all@dir"
    panel.allow("public", "users", "readonly", "local_group")
    flags = {"is_readonly": False, "is_writable": True, "is_deny": False, "is_custom": False}
    group = {"name": "users", "user_group_type": "local_group"}
    panel.data(RIGHTS, "set_by_user_group", permissions=[{"name": "team", **flags}], **group)
    shares = panel.data(RIGHTS, "list_by_group", share_type=["local"], additional=["hidden"], **group)["shares"]
    assert [(row["name"], row["is_readonly"], row["is_writable"]) for row in shares] == [
        ("public", True, False),
        ("team", False, True),
    ]
    shares = panel.data(RIGHTS, "list_by_user", name="alice", user_group_type="local_user")["shares"]
    assert [(row["share_path"], row["inherit"], row["is_aclmode"]) for row in shares] == [
        ("/volume1/public", "ro", False),
        ("/volume1/team", "rw", True),
    ]
    for wrong, code in (
        ({"name": "nowhere"}, 402),
        ({"user_group_type": "user"}, 403),
        ({"permissions": {"name": "alice"}}, 403),
        ({"permissions": [{"name": "nobody at all"}]}, 403),
        ({"permissions": [{"name": "alice", "is_deny": "yes"}]}, 403),
    ):
        right = {"name": "team", "user_group_type": "local_user", "permissions": [{"name": "alice"}]}
        assert panel.code(RIGHTS, "set", **{**right, **wrong}) == code


def test_a_volume_without_acls_has_no_rights_to_set(start: Any) -> None:
    panel = Panel(start(no_acl="volume1"))
    panel.make_share("team")
    row = panel.data(SHARE, "get", name="team", additional=["is_support_acl", "is_aclmode"])
    assert (row["is_support_acl"], row["is_aclmode"]) == (False, False)
    right = {"name": "team", "user_group_type": "local_user"}
    assert panel.code(RIGHTS, "list", **right) == 3302
    assert panel.code(RIGHTS, "set", permissions=[{"name": "guest", "is_readonly": True}], **right) == 3302


# -- accounts


def test_accounts_are_made_changed_and_removed(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    assert panel.make_user("alice", description="A", email="a@example.org", expired="2099/01/05") == 1026
    assert panel.code(USER, "create", name="ALICE", password="x") == 3107
    assert panel.code(USER, "create", name="root", password="x") == 3108
    assert panel.code(USER, "create", name="a:b", password="x") == 3101
    assert panel.code(USER, "create", password="x") == 3103
    assert panel.code(USER, "create", name="bob") == 3103
    assert panel.code(USER, "create", name="bob", password="") == 3121
    assert panel.code(USER, "create", name="bob", password="x", expired="2099-01-05") == 3103
    raw = panel.raw(USER, "create", name="bob", password="x", cannot_chg_passwd="False")
    assert raw["error"]["code"] == 3103, "a word of Python's"
    assert panel.code(USER, "update", name="alice") == 103
    words = ["description", "email", "expired", "cannot_chg_passwd", "passwd_never_expire", "2fa_status", "uid"]
    (row,) = panel.data(USER, "get", name="alice", additional=words)["users"]
    assert row == {
        "2fa_status": False,
        "cannot_chg_passwd": False,
        "description": "A",
        "email": "a@example.org",
        "expired": "2099/1/5",
        "name": "alice",
        "passwd_never_expire": True,
        "uid": 1026,
    }
    listed = panel.data(USER, "list", type="local", offset=0, limit=-1, additional=words)
    assert [user["name"] for user in listed["users"]] == ["admin", "alice", "guest"]
    assert "cannot_chg_passwd" not in listed["users"][1]
    assert set(panel.data(USER, "list")["users"][0]) == {"name", "uid"}
    reported = panel.data(USER, "set", name="alice", new_name="alice", description="B", disabled=True)
    assert set(reported) == {"name", "password_last_change", "uid"}
    assert panel.as_user("alice").login["success"], "`disabled` is ignored"
    panel.data(USER, "set", name="alice", new_name="Alicia", password="another 1")
    assert panel.code(USER, "get", name="alice") == 3106
    assert Panel(nas, "Alicia", "another 1").login["success"]
    assert Panel(nas, "Alicia", "Pw-of-alice").login["error"]["code"] == 400
    assert panel.raw(USER, "delete", name="Alicia")["error"]["code"] == 3101, "names come as an array"
    assert panel.data(USER, "delete", name=["Alicia"]) == {"errors": [3102]}
    assert panel.code(USER, "delete", name=["Alicia"]) == 3106
    assert panel.make_user("alice") == 1027, "a number is never given again"
    assert panel.code(USER, "delete", name=["guest"]) == 3115
    assert panel.code(USER, "set", name="admin", expired="now") == 3109
    (guest,) = panel.data(USER, "get", name="guest", additional=["expired"])["users"]
    assert (guest["uid"], guest["expired"]) == (1025, "now")
    assert "Pw-of-" not in json.dumps(nas.log)
    assert "another 1" not in json.dumps(nas.log)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2030/1/5", "2030/1/5"),
        ("2030/01/05", "2030/1/5"),
        ("2030/1/05", "2030/1/5"),
        ("2030/12/31", "2030/12/31"),
        ("normal", "normal"),
        ("now", "now"),
        ("2030-01-05", 3103),
        ("2030/2/30", 3103),
        ("2030/001/5", 3103),
        ("30/1/5", 3103),
        ("٢٠٣٠/1/5", 3103),
        ("20300105", 3103),
        ("", 3103),
    ],
)
@pytest.mark.parametrize("quoted", [True, False])
def test_the_last_day_of_an_account_is_told_without_leading_zeros(
    start: Any, written: str, told: str | int, quoted: bool
) -> None:
    panel = Panel(start())
    word = json.dumps(written) if quoted else written
    made = panel.raw(USER, "create", name="alice", password="x", expired=word)
    assert made.get("error", {}).get("code", told) == told
    panel.make_user("bob")
    changed = panel.raw(USER, "set", name="bob", new_name="bob", expired=word)
    assert changed.get("error", {}).get("code", told) == told
    reported = panel.data(USER, "list", type="local", offset=0, limit=-1, additional=["expired"])["users"]
    days = {row["name"]: row["expired"] for row in reported if row["name"] in {"alice", "bob"}}
    assert days == ({"bob": "normal"} if told == 3103 else {"alice": told, "bob": told})


def test_a_text_that_is_not_quoted_is_a_text_unless_all_of_it_is_json(start: Any) -> None:
    panel = Panel(start())
    assert panel.raw(GROUP, "create", name="2024-team", description="1 of 2")["success"]
    assert panel.data(GROUP, "get", name="2024-team")["groups"][0]["description"] == "1 of 2"
    assert panel.raw(GROUP, "create", name="2024")["error"]["code"] == 3201, "a number"
    assert panel.raw(GROUP, "create", name="true")["error"]["code"] == 3201
    assert panel.raw(GROUP, "create", name='"2024"')["success"]


@pytest.mark.parametrize("expired", ["now", "2001/2/3"])
def test_an_account_that_is_off_is_refused_and_its_sessions_end(start: Any, expired: str) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_user("alice")
    alice = panel.as_user("alice")
    assert alice.reads("/public") == 407
    panel.data(USER, "set", name="alice", new_name="alice", expired=expired)
    assert alice.reads("/public") == 119
    assert panel.as_user("alice").login["error"]["code"] == 401
    assert Panel(nas, "alice", "wrong").login["error"]["code"] == 400
    panel.data(USER, "set", name="alice", new_name="alice", expired="normal")
    assert panel.as_user("alice").login["success"]


def test_the_last_administrator_stays(start: Any) -> None:
    nas = start(users="second:pw", administrators="second")
    panel = Panel(nas)
    second = Panel(nas, "second", "pw")
    assert second.data(USER, "list")["total"] == 3
    panel.data(GROUP + ".Member", "change", group="administrators", add_member=[], remove_member=["second"])
    assert second.code(USER, "list") == 105
    gone = {"group": "administrators", "add_member": [], "remove_member": ["admin"]}
    assert panel.code(GROUP + ".Member", "change", **gone) == 3210
    assert panel.code(CORE + "User.Group", "join", name="admin", leave_group=["administrators"]) == 3210


def test_the_password_policy(start: Any) -> None:
    panel = Panel(start(min_password="8"))
    assert panel.code(USER, "create", name="bob", password="seven77") == 3123
    policy = panel.data(USER + ".PasswordPolicy", "get")["strong_password"]
    assert (policy["min_length_enable"], policy["min_length"]) == (True, 8)
    policy.update(mixed_case=True, included_numeric_char=True, exclude_username=True, history_num=1)
    panel.data(USER + ".PasswordPolicy", "set", strong_password=policy)
    for weak in ("lower case 1", "Letters Only", "Bob is here 1"):
        assert panel.code(USER, "create", name="bob", password=weak) == 3123
    panel.data(USER, "create", name="bob", password="Good enough 1")
    assert panel.code(USER, "set", name="bob", new_name="bob", password="Good enough 1") == 3122


# -- groups


def test_groups_and_their_members(start: Any) -> None:
    panel = Panel(start())
    assert panel.data(GROUP, "create", name="staff", description="S") == {"gid": 65536, "name": "staff"}
    assert panel.code(GROUP, "create", name="Staff") == 3206
    assert panel.code(GROUP, "create", name="a/b") == 3208
    assert panel.code(GROUP, "get", name="nobody here") == 3205
    assert [row["name"] for row in panel.data(GROUP, "list", type="local")["groups"]] == [
        "administrators", "http", "staff", "users"
    ]  # fmt: skip
    rows = panel.data(GROUP, "list", name_only=False)["groups"]
    assert [row["gid"] for row in rows] == [101, 1023, 65536, 100]
    assert rows == panel.data(GROUP, "list", additional=["description", "gid"])["groups"]
    for name in ("alice", "bob"):
        panel.make_user(name)
    member = GROUP + ".Member"
    panel.data(member, "change", group="staff", add_member=["alice", "bob"], remove_member=[])
    panel.data(member, "change", group="staff", members=["guest"])
    listed = panel.data(member, "list", group="staff", ingroup=True, offset=0, limit=-1)
    assert [(row["name"], row["uid"]) for row in listed["users"]] == [("alice", 1026), ("bob", 1027)]
    assert [row["name"] for row in panel.data(member, "list", group="staff", ingroup=False)["users"]] == [
        "admin", "guest"
    ]  # fmt: skip
    panel.data(GROUP, "set", name="staff", new_name="people", description="P")
    assert panel.data(GROUP, "get", name="people")["groups"] == [{"description": "P", "gid": 65536, "name": "people"}]
    panel.data(member, "remove", group="people", name=["bob"])
    assert [row["name"] for row in panel.data(member, "list", group="people")["users"]] == ["alice"]
    assert panel.code(member, "change", group="people", add_member=["nobody"], remove_member=[]) == 3106
    panel.data(member, "change", group="users", add_member=[], remove_member=["bob"])
    assert "bob" in [row["name"] for row in panel.data(member, "list", group="users")["users"]], "compulsory"
    assert panel.code(GROUP, "delete", name=["users"]) == 3207
    assert panel.data(GROUP, "delete", name=["people"]) == {}
    assert panel.code(member, "list", group="people") == 3205


def test_joining_groups_is_a_task(start: Any) -> None:
    panel = Panel(start())
    panel.make_user("alice")
    for name in ("one", "two"):
        panel.data(GROUP, "create", name=name)
    task = panel.data(USER + ".Group", "join", name="alice", join_group=["one", "two"], leave_group=[])["task_id"]
    assert task.startswith("@administrators/groupbatch")
    while not (reported := panel.data(USER + ".Group", "join_status", task_id=task))["finish"]:
        pass
    assert reported["success"]
    assert set(reported["data"]) == {"name", "pid", "progress", "total", "uid"}
    assert [row["name"] for row in panel.data(GROUP + ".Member", "list", group="two")["users"]] == ["alice"]
    assert "task_id" in panel.data(USER + ".Group", "join", name="alice", join_groups=["administrators"])
    assert [row["name"] for row in panel.data(GROUP + ".Member", "list", group="administrators")["users"]] == ["admin"]


def test_7_1_keeps_no_description_of_a_group(start: Any) -> None:
    panel = Panel(start("dsm71"))
    panel.data(GROUP, "create", name="staff", description="S")
    assert panel.data(GROUP, "get", name="staff")["groups"][0]["description"] == ""


def test_names_are_the_same_in_any_case_letter_by_letter(start: Any) -> None:
    """`ß` is no `ss`: file systems and Samba compare one character with one."""
    panel = Panel(start(shares=("Straße", "Été")))
    assert (panel.reads("/STRAßE"), panel.reads("/éTé")) == (0, 0)
    assert panel.reads("/strasse") == 408
    assert (panel.refused_share("STRAßE"), panel.refused_share("éTÉ")) == (3301, 3301)
    panel.make_share("STRASSE")
    assert panel.data(SHARE, "get", name="straße")["name"] == "Straße"
    assert panel.data(SHARE, "get", name="strasse")["name"] == "STRASSE"
    panel.make_user("Weiß")
    assert panel.code(USER, "create", name="wEIß", password="x") == 3107
    panel.make_user("weiss")
    assert panel.data(USER, "get", name="WEISS")["users"][0]["name"] == "weiss"
    assert panel.data(USER, "get", name="wEIß")["users"][0]["name"] == "Weiß"
    panel.allow("straße", "WEIß", "readonly")
    rules = panel.data(RIGHTS, "list", name="Straße", user_group_type="local_user")["items"]
    assert [row["name"] for row in rules if row["is_readonly"]] == ["Weiß"]
    found = {"name": "Straße", "user_group_type": "local_user", "action": "find"}
    assert [row["name"] for row in panel.data(RIGHTS, "list", substr="EIß", **found)["items"]] == ["Weiß"]
    panel.data(GROUP, "create", name="Größe")
    assert panel.code(GROUP, "create", name="GRÖßE") == 3206
    assert panel.data(GROUP, "create", name="grösse")["name"] == "grösse"


# -- sessions


@pytest.mark.parametrize(
    ("profile", "login", "reads", "writes"),
    [
        ("dsm6", {"version": 6, "session": "DSM"}, None, None),
        ("dsm71", {"version": 6, "session": "DSM"}, None, None),
        ("dsm72", {"version": 6, "session": "DSM"}, None, 105),
        ("dsm72", {"version": 6, "session": "FileStation"}, None, 105),
        ("dsm73", {"version": 6, "session": "DSM"}, None, 105),
        ("dsm72", {"version": 3, "enable_syno_token": ""}, None, None),
        ("dsm73", {"version": 3, "enable_syno_token": ""}, None, None),
        ("dsm72", {"version": 7, "session": "FileStation"}, None, None),
        ("dsm73", {"version": 7, "session": "DSM"}, None, None),
        ("dsm72", {"version": 7, "enable_syno_token": ""}, None, 119),
        ("dsm73", {"version": 7, "enable_syno_token": ""}, 119, 403),
        ("dsm71", {"version": 7, "enable_syno_token": ""}, None, None),
    ],
)
def test_which_sessions_have_the_right(
    start: Any, profile: str, login: dict[str, Any], reads: int | None, writes: int | None
) -> None:
    panel = Panel(start(profile), **login)
    if not login.get("enable_syno_token", True):
        panel.token = ""
    info = {"name": "x", "name_org": "", "vol_path": "/volume1"}
    for code, reply in (
        (reads, panel.reply(SHARE, "list")),
        (writes, panel.reply(SHARE, "create", name="x", shareinfo=info)),
    ):
        assert reply.json().get("error", {}).get("code") == code
        assert reply.headers.get("x-request-error") == ("noprivilege" if code == 105 else None)


@pytest.mark.parametrize("profile", ["dsm6", "dsm71", "dsm72", "dsm73"])
def test_the_vendors_own_client_passes(start: Any, profile: str) -> None:
    """Its storage driver logs in with version 3 at auth.cgi, without session name or token, all by GET."""
    nas = start(profile)
    http = requests.Session()

    def get(cgi: str, api: str, method: str, version: int, **params: str) -> Any:
        fields = {"api": api, "method": method, "version": version, **params}
        answer = http.get(f"{nas.url}/webapi/{cgi}", params=fields, timeout=30).json()
        assert answer["success"], answer
        return answer.get("data")

    login = {"account": local.USER, "passwd": local.PASSWORD, "format": "sid"}
    sid = get("auth.cgi", "SYNO.API.Auth", "login", 3, **login)["sid"]
    http.cookies.clear()
    http.cookies.set("id", sid)
    info = {"name": "pvc-1", "vol_path": "/volume1", "desc": "", "enable_share_compress": False, "name_org": "",
            "enable_share_cow": False, "enable_recycle_bin": False, "recycle_bin_admin_only": False, "encryption": 0,
            "share_quota": 1024}  # fmt: skip
    get("entry.cgi", SHARE, "create", 1, name='"pvc-1"', shareinfo=json.dumps(info))
    additional = '["hidden","encryption","is_aclmode","recyclebin","support_snapshot","share_quota","enable_share_cow"]'
    row = get("entry.cgi", SHARE, "get", 1, name='"pvc-1"', additional=additional)
    assert (row["name"], row["quota_value"], row["vol_path"]) == ("pvc-1", 1024, "/volume1")
    larger = json.dumps({"name": "pvc-1", "vol_path": "/volume1", "share_quota": 2048})  # no old name, on 7.1 neither
    get("entry.cgi", SHARE, "set", 1, name='"pvc-1"', shareinfo=larger)
    row = get("entry.cgi", SHARE, "get", 1, name='"pvc-1"', additional=additional)
    assert (row["quota_value"], row["desc"]) == (2048, "")
    copied = json.dumps({**info, "name": "pvc-2", "name_org": "pvc-1"})
    assert get("entry.cgi", SHARE, "clone", 1, name='"pvc-2"', shareinfo=copied) == {"name": "pvc-2"}
    get("entry.cgi", SHARE, "delete", 1, name='["pvc-2"]')
    rule = '[{"name":"admin","is_writable":true,"is_readonly":false,"is_deny":false,"is_custom":false}]'
    get("entry.cgi", RIGHTS, "set", 1, name='"pvc-1"', user_group_type='"local_user"', permissions=rule)
    get("entry.cgi", SHARE, "delete", 1, name='["pvc-1"]')
    assert nas.tree() == {"/public": None}


def test_a_strict_device_keeps_file_station_out(start: Any) -> None:
    nas = start(core_sessions="separate")
    of_file_station, panel = Panel(nas, session="FileStation"), Panel(nas)
    assert of_file_station.code(SHARE, "list") == 105
    assert of_file_station.shares() == ["public"]
    assert panel.data(SHARE, "list")["total"] == 1
    assert panel.shares() == ["public"]


def test_a_strict_device_does_not_look_for_the_session_in_the_body(start: Any) -> None:
    nas = start(refuse_body_sid="1")
    panel = Panel(nas)
    fields = {"api": SHARE, "method": "list", "version": 1, "SynoToken": panel.token}
    place = f"{nas.url}/webapi/entry.cgi"
    assert requests.post(place, data={**fields, "_sid": panel.sid}, timeout=30).json()["error"]["code"] == 119
    assert requests.post(place, data=fields, cookies={"id": panel.sid}, timeout=30).json()["success"]
    assert panel.data(SHARE, "list")["total"] == 1


@pytest.mark.parametrize(("profile", "code"), [("dsm71", 119), ("dsm72", 105)])
def test_accounts_without_administration_rights_read_little(start: Any, profile: str, code: int) -> None:
    panel = Panel(start(profile, users="joe:pw"), "joe", "pw")
    assert panel.data(SHARE, "list")["total"] == 1
    assert panel.refused_share("x") == code
    assert panel.code(USER, "list") == 105


def test_in_which_order_a_call_is_checked(start: Any) -> None:
    nas = start(users="joe:pw")
    panel = Panel(nas, "joe", "pw")
    assert panel.code(CORE + "Shares", "fly", 9) == 102
    assert panel.code(SHARE, "fly", 9) == 104
    assert panel.code(SHARE, "fly") == 103
    assert panel.code(SHARE, "create") == 105
    reply = panel.http.post(f"{nas.url}/webapi/entry.cgi", json={"api": SHARE, "method": "list"}, timeout=30)
    assert reply.json()["error"]["code"] == 101, "a JSON body"
    old = Panel(start("dsm5"), version=4)
    assert old.code(SHARE, "list") == 102


# -- the device


def test_volumes_disks_and_updates(start: Any) -> None:
    panel = Panel(start(disks="sda:normal,sdb:warning,sdc:normal", volume_status="volume1:attention"))
    assert panel.code(CORE + "Storage.Volume", "list") == 101
    (volume,) = panel.data(CORE + "Storage.Volume", "list", location="internal", offset=0, limit=-1)["volumes"]
    assert (volume["volume_path"], volume["fs_type"], volume["status"]) == ("/volume1", "btrfs", "attention")
    assert int(volume["size_total_byte"]) >= int(volume["size_free_byte"]) > 0
    assert volume["raid_type"] == "raid_5"
    disks = panel.data(CORE + "Storage.Disk", "list", offset=0, limit=-1)["disks"]
    assert [(disk["device"], disk["status"]) for disk in disks] == [
        ("/dev/sda", "normal"), ("/dev/sdb", "warning"), ("/dev/sdc", "normal")
    ]  # fmt: skip
    whole = panel.data("SYNO.Storage.CGI.Storage", "load_info")
    assert [len(whole[key]) for key in ("disks", "storagePools", "volumes")] == [3, 1, 1]
    smart = "SYNO.Storage.CGI.Smart"
    assert [panel.code(smart, "get_health_info", device=name) for name in ("/dev/sda", "sda")] == [117, 114]
    info = panel.data(CORE + "System", "info", 3, type="firmware")
    assert info["firmware_ver"] == "DSM 7.2.2-72806"
    assert panel.data(CORE + "Upgrade.Server", "check") == {"available": False}
    assert panel.data(CORE + "Upgrade.Server", "check", 2) == {"update": {"available": False, "rss_result": "success"}}
    offered = Panel(start(update="DSM 7.3-81168")).data(CORE + "Upgrade.Server", "check", 2)["update"]
    assert (offered["available"], offered["version"]) == (True, "DSM 7.3-81168")


def test_services_are_switched(start: Any) -> None:
    panel = Panel(start())
    files = CORE + "FileServ."
    panel.data(files + "SMB", "set", 3, enable_samba=True, workgroup="TEAM")
    smb = panel.data(files + "SMB", "get", 3)
    assert (smb["workgroup"], smb["smb_max_protocol"]) == ("TEAM", 3), "the rest stays"
    assert panel.code(files + "FTP", "set", 3, enable_ftp=True) == 120, "both switches are needed"
    panel.data(files + "FTP", "set", 3, enable_ftp=True, enable_ftps=False)
    assert panel.code(files + "FTP.SFTP", "set", portnum=2222) == 120
    more = panel.data(files + "NFS.AdvancedSetting", "get")
    assert panel.code(files + "NFS.AdvancedSetting", "set", **more) == 2301
    more.update(custom_port_enable=True, unix_pri_enable=False, enable_nfs=True, read_size=16384)
    panel.data(files + "NFS.AdvancedSetting", "set", **more)
    assert panel.data(files + "NFS", "get", 3)["read_size"] == 16384
    terminal = CORE + "Terminal"
    assert panel.code(terminal, "set", enable_ssh=True) == 120
    panel.data(terminal, "set", enable_ssh=True, enable_telnet=False, ssh_port=22, forbid_console=False)
    assert panel.code(CORE + "SNMP", "set", enable_snmp=True, enable_snmp_v1v2=True) == 2202
    listed = panel.data(CORE + "Service", "get", 3, additional=["active_status"])["service"]
    assert {row["service_id"] for row in listed if row["additional"]["active_status"] == "active"} == {
        "ftp-pure", "pkg-synosamba-smbd", "ssh-shell"
    }  # fmt: skip


def test_nfs_rules_are_saved_as_a_whole_while_nfs_runs(start: Any) -> None:
    panel = Panel(start())
    api = CORE + "FileServ.NFS.SharePrivilege"
    flavors = {"sys": True, "kerberos": False, "kerberos_integrity": False, "kerberos_privacy": False}
    rule = {"client": "10.0.0.0/24", "privilege": "rw", "root_squash": "admin", "async": True, "insecure": False,
            "crossmnt": True, "security_flavor": flavors}  # fmt: skip
    assert panel.code(api, "save", share_name="public", rule=[rule]) == 2301, "NFS is off"
    panel.data(CORE + "FileServ.NFS", "set", 2, enable_nfs=True, enable_nfs_v4=False, enabled_minor_ver=0)
    assert panel.code(api, "load", share_name="x") == 2370
    assert panel.code(api, "load", sharename="public") == 2301
    panel.data(api, "save", share_name="public", rule=[rule, {**rule, "client": "*"}])
    for wrong in ({"security_flavor": "sys"}, {"security_flavor": {**flavors, "sys": False}}, {"privilege": "x"}):
        assert panel.code(api, "save", share_name="public", rule=[{**rule, **wrong}]) == 2301
    assert panel.data(api, "load", share_name="public")["rule"] == [rule, {**rule, "client": "*"}]
    panel.data(api, "save", share_name="public", rule=[])
    assert panel.data(api, "load", share_name="public") == {"rule": []}


def test_snapshots(start: Any) -> None:
    panel = Panel(start(shares=("old", "public"), file_systems="volume1:btrfs,volume2:ext4", volumes="old:volume2"))
    api = SHARE + ".Snapshot"
    assert panel.code(api, "create", name="x", snapinfo={}) == 402
    assert panel.code(api, "create", name="old", snapinfo={}) == 3300
    first = panel.data(api, "create", name="public", snapinfo={"desc": "one", "lock": False})
    second = panel.data(api, "create", name="public", snapinfo={})
    assert re.fullmatch(r"GMT[+-]\d\d-\d{4}\.\d\d\.\d\d-\d\d\.\d\d\.\d\d", first)
    assert panel.code(api, "set", name="public", snapshot=second, desc="two") == 403, "bare words"
    panel.data(api, "set", name="public", snapshot=second, snapinfo={"desc": "two"})
    rows = panel.data(api, "list", 2, name="public", offset=0, limit=-1, additional=["desc", "lock"])["snapshots"]
    assert [(row["time"], row["desc"], row["lock"]) for row in rows] == [(first, "one", False), (second, "two", True)]
    failures = panel.data(api, "delete", name="public", snapshots=[first, "gone"])
    assert [failure["snapshot"] for failure in failures] == ["gone"]
    assert panel.data(api, "list", 2, name="public")["total"] == 1


def test_certificates(start: Any, tmp_path: Path) -> None:
    nas = start(restart_seconds="0.3")
    panel = Panel(nas)
    api, crt = CORE + "Certificate", CORE + "Certificate.CRT"
    assert panel.code(api, "list") == 103
    (own,) = panel.data(crt, "list")["certificates"]
    assert (own["is_default"], own["services"][0]["service"]) == (True, "default")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    one, two = self_signed(tmp_path / "one"), self_signed(tmp_path / "two")

    def send(cert: Path, key: Path, token: str = panel.token, **words: str) -> Any:
        url = {"api": api, "method": "import", "version": "1", "_sid": panel.sid, "SynoToken": token}
        files = [("key", key.read_bytes()), ("cert", cert.read_bytes())]
        parts = [(name, (f"{name}.pem", content)) for name, content in files]
        parts += [(name, (None, value)) for name, value in words.items()]
        return requests.post(f"{nas.url}/webapi/entry.cgi", params=url, files=parts, timeout=30).json()

    assert send(one[0], two[1])["error"]["code"] == 5514
    assert send(one[1], one[1])["error"]["code"] == 5510
    assert send(*one, token="")["error"]["code"] == 103
    made = send(*one, id="", desc="first", as_default="false")["data"]
    assert made["restart_httpd"]
    with pytest.raises(requests.ConnectionError):
        panel.data(crt, "list")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(requests.ConnectionError):
            rows = panel.data(crt, "list")["certificates"]
            break
    assert [(row["id"], row["desc"], row["is_default"]) for row in rows] == [
        (own["id"], "", False),
        (made["id"], "first", True),
    ], "any word makes it the default"
    assert re.fullmatch(r"[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d \d{4} GMT", rows[1]["valid_from"])
    moved = [{"service": own["services"][0], "old_id": own["id"], "id": made["id"]}]
    panel.data(CORE + "Certificate.Service", "set", settings=moved)
    assert panel.code(crt, "delete", id=own["id"]) == 5503
    panel.data(crt, "delete", ids=[own["id"]])
    (last,) = panel.data(crt, "list")["certificates"]
    assert [service["service"] for service in last["services"]] == ["default"]
    assert "PRIVATE KEY" not in json.dumps(nas.log)


# -- log and faults


def test_the_log_names_calls_and_keeps_secrets(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    panel.make_share("safe", encryption=True, enc_passwd="hush hush hush")
    panel.raw(SHARE, "create", name="bad", shareinfo='{"name": "bad", "enc_passwd": "hush hush')
    panel.make_user("alice")
    panel.data(SHARE, "list")
    made = [(row["call"], row["writes"], row["code"]) for row in nas.log]
    assert made == [
        ("SYNO.API.Auth/login", False, None),
        ("SYNO.Core.Share/create", True, None),
        ("SYNO.Core.Share/create", True, 403),
        ("SYNO.Core.User/create", True, None),
        ("SYNO.Core.Share/list", False, None),
    ]
    assert json.loads(nas.log[1]["params"]["shareinfo"]) == {
        "enc_passwd": "***", "encryption": True, "name": "safe", "name_org": "", "vol_path": "/volume1"
    }  # fmt: skip
    assert "hush" not in json.dumps(nas.log)
    assert "Pw-of" not in json.dumps(nas.log)


def test_faults_meet_these_calls_too(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    info = {"name": "x", "name_org": "", "vol_path": "/volume1"}
    nas.faults = [{"call": "SYNO.Core.Share/create", "do": {"error": 3328}}]
    assert panel.refused_share("x") == 3328
    nas.faults = [{"call": "SYNO.Core.*", "writes": True, "do": {"vendor": "silent"}, "times": 0}]
    assert panel.data(SHARE, "create", name="x", shareinfo=info) == {"name": "x"}
    panel.make_user("alice")
    panel.data(GROUP, "create", name="staff")
    panel.change_share("public", desc="new")
    panel.allow("public", "guest", "writable")
    panel.data(SHARE, "delete", name=["public"])
    nas.faults = []
    assert nas.tree() == {"/public": None}
    assert (panel.data(USER, "list")["total"], panel.data(GROUP, "list")["total"]) == (2, 3)
    assert panel.data(SHARE, "get", name="public")["desc"] == ""
    rules = panel.data(RIGHTS, "list", name="public", user_group_type="local_user")["items"]
    assert not any(row["is_writable"] for row in rules)
    nas.faults = [{"call": "SYNO.Core.Share/create", "do": {"status": 502, "where": "after"}}]
    assert panel.reply(SHARE, "create", name="x", shareinfo=info).status_code == 502
    assert "/x" in nas.tree(), "the work was done"
    nas.faults = [{"call": "SYNO.Core.Share/create", "do": {"disk_full": {"at_bytes": 0}}}]
    assert panel.refused_share("y") == 3320
    nas.faults = [{"call": "SYNO.Core.Share/list", "do": {"vendor": "endless_list"}}]
    assert panel.data(SHARE, "list", offset=0, limit=1)["total"] > 1000
    nas.faults = [{"call": "SYNO.Core.User.Group/join", "do": {"fail_task": 3101}}]
    task = panel.data(USER + ".Group", "join", name="admin", join_group=["http"])["task_id"]
    while not (reported := panel.data(USER + ".Group", "join_status", task_id=task))["finish"]:
        pass
    assert not reported["success"]
    nas.faults = [{"call": "SYNO.Core.Group/delete", "do": {"expire_session": 119}}]
    assert panel.code(GROUP, "delete", name=["http"]) == 119


def test_faults_meet_every_call(start: Any) -> None:
    nas = start()
    panel = Panel(nas)
    listed = yaml.safe_load((Path(__file__).parents[3] / "observed_calls.yml").read_text(encoding="utf-8"))["synology"]
    calls = [row["call"] for row in listed["calls"]]
    nas.faults = [{"call": call, "do": {"error": 3328}} for call in calls]
    for call in calls:
        api, _slash, method = call.partition("/")
        assert panel.code(api, method) == 3328
        assert nas.log[-1]["call"] == call
    assert nas.acted == len(calls)
    reading = {"auth", "check", "get", "get_health_info", "info", "join_status", "list", "list_by_group",
               "list_by_user", "load", "load_info", "status", "validate_set"}  # fmt: skip
    assert {row["call"].partition("/")[2] for row in nas.log[1:] if not row["writes"]} == reading
    assert not {row["call"].partition("/")[2] for row in nas.log[1:] if row["writes"]} & reading


def test_the_list_of_observed_calls_is_what_the_simulator_answers() -> None:
    listed = yaml.safe_load((Path(__file__).parents[3] / "observed_calls.yml").read_text(encoding="utf-8"))["synology"]
    calls = importlib.import_module("tests.simulator.synology.calls").METHODS
    answered = sorted(f"{api}/{method}" for (api, method), row in calls.items() if row.control)
    assert sorted(row["call"] for row in listed["calls"]) == answered
    assert listed["vendor"] == "synology"
    assert all(set(row) == {"by", "call", "section", "seen"} for row in listed["calls"])
