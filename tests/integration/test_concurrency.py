# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are one NAS, runs and hosts that write the same at once, two changes in a second."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.devices import BINS, VENDORS
from tests.support.playbooks import file, folder, play, run, where_to_ship


def test_hosts_that_are_one_nas(tmp_path, one):
    (tmp_path / "big").write_bytes(b"0123456789" * 300_000)
    tasks = (
        file(path="/home/aliases/big", src=str(tmp_path / "big"), parents=True),
        folder(path="/home/aliases/each/a/{{ inventory_hostname }}"),
        folder(path="/home/aliases/each", state="absent", recursive=True),
    )
    outcome = run(tmp_path, play(*tasks), {f"h{number}": one.variables() for number in range(4)})
    assert outcome.status == 0, outcome.text
    assert sum(outcome.changed.values()) == 1 + 4 + 1
    assert (one.root / "home" / "aliases" / "big").read_bytes() == b"0123456789" * 300_000
    assert [path for path in one.tree() if path.startswith("/home/aliases/")][1:] == ["/home/aliases/big"]
    assert len(one.calls_of("login")) == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_runs_that_write_the_same_files_at_once(tmp_path, start, vendor):
    device = start(vendor)
    names = [f"f{number}" for number in range(4)]
    for name in names:
        (device.root / "home" / name).write_bytes(b"the old content")
    tasks = [file(path=f"/home/{name}", content="by {{ run }}") for name in names]

    def one_run(name):
        (tmp_path / name).mkdir()
        hosts = {"it": device.variables(run=name)}
        return run(tmp_path / name, play(*tasks), hosts, ANSIBLE_HOME=str(tmp_path / "home of ansible"))

    with ThreadPoolExecutor(3) as pool:
        for outcome in pool.map(one_run, ("x", "y", "z")):
            assert outcome.status == 0, outcome.text
    assert {(device.root / "home" / name).read_bytes() for name in names} <= {b"by x", b"by y", b"by z"}
    assert not device.unfinished()


def test_shipped_tasks_that_write_the_same_file_at_once(tmp_path, start):
    device = start("synology")
    (device.root / "home" / "f").write_bytes(b"the old content")
    shipped = {"ansible_connection": "local", **where_to_ship(tmp_path)}
    task = {**file(path="/home/f", content="by {{ inventory_hostname }}"), "async": 60, "poll": 1}
    device.faults({"call": "SYNO.FileStation.Upload/upload", "times": 0, "do": {"slow": 0.3}})
    outcome = run(tmp_path, play(task), {name: device.variables(**shipped) for name in ("a", "b", "c")})
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"a": 1, "b": 1, "c": 1}
    assert (device.root / "home" / "f").read_bytes() in {b"by a", b"by b", b"by c"}
    assert not device.unfinished()


@pytest.mark.parametrize("vendor", VENDORS)
def test_folders_above_that_two_hosts_make_at_once(tmp_path, start, vendor):
    """Both see that they are missing before one of them has made them."""
    device = start(vendor)
    home = device.root / "home"
    recycled = BINS.get(vendor, "none")
    (home / recycled / "gone" / "deep").mkdir(parents=True)
    for name in ("a", "b"):
        (home / name).write_text(name)
        (home / recycled / "gone" / "deep" / name).write_text(name)
    device.faults({"call": device.told("create_folder"), "times": 0, "do": {"slow": 0.4}})
    me = "{{ inventory_hostname }}"
    mine = f"/home/{me}"

    def task(module, **options):
        return {f"nasops.nas.{module}": options}

    tasks = [
        task("nas_copy", src=mine, dest=f"/home/copies/deep/{me}", parents=True),
        task("nas_copy", src=mine, dest=f"/home/begun/deep/{me}", parents=True, wait=False),
        task("nas_archive", path=f"/home/packed/deep/{me}.zip", sources=[mine], parents=True),
    ]
    if vendor == "freebox":
        tasks.append(task("nas_assemble", src=[mine], dest=f"/home/joint/deep/{me}", parents=True))
    else:
        tasks.append(task("nas_recycle_bin", state="restored", path=[f"/home/gone/deep/{me}"]))
    if vendor == "synology":
        tasks.append(task("nas_archive", path=f"/home/late/deep/{me}.zip", sources=[mine], parents=True, wait=False))
    outcome = run(tmp_path, play(*tasks), {name: device.variables() for name in ("a", "b")})
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"a": len(tasks), "b": len(tasks)}
    assert [(home / "copies" / "deep" / name).read_text() for name in ("a", "b")] == ["a", "b"]


def test_backups_of_one_second(tmp_path, one):
    tasks = [file(path="/home/kept", content=str(number), backup=True) for number in range(4)]
    outcome = run(tmp_path, play(*tasks), {"it": one.variables()})
    assert outcome.status == 0, outcome.text
    backups = [result["backup_path"] for result in outcome.results() if "backup_path" in result]
    assert [(one.root / path[1:]).read_text() for path in backups] == ["0", "1", "2"]
