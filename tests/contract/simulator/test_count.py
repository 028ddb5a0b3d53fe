# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`--count`: many devices in one process, each with a port, a root, sessions and lines of the log of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.simulator.__main__ import parser
from tests.support.devices import PASSWORD, ROOT, USER, VENDORS, fleet


def sid(url: str) -> str:
    params = {"api": "SYNO.API.Auth", "version": "6", "method": "login", "account": USER, "passwd": PASSWORD}
    return str(requests.get(f"{url}/webapi/entry.cgi", params={**params, "format": "sid"}).json()["data"]["sid"])


def shares(url: str, session: str) -> list[str]:
    params = {"api": "SYNO.FileStation.List", "version": "2", "method": "list_share", "_sid": session}
    answer = requests.get(f"{url}/webapi/entry.cgi", params=params).json()
    return sorted(share["name"] for share in answer["data"]["shares"]) if answer["success"] else []


def test_each_has_its_own_files_sessions_and_faults(tmp_path: Path) -> None:
    with fleet("synology", 3, tmp_path) as found:
        assert [one.root for one in found] == [tmp_path / "nas" / str(number) for number in (1, 2, 3)]
        assert len({one.port for one in found}) == 3
        (found[1].root / "music").mkdir()
        second = sid(found[1].url)
        assert shares(found[1].url, second) == ["home", "music", "public"]
        assert shares(found[2].url, second) == []
        assert shares(found[2].url, sid(found[2].url)) == ["home", "public"]
        found[0].faults({"call": "*", "device": 3, "times": 0, "do": {"status": 503}})
        assert [requests.get(one.url).status_code for one in found] == [404, 404, 503]
        assert [len(one.log()) for one in found] == [1, 3, 4]
        assert [one.log()[-1]["device"] for one in found] == [1, 2, 3]
        mark = found[1].mark()
        requests.get(found[1].url)
        assert len(found[1].log(since=mark)) == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_hundred_start_soon(tmp_path: Path, vendor: str) -> None:
    began = time.monotonic()
    with fleet(vendor, 100, tmp_path, shares=["home"]) as found:
        assert time.monotonic() - began < 20
        status = Path(f"/proc/{found[0].process.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        assert peak < 400_000, f"{peak} KiB"
        assert {requests.get(one.url).status_code for one in found} <= {200, 401, 404}  # whoever nobody knows


def test_all_vendors_with_a_count(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.simulator", "all", "--root", str(tmp_path), "--count", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _line in range(6)]
        process.terminate()
    assert [line[:2] for line in lines] == [["ready", vendor] for vendor in VENDORS for _number in (1, 2)]
    assert len({line[2] for line in lines}) == 6
    assert all((tmp_path / vendor / number).is_dir() for vendor in VENDORS for number in "12")


@pytest.mark.parametrize("words", [["--count", "0"], ["--count", "x"], ["--latency", "-1"], ["--latency", "nan"]])
def test_senseless_numbers_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["qnap", "--root", str(tmp_path), *words])
    assert f"argument {words[0]}: " in capsys.readouterr().err
