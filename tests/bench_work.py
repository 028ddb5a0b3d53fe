# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of `make bench` that work: folders, whole trees, copies, transfers, waiting, a slow login.

Each returns rows of a table. Times are those of a play less those of an empty one, medians of interleaved rounds.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import itertools
import os
import shutil
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

import yaml

from tests.bare import BARE, Bare, BareFreebox, BareQnap, BareSynology
from tests.support.devices import VENDORS, Device, device
from tests.support.playbooks import BIN, environment, write_inventory

TIME = 1_700_000_000
Row = list[str]
Table = tuple[Row, list[Row]]
LOGIN = {"synology": "SYNO.API.Auth/login", "qnap": "authLogin.cgi", "freebox": "POST login/session/"}
SUM = {"synology": "SYNO.FileStation.MD5/*", "qnap": "checksum", "freebox": "POST fs/hash/"}


class Player:
    """Runs plays against one device.

    :param folder: for what they need.
    :ivar requests: how many a play of a name made, for who counts them.
    :ivar polls: the same of each play's most frequent call.
    """

    def __init__(self, folder: Path, target: Device) -> None:
        self.requests: dict[str, int] = {}
        self.polls: list[int] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._inventory = folder, write_inventory(folder, {"it": target.variables()})

    def __call__(self, *tasks: Mapping[str, Any]) -> float:
        """The wall time of a play of these tasks."""
        playbook = self._folder / "play.yml"
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]))
        command = [str(BIN / "ansible-playbook"), "-i", str(self._inventory), str(playbook)]
        started = time.monotonic()
        done = subprocess.run(
            command,
            env=environment(self._folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stdout[-2000:])
        return time.monotonic() - started


def timed(work: Callable[[], object]) -> float:
    """The seconds that something takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def interleaved(rounds: int, cells: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median seconds of each cell; each round does all of them, in their order."""
    times: dict[str, list[float]] = {name: [] for name in cells}
    for _round in range(rounds):
        for name, cell in cells.items():
            times[name].append(cell())
    return {name: statistics.median(values) for name, values in times.items()}


def ratio(one: float, other: float) -> str:
    """How many times the other."""
    return f"{one / other:.2f}" if other > 0.002 else "-"


def on_devices(
    place: Path, vendors: Sequence[str], round_trips: Sequence[float]
) -> Iterator[tuple[str, float, Player, Device]]:
    """A new device for each vendor and round trip: vendor, round trip, what runs plays against it, and it."""
    for vendor in vendors:
        for trip in round_trips:
            where = place / f"{vendor}-{trip}"
            where.mkdir()
            with device(vendor, where, latency=trip) as nas:
                yield vendor, trip, Player(where / "plays", nas), nas


def folders(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """Many folders in one task: made, found, removed; beside a script, and beside one connection."""
    count = asked.folders
    paths = [f"/home/many/{number // 100}/{number}" for number in range(count)]
    above = ["/home/many", *dict.fromkeys(path.rpartition("/")[0] for path in paths)]
    rows = []
    for vendor, trip, play, nas in on_devices(place, vendors, asked.round_trips):

        def folder(play: Player = play, **options: Any) -> float:
            return play({"nasops.nas.nas_folder": {"path": paths, **options}})

        def gone(play: Player = play) -> float:
            return play({"nasops.nas.nas_folder": {"path": "/home/many", "state": "absent", "recursive": True}})

        def bare(work: Callable[[Bare], object], vendor: str = vendor, nas: Device = nas) -> float:
            return timed(lambda: work(BARE[vendor](nas)))

        def list_all(to: Bare) -> None:
            for path in above:
                to.list(path)

        times = interleaved(
            asked.rounds,
            {
                "empty": play,
                "make": folder,
                "none": folder,
                "gone": gone,
                "one": functools.partial(folder, parallel=1),
                "clear": gone,
                "bare make": functools.partial(bare, lambda to: to.make([*above, *paths])),
                "bare none": functools.partial(bare, list_all),
                "bare gone": functools.partial(bare, lambda to: to.remove("/home/many")),
            },
        )
        own = {name: times[name] - times["empty"] for name in ("make", "none", "gone", "one")}
        beside = [ratio(own[name], times[f"bare {name}"]) for name in ("make", "none", "gone")]
        rows.append([vendor, f"{1000 * trip:.0f} ms", *beside, ratio(own["make"], own["one"])])
    return [
        "vendor",
        "round trip",
        "make : script",
        "none : script",
        "remove : script",
        "make : by one connection",
    ], rows


def sync(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """A whole tree by nas_sync: first, unchanged, 1 % changed; requests, and time beside a script that only looks.

    rsync finds the same tree unchanged in a folder of the machine itself.
    """
    source = place / "source"
    kept = [source / f"d{number // 10}" / f"f{number}" for number in range(asked.files)]
    for number, file in enumerate(kept):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{number}\n")
        os.utime(file, (TIME, TIME))
    few = kept[:: max(1, len(kept) // max(1, len(kept) // 100))]
    names = sorted({file.parent.name for file in kept})
    rows = []
    turn = itertools.count(1)  # of all devices: each change is another
    for vendor, trip, play, nas in on_devices(place, vendors, asked.round_trips):

        def run(name: str, play: Player = play, nas: Device = nas) -> float:
            nas.forget()
            seconds = play({"nasops.nas.nas_sync": {"src": f"{source}/", "dest": "/home/tree"}})
            play.requests[name] = len(nas.entries())
            return seconds

        def first(nas: Device = nas, run: Callable[[str], float] = run) -> float:
            shutil.rmtree(nas.root / "home" / "tree", ignore_errors=True)
            return run("first")

        def changed(run: Callable[[str], float] = run) -> float:
            number = next(turn)
            for file in few:
                file.write_text(f"changed {number} {file.name}\n")
                os.utime(file, (TIME + number, TIME + number))
            return run("changed")

        def listed(vendor: str = vendor, nas: Device = nas) -> float:
            def work() -> None:
                bare = BARE[vendor](nas)
                for path in ("/home/tree", *(f"/home/tree/{name}" for name in names)):
                    bare.list(path)

            return timed(work)

        def rsync() -> float:
            copy = functools.partial(subprocess.run, ["rsync", "-a", f"{source}/", str(place / "copy")], check=True)
            copy()
            return timed(copy)

        times = interleaved(
            asked.rounds,
            {
                "empty": play,
                "first": first,
                "unchanged": functools.partial(run, "unchanged"),
                "rsync": rsync,
                "changed": changed,
                "list": listed,
            },
        )
        own = {name: times[name] - times["empty"] for name in ("first", "unchanged", "changed")}
        more = play.requests["changed"] - play.requests["unchanged"]
        rows.append(
            [
                vendor,
                f"{1000 * trip:.0f} ms",
                f"{play.requests['first'] / len(kept):.1f} a file",
                str(play.requests["unchanged"]),
                f"{play.requests['unchanged']} + {more / len(few):.1f} a file",
                ratio(own["unchanged"], times["list"]),
                ratio(own["changed"], times["list"]),
                ratio(own["first"], times["list"]),
                ratio(own["unchanged"], times["rsync"]),
            ]
        )
    head = ["vendor", "round trip", "requests, first", "unchanged", "1 % changed"]
    return [*head, "time, unchanged : script that looks", "1 % changed : it", "first : it", "unchanged : rsync"], rows


def packing(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """300 small files in 30 folders: one upload of a zip that the NAS extracts, beside `nas_sync`, which sends each.

    Verified is what was extracted when each file was read back and compared, as `nas_sync` does before a file gets its
    name. Setting the times that extracting does not keep, and giving the names, would come on top.
    """
    source, packed = place / "source", place / "packed.zip"
    for number in range(300):
        file = source / f"d{number // 10}" / f"f{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.urandom(2000))
        os.utime(file, (TIME + number, TIME + number))
    sync = {"nasops.nas.nas_sync": {"src": f"{source}/", "dest": "/home/x"}}
    check = {"nasops.nas.nas_sync": {"src": f"{source}/", "dest": "/home/x", "compare": "checksum"}}
    extract = {"path": "/home/packed.zip", "dest": "/home/x", "state": "extracted", "parents": True}
    unpack = (
        {"nasops.nas.nas_file": {"path": "/home/packed.zip", "src": str(packed)}},
        {"nasops.nas.nas_archive": extract},
    )

    def pack() -> None:
        packed.unlink(missing_ok=True)
        shutil.make_archive(str(packed.with_suffix("")), "zip", source)

    rows = []
    for vendor, trip, play, nas in on_devices(place, vendors, asked.round_trips):

        def run(name: str, *tasks: Mapping[str, Any], play: Player = play, nas: Device = nas) -> float:
            shutil.rmtree(nas.root / "home" / "x", ignore_errors=True)
            (nas.root / "home" / "packed.zip").unlink(missing_ok=True)
            nas.forget()
            seconds = play(*tasks)
            play.requests[name] = len(nas.entries())
            return seconds

        def extracted(name: str, *more: Mapping[str, Any], run: Callable[..., float] = run) -> float:
            return timed(pack) + run(name, *unpack, *more)

        times = interleaved(
            asked.rounds,
            {
                "empty": play,
                "each": functools.partial(run, "each", sync),
                "packed": functools.partial(extracted, "packed"),
                "verified": functools.partial(extracted, "verified", check),
            },
        )
        each = times["each"] - times["empty"]
        rows.append(
            [
                vendor,
                f"{1000 * trip:.0f} ms",
                *(str(play.requests[name]) for name in ("each", "packed", "verified")),
                ratio(each, times["packed"] - times["empty"]),
                ratio(each, times["verified"] - times["empty"]),
            ]
        )
    head = ["vendor", "round trip", "requests, one by one", "packed", "packed and verified"]
    return [*head, "how many times as fast: packed", "packed and verified"], rows


def copies(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """A copy on the device, whose jobs take their time: in such jobs."""
    rows = []
    for vendor in vendors:
        where = place / vendor
        where.mkdir()
        with device(vendor, where, arguments=["--vendor-opt", f"task_seconds={asked.job_seconds}"]) as nas:
            play = Player(where / "plays", nas)
            (nas.root / "home" / "a.bin").write_bytes(os.urandom(1_000_000))

            def copied(play: Player = play, nas: Device = nas) -> float:
                name = "unchanged" if (nas.root / "home" / "b.bin").exists() else "new"
                nas.forget()
                seconds = play({"nasops.nas.nas_copy": {"src": "/home/a.bin", "dest": "/home/b.bin"}})
                play.requests[name] = len(nas.entries())
                return seconds

            def new(nas: Device = nas, copied: Callable[[], float] = copied) -> float:
                (nas.root / "home" / "b.bin").unlink(missing_ok=True)
                return copied()

            times = interleaved(asked.rounds, {"empty": play, "new": new, "unchanged": copied})
        own = {name: (times[name] - times["empty"]) / asked.job_seconds for name in ("new", "unchanged")}
        counts = [str(play.requests["new"]), str(play.requests["unchanged"])]
        rows.append([vendor, f"{asked.job_seconds:g} s", f"{own['new']:.2f}", f"{own['unchanged']:.2f}", *counts])
    return ["vendor", "a job", "new, in jobs", "unchanged, in jobs", "requests, new", "unchanged"], rows


def curl(*arguments: str) -> None:
    """Run curl."""
    sink = [] if "-o" in arguments else ["-o", "/dev/null"]
    subprocess.run(["curl", "-sf", *sink, *arguments], check=True)


def curl_up(bare: Bare, file: Path) -> Optional[Callable[[], object]]:
    """Sends a file to /home/curl.bin, as the vendor's document has it; None where curl cannot."""
    if isinstance(bare, BareSynology):
        parts = {"api": "SYNO.FileStation.Upload", "version": "2", "method": "upload", "path": "/home"}
        parts.update({"create_parents": "false", "overwrite": "true"})
        form = [word for name, value in parts.items() for word in ("-F", f"{name}={value}")]
        url = f"{bare.url}/webapi/entry.cgi?_sid={bare.sid}"
        return lambda: curl(*form, "-F", f"file=@{file};filename=curl.bin", url)
    if isinstance(bare, BareQnap):
        query = f"func=upload&sid={bare.sid}&type=standard&dest_path=/home&overwrite=1&progress=-home-curl.bin"
        url = f"{bare.url}/cgi-bin/filemanager/utilRequest.cgi?{query}"
        return lambda: curl("-F", f"file=@{file};filename=curl.bin", url)
    return None


def curl_down(bare: Bare, path: str, dest: Path) -> Callable[[], object]:
    """Fetches a file of /home."""
    name = path.rpartition("/")[2]
    if isinstance(bare, BareSynology):
        query = f"api=SYNO.FileStation.Download&version=2&method=download&mode=download&path={path}&_sid={bare.sid}"
        return lambda: curl("-o", str(dest), f"{bare.url}/webapi/entry.cgi?{query}")
    if isinstance(bare, BareQnap):
        query = (
            f"func=download&sid={bare.sid}&isfolder=0&compress=0&source_path=/home&source_file={name}&source_total=1"
        )
        return lambda: curl("-o", str(dest), f"{bare.url}/cgi-bin/filemanager/utilRequest.cgi?{query}")
    assert isinstance(bare, BareFreebox)
    header = f"X-Fbx-App-Auth: {bare.http.headers['X-Fbx-App-Auth']!s}"
    return lambda: curl("-o", str(dest), "-H", header, f"{bare.api}dl/{bare.coded(path)}")


def summed(file: Path) -> None:
    """What md5sum does, in as little time."""
    with file.open("rb") as stream:
        hashlib.file_digest(stream, "md5") if hasattr(hashlib, "file_digest") else hashlib.md5(stream.read())


def transfers(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """A large file up and down; beside curl and one more reading for the checksum."""
    file, back = place / "large.bin", place / "back.bin"
    with file.open("wb") as stream:
        for _mebibyte in range(asked.megabytes):
            stream.write(os.urandom(1 << 20))
    rows = []
    for vendor in vendors:
        where = place / vendor
        where.mkdir()
        with device(vendor, where) as nas:
            play, bare = Player(where / "plays", nas), BARE[vendor](nas)
            home = nas.root / "home"
            up = curl_up(bare, file)

            def send(play: Player = play, home: Path = home) -> float:
                (home / "sent.bin").unlink(missing_ok=True)
                return play({"nasops.nas.nas_file": {"path": "/home/sent.bin", "src": str(file)}})

            def fetch(play: Player = play) -> float:
                back.unlink(missing_ok=True)
                return play({"nasops.nas.nas_fetch": {"src": ["/home/sent.bin"], "dest": str(back)}})

            def curled_up(up: Any = up, home: Path = home) -> float:
                if up is None:
                    return 0.0
                started = time.monotonic()
                up()
                summed(home / "curl.bin")
                return time.monotonic() - started

            def curled_down(bare: Bare = bare) -> float:
                back.unlink(missing_ok=True)
                down = curl_down(bare, "/home/sent.bin", back)
                started = time.monotonic()
                down()
                summed(back)
                return time.monotonic() - started

            cells: dict[str, Callable[[], float]] = {
                "empty": play,
                "up": send,
                "curl up": curled_up,
                "down": fetch,
                "curl down": curled_down,
            }
            times = interleaved(asked.rounds, cells)
        speed = {name: ratio(times[f"curl {name}"], times[name] - times["empty"]) for name in ("up", "down")}
        rows.append([vendor, f"{asked.megabytes} MiB", speed["up"] if up is not None else "-", speed["down"]])
    return ["vendor", "file", "up, in speeds of curl and a checksum", "down, in speeds of curl and a checksum"], rows


def waiting(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """A task of nas_archive that waits for its job, in times of that, and how often it asks whether it is done."""
    rows = []
    for vendor in vendors:
        for seconds in asked.jobs:
            where = place / f"{vendor}-{seconds}"
            where.mkdir()
            with device(vendor, where, arguments=["--vendor-opt", f"task_seconds={seconds}"]) as nas:
                play = Player(where / "plays", nas)
                (nas.root / "home" / "a.txt").write_text("a")

                def pack(play: Player = play, nas: Device = nas) -> float:
                    nas.forget()
                    path = f"/home/{len(play.polls)}.zip"
                    spent = play({"nasops.nas.nas_archive": {"path": path, "sources": ["/home/a.txt"]}})
                    calls = Counter(entry["call"] for entry in nas.entries())
                    play.polls.append(max(calls.values()))
                    return spent

                times = interleaved(asked.rounds, {"empty": play, "pack": pack})
            whole = (times["pack"] - times["empty"]) / seconds
            rows.append([vendor, f"{seconds:g} s", f"{whole:.2f}", str(int(statistics.median(play.polls)))])
    return ["vendor", "a job", "the whole task, in jobs", "polls"], rows


def login(place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """Tasks of a play where the login takes half a second, beside the same with a quick one."""
    tasks = [{"nasops.nas.nas_folder": {"path": f"/home/{number}"}} for number in range(20)]
    rows = []
    for vendor in vendors:
        with ExitStack() as stack:
            plays = {}
            for name in ("quick", "slow"):
                where = place / f"{vendor}-{name}"
                where.mkdir()
                nas = stack.enter_context(device(vendor, where))
                if name == "slow":
                    nas.faults({"call": LOGIN[vendor], "times": 0, "do": {"slow": 0.5}})
                plays[name] = Player(where / "plays", nas)
                plays[name](*tasks)
            cells: dict[str, Callable[[], float]] = {"empty": plays["quick"]}
            cells.update({name: functools.partial(play, *tasks) for name, play in plays.items()})
            times = interleaved(asked.rounds, cells)
        own = {name: times[name] - times["empty"] for name in plays}
        rows.append([vendor, str(len(tasks)), f"{(own['slow'] - own['quick']) / 0.5:.2f}"])
    return ["vendor", "tasks", "what they take longer, in logins"], rows


PARTS: dict[str, tuple[str, Callable[[Path, Sequence[str], argparse.Namespace], Table]]] = {
    "login": ("A login that takes half a second", login),
    "folders": ("Many folders in one task", folders),
    "sync": ("A whole tree by nas_sync", sync),
    "packing": ("Many small files in one upload", packing),
    "copies": ("A copy on the device", copies),
    "transfers": ("A large file up and down", transfers),
    "waiting": ("Waiting for a job of the device", waiting),
}
"""By the name of the part its title and what measures it."""


def measure(part: str, place: Path, vendors: Sequence[str], asked: argparse.Namespace) -> Table:
    """The table of a part."""
    where = place / part
    where.mkdir()
    return PARTS[part][1](where, vendors or VENDORS, asked)
