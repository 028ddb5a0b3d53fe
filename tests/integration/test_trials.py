# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That the trials notice what is lost, and what is not as a task said."""

from __future__ import annotations

import pytest

from tests.trials import tasks, trial
from tests.trials.state import State, differences, losses, short

OLD = State({"/home": "a folder", "/home/f": "old", "/home/b": "bystander"})
NEW = State({"/home": "a folder", "/home/f": "new", "/home/b": "bystander"})
MOVED_OLD, MOVED_NEW = State({"/home/a": "it"}), State({"/home/b": "it"})


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({**OLD.tree, "/home/f": "half"}, "spoilt: /home/f"),
        ({"/home": "a folder", "/home/b": "bystander", "/home/.nasops-1.old": "old"}, "lost: /home/f"),
        ({"/home": "a folder", "/home/f": "new"}, "lost: /home/b"),
        ({**OLD.tree, "/home/g": "new"}, "stray: /home/g"),
    ],
)
def test_what_is_lost_is_seen(tree, words):
    assert any(words in one for one in losses(OLD, NEW, State(tree)))


@pytest.mark.parametrize("tree", [OLD.tree, NEW.tree, {**NEW.tree, "/home/.nasops-1.part": "half"}])
def test_the_old_and_the_new_are_no_loss(tree):
    assert not list(losses(OLD, NEW, State(tree)))


def test_what_moves_is_at_one_of_both_places():
    hidden = State({"/home/.nasops-1.move/a": "it"})
    assert "nowhere but in ['/home/.nasops-1.move/a']" in next(losses(MOVED_OLD, MOVED_NEW, hidden))
    for there in (MOVED_OLD, MOVED_NEW, State({"/home/@Recycle/a": "it"})):
        assert not list(losses(MOVED_OLD, MOVED_NEW, there))


def test_what_a_device_tells_counts():
    assert list(differences(State({}, ("link",)), State({}, ())))


def test_contents_are_distinguished():
    assert len({short(None), short(b""), short(b"x" * 3000), short(b"x" * 3001), short(b"x" * 2999 + b"y")}) == 5


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda root: (root / "home/box/f.txt").unlink(), "lost: /home/box/f.txt"),
        (lambda root: (root / "home/box/.nasops-x.part").touch(), "left behind: /home/box/.nasops-x.part"),
        (lambda root: (root / "home/box/bystander.txt").write_bytes(b""), "spoilt: /home/box/bystander.txt"),
    ],
)
def test_a_task_that_does_harm_is_seen(tmp_path, monkeypatch, spoil, words):
    real = tasks.execute

    def execute(device, module, options, *more):
        result = real(device, module, options, *more)
        if device.faults:
            spoil(device.root)
        return result

    monkeypatch.setattr(tasks, "execute", execute)
    with trial.bench("freebox", "v16", tmp_path) as bench:
        found = bench.run(trial.Name.parse("freebox/v16/file-replace/doubled/2/1"))
    assert found.outcome == trial.BROKEN
    assert any(words in one for one in found.why), found.why
