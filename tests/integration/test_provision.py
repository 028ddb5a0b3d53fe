# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: one play brings three devices to the same state, and a second run finds nothing to do."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tests.support.playbooks import play, run

NAMES = [
    "2024",
    "007",
    "true",
    "null",
    "a, b.txt",
    "é",
    "e\u0301",
    "100% #1+?.txt",
    "[1]",
    " leading",
    "it's",
    "😀",
    "a&b=c;d",
]


def forget(nas):
    """Empty the log that the devices share."""
    next(iter(nas.values())).forget()


def on_disk(device, path):
    return device.root.joinpath(path.lstrip("/"))


def test_folders_and_files_twice_and_in_check_mode(tmp_path, nas, hosts):
    (tmp_path / "files").mkdir()
    big = tmp_path / "files" / "big.bin"
    big.write_bytes(bytes(range(256)) * 4096 * 3)
    folders = [f"/home/provision/{number // 10}/{number}" for number in range(300)]
    files = [
        {"nasops.nas.nas_file": {"path": f"/home/provision/0/{name}", "content": f"I am {name}"}} for name in NAMES
    ]
    tasks = play(
        {"nasops.nas.nas_folder": {"path": [*folders, *(f"/home/provision/dirs/{name}" for name in NAMES)]}},
        {"nasops.nas.nas_file": {"path": "/home/provision/deep/down/big.bin", "src": "big.bin", "parents": True}},
        *files,
    )
    expected = dict.fromkeys(hosts, 2 + len(NAMES))

    # A new name in a new folder: check mode must not need the folder to be there.
    checked = run(tmp_path, tasks, hosts, "--check")
    assert checked.status == 0, checked.text
    assert checked.changed == expected
    for device in nas.values():
        assert device.writes() == []
        assert not on_disk(device, "/home/provision").exists()
    forget(nas)

    first = run(tmp_path, tasks, hosts)
    assert first.status == 0, first.text
    assert first.changed == expected
    for device in nas.values():
        assert len(device.calls_of("login")) == 1, device.vendor
        assert len(device.calls_of("logout")) == 1, device.vendor
        for name in NAMES:
            assert on_disk(device, f"/home/provision/0/{name}").read_text() == f"I am {name}"
            assert on_disk(device, f"/home/provision/dirs/{name}").is_dir()
        assert all(on_disk(device, folder).is_dir() for folder in folders)
        sent = on_disk(device, "/home/provision/deep/down/big.bin").read_bytes()
        assert hashlib.md5(sent).digest() == hashlib.md5(big.read_bytes()).digest()
        assert not device.unfinished()
    forget(nas)

    again = run(tmp_path, tasks, hosts)
    assert again.status == 0, again.text
    assert again.changed == dict.fromkeys(hosts, 0)
    for device in nas.values():
        assert device.writes() == []
        assert len(device.calls_of("login")) == 1
        assert len(device.calls_of("logout")) == 1

    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert checked.changed == dict.fromkeys(hosts, 0)
    for device in nas.values():
        assert device.writes() == []


def test_many_folders_cost_few_calls(tmp_path, one):
    hosts = {"it": one.variables()}
    paths = [f"/public/few/{number}" for number in range(200)]
    tasks = play({"nasops.nas.nas_folder": {"path": paths}})
    assert run(tmp_path, tasks, hosts).changed == {"it": 1}
    one.forget()
    assert run(tmp_path, tasks, hosts).changed == {"it": 0}
    # The log in and out, what a device wants to be asked first, and one question about all folders.
    reads = [entry for entry in one.log() if "login" not in entry["call"].lower()]
    assert len(reads) <= 5, [entry["call"] for entry in reads]


def test_a_vaulted_file_is_decrypted_and_its_content_not_shown(tmp_path, one, vaulted):
    hosts = {"it": one.variables()}
    tasks = play({"nasops.nas.nas_file": {"path": "/home/vaulted.txt", "src": "secret.txt"}})
    arguments = ("--vault-password-file", str(vaulted))
    checked = run(tmp_path, tasks, hosts, "--check", "--diff", "-vvvv", *arguments)
    assert checked.changed == {"it": 1}
    assert "combination" not in checked.text
    first = run(tmp_path, tasks, hosts, "--diff", *arguments)
    assert first.changed == {"it": 1}
    assert on_disk(one, "/home/vaulted.txt").read_text() == "the combination is 1234\n"
    assert run(tmp_path, tasks, hosts, *arguments).changed == {"it": 0}
    raw = play({"nasops.nas.nas_file": {"path": "/home/raw.txt", "src": "secret.txt", "decrypt": False}})
    assert run(tmp_path, raw, hosts, *arguments).changed == {"it": 1}
    assert on_disk(one, "/home/raw.txt").read_text().startswith("$ANSIBLE_VAULT")
    assert not list(Path(tmp_path, "ansible-home").rglob("*secret*"))


def test_a_changed_file_is_replaced_and_the_old_one_kept(tmp_path, one):
    hosts = {"it": one.variables()}

    def desired(content, **more):
        return play({"nasops.nas.nas_file": {"path": "/home/kept.txt", "content": content, **more}})

    assert run(tmp_path, desired("one"), hosts).changed == {"it": 1}
    second = run(tmp_path, desired("two"), hosts, "--diff")
    assert second.changed == {"it": 1}
    assert "-one" in second.text
    assert "+two" in second.text
    assert on_disk(one, "/home/kept.txt").read_text() == "two"
    third = run(tmp_path, desired("three", backup=True), hosts)
    backup = third.results()[0]["backup_path"]
    assert on_disk(one, backup).read_text() == "two"
    assert on_disk(one, "/home/kept.txt").read_text() == "three"
    assert run(tmp_path, desired("four", force=False), hosts).changed == {"it": 0}
    assert on_disk(one, "/home/kept.txt").read_text() == "three"
    assert not one.unfinished()


def test_same_size_other_content_is_noticed(tmp_path, one):
    hosts = {"it": one.variables()}
    tasks = play({"nasops.nas.nas_file": {"path": "/home/same-size.txt", "content": "abcd"}})
    assert run(tmp_path, tasks, hosts).changed == {"it": 1}
    on_disk(one, "/home/same-size.txt").write_text("abcX")
    one.forget()
    assert run(tmp_path, tasks, hosts, "--check").changed == {"it": 1}
    assert one.writes() == []
    assert run(tmp_path, tasks, hosts).changed == {"it": 1}
    assert on_disk(one, "/home/same-size.txt").read_text() == "abcd"


def test_removal(tmp_path, one):
    hosts = {"it": one.variables()}
    folder = on_disk(one, "/home/removal/a/b")
    folder.mkdir(parents=True)
    (folder / "file").write_text("x")
    (folder.parent / "lone").write_text("x")
    tasks = play(
        {"nasops.nas.nas_file": {"path": "/home/removal/a/lone", "state": "absent"}},
        {"nasops.nas.nas_folder": {"path": "/home/removal/a", "state": "absent", "recursive": True}},
    )
    assert run(tmp_path, tasks, hosts, "--check").changed == {"it": 2}
    assert one.writes() == []
    assert run(tmp_path, tasks, hosts).changed == {"it": 2}
    assert not folder.parent.exists()
    assert folder.parent.parent.exists()
    assert run(tmp_path, tasks, hosts).changed == {"it": 0}


def test_touch(tmp_path, one):
    hosts = {"it": one.variables()}
    tasks = play({"nasops.nas.nas_file": {"path": "/home/touched", "state": "touch"}})
    assert run(tmp_path, tasks, hosts, "--check").changed == {"it": 1}
    assert one.writes() == []
    assert run(tmp_path, tasks, hosts).changed == {"it": 1}
    file = on_disk(one, "/home/touched")
    assert file.read_bytes() == b""
    file.write_text("content stays")
    os.utime(file, (1000, 1000))
    assert run(tmp_path, tasks, hosts).changed == {"it": 1}
    assert file.read_text() == "content stays"
    assert file.stat().st_mtime > 1_700_000_000


def test_mtime(tmp_path, nas):
    for vendor in ("synology", "qnap"):
        device = nas[vendor]
        hosts = {"it": device.variables()}
        desired = {"path": "/home/timed", "content": "x", "mtime": "2026-01-01T00:00:00Z"}
        tasks = play(
            {"nasops.nas.nas_file": desired},
            {"nasops.nas.nas_file": {**desired, "path": "/home/new/t", "parents": True}},
        )
        on_disk(device, "/home/timed").write_text("x")
        assert run(tmp_path, tasks, hosts, "--check").changed == {"it": 2}
        assert device.writes() == []
        assert run(tmp_path, tasks, hosts).changed == {"it": 2}
        assert int(on_disk(device, "/home/timed").stat().st_mtime) == 1767225600
        assert int(on_disk(device, "/home/new/t").stat().st_mtime) == 1767225600
        assert run(tmp_path, tasks, hosts).changed == {"it": 0}
    device = nas["qnap"]
    tasks = play({"nasops.nas.nas_folder": {"path": "/home/timed-folder/x", "mtime": "2026-01-01T00:00:00Z"}})
    assert run(tmp_path, tasks, {"it": device.variables()}).changed == {"it": 1}
    assert int(on_disk(device, "/home/timed-folder/x").stat().st_mtime) == 1767225600
    assert run(tmp_path, tasks, {"it": device.variables()}).changed == {"it": 0}


def test_facts(tmp_path, hosts):
    outcome = run(tmp_path, play({"nasops.nas.nas_info": {}}), hosts)
    assert outcome.status == 0, outcome.text
    for host, vendor in {name: variables["nas_vendor"] for name, variables in hosts.items()}.items():
        (result,) = outcome.results(host)
        assert result["device"]["vendor"] == vendor
        assert {"/home", "/public"} <= {share["path"] for share in result["shares"]}
        assert not result["changed"]
