# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one trial of each fault, module and vendor through the real ansible-playbook.

Each trial of a module has a device of its own, all of them in one simulator process; they are the hosts of one play.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support import playbooks
from tests.support.devices import Device, fleet
from tests.trials import state
from tests.trials.cells import CELLS, PROFILES, SETTINGS, SHARES, Before
from tests.trials.faults import FAULTS, Fault
from tests.trials.state import State
from tests.trials.trial import BROKEN, IDLE, Baseline, Bench, Name, Trial, bench, ended

WAY = "playbook"
DELAY, SHORT_TIMEOUT = 2.0, 1  # seconds, the least that the option takes
SHORT_WAIT, LONG_WAIT = 3, 60
CELL = {cell.name: cell for cell in CELLS}
LATE = 3.0


def identity(name: Name) -> str:
    return f"{WAY}:{name}"


def series(vendor: str, modules: Sequence[str], faults: Sequence[Fault], seed: int, known: set[str]) -> Iterator[Trial]:
    """One trial of each fault in each module, but those that are known; the seed chooses the generation."""
    for module in modules:
        having = [cell for cell in CELLS if cell.module == module]
        profiles = [one for one in PROFILES[vendor] if any(cell.is_for(vendor, one) for cell in having)]
        if not profiles:
            continue
        with bench(vendor, random.Random(f"{seed}/{vendor}/{module}").choice(profiles)) as found:
            names = [name for name in _names(found, module, faults, seed) if identity(name) not in known]
            if names:
                yield from trials(found, names)


def alone(text: str) -> Iterator[Trial]:
    """The trial that has this name."""
    name = Name.parse(text.removeprefix(f"{WAY}:"))
    with bench(name.vendor, name.profile) as found:
        yield from trials(found, [name])


def _names(found: Bench, module: str, faults: Sequence[Fault], seed: int) -> Iterator[Name]:
    cells = [cell for cell in CELLS if cell.module == module and cell.is_for(found.vendor, found.profile)]
    for fault in faults:
        chance = random.Random(f"{seed}/{found.vendor}/{module}/{fault.name}")
        for cell in chance.sample(cells, len(cells)):
            base = found.baseline(cell)
            places = fault.places(found.vendor, base.calls, base.requests)
            if places:
                yield Name(found.vendor, found.profile, cell.name, fault.name, chance.randrange(places), seed)
                break


class Host:
    """A trial, its device and what became of it."""

    def __init__(self, name: Name, device: Device, base: Baseline, local: Path) -> None:
        self.name, self.device, self.base, self.local = name, device, base, local
        self.cell, self.fault = CELL[name.cell], FAULTS[name.fault]
        self.key = f"host{device.number}"
        self.options: Mapping[str, Any] = {}
        self.trial = Trial(
            identity(name),
            name.vendor,
            name.profile,
            self.cell.module,
            self.cell.name,
            self.fault.name,
            name.number,
            name.seed,
            WAY,
        )
        local.mkdir()
        self.cell.lay_out(device.root, Before(name.vendor, local))

    def rules(self) -> list[dict[str, Any]]:
        rules = self.fault.rules(self.name.vendor, self.base.calls, self.name.number, self.name.chance())
        for rule in rules:
            if isinstance(rule["do"], dict) and "slow" in rule["do"]:
                rule["do"] = {**rule["do"], "slow": DELAY}
        return [{**rule, "device": self.device.number} for rule in rules]

    def read_state(self, reported: Sequence[Mapping[str, Any]]) -> State:
        # A device keeps what is its own in hidden folders beside the shares.
        tree = {
            f"/{share}{path}": what
            for share in SHARES
            for path, what in {"": state.FOLDER, **state.of_disk(self.device.root / share)}.items()
        }
        tree = state.without_times({**tree, **state.of_disk(self.local, state.LOCAL)})
        return State(tree, tuple(state.reported(reported)), self.cell.bins)


class Play:
    """The hosts, and playbooks that work on them."""

    def __init__(self, folder: Path, hosts: Sequence[Host]) -> None:
        self.folder, self.hosts = folder, hosts
        self.module = hosts[0].cell.module

    def run(
        self, tasks: Sequence[Mapping[str, Any]], **variables: Mapping[str, Any]
    ) -> dict[str, list[dict[str, Any]]]:
        """The results of each host; those of skipped tasks are none.

        :param variables: by name, then by host.
        """
        inventory = {
            host.key: host.device.variables(
                trial=host.options, **{name: by_host.get(host.key, "") for name, by_host in variables.items()}
            )
            for host in self.hosts
        }
        play = {"hosts": "all", "gather_facts": False, "ignore_errors": True, "ignore_unreachable": True}
        outcome = playbooks.run(self.folder, [{**play, "tasks": list(tasks)}], inventory, "--forks", "8")
        for host in self.hosts:
            if host.key not in outcome.stats or "Traceback" in outcome.text:
                host.trial.why.append(f"ansible-playbook said {outcome.text[-500:]!r}")
        results: dict[str, list[dict[str, Any]]] = {host.key: [] for host in self.hosts}
        for _task, key, result in outcome.tasks:
            if not result.get("skipped"):
                results[key].append(result)
        return results

    def reported(self) -> dict[str, list[dict[str, Any]]]:
        """What the devices tell that no disk shows."""
        subsets = sorted({host.cell.reported for host in self.hosts if host.cell.reported})
        if not subsets:
            return {host.key: [] for host in self.hosts}
        tasks = [{"nasops.nas.nas_info": {"gather": [subset]}, "when": f"reported == '{subset}'"} for subset in subsets]
        results = self.run(tasks, reported={host.key: host.cell.reported for host in self.hosts})
        return {
            host.key: results[host.key][0].get(host.cell.reported, []) if results[host.key] else []
            for host in self.hosts
        }

    def prepare(self) -> None:
        """What goes before the task, and then the task's options."""
        made: dict[str, list[dict[str, Any]]] = {host.key: [] for host in self.hosts}
        longest = max(len(host.cell.steps) for host in self.hosts)
        for number in range(longest):
            having = [host for host in self.hosts if number < len(host.cell.steps)]
            rules = []
            for host in having:
                step = host.cell.steps[number]
                host.options = dict(step.options(Before(host.name.vendor, host.local)))
                rules += [{**rule, "device": host.device.number} for rule in step.faults]
            self.faults(rules)
            modules = sorted({host.cell.steps[number].module for host in having})
            tasks = [{f"nasops.nas.{module}": "{{ trial }}", "when": f"step == '{module}'"} for module in modules]
            turn = {host.key: host.cell.steps[number].module for host in having}
            results = self.run(tasks, step=turn)
            for host in having:
                made[host.key] += results[host.key]
        self.faults([])
        for host in self.hosts:
            options = dict(host.cell.options(Before(host.name.vendor, host.local, made[host.key])))
            host.options = options

    def faults(self, rules: list[dict[str, Any]]) -> None:
        self.hosts[0].device.faults(*rules)

    def task(self) -> list[dict[str, Any]]:
        return [{f"nasops.nas.{self.module}": "{{ trial }}"}]


def trials(found: Bench, names: Sequence[Name]) -> Iterator[Trial]:
    """The trials of one module on devices of one generation."""
    began = time.monotonic()
    settings = [word for pair in SETTINGS[found.vendor].items() for word in ("--vendor-opt", "=".join(pair))]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nasops-trials-")))
        (folder / "devices").mkdir()
        devices = stack.enter_context(
            fleet(
                found.vendor, len(names), folder / "devices", shares=SHARES, profile=found.profile, arguments=settings
            )
        )
        hosts = [
            Host(name, device, found.baseline(CELL[name.cell]), folder / f"local{device.number}")
            for name, device in zip(names, devices, strict=True)
        ]
        play = Play(folder, hosts)
        play.prepare()
        _with_faults(play)
        _without(play)
        for host in hosts:
            if host.trial.why:
                host.trial.outcome = BROKEN
            host.trial.seconds = round((time.monotonic() - began) / len(hosts), 3)
            yield host.trial


def _with_faults(play: Play) -> None:
    waits = {host.key: host.options for host in play.hosts}
    for host in play.hosts:
        if host.cell.module not in ("nas_share", "nas_favorite", "nas_container_tls"):
            seconds = SHORT_WAIT if host.fault.meets == "task" else LONG_WAIT
            host.options = {"wait_timeout": seconds, **host.options}
    marks = {host.key: host.device.mark() for host in play.hosts}
    timeouts = {host.key: 20 if host.fault.timeout is None else SHORT_TIMEOUT for host in play.hosts}
    play.faults([rule for host in play.hosts for rule in host.rules()])
    results = play.run(play.task(), nas_timeout=timeouts)
    if any(host.fault.late for host in play.hosts):
        time.sleep(LATE)  # what a device does late
    play.faults([])
    reported = play.reported()
    for host in play.hosts:
        host.options = waits[host.key]
        trial = host.trial
        met = [entry for entry in host.device.log(marks[host.key]) if entry["fault"]]
        if met:
            trial.call = met[0]["call"]
        elif host.base.requests == len(host.base.calls):  # else it may be a message that is in no log
            trial.outcome = IDLE
        if not results[host.key]:
            trial.why.append("with the fault: no result")
            continue
        (result,) = results[host.key]
        trial.ended, trial.message = ended(result), str(result.get("msg", ""))[:400]
        now = host.read_state(reported[host.key])
        trial.why += state.losses(host.base.old, host.base.new, now)
        if trial.ended == "ok":
            trial.why += (f"it said that all is well: {one}" for one in state.differences(host.base.new, now))
        elif not trial.message.strip():
            trial.why.append("it failed without a message")


def _without(play: Play) -> None:
    for when in ("without the fault", "the third time"):
        marks = {host.key: host.device.mark() for host in play.hosts}
        results = play.run(play.task())
        writing = {
            host.key: [entry["call"] for entry in host.device.log(marks[host.key]) if entry["writes"]]
            for host in play.hosts
        }
        reported = play.reported()
        for host in play.hosts:
            why = host.trial.why
            if not results[host.key]:
                why.append(f"{when}: no result")
                continue
            result = results[host.key][0]
            if ended(result) != "ok":
                why.append(f"{when} it fails: {result.get('msg')}")
                continue
            now = host.read_state(reported[host.key])
            why += (f"{when}: {one}" for one in state.differences(host.base.new, now))
            why += (f"left behind: {path}" for path in sorted(set(now.leftovers) - set(host.base.new.leftovers)))
            steady = host.name.vendor not in host.cell.unsteady
            if when == "the third time" and steady and (result["changed"] or writing[host.key]):
                why.append(f"{when} it changed something: changed={result['changed']}, calls {writing[host.key]}")
