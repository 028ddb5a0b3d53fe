# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client of every vendor with accounts, shared folders and rights must do, on the devices' generations.

The calls are observed, not documented. Strict settings refuse what no source proves: a session of File Station, a
session's id in the body alone, a call without its token.
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._api.client import Client
from ansible_collections.nasops.nas.plugins.module_utils._core.administration import (
    NO_END,
    Account,
    AccountValues,
    Group,
    Rule,
    SharedFolder,
    SharedFolderValues,
    named,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery import accounts as account_delivery
from ansible_collections.nasops.nas.plugins.module_utils._delivery import shared_folders as folder_delivery
from ansible_collections.nasops.nas.plugins.module_utils._plans.accounts import (
    DesiredGroup,
    DesiredUser,
    plan_group,
    plan_user,
)
from ansible_collections.nasops.nas.plugins.module_utils._plans.share_permissions import (
    DesiredRules,
    known,
    plan_rules,
)
from ansible_collections.nasops.nas.plugins.module_utils._plans.shared_folder import DesiredFolder, plan_folder
from ansible_collections.nasops.nas.plugins.module_utils._qnap import system
from ansible_collections.nasops.nas.plugins.module_utils._synology import control_panel
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

from tests.support import devices

STRICT = ("core_sessions=separate", "core_token=always", "refuse_body_sid=1")
GENERATIONS = (
    ("synology", "dsm6", ()),
    ("synology", "dsm71", ()),
    ("synology", "dsm72", STRICT),
    ("synology", "dsm73", ()),
    ("qnap", "qts51", ("deletion_seconds=0.2",)),
    ("qnap", "hero6", ("xml=cdata", "deletion_seconds=0.2")),
)
PASSWORD = "pÄ ss+/=&%1a"
ODD = ("2024", "true", "a b", "é", "A.b-c_d")

# The calls that make an account, a group and a shared folder, for faults.
CREATES = {
    "synology": {"user": "SYNO.Core.User/create", "group": "SYNO.Core.Group/create", "share": "SYNO.Core.Share/create"},
    "qnap": {
        "user": "wizReq.cgi?wiz_func=user_create&action=add_user",
        "group": "wizReq.cgi?wiz_func=user_group_create&action=add_group",
        "share": "wizReq.cgi?wiz_func=share_create&action=add_share",
    },
}


WORDS = {"user": "account", "group": "group", "share": "shared folder"}
# The calls that write a password, and rights.
PASSWORDS = {
    "synology": "SYNO.Core.User/set",
    "qnap": "privWizard.cgi?wiz_func=user_password_edit&action=user_password_edit",
}
RIGHTS = {
    "synology": "SYNO.Core.Share.Permission/set",
    "qnap": "privWizard.cgi?wiz_func=*_share_edit&action=*_share_edit",
}


@dataclass
class Nas:
    """A simulated device, and clients of it."""

    device: devices.Device
    profile: str
    clients: list[Client] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def vendor(self) -> str:
        return self.device.vendor

    def connect(self, username: str = devices.USER, password: str = devices.PASSWORD) -> Client:
        connection = Connection(self.vendor, "127.0.0.1", self.device.port, use_ssl=False, timeout=20.0, retries=0)
        client = _vendors.build(connection, Credentials(username, password), MemoryStore())
        self.clients.append(client)
        return client

    @property
    def client(self) -> Client:
        return self.clients[0] if self.clients else self.connect()

    def name(self, what: str) -> str:
        """A name that no other test has."""
        return f"{what}{next(self.numbers)}"

    def account(self, *, groups: tuple[str, ...] = (), **values: Any) -> str:
        """A new account."""
        name = self.name("user")
        self.client.accounts.create_user(name, AccountValues(password=PASSWORD, **values))
        for group in groups:
            self.client.accounts.change_members(group, [name], [])
        return name

    def found(self, name: str) -> Account:
        accounts = self.client.accounts
        user = named(accounts.users(), name)
        assert user is not None
        return accounts.details(user)

    def folder(self, name: str) -> SharedFolder:
        folders = self.client.shared_folders
        found = named(folders.list(), name)
        assert found is not None
        return folders.details(found)

    def share(self, **values: Any) -> str:
        """A new shared folder."""
        name = self.name("Share")
        volume = self.client.shared_folders.volumes()[0].id
        self.client.shared_folders.create(name, SharedFolderValues(volume, **values))
        return name


@contextlib.contextmanager
def qnap(folder: Path, profile: str, *settings: str) -> Iterator[Nas]:
    """A QNAP of a test's own."""
    words = [word for setting in settings for word in ("--vendor-opt", setting)]
    with devices.device("qnap", folder, profile=profile, arguments=words) as device:
        nas = Nas(device, profile)
        try:
            yield nas
        finally:
            for client in nas.clients:
                client.close()


@pytest.fixture(scope="module", params=GENERATIONS, ids=lambda one: "-".join(one[:2]))
def served(request, tmp_path_factory):
    vendor, profile, settings = request.param
    words = [word for setting in ("max_failures=0", *settings) for word in ("--vendor-opt", setting)]
    folder = tmp_path_factory.mktemp(profile)
    with devices.device(vendor, folder, profile=profile, arguments=words) as device:
        yield Nas(device, profile)


@pytest.fixture
def nas(served, monkeypatch):
    monkeypatch.setattr(control_panel, "pause", lambda seconds: None)
    monkeypatch.setattr(system, "BUILDING", (0.0,) * 3)
    monkeypatch.setattr(system, "_POLL", 0.05)
    served.device.forget()
    served.device.faults()
    yield served
    served.device.faults()
    for client in served.clients:
        client.logout()
        client.close()
    served.clients.clear()


def test_accounts_come_change_and_go(nas):
    accounts = nas.client.accounts
    name = nas.account(description="Anna Ä", email="a@example.com")
    made = nas.found(name.upper())
    assert (made.name, made.description, made.email, made.disabled, made.expires, made.built_in) == (
        name,
        "Anna Ä",
        "a@example.com",
        False,
        NO_END,
        False,
    )
    accounts.edit_user(made, AccountValues(disabled=True))
    accounts.edit_user(nas.found(name), AccountValues(description=""))
    changed = nas.found(name)
    assert (changed.description, changed.email, changed.disabled) == ("", "a@example.com", True)
    accounts.edit_user(changed, AccountValues(disabled=False))
    assert nas.found(name).disabled is False
    accounts.delete_user(name)
    assert named(accounts.users(), name) is None


def test_nobody_knows_which_password_it_is_when_the_answer_is_lost(nas):
    name, accounts = nas.account(), nas.client.accounts
    desired = DesiredUser(name, values=AccountValues(password=f"{PASSWORD}2"), always=True)
    plan = plan_user(desired, nas.found(name), [], accounts.everybody)
    nas.device.faults({"call": PASSWORDS[nas.vendor], "times": 1, "do": {"reset": {"where": "reply", "at_bytes": 0}}})
    with pytest.raises(NasError) as caught:
        account_delivery.apply_user(accounts, desired, plan)
    assert caught.value.kind is Kind.CONNECTION
    assert f"The account {name!r} may have the new password by now" in caught.value.hint
    nas.connect(name, f"{PASSWORD}2").login()


def test_a_password_is_the_one_that_was_written(nas):
    name = nas.account()
    nas.connect(name, PASSWORD).login()
    nas.client.accounts.set_password(name, f"{PASSWORD}2")
    nas.connect(name, f"{PASSWORD}2").login()
    with pytest.raises(NasError) as caught:
        nas.connect(name, PASSWORD).login()
    assert caught.value.kind is Kind.AUTHENTICATION
    assert PASSWORD not in f"{caught.value} {caught.value!r} {caught.value.failure()}"
    text = nas.device.log_file.read_text(encoding="utf-8")
    assert PASSWORD not in text


def test_what_a_vendor_takes_beyond(nas):
    accounts = nas.client.accounts
    name = nas.account()
    if accounts.features.expires:
        accounts.edit_user(nas.found(name), AccountValues(expires="2030-01-05"))
        assert (nas.found(name).expires, nas.found(name).disabled) == ("2030-01-05", False)
        accounts.edit_user(nas.found(name), AccountValues(expires=NO_END))
        assert nas.found(name).expires == NO_END
    if accounts.features.new_name:
        number = nas.found(name).id
        accounts.edit_user(nas.found(name), AccountValues(new_name=f"{name}x"))
        assert nas.found(f"{name}x").id == number


@pytest.mark.parametrize("name", ODD)
def test_odd_names(nas, name):
    accounts = nas.client.accounts
    accounts.create_user(name, AccountValues(password=PASSWORD, description=name))
    accounts.create_group(name, "")
    accounts.change_members(name, [name], [])
    assert nas.found(name).name == name
    assert accounts.members(name) == [name]
    assert name in accounts.groups_of(name)
    accounts.delete_group(name)
    accounts.delete_user(name)
    assert named(accounts.users(), name) is None
    assert named(accounts.groups(), name) is None


def test_groups_and_members(nas):
    accounts = nas.client.accounts
    group, one, two = nas.name("Group"), nas.account(), nas.account()
    accounts.create_group(group, "")
    assert accounts.members(group) == []
    accounts.change_members(group, [one, two], [])
    assert sorted(accounts.members(group)) == sorted((one, two))
    assert group in accounts.groups_of(one)
    assert accounts.groups_of(one, [group]).count(group) == 1
    assert "not yet there" not in accounts.groups_of(one, [group, "not yet there"])
    accounts.change_members(group, [], [one])
    assert accounts.members(group) == [two]
    assert group not in accounts.memberships([one, two])[one]
    assert group in accounts.memberships([one, two])[two]
    found = named(accounts.groups(), group)
    accounts.edit_group(found, "who else")
    kept = named(accounts.groups(), group).description
    assert kept == ("" if nas.profile == "dsm71" else "who else")
    accounts.delete_group(group)
    assert named(accounts.groups(), group) is None
    assert nas.found(two).name == two
    known = {one.name for one in accounts.groups() if one.built_in}
    assert {accounts.administrators, accounts.everybody} <= known
    assert devices.USER in accounts.members(accounts.administrators)


def test_shared_folders_come_change_and_go(nas):
    folders = nas.client.shared_folders
    name = nas.share(description="what", hidden=True, recycle_bin=True)
    made = nas.folder(name.lower())
    assert (made.name, made.path, made.description, made.hidden) == (name, f"/{name}", "what", True)
    assert (made.recycle_bin, made.recycle_bin_admin_only, made.volume) == (True, False, folders.volumes()[0].id)
    folders.edit(made, SharedFolderValues(description="", hidden=False, recycle_bin_admin_only=True))
    changed = nas.folder(name)
    assert (changed.description, changed.hidden, changed.recycle_bin, changed.recycle_bin_admin_only) == (
        "",
        False,
        True,
        True,
    )
    (nas.device.root / name / "kept").mkdir()
    folders.delete(name)
    assert named(folders.list(), name) is None
    assert not (nas.device.root / name).exists()


def test_what_a_shared_folder_takes_beyond(nas):
    features = nas.client.shared_folders.features
    if features.quota:
        name = nas.share(quota=10 * 1024**3, compression=True, checksums=True)
        made = nas.folder(name)
        assert (made.quota, made.compression, made.checksums) == (10 * 1024**3, True, True)
        nas.client.shared_folders.edit(made, SharedFolderValues(quota=0))
        assert nas.folder(name).quota == 0
    if features.encryption_password:
        assert nas.folder(nas.share(encryption_password=PASSWORD)).encrypted is True


def test_rights_are_what_file_station_lets_an_account_do(nas):
    name, share = nas.account(), nas.share()
    permissions = nas.client.share_permissions
    group = nas.name("Group")
    nas.client.accounts.create_group(group, "")
    nas.client.accounts.change_members(group, [name], [])
    there = permissions.principals(share, ("user", "group"))
    user = next(one for one in there if (one.type, one.name) == ("user", name))
    team = next(one for one in there if (one.type, one.name) == ("group", group))
    assert [rule.access for rule in permissions.rules(share, [user, team])] == ["none", "none"]

    def can(access: str, through: Rule = user) -> tuple[bool, bool]:
        """Whether the account can read and write."""
        permissions.set(share, [Rule(through.type, through.name, access)])
        assert [rule.access for rule in permissions.rules(share, [through])] == [access]
        client = nas.connect(name, PASSWORD)
        path = f"/{share}/{nas.name('file')}"
        if not allowed(lambda: list(client.files.list(f"/{share}"))):
            return False, False
        if not allowed(lambda: client.files.upload(BytesSource(b"x"), path, mtime=None, watch=Watch())):
            return True, False
        sink = io.BytesIO()
        client.files.download(path, sink, watch=Watch())
        return True, sink.getvalue() == b"x"

    assert can("none") == (False, False)
    assert can("write") == (True, True)
    assert can("read") == (True, False)
    assert can("write", team) == (True, True)
    assert can("deny") == (False, False)
    assert can("none") == (True, True)
    rules = {(rule.type, rule.name): rule.access for rule in permissions.all_rules([share])[share]}
    assert rules[("group", group)] == "write"
    assert ("user", name) not in rules


def test_who_is_no_administrator_gets_that_as_the_error(nas):
    name = nas.account()
    other = nas.connect(name, PASSWORD)
    with pytest.raises(NasError) as caught:
        other.accounts.create_group(nas.name("Group"), "")
    assert caught.value.kind is Kind.PERMISSION_DENIED
    assert "administrator" in str(caught.value)


def test_volumes_disks_and_updates(nas):
    volumes, disks = nas.client.storage.volumes(), nas.client.storage.disks()
    assert volumes
    assert all(volume.id and volume.name and 0 < volume.free <= volume.size for volume in volumes)
    assert disks
    assert all(disk.model and disk.health and 0 < disk.temperature < 90 for disk in disks)
    assert nas.client.updates.offered().available is False


@pytest.mark.parametrize(
    ("profile", "said", "available", "version"),
    [
        ("qts4", "9.3.4.0695 Build 20310830", True, "9.3.4.0695 Build 20310830"),
        ("qts4", "error", None, None),
        ("qts51", "none,error", False, None),
        ("qts51", "error,none", None, None),
        ("qts51", "empty,9.2.10.3577 Build 20310731", True, "9.2.10.3577 Build 20310731"),
        ("hero6", "9.2.9.1 Build 20310701,9.2.10.1 Build 20310702", True, "9.2.10.1 Build 20310702"),
    ],
)
def test_what_a_qnap_says_of_newer_firmware(tmp_path, profile, said, available, version):
    with qnap(tmp_path, profile, f"new_firmware={said}") as nas:
        found = nas.client.updates.offered()
        assert (found.available, found.version) == (available, version)
        assert ["newer firmware" in warning for warning in nas.client.warnings] == [True] * (available is None)
        installed = found.installed  # in the words of an offer, which is none then
    with qnap(tmp_path, profile, f"new_firmware={installed}") as nas:
        assert nas.client.updates.offered().as_result() == {
            "available": False,
            "version": None,
            "installed": installed,
        }


@pytest.mark.parametrize(("profile", "settings"), [("qts51", ()), ("hero6", ("xml=cdata",))])
def test_the_other_switches_of_a_shared_folder_of_a_qnap_stay_on(tmp_path, profile, settings):
    with qnap(tmp_path, profile, *settings) as nas:
        name = nas.share(description="old")
        folders, pages = nas.client.shared_folders, nas.client.shared_folders._pages
        page, about = "priv/privWizard.cgi", {"wiz_func": "share_property"}

        def told():
            (told,) = pages.read(page, about, {"sharename": name}).all("shareProperty")
            return {path: element.text for path, element in told.walk()}

        path, volume = told()["path"], told()["selectedVol"]
        whole = {"old_sname": name, "new_sname": name, "manual_path": path, "vol_no": volume, "share_hidden": 0}
        on = ("mangled_names", "hide_unreadable", "share_enumeration", "showSnapshots", "EncryptData", "oplocks")
        on = (*on, "qsync", "recycle_bin", "timemachine", "ftp_wonly")
        pages.write(page, {**about, "action": "share_property"}, {**whole, **dict.fromkeys(on, 1)})
        before = told()
        switched = ("supportNameMangling", "hide_unreadable", "share_enumeration", "showSnapshots")
        assert {before[key] for key in switched} == {"yes"}
        folders.edit(nas.folder(name), SharedFolderValues(description="new"))
        assert told() == {**before, "comment": "new"}
        folders.edit(nas.folder(name), SharedFolderValues(hidden=True, recycle_bin=False))
        assert told() == {**before, "comment": "new", "hidden": "1", "recyclePerShare": "0"}


def test_a_session_that_ends_in_between_costs_a_login(nas):
    name = nas.name("user")
    nas.client.accounts.users()
    nas.device.faults({"call": CREATES[nas.vendor]["user"], "times": 1, "do": "expire_session"})
    nas.client.accounts.create_user(name, AccountValues(password=PASSWORD))
    assert nas.found(name).name == name
    assert len(nas.device.calls(CREATES[nas.vendor]["user"])) == 2


@pytest.mark.parametrize(
    "do",
    [{"reset": {"where": "reply", "at_bytes": 0}}, {"truncate": 5}, {"status": 502, "where": "after"}],
    ids=["reset", "truncated", "gateway"],
)
@pytest.mark.parametrize("what", ["user", "group", "share"])
def test_what_was_done_though_its_answer_was_lost_is_done(nas, what, do):
    name = nas.name(what)
    nas.client.accounts.users()
    call = CREATES[nas.vendor][what]
    nas.device.faults({"call": call, "times": 1, "do": do})
    create(nas, what, name)
    assert len(nas.device.calls(call)) == 1


@pytest.mark.parametrize("what", ["user", "group", "share"])
def test_what_was_not_done_is_an_error(nas, what):
    name = nas.name(what)
    nas.client.accounts.users()
    nas.device.faults({"call": CREATES[nas.vendor][what], "times": 0, "do": "reset"})
    with pytest.raises(NasError) as caught:
        create(nas, what, name)
    assert caught.value.kind in (Kind.CONNECTION, Kind.PROTOCOL)


def allowed(work: Callable[[], object]) -> bool:
    """Whether the device lets an account do it; a share that is closed to it is not there for some."""
    try:
        work()
    except NasError as error:
        if error.kind in (Kind.PERMISSION_DENIED, Kind.NOT_FOUND):
            return False
        raise
    return True


def create(nas: Nas, what: str, name: str) -> None:
    """Make something as a module does."""
    accounts, folders = nas.client.accounts, nas.client.shared_folders
    if what == "user":
        values = AccountValues("text", disabled=True, password=PASSWORD)
        user = DesiredUser(name, "present", values, groups=(accounts.administrators,))
        done = account_delivery.apply_user(accounts, user, plan_user(user, None, [], accounts.everybody))
        assert done.account is not None
        assert (done.account.description, done.account.disabled) == ("text", True)
    elif what == "group":
        group = DesiredGroup(name, members=(devices.USER,))
        account_delivery.apply_group(accounts, group, plan_group(group, None, []))
    else:
        folder = DesiredFolder(name, "present", SharedFolderValues(hidden=True))
        volumes = folders.volumes()
        folder_delivery.apply_folder(folders, folder, plan_folder(folder, None, volumes), volumes)


def test_success_that_did_nothing_is_an_error(nas):
    if nas.vendor == "qnap":
        for what in ("user", "group", "share"):
            nas.device.faults({"call": CREATES["qnap"][what], "do": {"vendor": "pretend"}})
            with pytest.raises(NasError) as caught:
                create(nas, what, nas.name(what))
            assert caught.value.kind is Kind.MISMATCH
            assert f"made no {WORDS[what]}" in caught.value.message
    elif nas.profile == "dsm71":
        group = DesiredGroup(nas.name("group"), description="not kept by this release")
        with pytest.raises(NasError) as caught:
            account_delivery.apply_group(nas.client.accounts, group, plan_group(group, None, []))
        assert caught.value.kind is Kind.MISMATCH
        assert "description" in caught.value.message


@pytest.mark.parametrize("what", ["user", "group", "share"])
def test_what_another_run_has_made_or_removed_meanwhile_is_done(nas, what):
    name = nas.name(what)
    create(nas, what, name)
    # Both have found that there was none.
    create(nas, what, name)
    delete(nas, what, name)
    delete(nas, what, name)


def delete(nas: Nas, what: str, name: str) -> None:
    """Remove something as a module does that has found it a moment ago."""
    accounts, folders = nas.client.accounts, nas.client.shared_folders
    if what == "user":
        user = DesiredUser(name, "absent")
        account_delivery.apply_user(accounts, user, plan_user(user, Account(name), [], accounts.everybody))
    elif what == "group":
        group = DesiredGroup(name, "absent")
        account_delivery.apply_group(accounts, group, plan_group(group, Group(name), []))
    else:
        folder = DesiredFolder(name, "absent")
        plan = plan_folder(folder, SharedFolder(name, f"/{name}"), [])
        folder_delivery.apply_folder(folders, folder, plan, [])


def test_the_rights_of_several_are_all_written_though_an_answer_is_lost(nas):
    name, share, permissions = nas.account(), nas.share(), nas.client.share_permissions
    group = nas.name("Group")
    nas.client.accounts.create_group(group, "")
    desired = DesiredRules(share, {name: "read"}, {group: "write"})
    principals = [one for one in permissions.principals(share, desired.types) if one.name in (name, group)]
    wanted, _missing = known(desired, principals)
    plan = plan_rules(desired, wanted, permissions.rules(share, principals))
    nas.device.faults({"call": RIGHTS[nas.vendor], "times": 1, "do": {"reset": {"where": "reply", "at_bytes": 0}}})
    rest = folder_delivery.apply_rules(permissions, desired, wanted, plan, principals)
    assert sorted((rule.name, rule.access) for rule in rest.shown) == sorted([(name, "read"), (group, "write")])


def test_an_account_with_a_last_day_is_neither_switched_on_nor_off_where_it_would_lose_that(nas):
    accounts = nas.client.accounts
    ends = Account("ends", disabled=False, expires="2030-01-05")
    for values in (AccountValues(disabled=True), AccountValues(description="x")):
        if values.disabled is None or accounts.features.expires:
            accounts.check_edit(ends, values)
            continue
        with pytest.raises(NasError) as caught:
            accounts.check_edit(ends, values)
        assert caught.value.kind is Kind.UNSUPPORTED


def test_a_device_that_works_on_another_change_is_waited_for(nas):
    if nas.vendor == "synology":
        call = CREATES["synology"]["share"]
        nas.device.faults({"call": call, "times": 3, "do": {"error": 3328}})
        assert nas.folder(nas.share()).name
        assert len(nas.device.calls(call)) == 4
    else:
        nas.device.faults({"call": "privRequest.cgi?subfunc=user", "times": 2, "do": {"vendor": "building"}})
        assert nas.client.accounts.users()
