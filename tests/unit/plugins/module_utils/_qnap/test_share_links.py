# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: share links."""

from __future__ import annotations

import base64
import io
import time
from calendar import timegm

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.share_links import ShareLinkFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.links import NEVER, DesiredLink, Mail
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    SECRETS,
    Reply,
    gone,
    row,
    rows,
    status,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import fails as failing

CODE = "geheim & 1+1=2"
LATER = (int(time.time()) + 40 * 86400) // 60 * 60
HOUR = 3600


def fails(kind, action):
    return failing(kind, action, (*SECRETS, CODE))


def listed(ssid, path="/Public/a.txt", **more):
    """A row of get_share_list."""
    return {
        "ssid": ssid,
        "filename": f"/share/CACHEDEV1_DATA{path}",
        "filesize": "5",
        "download_link": f"https://nas.example:8081/share.cgi?ssid={ssid}",
        "start_time": 1336718447,
        "expire_time": 0,
        "addressee": "",
        "creator": "admin",
        "access_code": "",
        "download_count": 4,
        "misc": "----",
        **more,
    }


class Links:
    """The share links of the device, whose clock is ahead of UTC by `zone` seconds."""

    def __init__(self, fake, zone=0, says=None):
        self.zone = zone
        self.says = zone if says is None else says
        self.rows = {}
        self.page = 1000
        self.earliest = 0
        fake.on("stat", self.stat).on("get_share_list", self.list)
        fake.on("get_share_link", self.create).on("update_share_link", self.update)
        fake.on("delete_share", self.delete).on("share_file", {"status": 1})

    def stat(self, asked):
        local = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(1700000000 + self.says))
        return rows(row(asked["file_name"], mt=local + "\n"))

    def list(self, asked):
        start = int(asked["start"])
        every = list(self.rows.values())
        return {"max_share_file": 1000, "total": str(len(every)), "datas": every[start : start + self.page]}

    def end(self, fields):
        if fields["valid_duration"] == "forever":
            return 0
        return timegm(time.strptime(fields["datetime"], "%Y/%m/%d %H:%M")) - self.zone

    def terms(self, fields):
        scheme = "https" if fields["ssl"] == "true" else "http"
        code = fields["access_code"] if fields["access_enabled"] == "true" else ""
        return {"expire_time": self.end(fields), "access_code": code}, f"{scheme}://{fields['hostname']}/share.cgi"

    def create(self, asked):
        fields = {**dict(asked.pairs), **asked.form()}
        if fields["valid_duration"] != "forever" and self.end(fields) < self.earliest:
            return status(95)
        ssid = f"0new{len(self.rows)}"
        terms, base = self.terms(fields)
        path = f"{fields['path']}/{fields['file_name']}"
        self.rows[ssid] = listed(ssid, path, download_link=f"{base}?ssid={ssid}", **terms)
        return {
            "status": 1,
            "expire_time": terms["expire_time"],
            "total": 1,
            "links": [{"filename": path, "link_url": f"{base}?ssid={ssid}"}],
        }

    def update(self, asked):
        fields = {**dict(asked.pairs), **asked.form()}
        ssid = fields["ssids"]
        if fields["valid_duration"] != "forever" and self.end(fields) < self.earliest:
            return status(95)
        terms, base = self.terms(fields)
        self.rows[ssid].update(terms, download_link=f"{base}?ssid={ssid}")
        return {"status": 1, "success": "true"}

    def delete(self, asked):
        for url in asked.all("download_link"):
            self.rows.pop(url.rpartition("=")[2], None)
        return {"status": 1, "success": "true"}


@pytest.fixture
def links(nas):
    return nas.client({"sid": "sid-1"}).share_links


def fields_of(asked):
    return {**dict(asked.pairs), **asked.form()}


def test_list_in_pages(nas, links):
    device = Links(nas)
    device.page = 2
    for number, name in enumerate(ODD):
        device.rows[str(number)] = listed(str(number), f"/Public/{name}")
    found = links.list()
    assert [link.path for link in found] == [f"/Public/{name}" for name in ODD]
    assert [asked["start"] for asked in nas.asked] == [str(start) for start in range(0, len(ODD), 2)]
    assert (nas.asked[0]["dir"], nas.asked[0]["sort"]) == ("ASC", "filename")


def test_links_of_other_paths_are_not_read(nas, links):
    device = Links(nas)
    device.rows["a"] = listed("a", filename="/share/HDA_DATA/Public/a")
    device.rows["b"] = listed("b", filename="/Public/b", expire_time="nonsense")
    assert [link.id for link in links.list(["/Public/a", "/Public/c"])] == ["a"]
    with pytest.raises(NasError):
        links.list(["/Public/b"])


def test_a_link(nas, links):
    device = Links(nas)
    device.rows["a"] = listed("a", access_code=CODE, expire_time=str(LATER), filename="/share/HDA_DATA/Public/x y")
    device.rows["b"] = listed("b", expire_time=1337323247, filename="/Public/b", secret="hidden")
    one, two = links.list()
    assert (one.id, one.path, one.expires, one.password, one.has_password, one.valid, one.owner) == (
        "a",
        "/Public/x y",
        LATER,
        CODE,
        True,
        True,
        "admin",
    )
    assert one.url == "https://nas.example:8081/share.cgi?ssid=a"
    assert CODE not in repr(one)
    assert CODE not in str(one.as_result())
    assert (two.path, two.has_password, two.password, two.valid) == ("/Public/b", False, None, False)
    assert two.details["download_count"] == 4
    assert "secret" not in two.details
    assert links.get("b") == two
    assert links.get("c") is None


def test_get_stops_when_it_has_found_it(nas, links):
    device = Links(nas)
    device.page = 1
    device.rows = {str(number): listed(str(number)) for number in range(5)}
    assert links.get("1").id == "1"
    assert len(nas.asked) == 2


@pytest.mark.parametrize(
    "broken",
    [{"ssid": None}, {"ssid": ""}, {"filename": 5}, {"download_link": ""}, {"expire_time": "soon"}],
)
def test_rows_that_are_none(nas, links, broken):
    nas.on("get_share_list", {"total": 1, "datas": [{**listed("a"), **broken}]})
    assert fails(Kind.PROTOCOL, links.list).call == "get_share_list"


def test_no_list(nas, links):
    nas.on("get_share_list", {"total": 0, "datas": []}, status(4), {"status": 1}, {"total": 2, "datas": [listed("a")]})
    assert links.list() == []
    fails(Kind.PERMISSION_DENIED, links.list)
    fails(Kind.PROTOCOL, links.list)
    # A device that ignores the start.
    fails(Kind.PROTOCOL, links.list)


def test_times_are_rounded_to_minutes(links):
    assert links.rounded(NEVER) == NEVER
    assert links.rounded(119) == 60
    assert links.rounded(LATER) == LATER


def test_create_without_anything(nas, links):
    Links(nas)
    for name in ODD:
        nas.asked.clear()
        link = links.create(f"/Public/x/{name}", DesiredLink())
        assert (link.path, link.expires, link.has_password) == (f"/Public/x/{name}", NEVER, False)
        (asked,) = nas.calls("get_share_link")
        assert asked.method == "GET"
        assert {key: asked[key] for key, _value in asked.pairs} == {
            "func": "get_share_link",
            "sid": "sid-1",
            "download_type": "create_download_link",
            "path": "/Public/x",
            "file_total": "1",
            "file_name": name,
            "hostname": "127.0.0.1",
            "ssl": "false",
            "access_enabled": "false",
            "access_code": "",
            "valid_duration": "forever",
            "network_type": "internet",
        }
        assert [asked.call for asked in nas.asked] == ["stat", "get_share_link", "get_share_list"]


def test_create_with_everything(nas, links):
    Links(nas, zone=8 * HOUR)
    desired = DesiredLink(expires=LATER, password=CODE, ssl=True, hostname="nas.example", network="local")
    link = links.create("/Public/a", desired)
    assert (link.expires, link.password, link.url) == (LATER, CODE, "https://nas.example/share.cgi?ssid=0new0")
    (asked,) = nas.calls("get_share_link")
    # A password has no place in a device's logs.
    assert asked.method == "POST"
    assert dict(asked.pairs) == {"func": "get_share_link", "sid": "sid-1"}
    form = asked.form()
    assert (form["access_enabled"], form["access_code"], form["network_type"]) == ("true", CODE, "local")
    assert form["datetime"] == time.strftime("%Y/%m/%d %H:%M", time.gmtime(LATER + 8 * HOUR))
    assert not nas.calls("update_share_link")


@pytest.mark.parametrize("zone", [-11 * HOUR, -3.5 * HOUR, 0, HOUR, 5.75 * HOUR, 14 * HOUR])
@pytest.mark.parametrize("says", [None, 0, HOUR])
def test_an_end_in_any_time_zone(nas, links, zone, says):
    # What stat tells about the zone may be wrong: summer time, or an old firmware.
    Links(nas, zone=int(zone), says=says)
    link = links.create("/Public/a", DesiredLink(expires=LATER))
    assert link.expires == LATER
    assert len(nas.calls("update_share_link")) == (0 if says in (None, zone) else 1)
    changed = links.edit(link, DesiredLink(expires=LATER + 86400))
    assert (changed.id, changed.expires) == (link.id, LATER + 86400)


def test_an_end_that_seems_to_be_over(nas, links):
    soon = (int(time.time()) + 1800) // 60 * 60
    device = Links(nas, zone=2 * HOUR, says=HOUR)
    device.earliest = int(time.time())
    link = links.create("/Public/a", DesiredLink(expires=soon, password=CODE))
    assert (link.expires, link.password) == (soon, CODE)
    assert len(nas.calls("get_share_link")) == 2


def test_an_end_that_is_over(nas, links):
    device = Links(nas)
    device.earliest = int(time.time())
    error = fails(Kind.INVALID_ARGUMENT, lambda: links.create("/Public/a", DesiredLink(expires=60)))
    assert (error.code, error.call, error.path) == ("95", "get_share_link", "/Public/a")
    assert len(nas.calls("get_share_link")) == 1


def test_a_device_that_takes_the_change_only_afterwards(nas, links):
    device = Links(nas, zone=HOUR, says=0)

    def create(_asked):
        device.rows["n"] = listed("n", "/Public/a")
        return {"status": 1, "ssid": "n", "expire_time": 0, "links": [{"filename": "a"}]}

    nas.on("get_share_link", create)
    link = links.create("/Public/a", DesiredLink(expires=LATER, password=CODE))
    assert (link.id, link.expires, link.password) == ("n", LATER, CODE)
    assert len(nas.calls("update_share_link")) == 2


def test_a_device_that_never_takes_the_change(nas, links):
    device = Links(nas)
    nas.on("update_share_link", {"status": 1, "success": "true"})
    for what, desired in (("end", DesiredLink(expires=LATER)), ("password", DesiredLink(password=CODE))):
        nas.on("get_share_link", lambda _asked: device.create(asked_plain) and made("0new0"))
        error = fails(Kind.DEVICE, lambda desired=desired: links.create("/Public/a", desired))
        assert what in error.message
        assert error.call == "update_share_link"
        # It is not left behind.
        assert not device.rows
    assert len(nas.calls("update_share_link")) == 6


def made(ssid):
    return {"status": 1, "links": [{"link_url": f"http://h/share.cgi?ssid={ssid}"}]}


class asked_plain:  # noqa: N801
    """A request for a link without terms."""

    pairs = ()

    @staticmethod
    def form():
        return {
            "path": "/Public",
            "file_name": "a",
            "valid_duration": "forever",
            "ssl": "false",
            "hostname": "h",
            "access_enabled": "false",
        }


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(4), Kind.PERMISSION_DENIED),
        (status(5), Kind.NOT_FOUND),
        (status(14), Kind.DEVICE),
        (status(105), Kind.DEVICE),
        ({"status": 1, "links": []}, Kind.PROTOCOL),
        ({"status": 1, "links": [{"filename": "a"}]}, Kind.PROTOCOL),
        ({"status": 1}, Kind.PROTOCOL),
        (b"", Kind.PROTOCOL),
        (Reply(b"", 503), Kind.BUSY),
    ],
)
def test_create_fails(nas, links, reply, kind):
    Links(nas)
    nas.on("get_share_link", reply)
    error = fails(kind, lambda: links.create("/Public/a", DesiredLink(password=CODE)))
    assert (error.call, error.path) == ("get_share_link", "/Public/a")
    assert len(nas.calls("get_share_link")) == 1


def test_create_for_nothing(nas, links):
    Links(nas)
    nas.on("stat", rows(gone("a")), status(5), rows())
    for _number in range(3):
        fails(Kind.NOT_FOUND, lambda: links.create("/Public/a", DesiredLink()))
    fails(Kind.USAGE, lambda: links.create("/Public", DesiredLink()))
    assert not nas.calls("get_share_link")


def test_a_link_that_is_not_listed(nas, links):
    Links(nas)
    nas.on("get_share_link", made("unknown"))
    fails(Kind.NOT_FOUND, lambda: links.create("/Public/a", DesiredLink()))


def test_edit_keeps_the_rest(nas, links):
    device = Links(nas, zone=HOUR)
    device.rows["a"] = listed("a", access_code=CODE, expire_time=LATER + 13)
    link = links.edit(links.get("a"), DesiredLink(ssl=False))
    (asked,) = nas.calls("update_share_link")
    form = fields_of(asked)
    assert (form["ssids"], form["file_total"], form["hostname"], form["ssl"]) == ("a", "1", "nas.example", "false")
    assert form["download_type"] == form["dowdownload_type"] == "create_download_link"
    assert (form["access_enabled"], form["access_code"]) == ("true", CODE)
    assert "network_type" not in form
    assert (link.id, link.expires, link.password) == ("a", LATER, CODE)
    link = links.edit(link, DesiredLink(password="", expires=NEVER))
    assert (link.expires, link.has_password, link.url) == (NEVER, False, "http://nas.example/share.cgi?ssid=a")
    assert fields_of(nas.calls("update_share_link")[1])["valid_duration"] == "forever"


def test_edit_of_a_link_to_what_is_gone(nas, links):
    device = Links(nas, zone=HOUR)
    device.rows["a"] = listed("a")
    nas.on("stat", rows(gone("a.txt")))
    assert links.edit(links.get("a"), DesiredLink(expires=LATER)).expires == LATER


def test_edit_of_a_link_that_is_gone(nas, links):
    device = Links(nas)
    device.rows["a"] = listed("a")
    link = links.get("a")
    nas.on("update_share_link", {"status": 1, "success": "true"})
    device.rows.clear()
    fails(Kind.NOT_FOUND, lambda: links.edit(link, DesiredLink(password=CODE)))
    nas.on("update_share_link", status(0))
    fails(Kind.DEVICE, lambda: links.edit(link, DesiredLink(password=CODE)))


MAIL = Mail(("a@example.com", "b@example.com"), "Für dich", "Hier & jetzt", include_password=True)


def test_create_then_mail(nas, links):
    Links(nas, zone=HOUR)
    link = links.create("/Public/a", DesiredLink(expires=LATER, password=CODE), MAIL)
    one, two = nas.calls("share_file")
    form = fields_of(one)
    assert [fields_of(asked)["addressee"] for asked in (one, two)] == list(MAIL.addressees)
    assert form["download_type"] == form["dowdownload_type"] == "email_download_link"
    assert (form["subject"], form["content"], form["link_url"]) == (MAIL.subject, MAIL.content, link.url)
    assert (form["include_access_code"], form["access_code"]) == ("true", CODE)
    assert CODE in form["mail_content_pwd"]
    assert form["expire_time"] == str(LATER)
    assert form["datetime"] == time.strftime("%Y/%m/%d %H:%M", time.gmtime(LATER + HOUR))
    assert form["datetime"] in form["mail_content_date"]
    assert (form["path"], form["file_name"], form["file_total"]) == ("/Public", "a", "1")
    assert nas.asked[-1] is two


def test_a_mail_without_the_password(nas, links):
    device = Links(nas)
    device.rows["a"] = listed("a", access_code=CODE)
    links.edit(links.get("a"), DesiredLink(), Mail(("a@example.com",), "s", "c"))
    form = fields_of(nas.calls("share_file")[0])
    assert (form["include_access_code"], form["mail_content_pwd"], form["mail_content_date"]) == ("false", "", "")
    assert form["valid_duration"] == "forever"


def test_a_mail_that_is_not_sent(nas, links):
    device = Links(nas)
    nas.on("share_file", {"status": 1, "email_error": 1})
    error = fails(Kind.DEVICE, lambda: links.create("/Public/a", DesiredLink(password=CODE), MAIL))
    assert error.call == "share_file"
    assert not device.rows
    # Perhaps it was sent: then the link must stay.
    nas.on("share_file", Reply(b"", length=10))
    fails(Kind.CONNECTION, lambda: links.create("/Public/a", DesiredLink(), MAIL))
    assert device.rows


def test_delete_many_in_one_call(nas, links):
    device = Links(nas)
    device.rows = {str(number): listed(str(number), f"/Public/{number}") for number in range(5)}
    one, two, *rest = links.list()
    links.delete([one, two])
    (asked,) = nas.calls("delete_share")
    assert asked["file_total"] == "2"
    assert asked.all("download_link") == [one.url, two.url]
    assert asked.all("filename") == ["/Public/0", "/Public/1"]
    assert links.list() == rest
    links.delete([])
    assert len(nas.calls("delete_share")) == 1


def test_delete_believes_what_it_sees(nas, links):
    device = Links(nas)
    device.rows["a"] = listed("a")
    link = links.get("a")
    nas.on("delete_share", {"status": 1, "success": "true"})
    fails(Kind.DEVICE, lambda: links.delete([link]))
    nas.on("delete_share", status(4))
    fails(Kind.PERMISSION_DENIED, lambda: links.delete([link]))
    nas.on("delete_share", Reply(b"", 503))
    fails(Kind.BUSY, lambda: links.delete([link]))
    device.rows.clear()
    nas.on("delete_share", status(5))
    links.delete([link])


def test_delete_hundreds(nas, links):
    device = Links(nas)
    device.rows = {str(number): listed(str(number), f"/Public/{number}") for number in range(300)}
    links.delete(links.list())
    assert not device.rows
    assert max(len(asked.raw_query) for asked in nas.asked) < 8000


def test_delete_all_and_what_is_not_offered(nas, links):
    nas.on("delete_share_all", {"status": 1, "success": "true"}, status(4))
    links.delete_all()
    fails(Kind.PERMISSION_DENIED, links.delete_all)
    fails(Kind.UNSUPPORTED, links.clear_invalid)
    assert links.features == ShareLinkFeatures(
        password=True,
        shows_password=True,
        expires=True,
        ssl=True,
        hostname=True,
        network=True,
        mail=True,
        edit=True,
        delete_all=True,
        download=True,
        download_member=True,
    )


URL = "https://elsewhere.example:4430/share.cgi?ssid=0QNAP12&open=normal"


def fetch(links, url=URL, password=None, member=None):
    sink = io.BytesIO()
    done = links.download(url, password, sink, watch=Watch(), member=member)
    assert done == len(sink.getvalue())
    return sink.getvalue()


def test_download(nas, links):
    content = bytes(range(256)) * 5000
    nas.on("share.cgi", Reply(content, headers={"Content-Disposition": "attachment"}), Reply(content, length=-1))
    assert fetch(links) == content
    assert fetch(links, password=CODE) == content
    one, two = nas.asked
    assert (one.method, one["ssid"], one["openfolder"]) == ("GET", "0QNAP12", "forcedownload")
    assert one["fid"] == "0QNAP12"
    assert not one.all("sid") + one.all("ep") + one.all("open") + one.all("path") + one.all("filename")
    assert not two.all("access_code")
    assert base64.b64decode(two["ep"]).decode() == CODE
    assert nas.logins == 0


@pytest.mark.parametrize(
    ("member", "path", "filename"),
    [("a b.jpg", "/", "a b.jpg"), ("2026/é/100% #1.jpg", "/2026/é", "100% #1.jpg"), ("x/y.zip", "/x", "y.zip")],
)
def test_download_of_one_file_of_a_folder(nas, links, member, path, filename):
    # What a link from a browser says about another file gives way.
    url = f"{URL}&fid=other&path=%2Fold&filename=old.txt&ep=b2xk&access_code=old"
    nas.on("share.cgi", Reply(b"PK\x03\x04", headers={"Content-Disposition": f"attachment; filename={filename!a}"}))
    assert fetch(links, url, CODE, member) == b"PK\x03\x04"
    (asked,) = nas.asked
    assert (asked["fid"], asked["path"], asked["filename"]) == ("0QNAP12", path, filename)
    assert base64.b64decode(asked["ep"]).decode() == CODE
    assert not asked.all("access_code")


def test_a_zip_of_all_is_not_taken_for_the_one_file(nas, links):
    nas.on("share.cgi", Reply(b"PK\x03\x04zip", headers={"Content-Disposition": 'attachment; filename="photos.zip"'}))
    error = fails(Kind.UNSUPPORTED, lambda: fetch(links, member="2026/a.jpg"))
    assert error.path == "2026/a.jpg"
    assert fetch(links, member="photos.zip") == b"PK\x03\x04zip"


@pytest.mark.parametrize(
    "content",
    [b"", b'{"status": 5, "success": "true"}', b"<html>my page</html>"],
)
def test_download_of_a_file_that_reads_like_an_error(nas, links, content):
    nas.on("share.cgi", Reply(content, headers={"Content-Disposition": "attachment"}))
    assert fetch(links) == content


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(17), Kind.PERMISSION_DENIED),
        (status(3), Kind.PERMISSION_DENIED),
        (status(4), Kind.PERMISSION_DENIED),
        (Reply(b"", 403), Kind.PERMISSION_DENIED),
        (Reply(b'<html><input name="p" type="password"></html>'), Kind.PERMISSION_DENIED),
        (status(57), Kind.NOT_FOUND),
        (status(5), Kind.NOT_FOUND),
        (Reply(b"<html>", 404), Kind.NOT_FOUND),
        (Reply(b"<!DOCTYPE html><html>gone</html>"), Kind.NOT_FOUND),
        (Reply(b"", 500), Kind.DEVICE),
        (Reply(b"hell", length=5), Kind.CONNECTION),
    ],
)
def test_download_fails_before_anything_is_written(nas, links, reply, kind):
    nas.on("share.cgi", reply)
    sink = io.BytesIO()
    error = fails(kind, lambda: links.download(URL, CODE, sink, watch=Watch()))
    assert error.call == "share.cgi"
    assert not sink.getvalue()
    assert nas.logins == 0


@pytest.mark.parametrize("url", ["", "https://nas.example/s/abc", "http://[bad?ssid=1", "https://nas.example/?ssid="])
def test_download_of_no_link(nas, links, url):
    fails(Kind.INVALID_ARGUMENT, lambda: fetch(links, url))
    assert not nas.asked
