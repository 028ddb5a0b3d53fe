# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed sample of the trials, of every generation; `make faults` makes them all."""

from __future__ import annotations

import importlib

import pytest

from tests.support.devices import ROOT
from tests.support.generations import each
from tests.trials import trial as trials
from tests.trials.cells import CELLS, PROFILES
from tests.trials.faults import FAULTS
from tests.trials.tasks import PLUGINS

SEED, COUNT = 11, 12
ONCE_BROKEN = (
    "freebox/v4/assemble-present/task-failed/1/20260704",
    "freebox/v15/share-edit/html-before/6/20260704",
    "synology/dsm5/file-absent/closed-silently/0/20260704",
    "synology/dsm6/favorite-absent/fuzzed/2/20260704",
    "synology/dsm7/archive-present/doubled/0/20260704",
    "synology/dsm73/favorite-present/doubled/0/20260704",
)


@pytest.mark.parametrize("generation", each("trials"))
def test_a_task_that_meets_a_fault_loses_nothing(tmp_path, generation):
    vendor, profile = generation
    with trials.bench(vendor, profile, tmp_path) as bench:
        found = []
        for names in trials.names(bench, CELLS, list(FAULTS.values()), SEED, 1):
            found += [bench.run(name) for name in names]
            if len(found) >= COUNT:
                break
    broken = [f"python -m tests.trials --only {one.id}: {one.why}" for one in found if one.outcome == trials.BROKEN]
    assert not broken, "\n".join(broken)
    assert len([one for one in found if one.outcome == trials.HELD]) > COUNT // 2


@pytest.mark.parametrize("name", ONCE_BROKEN)
def test_trials_that_found_a_defect(tmp_path, name):
    wanted = trials.Name.parse(name)
    with trials.bench(wanted.vendor, wanted.profile, tmp_path) as bench:
        found = bench.run(wanted)
    assert (found.outcome, found.why) == (trials.HELD, [])


def test_every_module_that_writes_is_tried():
    """nas_session opens and closes sessions, which the trials of all others do."""
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("nas_*.py")}
    specs = {name: importlib.import_module(f"{PLUGINS}.modules.{name}").SPEC for name in modules}
    writing = {name for name, spec in specs.items() if not spec.reads_only} - {"nas_session"}
    assert {cell.module for cell in CELLS} == writing


@pytest.mark.parametrize("vendor", ["qnap", "synology"])
def test_what_administrators_do_meets_faults(tmp_path, vendor):
    """Faults of a dozen kinds, each once, in tasks that the seed chooses."""
    with trials.bench(vendor, PROFILES[vendor][-1], tmp_path) as bench:
        cells = [cell for cell in CELLS if "users" in cell.reported]
        found, faults = [], set()
        for names in trials.names(bench, cells, list(FAULTS.values()), SEED, 1):
            for name in names:
                if name.fault not in faults and len(faults) < COUNT:
                    faults.add(name.fault)
                    found.append(bench.run(name))
    broken = [f"python -m tests.trials --only {one.id}: {one.why}" for one in found if one.outcome == trials.BROKEN]
    assert not broken, "\n".join(broken)
