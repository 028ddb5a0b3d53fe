# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ways to a device: each test of the transport goes each of them."""

from __future__ import annotations

import os
import socket
import tempfile
import threading

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._transport import http as _http
from ansible_collections.nasops.nas.plugins.module_utils._transport.broker import Server
from ansible_collections.nasops.nas.plugins.module_utils._transport.kept import Broker
from ansible_collections.nasops.nas.plugins.module_utils._transport.way import system_store


class Running:
    """A broker in a thread.

    :ivar address: of its socket.
    :ivar lost: how often a worker has said that it is gone.
    """

    def __init__(self, folder):
        self.address = os.path.join(folder, "broker")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen()
        self._life, self._alive = os.pipe()
        self.ended = []
        self.server = Server(listener, self._life, self._log_out)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.lost = []
        self.announced = None

    def _serve(self):
        self.announced = self.server.serve()
        self.server.finish()

    def _log_out(self, connection, session, keep):
        self.ended.append((connection.host, session))

    def connect(self):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.address)
        return sock

    def worker(self):
        """The broker as another worker sees it."""
        return Broker(self.connect, lambda: self.lost.append(1))

    def end(self):
        """End as when all processes of the run are gone."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
            self._thread.join(10)
            os.close(self._life)


@pytest.fixture
def broker():
    with tempfile.TemporaryDirectory() as folder:
        running = Running(folder)
        yield running
        running.end()


@pytest.fixture(params=["direct", "kept"])
def way(request, monkeypatch):
    if request.param == "kept":
        worker = request.getfixturevalue("broker").worker()
        usual, store = _http.Http.__init__, system_store()

        def made(self, connection, extra_ca="", keep=None):
            # As the controller does, where a task has an environment of its own.
            usual(self, connection, extra_ca, worker.way if system_store() == store else None)

        monkeypatch.setattr(_http.Http, "__init__", made)
    return request.param
