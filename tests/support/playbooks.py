# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs real playbooks with the real ansible-playbook, whose imports are made once (`zygote.py`)."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import yaml

from .devices import ROOT
from .forking import Zygote

BIN = Path(sys.executable).parent
PROGRAM = BIN / "ansible-playbook"

SHARING, STARTING = threading.Lock(), threading.Lock()
RECORDED = {
    "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
    "ANSIBLE_CALLBACKS_ENABLED": "recorder",
}


@dataclass
class Outcome:
    """What a run of ansible-playbook said."""

    status: int
    text: str  # everything it printed
    tasks: list[tuple[str, str, dict[str, Any]]]  # (task, host, result) in order, as the json callback tells
    stats: dict[str, dict[str, int]]  # by host: ok, changed, failures, unreachable, skipped

    def results(self, host: Optional[str] = None) -> list[dict[str, Any]]:
        """The results of a host, or of all."""
        return [result for _task, name, result in self.tasks if host in (None, name)]

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: numbers["changed"] for host, numbers in self.stats.items()}


def in_diff(result: Mapping[str, Any], side: str) -> Any:
    """What the diff of a result says of the state `before` or `after`."""
    return yaml.safe_load(result["diff"][side])


def collections_path(folder: Path) -> Path:
    """A collections path that leads to this checkout, whatever its folder is called."""
    link = folder / "collections" / "ansible_collections" / "nasops" / "nas"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(ROOT)
    return folder / "collections"


@functools.cache
def _shared() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="nasops-")


def shared() -> Path:
    """A folder of this process, with a collections path that leads to this checkout."""
    with SHARING:
        place = Path(_shared().name)
        collections_path(place)
        return place


AT_FIRST = dict(os.environ)
"""The environment without what a test sets for itself."""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment for Ansible's commands that is independent of the user's."""
    return _environment(os.environ, folder, **more)


def _environment(base: Mapping[str, str], folder: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in base.items() if not name.startswith(("ANSIBLE_", "NAS_"))}
    config = folder / "ansible.cfg"
    config.touch()
    return {
        **inherited,
        "PATH": f"{BIN}{os.pathsep}{inherited.get('PATH', '')}",
        "HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(shared() / "collections"),
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(folder / "ansible-home"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        **more,
    }


def where_to_ship(place: Path) -> dict[str, str]:
    """Variables for a task that is shipped: the test's HOME is not the user's, so they say where things go.

    :param place: an existing folder whose name has no blank.
    """
    # The checkout may be in a folder with a blank in its name, which core does not expect of an interpreter.
    python = place / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return {
        "ansible_python_interpreter": str(python),
        "ansible_async_dir": str(place / "async"),
        "ansible_remote_tmp": str(place / "remote"),
    }


def write_inventory(folder: Path, hosts: Mapping[str, Mapping[str, Any]]) -> Path:
    """An inventory with these hosts and their variables."""
    file = folder / "inventory.yml"
    file.write_text(yaml.safe_dump({"all": {"hosts": {name: dict(data) for name, data in hosts.items()}}}))
    return file


def write_play(folder: Path, plays: Sequence[Mapping[str, Any]]) -> Path:
    """A playbook with these plays."""
    file = folder / "play.yml"
    file.write_text(yaml.safe_dump(list(plays), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def play(*tasks: Mapping[str, Any], hosts: str = "all", **more: Any) -> list[dict[str, Any]]:
    """A playbook of one play with these tasks.

    :param hosts: the pattern of its hosts.
    :param more: more of the play's keywords, such as `vars` or `ignore_errors`.
    """
    return [{"hosts": hosts, "gather_facts": False, "tasks": list(tasks), **more}]


def file(**options: Any) -> dict[str, Any]:
    """A task of nas_file."""
    return {"nasops.nas.nas_file": options}


def folder(**options: Any) -> dict[str, Any]:
    """A task of nas_folder."""
    return {"nasops.nas.nas_folder": options}


def started(
    place: Path,
    plays: Sequence[Mapping[str, Any]],
    hosts: Mapping[str, Mapping[str, Any]],
    output: int = subprocess.PIPE,
    **variables: str,
) -> subprocess.Popen[str]:
    """An ansible-playbook that goes on while the test does something to it: a process group of its own.

    :param output: where all that it says goes.
    :param variables: more of the environment.
    """
    env = environment(place, **variables)
    keep_bytecode(Path(env["ANSIBLE_HOME"]))
    return subprocess.Popen(
        [BIN / "ansible-playbook", "-i", write_inventory(place, hosts), write_play(place, plays)],
        cwd=place,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output if output == subprocess.DEVNULL else subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def of_run(place: Path) -> set[int]:
    """The processes of a run, by its HOME."""
    mark, title = f"\0HOME={place}\0".encode(), f"nasops.nas broker {place}/".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            shown = b"\0" + read(entry / "environ") + read(entry / "cmdline")
            if (mark in shown or title in shown) and parent_of(entry.name):
                found.add(int(entry.name))
    return found


def read(path: Path) -> bytes:
    """What the system tells of a process; nothing where it does not."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def parent_of(pid: int | str) -> int:
    """The parent of a process; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[1])


def job(task: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Tasks that start a task as a job and wait for it.

    :param more: keywords of the task that waits.
    """
    status = {
        "ansible.builtin.async_status": {"jid": "{{ job.ansible_job_id }}"},
        "delegate_to": "localhost",
        "register": "outcome",
        "until": "outcome is finished",
        "retries": 60,
        "delay": 1,
    }
    return [{**task, "async": 60, "poll": 0, "register": "job"}, {**status, **more}]


def keep_bytecode(home: Path) -> None:
    """Let the runs of this process share the bytecode of the checkout, which each would else compile in a new home."""
    home.mkdir(mode=0o700, exist_ok=True)
    kept = shared() / "bytecode"
    kept.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (home / "nasops_bytecode").symlink_to(kept)


@functools.cache
def _zygote() -> Zygote:
    place = shared()
    env = _environment(AT_FIRST, place, **RECORDED)
    return Zygote(place / "socket", "ansible-playbook", str(PROGRAM), cwd=place, env=env)


def _in_zygote(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> tuple[int, str, str]:
    """What `subprocess.run` does, without stdin: exit status, output and errors."""
    with STARTING:
        zygote = _zygote()
    texts: dict[int, bytes] = {}
    (output, stdout), (errors, stderr) = os.pipe(), os.pipe()
    process = zygote.start(command, cwd=cwd, env=env, stdout=stdout, stderr=stderr)
    os.close(stdout)
    os.close(stderr)
    with selectors.DefaultSelector() as waiting:
        for stream in (output, errors):
            texts[stream] = b""
            waiting.register(stream, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _events in waiting.select():
                piece = os.read(key.fd, 65536)
                texts[key.fd] += piece
                if not piece:
                    waiting.unregister(key.fd)
                    os.close(key.fd)
    return process.wait(), texts[output].decode(), texts[errors].decode()


def run(
    place: Path,
    plays: Sequence[Mapping[str, Any]] | Path,
    hosts: Mapping[str, Mapping[str, Any]],
    *arguments: str,
    **variables: str,
) -> Outcome:
    """Run a playbook and read what came of it.

    :param plays: the plays, or the file that has them.
    :param hosts: the inventory.
    :param arguments: more of the command line, such as `--check`.
    :param variables: more of the environment.
    """
    playbook = plays if isinstance(plays, Path) else write_play(place, plays)
    report = place / "report.json"
    report.unlink(missing_ok=True)
    command = [str(PROGRAM), "-i", str(write_inventory(place, hosts)), *arguments, str(playbook)]
    env = {**environment(place, **RECORDED, RECORDER_FILE=str(report)), **variables}
    keep_bytecode(Path(env["ANSIBLE_HOME"]))
    status, output, errors = _in_zygote(command, place, env)
    tasks, stats = [], {}
    if report.exists():
        for line in report.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if "stats" in entry:
                stats = entry["stats"]
            else:
                tasks.append((entry["task"], entry["host"], entry["result"]))
    return Outcome(status, output + errors, tasks, stats)
