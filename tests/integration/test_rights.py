# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights on shared folders: what is never overwritten silently, what an account can do then, and who keeps a way in."""

from __future__ import annotations

import json

import pytest

from tests.support import devices
from tests.support.administration import SECRET, VENDORS, begin, one, tolerant
from tests.support.playbooks import in_diff, play, run


@pytest.fixture(params=VENDORS)
def device(request, start):
    """A new device of each vendor."""
    return begin(start, request.param)


def rights(share, **options):
    return one("share_permission", share=share, **options)


def accesses(result):
    return {(rule["kind"], rule["name"]): rule["access"] for rule in result["permissions"]}


BY_HAND = (
    "the rule of account 'joe' is a Windows ACL made by hand, so that these simple rights are not all that decides"
)


def test_what_was_set_by_hand_or_is_masked_is_never_replaced_silently(tmp_path, start):
    nas = begin(start, "synology", "users=joe:pw,kim:pw", "custom_rules=public:joe", "masked_rules=home:users")
    hosts = {"it": nas.variables()}
    refused = {
        "the rule of account 'joe' on 'public' is a Windows ACL made by hand, which 'write'": {
            "users": {"JOE": "write"}
        },
        "on 'public' is a Windows ACL made by hand, which 'none'": {"users": {"kim": "read"}, "purge": True},
        "on 'public' is a Windows ACL made by hand, which 'deny'": {"users": {"kim": "read", "joe": "deny"}},
    }
    tasks = [rights("public", **options) for options in refused.values()]
    tasks += [rights("home", groups={"users": "deny"}), rights("home", groups={}, purge=True)]
    words = [*refused, *["the rule of group 'users' on 'home' is masked by another rule"] * 2]
    for arguments in (("--check", "--diff"), ()):
        results = run(tmp_path, tolerant(*tasks), hosts, *arguments).results()
        for expected, result in zip(words, results, strict=True):
            assert result["failed"], expected
            assert expected in result["msg"], result["msg"]
            assert "Set force to true to replace it, or leave" in result["failure"]["hint"]
    assert nas.writes() == []

    # What is beside it can be set, and the warning tells, also where it is of the other kind.
    beside = play(rights("public", users={"kim": "read"}), rights("public", groups={"users": "read"}))
    for arguments, changed in ((("--check",), 2), ((), 2), ((), 0)):
        outcome = run(tmp_path, beside, hosts, *arguments)
        assert (outcome.status, outcome.changed) == (0, {"it": changed}), outcome.text
        assert [result["warnings"] for result in outcome.results()] == [[f"{BY_HAND} in 'public'"]] * 2
    (info,) = run(tmp_path, play(one("info", gather=["shared_folders"])), hosts).results()
    (public,) = (folder for folder in info["shared_folders"] if folder["name"] == "public")
    assert accesses(public)["user", "joe"] == "custom"

    forced = play(
        rights("public", users={"joe": "read"}, force=True), rights("home", groups={"users": "deny"}, force=True)
    )
    nas.forget()
    checked = run(tmp_path, forced, hosts, "--check", "--diff")
    assert nas.writes() == []
    first = run(tmp_path, forced, hosts, "--diff")
    for outcome in (checked, first):
        assert (outcome.status, outcome.changed) == (0, {"it": 2}), outcome.text
        by_hand, masked = outcome.results()
        assert in_diff(by_hand, "before") == {"users": {"joe": "custom"}}
        assert in_diff(by_hand, "after") == {"users": {"joe": "read"}}
        assert in_diff(masked, "after") == {"groups": {"users": "deny"}}
        assert not any(result.get("warnings") for result in outcome.results())
    assert [result["permissions"] for result in checked.results()] == [
        result["permissions"] for result in first.results()
    ]
    # Nothing is left that would need it.
    settled = play(rights("public", users={"joe": "read"}), rights("home", groups={"users": "deny"}))
    nas.forget()
    again = run(tmp_path, settled, hosts, "--diff")
    assert (again.status, again.changed, nas.writes()) == (0, {"it": 0}, []), again.text


def test_accounts_and_groups_of_a_directory(tmp_path, start):
    nas = begin(start, "synology", "ldap_users=zoe@dir,mia@dir", "ldap_groups=all@dir", "users=kim:pw")
    hosts = {"it": nas.variables()}
    tasks = play(
        one("shared_folder", name="team"),
        rights("team", users={"Zoe@dir": "read", "mia@dir": "deny", "kim": "write"}, groups={"all@dir": "write"}),
    )
    for arguments, changed in ((("--check", "--diff"), 2), (("--diff",), 2), ((), 0), (("--check",), 0)):
        outcome = run(tmp_path, tasks, hosts, *arguments)
        assert (outcome.status, outcome.changed) == (0, {"it": changed}), outcome.text
    (_made, result) = outcome.results()
    sources = {(rule["kind"], rule["name"]): rule["source"] for rule in result["permissions"]}
    assert sources == {
        ("user", "zoe@dir"): "ldap",
        ("user", "mia@dir"): "ldap",
        ("user", "kim"): "local",
        ("group", "all@dir"): "ldap",
    }
    nas.forget()
    unknown = {
        "no account 'zo@dir'. There is 'zoe@dir'": rights("team", users={"zo@dir": "read"}),
        "no group 'al@dir'. There is 'all@dir'": rights("team", groups={"al@dir": "read"}),
        # One kind is not the other.
        "no group 'zoe@dir'": rights("team", groups={"zoe@dir": "read"}),
    }
    for words, result in zip(unknown, run(tmp_path, tolerant(*unknown.values()), hosts).results(), strict=True):
        assert words in result["msg"], result["msg"]
    assert nas.writes() == []
    # Those of a directory go with the others, and groups stay where accounts are purged.
    purged = play(rights("team", users={"kim": "read"}, purge=True), rights("team", groups={"all@dir": "write"}))
    first = run(tmp_path, purged, hosts, "--diff")
    assert first.changed == {"it": 1}, first.text
    before, after = (in_diff(first.results()[0], side)["users"] for side in ("before", "after"))
    assert before == {"kim": "write", "mia@dir (ldap)": "deny", "zoe@dir (ldap)": "read"}
    assert after == {"kim": "read"}
    assert run(tmp_path, purged, hosts).changed == {"it": 0}


def attempts(tmp_path, share, number, **account):
    """Tasks of an account that reads a file in a shared folder, and writes one."""
    return [
        one("fetch", src=f"/{share}/there.txt", dest=f"{tmp_path}/got/{number}.txt", **account),
        one("file", path=f"/{share}/{number}.txt", content="x", **account),
    ]


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_an_account_reads_and_writes_is_what_was_declared(tmp_path, start, vendor):
    device = begin(start, vendor, "max_failures=0")
    hosts = {"it": device.variables()}
    new = f"{SECRET}2"
    made = [
        one("shared_folder", name="data"),
        one("file", path="/data/there.txt", content="read me"),
        one("group", name="team"),
        one("group", name="interns"),
        one("user", name="anna", password=SECRET),
    ]
    outcome = run(tmp_path, play(*made), hosts)
    assert outcome.status == 0, outcome.text
    (tmp_path / "got").mkdir()
    as_anna = {"username": "anna", "password": SECRET}
    # What changes, and whether she reads and writes then; a run does not ask again after a login was refused.
    runs = [
        [
            ([], (False, False)),
            ([rights("data", users={"ANNA": "read"})], (True, False)),
            ([rights("data", users={"anna": "write"})], (True, True)),
            ([rights("data", users={}, groups={"team": "write"}, purge=True)], (False, False)),
            ([one("user", name="anna", groups=["team", "interns"])], (True, True)),
            ([rights("data", groups={"interns": "deny"})], (False, False)),
            ([rights("data", groups={"interns": "none"})], (True, True)),
            ([one("group", name="team", members=[], append=False)], (False, False)),
            ([one("user", name="anna", groups=["administrators"])], (True, True)),
            ([one("user", name="anna", groups=[], append=False)], (False, False)),
            ([rights("data", users={"anna": "write"})], (True, True)),
            ([one("user", name="anna", disabled=True)], (False, False)),
        ],
        [
            ([one("user", name="anna", disabled=False)], (True, True)),
            ([one("user", name="anna", password=new, update_password="always")], (False, False)),
        ],
        [([one("user", name="anna", password=SECRET, update_password="always")], (True, True))],
    ]
    if vendor == "synology":
        runs[-1] += [([one("user", name="anna", expires="2020-02-29")], (False, False))]
        runs += [
            [
                ([one("user", name="anna", expires="2099-12-31")], (True, True)),
                ([one("user", name="anna", new_name="anne")], (False, False)),
            ],
            [([one("user", name="anne", new_name="anna")], (True, True))],
        ]
    runs[-1] += [([one("user", name="anna", state="absent")], (False, False))]
    number = 0
    for steps in runs:
        tasks, numbers = [], []
        for changes, _outcome in steps:
            number += 1
            tasks += [*changes, *attempts(tmp_path, "data", number, session="task", **as_anna)]
            numbers += [None] * len(changes) + [number] * 2
        found = {}
        for which, result in zip(numbers, run(tmp_path, tolerant(*tasks), hosts).results(), strict=True):
            good = not result.get("failed") and not result.get("unreachable")
            assert good or which, result["msg"]
            found.setdefault(which, []).append(good)
        found.pop(None)
        assert [tuple(outcome) for outcome in found.values()] == [outcome for _changes, outcome in steps]


FORCE = "Set force to true if that is meant, or"
OTHERS = {"users": {"anna": "write"}, "purge": True}


def test_an_administrator_who_would_lock_himself_out(tmp_path, device):
    """As one that the device could do without: `boss`, who is in the group of administrators beside its own account."""
    hosts = {"it": device.variables()}
    boss = {"username": "boss", "login_password": SECRET}
    made = [
        one("user", name="boss", password=SECRET, groups=["administrators"]),
        one("user", name="anna", password=SECRET),
        one("group", name="office", members=["boss"]),
    ]
    first = run(tmp_path, play(*made), hosts)
    assert first.status == 0, first.text
    device.forget()
    group = {"username": "boss", "password": SECRET}
    wrong = {
        "would remove the account 'boss'": one("user", name="BOSS", state="absent", **boss),
        "would disable the account 'boss'": one("user", name="boss", disabled=True, **boss),
        "out of the group administrators": one("user", name="boss", groups=["office"], append=False, **boss),
        "would take 'boss' out of": one("group", name="Administrators", members=["admin"], append=False, **group),
        "the group 'administrators' is the device's own": one("group", name="ADMINISTRATORS", state="absent", **group),
    }
    if device.vendor == "synology":
        wrong["whose last day would be 2020-02-29"] = one("user", name="boss", expires="2020-02-29", **boss)
        wrong["would give the account another name"] = one("user", name="boss", new_name="chief", **boss)
    for arguments in (("--check",), ()):
        results = run(tmp_path, tolerant(*wrong.values()), hosts, *arguments).results()
        for words, result in zip(wrong, results, strict=True):
            assert result["failed"], words
            assert words in result["msg"], result["msg"]
            assert result["failure"]["hint"], result
    assert device.writes() == []


def test_rules_that_keep_the_account_of_the_run_out(tmp_path, device):
    hosts = {"it": device.variables()}
    own, everybody = devices.USER, {"synology": "users", "qnap": "everyone"}[device.vendor]
    made = [
        one("shared_folder", name="data"),
        one("user", name="anna", password=SECRET),
        one("group", name="office"),
        one("group", name="team"),
        one("user", name="boss", password=SECRET, groups=["administrators", "team"]),
        rights("data", users={own: "write"}, groups={"administrators": "none", "team": "read"}),
    ]
    assert run(tmp_path, play(*made), hosts).status == 0
    write = one("file", path="/data/x.txt", content="x")
    if device.vendor == "synology":
        # Administrators have access whatever is set for them.
        tasks = [
            rights("data", users={own: "deny"}, groups={"administrators": "deny"}),
            write,
            rights("data", **OTHERS),
        ]
        outcome = run(tmp_path, play(*tasks), hosts)
        assert (outcome.status, outcome.changed) == (0, {"it": 3}), outcome.text
        return
    device.forget()
    wrong = {
        f"'deny' for account '{own}' keeps out": rights("DATA", users={own.upper(): "deny"}),
        "'deny' for group 'administrators' keeps out": rights("data", groups={"administrators": "deny"}),
        f"'deny' for group '{everybody}' keeps out": rights("data", groups={everybody: "deny"}),
        f"logged in as 'boss', which purge for group 'team' keeps out of 'data'. {FORCE} name 'team' in groups": rights(
            "data", groups={"office": "read"}, purge=True, username="boss", password=SECRET
        ),
        f"'none' for account '{own}' keeps out": rights("data", users={own: "none"}),
    }
    for arguments in (("--check",), ()):
        results = run(tmp_path, tolerant(*wrong.values()), hosts, *arguments).results()
        for words, result in zip(wrong, results, strict=True):
            assert result["failed"], words
            assert words in result["msg"], result["msg"]
            assert FORCE in result["failure"]["hint"]
    # As the whole of a first run is foreseen, so is that; and a name that is not there.
    early = tolerant(
        one("shared_folder", name="new"),
        rights("new", users={own.upper(): "deny"}),
        rights("new", users={"ana": "read", "ANNA": "read"}),
    )
    checked = run(tmp_path, early, hosts, "--check")
    _made, refused, unknown = checked.results()
    assert f"'deny' for account '{own}' keeps out of 'new'" in refused["msg"]
    assert list(accesses(unknown)) == [("user", "ana"), ("user", "anna")]
    assert unknown["warnings"] == ["it: '/new', 'account ana' are not there yet; tasks before this one must make them"]
    assert device.writes() == []
    # Who means it gets it.
    forced = [rights("data", users={own: "deny"}, force=True), write, rights("data", users={own: "write"}), write]
    denied, refused, allowed, again = run(tmp_path, tolerant(*forced), hosts).results()
    assert (denied["changed"], allowed["changed"], again["changed"]) == (True, True, True)
    assert refused["failed"]


KEY = "open sesame 42"
CREATE = {"synology": "SYNO.Core.User/create", "qnap": "wizReq.cgi?wiz_func=user_create&action=add_user"}


def test_passwords_are_nowhere(tmp_path, device):
    """In what was refused, broken off or wrongly written least of all."""
    hosts = {"it": device.variables(secret=SECRET, key=KEY)}
    given = {"password": "{{ secret }}"}
    tasks = [
        one("user", name="broken", **given),
        one("user", name="anna", description="Anna", **given),
        one("user", name="anna", update_password="always", email="a@example.com", **given),
        one("user", name="a/b", **given),
        one("user", name="anna", groups=["nobody"], **given),
        one("user", name="anna", colour="red", **given),
        one("user", name="anna", disabled="{{ secret }}", **given),
        one("user", name="anna", password="{{ secret * 9 }}", update_password="always"),
        one("user", name="anna", password=["{{ secret }}"], update_password="always"),
        one("user", name="anna", password="{{ secret }}", login_password="{{ secret }}2"),
        one("shared_folder", name="safe", encryption_password="{{ key }}"),
        one("shared_folder", name="home", encryption_password="{{ key }}"),
        {**one("user", name="bert{{ number }}", **given), "loop": [1], "loop_control": {"loop_var": "number"}},
        {**one("user", name="carl", **given), "register": "made"},
        {"ansible.builtin.debug": {"var": "made"}},
        one("info", gather=["users", "groups", "shared_folders"]),
    ]
    log = tmp_path / "ansible.log"
    for arguments in (("--check",), ()):
        device.faults({"call": CREATE[device.vendor], "times": 1, "do": "garbage"})
        outcome = run(tmp_path, tolerant(*tasks), hosts, "-vvvv", "--diff", *arguments, ANSIBLE_LOG_PATH=str(log))
        assert len(outcome.results()) == len(tasks)
        texts = {
            "output": outcome.text,
            "results": json.dumps(outcome.results()),
            "log": log.read_text(encoding="utf-8"),
            "log of the device": device.log_file.read_text(encoding="utf-8"),
        }
        for name, text in texts.items():
            shown = [text[max(0, text.find(word) - 200) :][:300] for word in (SECRET, KEY) if word in text]
            assert shown == [], name
            assert devices.PASSWORD not in text, name
    assert outcome.results()[0]["failed"]
    assert outcome.results()[13]["changed"]
