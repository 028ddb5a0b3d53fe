# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: share links."""

from __future__ import annotations

import io
import time
from datetime import datetime

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.share_links import ShareLinkFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.links import NEVER, DesiredLink, Mail, ShareLink
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._synology import entries
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import Fail, dsm5, fails

PASSWORD = "S3CRET, \\ü"


def link(link_id="EFNYhSJyD", **more):
    """A `<Sharing_Link>` object."""
    return {
        "id": link_id,
        "url": f"http://nas.example.com:5000/sharing/{link_id}",
        "link_owner": "backup",
        "path": "/pub/2024",
        "name": "2024",
        "isFolder": True,
        "has_password": False,
        "date_expired": "",
        "date_available": "",
        "status": "valid",
        "qrcode": "data:image/png;base64,AAAA",
        "expire_times": 0,
        **more,
    }


def made(link_id="EFNYhSJyD", path="/pub/2024", **more):
    """What create tells of a link."""
    return {"links": [{"id": link_id, "path": path, "url": "http://x", "qrcode": "AAAA", "error": 0, **more}]}


def at(*moment):
    return int(datetime(*moment).timestamp())


@pytest.fixture(autouse=True, params=["UTC", "America/Los_Angeles", "Pacific/Auckland"])
def _zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_list(dsm, nas):
    dsm.on("Sharing/list", {"links": [link()], "offset": 0, "total": 1})
    assert nas.share_links.list() == [
        ShareLink(
            id="EFNYhSJyD",
            path="/pub/2024",
            url="http://nas.example.com:5000/sharing/EFNYhSJyD",
            expires=NEVER,
            available_from=None,
            has_password=False,
            valid=True,
            qr_code="data:image/png;base64,AAAA",
            owner="backup",
            details={"name": "2024", "isFolder": True, "status": "valid", "expire_times": 0},
        )
    ]


def test_list_is_paged_and_the_device_checks_links_once(dsm, nas, monkeypatch):
    monkeypatch.setattr(entries, "PAGE", 2)
    there = [link(name) for name in "abcde"]

    def answer(asked):
        offset, limit = asked.json("offset"), asked.json("limit")
        return {"links": there[offset : offset + limit], "total": 5, "offset": offset}

    dsm.on("Sharing/list", answer)
    assert [one.id for one in nas.share_links.list()] == list("abcde")
    assert [asked.params.get("force_clean") for asked in dsm.of("Sharing/list")] == ["true", None, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NEVER),
        ("0", NEVER),
        (0, NEVER),
        (None, NEVER),
        ("2027-01-31", (2027, 1, 31, 23, 59, 59)),
        ("2027-01-31 23:59:59", (2027, 1, 31, 23, 59, 59)),
        ("2027-01-31 00:00:00", (2027, 1, 31)),
        ("2027-07-31 12:30", (2027, 7, 31, 12, 30)),
        ("2027/1/3", (2027, 1, 3, 23, 59, 59)),
    ],
)
def test_the_end_of_a_link(dsm, nas, text, expected):
    dsm.on("Sharing/getinfo", link(date_expired=text))
    expires = nas.share_links.get("x").expires
    assert expires == (at(*expected) if expected else NEVER)
    assert nas.share_links.rounded(expires) == (at(*expected[:3], 23, 59, 59) if expected else NEVER)


@pytest.mark.parametrize("text", ["soon", "2027-13-01", "2027-01-31 25:00:00", 7, ["2027-01-31"], True])
def test_an_end_that_makes_no_sense(dsm, nas, text):
    dsm.on("Sharing/getinfo", link(date_expired=text))
    fails(Kind.PROTOCOL, lambda: nas.share_links.get("x"))


def test_a_link_that_begins_later(dsm, nas):
    dsm.on("Sharing/getinfo", link(date_available="2027-01-31", status="invalid"))
    found = nas.share_links.get("x")
    assert found.available_from == at(2027, 1, 31)
    assert found.valid
    assert nas.share_links.rounded_start(at(2027, 1, 31, 17, 0)) == at(2027, 1, 31)
    assert nas.share_links.rounded_start(NEVER) == NEVER


@pytest.mark.parametrize(("status", "valid"), [("valid", True), ("expired", False), ("broken", False)])
def test_a_link_that_leads_nowhere(dsm, nas, status, valid):
    dsm.on("Sharing/getinfo", link(status=status))
    assert nas.share_links.get("x").valid is valid


def test_a_link_as_older_devices_tell_it(dsm, nas):
    old = {"id": "pHTB", "path": "/pub/a", "url": "http://x/fbsharing/pHTB", "isFolder": "true", "has_password": True}
    dsm.on("Sharing/getinfo", {**old, "date_expired": "0", "date_available": "0"})
    found = nas.share_links.get("pHTB")
    assert (found.expires, found.available_from, found.has_password, found.qr_code) == (NEVER, None, True, None)


def test_no_secret_becomes_a_detail(dsm, nas):
    dsm.on("Sharing/getinfo", link(password="S3CRET", syno_token="S3CRET", protect_type="none"))
    found = nas.share_links.get("x")
    assert "S3CRET" not in repr(found)
    assert found.details["protect_type"] == "none"


def test_get(dsm, nas):
    dsm.on("Sharing/getinfo", link("2024"), Fail(2000), Fail(2002))
    assert nas.share_links.get("2024").id == "2024"
    assert dsm.of("Sharing/getinfo")[0].json("id") == "2024"
    assert nas.share_links.get("x") is None
    fails(Kind.DEVICE, lambda: nas.share_links.get("x"))


def test_create(dsm, nas):
    dsm.on("Sharing/create", made()).on(
        "Sharing/getinfo",
        link(has_password=True, date_expired="2027-07-31 23:59:59", date_available="2027-01-01", qrcode=None),
    )
    desired = DesiredLink(expires=at(2027, 7, 31, 8, 0), available_from=at(2027, 1, 1, 8, 0), password=PASSWORD)
    created = nas.share_links.create("/pub/a, b", desired)
    assert created.qr_code == "data:image/png;base64,AAAA"
    assert created.expires == nas.share_links.rounded(desired.expires)
    (asked,) = dsm.of("Sharing/create")
    assert asked.json("path") == ["/pub/a, b"]
    assert asked.json("password") == PASSWORD
    assert (asked.json("date_expired"), asked.json("date_available")) == ("2027-07-31", "2027-01-01")
    assert dsm.calls() == ["Sharing/create", "Sharing/getinfo"]


def test_a_day_without_a_zone_is_the_same_day_on_the_device(dsm, nas):
    dsm.on("Sharing/create", made()).on("Sharing/getinfo", link(date_expired="2027-01-01"))
    nas.share_links.create("/pub/a", DesiredLink(expires=at(2027, 1, 1)))
    assert dsm.of("Sharing/create")[0].json("date_expired") == "2027-01-01"


def test_create_with_nothing_wished(dsm, nas):
    dsm.on("Sharing/create", made(error=None)).on("Sharing/getinfo", link())
    assert nas.share_links.create("/pub/a", DesiredLink()).expires == NEVER
    (asked,) = dsm.of("Sharing/create")
    assert not {"password", "date_expired", "date_available"} & set(asked.params)


def test_create_on_an_old_device(dsm, nas):
    dsm.apis = dsm5()
    dsm.on("Sharing/create", made()).on("Sharing/getinfo", link(has_password=True))
    nas.share_links.create("/pub/a, b", DesiredLink(password=PASSWORD))
    (asked,) = dsm.of("Sharing/create")
    assert (asked.params["path"], asked.params["password"]) == ("/pub/a\\, b", PASSWORD)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ({"links": [{"error": 408, "path": "/pub/x"}]}, Kind.NOT_FOUND, "408"),
        ({"links": [{"error": 407, "path": "/pub/x"}]}, Kind.PERMISSION_DENIED, "407"),
        ({"links": [{"error": 2001, "path": "/pub/x"}]}, Kind.QUOTA_EXCEEDED, "2001"),
        (Fail(2001), Kind.QUOTA_EXCEEDED, "2001"),
        (Fail(2002), Kind.DEVICE, "2002"),
        ({"links": []}, Kind.PROTOCOL, ""),
        ({"links": [{"error": 0, "path": "/pub/x"}]}, Kind.PROTOCOL, ""),
        ({"links": [{"error": "x"}]}, Kind.PROTOCOL, ""),
        (None, Kind.PROTOCOL, ""),
    ],
)
def test_why_there_is_no_link(dsm, nas, answer, kind, code):
    dsm.on("Sharing/create", answer)
    error = fails(kind, lambda: nas.share_links.create("/pub/x", DesiredLink(password=PASSWORD)))
    assert (error.path, error.code, error.call) == ("/pub/x", code, "SYNO.FileStation.Sharing/create")


def test_a_link_that_is_not_as_desired_is_removed_again(dsm, nas):
    dsm.on("Sharing/create", made()).on("Sharing/getinfo", link()).on("Sharing/delete", None)
    for desired in (
        DesiredLink(password=PASSWORD),
        DesiredLink(expires=at(2027, 1, 1)),
        DesiredLink(available_from=at(2027, 1, 1)),
    ):
        assert fails(Kind.MISMATCH, lambda desired=desired: nas.share_links.create("/pub/a", desired)).path == "/pub/a"
    assert dsm.of("Sharing/delete")[2].json("id") == ["EFNYhSJyD"]
    dsm.on("Sharing/delete", Fail(105))
    fails(Kind.MISMATCH, lambda: nas.share_links.create("/pub/a", DesiredLink(password=PASSWORD)))


@pytest.mark.parametrize(
    ("desired", "mail"),
    [
        (DesiredLink(ssl=True), None),
        (DesiredLink(hostname="x"), None),
        (DesiredLink(network="local"), None),
        (DesiredLink(), Mail(("a@example.com",), "s", "c")),
    ],
)
def test_what_a_link_cannot_have(dsm, nas, desired, mail):
    fails(Kind.UNSUPPORTED, lambda: nas.share_links.create("/pub/a", desired, mail))
    assert dsm.asked == []


def test_passwords_have_a_limit(dsm, nas):
    assert nas.share_links.features.longest_password == 16
    fails(Kind.INVALID_ARGUMENT, lambda: nas.share_links.create("/pub/a", DesiredLink(password="S3CRET" + "x" * 11)))
    assert dsm.asked == []


def test_days_that_no_device_knows(nas):
    fails(Kind.INVALID_ARGUMENT, lambda: nas.share_links.rounded(10**15))


def test_edit(dsm, nas):
    current = ShareLink("2024", "/pub/a", "http://x", qr_code="data:image/png;base64,BB")
    dsm.on("Sharing/edit", None).on("Sharing/getinfo", link("2024", qrcode=""))
    edited = nas.share_links.edit(current, DesiredLink(expires=NEVER, password=""))
    assert (edited.id, edited.qr_code) == ("2024", "data:image/png;base64,BB")
    (asked,) = dsm.of("Sharing/edit")
    assert (asked.json("id"), asked.json("date_expired"), asked.json("password")) == (["2024"], "0", "")
    assert "date_available" not in asked.params
    assert nas.share_links.edit(current, DesiredLink()).id == "2024"
    assert dsm.calls() == ["Sharing/edit", "Sharing/getinfo", "Sharing/getinfo"]


def test_why_a_link_is_not_changed(dsm, nas):
    current = ShareLink("x", "/pub/a", "http://x")
    desired = DesiredLink(password=PASSWORD)
    dsm.on("Sharing/edit", Fail(2000), None).on("Sharing/getinfo", Fail(2000), link())
    assert fails(Kind.NOT_FOUND, lambda: nas.share_links.edit(current, desired)).path == "/pub/a"
    fails(Kind.NOT_FOUND, lambda: nas.share_links.edit(current, desired))
    fails(Kind.MISMATCH, lambda: nas.share_links.edit(current, desired))
    dsm.on("Sharing/edit", {"links": [{"id": "x", "error": 2000}]})
    fails(Kind.NOT_FOUND, lambda: nas.share_links.edit(current, desired))
    assert "Sharing/delete" not in dsm.calls()


def test_delete(dsm, nas):
    dsm.on("Sharing/delete", None)
    nas.share_links.delete([ShareLink(name, "/pub/a", "http://x") for name in ("2024", "b", "2024")])
    nas.share_links.delete([])
    (asked,) = dsm.of("Sharing/delete")
    assert asked.json("id") == ["2024", "b"]


def test_delete_of_what_is_gone(dsm, nas):
    links = [ShareLink(name, "/pub/a", "http://x") for name in "abc"]
    dsm.on("Sharing/delete", Fail(2000, [{"code": 2000, "id": "a"}]), None)
    dsm.on("Sharing/list", {"links": [link("c")], "offset": 0, "total": 1})
    nas.share_links.delete(links)
    assert [asked.json("id") for asked in dsm.of("Sharing/delete")] == [["a", "b", "c"], ["c"]]
    dsm.on("Sharing/delete", {"links": [{"id": "c", "error": 407}]})
    fails(Kind.PERMISSION_DENIED, lambda: nas.share_links.delete(links))


def test_clear_invalid(dsm, nas):
    dsm.on("Sharing/clear_invalid", None)
    nas.share_links.clear_invalid()
    assert dsm.calls() == ["Sharing/clear_invalid"]


def test_what_the_device_lacks(dsm, nas):
    fails(Kind.UNSUPPORTED, nas.share_links.delete_all)
    fails(
        Kind.UNSUPPORTED,
        lambda: nas.share_links.download("http://x/sharing/S3CRET", "S3CRET", io.BytesIO(), watch=Watch()),
    )
    assert dsm.asked == []
    assert nas.share_links.features == ShareLinkFeatures(
        password=True,
        longest_password=16,
        expires=True,
        available_from=True,
        edit=True,
        clear_invalid=True,
        of_shares=True,
    )


def test_the_session_expires(dsm, nas):
    dsm.on("Sharing/create", Fail(119), made()).on("Sharing/getinfo", link())
    nas.share_links.create("/pub/a", DesiredLink())
    assert dsm.logins == 2
