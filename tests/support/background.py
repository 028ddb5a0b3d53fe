# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated devices that outlive the command that starts them, for molecule: `start FOLDER`, `stop FOLDER`.

`start` returns when the devices serve, and leaves `inventory.yml` and `simulator.pid` in the folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from .devices import ROOT, VENDORS, Device, devices

CAPACITY = (
    10**12
)  # bytes: the free space that reports tell changes with what lies on the devices, and with nothing else


def start(folder: Path) -> None:
    """Serve in a process of its own."""
    reader, writer = os.pipe()
    subprocess.Popen(
        [sys.executable, "-m", "tests.support.background", "serve", str(folder), str(writer)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(writer,),
        start_new_session=True,
    )
    os.close(writer)
    with open(reader, encoding="utf-8") as ready:
        if ready.read() != "ready":
            raise SystemExit("the simulator did not start")


def serve(folder: Path, ready: int) -> None:
    """Hold the devices until a signal comes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with devices(VENDORS, folder / "devices", arguments=["--vendor-opt", f"capacity={CAPACITY}"]) as found:
        hosts = {f"my-{vendor}": variables(device) for vendor, device in found.items()}
        (folder / "inventory.yml").write_text(yaml.safe_dump({"nas": {"hosts": hosts}}))
        (folder / "simulator.pid").write_text(str(os.getpid()))
        os.write(ready, b"ready")
        os.close(ready)
        signal.pause()


def variables(device: Device) -> dict[str, object]:
    """The host's variables, and where a test finds its disk and its log."""
    return device.variables(nas_simulated_root=str(device.root), nas_simulated_log=str(device.log_file))


def stop(folder: Path) -> None:
    """End the devices and remove what they held."""
    pid = folder / "simulator.pid"
    try:
        os.kill(int(pid.read_text()), signal.SIGTERM)
    except ProcessLookupError:
        print("the simulator was gone already")
    pid.unlink()
    shutil.rmtree(folder / "devices", ignore_errors=True)


if __name__ == "__main__":
    place = Path(sys.argv[2])
    if sys.argv[1] == "serve":
        serve(place, int(sys.argv[3]))
    else:
        {"start": start, "stop": stop}[sys.argv[1]](place)
