# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of nas_shared_folder and nas_share_permission: pure functions of what is desired and what there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.administration import SharedFolderFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.administration import (
    Rule,
    SharedFolder,
    SharedFolderValues,
    Volume,
    renamed_or,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._plans.share_permissions import (
    DesiredRules,
    RulesPlan,
    half_truths,
    known,
    narrowing,
    plan_rules,
    require_own_way_in,
)
from ansible_collections.nasops.nas.plugins.module_utils._plans.shared_folder import (
    DesiredFolder,
    chosen_volume,
    plan_folder,
    read_quota,
    readable,
    require_removable,
    require_volume_can,
)
from ansible_collections.nasops.nas.plugins.modules import nas_share_permission, nas_shared_folder

GIB = 1024**3
ONE = Volume("/volume1", "Volume 1", "/volume1", "btrfs", 10 * GIB, 2 * GIB)
TWO = Volume("/volume2", "Fast", "/volume2", "ext4", 10 * GIB, 3 * GIB)
DATA = SharedFolder("Data", "/Data", "/volume1", "the data", False, True, False, 0, False, True, False)


def folder(name="Data", **values):
    return DesiredFolder(name, "present", SharedFolderValues(**values))


def changes(desired, current=DATA, volumes=(ONE,)):
    plan = plan_folder(desired, current, volumes)
    return [(step.do, step.path, step.to) for step in plan.steps], plan.changes


@pytest.mark.parametrize(
    ("desired", "written"),
    [
        (folder(), SharedFolderValues()),
        (folder("DATA", description="the data", hidden=False, quota=0, volume="volume 1"), SharedFolderValues()),
        (folder(compression=False, checksums=True), SharedFolderValues()),
        (folder(description=""), SharedFolderValues(description="")),
        (folder(hidden=True, recycle_bin=True), SharedFolderValues(hidden=True)),
        (folder(quota=10 * GIB), SharedFolderValues(quota=10 * GIB)),
        (folder(recycle_bin_admin_only=True), SharedFolderValues(recycle_bin_admin_only=True)),
        (folder(new_name="Files"), SharedFolderValues(new_name="Files")),
        (folder(new_name="data"), SharedFolderValues(new_name="data")),
        (folder("old", new_name="Data"), SharedFolderValues()),
    ],
)
def test_only_what_differs_is_written(desired, written):
    steps, change = changes(desired)
    assert change == written
    expected = [] if written == SharedFolderValues() else [("edit", "Data", written.new_name)]
    assert steps == expected
    plan = plan_folder(desired, DATA, (ONE,))
    assert not plan_folder(desired, plan.folder, (ONE,)).changed


def test_a_new_one_lies_on_the_only_volume():
    steps, change = changes(folder("new", compression=True), None)
    assert steps == [("create", "new", None)]
    assert (change.volume, change.compression, change.checksums) == ("/volume1", True, True)
    plan = plan_folder(folder("old", new_name="new", encryption_password="hunter2"), None, (ONE,))
    assert (plan.folder.name, plan.folder.encrypted, plan.changes.new_name) == ("new", True, None)
    assert "hunter2" not in repr((plan, plan.after))


def test_which_volume_is_meant():
    both = (ONE, TWO)
    assert chosen_volume("/volume2", both) is TWO
    assert chosen_volume("fast", both) is TWO
    number = Volume("1", "DataVol1")
    assert chosen_volume("1", (number,)) is chosen_volume("datavol1", (number,)) is chosen_volume(None, (number,))
    for wanted, words in ((None, "not just one"), ("/volume3", "names no volume")):
        with pytest.raises(NasError, match=words) as caught:
            chosen_volume(wanted, both)
        assert "'Fast' = '/volume2', 3 GiB free" in caught.value.hint
    with pytest.raises(NasError, match="more than one"):
        chosen_volume("x", (Volume("1", "X"), Volume("2", "x")))


@pytest.mark.parametrize(
    ("desired", "words"),
    [
        (folder(checksums=False), "option checksums: the shared folder 'Data' was made with it"),
        (folder(compression=True), "option compression: the shared folder 'Data' was made without it"),
        (folder(encryption_password="k"), "was made without encryption"),
        (folder(volume="Fast"), "lies on '/volume1', not on '/volume2'"),
        (folder(recycle_bin=False, recycle_bin_admin_only=True), "has no recycle bin"),
    ],
)
def test_what_would_be_ignored_or_refused_is_an_error_before_the_call(desired, words):
    with pytest.raises(NasError, match=words) as caught:
        plan_folder(desired, DATA, (ONE, TWO))
    assert caught.value.kind is Kind.USAGE
    assert caught.value.hint


def test_the_key_of_an_encrypted_one_is_not_compared():
    assert not plan_folder(folder(encryption_password="k"), replace(DATA, encrypted=True), (ONE,)).changed


def test_without_a_recycle_bin_nobody_need_be_told_who_sees_it():
    closed = replace(DATA, recycle_bin=True, recycle_bin_admin_only=True)
    steps, change = changes(folder(recycle_bin=False), closed)
    assert steps == [("edit", "Data", None)]
    assert change == SharedFolderValues(recycle_bin=False, recycle_bin_admin_only=False)
    plan = plan_folder(folder(recycle_bin=False), closed, (ONE,))
    assert not plan_folder(folder(recycle_bin=False), plan.folder, (ONE,)).changed
    # As a device may have it: nothing is to be said about that in a task about something else.
    odd = replace(DATA, recycle_bin=False, recycle_bin_admin_only=True)
    assert changes(folder(description="x"), odd)[1] == SharedFolderValues(description="x")
    with pytest.raises(NasError, match="has no recycle bin"):
        changes(folder(recycle_bin_admin_only=True), replace(odd, recycle_bin_admin_only=False))


def test_what_the_device_keeps_for_itself():
    with pytest.raises(NasError) as caught:
        require_removable(replace(DATA, built_in=True))
    assert caught.value.kind is Kind.PERMISSION_DENIED
    fixed = replace(DATA, editable=False)
    assert not plan_folder(folder(hidden=False), fixed, (ONE,)).changed
    with pytest.raises(NasError) as caught:
        plan_folder(folder(hidden=True), fixed, (ONE,))
    assert caught.value.kind is Kind.PERMISSION_DENIED
    with pytest.raises(NasError) as caught:
        renamed_or([DATA, SharedFolder("x", "/x")], folder().name, "x", "a shared folder")
    assert caught.value.kind is Kind.EXISTS


def test_some_options_need_btrfs():
    features = SharedFolderFeatures(btrfs=("quota", "compression"))
    require_volume_can(SharedFolderValues(quota=GIB), ONE, features)
    require_volume_can(SharedFolderValues(quota=0, hidden=True), TWO, features)
    require_volume_can(SharedFolderValues(quota=GIB), Volume("1", "x"), features)  # it does not tell
    with pytest.raises(NasError, match="option quota needs a volume of Btrfs, and 'Fast' is one of ext4"):
        require_volume_can(SharedFolderValues(quota=GIB), TWO, features)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10 GiB", 10 * GIB),
        ("10GiB", 10 * GIB),
        ("1.5 GiB", GIB * 3 // 2),
        ("500 MiB", 500 * 1024**2),
        ("none", 0),
        ("None", 0),
        ("0", 0),
        ("1048576", 1024**2),
        ("1 TiB", 1024 * GIB),
        ("8000 PiB", 8000 * 1024**5),
    ],
)
def test_quotas(text, size):
    assert read_quota(text) == size


@pytest.mark.parametrize(
    "text", ["", "much", "10 G", "-1 GiB", "10 gib", "1 GB", "1 KiB", "1.0001 MiB", "9" * 400, "١ GiB", "9000 PiB"]
)
def test_no_quotas(text):
    with pytest.raises(NasError, match="option quota") as caught:
        read_quota(text)
    assert caught.value.hint


def test_a_quota_without_a_unit_asks_for_one():
    with pytest.raises(NasError) as caught:
        read_quota("10")
    assert "give 10 GiB or 10 MiB" in caught.value.hint


def test_sizes_for_people():
    assert [readable(size) for size in (0, 1023, 1024, 10 * GIB, GIB * 3 // 2)] == [
        "0 bytes",
        "1023 bytes",
        "1 KiB",
        "10 GiB",
        "1.5 GiB",
    ]


PARAMS = {
    "vendor": "synology",
    "name": "Data",
    "state": "present",
    "volume": None,
    "delete_data": False,
    **dict.fromkeys(nas_shared_folder.VALUES),
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "/Data"}, "option name"),
        ({"name": ""}, "option name"),
        ({"new_name": "a/b"}, "option new_name"),
        ({"state": "absent", "hidden": True}, "option hidden makes no sense"),
        ({"state": "absent", "volume": "x"}, "option volume makes no sense"),
        ({"delete_data": True}, "option delete_data"),
        ({"encryption_password": ""}, "option encryption_password"),
        ({"compression": True, "checksums": False}, "option compression"),
        ({"recycle_bin": False, "recycle_bin_admin_only": True}, "option recycle_bin_admin_only"),
    ],
)
def test_bad_options_are_refused_before_any_call(given, words):
    def read():
        nas_shared_folder.SPEC.require_state({**PARAMS, **given})
        nas_shared_folder.read_desired({**PARAMS, **given})

    with pytest.raises(NasError, match=words) as caught:
        read()
    assert caught.value.kind is Kind.USAGE


@pytest.mark.parametrize("option", ["quota", "compression", "checksums", "encryption_password", "new_name"])
def test_what_a_vendor_does_not_take_names_those_that_do(option):
    with pytest.raises(NasError, match=f"does not offer option {option}") as caught:
        nas_shared_folder.read_desired({**PARAMS, "vendor": "qnap", option: "10 GiB"})
    assert caught.value.hint == "Offered by: synology"


ANNA, BERT = Rule("user", "Anna"), Rule("user", "bert", "write")
STAFF, ADMINS = Rule("group", "staff", "read"), Rule("group", "administrators", "write", administrator=True)
HAND, HID = Rule("user", "hand", "custom"), Rule("user", "hid", "read", masked=True)
FAR = Rule("user", "anna", source="ldap")
EVERYBODY = [ANNA, BERT, STAFF, ADMINS, HAND, HID]


def rights(users=None, groups=None, current=None, **more):
    desired = DesiredRules("Data", users, groups, **more)
    there = EVERYBODY if current is None else current
    wanted, missing = known(desired, there)
    assert missing == []
    return plan_rules(desired, wanted, there)


@pytest.mark.parametrize(
    ("users", "groups", "purge", "written"),
    [
        ({"bert": "write"}, {"staff": "read"}, False, {}),
        ({"anna": "none"}, None, False, {}),
        ({"ANNA": "write"}, None, False, {"Anna": "write"}),
        (
            {"anna": "deny", "bert": "none"},
            {"staff": "write"},
            False,
            {"Anna": "deny", "bert": "none", "staff": "write"},
        ),
        (None, {"staff": "read"}, True, {}),
        (None, {}, True, {"staff": "none"}),
        (None, {"administrators": "read"}, True, {"administrators": "read", "staff": "none"}),
    ],
)
def test_only_rules_that_differ_are_written(users, groups, purge, written):
    plan = rights(users, groups, purge=purge)
    assert {rule.name: rule.access for rule in plan.rules} == written
    assert plan.changed is bool(written)
    before = {rule.who: rule for rule in EVERYBODY}
    after = {**before, **{rule.who: rule for rule in plan.rules}}
    assert not rights(users, groups, list(after.values()), purge=purge).changed


def test_what_simple_rights_cannot_say_is_replaced_by_force_only():
    for name in ("hand", "hid"):
        with pytest.raises(NasError, match=f"account '{name}'") as caught:
            rights({name: "write"})
        assert "force" in caught.value.hint
        assert [rule.access for rule in rights({name: "write"}, force=True).rules] == ["write"]
    with pytest.raises(NasError, match="Windows ACL"):
        rights({"anna": "read"}, purge=True)
    plan = rights({"anna": "read"}, purge=True, force=True)
    assert {rule.name for rule in plan.rules} == {"Anna", "bert", "hand", "hid"}


def test_what_else_decides_becomes_one_warning():
    def warning(*more, shown=(BERT, HID), users=("Hid", "bert")):
        return half_truths(DesiredRules("Data", dict.fromkeys(users, "read"), {}), shown, more)

    end = "so that these simple rights are not all that decides in 'Data'"
    assert warning() == f"the rule of account 'hid' is masked by another rule, {end}"
    assert warning("one", users=["bert"]) == f"one, {end}"
    assert warning(users=["bert"]) is None
    assert warning(*"abcde", shown=[]) == f"a, b, c and 2 more, {end}"
    # A rule that is written is masked no longer, as far as anybody knows.
    (written,) = rights({"hid": "write"}, force=True).rules
    assert not written.masked


def test_the_account_of_the_run_keeps_its_way_in():
    me, office, everyone = Rule("user", "Anna"), Rule("group", "office", "write"), Rule("group", "everyone")

    def check(*changed, mine=(me, office, everyone)):
        users, groups = ({one.name: one.access for one in changed if one.type == kind} for kind in ("user", "group"))
        require_own_way_in(DesiredRules("Data", users, groups), RulesPlan(rules=changed), "Anna", mine)

    # Others, and other access, are no matter.
    check(replace(BERT, access="deny"), replace(STAFF, access="none"), replace(office, access="read"))
    check(Rule("user", "office", "deny"), Rule("group", "Anna", "deny"))
    for rule in (me, office, everyone):
        with pytest.raises(
            NasError, match=f"logged in as 'Anna', which 'deny' for .* '{rule.name}' keeps out"
        ) as caught:
            check(replace(rule, access="deny"))
        assert "force" in caught.value.hint
    # Where nothing is set, nothing is open.
    with pytest.raises(NasError, match="'none' for group 'office' keeps out"):
        check(replace(office, access="none"))
    check(replace(office, access="none"), replace(me, access="read"))
    check(replace(office, access="none"), mine=(me, office, replace(everyone, access="read")))
    check(replace(office, access="none"), mine=(me, office, replace(everyone, access="deny")))
    purged = RulesPlan(rules=(replace(office, access="none"),))
    with pytest.raises(NasError, match="purge for group 'office' keeps out") as caught:
        require_own_way_in(DesiredRules("Data", None, {"staff": "read"}, purge=True), purged, "Anna", (me, office))
    assert caught.value.hint.endswith("or name 'office' in groups")
    plan = rights({"bert": "deny", "anna": "read"}, {"staff": "deny"})
    assert narrowing(plan)
    assert not narrowing(rights({"anna": "write"}, {"staff": "read"}))


def test_names_of_the_device_come_before_those_of_a_directory():
    desired = DesiredRules("Data", {"anna": "read", "nobody": "read"})
    assert known(desired, [FAR]) == ({FAR: "read"}, [("user", "nobody")])
    found, _missing = known(DesiredRules("Data", {"Anna": "read"}), [ANNA, FAR])
    assert found == {ANNA: "read"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"share": "/"}, "option share"),
        ({"share": "/Data/below"}, "option share"),
        ({"users": {"anna": "rw"}}, "'rw', which is no access"),
        ({"users": {"anna": None}}, "None, which is no access"),
        ({"users": {"": "read"}}, "is no name"),
        ({"groups": {"a": "read", "A": "write"}}, "is there twice"),
    ],
)
def test_bad_rights_are_refused_before_any_call(given, words):
    params = {"share": "Data", "users": None, "groups": None, "purge": False, "force": False, **given}
    with pytest.raises(NasError, match=words) as caught:
        nas_share_permission.read_desired(params)
    assert caught.value.kind is Kind.USAGE
