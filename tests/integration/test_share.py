# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_share: who has the link gets the file, a second run changes nothing, and no path ever has a second link."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pytest
import requests
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.links import DesiredLink
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

from tests.support.devices import PASSWORD, USER, VENDORS
from tests.support.playbooks import play, run

CAN_EDIT = ("synology", "qnap")
CODE = "Tr0ub4dor"
OTHER_CODE = "c0rrect&horse"
CREATE = {
    "synology": "SYNO.FileStation.Sharing/create",
    "qnap": "get_share_link",
    "freebox": "POST share_link/",
}
LIST = {
    "synology": "SYNO.FileStation.Sharing/list",
    "qnap": "get_share_list",
    "freebox": "GET share_link/",
}
DELETE = {
    "synology": "SYNO.FileStation.Sharing/delete",
    "qnap": "delete_share",
    "freebox": "DELETE share_link/{token}",
}


def share(**options):
    return {"nasops.nas.nas_share": options}


class Runner:
    """Runs tasks against one device."""

    def __init__(self, tmp_path, device):
        self.tmp_path, self.device = tmp_path, device

    def __call__(self, *tasks, arguments=(), variables=None, **environment):
        host = {"it": self.device.variables(**(variables or {}))}
        outcome = run(self.tmp_path, play(*tasks), host, *arguments, **environment)
        assert "Traceback" not in outcome.text, outcome.text
        assert outcome.status == 0, outcome.text
        return outcome

    def changes(self, *tasks, **more):
        """What changed of the tasks, true or false each, and the last result."""
        results = self(*tasks, **more).results()
        return [result["changed"] for result in results], results[-1]

    def fails(self, *tasks, **more):
        """The results of tasks that all must fail."""
        results = self(*({**task, "ignore_errors": True} for task in tasks), **more).results()
        assert all(result["failed"] for result in results), results
        return results


@pytest.fixture
def at(tmp_path, nas):
    """Makes a runner for a vendor's device, whose links are cleared."""
    runners = {}

    def make(vendor):
        if vendor not in runners:
            runners[vendor] = Runner(tmp_path, nas[vendor])
            with links_of(nas[vendor]) as links:
                links.delete(links.list())
            nas[vendor].forget()
        return runners[vendor]

    return make


@contextlib.contextmanager
def links_of(device):
    """The device's links by a client of the test's own: what is done behind the module's back."""
    client = _vendors.build(
        Connection(device.vendor, "127.0.0.1", device.port, use_ssl=False),
        Credentials(USER, PASSWORD, None, None),
        MemoryStore(),
    )
    try:
        yield client.share_links
    finally:
        client.logout()
        client.close()


def listed(device):
    with links_of(device) as links:
        return links.list()


def seed(device, name, content=b"content"):
    """A file on the device; its path there."""
    file = device.root / "home" / "share" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return f"/home/share/{name}"


def fetch(url, code=None):
    """What anybody with the link gets."""
    fields = {"password": code, "access_code": code} if code else None
    return requests.request("POST" if code else "GET", url, data=fields, timeout=30)


@pytest.mark.parametrize("vendor", VENDORS)
def test_links_come_change_and_go(at, vendor):
    runner = at(vendor)
    device = runner.device
    content = bytes(range(256)) * 1000
    names = ["a, b.txt", "100% #1+?.txt", "é", "e\u0301", " leading", "2024"]
    paths = [seed(device, name, content + name.encode()) for name in names]
    desired = share(path=paths, expires="30d")

    before, result = runner.changes(desired, arguments=("--check", "--diff"))
    assert before == [True]
    assert device.writes() == []
    assert [link["path"] for link in result["links"]] == paths
    assert {link["id"] for link in result["links"]} == {None}
    ends = [link["expires"] for link in result["links"]]

    first, result = runner.changes(desired, desired)
    assert first == [True, False]
    assert len(device.calls_of("login")) == 2
    assert len(device.calls(CREATE[vendor])) == len(paths)
    for path, name, link, end in zip(paths, names, result["links"], ends, strict=True):
        assert link["path"] == path
        assert link["valid"]
        assert 0 <= link["expires"] - end <= 120
        answer = fetch(link["url"])
        assert answer.content == content + name.encode(), (name, answer.status_code, link)
    assert result["extra_links"] == result["deleted"] == []
    assert not result["replaced"]

    drifted, gone = share(path=paths, expires="never"), share(path=[*paths, "/home/share/never"], state="absent")
    device.forget()
    outcome = runner(desired, drifted, gone, arguments=("--check", "--diff"))
    same, checked, would = outcome.results()
    assert device.writes() == []
    assert [same["changed"], checked["changed"], would["changed"]] == [False, True, True]
    assert [link["url"] for link in same["links"]] == [link["url"] for link in result["links"]]
    assert "expires: never" in outcome.text

    edits = vendor in CAN_EDIT
    outcome = runner(drifted, drifted)
    other, again = outcome.results()
    assert (other["changed"], again["changed"]) == (True, False)
    assert other["replaced"] == checked["replaced"] == (not edits)
    assert bool(other.get("warnings")) == bool(checked.get("warnings")) == (not edits)
    assert {link["expires"] for link in other["links"]} == {0}
    assert ([link["id"] for link in result["links"]] == [link["id"] for link in other["links"]]) == edits
    assert sorted(link["path"] for link in other["deleted"]) == ([] if edits else sorted(paths))
    assert sorted(link.id for link in listed(device)) == sorted(link["id"] for link in other["links"])
    assert fetch(other["links"][0]["url"]).content == content + names[0].encode()

    removed, nothing = runner(gone, gone).results()
    assert (removed["changed"], nothing["changed"]) == (True, False)
    assert sorted(link["path"] for link in removed["deleted"]) == sorted(paths)
    assert sorted(link["path"] for link in would["deleted"]) == sorted(paths)
    assert listed(device) == []
    answer = fetch(other["links"][0]["url"])
    assert answer.status_code == 404 or content not in answer.content
    assert Path(device.root, "home/share/2024").exists()


@pytest.mark.parametrize("vendor", CAN_EDIT)
def test_passwords(at, vendor):
    runner = at(vendor)
    device = runner.device
    path = seed(device, "locked.bin", b"locked" * 1000)
    desired = share(path=path, link_password=CODE)
    opened = share(path=path)
    always = share(path=path, link_password=CODE, update_password="always")
    other = share(path=path, link_password=OTHER_CODE)
    no_more = share(path=path, link_password="")

    changed, result = runner.changes(desired, desired, opened, arguments=("--diff", "-vvv"))
    assert changed == [True, False, False]
    assert result["links"][0]["has_password"]
    assert fetch(result["url"]).content != b"locked" * 1000
    assert fetch(result["url"], "wrong").content != b"locked" * 1000
    assert fetch(result["url"], CODE).content == b"locked" * 1000

    # A device that shows its passwords has them compared; one that does not keeps the one it has.
    shows = vendor == "qnap"
    changed, result = runner.changes(always, other, other)
    assert changed == [not shows, shows, False]
    assert len(listed(device)) == 1
    assert fetch(result["url"], OTHER_CODE if shows else CODE).content == b"locked" * 1000
    if not shows:
        renewed = share(path=path, link_password=OTHER_CODE, update_password="always")
        changed, result = runner.changes(renewed, renewed)
        assert changed == [True, True]
        assert fetch(result["url"], OTHER_CODE).content == b"locked" * 1000

    device.forget()
    assert runner.changes(no_more, arguments=("--check",))[0] == [True]
    assert device.writes() == []
    changed, result = runner.changes(no_more, no_more)
    assert changed == [True, False]
    assert fetch(result["url"]).content == b"locked" * 1000
    # An open link never passes for a locked one.
    changed, result = runner.changes(desired)
    assert changed == [True]
    assert fetch(result["url"]).content != b"locked" * 1000


@pytest.mark.parametrize("vendor", CAN_EDIT)
def test_no_password_is_ever_shown(at, vendor):
    runner = at(vendor)
    path = seed(runner.device, "secret.bin")
    outcome = runner(
        share(path=path, link_password=CODE),
        share(path=path, link_password=OTHER_CODE, update_password="always"),
        share(path=path, id=None),
        share(path=path, state="absent"),
        {**share(path="/home/share/nothing", link_password=CODE), "ignore_errors": True},
        arguments=("-vvvv", "--diff"),
    )
    for text in (outcome.text, json.dumps(outcome.results()), runner.device.log_file.read_text()):
        assert CODE not in text
        assert OTHER_CODE not in text
    # Links that were made by others are only masked because they are not told at all.
    with links_of(runner.device) as links:
        links.create(path, DesiredLink(password="by-somebody"))
    outcome = runner(share(path=path), share(all=True, state="absent"), arguments=("-vvvv", "--diff"))
    assert "by-somebody" not in outcome.text + json.dumps(outcome.results())


@pytest.mark.parametrize("vendor", VENDORS)
def test_how_links_end(at, vendor):
    runner = at(vendor)
    device = runner.device
    path, past = seed(device, "ends.bin"), seed(device, "past.bin")
    day, moment, long, short = (
        share(path=path, expires=end) for end in ("2031-05-05", "2031-05-05T12:00:30Z", "4w", "12h")
    )
    # Where the task runs and where the NAS stands need not agree about the time of day.
    for zone in ("Pacific/Kiritimati", "America/Los_Angeles"):
        changed, result = runner.changes(day, day, moment, moment, arguments=(), TZ=zone)
        assert changed[1::2] == [False, False], (zone, changed)
        (link,) = listed(device)
        if vendor != "synology":
            assert result["expires"] == 1935748830 - (30 if vendor == "qnap" else 0)
            assert link.expires == result["expires"]
    assert runner.changes(long, long, short, short, long)[0] == [True, False, True, False, False]
    (link,) = listed(device)
    day_long = 86400 if vendor == "synology" else 60
    assert 0 <= link.expires + day_long - (time.time() + 12 * 3600) <= 2 * day_long
    if vendor == "qnap":  # which makes no link that is over
        return
    with links_of(device) as links:
        over = links.create(past, DesiredLink(expires=int(time.time()) - 2 * 86400))
    assert not over.valid
    desires = [share(path=past, expires="2d"), share(path=past)]
    assert runner.changes(*desires, *desires)[0] == [True, False, False, False]
    assert runner.changes(share(invalid=True, state="absent"))[0] == [False]
    with links_of(device) as links:
        links.delete([link for link in links.list() if link.path == past])
        links.create(past, DesiredLink(expires=int(time.time()) - 2 * 86400))
    device.forget()
    cleared = share(invalid=True, state="absent")
    assert runner.changes(cleared, arguments=("--check",))[0] == [True]
    assert device.writes() == []
    changed, result = runner.changes(cleared, cleared)
    assert changed == [True, False]
    assert [link.path for link in listed(device)] == [path]


@pytest.mark.parametrize("vendor", VENDORS)
def test_several_links_of_one_path(at, vendor):
    runner = at(vendor)
    device = runner.device
    path, apart = seed(device, "several.bin", b"several"), seed(device, "apart.bin")
    end = int(time.time()) // 86400 * 86400 + 20 * 86400 + 3600
    with links_of(device) as links:
        made = [links.create(path, DesiredLink(expires=expires)) for expires in (0, links.rounded(end), 0)]
        links.create(apart, DesiredLink())
    right = made[1]
    desired, alone = ({"path": path, "expires": str(end), **more} for more in ({}, {"exclusive": True}))
    device.forget()
    changed, result = runner.changes(share(**desired))
    assert changed == [False]
    assert result["id"] == right.id
    assert sorted(link["id"] for link in result["extra_links"]) == sorted({link.id for link in made} - {right.id})
    (warning,) = result["warnings"]
    assert all(link.id in warning for link in made if link is not right)
    assert runner.changes(share(**alone), arguments=("--check", "--diff"))[0] == [True]
    assert device.writes() == []
    changed, result = runner.changes(share(**alone), share(**alone))
    assert changed == [True, False]
    assert [link.id for link in listed(device) if link.path == path] == [right.id]
    assert fetch(result["url"]).content == b"several"

    with links_of(device) as links:
        extra = links.create(path, DesiredLink())
    by_id = share(id=extra.id, state="absent")
    device.forget()
    assert runner.changes(by_id, arguments=("--check",))[0] == [True]
    assert device.writes() == []
    assert runner.changes(by_id, by_id)[0] == [True, False]
    assert [link.id for link in listed(device) if link.path == path] == [right.id]
    everything = share(all=True, state="absent")
    assert runner.changes(everything, arguments=("--check",))[0] == [True]
    assert len(listed(device)) == 2
    first, second = runner(everything, everything).results()
    assert (first["changed"], second["changed"]) == (True, False)
    assert {link["path"] for link in first["deleted"]} == {path, apart}
    assert listed(device) == []


@pytest.mark.parametrize("vendor", CAN_EDIT)
def test_one_link_by_its_id(at, vendor):
    runner = at(vendor)
    device = runner.device
    path = seed(device, "by-id.bin")
    with links_of(device) as links:
        first, second = (links.create(path, DesiredLink()) for _number in range(2))
    desired = share(id=second.id, expires="2031-05-05")
    changed, result = runner.changes(desired, desired)
    assert changed == [True, False]
    assert (result["id"], result["links"][0]["path"]) == (second.id, path)
    ends = {link.id: link.expires for link in listed(device)}
    assert ends[first.id] == 0
    assert ends[second.id] != 0
    (missing,) = runner.fails(share(id="nosuchlink"))
    assert missing["failure"]["kind"] == "not_found"


def test_begin_and_picture_of_a_synology(at):
    runner = at("synology")
    path = seed(runner.device, "begin.bin", b"begin")
    later, now = share(path=path, available_from="2031-05-05"), share(path=path, available_from="now")
    changed, result = runner.changes(later, later, share(path=path))
    assert changed == [True, False, False]
    assert result["links"][0]["available_from"] > time.time()
    assert result["links"][0]["valid"]
    assert result["qr_code"].startswith("data:image/png;base64,")
    assert fetch(result["url"]).content != b"begin"
    changed, result = runner.changes(now, now, share(path=path, available_from="2020-01-01"))
    assert changed == [True, False, False]
    assert result["links"][0]["available_from"] is None
    assert fetch(result["url"]).content == b"begin"


def test_address_and_mail_of_a_qnap(tmp_path, start):
    outbox = tmp_path / "outbox.jsonl"
    device = start("qnap", arguments=("--vendor-opt", f"outbox={outbox}"))
    runner = Runner(tmp_path, device)
    path = seed(device, "mailed.bin", b"mailed")
    email = {"addressees": ["one@example.org", "two@example.org"], "subject": "Here", "content": "Look."}

    def mails():
        return [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.exists() else []

    addressed = {"path": path, "hostname": "127.0.0.1", "ssl": False, "network": "local"}
    mailed = {**addressed, "link_password": CODE, "email": {**email, "include_password": True}}
    assert runner.changes(share(**mailed), arguments=("--check",))[0] == [True]
    assert mails() == []
    changed, result = runner.changes(share(**mailed), share(**mailed))
    assert changed == [True, False]
    assert result["url"].startswith("http://127.0.0.1:")
    assert fetch(result["url"], CODE).content == b"mailed"
    assert sorted(address for mail in mails() for address in mail["to"]) == email["addressees"]
    for mail in mails():
        assert mail["links"] == [result["url"]]
        assert (mail["subject"], mail["content"]) == ("Here", "Look.")
        assert CODE in mail["password"]
    count = len(mails())
    moved = {**mailed, "hostname": "files.example.org", "ssl": True, "link_password": None, "email": email}
    changed, other = runner.changes(share(**moved), share(**moved), share(path=path))
    assert changed == [True, False, False]
    assert other["url"].startswith("https://files.example.org")
    assert other["id"] == result["id"]
    assert len(mails()) == 2 * count
    assert CODE not in json.dumps(mails()[count:])
    # The password was not spoken of, so it stays.
    assert listed(device)[0].password == CODE


def test_a_mail_that_does_not_go(tmp_path, start):
    device = start("qnap", arguments=("--vendor-opt", "smtp=off"))
    runner = Runner(tmp_path, device)
    path = seed(device, "mailed.bin")
    (failed,) = runner.fails(share(path=path, email={"addressees": ["one@example.org"], "subject": "Here"}))
    assert "mail" in failed["msg"]
    assert listed(device) == []


def test_links_of_other_users_are_left_alone(tmp_path, start):
    device = start("qnap", arguments=("--vendor-opt", "users=guest:gu3st-password"))
    runner = Runner(tmp_path, device)
    path = seed(device, "both.bin")
    guest = {"ansible_user": "guest", "ansible_password": "gu3st-password"}
    _changed, theirs = runner.changes(share(path=path), variables=guest)
    changed, result = runner.changes(share(path=path, expires="9d"), share(path=path, expires="9d"))
    assert changed == [True, False]
    assert result["id"] != theirs["id"]
    assert [link["id"] for link in result["extra_links"]] == [theirs["id"]]
    assert {link.id: link.expires for link in listed(device)}[theirs["id"]] == 0
    assert runner.changes(share(path=path), variables=guest)[0] == [False]
    assert runner.changes(share(path=path, exclusive=True))[0] == [True]
    assert [link.id for link in listed(device)] == [result["id"]]


@pytest.mark.parametrize("vendor", VENDORS)
def test_many_paths_cost_one_listing(at, vendor):
    runner = at(vendor)
    device = runner.device
    paths = [seed(device, f"many{number}") for number in range(200)]
    assert runner.changes(share(path=paths))[0] == [True]
    device.forget()
    assert runner.changes(share(path=paths))[0] == [False]
    reads = [entry["call"] for entry in device.log() if entry["call"] != LIST[vendor]]
    # One page holds them on some devices, a few on others; beside that only the log in and out.
    assert len(device.calls(LIST[vendor])) <= 3
    assert len(reads) <= 5, reads


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_folder(at, vendor):
    runner = at(vendor)
    seed(runner.device, "in-it.bin")
    changed, result = runner.changes(share(path="/home/share/"), share(path="/home/share"))
    assert changed == [True, False]
    assert result["links"][0]["path"] == "/home/share"
    assert fetch(result["url"]).status_code == 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_not_there(at, vendor):
    runner = at(vendor)
    device = runner.device
    there = seed(device, "there.bin")
    desired = share(path=[there, "/home/share/missing"])
    (missing,) = runner.fails(desired)
    assert (missing["failure"]["kind"], missing["failure"]["path"]) == ("not_found", "/home/share/missing")
    assert device.writes() == []
    assert listed(device) == []
    # In check mode a task before this one may have promised it.
    changed, checked = runner.changes(desired, arguments=("--check",))
    assert changed == [True]
    assert "not there yet" in checked["warnings"][0]
    seed(device, "missing")
    assert runner.changes(desired)[0] == [True]
    (device.root / "home" / "share" / "missing").unlink()
    invalid = share(invalid=True, state="absent")
    device.forget()
    assert runner.changes(invalid, arguments=("--check",))[0] == [True]
    assert device.writes() == []
    changed, _result = runner.changes(invalid, invalid)
    assert changed == [True, False]
    assert [link.path for link in listed(device)] == [there]
    (missing,) = runner.fails(desired)
    assert missing["failure"]["kind"] == "not_found"


BAD = [
    (share(path="home/x"), ["option path", "'home/x'"]),
    (share(path=["/home/x", "/home//y"]), ["option path", "/home//y"]),
    (share(), ["path", "id"]),
    (share(path="/home/x", id="x"), ["path", "id"]),
    (share(path="/home/x", invalid=True), ["option invalid", "state"]),
    (share(path="/home/x", all=True), ["option all", "state"]),
    (share(id="x", exclusive=True), ["option exclusive", "id"]),
    (share(path="/home/x", expires="soon"), ["option expires", "'soon'", "30d"]),
    (share(path="/home/x", expires="2001-01-01"), ["option expires", "'2001-01-01'", "absent"]),
    (share(path="/home/x", expires="0d"), ["option expires", "'0d'"]),
    (share(path="/home/x", state="absent", all=True), ["path and all"]),
    (share(state="absent"), ["path, id, invalid and all"]),
    (share(path="/home/x", state="absent", expires="never"), ["option expires", "absent"]),
    (share(path="/home/x", state="absent", ssl=True), ["option ssl", "absent"]),
]
BAD_OF = {
    "synology": [
        (share(path="/home/x", link_password="12345678901234567"), ["option link_password", "16"]),
        (share(path="/home/x", available_from="2032-01-01", expires="2031-01-01"), ["option available_from"]),
        (share(path="/home/x", available_from="later"), ["option available_from", "'later'"]),
        (share(path="/home/x", ssl=True), ["synology: this NAS does not offer", "ssl", "qnap"]),
        (share(path="/home/x", hostname="x"), ["synology: this NAS does not offer", "hostname", "qnap"]),
    ],
    "qnap": [
        (
            share(path="/home/x", available_from="2031-01-01"),
            ["qnap: this NAS does not offer", "available_from", "synology"],
        ),
        (share(path="/home"), ["qnap: this NAS does not offer", "whole share", "freebox, synology"]),
        (share(path="/home/x", email={"addressees": [], "subject": "s"}), ["option email", "addressees"]),
        (
            share(path="/home/x", email={"addressees": ["a"], "subject": "s", "include_password": True}),
            ["option email", "link_password"],
        ),
    ],
    "freebox": [
        (
            share(path="/home/x", link_password="x1"),
            ["freebox: this NAS does not offer", "link_password", "qnap, synology"],
        ),
        (share(id="x"), ["freebox: this NAS does not offer", "path instead of id", "qnap, synology"]),
        (
            share(path="/home/x", email={"addressees": ["a"], "subject": "s"}),
            ["freebox: this NAS does not offer", "email", "qnap"],
        ),
    ],
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_bad_options_cost_no_call(at, vendor):
    runner = at(vendor)
    cases = [*BAD, *BAD_OF[vendor]]
    for arguments in ((), ("--check",)):
        results = runner.fails(*(task for task, _words in cases), arguments=arguments)
        for result, (task, words) in zip(results, cases, strict=True):
            assert all(word in result["msg"] for word in words), (task, result["msg"])
            assert result["failure"]["kind"] in ("usage", "unsupported")
    assert runner.device.log() == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_faults(at, vendor):
    runner = at(vendor)
    device = runner.device
    path = seed(device, "faults.bin", b"faults")
    desired, gone = share(path=path, expires="20d"), share(path=path, state="absent")
    fast = {"nas_retries": 0}
    # A listing that is broken is never taken for "no links".
    for fault in ("garbage", {"truncate": 10}, {"status": 500}):
        device.faults({"call": LIST[vendor], "only": vendor, "times": 0, "do": fault})
        for result in runner.fails(desired, gone, variables=fast):
            assert result["failure"]["kind"] in ("protocol", "device", "busy", "connection"), result
    assert device.writes() == []
    # Nothing is made, nothing is left.
    device.faults({"call": CREATE[vendor], "only": vendor, "do": {"status": 403}})
    runner.fails(desired)
    assert listed(device) == []
    # The answer to the making of a link is lost: there is one link, and it is right.
    device.faults({"call": CREATE[vendor], "only": vendor, "do": {"reset": {"at_bytes": 0, "where": "reply"}}})
    changed, result = runner.changes(desired, desired)
    assert changed == [True, False]
    assert [link.id for link in listed(device)] == [result["id"]]
    assert fetch(result["url"]).content == b"faults"
    # The session ends in between.
    device.faults({"call": LIST[vendor], "only": vendor, "do": "expire_session"})
    assert runner.changes(desired)[0] == [False]
    device.faults({"call": DELETE[vendor], "only": vendor, "do": "expire_session"})
    assert runner.changes(gone)[0] == [True]
    assert listed(device) == []


def test_a_qnap_that_only_says_that_it_removed_a_link(at):
    runner = at("qnap")
    path = seed(runner.device, "pretend.bin")
    runner(share(path=path))
    for call, task in (
        ("delete_share", share(path=path, state="absent")),
        ("delete_share_all", share(all=True, state="absent")),
    ):
        runner.device.faults({"call": call, "only": "qnap", "times": 0, "do": {"vendor": "pretend"}})
        (failed,) = runner.fails(task)
        assert "still there" in failed["msg"]
    assert len(listed(runner.device)) == 1


def test_a_freebox_that_cannot_be_reached_from_outside(tmp_path, start):
    device = start("freebox", arguments=("--vendor-opt", "remote_access=0"))
    path = seed(device, "x.bin")
    _changed, result = Runner(tmp_path, device).changes(share(path=path))
    assert result["url"] == ""
    assert "no address" in result["warnings"][0]


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_the_user_may_not_see(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "denied=public"))
    (device.root / "public" / "x").write_text("x")
    (failed,) = Runner(tmp_path, device).fails(share(path="/public/x"))
    assert failed["failure"]["kind"] == "permission_denied", failed
    assert device.writes() == []
