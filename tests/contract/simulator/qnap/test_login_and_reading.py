# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: logging in and reading (File Station guide, 1, 12, 14 to 16).

The guide's examples are sent as it prints them; where it has a slip, a remark says what was put right.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import struct
import time
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests

from tests.contract.simulator.qnap.simulated import PASSWORD, Nas, Start, encoded, options, until, xml

TRANSFER_KEYS = {"status", "the_num", "filename", "filesize", "files", "percent", "copying"}


# -- logging in


def test_login_by_get_as_the_guide_prints_it(start: Start) -> None:
    nas = start("--password", "admin")
    answer = requests.get(f"{nas.cgi}/authLogin.cgi?user=admin&pwd=YWRtaW4%3D", timeout=30)
    assert answer.headers["Content-Type"] == "text/xml"
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8" ?>')
    assert "<authPassed><![CDATA[1]]></authPassed>" in answer.text
    found = xml(answer)
    assert found["isAdmin"] == "1"
    assert len(found["authSid"]) == 8
    assert found["authSid"].isalnum()
    refused = requests.get(f"{nas.cgi}/authLogin.cgi?user=admin&pwd=d3Jvbmc%3D", timeout=30)
    assert "<authPassed>0</authPassed><errorValue>-1</errorValue>" in refused.text.replace("\n", "")
    assert "CDATA" not in refused.text
    assert nas.log()[-1]["code"] == -1
    assert nas.log()[-1]["params"]["pwd"] == "***"
    bare = start(*options(login_facts="off")).login(password="wrong")
    assert bare == {"authPassed": "0", "errorValue": "-1"}


@pytest.mark.parametrize(
    ("profile", "version", "zfs"), [("qts4", "4.3.3", "0"), ("qts5", "5.2.6", "0"), ("hero6", "6.0.0", "1")]
)
def test_model_and_firmware_need_no_rights(start: Start, profile: str, version: str, zfs: str) -> None:
    nas = start("--profile", profile, *options(model="TS-999", users="joe:pw"))
    url, body = f"{nas.cgi}/authLogin.cgi", {"user": "admin", "pwd": encoded("wrong"), "serviceKey": "1"}
    nas.login("joe", "pw")
    for page in (
        requests.post(url, data=body, timeout=30),
        requests.get(url, timeout=30),
        requests.get(f"{nas.cgi}/management/manaRequest.cgi?subfunc=sysinfo", timeout=30),
        requests.get(f"{nas.cgi}/management/manaRequest.cgi?subfunc=sysinfo&sid={nas.sid}", timeout=30),
    ):
        assert page.headers["Content-Type"] == "text/xml"
        root = ElementTree.fromstring(page.content)
        assert root.findtext("authPassed") == "0"
        assert (root.findtext("model/displayModelName"), root.findtext("model/is_zfs")) == ("TS-999", zfs)
        assert root.find("model/modelName") is not None
        assert (root.findtext("firmware/version"), root.findtext("hostname")) == (version, "nas-qnap")
        assert {"number", "build", "patch", "buildTime"} <= {item.tag for item in root.iterfind("firmware/*")}
        assert (root.findtext("webAccessPort") == nas.url.rpartition(":")[2]) is ("authLogin" in page.url)


def test_login_by_post_and_what_a_session_is_good_for(start: Start) -> None:
    nas = start("--vendor-opt", "users=joe:pw")
    assert nas.login()["authPassed"] == "1"
    assert nas.login(get=True)["authPassed"] == "1"
    assert nas.call("check_sid")["sid"] == "0"
    confirmed = xml(requests.get(f"{nas.cgi}/authLogin.cgi", params={"sid": nas.sid}, timeout=30))
    assert confirmed["authSid"] == nas.sid
    out = xml(requests.get(f"{nas.cgi}/authLogout.cgi", params={"sid": nas.sid}, timeout=30))
    assert out == {"authPassed": "0"}
    assert nas.status("check_sid") == 3
    assert nas.status("get_list", path="/Public") == 3
    joe = nas.login("joe", "pw")
    assert (joe["isAdmin"], joe["userType"], joe["groupname"]) == ("0", "local", "everyone")
    assert "userid" in joe
    assert "user_pw_change" in joe
    assert "authSid" not in nas.login("joe", "pw", service=100)
    nas.login("joe", "pw")
    management = requests.get(f"{nas.cgi}/management/manaRequest.cgi?subfunc=sysinfo&sid={nas.sid}", timeout=30)
    assert xml(management)["authPassed"] == "0"


def test_qtoken(start: Start) -> None:
    nas = start()
    token = nas.login(remme=1)["qtoken"]
    url = f"{nas.cgi}/authLogin.cgi"
    found = xml(requests.get(url, params={"user": "admin", "qtoken": token}, timeout=30))
    assert found["authPassed"] == "1"
    nas.sid = found["authSid"]
    assert nas.call("check_sid")["status"] == 1
    assert xml(requests.get(url, params={"user": "admin", "qtoken": "x"}, timeout=30))["errorValue"] == "-1"


def test_two_steps(start: Start) -> None:
    nas = start("--otp-code", "123456", *options(emergency_code="87654321"))
    first = nas.login()
    assert (first["authPassed"], first["need_2sv"], first["lost_phone"]) == ("0", "1", "1")
    assert {"emergency_try_count", "emergency_try_limit"} <= set(first)
    assert "authSid" not in first
    assert "authSid" not in nas.login(security_code="123456")  # the second word is mandatory
    assert "authSid" not in nas.login(security_code="000000", dont_verify_2sv_again=0)
    asked = nas.login(security_code="123456", dont_verify_2sv_again=0, client_id="c")
    assert (asked["authPassed"], asked["need_2sv"]) == ("1", "1")
    assert "authSid" not in nas.login(vtoken=asked["vtoken"], client_id="c")
    trusted = nas.login(security_code="87654321", dont_verify_2sv_again=1, client_id="c")
    assert nas.login(vtoken=trusted["vtoken"], client_id="c")["authPassed"] == "1"
    assert nas.login(vtoken=trusted["vtoken"], client_id="d")["authPassed"] == "0"
    assert nas.login(vtoken=trusted["vtoken"], client_id="c", service=99)["authPassed"] == "0"
    # a token that is no longer good does not stand in the way of a code
    code = {"security_code": "123456", "dont_verify_2sv_again": 1}
    assert nas.login(vtoken="stale", client_id="c", **code)["authPassed"] == "1"
    assert nas.login(vtoken=trusted["vtoken"], client_id="c", force_to_check_2sv=1)["authPassed"] == "0"
    json_login = requests.post(
        f"{nas.cgi}/filemanager/wfm2Login.cgi", data={"user": "admin", "pwd": encoded(PASSWORD)}, timeout=30
    )
    assert json_login.json()["status"] == 69


def test_what_a_step_that_failed_tells(start: Start) -> None:
    nas = start("--otp-code", "123456", *options(two_step_element="need_2_step_verification", clock=-3600))
    first = nas.login()
    assert (first["authPassed"], first["need_2_step_verification"]) == ("0", "1")
    assert not {"need_2sv", "authSid", "timestring"} & set(first)
    assert nas.login(send_mail=1)["send_result"] == "1"
    wrong = [nas.login(security_code="000000", dont_verify_2sv_again=0, vtoken="stale") for _time in range(5)]
    assert [answer["lost_phone"] for answer in wrong] == ["1"] * 4 + ["-1"]
    quiet = start("--otp-code", "123456", *options(vtoken="off"))
    done = quiet.login(security_code="123456", dont_verify_2sv_again=1)
    assert (done["authPassed"], "vtoken" in done) == ("1", False)
    there = time.mktime(time.strptime(wrong[0]["timestring"], "%Y/%m/%d %H:%M:%S"))
    assert abs(time.time() - 3600 - there) < 60
    assert start("--otp-code", "1", *options(smtp="off")).login(send_mail=1)["send_result"] == "-1"


def test_two_steps_with_a_secret(start: Start) -> None:
    secret = base64.b32encode(b"twenty bytes of salt").decode()
    nas = start("--otp-secret", secret)
    digest = hmac.new(b"twenty bytes of salt", struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    code = f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"
    assert nas.login(security_code=code, dont_verify_2sv_again=0)["authPassed"] == "1"
    assert nas.login(security_code=code, dont_verify_2sv_again=0)["authPassed"] == "0"  # used up


def test_json_login(start: Start) -> None:
    nas = start()
    url = f"{nas.cgi}/filemanager/wfm2Login.cgi"
    good = requests.get(url, params={"user": "admin", "pwd": encoded(PASSWORD)}, timeout=30).json()
    assert {"status", "sid", "servername", "admingroup", "version", "build"} <= set(good)
    nas.sid = good["sid"]
    assert nas.call("check_sid")["status"] == 1
    bad = requests.get(url, params={"user": "admin", "pwd": encoded("x")}, timeout=30).json()
    assert (bad["status"], bad["sid"]) == (0, "")
    assert requests.get(f"{nas.cgi}/filemanager/wfm2Logout.cgi?sid={nas.sid}", timeout=30).json()["status"] == 1
    assert nas.status("check_sid") == 3


def test_settings_of_the_login(start: Start) -> None:
    nas = start(*options(post_needs_service_key=1, guests="eye:pw", file_station="off"))
    plain = {"user": "admin", "pwd": encoded(PASSWORD)}
    assert "authSid" not in xml(requests.post(f"{nas.cgi}/authLogin.cgi", data=plain, timeout=30))
    assert "authSid" in xml(requests.get(f"{nas.cgi}/authLogin.cgi", params=plain, timeout=30))
    assert "authSid" in nas.login()
    assert nas.status("check_sid") == 8
    assert requests.get(f"{nas.cgi}/filemanager/wfm2Login.cgi", params=plain, timeout=30).json()["status"] == 8
    page = start("--profile", "qts4", *options(post_needs_service_key="page"))
    reported = xml(requests.post(f"{page.cgi}/authLogin.cgi", data=plain, timeout=30))
    assert not {"authPassed", "authSid", "errorValue"} & set(reported)
    assert {"model", "firmware", "hostname", "webAccessPort"} <= set(reported)
    assert "authSid" in xml(requests.get(f"{page.cgi}/authLogin.cgi", params=plain, timeout=30))
    assert "authSid" in page.login()
    assert start(*options(password_expired=1)).login()["errorValue"] == "-3"
    assert start(*options(password_expired=1, admin="no")).login()["errorValue"] == "-4"


def test_how_a_session_ends(start: Start) -> None:
    nas = start(*options(one_session=1, logout="strict", users="joe:pw"))
    first = nas.login()["authSid"]
    nas.login("joe", "pw")
    second = nas.login()["authSid"]
    nas.sid = first
    assert nas.status("check_sid") == 3
    nas.sid = second
    for fields, alive in (({"sid": second}, True), ({"sid": second, "logout": "1"}, False)):
        requests.post(f"{nas.cgi}/authLogout.cgi", data=fields, timeout=30)
        assert (nas.call("check_sid")["status"] == 1) is alive
    nas.login()
    nas.faults({"call": "get_list", "do": {"expire_session": "xml"}})
    page = nas.raw("get_list", path="/Public")
    assert (page.status_code, xml(page)["authPassed"]) == (200, "0")
    assert "authSid" not in xml(page)
    assert nas.status("get_list", path="/Public") == 3
    old = start("--profile", "qts4", *options(ended_session="xml"))
    assert xml(old.raw("get_list", path="/Public"))["authPassed"] == "0"


def test_a_connection_ends_with_its_last_answer_or_when_it_is_idle(start: Start) -> None:
    nas = start(*options(keep_alive_seconds=0.2, keep_alive_max=3))
    with requests.Session() as http:
        answers = [http.get(f"{nas.cgi}/authLogin.cgi", timeout=30) for _number in range(3)]
    assert [answer.headers.get("Keep-Alive") for answer in answers] == [
        "timeout=0.2, max=2",
        "timeout=0.2, max=1",
        None,
    ]
    assert answers[2].headers["Connection"] == "close"
    with socket.create_connection(("127.0.0.1", urlsplit(nas.url).port or 0), 10) as line:
        line.sendall(b"GET /cgi-bin/authLogin.cgi HTTP/1.1\r\nHost: nas\r\n\r\n")
        text = b""
        while block := line.recv(65536):
            text += block
    assert text.startswith(b"HTTP/1.1 200 ")


def test_an_address_that_fails_too_often_is_cut_off(start: Start) -> None:
    nas = start(*options(max_failures=2))
    for _time in range(2):
        assert nas.login(password="wrong")["errorValue"] == "-1"
    with pytest.raises(requests.ConnectionError):
        nas.login()


def test_a_device_that_forces_https(start: Start) -> None:
    nas = start(*options(force_https=8181))
    answer = requests.post(
        f"{nas.cgi}/authLogin.cgi", data={"user": "admin", "pwd": encoded(PASSWORD)}, timeout=30, allow_redirects=False
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://127.0.0.1:8181/cgi-bin/authLogin.cgi"


# -- the envelope


def test_the_envelope(nas: Nas, old: Nas) -> None:
    answer = nas.raw("get_list", path="/")
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == ["version", "build", "status", "success"]
    assert answer.json()["status"] == 5
    assert answer.json()["success"] == "true"
    assert old.raw("get_list", path="/").headers["Content-Type"] == 'text/html; charset="UTF-8"'
    for device in (nas, old):
        assert device.status("no_such_thing") == 20
        assert device.status("createdir", dest_path="/Public", folder="x") == 20
    assert requests.get(f"{nas.url}/nothing", timeout=30).status_code == 404
    sid, nas.sid = nas.sid, "wrong"
    assert nas.status("no_such_thing") == 3
    nas.sid = sid


def test_spaces_and_names(nas: Nas, start: Start) -> None:
    share, folder = nas.share("a b+c.txt", "é 汉 😀 % & = #.txt")
    assert nas.stat(share, "é 汉 😀 % & = #.txt")["exist"] == 1
    assert nas.stat(share, "a b+c.txt")["exist"] == 1
    url = f"{nas.util}?func=stat&sid={nas.sid}&path={share}&file_total=1&file_name=a+b%2Bc.txt"
    assert requests.get(url, timeout=30).json()["datas"][0]["exist"] == 1
    assert nas.call("stat", method="GET", path=share, file_name=["a b+c.txt"])["total"] == 1
    (folder / os.fsdecode(b"latin-\xe9.txt")).write_text("x")
    raw = requests.get(f"{nas.util}?func=stat&sid={nas.sid}&path={share}&file_total=1&file_name=latin-%E9.txt")
    assert b"latin-\xe9.txt" in raw.content
    assert b'"exist":1' in raw.content
    strict = start(*options(plus="literal"))
    strict.login()
    share, _folder = strict.share("a b.txt")
    url = f"{strict.util}?func=stat&sid={strict.sid}&path={share}&file_total=1&file_name=a+b.txt"
    assert requests.get(url, timeout=30).json()["datas"][0]["exist"] == 0


def test_parameters_may_stand_in_the_body(nas: Nas) -> None:
    share, folder = nas.share("one", "two")
    body = [("path", share), ("file_total", "2"), ("file_name", "one"), ("file_name", "two"), ("force", "1")]
    answer = requests.post(f"{nas.util}?func=delete&sid={nas.sid}", data=[*body, ("v", "2")], timeout=30).json()
    assert sorted(answer) == ["pid", "status"]
    until(lambda: not list(folder.iterdir()))


# -- get_tree, get_list (12), stat (14, 15)


def test_get_tree(nas: Nas, old: Nas) -> None:
    share, _folder = nas.share("sub/file", "top")
    rows = nas.call("get_tree", is_iso=0, node="share_root")
    row = next(row for row in rows if row["id"] == share)
    assert row == {
        "id": share, "cls": "w", "text": share[1:], "no_setup": 0, "is_cached": 0, "draggable": 0, "iconCls": "folder",
        "recycle_bin": "enable", "recycle_folder": "yes", "max_item_limit": 2000, "real_total": len(rows),
    }  # fmt: skip
    assert "\\/" + share[1:] in nas.raw("get_tree", node="share_root").text
    assert [row["id"] for row in nas.call("get_tree", node=share)] == [share + "/sub"]
    assert nas.status("get_tree", node=share + "/none") == 5
    assert nas.status("get_tree") == 20
    assert [row["text"] for row in nas.call("get_tree", node="vol_root")] == ["DataVol1"]
    assert share in [row["id"] for row in nas.call("get_tree", node="recycle_root")]
    share, _folder = old.share("sub/file")
    row = next(row for row in old.call("get_tree", node="share_root") if row["text"] == share[1:])
    assert set(row) == {"text", "id", "cls", "draggable", "iconCls", "noSupportACL"}
    assert "/share/HDA_DATA" + share in [row["id"] for row in old.call("get_tree", node="recycle_root")]


def test_rights_and_bins_in_get_tree(start: Start) -> None:
    nas = start(*options(read_only="ro", denied="secret", recycle_bin="rw"))
    for name in ("ro", "secret", "rw"):
        (nas.root / name).mkdir()
        (nas.root / name / "file").write_text("x")
    nas.login()
    rows = {row["text"]: row for row in nas.call("get_tree", node="share_root")}
    assert {name: row["cls"] for name, row in rows.items()} == {"ro": "r", "rw": "w"}
    assert (rows["ro"]["recycle_bin"], rows["rw"]["recycle_bin"]) == ("disable", "enable")
    assert [row["text"] for row in nas.call("get_tree", node="recycle_root")] == ["rw"]
    assert nas.status("get_list", path="/secret") == 4
    assert nas.status("get_tree", node="/secret") == 4
    assert nas.status("stat", path="/secret", file_total=1, file_name="file") == 4
    assert nas.status("createdir", dest_path="/ro", dest_folder="x") == 4
    assert nas.status("rename", path="/ro", source_name="file", dest_name="x") == 4
    assert nas.status("delete", path="/ro", file_total=1, file_name="file") == 4
    assert nas.status("copy", source_path="/rw", source_file="file", source_total=1, dest_path="/ro", mode=1) == 4
    assert nas.status("move", source_path="/ro", source_file="file", source_total=1, dest_path="/rw", mode=1) == 4
    assert nas.upload("/ro", "new", b"x").json()["status"] == 4
    off = start(*options(recycle_bin="off"))
    off.login()
    assert off.status("get_tree", node="recycle_root") == 16


def test_get_list(nas: Nas) -> None:
    share, folder = nas.share(*(f"file{number:03}" for number in range(23)), ".hidden", "sub/x")
    query = f"?func=get_list&sid={nas.sid}&is_iso=0&list_mode=all&path={share}&dir=ASC&limit=20&sort=filename&start=0"
    answer = requests.get(nas.util + query, timeout=30).json()
    assert {key: value for key, value in answer.items() if key != "datas"} == {
        "acl": 7, "exceed_max": 0, "is_acl_enable": 0, "is_winacl_enable": 0, "is_winacl_support": 1,
        "max_item_limit": 80000, "medialib": 0, "real_total": 24, "rtt_support": 1, "total": 24,
    }  # fmt: skip
    names = [row["filename"] for row in answer["datas"]]
    assert names == ["sub", *(f"file{number:03}" for number in range(19))]
    assert nas.names(share, start=20, limit=20) == [f"file{number:03}" for number in range(19, 23)]
    assert nas.names(share, start=24, limit=20) == []
    assert len(nas.names(share, limit=5000)) == 24
    assert ".hidden" in nas.names(share, hidden_file=1)
    assert nas.names(share, dir="DESC", limit=2) == ["sub", "file022"]
    row = nas.call("get_list", path=share, limit=2)["datas"][1]
    found = (folder / "file000").stat()
    assert (row["filesize"], row["epochmt"], row["isfolder"]) == ("7", int(found.st_mtime), 0)
    assert row["mt"] == time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(found.st_mtime))
    assert row["privilege"] == f"{found.st_mode & 0o777:o}"
    assert {"exist", "is_link", "is_cached", "encrypt_folder", "sticky_bit", "privilege_ex"} <= set(row)
    assert nas.status("get_list", path=share + "/none") == 5
    assert nas.status("get_list", path=share + "/file000") == 5
    assert nas.status("get_list", path=share + "/../x") == 5


def test_sorting(nas: Nas) -> None:
    share, folder = nas.share()
    for name, size, when in (("a10", 3, 100), ("a9", 1, 300), ("B", 2, 200)):
        (folder / name).write_bytes(b"x" * size)
        os.utime(folder / name, (when, when))
    assert nas.names(share, sort="filesize") == ["a9", "B", "a10"]
    assert nas.names(share, sort="mt", dir="DESC") == ["a9", "B", "a10"]
    assert nas.names(share, sort="filename") == ["a10", "a9", "B"]
    assert nas.names(share, sort="natural") == ["a9", "a10", "B"]
    assert nas.names(share, sortby="filesize", order="desc") == ["a10", "a9", "B"]  # no such parameters


def test_get_list_of_qts_4(old: Nas) -> None:
    share, _folder = old.share("Dream.mp4", "text.txt")
    answer = old.call("get_list", path=share, list_mode="all", dir="ASC", limit=20, sort="filename", start=0)
    assert answer["rtt_support"] == 1
    row = answer["datas"][0]
    assert set(row) == {
        "filename", "isfolder", "filesize", "group", "owner", "iscommpressed", "privilege", "filetype", "mt", "mp4_360",
        "mp4_720", "flv_720", "trans", "play",
    }  # fmt: skip
    assert row["mt"].endswith("\n")
    # the guide's second example, with `limit=100&type=2` put right and one `sort` that exists
    videos = old.call(
        "get_list", path=share, dir="ASC", sort="nartual", start=0, limit=100, type=2, filename="Dream.mp4"
    )
    assert [row["filename"] for row in videos["datas"]] == ["Dream.mp4"]
    assert (videos["page"], videos["datas"][0]["filetype"]) == (1, 2)
    assert old.call("get_list", path=share, type=2, flv_720=1, mp4_360=1)["total"] == 0


def test_stat(nas: Nas, old: Nas) -> None:
    for device in (nas, old):
        share, folder = device.share("folder_name/x", "file_name")
        query = f"?func=stat&sid={device.sid}&path={share}&file_total=2&file_name=folder_name&file_name=file_name"
        answer = requests.get(device.util + query, timeout=30).json()
        assert {"total", "acl", "is_acl_enable", "is_winacl_support", "is_winacl_enable", "datas"} == set(answer)
        assert [(row["filename"], row["isfolder"]) for row in answer["datas"]] == [("folder_name", 1), ("file_name", 0)]
        assert answer["datas"][1]["epochmt"] == int((folder / "file_name").stat().st_mtime)
        assert not answer["datas"][1]["mt"].endswith("\n")
        gone = device.stat(share, "gone")
        assert (gone["filename"], gone["exist"], gone["filesize"], gone["owner"]) == ("gone", 0, "0", "")
        whole = device.call("stat", path=share + "/file_name")["datas"]
        assert [(row["filename"], row["exist"]) for row in whole] == [("file_name", 1)]
        assert device.call("stat", path=share + "/gone")["datas"][0]["exist"] == 0
        assert device.call("stat", path=share)["datas"][0]["isfolder"] == 1
        assert device.call("stat", path="/", file_total=1, file_name=share[1:])["datas"][0]["isfolder"] == 1
        # the count rules: what is beyond it is not looked at
        assert device.call("stat", path=share, file_total=1, file_name=["file_name", "gone"])["total"] == 1
    assert nas.status("stat", path="/none", file_total=1, file_name="x") == 5
    assert old.stat("/none", "x")["exist"] == 0


def test_settime(nas: Nas) -> None:
    share, folder = nas.share("folder_name/x", "file_name")
    fields = {"mtime": 1336632200, "path": share, "file_total": 2, "file_name": ["folder_name", "file_name"]}
    before = (folder / "file_name").stat().st_mtime
    nas.call("stat", settime=0, **fields)  # the guide's example has settime=0, and so it does nothing
    assert (folder / "file_name").stat().st_mtime == before
    rows = nas.call("stat", settime=1, **fields)["datas"]
    assert [row["epochmt"] for row in rows] == [1336632200, 1336632200]
    assert (folder / "folder_name").stat().st_mtime == 1336632200
    assert nas.log()[-1]["call"] == "stat&settime"
    assert nas.log()[-1]["writes"]
    nas.call("stat", settime=1, path=share, file_total=1, file_name="file_name")
    assert abs((folder / "file_name").stat().st_mtime - time.time()) < 60


# -- questions


def test_checksum_size_and_free_space(nas: Nas, old: Nas) -> None:
    share, folder = nas.share("folder1/a", "folder1/.b", "file1", "file2")
    row = nas.call("checksum", path=share, file_total=1, file_name="file1")["datas"][0]
    assert row == {
        "filename": "file1",
        "filesize": "5",
        "mt": int((folder / "file1").stat().st_mtime),
        "checksum": hashlib.md5(b"file1").hexdigest(),
    }
    assert nas.status("checksum", path=share, file_total=1, file_name="gone") == 5
    assert nas.status("checksum", path=share, file_total=1, file_name="folder1") == 106
    assert old.status("checksum", path=old.share("x")[0], file_total=1, file_name="x") == 20
    # the guide's example has a `$` for an `&`
    size = nas.call("get_file_size", path=share, total=3, name=["folder1", "file1", "file2"])
    assert size == {"status": 1, "size": str(9 + 10 + 10), "folderCnt": "1", "fileCnt": "4"}
    assert nas.status("get_file_size", path=share, total=1, name="gone") == 5
    assert {"free_size", "used_size"} < set(nas.call("get_disk_info", path=share))
    found = nas.call("get_domain_ip_list")
    assert {"status", "mycloudnas_hn", "ddns_hn", "external_ip", "local_ip", "host_ip", "port"} <= set(found)


def test_search(nas: Nas, old: Nas) -> None:
    for device, volume in ((nas, "CACHEDEV1_DATA"), (old, "HDA_DATA")):
        share, folder = device.share("sub/KeyWord.txt", "my keyword", "other")
        query = (
            f"?func=search&sid={device.sid}&keyword=keyword&source_path={share}&dir=ASC&limit=20&sort=filename&start=0"
        )
        answer = requests.get(device.util + query, timeout=30).json()
        assert {"total", "acl", "is_acl_enable", "datas"} == set(answer)
        found = {row["filename"] for row in answer["datas"]}
        assert found == {f"/share/{volume}{share}/{name}" for name in ("sub/KeyWord.txt", "my keyword")}
        assert device.status("search", keyword="x", source_path=share + "/none") == 5
    for number in range(1001):
        (folder / f"many{number}").touch()
    assert old.status("search", keyword="many", source_path=share) == 34
