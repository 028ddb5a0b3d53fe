# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: what old generations and virtual ones lack."""

from __future__ import annotations

from tests.contract.simulator.synology.simulated import FS, Start, options


def test_dsm_5(kept: Start) -> None:
    nas = kept("--profile", "dsm5")
    reported = nas.data("SYNO.API.Info", "query", 1, cgi="query.cgi", query="SYNO.DSM.Info,SYNO.FileStation.VFS")
    assert reported["SYNO.DSM.Info"] == {"maxVersion": 1, "minVersion": 1, "path": "dsm/info.cgi"}
    assert reported[FS + "VFS.Connection"]["path"].endswith("____entry.cgi")
    nas.login(4, cgi="auth.cgi")
    assert nas.data("SYNO.DSM.Info", "getinfo", 1, cgi="dsm/info.cgi")["version"] == "5967"
    assert nas.code("SYNO.DSM.Info", "getinfo", 2, cgi="dsm/info.cgi") == 104
    assert nas.code("SYNO.DSM.Info", "getinfo", 1) == 102
    nas.sid = "nobody-knows-this"
    assert nas.code(FS + "List", "list_share", 1, cgi="FileStation/file_share.cgi") == 105


def test_old_paths_on_dsm_6(kept: Start) -> None:
    nas = kept("--profile", "dsm6")
    nas.login(6, cgi="auth.cgi")
    reply = nas.raw(FS + "List", "list_share", 1, cgi="FileStation/file_share.cgi")
    assert reply.status_code == 404
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "not found" in reply.text
    assert nas.code("SYNO.API.Auth", "login", 6, account="admin", passwd="secret") == 102, "only at auth.cgi"
    assert nas.call(FS + "List", "list_share")["success"]


def test_a_virtual_dsm_has_no_thermometer(start: Start) -> None:
    nas = start(*options(virtual="1"))
    nas.login()
    assert not {"temperature", "temperature_warn"} & set(nas.data("SYNO.DSM.Info", "getinfo"))
