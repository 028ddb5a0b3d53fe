# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""freebox-api, unmodified, against the simulated Freebox: pairing over TLS, files, tasks, storage."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from freebox_api import Freepybox
from freebox_api.exceptions import AuthorizationError, HttpRequestError, InsufficientPermissionsError

from tests.contract.simulator.freebox.simulated import APP, Box, b64
from tests.support.tls import self_signed

APPLICATION = {"app_id": "fr.example.foreign", "app_name": "foreign", "app_version": "1.0", "device_name": "desk"}


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that Python trusts for the length of the test."""
    cert_file, key_file = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert_file))
    return cert_file, key_file


@pytest.fixture
def box(tmp_path: Path, tls: tuple[Path, Path]) -> Iterator[Box]:
    with Box(tmp_path / "box", login=False, tls=tls) as one:
        accented = {"été": "composed"}
        one.folder("Freebox", notes__txt="hello", **accented)
        yield one


async def connect(box: Box, tmp_path: Path, version: str = "v8") -> Any:
    client = Freepybox(APPLICATION, str(tmp_path / "token"), version)
    address = urlsplit(box.url)
    await client.open(str(address.hostname), str(address.port))
    return client


async def ended(client: Any, task: int) -> Any:
    for _turn in range(2000):
        (found,) = [one for one in await client.fs.get_tasks_list() if one["id"] == task]
        if found["state"] in {"done", "failed"}:
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(found)


def test_pairing_files_and_tasks(box: Box, tmp_path: Path) -> None:
    async def play() -> None:
        client = await connect(box, tmp_path)
        assert (tmp_path / "token").is_file()
        assert (await client.get_permissions())["explorer"] is True
        assert await client.fs.get_tasks_list() is None
        assert {"notes.txt", "été"} < {entry["name"] for entry in await client.fs.list_files("/Freebox")}
        assert "Freebox" in await client.fs.ls()
        await client.fs.mkdir({"parent": b64("/Freebox"), "dirname": "new"})
        with pytest.raises(HttpRequestError, match="destination_conflict"):
            await client.fs.mkdir({"parent": b64("/Freebox"), "dirname": "new"})
        renamed = await client.fs.rename_file("/Freebox/été", "hiver?>~")
        assert renamed == b64("/Freebox/hiver?>~")
        task = await client.fs.mv({"files": [renamed], "dst": b64("/Freebox/new"), "mode": "skip"})
        assert (await ended(client, task["id"]))["state"] == "done"
        listed = await client.fs.list_files("/Freebox/new", remove_hidden=1, count_sub_folder=1)
        assert [entry["name"] for entry in listed] == ["hiver?>~"]
        task = await client.fs.hash_file("/Freebox/new/hiver?>~", "sha1")
        assert (await ended(client, task["id"]))["state"] == "done"
        assert await client.fs.get_hash(task["id"]) == hashlib.sha1(b"composed").hexdigest()
        await client.fs.delete_file_task(task["id"])
        await client.fs.cd("Freebox")
        assert client.fs.pwd() == "/Freebox"
        with pytest.raises(HttpRequestError, match="path_not_found"):
            await client.fs.get_file_info("/Freebox/nope")
        task = await client.fs.rm({"files": [b64("/Freebox/new")]})
        assert (await ended(client, task["id"]))["error"] == "none"
        assert not (box.root / "Freebox" / "new").exists()
        assert (await client.storage.get_disks())[0]["partitions"][0]["label"] == "Freebox"
        assert (await client.storage.get_partitions())[0]["path"] == b64("/Freebox")
        assert (await client.system.get_config())["user_main_storage"] == "Freebox"
        assert (await client.connection.get_status())["state"] == "up"
        await client.close()
        # the kept token serves for the next session
        client = await connect(box, tmp_path, "v15")
        assert {"entries"} == set(await client.fs.list_files("/Freebox"))
        await client.close()

    asyncio.run(play())


def test_archive_and_extract(box: Box, tmp_path: Path) -> None:
    async def play() -> None:
        client = await connect(box, tmp_path)
        made = {"files": [b64("/Freebox/notes.txt")], "dst": b64("/Freebox/notes.zip")}
        task = await client.fs.archive_files(made)
        assert (await ended(client, task["id"]))["error"] == "none"
        await client.fs.mkdir({"parent": b64("/Freebox"), "dirname": "out"})
        task = await client.fs.extract_archive({"src": b64("/Freebox/notes.zip"), "dst": b64("/Freebox/out")})
        assert (await ended(client, task["id"]))["error"] == "none"
        assert (box.root / "Freebox" / "out" / "notes.txt").read_text() == "hello"
        await client.close()

    asyncio.run(play())


def test_session_ends_and_is_renewed(box: Box, tmp_path: Path) -> None:
    async def play() -> None:
        client = await connect(box, tmp_path)
        await client.fs.get_tasks_list()
        box.faults({"call": "GET system/", "do": "expire_session"})
        assert (await client.system.get_config())["box_authenticated"] is True
        await client.close()

    asyncio.run(play())


def test_missing_right(tmp_path: Path, tls: tuple[Path, Path]) -> None:
    async def play(box: Box) -> None:
        client = await connect(box, tmp_path)
        with pytest.raises(InsufficientPermissionsError):
            await client.fs.get_tasks_list()
        await client.close()

    with Box(tmp_path / "box", login=False, tls=tls, opts={"missing_permissions": "explorer"}) as box:
        asyncio.run(play(box))


def test_denied_pairing(tmp_path: Path, tls: tuple[Path, Path]) -> None:
    async def play(box: Box) -> None:
        client = Freepybox({**APPLICATION, "app_id": APP}, str(tmp_path / "token"))
        address = urlsplit(box.url)
        with pytest.raises(AuthorizationError):
            await client.open(str(address.hostname), str(address.port))
        await client._session.close()

    with Box(tmp_path / "box", login=False, tls=tls, opts={"grant": "denied"}) as box:
        asyncio.run(play(box))
