# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client `qnapstats`, unmodified, against the simulator: what it says about a device must hold here."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import qnapstats

from tests.contract.simulator.qnap.simulated import PASSWORD, Start, options


@pytest.mark.parametrize("words", [
    [], ["--profile", "qts4"], ["--profile", "hero6"], options(post_needs_service_key=1),
    ["--profile", "qts4", *options(new_firmware="4.3.4.0695 Build 20180830")],
])  # fmt: skip
def test_everything_it_reads(start_qnap: Start, words: list[str]) -> None:
    nas = start_qnap(*words)
    share, folder = nas.share()
    (folder / "file").write_bytes(b"x" * 5000)
    client = qnapstats.QNAPStats("127.0.0.1", urlsplit(nas.url).port, "admin", PASSWORD, timeout=30)
    assert client.get_system_health() == "good"
    volumes = client.get_volumes()
    assert list(volumes) == ["DataVol1"]
    assert 0 < volumes["DataVol1"]["free_size"] < volumes["DataVol1"]["total_size"]
    assert {"sharename": share[1:], "used_size": 5000} in volumes["DataVol1"]["folders"]
    assert {disk["health"] for disk in client.get_smart_disk_health().values()} == {"OK"}
    stats = client.get_system_stats()
    assert stats["system"]["name"] == "nas-qnap"
    assert stats["firmware"]["version"].split(".")[0].isdigit()
    assert stats["nics"]["eth0"]["link_status"] == "Up"
    assert stats["dns"]
    assert stats["cpu"]["usage_percent"] >= 0
    assert client.get_bandwidth()["eth0"]["is_default"]
    if "qts4" in words:
        assert client.get_firmware_update() == ("none" if len(words) == 2 else "4.3.4.0695 Build 20180830")
    else:
        with pytest.raises(KeyError):  # it does not know the channels that there are since QTS 5.1
            client.get_firmware_update()
    assert client.list_external_drive() is None
    assert client.get_storage_information_on_external_device() is None
    # one session for everything; the device that gives a POST none was asked again by GET
    logins = [entry["method"] for entry in nas.log() if entry["call"] == "authLogin.cgi"]
    assert logins == (["POST", "GET"] if "post_needs_service_key=1" in words else ["POST"])


def test_it_logs_in_again_when_the_session_is_gone(start_qnap: Start) -> None:
    nas = start_qnap()
    nas.share()
    client = qnapstats.QNAPStats("http://127.0.0.1", urlsplit(nas.url).port, "admin", PASSWORD, timeout=30)
    assert client.get_system_health() == "good"
    nas.faults({"call": "chartReq.cgi*", "do": "expire_session"})
    assert "DataVol1" in client.get_volumes()
    assert sum(entry["call"] == "authLogin.cgi" for entry in nas.log()) == 2


def test_a_wrong_password(start_qnap: Start) -> None:
    nas = start_qnap()
    client = qnapstats.QNAPStats("127.0.0.1", urlsplit(nas.url).port, "admin", "wrong", timeout=30)
    with pytest.raises(TypeError):  # how the client says that it has no sid
        client.get_volumes()
    assert {entry["code"] for entry in nas.log()} == {-1}
