# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client `qnap-cli`, unmodified, against the simulator: each step a command with a login."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator.qnap.simulated import PASSWORD, Nas, Start
from tests.support.tls import self_signed

CLIENT = Path(sys.executable).parent / "qnap"


class Client:
    """Its command line."""

    def __init__(self, nas: Nas, home: Path) -> None:
        self.nas = nas
        self.home = home

    def __call__(self, *words: str | Path, password: str = PASSWORD, fails: bool = False) -> dict[str, Any]:
        """What a command prints as JSON, if it prints any."""
        host = self.nas.url.partition("//")[2]
        options = ["--host", host, "--insecure", "--username", "admin", "--password-stdin", "--output", "json"]
        done = subprocess.run(
            [CLIENT, *words, *options],
            input=password,
            env={"HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert bool(done.returncode) is fails, done.stdout + done.stderr
        return dict(json.loads(done.stdout)) if done.stdout.startswith("{") else {}

    def names(self, folder: str) -> list[str]:
        """What a folder holds."""
        return sorted(entry["name"] for entry in self("files", "ls", folder)["items"])


@pytest.fixture
def client(start_qnap: Start, tmp_path: Path) -> Client:
    return Client(start_qnap("--tls", *map(str, self_signed(tmp_path))), tmp_path)


def test_shares_folders_and_files(client: Client, tmp_path: Path) -> None:
    share, folder = client.nas.share()
    assert [entry["path"] for entry in client("shares")["items"]] == [share]
    client("files", "mkdir", f"{share}/a b+é", "--yes")
    client("files", "mkdir", f"{share}/a b+é", "--yes", fails=True)
    source = tmp_path / "100% #1&.bin"
    source.write_bytes(bytes(range(256)) * 1000)
    client("files", "upload", source, f"{share}/a b+é", "--yes")
    (folder / "a b+é" / "seen").write_bytes(b"")
    assert client.names(f"{share}/a b+é") == ["100% #1&.bin", "seen"]
    assert (folder / "a b+é" / "100% #1&.bin").read_bytes() == source.read_bytes()
    reported = client("files", "stat", f"{share}/a b+é/100% #1&.bin")
    assert (reported["exists"], reported["size_bytes"], reported["entry_type"]) == (True, 256_000, "file")
    assert client("files", "stat", f"{share}/none")["exists"] is False
    there = tmp_path / "there.bin"
    client("files", "download", f"{share}/a b+é/100% #1&.bin", there)
    assert there.read_bytes() == source.read_bytes()


def test_copy_move_find_and_remove(client: Client) -> None:
    share, folder = client.nas.share()
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "a" / "f.txt").write_bytes(b"f")
    client("files", "cp", f"{share}/a/f.txt", f"{share}/b/g.txt", "--yes")
    assert (folder / "b" / "g.txt").read_bytes() == (folder / "a" / "f.txt").read_bytes() == b"f"
    client("files", "mv", f"{share}/b/g.txt", f"{share}/b/h.txt", "--yes")
    client("files", "mv", f"{share}/b/h.txt", f"{share}/a/h.txt", "--yes")
    until = time.monotonic() + 30  # the device moves in a process of its own, which the client does not wait for
    while (folder / "b" / "h.txt").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert sorted(path.name for path in (folder / "a").iterdir()) == ["f.txt", "h.txt"]
    assert list((folder / "b").iterdir()) == []
    found = client("files", "find", share, "*.txt")["items"]
    assert sorted(entry["path"] for entry in found) == [f"{share}/a/f.txt", f"{share}/a/h.txt"]
    client("files", "rm", f"{share}/a", "--yes")
    client("files", "rm", f"{share}/a", "--yes", fails=True)
    assert [path.name for path in folder.iterdir() if not path.name.startswith("@")] == ["b"]


def test_a_wrong_password(client: Client) -> None:
    client("shares", password="wrong", fails=True)
    assert [entry["call"] for entry in client.nas.log()] == ["authLogin.cgi"]
