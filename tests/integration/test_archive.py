# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing and unpacking on the device: real archives on the simulator's disk, made once and then never again."""

from __future__ import annotations

import os
import tarfile
import time
import zipfile

import py7zr
import pytest
import pyzipper
from ansible_collections.nasops.nas.plugins.module_utils._core import names
from ansible_collections.nasops.nas.plugins.module_utils._delivery.archive_staging import staging

from tests.support.devices import VENDORS
from tests.support.playbooks import in_diff, play, run

pytestmark = pytest.mark.needs("archives")

LISTING = ("synology", "qnap")
COMPRESS = {"synology": "SYNO.FileStation.Compress/start", "qnap": "compress", "freebox": "POST fs/archive/"}
EXTRACT = {"synology": "SYNO.FileStation.Extract/start", "qnap": "extract", "freebox": "POST fs/extract/"}
LONG_AGO = 1_500_000_000


def archive(path, **options):
    return {"nasops.nas.nas_archive": {"path": path, **options}}


def packed(path, *sources, **options):
    return archive(path, sources=list(sources), **options)


def unpacked(path, dest, **options):
    return archive(path, state="extracted", dest=dest, **options)


def on_disk(device, path):
    return device.root.joinpath(path.lstrip("/"))


def write(folder, files, mtime=LONG_AGO):
    """Files with their content; None makes an empty folder."""
    for name, content in files.items():
        place = folder / name
        if content is None:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            os.utime(place, (mtime, mtime))


def read(folder):
    """The same the other way round."""
    found = {}
    for place in sorted(folder.rglob("*")):
        if place.is_file():
            found[str(place.relative_to(folder))] = place.read_bytes()
        elif not any(place.iterdir()):
            found[str(place.relative_to(folder))] = None
    return found


def content(file, tmp_path, password=None):
    """What an archive holds, read and tested by somebody else than the simulator."""
    if file.suffix == ".zip":
        with pyzipper.AESZipFile(file) as opened:
            opened.setpassword(password and password.encode())
            assert opened.testzip() is None
            return {info.filename: opened.read(info) for info in opened.infolist() if not info.is_dir()}
    place = tmp_path / f"out-{file.name}-{time.monotonic_ns()}"
    if file.suffix == ".7z":
        with py7zr.SevenZipFile(file, password=password) as opened:
            opened.extractall(place)
    else:
        with tarfile.open(file) as opened:
            # Distributions' Python 3.11 does not have it yet.
            opened.extractall(place, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return {name: data for name, data in read(place).items() if data is not None}


def changes(tmp_path, device, *plays, arguments=()):
    """Run lists of tasks, one play each, that must succeed; for each how many of its tasks changed something."""
    outcome = run(tmp_path, [part for tasks in plays for part in play(*tasks)], {"it": device.variables()}, *arguments)
    assert outcome.status == 0, [result["msg"] for result in outcome.results() if result["failed"]] or outcome.text
    results = iter(outcome.results())
    return [sum(next(results)["changed"] for _task in tasks) for tasks in plays]


def settle(tmp_path, device, tasks, expected=None):
    """Check mode, a run, a second run, and check mode again, as every wish must go."""
    expected = len(tasks) if expected is None else expected
    device.forget()
    assert changes(tmp_path, device, tasks, arguments=["--check"]) == [expected]
    assert device.writes() == []
    checked = [{**task, "check_mode": True, "diff": True} for task in tasks]
    assert changes(tmp_path, device, tasks, tasks, checked) == [expected, 0, 0]
    assert not device.unfinished()


def fail(tmp_path, device, *tasks, variables=None, arguments=()):
    """Run a play that must fail, and return the failed result."""
    outcome = run(tmp_path, play(*tasks), {"it": {**device.variables(), **(variables or {})}}, *arguments)
    assert outcome.status != 0, (outcome.text, [entry["call"] for entry in device.log()])
    (failed,) = [result for result in outcome.results() if result.get("failed")]
    assert "Traceback" not in outcome.text
    return failed


def test_an_archive_follows_its_sources(tmp_path, one):
    home = one.root / "home" / "follows"
    cases = {
        "kept": "7z",
        "content": "zip",
        "added": "7z",
        "removed": "zip",
        "folder": "zip",
        "fewer": "7z",
        "older": "zip",
    }
    if one.vendor == "freebox":
        cases.update(kept="tar", content="tar.gz", added="tar.xz", fewer="tar.bz2")
    for case in cases:
        files = {"a.txt": b"first", "deep/b.bin": bytes(5000), "empty": None, "é 100%.txt": b"x"}
        write(home / case, {**{f"docs/{name}": data for name, data in files.items()}, "i.txt": b""})

    def tasks(least=None):
        for case, ending in cases.items():
            sources = [f"/home/follows/{case}/docs", *([] if case == least else [f"/home/follows/{case}/i.txt"])]
            yield packed(f"/home/follows/new/{case}/all.{ending}", *sources, parents=True)

    def held(case):
        return content(home / "new" / case / f"all.{cases[case]}", tmp_path)

    settle(tmp_path, one, [*tasks()])
    for case in cases:
        assert held(case) == {name: data for name, data in read(home / case).items() if data is not None}

    kept = (home / "new" / "kept" / f"all.{cases['kept']}").stat()
    write(home / "content", {"docs/a.txt": b"other"})
    os.utime(home / "content" / "docs" / "a.txt")  # as large as before, now
    write(home / "older", {"docs/a.txt": b"older"}, LONG_AGO - 1000)
    write(home / "added", {"docs/deep/more.txt": b"more"})
    (home / "removed" / "docs" / "deep" / "b.bin").unlink()
    (home / "folder" / "docs" / "another").mkdir()
    settle(tmp_path, one, [*tasks("fewer")], len(cases) - 1)
    for case in cases:
        names = {name for name in read(home / case) if case != "fewer" or name != "i.txt"}
        assert held(case) == {
            name: data for name, data in read(home / case).items() if data is not None and name in names
        }
    after = (home / "new" / "kept" / f"all.{cases['kept']}").stat()
    assert (after.st_ino, after.st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)

    gone = [archive(f"/home/follows/new/{case}/all.{ending}", state="absent") for case, ending in cases.items()]
    settle(tmp_path, one, gone)
    assert read(home / "new") == dict.fromkeys(cases)


def test_one_changed_file_of_many(tmp_path, one):
    home = one.root / "home" / "many"
    files = {f"src/{number % 10}/{number}.txt": b"%d" % number for number in range(700)}
    write(home, files)
    pack = packed("/home/many/all.zip", "/home/many/src")
    unpack = unpacked("/home/many/all.zip", "/home/many/out", members=["src/0"], parents=True, overwrite=True)
    calls = (COMPRESS[one.vendor], EXTRACT[one.vendor])
    one.forget()
    assert changes(tmp_path, one, [pack, unpack], [pack, unpack]) == [2, 0]
    assert read(home / "out") == {name: data for name, data in files.items() if name.startswith("src/0/")}
    assert [len(one.calls(call)) for call in calls] == [1, 1]

    write(home, {"src/0/500.txt": b"5oo"}, LONG_AGO + 60)
    assert changes(tmp_path, one, [pack, unpack], [pack, unpack]) == [2, 0]
    assert content(home / "all.zip", tmp_path)["src/0/500.txt"] == b"5oo"
    assert (home / "out" / "src/0/500.txt").read_bytes() == b"5oo"
    assert [len(one.calls(call)) for call in calls] == [2, 2]
    one.forget()
    assert changes(tmp_path, one, [pack, unpack]) == [0]
    assert one.writes() == []
    assert len(one.log()) < 60, len(one.log())


def test_names_in_another_code_page(tmp_path, nas):
    device = nas["synology"]
    home = device.root / "home" / "codepage"
    home.mkdir()
    with zipfile.ZipFile(home / "old.zip", "w") as made:
        made.writestr("XXXX.txt", "x")
    # As old Windows wrote it: Shift-JIS, and no flag that says UTF-8.
    (home / "old.zip").write_bytes((home / "old.zip").read_bytes().replace(b"XXXX.txt", "写真.txt".encode("cp932")))
    task = unpacked("/home/codepage/old.zip", "/home/codepage/out", codepage="jpn", parents=True)
    settle(tmp_path, device, [task])
    assert [path.name for path in (home / "out").iterdir()] == ["写真.txt"]


def test_passwords_levels_and_encryption(tmp_path, one, monkeypatch):
    secret, wrong = "s3cret-of-the-archive", "wr0ng-one"
    monkeypatch.setenv("ARCHIVE_PASSWORD", secret)
    monkeypatch.setenv("WRONG_PASSWORD", wrong)
    given = {"archive_password": "{{ lookup('env', 'ARCHIVE_PASSWORD') }}"}
    home = one.root / "home" / "secret"
    write(home / "src", {"a.txt": b"top secret" * 100})
    desires = {
        "synology": {"a.zip": {"level": "store"}, "b.7z": {"level": "best"}},
        "qnap": {"a.zip": {"level": "fast"}, "b.7z": {"level": "best"}, "c.zip": {"encryption": "zipcrypto"}},
        "freebox": {},
    }[one.vendor]
    tasks = [packed(f"/home/secret/{name}", "/home/secret/src", **given, **more) for name, more in desires.items()]
    if tasks:
        settle(tmp_path, one, tasks)
    else:  # it can only unpack such archives
        with pyzipper.AESZipFile(home / "a.zip", "w", encryption=pyzipper.WZ_AES) as made:
            made.setpassword(secret.encode())
            made.writestr("src/a.txt", b"top secret" * 100)
    for name in desires:
        assert content(home / name, tmp_path, secret) == {"src/a.txt": b"top secret" * 100}
    if "c.zip" in desires:
        with zipfile.ZipFile(home / "c.zip") as weak, pyzipper.AESZipFile(home / "a.zip") as strong:
            assert weak.read("src/a.txt", secret.encode()) == b"top secret" * 100
            assert strong.getinfo("src/a.txt").wz_aes_strength == 3

    def out(**options):
        for name in desires or ["a.zip"]:
            yield unpacked(f"/home/secret/{name}", "/home/secret/out", subfolder=True, parents=True, **options)

    refused = [*out(), *out(archive_password="{{ lookup('env', 'WRONG_PASSWORD') }}")]
    refused = [{**task, "ignore_errors": True} for task in refused]
    failed = run(tmp_path, play(*refused), {"it": one.variables()}, "-vvvv", "--diff")
    assert [result["failure"]["kind"] for result in failed.results()] == ["permission_denied"] * len(refused)
    assert wrong not in failed.text
    assert {data for data in read(home / "out").values() if data} == set()
    settle(tmp_path, one, [*out(**given)])
    assert {data for data in read(home / "out").values() if data} == {b"top secret" * 100}
    shown = run(tmp_path, play(*tasks, *out(**given)), {"it": one.variables()}, "-vvvv", "--diff", "--check")
    assert secret not in shown.text


@pytest.fixture
def delivery(one):
    """An archive that somebody else made, with folders that only show in names, and its content."""
    home = one.root / "home" / f"delivery-{time.monotonic_ns()}"
    home.mkdir()
    files = {"docs/a.txt": b"alpha", "docs/deep/b.txt": b"beta", "c.txt": b"gamma" * 1000}
    with zipfile.ZipFile(home / "in.zip", "w") as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name, (2024, 5, 4, 3, 2, 2)), data)
        made.writestr(zipfile.ZipInfo("none/"), b"")
    return home, f"/home/{home.name}", {**files, "none": None}


def test_what_is_extracted(tmp_path, one, delivery):
    home, path, files = delivery
    source = f"{path}/in.zip"
    write(home / "here", {"mine.txt": b"mine", "docs/mine.txt": b"mine too"})
    tasks = [
        unpacked(source, f"{path}/out/deep", parents=True),
        unpacked(source, f"{path}/here"),
        unpacked(source, f"{path}/here", subfolder=True, parents=True),
        unpacked(source, f"{path}/flat", keep_folders=False, parents=True),
        unpacked(source, f"{path}/some", members=["docs/deep", "c.txt"], parents=True),
        unpacked(source, f"{path}/one", members=["docs/deep/b.txt"], keep_folders=False, parents=True),
    ]
    settle(tmp_path, one, tasks)
    assert read(home / "out" / "deep") == files
    mine = {"mine.txt": b"mine", "docs/mine.txt": b"mine too"}
    assert read(home / "here") == {**mine, **files, **{f"in/{name}": data for name, data in files.items()}}
    assert read(home / "flat") == {"a.txt": b"alpha", "b.txt": b"beta", "c.txt": files["c.txt"]}
    assert read(home / "some") == {"docs/deep/b.txt": b"beta", "c.txt": files["c.txt"]}
    assert read(home / "one") == {"b.txt": b"beta"}

    untouched = (home / "here" / "docs" / "deep" / "b.txt").stat()
    (home / "here" / "c.txt").unlink()
    (home / "here" / "none").rmdir()
    (home / "out" / "deep" / "docs" / "a.txt").write_bytes(b"al")  # what a broken copy left
    (home / "flat" / "a.txt").write_bytes(b"ALPHA")  # as large, and younger
    failed = fail(tmp_path, one, tasks[0])
    assert failed["failure"]["kind"] == "exists"
    assert failed["failure"]["path"] == f"{path}/out/deep/docs/a.txt"
    tasks = [
        unpacked(source, f"{path}/out/deep", overwrite=True),
        unpacked(source, f"{path}/here"),
        unpacked(source, f"{path}/flat", keep_folders=False),
    ]
    settle(tmp_path, one, tasks, 2)
    assert (home / "flat" / "a.txt").read_bytes() == b"ALPHA"
    settle(tmp_path, one, [unpacked(source, f"{path}/flat", keep_folders=False, overwrite=True)])
    assert read(home / "flat") == {"a.txt": b"alpha", "b.txt": b"beta", "c.txt": files["c.txt"]}
    assert read(home / "out" / "deep") == files
    assert {name: data for name, data in read(home / "here").items() if not name.startswith("in/")} == {**mine, **files}
    after = (home / "here" / "docs" / "deep" / "b.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (untouched.st_ino, untouched.st_mtime_ns)


def test_the_archive_goes_when_its_content_is_there(tmp_path, one, delivery):
    home, path, files = delivery
    settle(tmp_path, one, [unpacked(f"{path}/in.zip", f"{path}/out", delete_archive=True, parents=True)])
    assert read(home) == {f"out/{name}": data for name, data in files.items()}
    failed = fail(tmp_path, one, unpacked(f"{path}/in.zip", f"{path}/out"))
    assert failed["failure"]["kind"] == "not_found"


def test_results_and_diffs(tmp_path, one, delivery):
    home, path, _files = delivery
    write(home / "src", {"x.txt": b"xx", "y.txt": b"y"})
    tasks = [
        packed(f"{path}/made.zip", f"{path}/src"),
        unpacked(f"{path}/made.zip", f"{path}/new", parents=True),
        unpacked(f"{path}/made.zip", f"{path}/new"),
    ]
    outcome = run(tmp_path, play(*tasks), {"it": one.variables()}, "--diff")
    made, out, again = outcome.results()
    assert (made["format"], made["files"], made["path"]) == ("zip", 2, f"{path}/made.zip")
    assert in_diff(made, "before") == {"state": "absent"}
    assert in_diff(made, "after")["members"]["src/x.txt"]["size"] == 2
    assert out["extracted"] == [f"{path}/new/src/x.txt", f"{path}/new/src/y.txt"]
    assert out["created_folders"] == [f"{path}/new", f"{path}/new/src"]
    assert (again["changed"], again["extracted"], again["dest"]) == (False, [], f"{path}/new")
    write(home / "src", {"y.txt": b"why"})
    (drifted,) = run(tmp_path, play(tasks[0]), {"it": one.variables()}, "--diff", "--check").results()
    assert list(in_diff(drifted, "before")["members"]) == ["src/y.txt"]
    assert in_diff(drifted, "before")["members"]["src/y.txt"]["size"] == 1
    assert in_diff(drifted, "after")["members"]["src/y.txt"]["size"] == 3


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_bad_options_cost_no_call(tmp_path, nas, check):
    cases = [
        ("qnap", packed("/home/a.zip"), ["option sources is empty"]),
        ("qnap", archive("/home/a.zip"), ["sources"]),
        ("qnap", archive("/home/a.zip", state="extracted"), ["dest"]),
        ("qnap", packed("home/a.zip", "/home/x"), ["option path", "'home/a.zip'"]),
        ("qnap", packed("/home", "/home/x"), ["option path", "share"]),
        ("qnap", packed("/home/a.zip", "x"), ["option sources", "'x'"]),
        ("qnap", packed("/home/a.zip", "/home/x/../y"), ["option sources", ".."]),
        ("qnap", packed("/home/x/a.zip", "/home/x"), ["option sources", "the archive itself"]),
        ("qnap", packed("/home/a.zip", "/home/a.zip"), ["option sources", "the archive itself"]),
        ("synology", packed("/home/a.zip", "/home/x/n", "/home/y/n"), ["'/home/y/n'", "same name", "'/home/x/n'"]),
        ("qnap", packed("/home/a.rar", "/home/x"), ["option path", "'/home/a.rar'", "format"]),
        ("synology", packed("/home/a.tar.gz", "/home/x"), ["tar.gz", "Offered by: freebox"]),
        ("synology", packed("/home/a", "/home/x", format="iso"), ["iso", "Offered by: freebox"]),
        ("qnap", packed("/home/a.zip", "/home/x/n", "/home/y/m"), ["several folders", "freebox, synology"]),
        ("qnap", packed("/home/a.zip", "/public"), ["shares", "freebox, synology"]),
        ("qnap", packed("/home/a.zip", "/home/x", level="store"), ["level store", "Offered by: synology"]),
        ("freebox", packed("/home/a.zip", "/home/x", level="best"), ["level best", "qnap, synology"]),
        ("freebox", packed("/home/a.zip", "/home/x", archive_password="s3cret"), ["password", "qnap, synology"]),
        ("qnap", packed("/home/a.zip", "/home/x", archive_password=""), ["option archive_password is empty"]),
        ("qnap", packed("/home/a.zip", "/home/x", encryption="aes256"), ["encryption", "archive_password"]),
        (
            "synology",
            packed("/home/a.zip", "/home/x", archive_password="pp", encryption="aes256"),
            ["encrypted", "Offered by: qnap"],
        ),
        (
            "qnap",
            packed("/home/a.7z", "/home/x", archive_password="pp", encryption="zipcrypto"),
            ["zipcrypto", "aes256"],
        ),
        ("qnap", packed("/home/a.zip", "/home/x", dest="/home/y"), ["option dest", "state present"]),
        ("qnap", packed("/home/a.zip", "/home/x", overwrite=True), ["option overwrite", "state present"]),
        ("qnap", archive("/home/a.zip", state="absent", sources=["/home/x"]), ["option sources", "state absent"]),
        ("qnap", unpacked("/home/a.zip", "/home/x", level="fast"), ["option level", "state extracted"]),
        ("qnap", unpacked("/home/a.zip", "oops"), ["option dest", "'oops'"]),
        ("qnap", unpacked("/home/a.zip", "/home/x", codepage="jpn"), ["codepage", "Offered by: synology"]),
        ("qnap", unpacked("/home/a.zip", "/home/x", members=[]), ["option members"]),
        ("qnap", unpacked("/home/a.zip", "/home/x", members=["a"], delete_archive=True), ["delete_archive", "members"]),
    ]
    hosts = {f"it{number}": nas[vendor].variables() for number, (vendor, _task, _words) in enumerate(cases)}
    tasks = [({**task, "ignore_errors": True}, f"it{number}") for number, (_vendor, task, _words) in enumerate(cases)]
    plays = [one for task, host in tasks for one in play(task, hosts=host)]
    outcome = run(tmp_path, plays, hosts, *check)
    for number, (_vendor, task, words) in enumerate(cases):
        (failed,) = outcome.results(f"it{number}")
        assert failed["failed"], task
        for word in words:
            assert word in failed["msg"], (task, failed["msg"])
    assert [device.log() for device in nas.values()] == [[], [], []]


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_what_is_in_the_way_or_not_there(tmp_path, one, delivery, check):
    home, path, _files = delivery
    write(home, {"folder.zip/x": b"kept", "out/docs": b"a file", "out2/c.txt/below": b"", "here.txt": b"a file"})
    before = read(home)
    source = f"{path}/in.zip"
    cases = [
        (packed(f"{path}/folder.zip", f"{path}/here.txt"), "wrong_type"),
        (archive(f"{path}/folder.zip", state="absent"), "wrong_type"),
        (unpacked(f"{path}/folder.zip", path), "wrong_type"),
        (packed(f"{path}/here.txt/a.zip", f"{path}/in.zip", parents=True), "wrong_type"),
        (unpacked(source, f"{path}/here.txt", parents=True), "wrong_type"),
    ]
    if one.vendor in LISTING or not check:
        cases += [
            (unpacked(source, f"{path}/out"), "wrong_type"),
            (unpacked(source, f"{path}/out2", overwrite=True), "wrong_type"),
            (unpacked(source, f"{path}/out", members=["docs/deep/b.txt"], overwrite=True), "wrong_type"),
            (unpacked(source, f"{path}/new", members=["docs/none"], parents=True), "not_found"),
        ]
    if not check:
        cases += [
            # An earlier task may make a share: check mode warns.
            (packed("/nosuchshare/a.zip", f"{path}/in.zip", parents=True), "not_found"),
            (unpacked(source, "/nosuchshare/x", parents=True), "not_found"),
            (packed(f"{path}/a.zip", f"{path}/none"), "not_found"),
            (packed(f"{path}/none/a.zip", f"{path}/in.zip"), "not_found"),
            (unpacked(f"{path}/none.zip", path), "not_found"),
            (unpacked(source, f"{path}/none"), "not_found"),
        ]
    tasks = [{**task, "ignore_errors": True} for task, _kind in cases]
    results = run(tmp_path, play(*tasks), {"it": one.variables()}, *check).results()
    for (task, kind), failed in zip(cases, results, strict=True):
        assert failed["failed"], task
        assert failed["failure"]["kind"] == kind, (task, failed)
        assert failed["failure"]["path"]
    if one.vendor in LISTING:
        assert one.writes() == []
    after = {name: data for name, data in read(home).items() if not name.startswith((".nasops", "new"))}
    assert after == before


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_breaks_off_harms_nothing_and_is_made_good(tmp_path, nas, vendor):
    device = nas[vendor]
    home = device.root / "home" / "breaks"
    write(home / "src", {f"{number}.bin": os.urandom(60_000) for number in range(10)})
    pack = packed("/home/breaks/a.zip", "/home/breaks/src", wait_timeout=1)
    unpack = unpacked("/home/breaks/a.zip", "/home/breaks/out", overwrite=True, parents=True, wait_timeout=1)
    assert changes(tmp_path, device, [pack, unpack]) == [2]
    write(home / "src", {"0.bin": os.urandom(70_000)}, LONG_AGO + 50)
    write(home / "out" / "src", {"1.bin": b"mine"}, LONG_AGO + 50)
    before = read(home)
    code = {"synology": 1300, "qnap": 0, "freebox": "archive_write_failed"}[vendor]
    # A QNAP has one code for a full disk and a used up quota, and one for all that it could not unpack.
    for fault, kinds in (
        ({"disk_full": {"at_bytes": 20_000}}, {"no_space", "quota_exceeded"}),
        ("stall_task", {"timeout"}),
        ({"fail_task": code}, {"device", "invalid_argument"}),
    ):
        device.faults(*({"call": call[vendor], "only": vendor, "do": fault} for call in (COMPRESS, EXTRACT)))
        tasks = [{**task, "ignore_errors": True} for task in (pack, unpack)]
        results = run(tmp_path, play(*tasks), {"it": device.variables()}).results()
        for failed in results:
            assert failed["failure"]["kind"] in kinds, (fault, failed)
            assert failed["failure"]["path"] in ("/home/breaks/a.zip", "/home/breaks/out")
        assert read(home) == before
    device.faults()
    assert changes(tmp_path, device, [unpack, pack, unpack, pack], [unpack, pack]) == [3, 0]
    assert read(home / "out") == {f"src/{name}": data for name, data in read(home / "src").items()}


def test_what_is_no_archive_or_a_dangerous_one(tmp_path, one):
    home = one.root / "home" / "dangerous"
    write(home, {"src/a.txt": b"aaa", "none.zip": b"no archive at all", "out/f.txt": b"mine", "out/big.bin": b"mine"})
    with zipfile.ZipFile(home / "damaged.zip", "w", zipfile.ZIP_STORED) as made:
        made.writestr("f.txt", b"whole")
        made.writestr("big.bin", b"ABCD" * 10_000)
    raw = (home / "damaged.zip").read_bytes()
    (home / "damaged.zip").write_bytes(raw.replace(b"ABCDABCD", b"ABCDxxxx", 1))
    (home / "cut.zip").write_bytes(raw[:-30])
    for number, name in enumerate(("../evil.txt", "docs/../../evil.txt")):
        with zipfile.ZipFile(home / f"evil{number}.zip", "w") as made:
            made.writestr("f.txt", b"whole")
            made.writestr(name, b"evil")
    before = read(home)
    cases = [
        packed("/home/dangerous/none.zip", "/home/dangerous/src"),
        packed("/home/dangerous/cut.zip", "/home/dangerous/src"),
        unpacked("/home/dangerous/none.zip", "/home/dangerous/out", overwrite=True),
        unpacked("/home/dangerous/damaged.zip", "/home/dangerous/out", overwrite=True),
        unpacked("/home/dangerous/cut.zip", "/home/dangerous/out", overwrite=True),
        *(unpacked(f"/home/dangerous/evil{number}.zip", "/home/dangerous/out", overwrite=True) for number in range(2)),
    ]
    if one.vendor not in LISTING:
        # What cannot be listed is not known to be no archive.
        cases = cases[2:]
    tasks = [{**task, "ignore_errors": True} for task in cases]
    results = run(tmp_path, play(*tasks), {"it": one.variables()}).results()
    for task, failed in zip(cases, results, strict=True):
        assert failed["failed"], task
        assert failed["failure"]["kind"] in ("invalid_argument", "invalid_name", "device"), (task, failed)
    assert read(home) == before
    assert not list(one.root.rglob("evil.txt"))


def test_leftovers_of_an_interrupted_run_go(tmp_path, one, delivery):
    home, path, files = delivery
    write(home / "src", {"x": b"x"})
    tasks = [packed(f"{path}/a.zip", f"{path}/src"), unpacked(f"{path}/in.zip", f"{path}/out")]
    (home / "out").mkdir()
    leftovers = [
        names.beside(f"{path}/a.zip", "part.zip"),
        names.beside(f"{path}/a.zip", "old"),
    ]
    for leftover in leftovers:
        on_disk(one, leftover).write_bytes(b"half of it")
    write(on_disk(one, staging(f"{path}/in.zip", f"{path}/out")), {"docs/a.txt": b"al"})
    settle(tmp_path, one, tasks)
    assert read(home / "out") == files
    assert content(home / "a.zip", tmp_path) == {"src/x": b"x"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_move_that_fails_is_made_good(tmp_path, nas, vendor):
    device = nas[vendor]
    home = device.root / "home" / "moves"
    write(home, {"src/a/1": b"1", "src/b/2": b"2", "out/src/a/0": b"0", "out/src/b/0": b"0"})
    unpack = unpacked("/home/moves/a.zip", "/home/moves/out")
    assert changes(tmp_path, device, [packed("/home/moves/a.zip", "/home/moves/src")]) == [1]
    calls = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "move", "freebox": "POST fs/mv/"}
    device.faults({"call": calls[vendor], "only": vendor, "after": 1, "do": {"status": 500}})
    assert "failure" in fail(tmp_path, device, unpack)
    device.faults()
    settle(tmp_path, device, [unpack])
    assert read(home / "out") == {"src/a/0": b"0", "src/a/1": b"1", "src/b/0": b"0", "src/b/2": b"2"}


@pytest.mark.parametrize("vendor", LISTING)
def test_a_device_in_another_time_zone(tmp_path, start, vendor, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Paris")
    device = start(vendor)
    home = device.root / "home"
    write(home / "src", {"winter.txt": b"w"}, 1_705_312_801)
    write(home / "src", {"summer.txt": b"s"}, 1_721_037_601)
    write(home / "src", {"old.txt": b"o"}, 5)
    names = ("a.zip", "b.7z")
    tasks = [packed(f"/home/{name}", "/home/src") for name in names]
    tasks += [unpacked(f"/home/{name}", "/home/out", subfolder=True, parents=True, overwrite=True) for name in names]
    assert changes(tmp_path, device, tasks, tasks) == [4, 0]
    write(home / "src", {"winter.txt": b"W"}, 1_705_312_801 + 60)
    assert changes(tmp_path, device, tasks, tasks) == [4, 0]


def test_without_a_list_a_record_tells(tmp_path, nas):
    device = nas["freebox"]
    home = device.root / "home" / "record"
    write(home / "src", {"a.txt": b"a"})
    pack = packed("/home/record/a.zip", "/home/record/src")
    unpack = unpacked("/home/record/a.zip", "/home/record/out", parents=True)
    settle(tmp_path, device, [pack])
    (record,) = home.glob(".nasops-*.json")
    assert record.stat().st_size < 1000
    device.forget()
    # It is known already what will come out.
    assert changes(tmp_path, device, [unpack], arguments=["--check"]) == [1]
    assert changes(tmp_path, device, [unpack], [unpack]) == [1, 0]
    assert len(device.calls("POST fs/extract/")) == 1
    record.write_text("garbage")
    assert changes(tmp_path, device, [pack], [pack]) == [1, 0]
    with zipfile.ZipFile(home / "a.zip", "w") as other:  # somebody puts another archive there
        other.writestr("b.txt", b"by hand")
    settle(tmp_path, device, [unpack])
    assert read(home / "out") == {"src/a.txt": b"a", "b.txt": b"by hand"}
    gone = [archive("/home/record/a.zip", state="absent")]
    assert changes(tmp_path, device, [pack], [pack]) == [1, 0]
    assert content(home / "a.zip", tmp_path) == {"src/a.txt": b"a"}
    assert changes(tmp_path, device, gone, gone) == [1, 0]
    assert not record.exists()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_share_that_may_not_be_written(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "read_only=public"))
    write(device.root, {"home/a.txt": b"a", "public/b.txt": b"b"})
    with zipfile.ZipFile(device.root / "public" / "in.zip", "w") as made:
        made.writestr("c.txt", b"c")
    for task in (packed("/public/a.zip", "/public/b.txt"), unpacked("/public/in.zip", "/public")):
        failed = fail(tmp_path, device, task)
        assert failed["failure"]["kind"] in ("permission_denied", "read_only"), failed
    assert sorted(place.name for place in (device.root / "public").iterdir()) == ["b.txt", "in.zip"]
    unpack = unpacked("/public/in.zip", "/home/out", parents=True)
    outcome = run(tmp_path, play(unpack, unpack), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    # Where no record can be kept, each run extracts, and says so.
    assert outcome.changed["it"] == (2 if vendor == "freebox" else 1)
    reported = " ".join(outcome.text.split())  # older lines of ansible-core wrap warnings
    assert ("every run extracts it again" in reported) == (vendor == "freebox")
    assert read(device.root / "home" / "out") == {"c.txt": b"c"}
