# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker has imported, its main process imports before the next fork: once, and nothing but ours."""

from __future__ import annotations

import subprocess
import sys

from ansible_collections.nasops.nas.tests.support.playbooks import collections_path

PROGRAM = """
import functools, importlib, os, sys
from pathlib import Path
from ansible_collections.nasops.nas.plugins.plugin_utils import _imports

print = functools.partial(print, flush=True)  # not again by each fork
OURS = _imports.PREFIX + "module_utils._plans."
file = Path(sys.argv[1]) / _imports.FILE
_imports.watch(Path(sys.argv[1]))


def in_worker(do):
    child = os.fork()
    if not child:
        do()
        _imports.tell()
        os._exit(0)
    os.waitpid(child, 0)


def show(*names):
    print(*[name for name in names if name in sys.modules])


in_worker(lambda: None)
print(file.exists())
in_worker(lambda: (importlib.import_module(OURS + "favorites"), importlib.import_module("this_is_not_ours")))
print(OURS + "favorites\\n" in file.read_text(), "not_ours" in file.read_text())
show(OURS + "favorites")
size = file.stat().st_size
in_worker(lambda: show(OURS + "favorites"))
print(file.stat().st_size == size)

# What is no module of ours, or cannot be imported, and what is not yet written whole.
with open(file, "a") as stream:
    stream.write(f"this_is_not_ours\\n{OURS}nothing_such\\n{OURS}cop")
in_worker(lambda: show("this_is_not_ours", OURS + "copy"))
with open(file, "a") as stream:
    stream.write("y\\n")
in_worker(lambda: show("this_is_not_ours", OURS + "copy"))
_imports.take_in([_imports.DIRECT])
show(_imports.DIRECT)
"""


def test_what_a_worker_has_imported_is_there_for_the_next(tmp_path):
    (tmp_path / "this_is_not_ours.py").touch()
    home = str(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={"PYTHONPATH": f"{collections_path(tmp_path)}:{tmp_path}", "ANSIBLE_HOME": home, "HOME": home},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    ours = "ansible_collections.nasops.nas.plugins.module_utils._plans."
    direct = "ansible_collections.nasops.nas.plugins.module_utils._transport.direct"
    told = ["False", "True False", "", f"{ours}favorites", "True", "", f"{ours}copy", direct]
    assert done.stdout.split("\n")[:-1] == told, done.stderr
