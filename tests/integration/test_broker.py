# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that keeps connections and sessions for a run: it does, it gives them to nobody else, it always ends."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from tests.support.devices import VENDORS, fleet
from tests.support.playbooks import (
    BIN,
    environment,
    folder,
    of_run,
    parent_of,
    play,
    read,
    run,
    started,
    where_to_ship,
    write_inventory,
    write_play,
)

DEADLINE = 60  # seconds
PASSWORD = "s3cret-of-the-nas"
STAT = {"nasops.nas.nas_stat": {"path": "/home"}}


def processes(place, words):
    """The processes of a run that have these words in their command line."""
    found = []
    for pid in of_run(place):
        with contextlib.suppress(OSError):  # one that has ended meanwhile
            if words in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def broker_of(place):
    """The process that keeps the connections."""
    (pid,) = processes(place, b"nasops.nas broker")
    return pid


def left_of(place):
    """What a run has left of ours in the folders of Ansible, which at a signal leaves its own."""
    return sorted(str(path) for path in (place / "ansible-home" / "tmp").glob("ansible-local-*/nasops*"))


def until(done):
    end = time.monotonic() + DEADLINE
    while not (found := done()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@contextlib.contextmanager
def paused(place, device, *after, before=(STAT,), prefix=(), **variables):
    """A run that has asked the device once, and goes on when the file `go` is there."""
    wait = {
        "ansible.builtin.wait_for": {"path": str(place / "go"), "sleep": 1, "timeout": DEADLINE},
        "delegate_to": "localhost",
    }
    begun = {"ansible.builtin.copy": {"dest": str(place / "begun"), "content": ""}, "delegate_to": "localhost"}
    here = {"ansible_connection": "local", **where_to_ship(place)}
    hosts = {"it": device.variables(**variables), "localhost": here}
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    plays = play(*before, begun, wait, *after, hosts="it")
    if prefix:
        process = subprocess.Popen(
            [*prefix, BIN / "ansible-playbook", "-i", write_inventory(place, hosts), write_play(place, plays)],
            cwd=place,
            env=environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    else:
        process = started(place, plays, hosts)
    try:
        # A worker that is killed while it sends its result takes a lock of core's along: the next one must be there.
        ready = functools.partial(processes, place, b"AnsiballZ_wait_for")
        until(lambda: ((place / "begun").exists() and ready()) or process.poll() is not None)
        assert process.poll() is None, process.stdout.read()
        yield process
    finally:
        signal.signal(signal.SIGINT, usual)
        (place / "go").touch()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


# -- every way of ending


@pytest.mark.parametrize("ending", ["end", "failure", "SIGINT", "SIGTERM", "SIGKILL", "worker"])
def test_nothing_is_left_of_a_run(tmp_path, start, ending):
    device = start("synology")
    after = [folder(path="/nosuchshare/x")] if ending == "failure" else [STAT]
    with paused(tmp_path, device, *after) as process:
        broker = broker_of(tmp_path)
        if ending.startswith("SIG"):
            process.send_signal(getattr(signal, ending))
        elif ending == "worker":
            for pid in of_run(tmp_path) - {broker}:
                if pid != process.pid and parent_of(pid) == process.pid:
                    os.kill(pid, signal.SIGKILL)
        (tmp_path / "go").touch()
        text, _errors = process.communicate(timeout=DEADLINE)
        until(lambda: not of_run(tmp_path))
    assert "Traceback" not in text
    assert left_of(tmp_path) == []
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1


def test_a_broker_that_dies_costs_a_warning_and_a_new_login(tmp_path, start):
    device = start("synology")
    with paused(tmp_path, device, STAT, STAT) as process:
        os.kill(broker_of(tmp_path), signal.SIGKILL)
        (tmp_path / "go").touch()
        text, _errors = process.communicate(timeout=DEADLINE)
        until(lambda: not of_run(tmp_path))
    assert process.returncode == 0, text
    assert len(re.findall("has ended\\s+unexpectedly", text)) == 1
    assert left_of(tmp_path) == []
    # The session that the dead one had ends by the time-out of the device.
    assert (len(device.calls_of("login")), len(device.calls_of("logout"))) == (2, 1)


def test_a_one_time_code_is_not_sent_again(tmp_path, start):
    device = start("synology")
    with paused(tmp_path, device, STAT, nas_otp_code="123456") as process:
        os.kill(broker_of(tmp_path), signal.SIGKILL)
        (tmp_path / "go").touch()
        text, _errors = process.communicate(timeout=DEADLINE)
    assert process.returncode != 0
    assert "nas_device_token" in text
    assert "123456" not in text
    assert len(device.calls_of("login")) == 1


def test_the_first_process_of_a_container_logs_out(tmp_path, start):
    """A container ends with its first process, whatever else is in it."""
    device = start("synology")
    prefix = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        prefix = []  # where nobody may make a namespace of processes, it is a run like any other
    with paused(tmp_path, device, prefix=prefix) as process:
        first = process.pid if not prefix else next(pid for pid in of_run(tmp_path) if parent_of(pid) == process.pid)
        os.kill(first, signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
        until(lambda: not of_run(tmp_path))
    assert left_of(tmp_path) == []
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1


# -- who can talk to it, and what can be seen of it

ANOTHER = """
import json, os, socket, struct, sys
pid, address = int(sys.argv[1]), sys.argv[2]
os.setgroups([]); os.setgid(65534); os.setuid(65534)

def ask():
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(address)
    question = json.dumps({"do": "current", "key": ""}).encode()
    try:
        sock.sendall(struct.pack("!II", len(question), 0) + question)
        return sock.recv(9).decode() or "end"
    except ConnectionError:
        return "end"

tries = {
    "ask": ask,
    "kill": lambda: os.kill(pid, 9),
    "files": lambda: os.listdir(f"/proc/{pid}/fd"),
    **{name: lambda name=name: open(f"/proc/{pid}/{name}", "rb").read(1) for name in ("environ", "maps", "mem")},
}
came = {}
for name, attempt in tries.items():
    try:
        came[name] = str(attempt())
    except PermissionError:
        came[name] = "refused"
print(json.dumps(came))
"""
REFUSED = dict.fromkeys(("ask", "kill", "files", "environ", "maps", "mem"), "refused")


def tried_by_another(pid, address):
    """What another user gets of the broker."""
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER, str(pid), str(address)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_only_the_user_can_reach_it_and_nothing_shows_a_secret(tmp_path, start, monkeypatch):
    device = start("synology", arguments=["--password", PASSWORD])
    short = Path(tempfile.mkdtemp())
    monkeypatch.setenv("NASOPS_UNRELATED", PASSWORD)
    (tmp_path / "ansible.cfg").write_text(f"[defaults]\nlocal_tmp = {short}\n")
    with paused(tmp_path, device, ansible_password=PASSWORD) as process:
        pid = broker_of(short)
        (address,) = short.glob("*/nasops-sessions/broker")
        places = [address.parent, address.parent.parent]
        assert [stat.S_IMODE(place.stat().st_mode) for place in places] == [0o700, 0o700]
        assert stat.S_IMODE(address.stat().st_mode) == 0o600
        proc = Path(f"/proc/{pid}")
        # What makes no dump of its memory shows these, but for the first, to nobody but the administrator.
        shown = [read(proc / name) for name in ("cmdline", "environ", "maps")]
        assert shown[0].startswith(b"nasops.nas broker ")
        mapped = {line.split(maxsplit=5)[5] for line in shown[2].decode().splitlines() if "/" in line}
        shown += [path.read_bytes() for path in address.parent.iterdir() if path.is_file()]
        assert all(PASSWORD.encode() not in text and b"sid" not in text for text in shown)
        assert all(PASSWORD.encode() not in read(Path(path)) for path in mapped)
        assert re.search(r"Max core file size +0 +0 ", (proc / "limits").read_text())
        if os.geteuid():
            with pytest.raises(PermissionError):
                os.listdir(proc / "fd")
        else:
            held = {os.readlink(proc / "fd" / number).partition(":")[0] for number in os.listdir(proc / "fd")}
            assert held <= {"/dev/null", "socket", "pipe"}
            assert tried_by_another(pid, address) == REFUSED
            for path in (short, *places):
                path.chmod(0o755)
            address.chmod(0o666)
            assert tried_by_another(pid, address) == {**REFUSED, "ask": "end"}
            for path in (*places, address):
                path.chmod(0o700)
        # It is told nonsense, and stays.
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(address))
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                assert sock.recv(9) == b""
        (tmp_path / "go").touch()
        process.communicate(timeout=DEADLINE)
    short.rmdir()  # nothing is left in it
    assert len(device.calls_of("logout")) == 1


def test_a_path_that_is_too_long_for_a_socket(tmp_path, start, monkeypatch):
    device = start("qnap")
    place = tmp_path / ("x" * 100)
    place.mkdir()
    folder = tmp_path / "r"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    with paused(place, device) as process:
        found = [*folder.glob("nasops-*"), *(path for path in Path("/tmp").glob("nasops-*/broker"))]
        assert found
        (place / "go").touch()
        process.communicate(timeout=DEADLINE)
    assert process.returncode == 0
    assert left_of(place) == list(folder.iterdir()) == []
    assert len(device.calls_of("logout")) == 1


# -- what it is for


class Relay:
    """Counts the connections to a device."""

    def __init__(self, device):
        self.count = 0
        self._to = device.port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                self.count += 1
                far = socket.create_connection(("127.0.0.1", self._to))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass(one, other):
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("vendor", VENDORS)
def test_forty_tasks_by_one_connection(tmp_path, certificate, vendor):
    (tmp_path / "nas").mkdir()
    with fleet(vendor, 1, tmp_path / "nas", tls=certificate) as (device,):
        relay = Relay(device)
        outcome = run(tmp_path, play(*[folder(path="/home")] * 40), {"it": device.variables(nas_port=relay.port)})
        assert outcome.status == 0, outcome.text
        assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1
        assert relay.count == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_forty_tasks_on_three_devices_by_ten_forks(tmp_path, certificate, vendor):
    (tmp_path / "nas").mkdir()
    with fleet(vendor, 3, tmp_path / "nas", tls=certificate) as found:
        relays = [Relay(device) for device in found]
        hosts = {
            f"nas{number}": device.variables(nas_port=relay.port)
            for number, (device, relay) in enumerate(zip(found, relays))
        }
        # Some hosts are the same device, which logs in once all the same.
        hosts = {**hosts, **{f"again{name}": variables for name, variables in hosts.items()}}
        outcome = run(tmp_path, play(*[folder(path="/home")] * 13), hosts, "--forks=10")
        assert outcome.status == 0, outcome.text
        assert [len(device.calls_of("login")) for device in found] == [1] * 3
        assert [len(device.calls_of("logout")) for device in found] == [1] * 3
        # Two hosts at once have one each.
        assert all(relay.count <= 2 for relay in relays), [relay.count for relay in relays]
        for relay in relays:
            relay.count = 0
        outcome = run(tmp_path, play(*[folder(path="/home")] * 3), hosts, "--forks=10", NASOPS_KEEP="0")
        assert outcome.status == 0, outcome.text
        assert all(relay.count >= 6 for relay in relays)
        assert not of_run(tmp_path)


FILTERS = """
import glob, sys

class FilterModule:
    def filters(self):
        return {"held": lambda names: [name for name in names if name in sys.modules], "found": glob.glob}
"""


@pytest.fixture
def filters(tmp_path):
    place = tmp_path / "ansible-home" / "plugins" / "filter"
    place.mkdir(parents=True)
    (place / "own.py").write_text(FILTERS)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.usefixtures("filters")
def test_what_connects_is_imported_for_tasks_that_connect_by_themselves(tmp_path, start, vendor):
    device = start(vendor)
    held = {"ansible.builtin.debug": {"msg": "{{ ['requests', 'websocket'] | held }}"}}
    content = "x" * 100_000
    uploads = [{"nasops.nas.nas_file": {"path": f"/home/{name}.txt", "content": content}} for name in "ab"]
    tasks = [folder(path="/home"), held, uploads[0], held, uploads[1]]
    # The real program: the one whose imports were made before has them all.
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()}, TZ="UTC")
    assert outcome.status == 0, outcome.text
    told = [result["msg"] for result in outcome.results() if "msg" in result]
    assert told[0] == []
    assert "requests" in told[1]
    assert ("websocket" in told[1]) is (vendor == "freebox")
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1
    assert not left_of(tmp_path)


@pytest.mark.parametrize("keep", ["1", "0"])
@pytest.mark.usefixtures("filters")
def test_it_begins_with_the_first_action_of_a_run(tmp_path, start, keep):
    where = f"{tmp_path}/ansible-home/tmp/ansible-local-*/nasops-sessions/broker.starts"
    tasks = [{**STAT, "when": "false"}, {"ansible.builtin.debug": {"msg": f"{{{{ '{where}' | found | length }}}}"}}]
    outcome = run(tmp_path, play(*tasks), {"it": start("synology").variables()}, TZ="UTC", NASOPS_KEEP=keep)
    assert outcome.status == 0, outcome.text
    assert str(outcome.results()[-1]["msg"]) == keep
    assert not of_run(tmp_path)
    assert not left_of(tmp_path)


def test_v_says_which_way_a_call_went(tmp_path, start):
    device = start("synology")
    written = {"nasops.nas.nas_file": {"path": "/home/a.txt", "content": "x"}}
    large = {"nasops.nas.nas_file": {"path": "/home/b.txt", "content": "x" * 100_000}}
    tasks = (STAT, written, written, large)
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()}, "-vvv")
    assert "SYNO.FileStation.List/getinfo by a connection that is kept" in outcome.text
    uploads = re.findall("SYNO.FileStation.Upload/upload by a connection (.*)", outcome.text)
    assert uploads == ["that is kept", "of its own"]
    assert "SYNO.FileStation.Download/download by a connection that is kept" in outcome.text
    alone = run(tmp_path, play(STAT), {"it": device.variables(nas_session="task")}, "-vvv")
    assert "that is kept" not in alone.text
