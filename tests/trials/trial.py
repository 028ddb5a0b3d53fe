# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes trials in this process."""

from __future__ import annotations

import contextlib
import json
import logging
import random
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Optional

from tests.support.devices import PASSWORD, SESSION_CALLS
from tests.support.local import LocalDevice
from tests.trials import state, tasks
from tests.trials.cells import CELLS, PROFILES, SECRET, SETTINGS, SHARES, Before, Cell
from tests.trials.faults import FAULTS, Fault
from tests.trials.state import State

HELD, BROKEN, IDLE = "held", "broken", "idle"
PATIENCE = 90  # seconds in which a trial is over: a DSM is given 70 to stop a task
LATEST = 2.0  # seconds until a late answer would have come
WAIT_TIMEOUT = 120  # seconds that a task waits for the device's, most of which do not pass
CELL = {cell.name: cell for cell in CELLS}


@dataclass(frozen=True)
class Name:
    """Which trial."""

    vendor: str
    profile: str
    cell: str
    fault: str
    number: int
    seed: int

    @classmethod
    def parse(cls, text: str) -> Name:
        """ValueError for what names none."""
        vendor, profile, cell, fault, number, seed = text.split("/")
        if profile not in PROFILES.get(vendor, ()) or cell not in CELL or fault not in FAULTS:
            raise ValueError(f"no trial is called {text}")
        return cls(vendor, profile, cell, fault, int(number), int(seed))

    def __str__(self) -> str:
        return f"{self.vendor}/{self.profile}/{self.cell}/{self.fault}/{self.number}/{self.seed}"

    def chance(self) -> random.Random:
        """The same for the same trial."""
        return random.Random(str(self))


@dataclass
class Trial:
    """What came of one.

    :param outcome: `held`, `broken`, or `idle` when the fault met nothing.
    :param why: what is broken.
    :param ended: how the task with the fault ended: `ok`, `failed`, `unreachable`.
    """

    id: str
    vendor: str
    profile: str
    module: str
    cell: str
    fault: str
    number: int
    seed: int
    way: str = "process"
    outcome: str = HELD
    why: list[str] = field(default_factory=list)
    call: str = ""
    ended: str = ""
    message: str = ""
    seconds: float = 0.0

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=True)


@dataclass(frozen=True)
class Baseline:
    """A cell without a fault: both states, and the requests in between."""

    old: State
    new: State
    calls: list[dict[str, Any]]
    requests: int


class TooLongError(BaseException):
    """A trial that does not end. Not an Exception, so that nothing takes it for an answer."""


class NotSoundError(Exception):
    """A cell that is not right even without a fault."""


@contextlib.contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise TooLongError in what takes longer."""

    def stop(_number: int, _frame: Optional[FrameType]) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Bench:
    """A device of one generation, and the trials on it."""

    def __init__(self, device: LocalDevice, profile: str, place: Path, clock: tasks.Clock) -> None:
        self.device, self.vendor, self.profile = device, device.vendor, profile
        self.clock = clock
        self.local, self.locks = place / "local", place / "locks"
        self.locks.mkdir()
        self._baselines: dict[str, Baseline | str] = {}

    @property
    def _session_calls(self) -> set[str]:
        """What begins and ends sessions."""
        return {call for calls in SESSION_CALLS.values() for call in calls[self.vendor]}

    # -- a cell

    def _set_up(self, cell: Cell) -> Before:
        """The old state."""
        shutil.rmtree(self.local, ignore_errors=True)
        self.local.mkdir()
        self.device.reset()
        before = Before(self.vendor, self.local)
        cell.lay_out(self.device.root, before)
        results: list[Mapping[str, Any]] = []
        for step in cell.steps:
            self.device.faults = [dict(rule) for rule in step.faults]
            result = self._do(step.module, step.options(before))
            if result.get("failed") or result.get("unreachable"):
                raise NotSoundError(f"{cell.name}: before it, {step.module}: {result['msg']}")
            results.append(result)
        self.device.faults = []
        return Before(self.vendor, self.local, results)

    def _do(self, module: str, options: Mapping[str, Any], timeout: float = tasks.USUAL_TIMEOUT) -> dict[str, Any]:
        return tasks.execute(self.device, module, options, self.locks, timeout)

    def _read_state(self, cell: Cell) -> State:
        tree = {**state.of_device(self.device.tree()), **state.of_disk(self.local, state.LOCAL)}
        facts = self._do("nas_info", {"gather": list(cell.reported)}) if cell.reported else {}
        if facts.get("failed"):
            raise NotSoundError(f"{cell.name}: what the device tells cannot be read: {facts['msg']}")
        return State(tree, tuple(state.reported({subset: facts[subset] for subset in cell.reported})), cell.bins)

    def baseline(self, cell: Cell) -> Baseline:
        """The cell without a fault. NotSoundError when a third run changes something."""
        if cell.name not in self._baselines:
            try:
                self._baselines[cell.name] = self._measured(cell)
            except NotSoundError as error:
                self._baselines[cell.name] = str(error)
        found = self._baselines[cell.name]
        if isinstance(found, str):
            raise NotSoundError(found)
        return found

    def _measured(self, cell: Cell) -> Baseline:
        before = self._set_up(cell)
        options = options_for(cell, before)
        old = self._read_state(cell)
        requests, lines = self.device.requests, len(self.device.log)
        result = self._do(cell.module, options)
        requests, calls = self.device.requests - requests, self.device.log[lines:]
        if not result.get("changed"):
            raise NotSoundError(f"{cell.name}: without a fault: {result.get('msg', 'nothing changed')}")
        calls = list(calls)
        new = self._read_state(cell)
        problems = list(self._again(cell, options, new))
        if problems:
            raise NotSoundError(f"{cell.name}: without a fault: {'; '.join(problems)}")
        return Baseline(old, new, calls, requests)

    def _again(self, cell: Cell, options: Mapping[str, Any], new: State) -> Iterator[str]:
        """What is wrong with another run, after which nothing is to be done."""
        lines = len(self.device.log)
        result = self._do(cell.module, options)
        writing = [entry["call"] for entry in self.device.log[lines:] if entry["writes"]]
        if ended(result) != "ok":
            yield f"the run after it failed: {result['msg']}"
        elif self.vendor not in cell.unsteady and (result["changed"] or writing):
            yield f"the run after it changed something: changed={result['changed']}, calls {writing}"
        yield from (f"after the run after it: {one}" for one in state.differences(new, self._read_state(cell)))

    # -- a trial

    def run(self, name: Name) -> Trial:
        """One trial."""
        cell, fault = CELL[name.cell], FAULTS[name.fault]
        trial = Trial(str(name), name.vendor, name.profile, cell.module, cell.name, fault.name, name.number, name.seed)
        began = time.monotonic()
        try:
            with at_most(PATIENCE):
                self._run(name, cell, fault, trial)
        except NotSoundError as error:
            trial.why.append(f"not sound: {error}")
        except TooLongError as error:
            trial.why.append(f"no end after {PATIENCE} s: {where(error)}")
        if trial.why:
            trial.outcome = BROKEN
        trial.seconds = round(time.monotonic() - began, 3)
        return trial

    def _run(self, name: Name, cell: Cell, fault: Fault, trial: Trial) -> None:
        base = self.baseline(cell)
        if name.number >= fault.places(self.vendor, base.calls, base.requests):
            trial.outcome = IDLE
            return
        options = options_for(cell, self._set_up(cell))
        rules = fault.rules(self.vendor, base.calls, name.number, name.chance())
        lines, sessions = len(self.device.log), self.device.sessions()
        self.device.faults = rules
        # What is late comes to its end while somebody looks for it.
        self.clock.longest = tasks.LONG if fault.late else tasks.SHORT
        result = self._try(cell, options, fault.timeout or tasks.USUAL_TIMEOUT, trial, "with the fault")
        self.clock.longest = tasks.SHORT
        acted = self.device.acted
        met = self._met(lines, fault.late and acted > 0)
        self.device.faults = []
        trial.call = met[0]["call"] if met else "a message of a web socket"
        if not acted:
            trial.outcome = IDLE
        if result is None:
            return
        trial.ended, trial.message = ended(result), str(result.get("msg", ""))[:400]
        if trial.call not in self._session_calls and not self._closed(sessions):
            trial.why.append("a session stays open")
        now = self._read_state(cell)
        trial.why += state.losses(base.old, base.new, now)
        if trial.ended != "ok" and not trial.message.strip():
            trial.why.append("it failed without a message")
        if trial.ended == "ok":
            trial.why += (f"it said that all is well: {one}" for one in state.differences(base.new, now))
        # The same without the fault brings the new state.
        second = self._try(cell, options, tasks.USUAL_TIMEOUT, trial, "without the fault")
        if second is None:
            return
        if ended(second) != "ok":
            trial.why.append(f"without the fault it fails: {second['msg']}")
            return
        now = self._read_state(cell)
        trial.why += (f"without the fault: {one}" for one in state.differences(base.new, now))
        left = set(now.leftovers) - set(base.new.leftovers)
        trial.why += (f"left behind: {path}" for path in sorted(left))
        # A third run has nothing to do.
        trial.why += self._again(cell, options, base.new)

    def _closed(self, sessions: int) -> bool:
        """Whether no more sessions are open than before; the device may be at the logout still."""
        end = time.monotonic() + 0.5
        while self.device.sessions() > sessions:
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def _met(self, lines: int, late: bool) -> list[dict[str, Any]]:
        """The requests that met the fault. A late one comes into the log when the device has done its work."""
        end = time.monotonic() + LATEST
        while True:
            met = [entry for entry in self.device.log[lines:] if entry["fault"]]
            if met or not late or time.monotonic() > end:
                return met
            time.sleep(0.01)

    def _try(
        self, cell: Cell, options: Mapping[str, Any], timeout: float, trial: Trial, when: str
    ) -> Optional[dict[str, Any]]:
        """The result of a run, unless it raises, which is added to `why`."""
        try:
            result = self._do(cell.module, options, timeout)
        except Exception as error:  # a task must not raise
            trial.ended = "crashed"
            trial.why.append(f"{when} it raised {type(error).__name__}: {error} at {where(error)}")
            return None
        shown = json.dumps(result, default=str)
        if PASSWORD in shown or SECRET in shown:
            trial.why.append(f"{when} its result shows a password")
        return result


def options_for(cell: Cell, before: Before) -> dict[str, Any]:
    """The options of the cell's task."""
    options = dict(cell.options(before))
    if tasks.waits(cell.module):
        options.setdefault("wait_timeout", WAIT_TIMEOUT)
    return options


def ended(result: Mapping[str, Any]) -> str:
    """How a task ended."""
    return "failed" if result.get("failed") else "unreachable" if result.get("unreachable") else "ok"


def where(error: BaseException) -> str:
    """The lines of the collection at which something was raised, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f"{Path(one.filename).name}:{one.lineno}" for one in frames if "/plugins/" in one.filename]
    return " < ".join(reversed(inside[-4:])) or "?"


@contextlib.contextmanager
def bench(vendor: str, profile: str, folder: Optional[Path] = None) -> Iterator[Bench]:
    """A device of a generation, without pauses in this process."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nasops-trials-")))
        options = SETTINGS[vendor]
        # The simulator's server complains of connections that a fault has cut.
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
        device = LocalDevice(vendor, place / "nas", shares=SHARES, profile=profile, options=options)
        clock = stack.enter_context(tasks.without_pauses())
        yield Bench(stack.enter_context(device), profile, place, clock)


def names(
    bench_: Bench, cells: Sequence[Cell], faults: Sequence[Fault], seed: int, sample: int
) -> Iterator[list[Name]]:
    """For each cell and fault the trials: one for each place, or so many of them by chance.

    :param sample: how many places of each fault; 0 for all.
    """
    rows = [(cell, fault) for cell in cells if cell.is_for(bench_.vendor, bench_.profile) for fault in faults]
    random.Random(f"{seed}/{bench_.vendor}/{bench_.profile}").shuffle(rows)  # so that any beginning is a sample
    for cell, fault in rows:
        try:
            base: Optional[Baseline] = bench_.baseline(cell)
        except NotSoundError:
            base = None
        places = list(range(fault.places(bench_.vendor, base.calls, base.requests))) if base else [0]
        if sample and len(places) > sample:
            chance = random.Random(f"{seed}/{bench_.vendor}/{bench_.profile}/{cell.name}/{fault.name}")
            places = sorted(chance.sample(places, sample))
        yield [Name(bench_.vendor, bench_.profile, cell.name, fault.name, number, seed) for number in places]
