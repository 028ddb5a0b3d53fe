# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, driven by its DevTools protocol: no driver has to be installed beside it."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGE = (
    "no Chromium was found: install the package chromium (Debian: apt-get install --no-install-recommends chromium)"
)
SWITCHES = (
    "--headless=new",
    # It wants an ordinary user, and from Ubuntu 24.04 on a profile of AppArmor; the page is our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-allow-origins=*",
    "--remote-debugging-port=0",
)


class Browser:
    """A tab of a browser.

    :ivar console: what the page said to the console: errors, warnings, refusals of its policy.
    :ivar requests: the addresses that the page asked for, itself included.
    """

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=60)
        self._count = 0
        self.console: list[str] = []
        self.requests: list[str] = []
        self._happened: set[str] = set()
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """Leave the tab."""
        self._socket.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a method of the protocol.

        :raises AssertionError: when the browser refuses it.
        """
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            message = self._next()
            if message.get("id") == self._count:
                assert "error" not in message, message["error"]
                return dict(message["result"])

    def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._socket.recv())
        name, params = message.get("method", ""), message.get("params", {})
        self._happened.add(name)
        if name == "Runtime.consoleAPICalled":
            self.console.append(f"{params['type']}: {[one.get('value') for one in params['args']]}")
        elif name == "Runtime.exceptionThrown":
            self.console.append(f"exception: {params['exceptionDetails'].get('text')}")
        elif name == "Log.entryAdded":
            self.console.append(f"{params['entry']['level']}: {params['entry']['text']}")
        elif name == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        return message

    def open(self, address: str) -> None:
        """Open a page and wait until it is there."""
        self._happened.discard("Page.loadEventFired")
        self.call("Page.navigate", url=address)
        while "Page.loadEventFired" not in self._happened:
            self._next()

    def run(self, script: str) -> Any:
        """The value of a script's expression, as JSON has it."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def screen(self, width: int, height: int, *, mobile: bool = False) -> None:
        """The size of the screen, in pixels of CSS."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def media(self, media: str = "", **features: str) -> None:
        """The medium, such as `print`, and features, such as `prefers_color_scheme="dark"`."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=named)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.call("Input.insertText", text=text)

    def key(self, name: str, code: int) -> None:
        """A key of the keyboard."""
        more = {"text": "\r"} if name == "Enter" else {}
        for event in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=event, key=name, code=name, windowsVirtualKeyCode=code, **more)

    def picture(self, file: Path, height: Optional[int] = None) -> None:
        """A picture of the screen, or of the page down to `height`."""
        params: dict[str, Any] = {}
        if height:
            width = self.run("innerWidth")
            params["clip"] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
            params["captureBeyondViewport"] = True
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **params)["data"]))

    def paper(self) -> bytes:
        """The page as a PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def spoken(self) -> list[tuple[str, str]]:
        """Roles and names of what a screen reader reads, in order."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")
        ]


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile in a folder, until the context ends.

    :raises AssertionError: when there is none on this machine; it names the package.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert program, PACKAGE
    switches = [*SWITCHES, f"--user-data-dir={folder / 'profile'}"]
    process = subprocess.Popen(
        [program, *switches, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        yield from _tab(process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _tab(process: subprocess.Popen[str]) -> Iterator[Browser]:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"DevTools listening on (ws://[^/]+)\S+", line)
        if found:
            break
    else:
        raise AssertionError("Chromium did not start:\n" + "".join(said))
    # What it says later must not fill the pipe.
    threading.Thread(target=process.stderr.read, daemon=True).start()
    host = found.group(1)
    control = websocket.create_connection(found.group(0).rpartition(" ")[2], timeout=60)
    control.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
    targets = json.loads(control.recv())["result"]["targetInfos"]
    (page,) = (one["targetId"] for one in targets if one["type"] == "page")
    tab = Browser(f"{host}/devtools/page/{page}")
    try:
        yield tab
    finally:
        tab.close()
        control.close()
