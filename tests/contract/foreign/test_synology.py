# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client `synology-api`, unmodified, against the simulator: what it says about a device must hold here."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from synology_api import exceptions, filestation

from tests.support.tls import self_signed

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["http", "https"])
def nas(request: pytest.FixtureRequest, tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[tuple[str, Path]]:
    """(URL, the root) of a running device."""
    root = tmp_path / "nas"
    (root / "share").mkdir(parents=True)
    command = [sys.executable, "-m", "tests.simulator", "synology", "--root", str(root)]
    if request.param == "https":
        command += ["--tls", str(certificate[0]), str(certificate[1])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[2], root
        finally:
            process.terminate()


def until_finished(status: Callable[[str], Any], taskid: str) -> dict[str, Any]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        answer = status(taskid)
        assert answer["success"], answer
        if answer["data"]["finished"]:
            return dict(answer["data"])
        time.sleep(0.01)
    raise AssertionError("never finished")


def test_synology_api(nas: tuple[str, Path], tmp_path: Path) -> None:
    url, root = nas
    parts = urlsplit(url)
    client = filestation.FileStation(
        parts.hostname,
        str(parts.port),
        "admin",
        "secret",
        secure=parts.scheme == "https",
        cert_verify=False,
        dsm_version=7,
        debug=False,
        interactive_output=False,
    )
    assert client.get_info()["data"]["is_manager"] is True
    assert [share["name"] for share in client.get_list_share()["data"]["shares"]] == ["share"]

    assert client.create_folder("/share", "new")["data"]["folders"][0]["path"] == "/share/new"
    local = tmp_path / "hello é.txt"
    local.write_bytes(b"hello" * 1000)
    answer = client.upload_file("/share/new", str(local), progress_bar=False)
    assert answer["success"], answer
    assert (root / "share" / "new" / "hello é.txt").read_bytes() == local.read_bytes()

    listed = client.get_file_list("/share/new")["data"]
    assert [(item["name"], item["isdir"]) for item in listed["files"]] == [("hello é.txt", False)]

    task = client.start_md5_calc("/share/new/hello é.txt")["taskid"]
    assert until_finished(client.get_md5_status, task)["md5"] == hashlib.md5(local.read_bytes()).hexdigest()

    renamed = client.rename_folder("/share/new/hello é.txt", "b.txt")
    assert renamed["data"]["files"][0]["path"] == "/share/new/b.txt"
    task = client.start_copy_move("/share/new/b.txt", "/share", overwrite=True)["taskid"]
    until_finished(client.get_copy_move_status, task.strip('"'))
    assert (root / "share" / "b.txt").is_file()
    client.get_file("/share/b.txt", "download", dest_path=str(tmp_path), verify=False)
    assert (tmp_path / "b.txt").read_bytes() == local.read_bytes()

    task = client.start_delete_task("/share/new")["taskid"]
    until_finished(client.get_delete_status, task.strip('"'))
    client.delete_blocking_function("/share/b.txt")
    assert list((root / "share").iterdir()) == []
    client.logout()


def test_synology_api_wrong_password(nas: tuple[str, Path]) -> None:
    parts = urlsplit(nas[0])
    with pytest.raises(exceptions.LoginError):
        filestation.FileStation(
            parts.hostname,
            str(parts.port),
            "admin",
            "wrong",
            secure=parts.scheme == "https",
            cert_verify=False,
            dsm_version=7,
            debug=False,
        )
