# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the modules' documentation: each works as it is written, on every vendor that it is for."""

from __future__ import annotations

import ast
import io
import os
import re
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

import py7zr
import pytest
import yaml
from PIL import Image
from test_task import stalled

from tests.simulator.freebox import par2
from tests.support.devices import PASSWORD, ROOT, VENDORS, Device, devices
from tests.support.playbooks import Outcome, run

MODULES = {file.stem: file for file in sorted((ROOT / "plugins" / "modules").glob("nas_*.py"))}
OURS = "nasops.nas."
SESAME = "open sesame"
BINS = {"synology": "#recycle", "qnap": "@Recycle", "freebox": "@Recycle"}
FREEBOX, QNAP, SYNOLOGY = ("freebox",), ("qnap",), ("synology",)
QNAP_SYNOLOGY, FREEBOX_SYNOLOGY = ("qnap", "synology"), ("freebox", "synology")


@dataclass
class Scene:
    """What a module's examples need, and where they work.

    :param tree: what lies on each device: a file's content, None for a folder, or what makes the file; `BIN` is the
        folder of deleted files, and `freebox:PATH` is for that vendor alone.
    :param only: the vendors that examples are for, by their names, if not all; elsewhere they fail as unsupported.
    :param refused: examples that some vendors refuse with another kind of failure, with those: for a reason.
    :param same: examples that change nothing here, such as those that only look, or `vendor:NAME`.
    :param before: tasks that go before the examples.
    :param prepare: what else is to be done with each device.
    :param task_vars: variables of single examples, by name.
    """

    tree: Mapping[str, Union[str, bytes, Callable[[Path], object], None]] = field(default_factory=dict)
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refused: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    same: Sequence[str] = ()
    before: Sequence[Mapping[str, Any]] = ()
    prepare: Optional[Callable[[Device], object]] = None
    arguments: Sequence[str] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    task_vars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def zipped(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def aged(days: float, size: int = 0) -> Callable[[Path], None]:
    """Makes a file of this age."""

    def make(place: Path) -> None:
        with open(place, "wb") as stream:
            stream.truncate(size)
        os.utime(place, (time.time() - days * 86400,) * 2)

    return make


def encrypted(place: Path) -> None:
    with py7zr.SevenZipFile(place, "w", password=SESAME) as archive:
        archive.writestr("signed", "2026/contract.pdf")


def picture(place: Path) -> None:
    Image.new("RGB", (1200, 800), "green").save(place)


def protected(place: Path) -> None:
    """A par2 set, and its file that was damaged since."""
    whole = place.with_suffix("")
    whole.write_bytes(bytes(range(256)) * 40)
    par2.create(place, [whole], slice_size=1024, recovery=12)
    whole.write_bytes(bytes(range(256)) * 39 + b"?" * 256)


def busy(device: Device) -> None:
    """A copy that never comes to an end, on the devices that know their tasks."""
    if device.vendor != "qnap":
        (device.root / "home" / "there").mkdir()
        stalled(device, "a.txt")


def task(module: str, register: Optional[str] = None, /, **options: Any) -> dict[str, Any]:
    return {f"{OURS}{module}": options, **({"register": register} if register else {})}


def administers(module: str, /, **options: Any) -> dict[str, Any]:
    """A task for the vendors that have accounts and shared folders."""
    return {**task(module, **options), "when": f"nas_vendor in {list(QNAP_SYNOLOGY)}"}


SCENES = {
    "nas_archive": Scene(
        tree={
            "home/papers/2026/contract.pdf": "signed",
            "home/papers/index.txt": "1",
            "public/incoming/delivery.zip": zipped(a="1"),
            "home/backup/papers-2019.7z": "old",
            "freebox:home/backup/papers-2026.7z": encrypted,
            "home/restored": None,
            "home/deliveries": None,
        },
        variables={"papers_password": SESAME},
        only={
            "The papers of the year in one encrypted archive (QNAP, Synology)": QNAP_SYNOLOGY,
        },
    ),
    "nas_assemble": Scene(
        tree={
            "home/films/film.mkv.001": "te",
            "home/films/film.mkv.002": "st",
            "home/logs/first-half.log": "1\n",
            "home/logs/second-half.log": "2\n",
            "home/logs/all.log": "1\n",
            "home/logs/today.log": "2\n",
        },
        only={"*": FREEBOX},
    ),
    "nas_container_tls": Scene(
        arguments=("--vendor-opt", "qnap.tls_days=40", "--vendor-opt", "qnap.tls_age=30"),
        only={"*": QNAP},
        same=["Until when is it good"],
    ),
    "nas_copy": Scene(
        tree={
            "home/papers/prices-2026.pdf": "1",
            "home/scans/tax/page1.pdf": "1",
            "home/scans/tax/page2.pdf": "2",
            "home/papers/tax/page1.pdf": "there before",
            "home/photos/IMG 0001.jpg": "grandmother",
            "home/films/a.mkv": "film",
        },
        same=["And some tasks later that is over"],
    ),
    "nas_favorite": Scene(
        tree={"photo/2025": None, "photo/2026": None, "home/papers/tax": None},
        only={"*": SYNOLOGY},
        same=["Last year's are no favorite any more", "No favorites that lead nowhere"],
    ),
    "nas_fetch": Scene(
        tree={
            "home/papers/tax-2025.pdf": "tax",
            "home/films/wedding.mp4": "a film",
            "home/photos/2026/garden.jpg": picture,
            "home/shared/a.txt": "for others",
            "home/shared/2026/garden.jpg": "for others, too",
        },
        variables={"link_password": SESAME},
        before=[
            task(
                "nas_share",
                "link",
                path="/home/shared",
                link_password="{{ omit if nas_vendor == 'freebox' else link_password }}",
            )
        ],
        only={
            "A whole folder as a zip (QNAP, Synology)": QNAP_SYNOLOGY,
            "A small picture for the web page (QNAP, Synology)": QNAP_SYNOLOGY,
            "What others see when they follow the link (QNAP)": QNAP,
            "One file of the folder that the link leads to (QNAP)": QNAP,
            "The diagnosis report of Container Station (QNAP)": QNAP,
        },
    ),
    "nas_file": Scene(
        tree={"home/papers/README.txt": "by hand", "home/papers/old.pdf": "old"},
        only={
            "A marker file (QNAP, Synology)": QNAP_SYNOLOGY,
            "A film, taken for unchanged when size and modification time are the same (QNAP, Synology)": QNAP_SYNOLOGY,
        },
    ),
    "nas_find": Scene(
        tree={"video/old/big.mkv": aged(800, 5 << 30), "video/small.mkv": aged(800), "home/papers": None},
        same=["The big films that nobody has touched for a year", "The folders directly in a share"],
    ),
    "nas_folder": Scene(tree={"home/scratch/deep/a.txt": "1"}),
    "nas_info": Scene(
        tree={"home/a.txt": "1"},
        before=[task("nas_share", path="/home/a.txt"), task("nas_file", path="/home/a.txt", state="absent")],
        only={"May the container have the usual ports (QNAP)": QNAP},
        same=["*"],
    ),
    "nas_recycle_bin": Scene(
        tree={
            "home/BIN/papers/tax/a.pdf": "1",
            "home/BIN/papers/letter (2).odt": "newest",
            "home/papers/letter (2).odt": "there",
            "home/BIN/old": aged(50),
            "public/BIN/new": "1",
            "public/BIN/old": aged(50),
        },
        only={"*": QNAP_SYNOLOGY, "All recycle bins of the NAS": VENDORS},
        same=["freebox:All recycle bins of the NAS"],
    ),
    "nas_repair": Scene(
        tree={"home/backup/2026.par2": protected, "home/films/film.mkv.par2": protected}, only={"*": FREEBOX}
    ),
    "nas_session": Scene(
        variables={"one_time_code": "123456"},
        # Somebody who pairs has no token yet.
        task_vars={"Ask the Freebox for access": {"ansible_password": None}},
        only={"Ask the Freebox for access": FREEBOX},
        same=[
            "Log in with a one-time code, to know this machine again",
            "Log in once, to hand the session on",
            "A task with that session, as one that is shipped to another host would have it",
            "End that session",
            "End the session that the run keeps, before its end",
        ],
    ),
    "nas_share": Scene(
        tree={
            "home/papers/prices-2026.pdf": "1",
            "home/papers/old.pdf": "old",
            "home/papers/gone.pdf": "gone",
            "home/photos/a": None,
            "home/photos/b": None,
            "Public/report.pdf": "report",
        },
        variables={"albums": ["/home/photos/a", "/home/photos/b"], "vaulted_link_password": SESAME},
        before=[
            task("nas_share", path="/home/papers/old.pdf"),
            task("nas_share", path="/home/papers/gone.pdf"),
            task("nas_file", path="/home/papers/gone.pdf", state="absent"),
        ],
        only={
            "A link for the price list, good until the last day of the year (QNAP, Synology)": QNAP_SYNOLOGY,
            "A link with a message (QNAP)": QNAP,
        },
    ),
    "nas_share_permission": Scene(
        before=[
            administers("nas_shared_folder", name="projects"),
            administers("nas_group", name="office"),
            administers("nas_group", name="visitors"),
            administers("nas_user", name="anna", password=SESAME + "1A"),
            administers("nas_share_permission", share="projects", groups={"visitors": "read"}),
        ],
        only={"*": QNAP_SYNOLOGY},
    ),
    "nas_shared_folder": Scene(
        before=[administers("nas_shared_folder", name="projects-2019")],
        only={"*": QNAP_SYNOLOGY, "A shared folder for backups that finds damage (Synology)": SYNOLOGY},
    ),
    "nas_stat": Scene(
        # Nearly a day, so that a confusion of time zones shows.
        tree={"home/backup/latest.tar": aged(0.9), "home/photos/a.jpg": "1"},
        same=["*"],
    ),
    "nas_sync": Scene(
        tree={"web/site/old.html": "1", "home/scans/2026/a.pdf": "a"},
    ),
    "nas_task": Scene(
        tree={"home/a.txt": "1"},
        prepare=busy,
        variables={"copied": {"tasks": []}},
        only={
            "No copying while people watch films (Freebox)": FREEBOX,
            "Copying may go on (Freebox)": FREEBOX,
            "Nobody unpacks anything into this folder (Freebox, Synology)": FREEBOX_SYNOLOGY,
            "Nothing is being packed any more (Freebox, Synology)": FREEBOX_SYNOLOGY,
            "These two are over, however they went (Freebox, Synology)": FREEBOX_SYNOLOGY,
            "No traces of what is over (Freebox, Synology)": FREEBOX_SYNOLOGY,
        },
        # It can, of single tasks, and is told how.
        refused={
            "Nobody unpacks anything into this folder (Freebox, Synology)": {"qnap": "usage"},
            "Nothing is being packed any more (Freebox, Synology)": {"qnap": "usage"},
            "These two are over, however they went (Freebox, Synology)": {"qnap": "usage"},
        },
        same=[
            "Nothing is being packed any more (Freebox, Synology)",
            "These two are over, however they went (Freebox, Synology)",
            "What nas_copy has begun with wait=false is over",
            "Nobody unpacks anything into this folder (Freebox, Synology)",
            # A QNAP cannot tell whether there is one.
            "freebox:This one goes no further, also on a QNAP, which needs the id and the kind",
            "synology:This one goes no further, also on a QNAP, which needs the id and the kind",
            "No traces of what is over (Freebox, Synology)",
        ],
    ),
    "nas_transcode": Scene(
        tree={"Multimedia/2026/party.mp4": b"film" * 100, "Multimedia/2026/snow.mov": b"snow"},
        only={"*": QNAP},
        same=["Not after all"],
    ),
    "nas_group": Scene(
        before=[
            administers("nas_user", name="anna", password=SESAME + "1A"),
            administers("nas_user", name="bert", password=SESAME + "1A"),
        ],
        only={"*": QNAP_SYNOLOGY},
    ),
    "nas_user": Scene(
        before=[administers("nas_group", name="office"), administers("nas_user", name="bert", password=SESAME + "1A")],
        variables={"vault_anna_password": SESAME + "2B"},
        only={"*": QNAP_SYNOLOGY},
    ),
}


def examples(module: str) -> list[dict[str, Any]]:
    """The tasks of a module's EXAMPLES."""
    for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return list(yaml.safe_load(ast.literal_eval(node.value)) or [])
    return []


def action(example: Mapping[str, Any]) -> str:
    """The module that a task is for, if it is one of the collection."""
    return next((key[len(OURS) :] for key in example if key.startswith(OURS)), "")


def fill(device: Device, scene: Scene) -> None:
    """Put what the examples need on the device's disk."""
    for key, content in scene.tree.items():
        vendor, _colon, path = key.rpartition(":")
        if vendor not in ("", device.vendor):
            continue
        place = device.root / path.replace("BIN", BINS[device.vendor])
        (place if content is None else place.parent).mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(place)
        elif content is not None:
            place.write_bytes(content.encode() if isinstance(content, str) else content)
    if scene.prepare:
        scene.prepare(device)


def places(value: Any) -> Any:
    """The same value, with the device's own name of the folder of what was deleted."""
    if isinstance(value, dict):
        return {key: places(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [places(inner) for inner in value]
    return value.replace("@Recycle", "{{ bin }}") if isinstance(value, str) else value


def prepared(example: Mapping[str, Any], folder: Path, scene: Scene, vendors: Sequence[str]) -> dict[str, Any]:
    """An example as a task of the test: what is put on the controller lies below a folder, for each host."""
    name, module = example["name"], action(example)
    ready: dict[str, Any] = places({**example, "ignore_errors": True})
    if name in scene.task_vars:
        ready["vars"] = dict(scene.task_vars[name])
    if not module:
        ready["when"] = [f"nas_vendor in {list(vendors)}", *([ready["when"]] if "when" in ready else [])]
    elif module == "nas_sync" and ready[OURS + module].get("mode") == "pull":
        ready[OURS + module]["dest"] = f"{folder}/{{{{ nas_vendor }}}}{ready[OURS + module]['dest']}"
    elif module == "nas_fetch" and ready[OURS + module]["dest"].startswith("/"):
        options = ready[OURS + module]
        if not options.get("parents"):
            for vendor in VENDORS:
                Path(f"{folder}/{vendor}{options['dest']}").parent.mkdir(parents=True, exist_ok=True)
        options["dest"] = f"{folder}/{{{{ nas_vendor }}}}{options['dest']}"
    return ready


def problems(
    scene: Scene, module: str, example: Mapping[str, Any], vendors: Sequence[str], outcome: Outcome
) -> list[str]:
    """What is wrong with an example, by vendor."""
    name, wrong = example["name"], []
    results = {host: result for task_name, host, result in outcome.tasks if task_name == name}
    for vendor in VENDORS if module else vendors:
        left_out = not module and "when" in example
        result = results.get(vendor, {"msg": "did not run", "failed": not left_out})
        failure = result.get("failure", {})
        if vendor in vendors:
            good = not result["failed"]
            if good and module:
                good = result["changed"] is not bool({"*", name, f"{vendor}:{name}"} & set(scene.same))
        elif vendor in scene.refused.get(name, {}):
            good = failure.get("kind") == scene.refused[name][vendor] and bool(failure["hint"])
        else:
            named = re.findall(r"\w+", failure.get("hint", ""))
            good = failure.get("kind") == "unsupported" and set(vendors) <= set(named)
        if not good:
            wrong.append(f"{name!r} on {vendor}: changed={result.get('changed')}, {result.get('msg', 'no message')}")
    return wrong


@pytest.mark.parametrize("module", MODULES)
def test_examples(module, tmp_path):
    scene, tasks = SCENES.get(module, Scene()), examples(module)
    names = [example.get("name") for example in tasks]
    assert module in map(action, tasks), "the module has no example of its own"
    assert None not in names
    assert len(set(names)) == len(names)
    same = {re.sub(f"^({'|'.join(VENDORS)}):", "", name) for name in scene.same}
    assert {*scene.only, *same, *scene.refused, *scene.task_vars} <= {*names, "*"}, "the table is outdated"
    # Who reads an example that not all vendors of the module take is told so.
    for name, vendors in scene.only.items():
        if name != "*" and set(vendors) != set(VENDORS):
            assert all(vendor in name.lower() for vendor in vendors), (
                f"the example {name!r} does not say for whom it is"
            )

    able: list[Sequence[str]] = []
    for example in tasks:
        # What is not of the collection goes on with what the task before it has found.
        found = scene.only.get(example["name"], scene.only.get("*", VENDORS))
        able.append(found if action(example) else able[-1])
        assert able[-1], "an example is for nobody"

    (tmp_path / "prices.pdf").write_text("prices")
    (tmp_path / "wedding.mp4").write_text("a film")
    (tmp_path / "files" / "site").mkdir(parents=True)
    (tmp_path / "files" / "site" / "index.html").write_text("welcome")
    (tmp_path / "devices").mkdir()
    shares = sorted({"home", "public", *(path.rpartition(":")[2].split("/")[0] for path in scene.tree)})
    with devices(VENDORS, tmp_path / "devices", shares=shares, arguments=scene.arguments) as fleet:
        for device in fleet.values():
            fill(device, scene)
        play = {
            "hosts": "all",
            "gather_facts": False,
            "vars": dict(scene.variables),
            "tasks": [
                *scene.before,
                *(prepared(example, tmp_path, scene, vendors) for example, vendors in zip(tasks, able, strict=True)),
            ],
        }
        hosts = {vendor: device.variables(bin=BINS[vendor]) for vendor, device in fleet.items()}
        outcome = run(tmp_path, [play], hosts, TZ="America/Los_Angeles")
    wrong = [
        problem
        for example, vendors in zip(tasks, able, strict=True)
        for problem in problems(scene, action(example), example, vendors, outcome)
    ]
    assert wrong == [], outcome.text
    assert outcome.status == 0, outcome.text
    assert "Traceback" not in outcome.text
    assert PASSWORD not in outcome.text
