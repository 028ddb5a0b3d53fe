# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of nas_user and nas_group: pure functions of what is desired and what there is."""

from __future__ import annotations

import contextlib
import importlib
from dataclasses import replace

import pytest
import yaml
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.administration import (
    NO_END,
    Account,
    AccountValues,
    Group,
    named,
    renamed_or,
    unknown,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._delivery.accounts import administrators_of
from ansible_collections.nasops.nas.plugins.module_utils._module import run as module_run
from ansible_collections.nasops.nas.plugins.module_utils._module.context import ModuleContext, Runtime
from ansible_collections.nasops.nas.plugins.module_utils._module.options import (
    CONNECTION_OPTIONS,
    USERNAME,
    own_accounts,
    token_of,
)
from ansible_collections.nasops.nas.plugins.module_utils._plans.accounts import (
    Administrators,
    DesiredGroup,
    DesiredUser,
    plan_group,
    plan_user,
    require_group_allowed,
    require_known,
    require_user_allowed,
)
from ansible_collections.nasops.nas.plugins.modules import nas_user

ALL = "users"
ANNA = Account("anna", 1026, "Anna", "a@b.c", False, NO_END)
OFF = Account("off", 1027, "", "", True, NO_END)
ENDS = Account("ends", 1028, "", "", False, "2027-01-31")
STAFF = Group("staff", 65536, "the staff")


def user(name="anna", groups=None, append=True, always=False, **values):
    return DesiredUser(name, "present", AccountValues(**values), always, groups, append)


def steps(plan):
    return [(step.do, step.path, step.to) for step in plan.steps]


@pytest.mark.parametrize(
    ("desired", "current", "groups", "expected"),
    [
        (user(), ANNA, [], []),
        (user("ANNA", description="Anna", email="a@b.c", disabled=False, expires=NO_END), ANNA, [], []),
        (user(description=""), ANNA, [], [("edit", "anna", None)]),
        (user(disabled=True), ANNA, [], [("edit", "anna", None)]),
        (user("off", disabled=True), OFF, [], []),
        (user("off", expires=NO_END), OFF, [], []),
        (user("ends", disabled=False), ENDS, [], []),
        (user("ends", expires="2027-01-31"), ENDS, [], []),
        (user("ends", expires=NO_END), ENDS, [], [("edit", "ends", None)]),
        (user(password="x"), ANNA, [], []),
        (user(password="x", always=True), ANNA, [], [("password", "anna", None)]),
        (user(new_name="ann", description="x"), ANNA, [], [("edit", "anna", "ann")]),
        (user("old", new_name="anna"), ANNA, [], []),
        (user(groups=("staff", "Users")), ANNA, ["Staff"], []),
        (user(groups=("staff",)), ANNA, ["other"], [("join", "anna", "staff")]),
        (
            user(groups=("staff",), append=False),
            ANNA,
            ["other", "users"],
            [("join", "anna", "staff"), ("leave", "anna", "other")],
        ),
        (user(groups=(), append=False), ANNA, ["users"], []),
        (
            user(groups=("b",), new_name="ann", password="x", always=True),
            ANNA,
            [],
            [("edit", "anna", "ann"), ("password", "ann", None), ("join", "ann", "b")],
        ),
        (
            user(password="x", groups=("staff", "users")),
            None,
            [],
            [("create", "anna", None), ("join", "anna", "staff")],
        ),
        (user("old", password="x", new_name="new"), None, [], [("create", "new", None)]),
        (DesiredUser("anna", "absent"), ANNA, [], [("delete", "anna", None)]),
        (DesiredUser("anna", "absent"), None, [], []),
    ],
)
def test_steps_of_an_account(desired, current, groups, expected):
    plan = plan_user(desired, current, groups, ALL)
    assert steps(plan) == expected
    assert plan.changed is bool(expected)
    if desired.state == "present":
        # What will be is what is desired: nothing is left to do then, but for a password that is always written.
        again = plan_user(desired, plan.account, plan.groups or (), ALL)
        assert [step.do for step in again.steps if step.do != "password"] == []


def test_only_what_differs_is_written():
    plan = plan_user(user(description="Anna", email="x@y.z", disabled=False), ANNA, [], ALL)
    assert plan.changes == AccountValues(email="x@y.z")
    assert (plan.before["email"], plan.after["email"]) == ("a@b.c", "x@y.z")


def test_an_account_that_is_switched_off_loses_its_last_day():
    plan = plan_user(user("ends", disabled=True), ENDS, [], ALL)
    assert plan.before["expires"] == "2027-01-31"
    assert (plan.after["expires"], plan.after["disabled"]) == ("never", True)


def test_a_last_day_does_not_switch_an_account_on_by_the_way():
    with pytest.raises(NasError, match="is disabled") as caught:
        plan_user(user("off", expires="2027-01-01"), OFF, [], ALL)
    assert "disabled to false" in caught.value.hint
    plan = plan_user(user("off", expires="2027-01-01", disabled=False), OFF, [], ALL)
    assert plan.changes == AccountValues(disabled=False, expires="2027-01-01")


def test_a_new_account_needs_a_password():
    with pytest.raises(NasError, match="no account 'anna'") as caught:
        plan_user(user(description="x"), None, [], ALL)
    assert caught.value.kind is Kind.USAGE
    assert "password" in caught.value.hint


def test_no_diff_shows_a_password():
    for plan in (
        plan_user(user(password="hunter2"), None, [], ALL),
        plan_user(user(password="hunter2", always=True), ANNA, [], ALL),
    ):
        assert "hunter2" not in repr((plan.before, plan.after, plan.steps, plan.changes, plan.account))
        assert "password" in plan.after


def test_two_accounts_do_not_become_one():
    with pytest.raises(NasError) as caught:
        renamed_or([ANNA, OFF], user().name, "off", "an account")
    assert caught.value.kind is Kind.EXISTS
    assert renamed_or([ANNA, OFF], user().name, "Anna", "an account") is ANNA
    assert renamed_or([ANNA, OFF], "old", "anna", "an account") is ANNA


ADMIN = Account("admin", 1024, "", "", False, NO_END, built_in=True)
BOSS = Account("boss", 1030, "", "", False, NO_END)
TWO = Administrators("administrators", ("admin", "boss"), ("admin2", "Boss"))
ONE = Administrators("administrators", ("boss",), ("other",))


def refusal(desired, current, administrators, groups=()):
    plan = plan_user(desired, current, list(groups), ALL)
    with pytest.raises(NasError) as caught:
        require_user_allowed(plan, current, administrators, "2026-11-26")
    return caught.value


@pytest.mark.parametrize(
    ("desired", "words"),
    [
        (DesiredUser("boss", "absent"), "remove the account"),
        (user("boss", disabled=True), "disable the account"),
        (user("boss", expires="2026-11-25"), "end the account"),
        (user("boss", groups=(), append=False), "out of the group administrators"),
    ],
)
def test_nobody_locks_himself_or_the_last_administrator_out(desired, words):
    own = refusal(desired, BOSS, TWO, ["administrators"])
    assert (own.kind, "logged in as 'boss'" in own.message, words in own.message) == (Kind.USAGE, True, True)
    last = refusal(desired, BOSS, ONE, ["administrators"])
    assert (last.kind, "last administrator" in last.message, words in last.message) == (Kind.USAGE, True, True)
    others = Administrators("administrators", ("admin", "boss"), ("admin",))
    plan = plan_user(desired, BOSS, ["administrators"], ALL)
    require_user_allowed(plan, BOSS, others, "2026-11-26")


def test_the_last_administrator_without_a_last_day_gets_none():
    desired = user("boss", expires="2030-01-01")
    plan = plan_user(desired, BOSS, [], ALL)
    both = Administrators("administrators", ("admin", "boss"), ("admin",), ("admin", "boss"))
    require_user_allowed(plan, BOSS, both, "2026-11-26")
    alone = replace(both, lasting=("Boss",))
    assert "last administrator without a last day" in refusal(desired, BOSS, alone).message
    # Whoever has a last day already may get another one.
    ends = replace(BOSS, expires="2029-01-01")
    plan = plan_user(desired, ends, [], ALL)
    require_user_allowed(plan, ends, replace(both, lasting=("admin",)), "2026-11-26")


class Office:
    """The accounts of a device, as far as it matters who administers it."""

    administrators = "administrators"

    def __init__(self, *people):
        self.people = people

    def users(self):
        return list(self.people)

    def members(self, group):
        return [one.name for one in self.people]

    def details(self, one):
        return one


def test_who_is_off_or_past_the_last_day_administers_nothing():
    over, today, later = (replace(BOSS, name=day, expires=day) for day in ("2026-11-25", "2026-11-26", "2027-01-01"))
    found = administrators_of(Office(ADMIN, OFF, over, today, later), ["me"], "2026-11-26")
    assert found.active == ("admin", "2026-11-26", "2027-01-01")
    assert found.lasting == ("admin",)
    with pytest.raises(NasError, match="not known which account"):
        administrators_of(Office(ADMIN), [], "2026-11-26")


def test_whose_session_a_task_has():
    options = dict.fromkeys(CONNECTION_OPTIONS)
    assert own_accounts(options) == ()
    assert own_accounts({**options, "username": "anna"}) == ("anna",)
    handed = token_of({"sid": "1", USERNAME: "boss"})
    assert own_accounts({**options, "username": "anna", "session_token": handed}) == ("anna", "boss")
    assert own_accounts({**options, "session_token": token_of({"sid": "1"})}) == ()


def test_own_name_and_built_in_accounts_stay():
    assert "another name" in refusal(user("boss", new_name="chief"), BOSS, TWO).message
    others = Administrators("administrators", ("admin", "boss"), ("boss",))
    assert refusal(DesiredUser("admin", "absent"), ADMIN, others).kind is Kind.PERMISSION_DENIED
    assert refusal(user("admin", new_name="root"), ADMIN, others).kind is Kind.PERMISSION_DENIED
    # Switched off it may be.
    desired = user("admin", disabled=True)
    require_user_allowed(plan_user(desired, ADMIN, [], ALL), ADMIN, others, "2026-11-26")


def group(name="staff", **more):
    return DesiredGroup(name, **more)


@pytest.mark.parametrize(
    ("desired", "current", "members", "expected"),
    [
        (group(), STAFF, [], []),
        (group(description="the staff"), STAFF, [], []),
        (group(description="x"), STAFF, [], [("edit", "staff", None)]),
        (group(description=""), Group("staff"), [], []),
        (group(description="x"), Group("staff"), [], [("edit", "staff", None)]),
        (group("Staff", members=("Anna",)), STAFF, ["anna"], []),
        (group(members=("anna", "bert")), STAFF, ["anna", "carl"], [("join", "bert", "staff")]),
        (
            group(members=("bert",), append=False),
            STAFF,
            ["anna"],
            [("join", "bert", "staff"), ("leave", "anna", "staff")],
        ),
        (group(members=(), append=False), STAFF, ["anna"], [("leave", "anna", "staff")]),
        (group(members=("anna",)), None, [], [("create", "staff", None), ("join", "anna", "staff")]),
        (group(state="absent"), STAFF, [], [("delete", "staff", None)]),
        (group(state="absent"), None, [], []),
    ],
)
def test_steps_of_a_group(desired, current, members, expected):
    plan = plan_group(desired, current, members)
    assert steps(plan) == expected
    if desired.state == "present":
        assert not plan_group(desired, plan.group, plan.members or ()).changed


def test_groups_of_the_device_stay():
    administrators = Group("administrators", 101, built_in=True)

    def refused(desired, members, who):
        plan = plan_group(desired, administrators, members)
        with pytest.raises(NasError) as caught:
            require_group_allowed(desired, plan, administrators, who, ALL)
        return caught.value

    assert refused(group("administrators", state="absent"), [], TWO).kind is Kind.PERMISSION_DENIED
    only = group("administrators", members=("admin",), append=False)
    assert "logged in as 'boss'" in refused(only, ["admin", "boss"], TWO).message
    nobody = group("administrators", members=(), append=False)
    left = Administrators("administrators", ("admin", "boss"), ("carl",))
    assert "last administrator" in refused(nobody, ["admin", "boss"], left).message
    everybody = group(ALL, members=(), append=False)
    plan = plan_group(everybody, Group(ALL, 100, built_in=True), ["anna"])
    with pytest.raises(NasError, match="every account is in the group"):
        require_group_allowed(everybody, plan, None, TWO, ALL)


def test_names_differ_without_case_and_near_ones_are_named():
    there = [Group("Staff"), Group("staffing"), Group("other")]
    assert named(there, "STAFF") is there[0]
    assert named([Group("A"), Group("a")], "a").name == "a"
    # To a device these are two, though a dictionary takes them for one.
    assert named([Group("strasse")], "straße") is None
    assert named([Group("Straße")], "STRAßE").name == "Straße"
    assert named(there, "stuff") is None
    assert require_known(["STAFF", "staff"], ["Staff"], "group", "groups") == ["Staff"]
    with pytest.raises(NasError) as caught:
        require_known(["stuff"], ["Staff", "other"], "group", "groups")
    assert "option groups: there is no group 'stuff'" in caught.value.message
    assert caught.value.hint == "There is 'Staff': write the name as the device has it"
    assert unknown("group", "zzz", []).hint == "There is none; nas_group makes it"
    many = unknown("group", "zzz", [f"group{number:02}" for number in range(12)])
    assert many.hint.endswith("and 2 more; nas_group makes new ones")


PARAMS = {
    "vendor": "synology",
    "name": "anna",
    "state": "present",
    "password": None,
    "update_password": "on_create",
    "description": None,
    "email": None,
    "disabled": None,
    "expires": None,
    "groups": None,
    "append": True,
    "new_name": None,
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": " "}, "option name"),
        ({"new_name": ""}, "option new_name"),
        ({"state": "absent", "password": "x"}, "option password makes no sense"),
        ({"state": "absent", "groups": ["a"]}, "option groups makes no sense"),
        ({"password": ""}, "option password"),
        ({"update_password": "always"}, "option update_password"),
        ({"expires": "31.1.2027"}, "option expires"),
        ({"expires": "2027-02-30"}, "option expires"),
        ({"expires": "2027-01-01", "disabled": True}, "disabled and expires"),
        ({"append": False}, "option append"),
    ],
)
def test_bad_options_are_refused_before_any_call(given, words):
    def read():
        nas_user.SPEC.require_state({**PARAMS, **given})
        nas_user.read_desired({**PARAMS, **given})

    with pytest.raises(NasError, match=words) as caught:
        read()
    assert caught.value.kind is Kind.USAGE
    assert caught.value.hint


@pytest.mark.parametrize("option", ["expires", "new_name"])
def test_what_a_vendor_does_not_take_names_those_that_do(option):
    given = {"expires": "2027-01-01", "new_name": "x"}[option]
    with pytest.raises(NasError, match=f"does not offer option {option}") as caught:
        nas_user.read_desired({**PARAMS, "vendor": "qnap", option: given})
    assert caught.value.hint == "Offered by: synology"


@pytest.mark.parametrize(
    ("module", "capability", "options"),
    [
        ("nas_user", "accounts", nas_user.VALUES),
        ("nas_shared_folder", "shared_folders", None),
    ],
)
def test_the_documentation_names_the_vendors_of_each_option(module, capability, options):
    found = importlib.import_module(f"ansible_collections.nasops.nas.plugins.modules.{module}")
    about = yaml.safe_load(found.DOCUMENTATION)["options"]
    for option in options or found.VALUES:
        able = _vendors.vendors_with(lambda nas, option=option: getattr(getattr(nas, capability).features, option))
        text = " ".join(about[option]["description"])
        some = able != _vendors.vendors_with(lambda nas: capability in nas.capabilities())
        assert ("Offered by" in text) is some, option
        if some:
            reported = text.partition("Offered by ")[2].partition(".")[0].lower()
            assert [vendor for vendor in _vendors.VENDORS if vendor in reported] == able, option


@pytest.mark.parametrize("module", ["nas_user", "nas_group", "nas_shared_folder", "nas_share_permission"])
def test_there_is_one_change_at_a_time_for_a_device(module, tmp_path, monkeypatch):
    spec = importlib.import_module(f"ansible_collections.nasops.nas.plugins.modules.{module}").SPEC
    places = []

    def place_lock(folder, *place):
        places.append(place)
        return contextlib.nullcontext()

    monkeypatch.setattr(module_run._locks, "place_lock", place_lock)
    for name in ("a", "b"):
        given = {"vendor": "qnap", "host": "nas", "port": None, "use_ssl": True, **dict.fromkeys(spec.options, name)}
        context = ModuleContext(given, False, False, Runtime(locks=str(tmp_path)))
        with module_run._place_lock(spec, context):
            pass
    assert places[0] == places[1] == ("qnap", "nas", 443, "the device")
