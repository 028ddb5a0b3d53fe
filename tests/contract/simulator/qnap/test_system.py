# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP's system calls on the wire, as they were observed on QTS 5.1.9: accounts, groups, shares, rights,
volumes, disks, firmware, power; and that File Station and the login see what they did."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
import yaml

from tests.simulator.qnap import control
from tests.support.devices import PASSWORD, ROOT
from tests.support.local import LocalDevice

SECRET = "pâss+/=&% 汉"
ADMIN = {"type": 0, "refresh": 0, "lower": 0, "upper": 1000, "filter": ""}
EVERYTHING = {
    "share_comment": "", "manual_path": "", "vol_no": 1, "share_hidden": 0, "oplocks": 1, "mangled_names": 0,
    "EncryptData": 0, "ftp_wonly": 0, "recycle_bin": 0, "recycle_bin_administrators_only": 0, "qsync": 0,
    "hide_unreadable": 0, "share_enumeration": 0, "timemachine": 0, "showSnapshots": 0,
}  # fmt: skip


def encoded(password: str) -> str:
    return base64.b64encode(password.encode()).decode()


class Box:
    """A device, and a session of an account on it."""

    def __init__(self, device: LocalDevice, user: str = "admin", password: str = PASSWORD) -> None:
        self.device, self.http = device, requests.Session()
        self.sid = self.login(user, password)

    def login(self, user: str, password: str) -> str:
        fields = {"user": user, "pwd": encoded(password), "serviceKey": "1"}
        answer = self.http.post(f"{self.device.url}/cgi-bin/authLogin.cgi", data=fields, timeout=30)
        found = ElementTree.fromstring(answer.content)
        self.error = found.findtext("errorValue")
        self.is_admin = found.findtext("isAdmin") == "1"
        return found.findtext("authSid") or ""

    def raw(self, path: str, query: dict[str, Any], body: dict[str, Any]) -> requests.Response:
        url = f"{self.device.url}/cgi-bin/{path}"
        return self.http.post(url, params={**query, "sid": self.sid}, data=body, timeout=30)

    def ask(self, path: str, query: dict[str, Any], body: dict[str, Any], *, passed: str = "1") -> ElementTree.Element:
        answer = self.raw(path, query, body)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml")
        found = ElementTree.fromstring(answer.content)
        assert (found.tag, found.attrib) == ("QDocRoot", {"version": "1.0"})
        assert found.findtext("authPassed") == passed
        for name in ("model/displayModelName", "model/is_zfs", "firmware/version", "firmware/build", "hostname"):
            assert found.findtext(name), name
        return found

    def list(self, which: str, **body: Any) -> ElementTree.Element:
        query = {"subfunc": which, "getdata": 1, "sort": 13, "force_2sv_flag": 0}
        return self.ask("priv/privRequest.cgi", query, {**ADMIN, **body})

    def wizard(self, func: str, action: str = "", **body: Any) -> ElementTree.Element:
        query = {"wiz_func": func, **({"action": action} if action else {})}
        return self.ask("priv/privWizard.cgi", query, body)

    def make(self, func: str, action: str = "", **body: Any) -> ElementTree.Element:
        return self.ask("wizReq.cgi", {"wiz_func": func, **({"action": action} if action else {})}, body)

    def users(self) -> list[str]:
        found = self.list("user")
        if found.findtext("userroot/done") == "0":
            found = self.list("user")
        return [row.text or "" for row in found.iterfind("userroot/data/user/username")]

    def groups(self) -> list[str]:
        return [row.text or "" for row in self.list("group").iterfind("grouproot/data/group/groupname")]

    def shares(self) -> list[str]:
        found = self.list("share").iterfind("func/ownContent/shareInfo/data/share/shareName")
        return [row.text or "" for row in found]

    def add_user(self, name: str, password: str = SECRET, **more: Any) -> ElementTree.Element:
        fields = {
            "a_username": name, "a_passwd": encoded(password), "a_description": "", "a_email": "", "create_priv": 0,
            "gp_len": 1, "gp0": "everyone", "rd_share_len": 0, "rw_share_len": 0, "no_share_len": 0, "send_mail": 0,
        }  # fmt: skip
        return self.make("user_create", "add_user", **{**fields, **more})

    def add_group(self, name: str, description: str = "") -> ElementTree.Element:
        fields = {"new_groupname": name, "a_description": description, "users_count": 0, "select_user": 0}
        return self.make("user_group_create", "add_group", **fields)

    def members(self, group: str, come: str = "", go: str = "") -> str:
        fields = {"groupname": group, "select_user": come, "unselect_user": go}
        sizes = {f"{name}_len": len(fields[name].split(",")) if fields[name] else 0 for name in list(fields)[1:]}
        found = self.wizard("group_user_edit", "group_user_edit", **fields, **sizes)
        return found.findtext("func/ownContent/setting_result") or ""

    def add_share(self, name: str, **more: Any) -> ElementTree.Element:
        fields = {
            "share_name": name, "comment": "", "vol_no": 1, "path_type": "auto", "hidden": "no", "oplocks": "yes",
            "access_r": "admin_only", "guest": "deny", "recycle_bin": 0, "recycle_bin_administrators_only": 0,
            "qsync": 0, "quotaRadio": 0, "quota_size": "",
        }  # fmt: skip
        return self.make("share_create", "add_share", **{**fields, **more})

    def drop_share(self, name: str, keep: int = 0) -> str:
        fields = {
            "subfunc": "share", "apply": 1, "del_cnt": 1, "stop_service": "no", "share_list": name,
            "delsymboliconly": keep,
        }  # fmt: skip
        return self.ask("priv/privRequest.cgi", {}, fields).findtext("func/ownContent/return") or ""

    def drop_user(self, name: str) -> ElementTree.Element:
        fields = {"subfunc": "user", "apply": 1, "fork_del": 1, "del_cnt": 1, "delete_userhome": 0, "user_list": name}
        return self.ask("priv/privRequest.cgi", {}, fields)

    def drop_group(self, name: str) -> ElementTree.Element:
        query = {"subfunc": "group", "apply": 1, "del_cnt": 1}
        return self.ask("priv/privRequest.cgi", query, {"group_list": name})

    def give(self, principal_type: str, name: str, **shares: str) -> ElementTree.Element:
        """Rights: `rd`, `rw`, `no` or `empty` = a share."""
        body: dict[str, Any] = {f"{which}_share_len": int(which in shares) for which in ("rd", "rw", "no", "empty")}
        body |= {f"{which}_share0": share for which, share in shares.items()}
        holder = {"username" if principal_type == "user" else "groupname": name}
        return self.wizard(
            f"{principal_type}_share_edit", f"{principal_type}_share_edit", recursive=0, **holder, **body
        )

    def right(self, share: str, **holder: str) -> tuple[str | None, str | None]:
        """(what was given, what results)."""
        body = {"getdata": 1, "filter": "", "lower": 0, "upper": 1000, "type": 2 if "groupName" in holder else 0}
        found = self.wizard("user_share_edit", **body, **holder)
        for row in found.iterfind("func/ownContent/shareroot/data/share"):
            if row.findtext("sharename") == share:
                return row.findtext("type"), row.findtext("preview")
        raise AssertionError(share)

    # -- File Station

    def call(self, func: str, **params: Any) -> Any:
        url = f"{self.device.url}/cgi-bin/filemanager/utilRequest.cgi"
        return self.http.get(url, params={"func": func, "sid": self.sid, **params}, timeout=30).json()

    def seen(self) -> list[str]:
        return [row["text"] for row in self.call("get_tree", node="share_root")]

    def can_read(self, share: str) -> int:
        return int(self.call("get_list", path=f"/{share}").get("status", 1))

    def can_write(self, share: str) -> int:
        name = f"x{time.monotonic_ns()}"
        return int(self.call("createdir", dest_path=f"/{share}", dest_folder=name)["status"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDevice]:
    options = {"deletion_seconds": "0.05"}
    root = tmp_path_factory.mktemp("qnap") / "nas"
    with LocalDevice("qnap", root, profile="qts51", shares=("home", "Public"), options=options) as device:
        yield device


@pytest.fixture
def box(shared: LocalDevice) -> Box:
    shared.reset()
    return Box(shared)


@contextlib.contextmanager
def started(tmp_path: Path, profile: str = "", **options: str) -> Iterator[Box]:
    shares = ("home", "Public")
    with LocalDevice("qnap", tmp_path / "nas", profile=profile, shares=shares, options=options) as device:
        yield Box(device)


def until_gone(box: Box, lister: str, name: str) -> None:
    end = time.monotonic() + 10
    while name in getattr(box, lister)():
        assert time.monotonic() < end, f"{name} is still listed"


# -- the envelope


def test_the_envelope(box: Box) -> None:
    found = box.list("share")
    assert [child.tag for child in found][:4] == ["authPassed", "model", "firmware", "hostname"]
    assert (found.find("model").text, found.findtext("model/internalModelName")) == ("TS-873", "TS-873")
    firmware = [found.findtext(f"firmware/{name}") for name in ("name", "version", "number", "build")]
    assert firmware == ["QTS", "5.1.9", "2954", "20241120"]


def test_text_is_bare_and_escaped_or_in_cdata(box: Box, tmp_path: Path) -> None:
    odd = 'a < b & c > d ]]> "é"'
    for device in (box, None):
        with contextlib.ExitStack() as stack:
            one = device or stack.enter_context(started(tmp_path, xml="cdata"))
            one.add_share("Odd", comment=odd)
            answer = one.raw("priv/privWizard.cgi", {"wiz_func": "share_property"}, {"sharename": "Odd"})
            assert (b"<![CDATA[" in answer.content) is (device is None)
            assert ElementTree.fromstring(answer.content).findtext("shareProperty/comment") == odd


def test_who_is_no_administrator_or_has_no_session_gets_authpassed_0(box: Box) -> None:
    box.add_user("joe")
    joe = Box(box.device, "joe", SECRET)
    assert joe.sid
    assert not joe.is_admin
    joe.ask("priv/privRequest.cgi", {"subfunc": "user", "getdata": 1}, {}, passed="0")
    joe.ask("wizReq.cgi", {"wiz_func": "share_create", "action": "add_share"}, {"share_name": "Mine"}, passed="0")
    joe.ask("sys/sysRequest.cgi", {"subfunc": "power_mgmt", "apply": "restart"}, {}, passed="0")
    box.device.faults = [{"call": "privRequest.cgi*", "do": "expire_session"}]
    box.ask("priv/privRequest.cgi", {"subfunc": "user", "getdata": 1}, {}, passed="0")
    assert box.device.log[-1]["code"] == "authPassed 0"
    assert not (box.device.root / "Mine").exists()


def test_an_unknown_function_is_refused(box: Box) -> None:
    for path, name in (
        ("priv/privRequest.cgi", "subfunc"),
        ("priv/privWizard.cgi", "wiz_func"),
        ("wizReq.cgi", "wiz_func"),
    ):
        assert box.ask(path, {name: "nonsense"}, {}).findtext("result") == "-1"
    assert box.make("share_create", "create").findtext("result") == "-1"


def test_parameters_may_stand_in_the_query_too(box: Box) -> None:
    query = {"subfunc": "share", "getdata": 1, "lower": 0, "upper": 1, "sid": box.sid}
    answer = requests.get(f"{box.device.url}/cgi-bin/priv/privRequest.cgi", params=query, timeout=30)
    info = ElementTree.fromstring(answer.content).find("func/ownContent/shareInfo")
    assert info.findtext("shareCount") == "2"
    assert len(info.findall("data/share")) == 1


# -- users


def test_a_list_that_is_still_being_built(box: Box) -> None:
    first, second = box.list("user"), box.list("user")
    assert (first.findtext("userroot/done"), first.findtext("userroot/count")) == ("0", "0")
    assert first.find("userroot/data") is None
    assert (second.findtext("userroot/done"), second.findtext("userroot/count")) == ("1", "1")
    assert len(second.findall("userroot/data/user")) == 1
    box.device.faults = [{"call": "privRequest.cgi?subfunc=user", "do": {"vendor": "building"}}]
    assert box.list("user").findtext("userroot/done") == "0"


def test_the_rows_of_users(box: Box) -> None:
    box.add_user("joe", a_description="Joe & son", a_email="joe@example.com")
    box.users()
    rows = box.list("user").findall("userroot/data/user")
    assert {child.tag for child in rows[0]} == {
        "username", "userid", "QuotaSize", "QuotaUsedSize", "fullname", "email", "description", "tel_country_code",
        "tel", "user_enable", "user_account_expiry",
    }  # fmt: skip
    # recorded: 0 of the device's own administrator, who is not off
    reported = [(row.findtext("username"), row.findtext("userid"), row.findtext("user_enable")) for row in rows]
    assert reported == [("admin", "0", "0"), ("joe", "1000", "1")]
    assert [row.findtext("user_account_expiry") for row in rows] == ["0", "0"]
    root = box.list("user").find("userroot")
    assert [root.findtext(name) for name in ("quotaenable", "UserHomeVolume", "done")] == ["false", "-1", "1"]
    assert box.list("group").findtext("grouproot/done") == "1"
    assert (rows[1].findtext("description"), rows[1].findtext("email")) == ("Joe & son", "joe@example.com")
    constraints = box.list("user").find("passwdConstraints")
    assert constraints.findtext("pw_min_limit_en") == "0"
    assert constraints.find("passwdConstraint04") is not None


def test_an_account_that_is_made_can_log_in(box: Box) -> None:
    answer = box.add_user("joe")
    assert {child.tag for child in answer} == {"authPassed", "model", "firmware", "hostname"}
    joe = Box(box.device, "joe", SECRET)
    assert joe.sid
    assert Box(box.device, "joe", "wrong").sid == ""
    body = json.dumps({"username": "joe", "password": SECRET})
    assert requests.post(f"{box.device.url}/container-station/api/v1/login", data=body, timeout=30).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "JOE"},
        {"name": "admin"},
        {"name": "n" * 33},
        {"name": "é" * 17},
        {"name": "a,b"},
        {"name": ""},
        {"name": "new", "password": ""},
        {"name": "new", "password": "é" * 33},
        {"name": "new", "a_passwd": "no base64!"},
        {"name": "new", "gp0": "nobody's"},
    ],
)
def test_an_account_that_cannot_be_is_not_made_though_authpassed_is_1(box: Box, fields: dict[str, Any]) -> None:
    box.add_user("joe")
    before = box.users()
    box.add_user(**fields)
    assert box.users() == before
    assert box.device.log[-2]["code"] == -1


def test_the_longest_name_and_password(box: Box) -> None:
    name, password = "é" * 16, "é" * 32
    box.add_user(name, password)
    assert Box(box.device, name, password).sid


def test_a_shortest_password(tmp_path: Path) -> None:
    with started(tmp_path, password_min="8") as box:
        box.add_user("short", "1234567")
        box.add_user("long", "12345678")
        assert box.users() == ["admin", "long"]
        constraints = box.list("user").find("passwdConstraints")
        assert (constraints.findtext("pw_min_limit_en"), constraints.findtext("pw_min_limit")) == ("1", "8")
        found = box.wizard("user_password_edit", "user_password_edit", username="long", password=encoded("1"),
                           old_password="", need_check="no")  # fmt: skip
        assert found.findtext("func/userPasswordEdit/passwordCheck") == "-1"


def account(box: Box, name: str) -> dict[str, str]:
    found = box.wizard("user_edit", type=0, userName=name).find("userInfo")
    return {child.tag: child.text or "" for child in found}


def edit(box: Box, name: str, **fields: Any) -> None:
    reported = account(box, name)
    body = {f"a_{key}": reported[key] for key in ("description", "email", "tel", "tel_country_code", "uid")}
    box.wizard("user_edit", "account_edit", username=name, type=0, **{**body, **fields})


def test_reading_and_changing_an_account(box: Box) -> None:
    box.add_user("joe", a_description="first", a_email="joe@example.com")
    assert set(account(box, "joe")) == {
        "username", "uid", "description", "email", "tel", "tel_country_code", "chk_disable", "year", "month", "day",
    }  # fmt: skip
    edit(box, "joe", a_description="second", a_tel="123")
    assert {key: account(box, "joe")[key] for key in ("description", "email", "tel")} == {
        "description": "second", "email": "joe@example.com", "tel": "123",
    }  # fmt: skip
    # what is not sent is lost
    box.wizard("user_edit", "account_edit", username="joe", type=0, a_description="third")
    assert account(box, "joe")["email"] == ""
    edit(box, "joe", a_uid=1234, a_description="fourth")
    assert account(box, "joe")["description"] == "third"
    assert box.wizard("user_edit", type=0, userName="jim").find("userInfo") is None


def test_a_name_that_is_taken_in_another_case_is_refused(box: Box) -> None:
    """One character for one: `ß` is no `ss`."""
    for add, listed in ((box.add_user, box.users), (box.add_group, box.groups), (box.add_share, box.shares)):
        before = listed()
        for name in ("Größe", "GRÖßE", "grösse", "GRÖSSE"):
            add(name)
        assert sorted(set(listed()) - set(before)) == ["Größe", "grösse"]


def test_an_account_that_is_off_is_refused_and_its_sessions_end(box: Box) -> None:
    box.add_user("joe")
    joe = Box(box.device, "joe", SECRET)
    assert joe.seen() == ["Public", "home"]
    edit(box, "joe", a_enable=0, a_expire=0, year=0, month=0, day=0)
    assert account(box, "joe")["chk_disable"] == "1"
    assert joe.call("check_sid")["status"] == 3
    again = Box(box.device, "joe", SECRET)
    assert (again.sid, again.error) == ("", "-1")
    edit(box, "joe", a_description="still off")
    assert account(box, "joe")["chk_disable"] == "1"
    edit(box, "joe", a_enable=1, a_expire=0, year=0, month=0, day=0)
    assert Box(box.device, "joe", SECRET).sid


def test_an_account_whose_time_is_over(box: Box) -> None:
    box.add_user("joe")
    edit(box, "joe", a_enable=1, a_expire=1, year=2020, month=2, day=29)
    assert [account(box, "joe")[key] for key in ("year", "month", "day", "chk_disable")] == ["2020", "2", "29", "0"]
    assert Box(box.device, "joe", SECRET).sid == ""
    edit(box, "joe", a_enable=1, a_expire=1, year=2999, month=12, day=31)
    assert Box(box.device, "joe", SECRET).sid
    edit(box, "joe", a_enable=1, a_expire=1, year=2999, month=2, day=30)
    assert account(box, "joe")["month"] == "12"


def test_the_last_administrator_stays_on(box: Box) -> None:
    edit(box, "admin", a_enable=0)
    assert account(box, "admin")["chk_disable"] == "0"
    box.add_user("boss", gp_len=2, gp1="administrators")
    assert Box(box.device, "boss", SECRET).is_admin
    boss = Box(box.device, "boss", SECRET)
    edit(boss, "admin", a_enable=0)
    assert account(boss, "admin")["chk_disable"] == "1"
    assert Box(box.device).sid == ""


def test_a_new_password(box: Box) -> None:
    box.add_user("joe")
    fields = {"username": "joe", "old_password": "", "need_check": "no"}
    found = box.wizard("user_password_edit", "user_password_edit", password=encoded("other"), **fields)
    reported = found.find("func/userPasswordEdit")
    assert {child.tag: child.text for child in reported} == {"passwordCheck": "0", "passwordChange": "0"}
    assert (Box(box.device, "joe", "other").sid != "", Box(box.device, "joe", SECRET).sid) == (True, "")
    for odd in ({"password": encoded("")}, {"password": encoded("x" * 65)}, {"username": "jim"}):
        body = {"password": encoded("next"), **fields, **odd}
        found = box.wizard("user_password_edit", "user_password_edit", **body)
        assert found.findtext("func/userPasswordEdit/passwordChange") == "-1"


def test_a_deletion_is_listed_for_a_while(tmp_path: Path) -> None:
    with started(tmp_path, deletion_seconds="600") as box:
        box.add_user("joe")
        box.add_group("staff")
        box.add_share("Data")
        joe = Box(box.device, "joe", SECRET)
        box.drop_user("joe")
        box.drop_group("staff")
        assert box.drop_share("Data") == "0"
        assert ("joe" in box.users(), "staff" in box.groups(), "Data" in box.shares()) == (True, True, True)
        assert joe.call("check_sid")["status"] == 3
        assert Box(box.device, "joe", SECRET).sid == ""
        assert "Data" not in box.seen()
        assert not (box.device.root / "Data").exists()
        box.add_user("joe", "again")
        box.add_share("Data")
        assert (box.users().count("joe"), box.shares().count("Data")) == (1, 1)
        assert Box(box.device, "joe", "again").sid


def test_deletions_end(box: Box) -> None:
    box.add_user("joe")
    box.add_group("staff")
    box.add_share("Data")
    box.drop_user("joe")
    box.drop_group("staff")
    box.drop_share("Data")
    for lister, name in (("users", "joe"), ("groups", "staff"), ("shares", "Data")):
        until_gone(box, lister, name)


def test_the_device_s_own_account_and_groups_stay(box: Box) -> None:
    box.add_user("boss", gp_len=2, gp1="administrators")
    box.drop_user("admin")
    box.drop_user("nobody")
    for name in ("administrators", "everyone", "none"):
        box.drop_group(name)
    assert {"admin", "boss"} == set(box.users())
    assert box.groups() == ["administrators", "everyone"]
    assert box.members("administrators", go="admin") == "-1"
    assert Box(box.device).is_admin


# -- groups


def test_groups_and_their_members(box: Box) -> None:
    box.add_group("staff", "who works here")
    for name in ("joe", "jim"):
        box.add_user(name)
    row = box.list("group").findall("grouproot/data/group")[-1]
    assert {child.tag for child in row} == {"groupname", "groupid", "groupQuota", "description"}
    reported = box.wizard("group_user_detail", groupname="staff").find("group")
    assert {child.tag: child.text for child in reported} == {"groupName": "staff", "description": "who works here"}
    assert box.members("staff", come="joe,jim") == "0"
    own = "func/ownContent/ownUser"
    assert box.wizard("group_user_edit", groupname="staff").findtext(own) == "joe, jim"
    query = {"getdata": 1, "refresh": 0, "sort": 13, "userName": "joe", "filter": "", "type": 0}
    assert box.wizard("user_group_edit", **query).findtext("func/ownContent/ownGroup") == "everyone, staff"
    assert box.members("staff", go="joe") == "0"
    assert box.wizard("group_user_edit", groupname="staff").findtext(own) == "jim"
    assert box.wizard("group_user_edit", groupname="everyone").findtext(own) == "admin, joe, jim"
    box.wizard("group_user_detail", "group_user_edit", groupname="staff", a_description="")
    assert box.wizard("group_user_detail", groupname="staff").findtext("group/description") == ""
    assert box.wizard("group_user_detail", groupname="none").find("group") is None


def test_members_are_changed_wholly_or_not_at_all(box: Box) -> None:
    box.add_group("staff")
    box.add_user("joe")
    assert box.members("staff", come="joe,nobody") == "-1"
    assert box.members("none", come="joe") == "-1"
    assert box.members("everyone", go="joe") == "-1"
    found = box.wizard("group_user_edit", "group_user_edit", groupname="staff", select_user="joe", select_user_len=2,
                       unselect_user="", unselect_user_len=0)  # fmt: skip
    assert found.findtext("func/ownContent/setting_result") == "-1"
    assert box.wizard("group_user_edit", groupname="staff").findtext("func/ownContent/ownUser") == ""
    box.add_group("STAFF")
    assert box.groups() == ["administrators", "everyone", "staff"]


def test_an_administrator_by_membership(box: Box) -> None:
    box.add_user("joe")
    joe = Box(box.device, "joe", SECRET)
    assert box.members("administrators", come="joe") == "0"
    assert "joe" in joe.users()
    assert joe.members("administrators", go="joe") == "0"
    joe.ask("priv/privRequest.cgi", {"subfunc": "user"}, {}, passed="0")


# -- shares


def properties(box: Box, name: str) -> dict[str, str]:
    found = box.wizard("share_property", sharename=name).find("shareProperty")
    return {child.tag: child.text or "" for child in found}


def edit_share(box: Box, name: str, **fields: Any) -> str:
    body = {"old_sname": name, "new_sname": name, **EVERYTHING, **fields}
    found = box.wizard("share_property", "share_property", **body)
    return found.findtext("shareProperty/setting_result") or ""


def test_the_list_of_shares(box: Box) -> None:
    info = box.list("share").find("func/ownContent/shareInfo")
    assert [info.findtext(name) for name in ("ret", "shareCount", "defShareList")] == ["0", "2", "Public/TMBackup"]
    closed = [row.text for row in info.iterfind("no_setup_list/no_setup_info/share_name")]
    assert (closed, info.findtext("no_setup_count"), info.findtext("defShareCount")) == (
        ["TMBackup", "homes"],
        "2",
        "2",
    )
    assert [info.findtext(name) for name in ("WinACLEnabled", "ACLEnabled")] == ["0", "0"]
    assert {"shareName", "hidden", "webdav", "valid_path", "noSupportACL", "EncryptData", "encrypted"} <= {
        child.tag for child in info.find("data/share")
    }
    values = ("webdav", "valid_path", "noSupportACL", "EncryptData", "encrypted", "enable_ksmbd")
    assert [info.findtext(f"data/share/{name}") for name in values] == ["1", "1", "0", "0", "0", "1"], "as recorded"


def test_one_share_is_one_element(tmp_path: Path) -> None:
    with LocalDevice("qnap", tmp_path / "nas", shares=("Data",)) as device:
        assert Box(device).shares() == ["Data"]


@pytest.mark.parametrize(("acl", "flags"), [("on", ["0", "1"]), ("windows", ["1", "1"])])
def test_acls(tmp_path: Path, acl: str, flags: list[str]) -> None:
    with started(tmp_path, acl=acl) as box:
        info = box.list("share").find("func/ownContent/shareInfo")
        assert [info.findtext(name) for name in ("WinACLEnabled", "ACLEnabled")] == flags


def test_a_share_that_is_made_is_a_folder_for_administrators(box: Box) -> None:
    box.add_user("joe")
    joe = Box(box.device, "joe", SECRET)
    answer = box.add_share("Data", comment="what we have", recycle_bin=1)
    assert {child.tag for child in answer} == {"authPassed", "model", "firmware", "hostname"}
    assert (box.device.root / "Data").is_dir()
    assert {"Data"} < set(box.shares())
    assert set(properties(box, "Data")) == {
        "shareName", "comment", "path", "selectedVol", "hidden", "oplocks", "supportNameMangling", "ftp_wonly",
        "recyclePerShare", "recycleAdministratorsOnly", "qsync", "hide_unreadable", "share_enumeration",
        "timemachine", "showSnapshots", "smb_encryption",
    }  # fmt: skip
    reported = properties(box, "Data")
    assert [reported[key] for key in ("comment", "path", "selectedVol", "recyclePerShare")] == [
        "what we have", "/share/CACHEDEV1_DATA/Data", "1", "1",
    ]  # fmt: skip
    assert (box.can_write("Data"), joe.can_read("Data"), joe.can_write("Data")) == (1, 4, 4)
    assert ("Data" in box.seen(), "Data" in joe.seen()) == (True, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "PUBLIC"},
        {"name": "a/b"},
        {"name": ".hidden"},
        {"name": ""},
        {"name": "New", "vol_no": 2},
        {"name": "New", "vol_no": "DataVol1"},
        {"name": "New", "access_r": "setup_users"},
        {"name": "New", "quotaRadio": 1, "quota_size": 10},
    ],
)
def test_a_share_that_cannot_be_is_not_made(box: Box, fields: dict[str, Any]) -> None:
    before = box.shares()
    box.add_share(**fields)
    assert box.device.log[-1]["code"] == -1
    assert box.shares() == before
    # QES makes volumes instead
    box.make("share_create", "add_share", vol_name="New", vol_size="10GB", pool_name="p", access_r="setup_users")
    assert box.shares() == before


def test_a_full_volume_takes_no_share(tmp_path: Path) -> None:
    with started(tmp_path, capacity="1000") as box:
        (box.device.root / "home/big").write_bytes(b"x" * 1000)
        box.add_share("Data")
        assert box.shares() == ["Public", "home"]


def test_changing_a_share_sends_the_whole_of_it(box: Box) -> None:
    box.add_share("Data", comment="first", recycle_bin=1)
    assert edit_share(box, "Data", share_comment="second", share_hidden=1, hide_unreadable=1, ftp_wonly=1) == "0"
    reported = properties(box, "Data")
    assert [reported[key] for key in ("comment", "hidden", "hide_unreadable", "recyclePerShare")] == [
        "second", "1", "yes", "0",
    ]  # fmt: skip
    found = box.wizard("share_property", sharename="Data")
    assert found.findtext("shareProperty/ftp_wonly/val") == "1"
    assert edit_share(box, "Data", EncryptData=1, showSnapshots=1, share_enumeration=1, timemachine=1) == "0"
    names = ("smb_encryption", "showSnapshots", "share_enumeration", "timemachine")
    assert [properties(box, "Data")[name] for name in names] == ["1", "yes", "yes", "1"]
    (row,) = [row for row in box.list("share").iter("share") if row.findtext("shareName") == "Data"]
    assert row.findtext("EncryptData") == "1"
    assert edit_share(box, "Data", showSnapshots="yes", hide_unreadable="yes", mangled_names="yes") == "0"
    names = ("showSnapshots", "hide_unreadable", "supportNameMangling")
    assert [properties(box, "Data")[name] for name in names] == ["no", "no", "no"], "switches are numbers"
    box.wizard("share_property", "share_property", old_sname="Data", new_sname="Data")
    assert (properties(box, "Data")["comment"], properties(box, "Data")["hidden"]) == ("", "0")


def test_a_change_of_a_share_that_is_refused(tmp_path: Path) -> None:
    with started(tmp_path, no_setup="Public") as box:
        assert edit_share(box, "Public", share_comment="x") == "-1"
        assert edit_share(box, "none") == "-1"
        assert edit_share(box, "home", new_sname="house") == "-1"
        assert edit_share(box, "home", vol_no=2) == "-1"
        assert edit_share(box, "home", manual_path="/share/elsewhere") == "-1"
        assert box.wizard("share_property", sharename="none").find("shareProperty/shareName") is None


def test_the_recycle_bin_of_a_share_is_what_was_set(box: Box) -> None:
    def has_bin() -> str:
        return str({row["text"]: row["recycle_bin"] for row in box.call("get_tree", node="share_root")}["Data"])

    box.add_share("Data")
    (box.device.root / "Data/file").write_text("x")
    assert has_bin() == "disable"
    edit_share(box, "Data", recycle_bin=1)
    assert has_bin() == "enable"
    assert box.call("delete", path="/Data", file_name="file", file_total=1)["status"] == 1
    assert (box.device.root / "Data/@Recycle/file").exists()


def test_a_deleted_share_takes_its_files_and_links(box: Box) -> None:
    box.add_share("Data")
    box.add_share("Data2")
    for share in ("Data", "Data2"):
        (box.device.root / share / "file").write_text("x")
        box.call("get_share_link", download_type="create_download_link", path=f"/{share}", file_total=1,
                 file_name="file", valid_duration="forever", network_type="internet")  # fmt: skip
    links = [row["download_link"] for row in box.call("get_share_list")["datas"]]
    assert box.drop_share("Data") == "0"
    rows = box.call("get_share_list")["datas"]
    assert [row["filename"] for row in rows] == ["/share/CACHEDEV1_DATA/Data2/file"]
    gone = next(link for link in links if link != rows[0]["download_link"])
    assert requests.get(gone, timeout=30).status_code == 404
    box.add_share("Data")
    assert list((box.device.root / "Data").iterdir()) == []


def test_files_that_are_kept_are_there_again(box: Box) -> None:
    box.add_share("Data")
    (box.device.root / "Data/file").write_text("x")
    assert box.drop_share("Data", keep=1) == "0"
    assert "Data" not in box.seen()
    assert not (box.device.root / "Data").exists()
    box.add_share("Data")
    assert (box.device.root / "Data/file").read_text() == "x"


def test_shares_that_stay(box: Box) -> None:
    for name in ("Public", "none", "home/x", ""):
        assert box.drop_share(name) == "-1"
    assert box.seen() == ["Public", "home"]


def test_volumes(tmp_path: Path) -> None:
    with started(tmp_path, volumes="Fast,Slow", share_volumes="home:2") as box:
        labels = "volumeList/volume/volumeLabel"
        assert [row.text for row in box.make("share_create").iterfind(labels)] == ["Fast", "Slow"]
        box.add_share("Data", vol_no=2)
        reported = properties(box, "Data")
        assert (reported["selectedVol"], reported["path"]) == ("2", "/share/CACHEDEV2_DATA/Data")
        found = box.ask("management/chartReq.cgi", {"chart_func": "disk_usage"}, {})
        assert [row.text for row in found.iterfind(labels)] == ["Fast", "Slow"]
        on = [
            [share.text for share in row.iterfind("folder_element/sharename")]
            for row in found.iterfind("volumeUseList/volumeUse")
        ]
        assert on == [["Public"], ["Data", "home"]]
        assert box.device.log[-1]["call"] == "chartReq.cgi?chart_func=disk_usage"
        (box.device.root / "Data/file").write_text("x")
        hits = box.call("search", source_path="/Data", keyword="file", start=0, limit=10)["datas"]
        assert [row["filename"] for row in hits] == ["/share/CACHEDEV2_DATA/Data/file"]


# -- rights


def test_rights_of_a_user(box: Box) -> None:
    box.add_user("joe")
    box.add_share("Data")
    joe = Box(box.device, "joe", SECRET)
    assert box.right("Data", userName="joe") == (None, "N")
    assert box.right("home", userName="joe") == (None, "W")
    answer = box.give("user", "joe", rd="Data")
    assert {child.tag for child in answer} == {"authPassed", "model", "firmware", "hostname"}
    assert box.right("Data", userName="joe") == ("R", "R")
    assert (joe.can_read("Data"), joe.can_write("Data")) == (1, 4)
    box.give("user", "joe", rw="Data")
    assert box.right("Data", userName="joe") == ("W", "W")
    assert joe.can_write("Data") == 1
    box.give("user", "joe", no="Data")
    assert box.right("Data", userName="joe") == ("I", "I")
    assert (joe.can_read("Data"), joe.can_write("Data"), joe.seen()) == (4, 4, ["Public", "home"])
    box.give("user", "joe", empty="Data")
    assert box.right("Data", userName="joe") == (None, "N")
    assert joe.can_read("Data") == 4


def test_only_the_shares_that_are_named_change(box: Box) -> None:
    box.add_user("joe")
    for name in ("A", "B", "C"):
        box.add_share(name)
    box.give("user", "joe", rw="A", rd="B", no="C")
    box.give("user", "joe", empty="B")
    assert [box.right(name, userName="joe")[0] for name in ("A", "B", "C")] == ["W", None, "I"]
    box.give("user", "joe", rw="B", rd="None")
    box.give("user", "nobody", rw="B")
    box.give("group", "none", rw="B")
    assert box.right("B", userName="joe") == (None, "N")


def test_a_list_is_no_longer_than_the_request(box: Box) -> None:
    box.add_user("joe", gp_len=10**12)
    assert "joe" not in box.users()
    box.add_user("joe", gp_len=-1)
    body = {"username": "joe", "rw_share_len": 10**12, "rw_share0": "home"}
    box.wizard("user_share_edit", "user_share_edit", **body)
    assert box.right("home", userName="joe") == (None, "W")


def test_links_of_a_share_that_one_may_not_see_any_more_are_listed(box: Box) -> None:
    box.add_share("Data")
    (box.device.root / "Data/file").write_text("x")
    link = {"download_type": "create_download_link", "valid_duration": "forever", "network_type": "internet"}
    box.call("get_share_link", path="/Data", file_total=1, file_name="file", **link)
    box.give("group", "administrators", no="Data")
    assert box.call("get_share_list")["total"] == 1


def test_rights_of_groups_count(box: Box) -> None:
    box.add_user("joe")
    box.add_group("staff")
    box.members("staff", come="joe")
    box.add_share("Data")
    joe = Box(box.device, "joe", SECRET)
    box.give("group", "staff", rd="Data")
    assert box.right("Data", groupName="staff") == ("R", "R")
    assert box.right("Data", userName="joe") == (None, "R")
    assert (joe.can_read("Data"), joe.can_write("Data")) == (1, 4)
    box.give("user", "joe", rw="Data")
    assert joe.can_write("Data") == 1
    box.give("group", "staff", no="Data")
    assert box.right("Data", userName="joe") == ("W", "I")
    assert joe.can_read("Data") == 4
    box.members("staff", go="joe")
    assert joe.can_write("Data") == 1
    box.give("group", "everyone", no="Data")
    assert joe.can_read("Data") == 4


def test_an_administrator_can_lock_himself_out_of_a_share(box: Box) -> None:
    box.add_share("Data")
    box.give("group", "administrators", no="Data")
    assert (box.right("Data", groupName="administrators"), box.can_read("Data")) == (("I", "I"), 4)
    box.give("group", "administrators", rw="Data")
    assert box.can_write("Data") == 1


def test_rights_end_with_their_share_and_their_holder(box: Box) -> None:
    box.add_user("joe")
    box.add_group("staff")
    box.add_share("Data")
    box.give("user", "joe", rw="Data")
    box.give("group", "staff", rw="Data")
    box.drop_user("joe")
    box.drop_group("staff")
    box.add_user("joe")
    box.add_group("staff")
    assert box.right("Data", userName="joe") == (None, "N")
    assert box.right("Data", groupName="staff") == (None, "N")
    box.give("user", "joe", rw="Data")
    box.drop_share("Data")
    box.add_share("Data")
    assert box.right("Data", userName="joe") == (None, "N")


@pytest.mark.parametrize(
    ("func", "params"),
    [
        ("createdir", {"dest_path": "/Data", "dest_folder": "new"}),
        ("rename", {"path": "/Data", "source_name": "file", "dest_name": "other"}),
        ("delete", {"path": "/Data", "file_name": "file", "file_total": 1, "force": 1}),
        ("upload", {"dest_path": "/Data", "type": "standard", "overwrite": 1}),
        ("stat", {"path": "/Data", "file_name": "file", "file_total": 1, "settime": 1, "mtime": 5}),
        ("copy", {"source_path": "/home", "source_file": "mine", "source_total": 1, "dest_path": "/Data", "mode": 0}),
        ("move", {"source_path": "/Data", "source_file": "file", "source_total": 1, "dest_path": "/home", "mode": 0}),
    ],
)
def test_file_station_writes_nothing_without_the_right(box: Box, func: str, params: dict[str, Any]) -> None:
    box.add_user("joe")
    box.add_share("Data")
    (box.device.root / "Data/file").write_text("x")
    (box.device.root / "home/mine").write_text("y")
    box.give("user", "joe", rd="Data")
    joe = Box(box.device, "joe", SECRET)
    before = (box.device.tree(), (box.device.root / "Data/file").stat().st_mtime)
    if func == "upload":
        query = {"func": func, "sid": joe.sid, **params}
        url = f"{box.device.url}/cgi-bin/filemanager/utilRequest.cgi"
        answer = requests.post(url, params=query, files={"file": ("new", b"z")}, timeout=30).json()
    else:
        answer = joe.call(func, **params)
    if "pid" in answer:
        status: dict[str, Any] = {}
        end = time.monotonic() + 10
        while status.get("percent", 0) != 100 and status.get("status", 1) == 1 and time.monotonic() < end:
            status = joe.call(f"get_{func}_status", pid=answer["pid"])
        answer = status
    assert answer["status"] in {4, 10, 11}
    assert (box.device.tree(), (box.device.root / "Data/file").stat().st_mtime) == before
    box.give("user", "joe", no="Data")
    path = {"source_path": "/Data", "source_file": "file", "source_total": 1}
    assert joe.call("download", isfolder=0, compress=0, **path)["status"] == 4


# -- what the device is


def test_disks(tmp_path: Path) -> None:
    with started(tmp_path, disks="3", disk_health="OK,Warning") as box:
        found = box.ask("disk/qsmart.cgi", {"func": "all_hd_data"}, {})
        rows = found.findall("Disk_Info/entry")
        assert [row.findtext("Health") for row in rows] == ["OK", "Warning", "OK"]
        reported = [rows[0].findtext(name) for name in ("HDNo", "Model", "Temperature/oC", "Capacity_bytes")]
        assert all(reported)
        assert box.device.log[-1]["call"] == "qsmart.cgi?func=all_hd_data"


NEWER, OLDER = "5.2.10.3577 Build 20260731", "5.2.10.3568 Build 20260722"


@pytest.mark.parametrize(
    ("profile", "offer", "said"),
    [
        ("qts51", "", {"official": "none", "recommended": "none"}),
        ("qts5", NEWER, {"official": NEWER, "recommended": "none"}),
        ("hero6", f"{NEWER},{OLDER}", {"official": NEWER, "recommended": OLDER}),
        ("qts51", "none,error", {"official": "none", "recommended": "error"}),
        ("qts5", "error", {"official": "error", "recommended": "none"}),
        ("qts5", "empty,empty", {"official": None, "recommended": None}),
        ("qts4", "", {".": "none"}),
        ("qts4", NEWER, {".": NEWER}),
    ],
)
def test_what_the_check_for_updates_says(tmp_path: Path, profile: str, offer: str, said: dict[str, str | None]) -> None:
    with started(tmp_path, profile=profile, new_firmware=offer) as box:
        found = box.ask("sys/sysRequest.cgi", {"subfunc": "firm_update"}, {})
        content = found.find("func/ownContent")
        assert content is not None
        assert len(list(content.iter("newVersion"))) == len(said)
        for channel, words in said.items():
            version = content.find(f"{channel}/newVersion")
            assert version is not None
            assert version.text == words
        assert box.device.log[-1]["call"] == "sysRequest.cgi?subfunc=firm_update"
        assert box.device.log[-1]["writes"] is False


def test_a_restart_answers_and_then_nobody_listens_for_a_while(tmp_path: Path) -> None:
    with started(tmp_path, restart_seconds="0.4") as box:
        box.ask("sys/sysRequest.cgi", {"subfunc": "notification", "apply": "where_are_you"}, {})
        box.ask("sys/sysRequest.cgi", {"subfunc": "power_mgmt", "apply": "restart", "count": 0.5}, {})
        with pytest.raises(requests.ConnectionError):
            box.call("check_sid")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                status = box.call("check_sid")["status"]
                break
            except requests.ConnectionError:
                continue
        assert status == 3
        box.sid = box.login("admin", PASSWORD)
        found = box.ask("management/manaRequest.cgi", {"subfunc": "sysinfo"}, {})
        assert [found.findtext(f"func/ownContent/root/uptime_{unit}") for unit in ("day", "hour", "min")] == ["0"] * 3


def test_the_answer_of_a_restart_may_be_no_xml(tmp_path: Path) -> None:
    with started(tmp_path, restart_seconds="0.1") as box:
        box.device.faults = [{"call": "sysRequest.cgi*restart", "do": {"vendor": "not_json", "value": "OK"}}]
        assert box.raw("sys/sysRequest.cgi", {"subfunc": "power_mgmt", "apply": "restart"}, {}).text == "OK"
        assert box.device.sessions() == 0


def test_a_shutdown_lasts(tmp_path: Path) -> None:
    with started(tmp_path) as box:
        box.ask("sys/sysRequest.cgi", {"subfunc": "power_mgmt", "apply": "shutdown"}, {})
        for _attempt in range(3):
            with pytest.raises(requests.ConnectionError):
                requests.get(box.device.url, timeout=5)
        box.device.reset()
        assert Box(box.device).sid


# -- log and faults


def test_the_log_names_the_calls_and_shows_no_password(box: Box) -> None:
    box.add_user("joe", "very-secret-1")
    box.wizard("user_password_edit", "user_password_edit", username="joe", password=encoded("very-secret-2"),
               old_password=encoded("very-secret-1"), need_check="no")  # fmt: skip
    box.shares()
    box.drop_share("none")
    reported = [(entry["call"], entry["writes"]) for entry in box.device.log[-4:]]
    assert reported == [
        ("wizReq.cgi?wiz_func=user_create&action=add_user", True),
        ("privWizard.cgi?wiz_func=user_password_edit&action=user_password_edit", True),
        ("privRequest.cgi?subfunc=share", False),
        ("privRequest.cgi?subfunc=share&apply=1", True),
    ]
    text = json.dumps(box.device.log)
    for secret in ("very-secret-1", "very-secret-2", PASSWORD):
        assert secret not in text
        assert encoded(secret) not in text
    assert box.sid not in text


def observed() -> list[str]:
    listed = yaml.safe_load((ROOT / "tests/observed_calls.yml").read_text(encoding="utf-8"))
    return [row["call"] for row in listed["qnap"]["calls"]]


def test_the_list_of_observed_calls_is_what_the_device_serves() -> None:
    facts = {"chartReq.cgi?chart_func=disk_usage", "qsmart.cgi?func=all_hd_data", "sysRequest.cgi?subfunc=firm_update"}
    power = {name for name in control.NAMES if name.startswith("sysRequest.cgi")}  # nothing that is declared
    assert set(observed()) == set(control.NAMES) - power | facts


@pytest.mark.parametrize("call", observed())
def test_faults_meet_every_call(box: Box, call: str) -> None:
    program, _mark, query = call.partition("?")
    folder = {"privRequest.cgi": "priv/", "privWizard.cgi": "priv/", "wizReq.cgi": "", "sysRequest.cgi": "sys/",
              "qsmart.cgi": "disk/"}.get(program, "management/")  # fmt: skip
    fields = dict(part.split("=") for part in query.split("&"))
    before = box.device.tree()
    box.device.faults = [
        {"call": call, "do": {"status": 503, "body": "busy"}},
        {"call": call, "after": 1, "do": {"error": -7}},
        {"call": call, "after": 2, "do": "reset"},
        {"call": call, "after": 3, "do": "expire_session"},
    ]
    assert box.raw(folder + program, fields, {}).status_code == 503
    answer = box.raw(folder + program, fields, {})
    assert ">-7<" in answer.text or '"status": -7' in answer.text
    with pytest.raises(requests.ConnectionError):
        box.raw(folder + program, fields, {})
    box.ask(folder + program, fields, {}, passed="0")
    assert (box.device.acted, box.device.tree()) == (4, before)
    assert {entry["call"] for entry in box.device.log[-4:]} == {call}


def test_faults_in_the_reply(box: Box) -> None:
    box.device.faults = [
        {"call": "privRequest.cgi?subfunc=share", "do": {"truncate": 40}},
        {"call": "privRequest.cgi?subfunc=share", "after": 1, "do": "double"},
        {
            "call": "privRequest.cgi?subfunc=share",
            "after": 2,
            "do": {"fuzz": {"seed": 1, "at": "shareName", "value": "x"}},
        },
        {"call": "wizReq.cgi*", "do": {"status": 502, "where": "after"}},
    ]
    query = {"subfunc": "share", "getdata": 1}
    assert len(box.raw("priv/privRequest.cgi", query, {}).content) == 40
    with contextlib.suppress(requests.ConnectionError):
        box.raw("priv/privRequest.cgi", query, {})
    box.http.close()
    assert "x" in box.shares()
    fields = {"share_name": "Data", "vol_no": 1, "access_r": "admin_only"}
    answer = box.raw("wizReq.cgi", {"wiz_func": "share_create", "action": "add_share"}, fields)
    assert answer.status_code == 502
    assert "Data" in box.shares()


def test_a_device_that_says_it_did_and_did_nothing(box: Box) -> None:
    box.add_share("Data")
    box.device.faults = [{"call": "*", "writes": True, "times": 0, "do": {"vendor": "pretend"}}]
    box.add_user("joe")
    box.add_share("More")
    assert (box.drop_share("Data"), edit_share(box, "Data", share_comment="x")) == ("0", "0")
    box.give("group", "everyone", rw="Data")
    assert box.members("administrators", come="admin") == "0"
    assert ("joe" in box.users(), box.shares()) == (False, ["Data", "Public", "home"])
    assert properties(box, "Data")["comment"] == ""
    assert box.right("Data", groupName="everyone") == (None, "N")


def test_a_device_without_these_pages(tmp_path: Path) -> None:
    with started(tmp_path, system_calls="off") as box:
        assert box.raw("priv/privRequest.cgi", {"subfunc": "share"}, {}).status_code == 404
        assert box.seen() == ["Public", "home"]


def test_accounts_and_groups_that_are_there_from_the_start(tmp_path: Path) -> None:
    with started(tmp_path, users="joe:one", administrators="boss:two", guests="visitor:three", groups="staff") as box:
        assert box.users() == ["admin", "joe", "boss", "visitor"]
        assert box.groups() == ["administrators", "everyone", "staff"]
        reported = [
            Box(box.device, name, word).is_admin
            for name, word in (("joe", "one"), ("boss", "two"), ("visitor", "three"))
        ]
        assert reported == [False, True, False]
