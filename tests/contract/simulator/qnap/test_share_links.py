# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: share links (File Station guide, 17)."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.contract.simulator.qnap.simulated import Nas, Start, options

ROW_OF_THE_GUIDE = {
    "ssid", "filename", "filesize", "filetype", "download_link", "start_time", "expire_time", "addressee", "creator",
    "access_code", "download_count", "download_limit", "misc",
}  # fmt: skip


@pytest.fixture
def nas(own: Nas) -> Nas:
    return own


def link(nas: Nas, path: str, names: list[str], **params: Any) -> dict[str, Any]:
    fields = {"download_type": "create_download_link", "ssl": "false", "valid_duration": "forever", "path": path,
              "file_total": len(names), "file_name": names, "access_enabled": "false", "hostname": "127.0.0.1",
              "network_type": "internet", **params}  # fmt: skip
    return dict(nas.call("get_share_link", **fields))


def listed(nas: Nas, **params: Any) -> dict[str, dict[str, Any]]:
    answer = nas.call("get_share_list", dir="ASC", limit=20, sort="filename", start=0, **params)
    assert answer["max_share_file"] == 1000
    return {row["ssid"]: row for row in answer["datas"]}


def outbox(nas: Nas) -> list[dict[str, Any]]:
    path = nas.root / ".simulator/outbox.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_the_guide_s_example_of_a_link(nas: Nas) -> None:
    (nas.root / "Multimedia/Samples").mkdir(parents=True)
    (nas.root / "Multimedia/Samples/sample01.jpg").write_bytes(b"jpeg")
    query = (
        f"?func=get_share_link&sid={nas.sid}&access_code=GolZ9hiI&access_enabled=true&network_type=internet"
        "&download_type=email_download_link&ssl=true&valid_duration=period_of_time&day=07&hour=00"
        "&path=/Multimedia/Samples&file_total=1&file_name=sample01.jpg&hostname=172.17.20.62"
        "&addressee=admin@qnap.com&subject=To Share with You&content=content&include_access_code=true&"
    )
    answer = requests.get(nas.util + query, timeout=30).json()
    assert {"status", "expire_time", "total", "count", "limit", "misc", "links"} <= set(answer)
    assert (answer["status"], answer["total"], answer["misc"]) == (1, 1, "----")
    assert abs(answer["expire_time"] - time.time() - 7 * 86400) < 60
    assert answer["links"][0]["filename"] == "/Multimedia/Samples/sample01.jpg"
    assert answer["links"][0]["link_url"].startswith("https://172.17.20.62:")
    assert len(answer["ssid"]) == 32
    mail = outbox(nas)[0]
    assert (mail["to"], mail["subject"], mail["access_code"]) == (["admin@qnap.com"], "To Share with You", "GolZ9hiI")
    assert mail["links"] == [answer["links"][0]["link_url"]]
    assert nas.log()[-1]["params"]["access_code"] == "***"


def test_links_serve_their_files(nas: Nas) -> None:
    share, folder = nas.share("a b.txt", "sub/deep.txt")
    made = link(nas, share, ["a b.txt", "sub"])
    assert made["total"] == 2
    file_url, folder_url = (item["link_url"] for item in made["links"])
    got = requests.get(file_url, timeout=30)
    assert got.content == b"a b.txt"
    assert "a%20b.txt" in got.headers["Content-Disposition"]
    part = requests.get(file_url, headers={"Range": "bytes=2-"}, timeout=30)
    assert (part.status_code, part.content) == (206, b"b.txt")
    with zipfile.ZipFile(io.BytesIO(requests.get(folder_url, timeout=30).content)) as archive:
        assert archive.read("sub/deep.txt") == b"sub/deep.txt"
    rows = listed(nas)
    row = rows[made["ssid"]]
    assert set(row) > ROW_OF_THE_GUIDE
    assert row["filename"] == f"/share/CACHEDEV1_DATA{share}/a b.txt"
    assert (row["download_count"], row["expire_time"], row["creator"], row["access_code"]) == (2, 0, "admin", "")
    assert row["download_link"] == file_url
    assert nas.log()[-2]["call"] == "share.cgi"
    (folder / "a b.txt").unlink()
    assert requests.get(file_url, timeout=30).status_code == 404
    assert requests.get(f"{nas.url}/share.cgi?ssid=unknown", timeout=30).status_code == 404
    assert link(nas, share, ["sub"])["ssid"] != link(nas, share, ["sub"])["ssid"]


def test_links_with_a_code(nas: Nas) -> None:
    share, _folder = nas.share("file")
    made = link(nas, share, ["file"], access_enabled="true", access_code="pä ss")
    url = made["links"][0]["link_url"]
    for params in ({}, {"access_code": "wrong"}, {"ep": "d3Jvbmc="}):
        page = requests.get(url, params=params, timeout=30)
        assert page.headers["Content-Type"].startswith("text/html")
        assert nas.log()[-1]["code"] == 17
    coded = base64.b64encode("pä ss".encode()).decode()
    assert requests.get(url, params={"ep": coded}, timeout=30).content == b"file"
    assert requests.post(url, data={"access_code": "pä ss"}, timeout=30).content == b"file"
    assert listed(nas)[made["ssid"]]["access_code"] == "pä ss"
    assert link(nas, share, ["file"], access_enabled="true")["status"] == 20


def test_links_that_end(nas: Nas) -> None:
    share, _folder = nas.share("file")
    soon = datetime.now() + timedelta(days=2)
    made = link(nas, share, ["file"], valid_duration="specific_time", datetime=f"{soon:%Y/%m/%d %H:%M}")
    assert made["expire_time"] == int(soon.replace(second=0, microsecond=0).timestamp())
    for bad in ("2012/05/18 15:34", "nonsense", ""):
        assert link(nas, share, ["file"], valid_duration="specific_time", datetime=bad)["status"] == 95
    assert link(nas, share, ["file"], valid_duration="period_of_time", day=0, hour=0)["status"] == 95
    assert link(nas, share, ["file"], valid_duration="some_time")["status"] == 20
    assert link(nas, share, ["file"], download_type="fax")["status"] == 20
    assert link(nas, share, ["gone"])["status"] == 5
    assert link(nas, share, [])["status"] == 20


def test_mail_of_a_link(nas: Nas, start: Start) -> None:
    share, _folder = nas.share("sample01.jpg")
    made = link(nas, share, ["sample01.jpg"])["links"][0]["link_url"]
    # as the guide has it, `include_access_code=ture` and all
    fields = {
        "access_code": "GolZ9hiI", "access_enabled": "true", "network_type": "internet",
        "download_type": "email_download_link", "ssl": "true", "valid_duration": "period_of_time", "day": "07",
        "hour": "00", "path": share, "file_total": 1, "file_name": "sample01.jpg", "hostname": "172.17.20.62",
        "addressee": "admin@qnap.com, b@example.org", "subject": "To Share with you", "content": "content",
        "include_access_code": "ture", "link_url": made,
        "mail_content_date": "Period of validity: 05/18/2012 09:55", "mail_content_pwd": "Password: Go1Z9hiI",
        "expire_time": 1337306140,
    }  # fmt: skip
    assert nas.call("share_file", **fields) == {"status": 1, "email_error": 0}
    assert outbox(nas)[-1]["links"] == [made]
    assert outbox(nas)[-1]["to"] == ["admin@qnap.com", "b@example.org"]
    assert outbox(nas)[-1]["password"] == "Password: Go1Z9hiI"
    assert len(listed(nas)) == 1
    del fields["link_url"]
    fields["dowdownload_type"] = fields.pop("download_type")  # the spelling of the command line
    assert nas.call("share_file", **fields)["email_error"] == 0
    assert len(listed(nas)) == 2
    assert nas.call("share_file", **{**fields, "addressee": ""})["email_error"] == 1
    silent = start(*options(smtp="off"))
    silent.login()
    share, _folder = silent.share("sample01.jpg")
    assert silent.call("share_file", **{**fields, "path": share}) == {"status": 1, "email_error": 1}


def test_links_are_changed(nas: Nas) -> None:
    share, _folder = nas.share("file")
    made = link(nas, share, ["file"])
    ssid, later = made["ssid"], datetime.now() + timedelta(days=30)
    # the guide's example, with a date to come
    query = (
        f"?func=update_share_link&sid={nas.sid}&download_type=create_download_link&valid_duration=specific_time"
        f"&datetime={later:%Y/%m/%d %H:%M}&file_total=1&access_code=0AUDPsDc&access_enabled=true"
        f"&hostname=211.75.189.169&ssids={ssid}&ssl=false"
    )
    assert requests.get(nas.util + query, timeout=30).json()["status"] == 1
    row = listed(nas)[ssid]
    assert row["access_code"] == "0AUDPsDc"
    assert row["expire_time"] == int(later.replace(second=0, microsecond=0).timestamp())
    assert urlsplit(row["download_link"]).hostname == "211.75.189.169"
    assert nas.status("update_share_link", ssids=ssid, access_enabled="false", link_name="new", option=1) == 1
    row = listed(nas)[ssid]
    assert (row["access_code"], row["link_name"]) == ("", "new")
    assert (
        nas.status("update_share_link", ssids=ssid, valid_duration="specific_time", datetime="2012/05/18 15:34") == 95
    )
    assert nas.status("update_share_link", ssids="unknown", valid_duration="forever") == 5
    assert nas.status("update_share_link", valid_duration="forever") == 20
    assert nas.status("update_share_link", ssids=ssid, valid_duration="forever") == 1
    assert listed(nas)[ssid]["expire_time"] == 0


def test_links_are_ended(nas: Nas) -> None:
    share, _folder = nas.share("one", "two", "three")
    one, two, three = (link(nas, share, [name])["links"][0] for name in ("one", "two", "three"))
    assert nas.status("delete_share", file_total=1, download_link=one["link_url"], filename=one["filename"]) == 1
    assert requests.get(one["link_url"], timeout=30).status_code == 404
    assert nas.status("delete_share", file_total=1, download_link=one["link_url"], filename="one") == 5
    both = {"download_link": [two["link_url"], three["link_url"]], "filename": ["two", "three"]}
    assert nas.status("delete_share", file_total=1, **both) == 1
    assert len(listed(nas)) == 1
    assert nas.status("delete_share_all") == 1
    assert listed(nas) == {}


def test_links_of_others_and_of_qts_4(start: Start) -> None:
    old = start("--profile", "qts4", *options(users="joe:pw", max_links=2))
    share, _folder = old.share("file")
    old.login("joe", "pw")
    own = link(old, share, ["file"])
    assert len(own["ssid"]) == 7
    old.login()
    answer = old.call("get_share_list")
    assert answer["max_share_file"] == 2
    assert set(answer["datas"][0]) == ROW_OF_THE_GUIDE
    assert answer["datas"][0]["filename"] == f"/share/HDA_DATA{share}/file"
    link(old, share, ["file"])
    assert link(old, share, ["file"])["status"] == 14
    old.login("joe", "pw")
    assert [row["ssid"] for row in old.call("get_share_list")["datas"]] == [own["ssid"]]
    assert old.status("delete_share_all") == 1
    old.login()
    assert old.call("get_share_list")["total"] == 1


def test_a_link_expires(nas: Nas) -> None:
    share, _folder = nas.share("file")
    made = link(nas, share, ["file"])["links"][0]["link_url"]
    nas.faults({"call": "share.cgi", "do": {"error": 57}})
    assert requests.get(made, timeout=30).json()["status"] == 57


def test_the_outbox_is_private_and_in_no_share(start: Start, tmp_path: Path) -> None:
    nas = start(*options(outbox=tmp_path / "mails"))
    nas.login()
    share, _folder = nas.share("file")
    link(nas, share, ["file"], download_type="email_download_link", addressee="a@example.org")
    assert (tmp_path / "mails").stat().st_mode & 0o777 == 0o600
    assert [row["text"] for row in nas.call("get_tree", node="share_root")] == [share[1:]]
