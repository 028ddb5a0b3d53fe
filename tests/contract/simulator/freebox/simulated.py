# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a simulated Freebox by its command line and talks to it with `requests`, as its documents say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import signal
import time
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
import websocket

from tests.support.devices import simulate

DISK = "Disk"
APP, TOKEN = "org.example.test", "dyNYgfK0Ya6/FWGqq83sBHa+7TwzWo"
TASK_KEYS = {
    "id", "type", "state", "error", "created_ts", "started_ts", "done_ts", "duration", "progress", "eta", "from", "to",
    "nfiles", "nfiles_done", "total_bytes", "total_bytes_done", "curr_bytes", "curr_bytes_done", "rate",
}  # fmt: skip
WAIT = 20.0


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


LICENSE = b"".join(b"line %03d of a text that is protected\n" % number for number in range(16))
# made with par2cmdline: slices of 100 bytes, three recovery slices
PAR2_INDEX = _unpacked(
    "c-jka3^HN}@D7P#fB<#t_rLdhlucjfyMJNHr7y1xqBhHWMu!*kef_iNYDltYfMbw?k)8pAZ(?R1NPP-aA0rUoOJ7}jR`@Y{lD4Bn?dwHX1E6"
    "NNK-FwCu5n`D-Y<N2`B~Yp`L}FwneCRDlj@RMoQ!T>{Q7w>a=r&MpOFh&aLCGIGde$j31Ux9W^!s?ajITPMF|7U4JV*(IQ}C)dd2jUmF+!u*"
    "B18m72$G&r(3Wy0~SB=%@MAN_;6*)qsJj1ea~?2Kd-(p@XO)&rB-WpMT%b5ZMnKkS>+1X@#w9kFIXlV33wc|*Rpx0z?`XGo*ZmHHm;xezx!O"
    "p1Mcf4e(ucby861`3O8}I7+W!2eatv*n(Xz8uK^pDFTLP;@g|3_YkKJPzZsWwQ|-@6OP9j@kpuOI<j<~&t~Xf?O#*nBjLrRHarwi!C^fMpzX"
    "(F7rYIy;DikCZ871eY<YeZh>XwuiCFLuWr4|)u=I1FG>Y3;n=rI5Q)IQB2"
)
PAR2_VOLUME = _unpacked(
    "c-jka3^HN}@D5qQ00IBI|E{bEeEsQE+`?tY)086(qBhHWMu!*kef_iNYDltYfMbw?k)8oVP-=2na8712NDpUBl#pw@Zj5YPVr;0CG=ra3yrf"
    "Hhtbl-|YgAAqi+?7ktE)OtkuXqEEJTq6P*DU#kpxgt1YA+H6i`tdM3E#=k!gVzSFM7gZUEGsF;I7^TfhIk-=l2$I^X>ZOD=tRh0C43iJ5sI^"
    "(jz&j6i%ZeRb(s;m7Pr+Kv*nuNPf~ncV_av(dQ5iG6#&@ZIHSWy9v*vc+Y#TV_tGOKNd4x_R;I=e@}J9?X13E^NUeE04|S`~W71J;2~g%_~m"
    "TE2$`92tbR6U&l`^eqST?&}PXlyMr#NM+n6O$X@|xzh>ObHeEM0PwIu%vTYx0ukM&}N=<gQ_^gx*jZbZ@97Kvr{&ctm<P>kP_?lY5aNyMUfR"
    "<O>@%eWiEIHeG^y{6|44yYy)#7fL2b_)60GhN4YSQQ0t4GvKUYCk;?uEJY1k|0!f8<B6n0~Udz31-Q!oI#DT<-LA3wCC}683y^gli%`T$%Fd"
    "amYvCGo1U+t1k@vayWje)tX(AqL+1Bt}atnxx#fkdTZ$mmI+4!9tZ8UY@R7FXR4Pc2iuR0>nHy2K3DO8`?`srJF~j3zV5feO&l%8R!mnPGft"
    "Z(d%faoz=q{ZFSuU3$>Hmo9y<MR#wFcU`?J#0rSwQou(-T^uU_w(+2a;brcAX^t=<cS;u4fRCa%=UdHL6CanFOpg?VRl{@96py}2&GR#YR<@"
    "h{7V{+&!K?hEG4zOepx*P&oNizB~peQk0zH><tP+93I-$=$xQEW|U`?qZc#^{R<0qojc*t%jIXb;nLb&FgsR+6p%A!IbWYOM1$I`a|+(*F@K"
    "wtcE55JWR&s{;|0H;arrOSdw1^p;J>7k}4Gn5{rzIb5n9M^HOz7N{f>670ObJiZk=`6b$uD^bGVE0ETZq69"
)


def b64(path: str | bytes) -> str:
    raw = path.encode() if isinstance(path, str) else path
    return base64.b64encode(raw).decode()


def sign(token: str, challenge: str) -> str:
    return hmac.new(token.encode(), challenge.encode(), hashlib.sha1).hexdigest()


class Box:
    """One simulator. `opts` are vendor options; other keywords become command line options."""

    def __init__(
        self,
        base: Path,
        *,
        faults: list[Any] | None = None,
        opts: dict[str, Any] | None = None,
        login: bool = True,
        **options: Any,
    ) -> None:
        self.base = base
        self.root = base / "root"
        self.root.mkdir(parents=True, exist_ok=True)
        self.faults_file = base / "faults.yml"
        self.log_file = base / "log.jsonl"
        self.faults(*(faults or []))
        command = ["freebox", "--root", str(self.root), "--user", APP, "--password", TOKEN]
        command += ["--faults", str(self.faults_file), "--log", str(self.log_file)]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", *(str(item) for item in _list(value))]
        for name, value in (opts or {}).items():
            command += ["--vendor-opt", f"{name}={value}"]
        self.process = simulate(*command)
        words = self.process.stdout.readline().split()
        assert words[:2] == ["ready", "freebox"], words
        self.url = words[2]
        self.session = requests.Session()
        if login:
            self.login()

    def __enter__(self) -> Box:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WAIT)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.process.stdout.close()

    # -- talking

    def raw(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=WAIT, **more)

    def ask(self, method: str, call: str, body: Any = None, *, version: str = "v15", **more: Any) -> requests.Response:
        """One call; a body is sent as JSON."""
        if body is not None:
            more["data"] = json.dumps(body)
        return self.raw(method, f"/api/{version}/{call}", **more)

    def ok(self, method: str, call: str, body: Any = None, **more: Any) -> Any:
        """The `result` of a call that has to succeed; None when there is none."""
        answer = self.ask(method, call, body, **more).json()
        assert answer["success"] is True, answer
        return answer.get("result")

    def refused(self, method: str, call: str, body: Any = None, **more: Any) -> str:
        """The error code of a call that has to fail."""
        answer = self.ask(method, call, body, **more).json()
        assert answer["success"] is False
        assert isinstance(answer["msg"], str)
        return str(answer["error_code"])

    def login(self, version: str = "latest", app: str = APP, token: str = TOKEN) -> Any:
        challenge = self.ok("GET", "login/", version=version)["challenge"]
        body = {"app_id": app, "password": sign(token, challenge)}
        result = self.ok("POST", "login/session/", body, version=version)
        self.session.headers["X-Fbx-App-Auth"] = result["session_token"]
        return result

    def wait(self, task: int, version: str = "v15") -> Any:
        """The task when it has ended."""
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            found = self.ok("GET", f"fs/tasks/{task}", version=version)
            if found["state"] in {"done", "failed"}:
                return found
            time.sleep(0.005)
        raise AssertionError(f"task {task} does not end: {found}")

    def run(self, call: str, body: Any, version: str = "v15") -> Any:
        """Start a task and wait for its end."""
        return self.wait(self.ok("POST", f"fs/{call}/", body, version=version)["id"], version)

    def socket(self, version: str = "v15", **more: Any) -> websocket.WebSocket:
        headers = ["X-Fbx-App-Auth: " + str(self.session.headers["X-Fbx-App-Auth"])]
        url = self.url.replace("http", "ws", 1) + f"/api/{version}/ws/upload"
        return websocket.create_connection(url, header=headers, timeout=WAIT, **more)

    # -- looking behind

    def faults(self, *rules: Any) -> None:
        beside = self.faults_file.with_suffix(".new")
        beside.write_text(json.dumps(rules))
        beside.replace(self.faults_file)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def folder(self, name: str, **files: str | bytes) -> Path:
        """A folder under the root with these files."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (path / file.replace("__", ".")).write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def exchange(socket: websocket.WebSocket, message: Any) -> Any:
    """Send an action (or a block of bytes) and read one answer."""
    if isinstance(message, bytes):
        socket.send_binary(message)
    else:
        socket.send(json.dumps(message))
    return json.loads(socket.recv())


def listed(box: Box, path: str, version: str = "v15") -> dict[str, Any]:
    found = box.ok("GET", f"fs/ls/{b64(path)}", version=version)
    rows = found["entries"] if isinstance(found, dict) else found
    return {row["name"]: row for row in rows if row["name"] not in {".", ".."}}
