# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology's control panel: its sessions, what it is asked, and what its answers mean."""

from __future__ import annotations

import json

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.administration import (
    Account,
    AccountValues,
    Rule,
    SharedFolder,
    SharedFolderValues,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._synology import control_panel
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    TOKEN,
    Answer,
    Dsm,
    Fail,
    client,
    dsm7,
    fails,
    serving,
)

CORE = (
    "Group",
    "Group.Member",
    "Share",
    "Share.Permission",
    "Storage.Disk",
    "Storage.Volume",
    "Upgrade.Server",
    "User",
)
USERS = {"users": [{"name": "anna", "uid": "1026", "description": "", "email": "", "expired": "normal"}], "total": 1}


@pytest.fixture
def waits(monkeypatch):
    """The seconds that the client would have waited for a busy device."""
    seconds = []
    monkeypatch.setattr(control_panel, "pause", seconds.append)
    return seconds


@pytest.fixture
def dsm():
    core = {
        f"SYNO.Core.{name}": {"path": "entry.cgi", "minVersion": 1, "maxVersion": 1, "requestFormat": "JSON"}
        for name in CORE
    }
    return Dsm({**dsm7(), **core}).on("SYNO.Core.User/list", USERS)


@pytest.fixture
def port(dsm):
    with serving(dsm) as found:
        yield found


def logins(dsm):
    return [asked.params for asked in dsm.of("SYNO.API.Auth/login")]


def test_these_calls_have_a_session_of_their_own(dsm, port):
    dsm.on("List/list_share", {"shares": [], "total": 0, "offset": 0}).on("SYNO.API.Auth/logout", None)
    nas = client(port)
    nas.accounts.users()
    nas.files.shares()
    nas.accounts.users()
    first, second = logins(dsm)
    assert "session" not in first
    assert (first["version"], first["enable_syno_token"], second["session"]) == ("7", "yes", "FileStation")
    asked = dsm.of("SYNO.Core.User/list")[0]
    assert asked.headers["X-SYNO-TOKEN"].encode("latin-1").decode() == TOKEN
    assert asked.headers["Cookie"] == f"id={asked.params['_sid']}"
    assert "_sid" not in asked.query
    assert asked.json("additional") == ["description", "email", "expired", "uid"]
    # Both are ended, each in its own words.
    assert nas.logout()
    ended = [asked.params.get("session") for asked in dsm.of("SYNO.API.Auth/logout")]
    assert sorted(ended, key=str) == ["FileStation", None]
    nas.close()


def test_a_session_that_was_handed_on_is_used_where_there_is_no_password(dsm, port):
    session = client(port).login()
    nas = client(port, session=session, username="", password="")
    assert [user.name for user in nas.accounts.users()] == ["anna"]
    dsm.on("SYNO.Core.User/list", Fail(105))
    error = fails(Kind.PERMISSION_DENIED, nas.accounts.users)
    assert "administrators" in error.hint
    assert "nas_password" in error.hint
    assert dsm.logins == 1


def test_one_code_is_enough_for_both_sessions(dsm, port):
    def login(asked):
        code, token = asked.params.get("otp_code"), asked.params.get("device_id")
        if code == "123456" or token == "d1":
            dsm.logins += 1
            return {"sid": f"s{dsm.logins}", "synotoken": "t", "device_id": "d1"}
        return Fail(403)

    dsm.on("SYNO.API.Auth/login", login).on("List/list_share", {"shares": [], "total": 0, "offset": 0})
    for first, second in (("accounts", "files"), ("files", "accounts")):
        nas = client(port, otp_code="123456")
        calls = {"accounts": lambda nas=nas: nas.accounts.users(), "files": lambda nas=nas: nas.files.shares()}
        calls[first]()
        calls[second]()
        assert nas.warnings == []


@pytest.mark.parametrize("code", [105, 119])
def test_who_is_no_administrator_gets_that_as_the_error(dsm, port, code):
    dsm.on("SYNO.Core.User/list", Fail(code))
    nas = client(port)
    error = fails(Kind.PERMISSION_DENIED, nas.accounts.users)
    assert "group administrators" in error.hint
    # The word that also means an unknown session is taken at its word in a new one only.
    assert dsm.logins == 1
    error = fails(Kind.PERMISSION_DENIED, nas.accounts.users)
    assert dsm.logins == (2 if code == 119 else 1)


def test_a_session_that_has_ended_is_renewed(dsm, port):
    for code in (119, 106):
        nas = client(port)
        dsm.on("SYNO.Core.User/list", USERS, Fail(code), USERS)
        before = dsm.logins
        nas.accounts.users()
        assert nas.accounts.users()
        assert dsm.logins == before + 2


def test_a_change_waits_for_others(dsm, port, waits):
    dsm.on("SYNO.Core.Share/create", Fail(3328), Fail(3328), {"name": "a"})
    client(port).shared_folders.create("a", SharedFolderValues(volume="/volume1"))
    assert waits == [0.5, 1.0]
    del waits[:]
    dsm.on("SYNO.Core.Share/create", Fail(3328))
    fails(Kind.BUSY, lambda: client(port).shared_folders.create("a", SharedFolderValues(volume="/volume1")))
    assert sum(waits) < 60
    del waits[:]
    dsm.on("SYNO.Core.Share/create", Fail(3300))
    fails(Kind.INVALID_ARGUMENT, lambda: client(port).shared_folders.create("a", SharedFolderValues(volume="/volume1")))
    assert len(waits) == 2


def test_a_device_without_these_calls(dsm, port):
    dsm.apis = dsm7()
    fails(Kind.UNSUPPORTED, client(port).accounts.users)


@pytest.mark.parametrize(
    ("expired", "disabled", "expires"),
    [("normal", False, ""), ("now", True, ""), ("2027/1/5", False, "2027-01-05"), (None, None, None)],
)
def test_accounts(dsm, port, expired, disabled, expires):
    row = {"name": "x", "uid": 1030, "2fa_status": False, "expired": expired}
    dsm.on("SYNO.Core.User/list", {"users": [row, {"name": "admin"}, {"name": "guest", "uid": "1025"}]})
    found, admin, guest = client(port).accounts.users()
    assert (found.id, found.disabled, found.expires, found.built_in) == (1030, disabled, expires, False)
    assert (admin.built_in, admin.id, guest.built_in, guest.id) == (True, None, True, 1025)


@pytest.mark.parametrize(
    "users",
    [None, "x", [{"name": ""}], [{"name": "x", "expired": "soon"}], [{"name": "x", "uid": []}], [{"name": 5}]],
)
def test_accounts_that_make_no_sense(dsm, port, users):
    dsm.on("SYNO.Core.User/list", {"users": users})
    fails(Kind.PROTOCOL, client(port).accounts.users)


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        (AccountValues(), {}),
        (AccountValues(description="", email="a@b"), {"description": '""', "email": '"a@b"'}),
        (AccountValues(disabled=True), {"expired": '"now"'}),
        (AccountValues(disabled=False), {"expired": '"normal"'}),
        (AccountValues(expires=""), {"expired": '"normal"'}),
        (AccountValues(expires="2027-01-05", disabled=False), {"expired": '"2027/1/5"'}),
        (AccountValues(new_name="y"), {"new_name": '"y"'}),
    ],
)
def test_an_account_is_edited_by_what_changes(dsm, port, values, sent):
    dsm.on("SYNO.Core.User/set", {"name": "x"})
    client(port).accounts.edit_user(Account("x"), values)
    (asked,) = dsm.of("SYNO.Core.User/set")
    reported = {key: value for key, value in asked.params.items() if key not in ("api", "version", "method", "_sid")}
    assert reported == {"name": '"x"', "new_name": '"x"', **sent}


def test_names_are_sent_as_lists_where_the_device_wants_them(dsm, port):
    for call in ("User/delete", "Group/delete", "Share/delete"):
        dsm.on(f"SYNO.Core.{call}", {"errors": [3102]})
    dsm.on("SYNO.Core.Group.Member/change", None)
    nas = client(port)
    nas.accounts.delete_user("2024")
    nas.accounts.delete_group("a, b")
    nas.shared_folders.delete("true")
    nas.accounts.change_members("staff", ["anna"], [])
    reported = [dsm.of(f"SYNO.Core.{name}/delete")[0].json("name") for name in ("User", "Group", "Share")]
    assert reported == [["2024"], ["a, b"], ["true"]]
    (asked,) = dsm.of("SYNO.Core.Group.Member/change")
    assert (asked.json("add_member"), asked.json("remove_member")) == (["anna"], [])


def test_a_shared_folder_is_made_and_changed_by_an_object(dsm, port):
    dsm.on("SYNO.Core.Share/create", {"name": "a"}).on("SYNO.Core.Share/set", {})
    folders = client(port).shared_folders
    values = SharedFolderValues("/volume1", "d", quota=10 * 1024**3, compression=True, encryption_password="S3CRET")
    folders.create("a", values)
    (asked,) = dsm.of("SYNO.Core.Share/create")
    assert asked.json("shareinfo") == {
        "name": "a",
        "vol_path": "/volume1",
        "desc": "d",
        "name_org": "",
        "share_quota": 10240,
        "enable_share_compress": True,
        "encryption": 1,
        "enc_passwd": "S3CRET",
    }
    folders.edit(SharedFolder("a", "/a", "/volume1"), SharedFolderValues(hidden=True))
    (asked,) = dsm.of("SYNO.Core.Share/set")
    assert asked.json("shareinfo") == {"name": "a", "name_org": "a", "vol_path": "/volume1", "hidden": True}


def test_shared_folders(dsm, port):
    row = {"name": "Data", "vol_path": "/volume1", "desc": "", "enable_recycle_bin": True, "quota_value": 10240}
    full = {**row, "recycle_bin_admin_only": False, "encryption": 1, "is_aclmode": True, "enable_share_cow": True}
    rows = [full, {**row, "name": "homes", "encryption": False}, {**row, "name": "usb", "is_usb_share": True}]
    dsm.on("SYNO.Core.Share/list", {"shares": rows, "total": 3})
    data, homes, usb = client(port).shared_folders.list()
    assert (data.quota, data.encrypted, data.checksums, data.compression) == (10 * 1024**3, True, True, False)
    assert (homes.encrypted, homes.built_in, usb.built_in, data.built_in) == (False, True, True, False)
    assert dsm.of("SYNO.Core.Share/list")[0].json("additional")[0] == "hidden"


def rule(name, **flags):
    return {"name": name, "is_readonly": False, "is_writable": False, "is_deny": False, "is_custom": False, **flags}


def test_what_is_not_to_be_overwritten_comes_first_and_then_what_is_refused(dsm, port):
    rows = [
        rule("none"),
        rule("read", is_readonly=True),
        rule("write", is_readonly=True, is_writable=True),
        rule("custom", is_writable=True, is_deny=True, is_custom=True),
        rule("deny", is_deny=True, is_writable=True, is_mask=True, is_admin=True),
    ]
    dsm.on("SYNO.Core.Share.Permission/list", {"items": rows, "total": 5})
    found = client(port).share_permissions.principals("Data", ["user"])
    assert [one.name for one in found] == [one.access for one in found]
    assert (found[-1].masked, found[-1].administrator) == (True, True)


def test_what_decides_beside_simple_rights(dsm, port):
    rows = [rule("boss", is_custom=True, is_admin=True), rule("anna", is_custom=True), rule("bert", is_deny=True)]
    dsm.on("SYNO.Core.Share.Permission/list", {"items": rows, "total": 3})
    permissions = client(port).share_permissions
    words = "the rule of {0} 'anna' is a Windows ACL made by hand"
    assert permissions.more_rules("Data", []) == [words.format("account"), words.format("group")]
    # What the caller knows is not asked for again, and is what counts.
    known = [Rule("user", "anna", "read"), Rule("user", "anna", "custom", "ldap")]
    assert permissions.more_rules("Data", known) == [words.format("account"), words.format("group")]
    asked = [one.json("user_group_type") for one in dsm.of("SYNO.Core.Share.Permission/list")]
    assert asked == ["local_user", "local_group", "local_group"]


def test_a_directory_that_nobody_joined_has_no_names(dsm, port):
    dsm.on("SYNO.Core.Share.Permission/list", Fail(403))
    permissions = client(port).share_permissions
    assert permissions.principals("Data", ["user", "group"], "ldap") == []
    fails(Kind.INVALID_ARGUMENT, lambda: permissions.principals("Data", ["user"]))


def test_rules_are_written_by_type(dsm, port):
    dsm.on("SYNO.Core.Share.Permission/set", {})
    rules = [Rule("user", "anna", "read"), Rule("group", "staff", "none"), Rule("user", "bert", "deny", "ldap")]
    client(port).share_permissions.set("Data", rules)
    asked = dsm.of("SYNO.Core.Share.Permission/set")
    types = [one.json("user_group_type") for one in asked]
    assert types == ["local_user", "local_group", "ldap_user"]
    assert json.loads(asked[0].params["permissions"]) == [rule("anna", is_readonly=True)]
    assert json.loads(asked[1].params["permissions"]) == [rule("staff")]


def test_volumes_disks_and_updates(dsm, port):
    volume = {"volume_path": "/volume1", "fs_type": "btrfs", "size_total_byte": "100", "size_free_byte": "40"}
    disk = {"id": "sda", "name": "Drive 1", "model": "ST4000 ", "temp": 34, "size_total": "4000", "status": "normal"}
    dsm.on("SYNO.Core.Storage.Volume/list", {"volumes": [volume]})
    dsm.on("SYNO.Core.Storage.Disk/list", {"disks": [disk]})
    dsm.on("SYNO.Core.Upgrade.Server/check", {"available": True}, {"update": {"available": False}})
    nas = client(port)
    (found,) = nas.storage.volumes()
    assert (found.id, found.name, found.size, found.free) == ("/volume1", "volume1", 100, 40)
    assert dsm.of("SYNO.Core.Storage.Volume/list")[0].json("location") == "internal"
    (found,) = nas.storage.disks()
    assert (found.model, found.temperature, found.size, found.smart) == ("ST4000", 34, 4000, None)
    assert [nas.updates.offered().available for _time in range(2)] == [True, False]


def test_an_answer_that_is_none(dsm, port):
    dsm.on("SYNO.Core.User/list", Answer(b"<html>"))
    fails(Kind.PROTOCOL, client(port).accounts.users)
