# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""--diff of every module: a person can read it, it says which path it is about, and check mode shows the same."""

from __future__ import annotations

import os
import re

import pytest
import yaml

from tests.simulator.freebox import par2
from tests.support.devices import VENDORS
from tests.support.playbooks import play, run

NAME = "ü 漢字"
AT = f"/home/{NAME}"
ODD = {"synology": "x\x1b[31m", "qnap": "x y", "freebox": "x\x1b[31m"}  # the last letters of a name
BINS = {"synology": "#recycle", "qnap": "@Recycle"}
EPOCH = re.compile(r"\b1[0-9]{9}\b")


def one(module, **options):
    return {f"nasops.nas.nas_{module}": options}


def both(task):
    """In check mode, and then really."""
    return [{**task, "check_mode": True}, task]


@pytest.fixture
def device(request, start):
    device = start(request.param)
    folder = device.root / "home" / NAME
    folder.mkdir()
    (folder / "old.txt").write_text("eins\nzwei ü\n")
    os.utime(folder / "old.txt", (1_600_000_000, 1_600_000_000))
    (folder / "film.mp4").write_bytes(b"film" * 1000)
    return device


def common(device, out):
    odd = f"{AT}/{ODD[device.vendor]}"
    return [
        (f"{AT}/new", one("folder", path=f"{AT}/new")),
        (f"{AT}/{out.name}", one("sync", src=str(out), dest=AT)),
        (odd, one("file", path=odd, content="neu ü\n")),
        (f"{AT}/old.txt", one("file", path=f"{AT}/old.txt", content="eins\nzwei 漢\n")),
        (f"{AT}/touched", one("file", path=f"{AT}/touched", state="touch")),
        (f"{AT}/touched", one("file", path=f"{AT}/touched", state="absent")),
        (f"{AT}/copy.txt", one("copy", src=f"{AT}/old.txt", dest=f"{AT}/copy.txt")),
        (f"{AT}/moved.txt", one("copy", src=f"{AT}/copy.txt", dest=f"{AT}/moved.txt", state="moved")),
        (f"{AT}/a.zip", one("archive", path=f"{AT}/a.zip", sources=[f"{AT}/old.txt"])),
        (f"{AT}/a.zip", one("archive", path=f"{AT}/a.zip", dest=f"{AT}/out", state="extracted", parents=True)),
        (f"{AT}/a.zip", one("archive", path=f"{AT}/a.zip", state="absent")),
        (AT, one("share", path=AT)),
        (AT, one("share", path=AT, state="absent")),
        (f"{out}/ü.txt", one("fetch", src=f"{AT}/old.txt", dest=f"{out}/ü.txt")),
        (f"{AT}/new", one("folder", path=f"{AT}/new", state="absent")),
    ]


def administration():
    return [
        ("/漢字", one("shared_folder", name="漢字", description="ü", recycle_bin=True)),
        ("team", one("group", name="team")),
        ("anna", one("user", name="anna", password="Sw0rdfish&Tr0ut", description="Ä", groups=["team"])),
        ("anna", one("user", name="anna", password="Sw0rdfish&Tr0ut2", update_password="always", disabled=True)),
        ("team", one("group", name="team", members=[], append=False)),
        ("/漢字", one("share_permission", share="漢字", users={"anna": "read"}, groups={"team": "write"})),
        ("/漢字", one("shared_folder", name="漢字", state="absent", delete_data=True)),
        ("anna", one("user", name="anna", state="absent")),
        ("team", one("group", name="team", state="absent")),
    ]


def synology(device, out):
    return [
        *administration(),
        (AT, one("favorite", path=AT, name="漢字")),
        (AT, one("favorite", path=AT, state="absent")),
        (f"{AT}/bin.txt", one("recycle_bin", path=f"{AT}/bin.txt", state="restored")),
        ("/home", one("recycle_bin", share="/home", state="empty")),
    ]


def qnap(device, out):
    return [
        *administration(),
        (f"{AT}/bin.txt", one("recycle_bin", path=f"{AT}/bin.txt", state="restored")),
        (f"{AT}/film.mp4", one("transcode", path=f"{AT}/film.mp4", state="finished")),
        (f"{AT}/film.mp4", one("transcode", path=f"{AT}/film.mp4", state="absent")),
        (f"{out}/certs", one("container_tls", domain_names=["nas.example"], export_to=f"{out}/certs")),
    ]


def freebox(device, out):
    return [
        (f"{AT}/whole", one("assemble", src=[f"{AT}/p.001", f"{AT}/p.002"], dest=f"{AT}/whole", delete_sources=True)),
        (f"{AT}/set.par2", one("repair", path=f"{AT}/set.par2")),
    ]


def prepare(device):
    folder = device.root / "home" / NAME
    if device.vendor in BINS:
        bin_of = device.root / "home" / BINS[device.vendor] / NAME
        bin_of.mkdir(parents=True)
        (bin_of / "bin.txt").write_text("gone")
    else:
        for number in (1, 2):
            (folder / f"p.00{number}").write_text("part")
        (folder / "b").write_bytes(b"b" * 5000)
        par2.create(folder / "set.par2", [folder / "b"], slice_size=1024, recovery=12)
        (folder / "b").write_bytes(b"b" * 2000 + b"?" + b"b" * 2999)


@pytest.mark.parametrize(
    ("device", "more"), [("synology", synology), ("qnap", qnap), ("freebox", freebox)], indirect=["device"]
)
def test_every_module(tmp_path, device, more):
    out = tmp_path / "out"
    out.mkdir()
    (out / "ü.txt").write_text("eins\nold\n")
    prepare(device)
    wanted = [*common(device, out), *more(device, out)]
    outcome = run(
        tmp_path,
        play(*(each for _path, task in wanted for each in both(task))),
        {"it": device.variables()},
        "--diff",
    )
    assert outcome.status == 0, outcome.text
    results = outcome.results()
    for number, (path, task) in enumerate(wanted):
        checked, done = results[2 * number : 2 * number + 2]
        assert checked["changed"], task
        assert done["changed"], task
        header = path.replace("\x1b", "\\x1b")
        for side in ("before", "after"):
            assert header in done["diff"][f"{side}_header"], (task, done["diff"])
            assert isinstance(done["diff"][side], str)
            assert not EPOCH.search(done["diff"][side]), (task, done["diff"])
            if "content" not in str(task) and "fetch" not in str(task):
                assert isinstance(yaml.safe_load(done["diff"][side]), dict)
            assert f"{side}: {done['diff'][side + '_header']}" in outcome.text, task
        if "touch" not in str(task):
            assert checked["diff"] == done["diff"], task
    assert "Sw0rdfish" not in outcome.text
    assert "\x1b" not in outcome.text
    assert "\\u" not in outcome.text
    assert "-zwei ü\n+zwei 漢\n" in outcome.text
    assert "-old\n+zwei 漢\n" in outcome.text


@pytest.mark.parametrize("device", VENDORS, indirect=True)
def test_what_is_fetched(tmp_path, device):
    folder = device.root / "home" / NAME
    (folder / "binary").write_bytes(b"\xff\0" * 10)
    (folder / "large").write_bytes(b"x" * 200_000)
    (folder / "secret").write_text("of the vault")
    (folder / "esc").write_text("\x1b[2J\n")
    vaulted = "$ANSIBLE_VAULT;1.1;AES256\n6162\n"
    for name, content in {"old": "eins\nzwei\n", "binary": "b", "large": "l", "secret": vaulted}.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "old").chmod(0o644)
    tasks = [one("fetch", src=f"{AT}/{name}", dest=f"{tmp_path}/{name}") for name in ("binary", "large", "secret")]
    tasks += [one("fetch", src=f"{AT}/old.txt", dest=f"{tmp_path}/old", mode="0600")]
    tasks += [one("fetch", src=f"{AT}/{name}", dest=f"{tmp_path}/new-{name}") for name in ("esc", "binary", "large")]
    tasks += [one("fetch", src=f"{AT}/none", dest=f"{tmp_path}/none")]
    device.forget()
    checked = run(tmp_path, play(*tasks), {"it": device.variables()}, "--check", "--diff")
    assert checked.status == 0, checked.text
    assert device.writes() == []
    assert not list(tmp_path.glob("new-*"))
    done = run(tmp_path, play(*tasks[:-1]), {"it": device.variables()}, "--diff")
    diffs = [result["diff"] for result in done.results()]
    assert diffs == [result["diff"] for result in checked.results()[:-1]]
    assert all(result["changed"] for result in done.results())
    binary, large, secret, (content, mode), esc, new_binary, new_large = diffs
    assert (binary["src_binary"], large["src_larger"]) == (1, 104448)
    assert (new_binary["before"], new_large["before"]) == ("", "")
    assert secret["after"] == "(not shown: vaulted, changed)\n"
    assert (content["before"], content["after"]) == ("eins\nzwei\n", "eins\nzwei ü\n")
    assert (mode["before"], mode["after"]) == ('mode: "0644"\nstate: file\n', 'mode: "0600"\nstate: file\n')
    assert esc["after"] == "\\x1b[2J\n"
    for text in (checked.text, done.text):
        assert "of the vault" not in text
        assert "\x1b" not in text
        assert f"after: {tmp_path}/binary" in text
