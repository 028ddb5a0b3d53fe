# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials: one task, one fault at one of its requests, and a comparison of everything before and after.

A trial begins with bystanders and an old state on a simulated device. One task runs and meets one fault at the request
N. It must fail with a message or keep its promise; every name must have its old or its new content, and nothing that is
there before and after may be gone meanwhile. The same task without the fault then brings the new state and leaves
nothing of its own behind, and a third run changes nothing and makes no call that writes.

    python -m tests.trials --part 1/2 --seed 7 --sample 4 --out trials.jsonl
    python -m tests.trials --only qnap/qts5/file-replace/cut-after/3/7

`cells` has the tasks, `faults` the faults, `trial` makes one trial in this process, `playbook` some through
ansible-playbook, `interruption` kills ansible-playbook; `report` writes docs/reliability.md.
"""
