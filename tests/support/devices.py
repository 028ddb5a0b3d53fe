# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated devices for tests and for the demo: started by their command line, watched by their log."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit

import yaml

from .. import simulator
from .forking import Process, Zygote

ROOT = Path(__file__).resolve().parents[2]
USER = "admin"
PASSWORD = "correct horse battery staple"
WORD = re.compile(r'"?[A-Za-z0-9_.-]{1,32}"?')
AGENT = "nasops.nas "  # what the collection calls itself to a device; then follows the module's name
VENDORS: tuple[str, ...] = simulator.VENDORS
ABOUT: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("vendors.yml").read_text(encoding="utf-8")
)
"""What tests know of each vendor's devices."""
GENERATIONS = tuple((vendor, name) for vendor in VENDORS for name in ABOUT.get(vendor, {}).get("generations", ()))
"""For which the clients' tests run: vendor, and profile of the simulator, from the oldest to the newest."""
TRIALS = {vendor: tuple(ABOUT.get(vendor, {}).get("trials", ())) for vendor in VENDORS}
"""By vendor, the profiles for which tasks meet faults."""
SESSION_CALLS = {
    action: {vendor: tuple(ABOUT.get(vendor, {}).get(action, ())) for vendor in VENDORS}
    for action in ("login", "logout")
}
DOWNLOADS = {vendor: about["download"] for vendor, about in ABOUT.items() if "download" in about}
CHECKSUMS = {vendor: about["checksum"] for vendor, about in ABOUT.items() if "checksum" in about}
"""By vendor, the call that fetches a file, and the one that asks for its checksum."""
BINS = {vendor: name for vendor, about in ABOUT.items() for name in about.get("bin", ())}
"""By vendor, the folder of a share that is its recycle bin."""
FALLBACKS = {"delete_many": "delete", "upload_start": "upload", "upload_end": "upload"}
"""What counts where `vendors.yml` has no call of its own."""
STARTING = threading.Lock()
REMEMBERED: set[tuple[str, ...]] = set()
"""What this process has told NASOPS_CALLS."""
NOT_SHOWN = frozenset((*BINS.values(), ".parts"))
# How the names of our hidden files end that tell later runs what an archive, a joined file or a folder holds.
NOTES = (".json", "/.nasops-sync")


def told(vendor: str, what: str) -> Any:
    """What `vendors.yml` says of a vendor's devices.

    :raises LookupError: it says nothing, and names what is missing.
    """
    about = ABOUT.get(vendor, {})
    found = about.get(what, about.get(FALLBACKS.get(what, what)))
    if found is None:
        raise LookupError(f"tests/support/vendors.yml has no `{what}` of {vendor}")
    return found


def lacks(vendor: str, profile: str, what: str) -> bool:
    """Whether `vendors.yml` says that something does not work on a generation of a vendor's devices."""
    return what in ABOUT.get(vendor, {}).get("lacks", {}).get(profile, ())


class Simulated:
    """What a test may ask of a device, wherever that runs."""

    vendor: str
    url: str
    ca_path: Optional[Path]

    def entries(self) -> list[dict[str, Any]]:
        """All requests so far, in order."""
        raise NotImplementedError

    def writes(self) -> list[dict[str, Any]]:
        """The requests so far that change something."""
        return [entry for entry in self.entries() if entry["writes"]]

    def calls(self, name: str) -> list[dict[str, Any]]:
        """The requests so far with a call's name."""
        return [entry for entry in self.entries() if entry["call"] == name]

    def told(self, what: str) -> Any:
        """What `vendors.yml` says of such devices."""
        return told(self.vendor, what)

    def calls_of(self, action: str) -> list[dict[str, Any]]:
        """The requests so far that log in (`login`) or out (`logout`)."""
        return [entry for entry in self.entries() if entry["call"] in SESSION_CALLS[action][self.vendor]]

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def use_ssl(self) -> bool:
        return self.url.startswith("https:")

    def variables(self, **more: Any) -> dict[str, Any]:
        """The variables of this device as a host of an inventory."""
        return {
            "ansible_host": "127.0.0.1",
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "nas_vendor": self.vendor,
            "nas_port": self.port,
            "nas_use_ssl": self.use_ssl,
            **({"nas_ca_path": str(self.ca_path)} if self.ca_path else {}),
            **more,
        }


@dataclass
class Device(Simulated):
    """A simulated NAS that serves.

    :param root: the folder whose first-level folders are its shares.
    :param number: which of several devices of the vendor, from 1.
    """

    vendor: str
    url: str
    root: Path
    log_file: Path
    faults_file: Path
    process: Process = field(repr=False)
    ca_path: Optional[Path] = None
    number: int = 1

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """All requests so far, in order; with what `mark` returned: those that came after it."""
        if not self.log_file.exists():
            return []
        with self.log_file.open("rb") as stream:
            stream.seek(since)
            # The last line may be written at this moment.
            entries = [json.loads(line) for line in stream if line.endswith(b"\n")]
        return [entry for entry in entries if (entry["vendor"], entry["device"]) == (self.vendor, self.number)]

    def entries(self) -> list[dict[str, Any]]:
        return self.log()

    def mark(self) -> int:
        """This moment, for `log(since=...)`. `forget` makes it void."""
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def forget(self) -> None:
        """Empty the log. The simulator appends, so it goes on in the empty file."""
        remember_calls(self.log_file)
        self.log_file.write_text("", encoding="utf-8")

    def faults(self, *rules: dict[str, Any]) -> None:
        """From now on, these faults and no others."""
        beside = self.faults_file.with_suffix(".new")
        beside.write_text(json.dumps(list(rules), ensure_ascii=False), encoding="utf-8")
        os.replace(beside, self.faults_file)

    def tree(self) -> list[str]:
        """All paths on the device, folders with a slash at their end; no recycle bins, nor what is on its way."""
        paths = [path for path in self.root.rglob("*") if not NOT_SHOWN.intersection(path.parts)]
        return sorted(f"/{path.relative_to(self.root)}{'/' if path.is_dir() else ''}" for path in paths)

    def unfinished(self, below: str = "/") -> list[str]:
        """What runs have left under names of ours, but for the notes that are meant to stay.

        :param below: a folder, with a slash at its end; a shared device has what other tests left.
        """
        paths = [path for path in self.tree() if path.startswith(below)]
        return [path for path in paths if ".nasops" in path and not path.endswith(NOTES)]


def remember_calls(log_file: Path) -> None:
    """Where the environment's NASOPS_CALLS names a folder, add the collection's own calls to a file there."""
    folder = os.environ.get("NASOPS_CALLS")
    if not folder or not log_file.exists():
        return
    entries = map(json.loads, log_file.read_text(encoding="utf-8").splitlines())
    made = {
        (entry["vendor"], entry["call"], entry["agent"][len(AGENT) :], parameter)
        for entry in entries
        if entry.get("agent", "").startswith(AGENT)
        for parameter in ("", *parameters(entry.get("params") or {}))
    } - REMEMBERED
    if not made:
        return
    REMEMBERED.update(made)
    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder) / f"{os.getpid()}.calls", "a", encoding="utf-8") as stream:
        stream.writelines("\t".join(one) + "\n" for one in sorted(made))


def parameters(params: Mapping[str, Any]) -> Iterator[str]:
    """The names of what was sent, and each with its value where that is a word or a number of few."""
    for name, value in params.items():
        yield name
        words = value if isinstance(value, list) else [value]
        if isinstance(value, str) and value.startswith("["):
            with contextlib.suppress(ValueError):
                words = json.loads(value)
        for one in words:
            word = json.dumps(one) if isinstance(one, (bool, int)) else str(one)
            if WORD.fullmatch(word):
                yield f"{name}={word.strip(chr(34))}"


@functools.cache
def _zygote() -> tuple[Zygote, tempfile.TemporaryDirectory[str]]:
    place = tempfile.TemporaryDirectory(prefix="nasops-")
    return Zygote(Path(place.name) / "socket", "simulator", cwd=Path(__file__).parents[2], env=os.environ), place


def simulate(*arguments: str) -> Process:
    """Start `python -m tests.simulator` with its imports made before; its stdout can be read.

    :param arguments: its command line.
    """
    with STARTING:
        zygote, _place = _zygote()
    command = [sys.executable, "-m", "tests.simulator", *arguments]
    reader, writer = os.pipe()
    try:
        process = zygote.start(command, cwd=ROOT, env=os.environ, stdout=writer, stderr=2)
    finally:
        os.close(writer)
    process.stdout = open(reader, encoding="utf-8")  # noqa: SIM115 - as long as the process
    return process


@contextlib.contextmanager
def device(
    vendor: str,
    folder: Path,
    *,
    shares: Sequence[str] = ("home", "public"),
    profile: Optional[str] = None,
    tls: Optional[tuple[Path, Path]] = None,
    latency: float = 0.0,
    arguments: Sequence[str] = (),
) -> Iterator[Device]:
    """A device of a vendor that serves until the context ends.

    :param folder: an empty folder for its files, log and faults.
    :param tls: files of certificate and key.
    :param latency: seconds of a network round trip.
    :param arguments: more of the simulator's command line.
    """
    roots = [(vendor, folder / "nas", 1)]
    with _serving(vendor, roots, folder, shares, profile, tls, latency, arguments) as found:
        yield found[0]


@contextlib.contextmanager
def devices(
    vendors: Sequence[str],
    folder: Path,
    *,
    shares: Sequence[str] = ("home", "public"),
    profile: Optional[str] = None,
    tls: Optional[tuple[Path, Path]] = None,
    latency: float = 0.0,
    arguments: Sequence[str] = (),
) -> Iterator[dict[str, Device]]:
    """One device of every vendor, in one simulator process, by vendor."""
    roots = [(vendor, folder / "nas" / vendor, 1) for vendor in vendors]
    with _serving("all", roots, folder, shares, profile, tls, latency, arguments) as found:
        yield {one.vendor: one for one in found}


@contextlib.contextmanager
def fleet(
    vendor: str,
    count: int,
    folder: Path,
    *,
    shares: Sequence[str] = ("home", "public"),
    profile: Optional[str] = None,
    tls: Optional[tuple[Path, Path]] = None,
    latency: float = 0.0,
    arguments: Sequence[str] = (),
) -> Iterator[list[Device]]:
    """So many devices of a vendor in one simulator process, with one log and one file of faults."""
    roots = [(vendor, folder / "nas" / str(number), number) for number in range(1, count + 1)]
    with _serving(vendor, roots, folder, shares, profile, tls, latency, ["--count", str(count), *arguments]) as found:
        yield found


@contextlib.contextmanager
def _serving(
    which: str,
    roots: Sequence[tuple[str, Path, int]],
    folder: Path,
    shares: Sequence[str],
    profile: Optional[str],
    tls: Optional[tuple[Path, Path]],
    latency: float,
    arguments: Sequence[str],
) -> Iterator[list[Device]]:
    """A simulator process; `roots` has vendor, root and number of its devices, those of a vendor in order."""
    for _vendor, root, _number in roots:
        for share in shares:
            (root / share).mkdir(parents=True, exist_ok=True)
    log, faults = folder / "requests.jsonl", folder / "faults.yml"
    faults.write_text("[]\n", encoding="utf-8")
    command = [which, "--root", str(folder / "nas"), "--user", USER]
    command += ["--password", PASSWORD, "--log", str(log), "--faults", str(faults)]
    command += ["--profile", profile] if profile else []
    command += ["--tls", *map(str, tls)] if tls else []
    command += ["--latency", str(latency)] if latency else []
    process = simulate(*command, *arguments)
    try:
        found, waiting = [], list(roots)
        while waiting:
            line = process.stdout.readline()
            assert line.startswith("ready "), f"the simulator did not start: {line!r}"
            _ready, vendor, url = line.split()
            _vendor, root, number = waiting.pop([one[0] for one in waiting].index(vendor))
            found.append(Device(vendor, url, root, log, faults, process, tls[0] if tls else None, number))
        yield found
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()
        remember_calls(log)
