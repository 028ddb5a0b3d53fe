# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook of the role report: a fleet with hostile names, and hosts that fail, on one page."""

from __future__ import annotations

import socket
import stat

import pytest

from tests.support import html
from tests.support.devices import PASSWORD, ROOT, fleet
from tests.support.playbooks import run

PLAYBOOK = ROOT / "playbooks" / "report.yml"
EVERYBODY = ("-e", "nas_hosts=all")
HOSTILE = "<img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %} \"'&"
SESAME = "open sesame"
CAPACITY = ("--vendor-opt", "capacity=1000000000000")  # the page tells free space, and the disk here is not ours alone


MARK = "<b onclick=alert(1)>'&"  # of a device's own words, where a comma would be one too many
CARE = {  # what the devices have that somebody should look at
    "synology": ("disks=sda:normal,sdb:warning", "volume_status=volume1:attention", f"update=DSM {MARK}"),
    "qnap": ("disk_health=OK,Warning", f"volumes={MARK}", f"new_firmware={MARK}"),
}


def cared(vendor):
    return [word for setting in CARE[vendor] for word in ("--vendor-opt", setting)]


@pytest.fixture
def closed_port():
    """Nothing listens there, and no other process gets it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def sections(page):
    return {section.attributes["id"]: html.rows(page, section.attributes["id"]) for section in page.all("section")}


def test_a_fleet_on_one_page(tmp_path, certificate, closed_port):
    """Each vendor twice, one that nobody can reach, one with another password, and one that the check fails on."""
    file = tmp_path / "pages" / "fleet.html"
    file.parent.mkdir()
    declared = {
        "provision_folders": ["/home/wanted"],
        "provision_files": [{"path": "/home/kept.txt", "content": "kept"}],
    }
    with (
        fleet(
            "synology",
            2,
            folder(tmp_path, "s"),
            shares=("home", "public", HOSTILE),
            arguments=(*CAPACITY, *cared("synology")),
        ) as synology,
        fleet(
            "qnap",
            2,
            folder(tmp_path, "q"),
            arguments=(*CAPACITY, *cared("qnap"), "--vendor-opt", "tls_days=40", "--vendor-opt", "tls_age=30"),
        ) as qnap,
        fleet("freebox", 2, folder(tmp_path, "f"), arguments=CAPACITY, tls=certificate) as freebox,
    ):
        devices = {f"{one.vendor}-{one.number}": one for one in (*synology, *qnap, *freebox)}
        for one in devices.values():
            (one.root / "home" / HOSTILE).write_text("x")
            with open(one.root / "public" / "large", "wb") as large:
                large.truncate(250_000_000_000)  # takes no room on the disk
            (one.root / "home" / "kept.txt").write_text("kept" if one.number == 1 else "changed")
        options = {"report_path": "pages/fleet.html", "report_title": "Our <fleet>"}
        hosts = {name: one.variables(**options) for name, one in devices.items()}
        hosts["synology-2"].update(declared)
        hosts["qnap-1"].update(declared, provision_folders=["/home"])
        hosts["freebox-2"]["provision_files"] = [{"path": "/home/f", "src": "is-nowhere"}]
        hosts["a-gone"] = qnap[0].variables(**options, nas_port=closed_port, nas_retries=0)
        hosts["locked"] = synology[0].variables(**options, ansible_password="wrong")
        hostile = tmp_path / "hostile.txt"
        hostile.write_text(f"/home/{HOSTILE}")
        share = {
            "path": [f"{{{{ lookup('ansible.builtin.file', '{hostile}') }}}}"],
            "link_password": f"{{{{ omit if nas_vendor == 'freebox' else '{SESAME}' }}}}",
        }
        joe = {"name": "joe", "password": SESAME, "description": MARK}
        account = {"nasops.nas.nas_user": joe, "when": "nas_vendor != 'freebox'"}
        tasks = [account, {"nasops.nas.nas_share": share}]
        play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
        made = run(tmp_path, play, {name: hosts[name] for name in devices})
        assert made.status == 0, made.text
        addresses = [result["url"] for result in made.results() if "url" in result]
        assert len(addresses) == len(devices)
        for one in devices.values():
            one.forget()

        checked = run(tmp_path, PLAYBOOK, hosts, *EVERYBODY, "--check")
        assert checked.status == 0, checked.text
        assert not file.exists()

        first = run(tmp_path, PLAYBOOK, hosts, *EVERYBODY, "-vvv", "--diff")
        assert first.status == 0, first.text
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_text(encoding="utf-8")
        written = file.stat().st_mtime_ns

        again = run(tmp_path, PLAYBOOK, hosts, *EVERYBODY)
        assert again.status == 0, again.text
        # What provision would change is shown as changed, as by --check; the page is not written once more.
        assert again.changed == {**dict.fromkeys(hosts, 0), "synology-2": 2}
        assert (file.read_text(encoding="utf-8"), file.stat().st_mtime_ns) == (text, written)
        for one in devices.values():
            assert one.writes() == []

        (synology[0].root / "home" / HOSTILE).unlink()
        other = run(tmp_path, PLAYBOOK, hosts, *EVERYBODY)
        assert sum(other.changed.values()) == 3
        assert file.read_text(encoding="utf-8") != text

    for secret in (PASSWORD, SESAME, "wrong", *addresses):
        assert secret not in text
    page = html.check(text)
    assert page.all("h1")[0].text == "Our <fleet>"
    assert page.by_id("devices").text.startswith("Devices")
    found = sections(page)
    states = {row[0]: row[1] for row in found["devices"]}
    assert states == {**dict.fromkeys(devices, "read"), "a-gone": "unreachable", "locked": "failed"}
    remarks = {row[0]: row[6] for row in found["devices"]}
    assert "Connection refused" in remarks["a-gone"]
    assert "ansible_password" in remarks["locked"]
    models = {row[0]: row[2:5] for row in found["devices"]}
    assert models["qnap-1"][0] == "qnap"
    assert models["qnap-1"][1].startswith("TS-")
    assert models["synology-1"][2].startswith("DSM 7")

    names = " ".join(HOSTILE.split())
    assert {tuple(row[:2]) for row in found["shares"]} == {
        *((name, path) for name in devices for path in ("/home", "/public")),
        *((f"synology-{number}", f"/{names}") for number in (1, 2)),
    }
    assert {tuple(row[2:]) for row in found["shares"]} == {("25 %", "250 GB", "750 GB", "1.0 TB")}
    assert [row[:3] for row in found["links"]] == [[name, f"/home/{names}", "never ends"] for name in sorted(devices)]
    certificates = {row[0]: row[1:4] for row in found["certificates"]}
    assert certificates == {
        **{f"freebox-{number}": ["https", "127.0.0.1", "2 days left"] for number in (1, 2)},
        **{f"qnap-{number}": ["Container Station", "none of its own", "10 days left"] for number in (1, 2)},
    }
    drift = {row[0]: row[1:] for row in found["drift"]}
    assert [row[1:] for row in found["drift"] if row[0] == "synology-2"] == [
        ["folders", "/home/wanted", "would be made"],
        ["files", "/home/kept.txt", "would be made or changed"],
    ]
    assert "qnap-1" not in drift
    assert drift["freebox-2"][0] == "check failed"
    assert "is-nowhere" in drift["freebox-2"][2]
    assert "as declared: 1." in page.by_id("drift").text
    said = " ".join(MARK.split())
    volumes = {(row[0], row[1]): row[2:7] for row in found["volumes"]}
    assert volumes["synology-1", "Volume 1"] == ["attention", "25 %", "250 GB", "750 GB", "1.0 TB"]
    assert volumes["qnap-2", said][1:] == ["25 %", "250 GB", "750 GB", "1.0 TB"]
    assert volumes["freebox-1", "home"][0] == "mounted"
    disks = {name: [row[2] for row in found["disks"] if row[0] == name] for name in devices}
    assert (disks["synology-1"], disks["qnap-2"], disks["freebox-1"]) == (
        ["normal", "warning"],
        ["OK", "Warning"],
        ["enabled"],
    )
    assert all(row[3].endswith(" °C") for row in found["disks"])
    offers = {row[0]: row[5] for row in found["devices"]}
    assert (offers["synology-1"], offers["qnap-1"]) == (f"DSM {said}", said)
    accounts = {(row[0], row[1]): row[2:] for row in found["accounts"]}
    assert accounts["synology-1", "joe"] == accounts["qnap-2", "joe"] == ["enabled, without an end", "never", said]
    assert accounts["synology-2", "guest"][0] == "disabled"
    # admin and joe of four devices; the Freebox tells of no accounts, and the number of a QNAP's volume judges nothing.
    top = {tile.text for tile in page.all("nav")[0].all("a")}
    assert top >= {
        "4 updates on offer",
        "2 volumes to look at",
        "4 disks to look at",
        "8 accounts without an end",
    }


def folder(place, name):
    """A new folder."""
    (place / name).mkdir()
    return place / name
