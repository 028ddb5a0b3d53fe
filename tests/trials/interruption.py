# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials of ansible-playbook itself: killed at a chance moment, with twenty forks, twice at once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

from tests.support import playbooks
from tests.support.local import LocalDevice
from tests.trials import state
from tests.trials.cells import BYSTANDERS, PROFILES, SETTINGS, SHARES, TOP, Before, Cell, content, packed
from tests.trials.state import State
from tests.trials.trial import BROKEN, Trial

WAY = "interruption"
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
LATENCY, TASK_SECONDS, MOMENTS = 0.01, "0.25", 4
LARGE, FORKS, PATIENCE = 6_000_000, 20, 60.0
FORKED, AT_ONCE, ONE_SESSION = "forks-20", "two-runs", "two-runs-one-session"


def _sources(before: Before) -> Mapping[str, Optional[bytes]]:
    return {f"{TOP}/tree/{number}.bin": content(f"member {number}", 40_000) for number in range(3)}


CELLS = {
    cell.name: cell
    for cell in (
        Cell(
            "upload",
            "nas_file",
            lambda before: {"path": f"{TOP}/large.bin", "src": str(before.local / "source")},
            files=lambda before: {f"{TOP}/large.bin": content("old", 100_000)},
            local_files={"source": content("new", LARGE)},
        ),
        Cell(
            "archive",
            "nas_archive",
            lambda before: {"path": f"{TOP}/packed.zip", "sources": [f"{TOP}/tree"]},
            files=lambda before: {**_sources(before), f"{TOP}/packed.zip": packed(old=content("packed before"))},
        ),
        Cell(
            "copy",
            "nas_copy",
            lambda before: {
                "src": f"{TOP}/tree",
                "dest": "/public/tree",
                "state": "moved",
                "conflict": "overwrite",
            },
            files=lambda before: {**_sources(before), "/public/tree/0.bin": content("older", 9_000)},
        ),
    )
}
CASES = [
    *((cell, fault) for cell in CELLS for fault in SIGNALS),
    *((name, name) for name in (FORKED, AT_ONCE, ONE_SESSION)),
]


def identity(vendor: str, cell: str, fault: str, number: int, seed: int) -> str:
    return f"{WAY}:{vendor}/{cell}/{fault}/{number}/{seed}"


def series(
    vendors: Sequence[str], seed: int, known: set[str], part: tuple[int, int], moments: int = MOMENTS
) -> Iterator[Trial]:
    """The trials of a part, but those that are known."""
    wanted = [
        (vendor, cell, fault, number)
        for vendor in vendors
        for cell, fault in CASES
        for number in range(moments if fault in SIGNALS else 1)
        if fault != ONE_SESSION or vendor == "synology"
    ]
    for vendor, cell, fault, number in wanted[part[0] - 1 :: part[1]]:
        if identity(vendor, cell, fault, number, seed) not in known:
            yield made(vendor, cell, fault, number, seed)


def alone(text: str) -> Iterator[Trial]:
    """The trial that has this name."""
    vendor, cell, fault, number, seed = text.removeprefix(f"{WAY}:").split("/")
    if (cell, fault) not in CASES or vendor not in PROFILES:
        raise ValueError(f"no trial is called {text}")
    yield made(vendor, cell, fault, int(number), int(seed))


def made(vendor: str, cell: str, fault: str, number: int, seed: int) -> Trial:
    name = identity(vendor, cell, fault, number, seed)
    chance = random.Random(name)
    profile = chance.choice(PROFILES[vendor])
    module = CELLS[cell].module if cell in CELLS else "nas_file"
    trial = Trial(name, vendor, profile, module, cell, fault, number, seed, WAY)
    options = {
        **SETTINGS[vendor],
        "task_seconds": TASK_SECONDS,
        **({"single_session": "1"} if fault == ONE_SESSION else {}),
    }
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nasops-trials-")))
        device = LocalDevice(vendor, folder / "nas", shares=SHARES, profile=profile, options=options, latency=LATENCY)
        stack.enter_context(device)
        runs = Runs(device, folder)
        if fault in SIGNALS:
            killed(runs, CELLS[cell], fault, chance, trial)
        elif fault == FORKED:
            forked(runs, trial)
        else:
            at_once(runs, trial)
    if trial.why:
        trial.outcome = BROKEN
    trial.seconds = round(time.monotonic() - began, 3)
    return trial


class Runs:
    """Runs of ansible-playbook on a device, from one folder."""

    def __init__(self, device: LocalDevice, folder: Path) -> None:
        self.device, self.folder = device, folder
        self.local = folder / "local"
        self.local.mkdir()

    def play(self, *tasks: Mapping[str, Any], hosts: int = 1, forks: int = 1) -> playbooks.Outcome:
        """A whole run."""
        inventory = {f"host{number}": self.device.variables() for number in range(hosts)}
        return playbooks.run(self.folder, _plays(tasks), inventory, "--forks", str(forks))

    @contextlib.contextmanager
    def begun(self, name: str, *tasks: Mapping[str, Any]) -> Iterator[Running]:
        """A run that has begun, in a folder and a session of its own."""
        place = self.folder / name
        place.mkdir()
        inventory = playbooks.write_inventory(place, {"host0": self.device.variables()})
        mark = uuid.uuid4().hex
        # What a run leaves for the next one is where the user's HOME is, which is the same for both.
        environment = playbooks.environment(self.folder, TRIAL=mark)
        with (place / "output").open("wb") as output:
            process = subprocess.Popen(
                [
                    str(playbooks.BIN / "ansible-playbook"),
                    "-i",
                    str(inventory),
                    str(playbooks.write_play(place, _plays(tasks))),
                ],
                cwd=place,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(process, mark, self.folder, place / "output")
        try:
            yield running
        finally:
            running.end()

    def read_state(self) -> State:
        return State({**state.of_device(self.device.tree()), **state.of_disk(self.local, state.LOCAL)})


def _plays(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]


class Running:
    """An ansible-playbook and its workers, which are known by a word in their environment.

    :param home: the HOME of the run, by which the process is known that keeps its connections and shows no environment.
    """

    def __init__(self, process: subprocess.Popen[bytes], mark: str, home: Path, output: Path) -> None:
        self.process, self._mark, self._output = process, f"TRIAL={mark}".encode(), output
        self._title = f"nasops.nas broker {home}/".encode()

    def alive(self) -> list[int]:
        """All that is left of it."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                is_broker = (folder / "cmdline").read_bytes().startswith(self._title)
                if is_broker or self._mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def signal(self, number: int) -> None:
        """As a user sends it: Ctrl-C reaches all of the terminal's, `kill` one process."""
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGINT:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def wait(self) -> bool:
        """Whether all of it is over in time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        return until(lambda: not self.alive())

    def end(self) -> None:
        for pid in self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    @property
    def text(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")


def until(so: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Whether something becomes so in time."""
    end = time.monotonic() + seconds
    while not so():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def killed(runs: Runs, cell: Cell, fault: str, chance: random.Random, trial: Trial) -> None:
    """A run that meets a signal, the next one, and one more."""
    device, before = runs.device, Before(runs.device.vendor, runs.local)
    task = {f"nasops.nas.{cell.module}": dict(cell.options(before))}
    cell.lay_out(device.root, before)
    old = runs.read_state()
    with runs.begun("clean", task) as running:
        until(lambda: device.requests > 0)
        first = time.monotonic()
        running.wait()
        took = time.monotonic() - first
        if running.process.returncode != 0:
            trial.why.append(f"not sound: {running.text[-400:]}")
            return
    new = runs.read_state()
    device.reset()
    cell.lay_out(device.root, before)
    moment = chance.random() * took
    with runs.begun("killed", task) as running:
        until(lambda: device.requests > 0)
        time.sleep(moment)
        trial.call = device.log[-1]["call"] if device.log else ""
        running.signal(SIGNALS[fault])
        if not running.wait():
            trial.why.append(f"{fault} after {moment:.3f} s: processes go on: {len(running.alive())}")
        trial.ended, trial.message = str(running.process.returncode), f"{fault} after {moment:.3f} s of {took:.3f} s"
        if "Traceback" in running.text and "nasops" in running.text.partition("Traceback")[2]:
            trial.why.append(f"a traceback: {running.text[-400:]}")
    time.sleep(2 * float(TASK_SECONDS))  # what the device does until it is over
    if fault != "SIGKILL" and not until(lambda: device.sessions() == 0, 2):
        trial.why.append("a session stays open")
    trial.why += state.losses(old, new, runs.read_state(), hidden=fault == "SIGKILL")
    outcome = runs.play(task)
    if outcome.status != 0:
        trial.why.append(f"the next run fails: {[one.get('msg') for one in outcome.results()]}")
        return
    if device.sessions():
        trial.why.append(f"{device.sessions()} sessions are open after the next run")
    last(runs, new, trial, task)


def last(runs: Runs, new: State, trial: Trial, *tasks: Mapping[str, Any], hosts: int = 1, forks: int = 1) -> None:
    """How it is at the end, and that one more run has nothing to do."""
    now = runs.read_state()
    trial.why += (f"after the next run: {one}" for one in state.differences(new, now))
    trial.why += (f"left behind: {path}" for path in sorted(set(now.leftovers) - set(new.leftovers)))
    lines = len(runs.device.log)
    outcome = runs.play(*tasks, hosts=hosts, forks=forks)
    writing = [entry["call"] for entry in runs.device.log[lines:] if entry["writes"]]
    if outcome.status != 0 or any(outcome.changed.values()) or writing:
        trial.why.append(f"one more run: status {outcome.status}, changed {outcome.changed}, calls {writing}")


def _write(device: LocalDevice) -> None:
    for path, data in BYSTANDERS.items():
        place = device.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def forked(runs: Runs, trial: Trial) -> None:
    """Twenty workers at one device: a file of each, and one that is the same for all."""
    _write(runs.device)
    tasks = [
        {"nasops.nas.nas_folder": {"path": f"{TOP}/shared"}},
        {
            "nasops.nas.nas_file": {
                "path": f"{TOP}/{{{{ inventory_hostname }}}}.txt",
                "content": "{{ inventory_hostname }}",
            }
        },
        {"nasops.nas.nas_file": {"path": f"{TOP}/shared/one.txt", "content": "the same"}},
    ]
    old = runs.read_state()
    outcome = runs.play(*tasks, hosts=FORKS, forks=FORKS)
    if outcome.status != 0:
        trial.why.append(f"status {outcome.status}: {outcome.text[-400:]}")
    own = {f"{TOP}/host{number}.txt": state.short(f"host{number}".encode()) for number in range(FORKS)}
    new = State({**old.tree, **own, f"{TOP}/shared": state.FOLDER, f"{TOP}/shared/one.txt": state.short(b"the same")})
    logins = len(runs.device.calls_of("login"))
    if logins != 1:
        trial.why.append(f"{logins} logins instead of one")
    if runs.device.sessions():
        trial.why.append("a session stays open")
    last(runs, new, trial, *tasks, hosts=FORKS, forks=FORKS)


def at_once(runs: Runs, trial: Trial) -> None:
    """Two runs that both want a file, each with another content, and one of their own."""
    _write(runs.device)

    def tasks(who: str) -> list[dict[str, Any]]:
        desires: list[dict[str, Any]] = []
        for number in range(4):
            desires.append({"nasops.nas.nas_file": {"path": f"{TOP}/{who}{number}.txt", "content": who * 2000}})
            desires.append({"nasops.nas.nas_file": {"path": f"{TOP}/wanted.txt", "content": who * 3000}})
        return desires

    old = runs.read_state()
    with runs.begun("a", *tasks("a")) as one, runs.begun("b", *tasks("b")) as other:
        for running in (one, other):
            if not running.wait():
                trial.why.append("it does not end")
            if running.process.returncode != 0:
                trial.why.append(f"status {running.process.returncode}: {running.text[-600:]}")
    own = {f"{TOP}/{who}{number}.txt": state.short(who.encode() * 2000) for who in "ab" for number in range(4)}
    now = runs.read_state()
    wanted = now.tree.get(f"{TOP}/wanted.txt", "")
    if wanted not in (state.short(b"a" * 3000), state.short(b"b" * 3000)):
        trial.why.append(f"what both want is {wanted or 'nothing'}")
    if runs.device.sessions():
        trial.why.append(f"{runs.device.sessions()} sessions stay open")
    last(runs, State({**old.tree, **own, f"{TOP}/wanted.txt": wanted}), trial)
