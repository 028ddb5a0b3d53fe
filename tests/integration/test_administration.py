# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_shared_folder, nas_share_permission, nas_user, nas_group: twice, in check mode, and what must never happen."""

from __future__ import annotations

import pytest

from tests.support import devices
from tests.support.administration import SECRET, VENDORS, begin, one, tolerant
from tests.support.playbooks import in_diff, play, run

KEY = "open sesame 42"


@pytest.fixture(params=VENDORS)
def device(request, start):
    """A new device of each vendor."""
    return begin(start, request.param)


def office(vendor):
    """A working file server, on a device that has nothing but its volume."""
    more = {"quota": "10 GiB", "checksums": True} if vendor == "synology" else {}
    ends = {"expires": "2030-12-31"} if vendor == "synology" else {}
    return [
        one("shared_folder", name="Projects", description="What we work on", recycle_bin=True, **more),
        one("shared_folder", name="Hidden", hidden=True, recycle_bin=True, recycle_bin_admin_only=True),
        one("group", name="office"),
        one("user", name="anna", password=SECRET, description="Anna Ä", email="a@example.com", groups=["office"]),
        one("user", name="bert", password=SECRET, disabled=True, groups=["office"]),
        one("user", name="carl", password=SECRET, **ends),
        one("group", name="office", members=["anna", "carl"], append=False),
        one("share_permission", share="/projects", groups={"Office": "write"}, users={"bert": "deny"}),
        one("share_permission", share="Hidden", users={"anna": "read"}, purge=True),
        one("folder", path=["/Projects/2026/plans"]),
    ]


def test_a_working_file_server_twice_and_in_check_mode(tmp_path, device):
    hosts = {"it": device.variables()}
    tasks = play(*office(device.vendor))
    checked = run(tmp_path, tasks, hosts, "--check", "--diff", "-vvv")
    assert checked.status == 0, checked.text
    assert device.writes() == []
    assert "'group office' is not there yet" in checked.text

    first = run(tmp_path, tasks, hosts, "--diff", "-vvv")
    assert first.status == 0, first.text
    # The whole of the first run is foreseen.
    assert first.changed == checked.changed == {"it": len(tasks[0]["tasks"])}
    assert (device.root / "Projects" / "2026" / "plans").is_dir()
    device.forget()

    second = run(tmp_path, [*tasks], hosts, "--diff")
    assert second.status == 0, second.text
    # bert joins once more, and is put out once more: two tasks want two things of him.
    assert second.changed == {"it": 2}
    settled = play(*(task for task in tasks[0]["tasks"] if "bert" not in str(task.get("nasops.nas.nas_user"))))
    device.forget()
    for arguments in ((), ("--check", "--diff")):
        again = run(tmp_path, settled, hosts, *arguments)
        assert again.changed == {"it": 0}, again.text
        assert device.writes() == []
    # One login of each kind a run.
    assert len(device.calls_of("login")) <= 4

    for outcome in (checked, first, second):
        assert SECRET not in outcome.text
    assert SECRET not in device.log_file.read_text(encoding="utf-8")
    (info,) = run(
        tmp_path, play(one("info", gather=["users", "groups", "shared_folders", "volumes", "disks", "update"])), hosts
    ).results()
    users = {user["name"]: user for user in info["users"]}
    assert (users["anna"]["email"], users["bert"]["disabled"]) == ("a@example.com", True)
    assert "office" in users["anna"]["groups"]
    assert users["carl"]["expires"] == ("2030-12-31" if device.vendor == "synology" else None)
    groups = {group["name"]: group for group in info["groups"]}
    assert groups["office"]["members"] == ["anna", "carl"]
    folders = {folder["name"]: folder for folder in info["shared_folders"]}
    assert (folders["Projects"]["recycle_bin"], folders["Hidden"]["hidden"]) == (True, True)
    rights = {(rule["kind"], rule["name"]): rule["access"] for rule in folders["Projects"]["permissions"]}
    assert (rights["group", "office"], rights["user", "bert"]) == ("write", "deny")
    assert info["volumes"][0]["size"] > info["volumes"][0]["free"] > 0
    assert {disk["temperature"] > 0 for disk in info["disks"]} == {True}
    assert info["update"]["available"] is False


def test_an_account_really_reads_or_writes_or_does_not(tmp_path, device):
    hosts = {"it": device.variables()}
    made = [
        one("shared_folder", name="data"),
        one("group", name="team"),
        one("user", name="anna", password=SECRET, groups=["team"]),
    ]
    assert run(tmp_path, play(*made), hosts).status == 0
    as_anna = {"username": "anna", "password": SECRET}
    outcomes = []
    for number, (users, groups) in enumerate(
        [({"anna": "write"}, {}), ({"anna": "read"}, {}), ({"anna": "none"}, {"team": "write"}), ({"anna": "deny"}, {})]
    ):
        rights = one("share_permission", share="data", users=users, groups=groups)
        write = one("file", path=f"/data/{number}", content="x", **as_anna)
        outcomes.append(run(tmp_path, tolerant(rights, write), hosts).results()[1]["failed"])
    assert outcomes == [False, True, False, True]


def test_what_is_removed(tmp_path, device):
    hosts = {"it": device.variables()}
    made = [
        one("shared_folder", name="Old"),
        one("group", name="left"),
        one("user", name="dora", password=SECRET, groups=["left"]),
        one("file", path="/Old/a/b.txt", content="12345", parents=True),
    ]
    assert run(tmp_path, play(*made), hosts).status == 0
    device.forget()
    (refused,) = run(tmp_path, tolerant(one("shared_folder", name="OLD", state="absent")), hosts).results()
    assert "1 folders and 1 files with 5 bytes" in refused["msg"].replace("2 folders", "1 folders")
    assert "delete_data" in refused["failure"]["hint"]
    gone = play(
        one("shared_folder", name="OLD", state="absent", delete_data=True),
        one("user", name="Dora", state="absent"),
        one("group", name="left", state="absent"),
    )
    checked = run(tmp_path, gone, hosts, "--check", "--diff")
    assert checked.changed == {"it": 3}, checked.text
    deleted = checked.results()[0]["deleted"]
    assert (deleted["files"], deleted["size"]) == (1, 5)
    assert in_diff(checked.results()[0], "before")["content"]["files"] == 1
    assert (device.root / "Old" / "a" / "b.txt").exists()
    assert device.writes() == []
    for changed in (3, 0):
        outcome = run(tmp_path, gone, hosts)
        assert (outcome.status, outcome.changed) == (0, {"it": changed}), outcome.text
    assert not (device.root / "Old").exists()


def test_nobody_is_locked_out_and_names_are_checked(tmp_path, device):
    hosts = {"it": device.variables()}
    own = devices.USER
    made = [
        one("user", name="boss", password=SECRET, groups=["administrators"]),
        one("user", name="anna", password=SECRET),
        one("shared_folder", name="data"),
    ]
    assert run(tmp_path, play(*made), hosts).status == 0
    device.forget()
    wrong = {
        "is the device's own, which cannot be removed": one("user", name=own, state="absent"),
        f"disable the account '{own}'": one("user", name=own.upper(), disabled=True),
        f"take '{own}' out of": one("user", name=own, groups=[], append=False),
        "out of the group administrators": one("group", name="administrators", members=["boss"], append=False),
        "the group 'administrators' is the device's own": one("group", name="administrators", state="absent"),
        "no account 'nobody'": one("user", name="nobody"),
        "no group 'administrator'. There is 'administrators'": one("user", name="anna", groups=["administrator"]),
        "no account 'ana'. There is 'anna'": one("group", name="administrators", members=["ana"]),
        "no shared folder 'dta'. There is 'data'": one("share_permission", share="dta", users={"anna": "read"}),
        "no group 'ofice'": one("share_permission", share="data", groups={"ofice": "read"}),
        "names no volume of the device. The device has these volumes": one("shared_folder", name="b", volume="tape"),
        "no recycle bin": one("shared_folder", name="b", recycle_bin_admin_only=True),
    }
    results = run(tmp_path, tolerant(*wrong.values()), hosts).results()
    for words, result in zip(wrong, results, strict=True):
        assert result["failed"], words
        assert words in result["msg"], result["msg"]
    assert device.writes() == []
    # As another administrator, others may go; the run's own account stays.
    as_boss = {"username": "boss", "login_password": SECRET}
    tasks = tolerant(
        one("user", name="boss", state="absent", **as_boss), one("user", name="anna", state="absent", **as_boss)
    )
    refused, gone = run(tmp_path, tasks, hosts).results()
    assert "logged in as 'boss'" in refused["msg"]
    assert gone["changed"], gone


def test_the_password_of_an_account_is_never_that_of_the_connection(tmp_path, device):
    given = device.variables()
    secret = given.pop("ansible_password")
    hosts = {"it": given}
    defaults = {"module_defaults": {"group/nasops.nas.nas": {"password": secret}}}
    tasks = tolerant(
        one("user", name="anna"),
        one("user", name="anna", password=SECRET),
        one("info", gather=["users"]),
    )
    none, made, info = run(tmp_path, [{**tasks[0], **defaults}], hosts, "-vvv").results()
    assert "a new one needs a password" in none["msg"]
    assert made["changed"]
    assert "anna" in [user["name"] for user in info["users"]]
    # And it works with an option of its own.
    (again,) = run(
        tmp_path, play(one("user", name="anna", password=SECRET, login_password=secret)), hosts, "-vvv"
    ).results()
    assert again["changed"] is False, again


def test_check_mode_foresees_what_is_new_beside_what_is_there(tmp_path, device):
    hosts = {"it": device.variables()}
    assert run(tmp_path, play(one("user", name="anna", password=SECRET)), hosts).status == 0
    device.forget()
    tasks = play(
        one("group", name="new", description="New\n"),
        one("user", name="anna", groups=["new"], description=" She has\r\nlines \n"),
        one("shared_folder", name="new", description="|\n"),
        one("share_permission", share="new", users={"anna": "write"}, groups={"new": "read"}),
    )
    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert (checked.status, checked.changed) == (0, {"it": 4}), checked.text
    assert device.writes() == []
    for changed in (4, 0):
        outcome = run(tmp_path, tasks, hosts)
        assert (outcome.status, outcome.changed) == (0, {"it": changed}), outcome.text


def test_another_password_and_another_description(tmp_path, device):
    hosts = {"it": device.variables()}
    always = one("user", name="anna", password=f"{SECRET}2", update_password="always")
    as_anna = {"username": "anna", "password": f"{SECRET}2"}
    tasks = play(
        one("user", name="anna", password=SECRET),
        one("group", name="office", description="before"),
        always,
        one("group", name="office", description="after"),
        one("info", gather=["shares"], **as_anna),
    )
    outcome = run(tmp_path, tasks, hosts, "-vvvv", "--diff")
    assert (outcome.status, outcome.changed) == (0, {"it": 4}), outcome.text
    assert SECRET not in outcome.text
    assert SECRET not in device.log_file.read_text(encoding="utf-8")


@pytest.mark.parametrize("device", ["synology"], indirect=True)
def test_what_a_synology_decides_when_a_shared_folder_is_made(tmp_path, device):
    hosts = {"it": device.variables()}
    made = play(
        one("shared_folder", name="safe", encryption_password=KEY, compression=True),
        one("user", name="anna", password=SECRET, expires="2030-01-05"),
    )
    outcome = run(tmp_path, made, hosts, "-vvv", "--diff")
    assert outcome.status == 0, outcome.text
    assert KEY not in outcome.text
    assert KEY not in device.log_file.read_text(encoding="utf-8")
    assert run(tmp_path, made, hosts).changed == {"it": 0}
    device.forget()
    wrong = {
        "option compression": one("shared_folder", name="safe", compression=False, checksums=False),
        "option checksums: the shared folder 'home'": one("shared_folder", name="home", checksums=False),
        "option encryption_password: the shared folder 'home'": one(
            "shared_folder", name="home", encryption_password=KEY
        ),
        "takes 64": one("shared_folder", name="home", description="x" * 65),
        "is not a whole number of MiB": one("shared_folder", name="home", quota="1 KiB"),
        "disabled and expires": one("user", name="anna", disabled=True, expires="2030-01-01"),
    }
    results = run(tmp_path, tolerant(*wrong.values()), hosts).results()
    for words, result in zip(wrong, results, strict=True):
        assert result["failed"], words
        assert words in result["msg"] or "option" in result["msg"], result["msg"]
    assert device.writes() == []
    renamed = play(
        one("shared_folder", name="safe", new_name="safer", quota="500 MiB"),
        one("user", name="anna", new_name="anne", expires="never"),
    )
    for changed in (2, 0):
        outcome = run(tmp_path, renamed, hosts)
        assert outcome.changed == {"it": changed}, outcome.text
    assert (device.root / "safer").is_dir()


@pytest.mark.parametrize("device", ["qnap"], indirect=True)
def test_what_a_qnap_has_of_its_own(tmp_path, start, device):
    nas = start("qnap", shares=("home", "Public"), arguments=["--vendor-opt", "acl=windows"])
    hosts = {"it": nas.variables()}
    tasks = tolerant(
        one("shared_folder", name="public", state="absent", delete_data=True),
        one("shared_folder", name="home", quota="10 GiB"),
        one("user", name="x" * 33, password=SECRET),
        one("user", name="x", password="y" * 65),
        one("share_permission", share="home", groups={"everyone": "read"}),
        one("share_permission", share="home", groups={"administrators": "deny"}),
    )
    default, quota, name, password, rights, out = run(tmp_path, tasks, hosts).results()
    assert "is the device's own, which is not removed" in default["msg"]
    assert (nas.root / "Public").is_dir()
    assert quota["failure"]["kind"] == "unsupported"
    assert quota["failure"]["hint"] == "Offered by: synology"
    assert "33 bytes" in name["msg"]
    assert "65 bytes" in password["msg"]
    assert rights["changed"]
    assert "which 'deny' for group 'administrators' keeps out of 'home'" in out["msg"]
    assert any("access control lists" in warning for warning in rights["warnings"])


def test_a_freebox_has_none_of_it(tmp_path, start):
    nas = start("freebox")
    tasks = tolerant(
        one("shared_folder", name="a"),
        one("share_permission", share="a", users={}),
        one("user", name="a", password=SECRET),
        one("group", name="a"),
        one("info", gather=["volumes", "disks", "capabilities"]),
        one("info", gather=["users"]),
    )
    *refused, facts, users = run(tmp_path, tasks, {"it": nas.variables()}).results()
    for result in [*refused, users]:
        assert result["failure"]["kind"] == "unsupported"
        assert result["failure"]["hint"] == "Offered by: qnap, synology"
    assert {volume["status"] for volume in facts["volumes"]} == {"mounted"}
    assert facts["disks"][0]["temperature"] > 0
    assert "accounts" not in facts["capabilities"]
    assert nas.writes() == []


def test_a_fleet_of_which_each_device_lacks_something(tmp_path, start):
    """Full, with a share by that name in other case, without access control lists; each with one administrator."""
    full = {"shares": ("home",), "arguments": ["--vendor-opt", "capacity=1000000"]}
    nas = {
        "bare": start("synology", arguments=["--vendor-opt", "no_acl=volume1"]),
        "synology-full": start("synology", **full),
        "qnap-full": start("qnap", **full),
        "synology-case": start("synology", shares=("home", "homes", "PROJECTS")),
        "qnap-case": start("qnap", shares=("home", "Public", "PROJECTS")),
    }
    for vendor in VENDORS:
        with open(nas[f"{vendor}-full"].root / "home" / "large", "wb") as large:
            large.truncate(1_000_000)
    own = {"synology": "homes", "qnap": "Public"}
    hosts = {
        name: box.variables(own_share=own[box.vendor], share="PROJECTS" if name.endswith("case") else "Projects")
        for name, box in nas.items()
    }
    admin = devices.USER
    tasks = tolerant(
        one("shared_folder", name="Projects", description="Ours"),
        one("user", name="anna", password=SECRET),
        one("share_permission", share="Projects", users={"anna": "write"}),
        one("file", path="/{{ share }}/x.txt", content="x", username="anna", password=SECRET),
        {
            **one("shared_folder", name="{{ own_share }}", state="absent", delete_data=True),
            "when": "share == 'PROJECTS'",
        },
        # There is one administrator.
        one("user", name=admin, state="absent"),
        one("user", name=admin, disabled=True),
        one("user", name=admin, groups=[], append=False),
        one("group", name="administrators", members=["anna"], append=False),
        one("info", gather=["shared_folders"]),
    )
    first, again = run(tmp_path, tasks, hosts), run(tmp_path, tasks, hosts)
    full_changes = {"synology-full": 1, "qnap-full": 1}
    assert first.changed == {"bare": 2, **full_changes, "synology-case": 4, "qnap-case": 4}, first.text
    assert again.changed == dict.fromkeys(nas, 0), again.text
    for name, box in nas.items():
        folder, user, rights, file, default, *administrator, info = again.results(name)
        assert not user["failed"]
        for result in administrator:
            assert result["failed"]
            assert f"'{admin}'" in result["msg"]
            assert result["failure"]["hint"]
        folders = {found["name"]: found for found in info["shared_folders"]}
        if name.endswith("full"):
            assert folder["failed"]
            assert "full" in folder["msg"] or folder["failure"]["kind"] == "no_space", folder
            assert "no shared folder 'Projects'" in rights["msg"]
            assert "Projects" not in folders
        elif name == "bare":
            assert (rights["failure"]["kind"], rights["failure"]["path"]) == ("unsupported", "/Projects")
            assert "option volume of nas_shared_folder" in rights["failure"]["hint"]
            assert file["failure"]["kind"] == "permission_denied"
            # One such shared folder does not keep the others' facts back.
            assert folders["Projects"]["permissions"] is None
        else:
            assert (folder["failed"], rights["failed"], file["failed"]) == (False, False, False)
            assert (box.root / "PROJECTS" / "x.txt").read_text() == "x"
            assert folders["PROJECTS"]["description"] == "Ours"
            assert not (box.root / "Projects").exists()
            assert "is the device's own, which is not removed" in default["msg"]
            assert (box.root / own[box.vendor]).is_dir()


def test_a_qnap_that_could_not_find_out_whether_there_is_an_update(tmp_path, start):
    device = start("qnap", arguments=["--vendor-opt", "new_firmware=error,none"])
    asked = [one("info", gather=["update"]), one("info", gather=["all"])]
    for result in run(tmp_path, play(*asked), {"it": device.variables()}).results():
        assert (result["failed"], result["update"]["available"], result["update"]["version"]) == (False, None, None)
        (warning,) = [one for one in result["warnings"] if "firmware" in one]
        assert "does not tell whether there is newer firmware" in warning
        assert "check for updates failed" in warning
