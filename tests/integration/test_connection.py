# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to a device that options and host variables say, and hosts that are not reached."""

from __future__ import annotations

import json
import socket
import ssl

import pytest
import yaml
from ansible_collections.nasops.nas.plugins.module_utils._transport.way import RECIPE

from tests.integration.test_shipped import PLUGINS
from tests.support import pages
from tests.support.devices import PASSWORD, VENDORS, devices
from tests.support.playbooks import play, run, where_to_ship
from tests.support.raw import HttpProxy, SocksProxy, relay, server_settings, serving
from tests.support.tls import fingerprint_of, self_signed

FOLDER = {"nasops.nas.nas_folder": {"path": "/home/{{ inventory_hostname }}"}}
FILE = {
    "nasops.nas.nas_file": {"path": "/home/{{ inventory_hostname }}/a.txt", "content": "over {{ inventory_hostname }}"}
}


def to(port, gate=None, fail=0):
    """Lets connections through to a device, after some that it drops at once."""
    left = [fail]

    def talk(connection):
        if left[0]:
            left[0] -= 1
            return
        with socket.create_connection(("127.0.0.1", port)) as device:
            if gate is None:
                relay(connection, device)
                return
            with gate.wrap_socket(connection, server_side=True) as wrapped:
                relay_tls(wrapped, device)

    return talk


def relay_tls(wrapped, device):
    """A record may hold more than was asked for, so nothing stays in the TLS layer."""
    wrapped.settimeout(0.01)
    device.settimeout(0.01)
    idle = 0
    while idle < 3000:
        idle += 1
        for source, target in ((wrapped, device), (device, wrapped)):
            try:
                piece = source.recv(65536)
            except (TimeoutError, ssl.SSLWantReadError):
                continue
            if not piece:
                return
            idle = 0
            target.settimeout(10)
            target.sendall(piece)
            target.settimeout(0.01)


def test_every_way_to_a_device(tmp_path, certificate):
    mine, _key = self_signed(tmp_path, names=("me",), stem="my-")
    gate = server_settings(*certificate)
    gate.verify_mode = ssl.CERT_REQUIRED
    gate.load_verify_locations(mine)
    (tmp_path / "nas-ca.pem").write_bytes(certificate[0].read_bytes())
    (tmp_path / "cas").mkdir()
    (tmp_path / "cas" / "nas.crt").write_bytes(certificate[0].read_bytes())
    tcp, socks = HttpProxy("me:pr0xy-S3CRET"), SocksProxy()
    places = [tmp_path / name for name in ("tls", "plain")]
    for place in places:
        place.mkdir()
    with (
        devices(VENDORS, places[0], tls=certificate) as secure,
        devices(VENDORS, places[1]) as plain,
        serving(tcp) as proxy,
        serving(socks) as tunnel,
    ):
        gates = {vendor: serving(to(plain[vendor].port, gate)) for vendor in VENDORS}
        ports = {vendor: entered.__enter__().port for vendor, entered in gates.items()}
        by_proxy = {"nas_proxy": f"http://me:pr0xy-S3CRET@127.0.0.1:{proxy.port}"}
        ways = {
            "relative": {"nas_ca_path": "nas-ca.pem"},
            "folder": {"nas_ca_path": "cas"},
            "fingerprint": {"nas_ca_path": None, "nas_fingerprint": fingerprint_of(certificate[0])},
            "unvalidated": {"nas_ca_path": None, "nas_validate_certs": False},
            "store": {"nas_ca_path": None},
            "proxy": {"nas_ca_path": "nas-ca.pem", **by_proxy},
            "socks": {"nas_ca_path": "nas-ca.pem", "nas_proxy": f"socks5h://127.0.0.1:{tunnel.port}"},
        }
        hosts = {
            f"{way}-{vendor}": secure[vendor].variables(**more) for way, more in ways.items() for vendor in VENDORS
        }
        hosts.update({f"forward-{vendor}": plain[vendor].variables(**by_proxy) for vendor in VENDORS})
        for vendor in VENDORS:
            hosts[f"gate-{vendor}"] = plain[vendor].variables(
                nas_port=ports[vendor],
                nas_use_ssl=True,
                nas_ca_path="nas-ca.pem",
                nas_client_cert="my-cert.pem",
                nas_client_key="my-key.pem",
            )
        environment = {"SSL_CERT_FILE": str(certificate[0]), "https_proxy": "http://127.0.0.1:1"}
        first = run(tmp_path, play(FOLDER, FILE), hosts, "--forks=3", "-vvvv", **environment)
        assert first.status == 0, first.text
        assert set(first.changed.values()) == {2}
        again = run(tmp_path, play(FOLDER, FILE), hosts, "--forks=3", **environment)
        assert set(again.changed.values()) == {0}
        for name in hosts:
            way, _dash, vendor = name.partition("-")
            root = (plain if way in ("forward", "gate") else secure)[vendor].root
            assert (root / "home" / name / "a.txt").read_text() == f"over {name}"
        for entered in gates.values():
            entered.__exit__(None, None, None)
    assert len(tcp.asked) >= 6
    assert {name for name, _port in socks.asked} == {"127.0.0.1"}
    for secret in (PASSWORD, "pr0xy-S3CRET"):
        assert secret not in first.text
        assert secret not in json.dumps(first.results())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fingerprint": "sha256:12"}, ["option fingerprint", "openssl"]),
        ({"client_key": "key.pem"}, ["option client_key", "nas_client_cert"]),
        ({"proxy": "proxy-S3CRET.example"}, ["option proxy", "scheme://"]),
        ({"use_ssl": False, "fingerprint": "sha256:" + "0" * 64}, ["option fingerprint", "nas_use_ssl"]),
        ({"ca_path": "nowhere.pem"}, ["option ca_path", "nowhere.pem", "nas_ca_path"]),
    ],
)
def test_options_that_make_no_sense_cost_no_connection(tmp_path, nas, options, words):
    device = nas["qnap"]
    task = {"nasops.nas.nas_folder": {"path": "/home/x", **options}}
    outcome = run(tmp_path, play(task), {"it": device.variables(nas_use_ssl=True)})
    (failed,) = outcome.results()
    assert failed["failed"]
    assert failed["failure"]["kind"] == "usage"
    for word in words:
        assert word in failed["msg"]
    assert "S3CRET" not in outcome.text
    assert device.log() == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_host_that_is_not_reached(tmp_path, start, vendor, certificate):
    device = start(vendor, tls=certificate)
    there = where_to_ship(tmp_path)
    gone = device.variables(nas_port=1, nas_retries=0)
    with serving(to(device.port, fail=2)) as gate:
        hosts = {
            "late": device.variables(nas_port=gate.port, nas_retries=0),
            "gone": gone,
            "caught": gone,
            "shipped": {**gone, **there},
            "refused": device.variables(nas_ca_path=None),
            "bastion": {"ansible_connection": "elsewhere", **there},
        }
        waiting = {"register": "r", "until": "r is reachable", "retries": 4, "delay": 0}
        tasks = [
            {**FOLDER, **waiting, "when": "inventory_hostname == 'late'", "name": "late"},
            {
                "name": "block",
                "when": "inventory_hostname in ('caught', 'refused')",
                "block": [{**FOLDER, "register": "r", "until": "r is reachable", "retries": 1, "delay": 0}],
                "rescue": [{"ansible.builtin.debug": {"msg": "rescued {{ r.failure.kind }}"}}],
            },
            {
                "name": "bare",
                "when": "inventory_hostname == 'gone'",
                "block": [FOLDER],
                "rescue": [{"ansible.builtin.debug": {"msg": "never"}}],
            },
            {**FOLDER, "when": "inventory_hostname == 'shipped'", "delegate_to": "bastion", "name": "shipped"},
        ]
        outcome = run(tmp_path, play(*tasks), hosts, "--limit=!bastion", **PLUGINS)
    stats = outcome.stats
    (late,) = [result for result in outcome.results("late") if not result.get("skipped")]
    assert late["attempts"] == 3
    assert late["changed"]
    for name in ("gone", "shipped"):
        assert (stats[name]["unreachable"], stats[name]["failures"]) == (1, 0), outcome.text
    (reported,) = [line for line in outcome.text.splitlines() if line.startswith("fatal: [gone]: UNREACHABLE!")]
    assert '"failed"' not in reported
    assert '"kind": "connection"' in reported
    assert "rescued connection" in outcome.text
    assert "rescued certificate" in outcome.text
    assert "never" not in outcome.text
    assert "Traceback" not in outcome.text


def test_a_loss_after_a_write_is_a_failure(tmp_path, start):
    device = start("synology")
    device.faults({"call": "SYNO.FileStation.CreateFolder/*", "do": "reset", "times": 0})
    outcome = run(tmp_path, play(FOLDER), {"it": device.variables(nas_retries=0)})
    assert outcome.stats["it"]["failures"] == 1
    assert outcome.stats["it"]["unreachable"] == 0


def test_no_log_of_a_library_reaches_the_user(tmp_path, start):
    device = start("qnap", arguments=("--vendor-opt", "reveal_sessions=true"))
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import http.client, logging\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "http.client.HTTPConnection.debuglevel = 1\n"
    )
    tasks = [FOLDER, FILE, {"nasops.nas.nas_folder": {"path": "/nosuchshare/x"}, "ignore_errors": True}]
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()}, "-vvvv", PYTHONPATH=str(site))
    assert outcome.status == 0, outcome.text
    assert "urllib3" not in outcome.text
    assert "/cgi-bin/" not in outcome.text
    assert PASSWORD not in outcome.text


def test_the_recipe_waits_for_a_device_that_restarts(tmp_path, start, certificate):
    device = start("freebox", tls=certificate)
    (wait,) = yaml.safe_load(pages.recipes("guide_connection")["wait"])
    assert (wait["retries"], wait["delay"]) == (60, 10)
    with serving(to(device.port, fail=3)) as gate:
        variables = device.variables(nas_port=gate.port, nas_retries=0)
        outcome = run(tmp_path, play({**wait, "delay": 0}), {"it": variables})
    assert outcome.status == 0, outcome.text
    assert outcome.results()[0]["attempts"] == 4


def test_the_guide_prints_the_recipe_for_a_fingerprint():
    assert RECIPE.replace("HOST:PORT", "nas.example:5001") in pages.text("guide_connection")
