# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages behind a QNAP's web desktop: what they are asked, and what their answers mean."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.administration import (
    NO_END,
    Account,
    AccountValues,
    Group,
    Rule,
    SharedFolder,
    SharedFolderValues,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._qnap import system
from ansible_collections.nasops.nas.plugins.module_utils._transport import session
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import Fake, Reply, fails, status, xml

USER = "<user><username>{0}</username><userid>{1}</userid><description/><email/><user_enable>1</user_enable></user>"


def page(inner: str, passed: int | str = 1, cdata: bool = False) -> Reply:
    text = f"<![CDATA[{passed}]]>" if cdata else passed
    return Reply(f'<QDocRoot version="1.0"><authPassed>{text}</authPassed>{inner}</QDocRoot>'.encode())


def users(*names: str, done: int = 1, count: int | None = None) -> Reply:
    rows = "".join(USER.format(name, 1000 + number) for number, name in enumerate(names))
    total = len(names) if count is None else count
    return page(f"<userroot><ret>0</ret><done>{done}</done><count>{total}</count><data>{rows}</data></userroot>")


@pytest.fixture
def waits(monkeypatch):
    seconds: list[float] = []
    monkeypatch.setattr(system, "pause", seconds.append)
    return seconds


@pytest.fixture
def fake(waits):
    device = Fake()
    yield device
    device.close()


@pytest.fixture
def nas(fake):
    client = fake.client()
    yield client
    client.close()


def test_a_list_of_one_and_one_that_is_still_built(fake, nas, waits):
    fake.on("privRequest.cgi", users(done=0, count=0), users(done=0, count=0), users("anna"))
    (anna,) = nas.accounts.users()
    assert (anna.name, anna.id, anna.disabled) == ("anna", 1000, None)
    assert waits == [0.2, 0.5]
    (asked, *_more) = fake.calls("privRequest.cgi")
    assert asked.method == "POST"
    assert "subfunc=user" in asked.raw_query
    assert "sid=sid-1" in asked.raw_query
    assert asked.form()["lower"] == "0"
    fake.on("privRequest.cgi", users(done=0, count=0))
    fails(Kind.BUSY, nas.accounts.users)


@pytest.mark.parametrize("passed", ["-1", "", "2", "<a><b/></a>"])
def test_what_is_no_verdict_ends_no_session(fake, nas, passed):
    fake.on("privRequest.cgi", page("", passed))
    fails(Kind.PROTOCOL, nas.accounts.users)
    assert len(fake.calls("authLogin.cgi")) <= 1


def test_a_long_list_is_read_page_by_page(fake, nas):
    names = [f"user{number:03}" for number in range(450)]

    def answer(asked):
        start = int(asked.form()["lower"])
        return users(*names[start : start + 200], count=450)

    fake.on("privRequest.cgi", answer)
    assert len({user.id for user in nas.accounts.users()}) == 200
    assert [user.name for user in nas.accounts.users()] == names
    fake.on("privRequest.cgi", lambda asked: users(f"u{len(fake.asked)}", count=10**6))
    fails(Kind.PROTOCOL, nas.accounts.users)


@pytest.mark.parametrize("answer", [page("", passed=0), page("", passed=0, cdata=True)])
def test_who_is_no_administrator_gets_that_as_the_error_after_one_new_login(fake, nas, answer):
    nas.login()
    fake.on("privRequest.cgi", users("anna"))
    nas.accounts.users()
    fake.on("privRequest.cgi", answer).on("check_sid", status(1))
    error = fails(Kind.PERMISSION_DENIED, nas.accounts.users)
    assert "administrator" in error.hint
    assert fake.logins == 2


def test_a_session_that_has_ended_is_renewed(fake, nas):
    fake.on("privRequest.cgi", users("anna"), page("", passed=0), users("bert")).on("check_sid", status(3))
    assert [user.name for user in nas.accounts.users()] == ["anna"]
    assert [user.name for user in nas.accounts.users()] == ["bert"]
    assert fake.logins == 2


def test_sessions_that_others_end_again_and_again_are_no_lack_of_rights(fake, nas, monkeypatch):
    monkeypatch.setattr(session, "_pause", lambda seconds: None)
    fake.on("privRequest.cgi", *[page("", passed=0)] * 3, users("anna")).on("check_sid", status(3))
    assert [user.name for user in nas.accounts.users()] == ["anna"]
    assert fake.logins == 4


def test_an_account_that_the_login_calls_none_of_administrators_makes_no_call(fake):
    fake.on("authLogin.cgi", xml(authPassed=1, authSid="sid-1", isAdmin=0))
    client = fake.client()
    fails(Kind.PERMISSION_DENIED, client.accounts.users)
    assert fake.calls() == []
    client.close()


@pytest.mark.parametrize(
    "answer",
    [
        Reply(b"<html>"),
        Reply(b"{}"),
        page(""),
        page("<userroot><ret>-1</ret></userroot>"),
        Reply(b"<QDocRoot>", 500),
    ],
)
def test_answers_that_tell_nothing(fake, nas, answer):
    fake.on("privRequest.cgi", answer)
    fails(Kind.DEVICE if b"-1" in answer.body or answer.code == 500 else Kind.PROTOCOL, nas.accounts.users)


def test_a_device_without_these_pages(fake, nas):
    fake.on("privRequest.cgi", Reply(b"", 404))
    fails(Kind.UNSUPPORTED, nas.accounts.users)


ABOUT = (
    "<userInfo><username>anna</username><uid>1000</uid><description>An</description><email>a@b</email><tel>12</tel>"
    "<tel_country_code>49</tel_country_code><chk_disable>{0}</chk_disable><year>{1}</year><month>3</month><day>9</day>"
    "</userInfo>"
)


def test_an_account_goes_back_whole(fake, nas):
    fake.on("privWizard.cgi", page(ABOUT.format(1, 0)), page(ABOUT.format(1, 0)), page(""))
    anna = nas.accounts.details(Account("anna"))
    assert (anna.description, anna.email, anna.disabled, anna.expires) == ("An", "a@b", True, NO_END)
    nas.accounts.edit_user(anna, AccountValues(email="x@y"))
    sent = fake.calls("privWizard.cgi")[-1].form()
    assert (sent["a_description"], sent["a_email"], sent["a_tel"], sent["a_uid"]) == ("An", "x@y", "12", "1000")
    assert "a_enable" not in sent  # it stays as it is


def test_a_last_day_is_not_lost_by_switching_on_or_off(fake, nas):
    fake.on("privWizard.cgi", page(ABOUT.format(0, 2027)))
    anna = nas.accounts.details(Account("anna"))
    assert (anna.disabled, anna.expires) == (False, "2027-03-09")
    fails(Kind.UNSUPPORTED, lambda: nas.accounts.edit_user(anna, AccountValues(disabled=True)))
    assert [asked for asked in fake.calls() if "action=" in asked.raw_query] == []


def test_a_new_account_that_shall_be_off(fake, nas):
    fake.on("wizReq.cgi", page("")).on("privWizard.cgi", page(ABOUT.format(0, 0)), page(""))
    nas.accounts.create_user("anna", AccountValues(password="pä ss+/=&%", disabled=True))
    sent = fake.calls("wizReq.cgi")[0].form()
    assert base64.b64decode(sent["a_passwd"]).decode() == "pä ss+/=&%"
    assert sent["gp0"] == "everyone"
    assert fake.calls("privWizard.cgi")[-1].form()["a_enable"] == "0"


def test_a_password_that_the_device_refuses(fake, nas):
    good = "<passwordCheck>0</passwordCheck><passwordChange>0</passwordChange>"
    good = f"<func><userPasswordEdit>{good}</userPasswordEdit></func>"
    fake.on("privWizard.cgi", page(good))
    nas.accounts.set_password("anna", "x")
    for inner in ("", good.replace("Check>0", "Check>-1"), good.replace("Change>0", "Change>1")):
        fake.on("privWizard.cgi", page(inner))
        fails(Kind.DEVICE, lambda: nas.accounts.set_password("anna", "sid-1"), ("sid-1",))


def test_names_and_passwords_that_the_device_cannot_be_given(nas):
    for name in ("x" * 33, "é" * 17, "a,b"):
        fails(Kind.INVALID_NAME, lambda name=name: nas.accounts.check_name(name))
    nas.accounts.check_name("é" * 16)
    fails(Kind.INVALID_ARGUMENT, lambda: nas.accounts.check_password("x" * 65))


def test_members_are_joined_by_commas(fake, nas):
    own = "<func><ownContent><ownUser>anna, bert</ownUser></ownContent></func>"
    fake.on("privWizard.cgi", page(own))
    assert nas.accounts.members("staff") == ["anna", "bert"]
    fake.on("privWizard.cgi", page("<func><ownContent><ownUser/></ownContent></func>"))
    assert nas.accounts.members("staff") == []
    fake.on("privWizard.cgi", page("<func/>"))
    fails(Kind.PROTOCOL, lambda: nas.accounts.members("staff"))
    verdict = "<func><ownContent><setting_result>{0}</setting_result></ownContent></func>"
    fake.on("privWizard.cgi", page(verdict.format(0)))
    nas.accounts.change_members("staff", ["a", "b"], ["c"])
    sent = fake.calls("privWizard.cgi")[-1].form()
    assert (sent["select_user"], sent["select_user_len"], sent["unselect_user"]) == ("a,b", "2", "c")
    fake.on("privWizard.cgi", page(verdict.format(-1)))
    fails(Kind.DEVICE, lambda: nas.accounts.change_members("staff", ["a"], []))


@pytest.mark.parametrize("bounded", [True, False])
def test_a_group_of_many(fake, nas, bounded):
    members = [f"user{number:03}" for number in range(450)]

    def answer(asked):
        start = int(asked.form()["lower"]) if bounded else 0
        some = ", ".join(members[start : start + 200] if bounded else members)
        return page(f"<func><ownContent><ownUser>{some}</ownUser></ownContent></func>")

    fake.on("privWizard.cgi", answer)
    assert nas.accounts.members("staff") == members
    assert len(fake.calls("privWizard.cgi")) <= 3


def test_what_is_deleted_is_waited_for(fake, nas, waits, monkeypatch):
    fake.on("privRequest.cgi", page(""), users("anna", "bert"), users("anna", "bert"), users("bert"))
    nas.accounts.delete_user("anna")
    assert len(waits) == 2
    monkeypatch.setattr(system, "GONE_AFTER", 0.0)
    fake.on("privRequest.cgi", page(""), users("anna"))
    error = fails(Kind.DEVICE, lambda: nas.accounts.delete_user("anna"))
    assert "'anna'" in error.message


def test_groups(fake, nas):
    rows = "<data><group><groupname>administrators</groupname><groupid>0</groupid><description/></group></data>"
    fake.on("privRequest.cgi", page(f"<grouproot><ret>0</ret><count>1</count>{rows}</grouproot>"))
    assert nas.accounts.groups() == [Group("administrators", 0, "", True)]


SHARES = """<func><ownContent><shareInfo><ret>0</ret><shareCount>2</shareCount>
<defShareList>Public/TMBackup</defShareList>
<no_setup_list><no_setup_info><share_name>homes</share_name></no_setup_info></no_setup_list>
<WinACLEnabled>0</WinACLEnabled><ACLEnabled>{0}</ACLEnabled><data>
<share><shareName>Public</shareName><hidden>0</hidden><EncryptData>no</EncryptData><encrypted>0</encrypted></share>
<share><shareName>homes</shareName><hidden>yes</hidden><EncryptData>no</EncryptData><encrypted>1</encrypted></share>
</data></shareInfo></ownContent></func>"""
PROPERTY = """<shareProperty><shareName>Data</shareName><comment>{0}</comment><path>/share/CACHEDEV1_DATA/Data</path>
<selectedVol>1</selectedVol><hidden>{1}</hidden><oplocks>1</oplocks><supportNameMangling>yes</supportNameMangling>
<ftp_wonly><val>0</val></ftp_wonly><recyclePerShare>1</recyclePerShare>
<recycleAdministratorsOnly>0</recycleAdministratorsOnly><qsync>1</qsync><hide_unreadable>no</hide_unreadable>
<share_enumeration>yes</share_enumeration><showSnapshots>yes</showSnapshots>
<smb_encryption>1</smb_encryption><setting_result>0</setting_result></shareProperty>"""


def test_shared_folders_of_the_device_itself(fake, nas):
    fake.on("privRequest.cgi", page(SHARES.format(0)))
    public, homes = nas.shared_folders.list()
    assert (public.built_in, public.editable, homes.built_in, homes.editable) == (True, True, True, False)
    assert (public.hidden, homes.hidden, homes.encrypted, public.windows_acl) == (False, True, True, False)
    assert nas.share_permissions.more_rules("Public", []) == []
    fake.on("privRequest.cgi", page(SHARES.format(1)))
    assert nas.share_permissions.more_rules("Public", []) == ["the device has access control lists too"]
    assert nas.shared_folders.list()[0].windows_acl


def test_a_shared_folder_goes_back_whole(fake, nas):
    before, after = page(PROPERTY.format("old", "no")), page(PROPERTY.format("new", "no"))
    fake.on("privWizard.cgi", before, before, after, after)
    folder = nas.shared_folders.details(SharedFolder("Data", "/Data"))
    assert (folder.description, folder.volume, folder.recycle_bin, folder.hidden) == ("old", "1", True, False)
    nas.shared_folders.edit(folder, SharedFolderValues(description="new"))
    sent = next(asked for asked in fake.calls("privWizard.cgi") if "action=" in asked.raw_query).form()
    # Switches are told in two ways, and taken in one; what is not told (timemachine) is not sent.
    assert sent == {
        "old_sname": "Data",
        "new_sname": "Data",
        "share_comment": "new",
        "manual_path": "/share/CACHEDEV1_DATA/Data",
        "vol_no": "1",
        "share_hidden": "0",
        "oplocks": "1",
        "mangled_names": "1",
        "ftp_wonly": "0",
        "recycle_bin": "1",
        "recycle_bin_administrators_only": "0",
        "qsync": "1",
        "hide_unreadable": "0",
        "share_enumeration": "1",
        "showSnapshots": "1",
        "EncryptData": "1",
    }
    other = page(PROPERTY.format("new", "no").replace("encryption>1", "encryption>0"))
    fake.on("privWizard.cgi", before, after, other)
    error = fails(Kind.MISMATCH, lambda: nas.shared_folders.edit(folder, SharedFolderValues(description="new")))
    assert "smb_encryption" in error.message


def test_texts_of_a_shared_folder_are_no_switches(fake, nas):
    said = page(PROPERTY.format("yes", "1").replace("oplocks>1", "oplocks>2"))
    fake.on("privWizard.cgi", said)
    nas.shared_folders.edit(SharedFolder("Data", "/Data"), SharedFolderValues(recycle_bin=True))
    sent = next(asked for asked in fake.calls("privWizard.cgi") if "action=" in asked.raw_query).form()
    assert (sent["share_comment"], sent["share_hidden"], sent["oplocks"]) == ("yes", "1", "2")


def test_a_refused_deletion(fake, nas):
    fake.on("privRequest.cgi", page("<func><ownContent><return>-22</return></ownContent></func>"))
    error = fails(Kind.DEVICE, lambda: nas.shared_folders.delete("Public"))
    assert error.code == "-22"
    assert error.call == "privRequest.cgi?subfunc=share&apply=1"


def rights(*rows: str) -> Reply:
    inner = "".join(f"<share><sharename>{row[2:]}</sharename><type>{row[0]}</type></share>" for row in rows)
    return page(
        f"<func><ownContent><shareroot><ret>0</ret><data><count>{len(rows)}</count>{inner}</data></shareroot></ownContent></func>"
    )


def test_rights(fake, nas):
    fake.on("privWizard.cgi", rights("R Data", "W Other"), rights("I Data"), rights())
    asked = [Rule("user", "anna"), Rule("group", "staff"), Rule("user", "bert")]
    assert [rule.access for rule in nas.share_permissions.rules("Data", asked)] == ["read", "deny", "none"]
    forms = [one.form() for one in fake.calls("privWizard.cgi")]
    assert (forms[0]["type"], forms[0]["userName"], forms[1]["type"], forms[1]["groupName"]) == (
        "0",
        "anna",
        "2",
        "staff",
    )
    fake.on("privWizard.cgi", page(""))
    nas.share_permissions.set("Data", [Rule("user", "anna", "write"), Rule("group", "staff", "none")])
    user, group = fake.calls("privWizard.cgi")[-2:]
    assert "wiz_func=user_share_edit&action=user_share_edit" in user.raw_query
    assert (user.form()["username"], user.form()["rw_share0"], user.form()["rw_share_len"]) == ("anna", "Data", "1")
    assert (group.form()["groupname"], group.form()["empty_share0"], group.form()["rd_share_len"]) == (
        "staff",
        "Data",
        "0",
    )


def test_the_rules_of_administrators_are_marked_as_theirs(fake, nas):
    rows = "".join(
        f"<group><groupname>{name}</groupname><groupid>{number}</groupid><description/></group>"
        for number, name in enumerate(("administrators", "staff"))
    )
    fake.on("privRequest.cgi", page(f"<grouproot><ret>0</ret><count>2</count><data>{rows}</data></grouproot>"))
    listed = nas.share_permissions.principals("Data", ["group"])
    assert [(rule.name, rule.administrator) for rule in listed] == [("administrators", True), ("staff", False)]
    fake.on("privWizard.cgi", rights("W Data"))
    (rule,) = nas.share_permissions.rules("Data", listed[:1])
    assert (rule.access, rule.administrator) == ("write", True)


def test_volumes_disks_and_updates(fake, nas):
    fake.on(
        "chartReq.cgi",
        page(
            "<volumeList><volume><volumeValue>1</volumeValue><volumeLabel>Data</volumeLabel></volume></volumeList>"
            "<volumeUseList><volumeUse><volumeValue>1</volumeValue><total_size>100</total_size><free_size>40</free_size>"
            "</volumeUse></volumeUseList>"
        ),
    )
    (volume,) = nas.storage.volumes()
    assert (volume.id, volume.name, volume.size, volume.free) == ("1", "Data", 100, 40)
    fake.on(
        "all_hd_data",
        page(
            "<Disk_Info><entry><HDNo>1</HDNo><Model>WD</Model><Health>OK</Health><Temperature><oC>34</oC></Temperature>"
            "<Capacity_bytes>4000</Capacity_bytes></entry><entry><HDNo>2</HDNo><Model/></entry></Disk_Info>"
        ),
    )
    (disk,) = nas.storage.disks()
    assert (disk.id, disk.model, disk.health, disk.temperature, disk.size) == ("1", "WD", "OK", 34, 4000)


INSTALLED = "5.2.10.3568 Build 20260722"
NEWER = "5.2.10.3577 Build 20260731"


def check(*said: str | None, installed: str = INSTALLED) -> Reply:
    """What the check for updates says: one version, or those of the two channels; None for no element."""
    release, _space, build = installed.partition(" Build ")
    parts = release.split(".")
    version, number = ".".join(parts[:3]), ".".join(parts[3:])
    words = ["" if one is None else f"<newVersion>{one.replace('<', '&lt;')}</newVersion>" for one in said]
    names = ("official", "recommended") if len(words) == 2 else ()
    offers = "".join(f"<{name}>{one}</{name}>" for name, one in zip(names, words)) or "".join(words)
    firmware = f"<version>{version}</version><number>{number}</number><build>{build}</build>"
    return page(f"<firmware>{firmware}</firmware><func><ownContent>{offers}</ownContent></func>")


@pytest.mark.parametrize(
    ("reply", "available", "version"),
    [
        (check("none"), False, None),
        (check(""), False, None),
        (check(NEWER), True, NEWER),
        (check(INSTALLED), False, None),
        (check("none", "none"), False, None),
        (check("", ""), False, None),
        (check(NEWER, "none"), True, NEWER),
        (check("none", NEWER), True, NEWER),
        (check(INSTALLED, "none"), False, None),
        (check(INSTALLED, NEWER), True, NEWER),
        (check(NEWER, INSTALLED), True, NEWER),
        (check("none", "error"), False, None),
        (check(NEWER, "error"), True, NEWER),
        (check("error", NEWER), True, NEWER),
        # The newer of two counts, and one that is older than what is installed is none.
        (check(INSTALLED, NEWER, installed="5.2.9.3499 Build 20260514"), True, NEWER),
        (check(NEWER, INSTALLED, installed="5.2.9.3499 Build 20260514"), True, NEWER),
        (check("none", INSTALLED, installed=NEWER), False, None),
        (check("5.2.9.3499 Build 20260514", "none"), False, None),
        # The same version with another build.
        (check("5.2.10.3568 Build 20260801"), True, "5.2.10.3568 Build 20260801"),
        (check("5.2.10.3568 Build 20260101"), False, None),
        # Firmware without a number; that of QuTScloud and QuTS hero has a letter before it.
        (check("4.2.3 Build 20170121", installed="4.2.3 Build 20170121"), False, None),
        (check("4.2.6.0907 Build 20181109", installed="4.2.3 Build 20170121"), True, "4.2.6.0907 Build 20181109"),
        (
            check("c5.2.9.3468 Build 20260413", "error", installed="c5.1.0.2498 Build 20230822"),
            True,
            "c5.2.9.3468 Build 20260413",
        ),
        (check("h5.1.0.2466 Build 20230721", "none", installed="h5.1.0.2466 Build 20230721"), False, None),
        (check("5.10.0", installed="5.9.9.1 Build 20260101"), True, "5.10.0"),
        (check("<b>'&amp;"), True, "<b>'&"),
    ],
)
def test_an_update_on_offer(fake, nas, reply, available, version):
    fake.on("sysRequest.cgi", reply)
    found = nas.updates.offered()
    assert (found.available, found.version) == (available, version)
    assert nas.warnings == []


def test_what_is_installed_is_written_as_offers_are(fake, nas):
    for installed in (INSTALLED, "4.2.3 Build 20170121"):
        fake.on("sysRequest.cgi", check("none", installed=installed))
        assert nas.updates.offered().installed == installed


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (check("error"), "failed"),
        (check("error", "none"), "failed"),
        (check("error", "error"), "failed"),
        (check(None, None), "no newVersion"),
        (check(None), "no newVersion"),
        (check(None, "error"), "no newVersion"),
    ],
)
def test_a_device_that_could_not_find_out_whether_there_is_an_update(fake, nas, reply, word):
    fake.on("sysRequest.cgi", reply)
    found = nas.updates.offered()
    assert (found.available, found.version, found.installed) == (None, None, INSTALLED)
    (warning,) = nas.warnings
    assert "whether there is newer firmware" in warning
    assert word in warning
    assert "sysRequest.cgi?subfunc=firm_update" in warning
