# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`wait: false`: the device's task is begun and handed over to nas_task; what needs more than that is refused."""

from __future__ import annotations

import functools
import os
import shutil
import zipfile

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks

from tests.support.devices import VENDORS, devices
from tests.support.playbooks import play, run

LISTING = ("synology", "qnap")
COPIES = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "copy", "freebox": "POST fs/cp/"}
LONG_AGO = 1_500_000_000
FILES = {"a.txt": "one", "deep/b.txt": "two", "deep/er/c.txt": "three"}
EMPTY = "empty/inner"


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """Devices that take a second for each of their tasks."""
    arguments = [word for vendor in VENDORS for word in ("--vendor-opt", f"{vendor}.task_seconds=1")]
    with devices(VENDORS, tmp_path_factory.mktemp("slow"), arguments=arguments) as found:
        yield found


def inventory(found, vendors=VENDORS):
    return {vendor: found[vendor].variables() for vendor in vendors}


def copy(src, dest, **more):
    return {"nasops.nas.nas_copy": {"src": src, "dest": dest, "wait": False, **more}}


def archive(path, **more):
    return {"nasops.nas.nas_archive": {"path": path, "wait": False, **more}}


def waited(**more):
    """Waits for what the task before has begun."""
    begun = {
        "id": "{{ begun.tasks | map(attribute='id') }}",
        "kind": "{{ begun.tasks | map(attribute='kind') | unique }}",
    }
    return {"nasops.nas.nas_task": {**begun, **more}}


def registered(task):
    return {**task, "register": "begun"}


def fill(folder, empty=False):
    for name, content in FILES.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        os.utime(place, (LONG_AGO, LONG_AGO))
    if empty:
        (folder / EMPTY).mkdir(parents=True)


def read(folder):
    return {str(place.relative_to(folder)): place.read_text() for place in folder.rglob("*") if place.is_file()}


def handed_over(tmp_path, found, task, job_type, done, vendors=VENDORS):
    """In check mode, for real, with a wait, and once more: what one task does without waiting.

    :param done: whether all is there on a device.
    """
    hosts = inventory(found, vendors)
    for device in found.values():
        device.forget()
    tasks = play(registered(task), waited())
    checked = run(tmp_path, tasks, hosts, "--check")
    assert checked.changed == dict.fromkeys(vendors, 1), checked.text
    assert not any(result["tasks"] for result in checked.results())
    assert not any(found[vendor].writes() for vendor in vendors)
    first = run(tmp_path, tasks, hosts)
    assert first.changed == dict.fromkeys(vendors, 1), first.text
    for vendor in vendors:
        begun, over = first.results(vendor)
        if (vendor, job_type) != ("qnap", "move") or begun["tasks"]:
            # A QNAP's move may be seen on its disk before the device says anything about it.
            (job,) = begun["tasks"]
            assert (job["kind"], job["state"]) == (job_type, "running"), job
            assert [(one["id"], one["state"], one["note"]) for one in over["tasks"]] == [(job["id"], "finished", None)]
        assert done(found[vendor]), vendor
        assert not found[vendor].unfinished()
        found[vendor].forget()
    again = run(tmp_path, tasks, hosts)
    assert again.changed == dict.fromkeys(vendors, 0), again.text
    assert not any(result["tasks"] for result in again.results())
    assert not any(found[vendor].writes() for vendor in vendors)


def test_a_copy(tmp_path, slow):
    for device in slow.values():
        fill(device.root / "home" / "films", empty=True)
    task = copy("/home/films", "/public/new/films", parents=True)
    handed_over(tmp_path, slow, task, "copy", lambda device: read(device.root / "public" / "new" / "films") == FILES)


def test_a_move(tmp_path, slow):
    for device in slow.values():
        fill(device.root / "home" / "moves")
        (device.root / "home" / "there").mkdir()
    task = copy("/home/moves", "/home/there/moves", state="moved")

    def done(device):
        return read(device.root / "home" / "there" / "moves") == FILES and not (device.root / "home" / "moves").exists()

    handed_over(tmp_path, slow, task, "move", done)


def test_a_new_archive(tmp_path, slow):
    for device in slow.values():
        fill(device.root / "home" / "packs" / "papers")

    def done(device):
        with zipfile.ZipFile(device.root / "home" / "packs" / "papers.zip") as made:
            held = {info.filename: made.read(info).decode() for info in made.infolist() if not info.is_dir()}
        return held == {f"papers/{name}": content for name, content in FILES.items()}

    task = archive("/home/packs/papers.zip", sources=["/home/packs/papers"])
    handed_over(tmp_path, slow, task, "compress", done, LISTING)


def test_an_extraction(tmp_path, slow):
    for device in slow.values():
        fill(device.root / "home" / "packed", empty=True)
    pack = {"nasops.nas.nas_archive": {"path": "/home/packed.zip", "sources": ["/home/packed"]}}
    assert run(tmp_path, play(pack), inventory(slow)).changed == dict.fromkeys(VENDORS, 1)
    task = archive("/home/packed.zip", state="extracted", dest="/public/out", parents=True)

    def done(device):
        out = device.root / "public" / "out" / "packed"
        return read(out) == FILES and (out / EMPTY).is_dir()

    handed_over(tmp_path, slow, task, "extract", done)
    for vendor in LISTING:
        (slow[vendor].root / "public" / "out" / "packed" / "deep" / "b.txt").unlink()
    # What was broken off is completed, where a device takes single members.
    handed_over(tmp_path, slow, task, "extract", done, LISTING)


def test_what_takes_no_task_is_done_at_once(tmp_path, nas):
    for device in nas.values():
        fill(device.root / "home" / "renames")
    tasks = play(registered(copy("/home/renames", "/home/renamed", state="moved")), waited())
    outcome = run(tmp_path, tasks, inventory(nas))
    assert outcome.changed == dict.fromkeys(VENDORS, 1), outcome.text
    assert not any(result["tasks"] for result in outcome.results())
    assert all(read(device.root / "home" / "renamed") == FILES for device in nas.values())


def test_a_task_that_is_broken_off(tmp_path, nas):
    for device in nas.values():
        fill(device.root / "home" / "broken")
        (device.root / "home" / "to").mkdir()
    # They have their faults in common.
    nas["qnap"].faults(*({"call": call, "only": vendor, "do": "stall_task"} for vendor, call in COPIES.items()))
    here, there = "/home/broken", "/home/to/broken"
    tasks = play(registered(copy(here, there)), waited(state="cancelled"))
    outcome = run(tmp_path, tasks, inventory(nas))
    assert outcome.changed == dict.fromkeys(VENDORS, 2), outcome.text
    nas["qnap"].faults()
    for device in nas.values():
        part = device.root / "home" / "to" / "broken"
        part.mkdir(exist_ok=True)
        (part / "a.txt").write_text("o")
        assert read(device.root / "home" / "broken") == FILES
    fail, leave, mend = copy(here, there), copy(here, there, conflict="overwrite"), copy(here, there)
    mend["nasops.nas.nas_copy"].update(wait=True, conflict="overwrite")
    tasks = play(*({**task, "ignore_errors": True} for task in (fail, leave)), mend)
    outcome = run(tmp_path, tasks, inventory(nas))
    for vendor in VENDORS:
        found, refused, mended = outcome.results(vendor)
        assert (found["failure"]["kind"], found["failure"]["path"]) == ("exists", there)
        assert (refused["failure"]["kind"], refused["failure"]["path"]) == ("usage", there)
        assert mended["changed"]
        assert read(nas[vendor].root / "home" / "to" / "broken") == FILES


def test_refused_before_any_call(tmp_path, nas):
    options = {"state": "extracted", "dest": "/home/x"}
    desires = {
        "all": [
            (copy("/home/a", "/home/b"), "keeps the name"),
            (copy("/home/a", "/home/x/b", state="moved"), "keeps the name"),
            (copy("/home/a", "/public/a", state="moved"), "another share"),
            (archive("/home/a.zip", **options, delete_archive=True), "delete_archive"),
            (archive("/home/a.zip", **options, keep_folders=False), "keep_folders"),
            (archive("/home/a.zip", state="absent"), "option wait makes no sense"),
        ],
        "synology": [
            (archive("/home/a.zip", sources=[f"/home/{'x' * 200}{number}" for number in range(500)]), "in parts"),
            (archive("/home/a.x", format="zip", sources=["/home/a"]), "elsewhere"),
        ],
        "qnap": [(archive("/home/a.zip", sources=["/home/x/a"]), "elsewhere")],
        "freebox": [
            (archive("/home/a.zip", sources=["/home/a"]), "cannot list"),
            (archive("/home/a.zip", **options, members=["a"]), "unpacks all"),
        ],
    }
    tasks = [
        {**task, "ignore_errors": True, "when": f"'{vendor}' in ('all', nas_vendor)"}
        for vendor, some in desires.items()
        for task, _words in some
    ]
    outcome = run(tmp_path, play(*tasks), inventory(nas))
    for vendor in VENDORS:
        results = [result for result in outcome.results(vendor) if not result.get("skipped")]
        expected = [words for _task, words in [*desires["all"], *desires[vendor]]]
        assert len(results) == len(expected)
        for result, words in zip(results, expected):
            assert result["failure"]["kind"] == "usage", result
            assert words in result["msg"]
            assert "option wait" in result["msg"]
        for result in results[:5]:
            assert "wait to true" in result["failure"]["hint"]
            assert "async" in result["failure"]["hint"]
        assert nas[vendor].log() == []


def test_refused_by_what_is_there(tmp_path, nas, request):
    for device in nas.values():
        home = device.root / "home" / "there2"
        # Other tests make sure that nothing of ours is left on these devices.
        request.addfinalizer(functools.partial(shutil.rmtree, home))
        fill(home / "to" / "src")
        fill(home / "src")
        (home / "src" / "a.txt").write_text("other")
        for place in (home / "left" / "src", home / "aside" / "src"):
            path = f"/{place.relative_to(device.root)}"
            beside = {"left": marks.copy_folder(path), "aside": marks.backup_path(path)}[place.parent.name]
            (device.root / beside.lstrip("/")).mkdir(parents=True)
        for name in ("packed.zip", "stale.zip"):
            with zipfile.ZipFile(home / name, "w") as made:
                made.writestr("src/a.txt", "one of the archive")
    src = "/home/there2/src"
    extraction = {"state": "extracted", "dest": "/home/there2"}
    desires = [
        (copy(src, "/home/there2/to/src", conflict="overwrite"), VENDORS, "at dest already"),
        (copy(src, "/home/there2/to/src", conflict="keep_both"), VENDORS, "keeps the name"),
        (copy(src, "/home/there2/left/src"), VENDORS, "interrupted"),
        (copy(src, "/home/there2/aside/src"), VENDORS, "interrupted"),
        (archive("/home/there2/packed.zip", **extraction, overwrite=True), LISTING, "stays until"),
        (archive("/home/there2/packed.zip", **extraction, overwrite=True), ["freebox"], "nobody knows"),
        (archive("/home/there2/stale.zip", sources=[src]), LISTING, "stays until"),
    ]
    tasks = [
        {**task, "ignore_errors": True, "when": f"nas_vendor in {list(vendors)}"} for task, vendors, _words in desires
    ]
    for arguments in ((), ("--check",)):
        outcome = run(tmp_path, play(*tasks), inventory(nas), *arguments)
        for vendor in VENDORS:
            results = [result for result in outcome.results(vendor) if not result.get("skipped")]
            expected = [words for _task, vendors, words in desires if vendor in vendors]
            for result, words in zip(results, expected):
                assert result["failure"]["kind"] == "usage", result
                assert words in result["msg"]
            assert nas[vendor].writes() == []
