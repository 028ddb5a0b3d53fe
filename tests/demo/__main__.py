# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: three simulated NAS devices, one playbook, run twice."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.support.devices import PASSWORD, ROOT, VENDORS, Device, devices
from tests.support.playbooks import BIN, environment

PLAYBOOK = ROOT / "tests" / "demo" / "playbooks" / "demo.yml"
VOLUMES = ("projects", "public")  # of the Freebox


def main() -> int:
    """Show it; the exit status is 0 only when the second run changed nothing."""
    with tempfile.TemporaryDirectory(prefix="nasops-demo-") as folder:
        say("Starting a simulated Synology, a QNAP and a Freebox on this machine, new but for their volumes ...")
        with new_devices(Path(folder)) as found:
            for device in found.values():
                print(f"  {device.vendor:9} answers at {device.url}")
            inventory = write_inventory(Path(folder) / "inventory.yml", found, certificates(Path(folder)))
            say("First run: shared folders, accounts, rights, folders, files, an archive, a link to share.")
            if play(Path(folder), inventory) is None:
                return 1
            say("Second run: everything is as wished already, so nothing may change.")
            changed = play(Path(folder), inventory)
            if changed is None:
                return 1
            say("What is on the devices now:")
            for device in found.values():
                show(device)
            say("What is on this machine now, fetched from the QNAP for a Docker client (keys for their owner only):")
            for file in sorted(certificates(Path(folder)).iterdir()):
                print(f"  {stat.filemode(file.stat().st_mode)} {file.name}")
            logins = {device.vendor: len(device.calls_of("login")) for device in found.values()}
            say(f"Logins in two runs: {', '.join(f'{name} {count}' for name, count in logins.items())}.")
            say(f"second run: changed={changed}")
    return 0 if changed == 0 else 1


@contextmanager
def new_devices(folder: Path) -> Iterator[dict[str, Device]]:
    """A device of each vendor, as it comes out of its box, by vendor."""
    with devices(VENDORS, folder, shares=()) as found:
        for volume in VOLUMES:  # where nobody can make shared folders, a disk has a volume by each name
            (found["freebox"].root / volume).mkdir()
        yield found


def say(text: str) -> None:
    """A line that tells what happens, apart from what Ansible prints."""
    print(f"\n>>> {text}", flush=True)


def write_inventory(file: Path, found: Mapping[str, Device], keys: Path) -> Path:
    """An inventory with a group `nas` of the devices, and with what else the playbook needs.

    :param keys: where the playbook puts the certificate of the QNAP.
    """
    hosts = {f"my-{vendor}": device.variables() for vendor, device in found.items()}
    group = {"hosts": hosts, "vars": {"demo_certificates": str(keys), "demo_password": PASSWORD}}
    file.write_text(yaml.safe_dump({"nas": group}))
    return file


def certificates(folder: Path) -> Path:
    """Where the playbook puts the certificate of the QNAP."""
    return folder / "certificates"


def play(folder: Path, inventory: Path) -> int | None:
    """Run the playbook and return how many tasks changed something; None when it failed."""
    print(f"$ ansible-playbook {PLAYBOOK.relative_to(ROOT)}\n", flush=True)
    vault = PLAYBOOK.parent / "files" / "demo-vault-password.txt"
    command = [BIN / "ansible-playbook", "-i", inventory, "--vault-password-file", vault, PLAYBOOK]
    variables = environment(folder, ANSIBLE_FORCE_COLOR="true" if sys.stdout.isatty() else "false")
    output = []
    with subprocess.Popen(
        list(map(str, command)), env=variables, cwd=ROOT, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            output.append(line)
    if process.returncode:
        say(f"The playbook failed with status {process.returncode}.")
        return None
    words = [word for line in output for word in line.split() if word.startswith("changed=")]
    return sum(int(word.partition("=")[2]) for word in words)


def show(device: Device) -> None:
    """The tree of a device, as a picture of indented lines."""
    print(f"  {device.vendor}")
    for path in device.tree():
        depth, name = path.rstrip("/").count("/"), os.path.basename(path.rstrip("/"))
        note = (
            "  (remembers what is in the archive, since a Freebox cannot look)" if name.startswith(".nasops-") else ""
        )
        print(f"    {'   ' * (depth - 1)}{name}{'/' if path.endswith('/') else ''}{note}")


if __name__ == "__main__":
    sys.exit(main())
