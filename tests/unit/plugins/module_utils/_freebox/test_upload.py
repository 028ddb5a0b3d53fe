# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending files to a Freebox over a WebSocket."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource, Source
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._freebox import channel
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    APP_TOKEN,
    Answer,
    Fake,
    b64,
    bad,
)

FOLDER = "/Disque dur/folder"
PATH = f"{FOLDER}/.new"
SESSION = {"token": "old/session", "permissions": ["explorer"], "api": ["/api/", 12, 1]}
HALF = 512 * 1024


class Taker:
    """A box that takes uploads, and remembers them."""

    def __init__(self, acknowledge=True, **final):
        self.starts = []
        self.pieces = []
        self.others = []
        self._acknowledge = acknowledge
        self._final = final

    def __call__(self, socket):
        total = 0
        while (message := socket.receive()) is not None:
            if isinstance(message, bytes):
                total += len(message)
                self.pieces.append(len(message))
                if self._acknowledge:
                    socket.ack("upload_data", 1, total_len=total, complete=False)
            elif message["action"] == "upload_start":
                self.starts.append(message)
                socket.ack("upload_start")
            elif message["action"] == "upload_finalize":
                reported = {"total_len": total, "complete": True, **self._final}
                socket.ack("upload_finalize", message["request_id"], **reported)
            else:
                self.others.append(message["action"])
                socket.ack(message["action"], message["request_id"], complete=True, cancelled=True)


def send(box, content=b"hello", path=PATH, watch=None, session=None, retries=1):
    source = content if isinstance(content, Source) else BytesSource(content)
    box.client(session, retries=retries).files.upload(source, path, mtime=None, watch=watch or Watch())


def caught_from(box, *args, **kwargs):
    with pytest.raises(NasError) as caught:
        send(box, *args, **kwargs)
    assert caught.value.vendor == "freebox"
    assert "session/1" not in str(caught.value)
    assert APP_TOKEN not in str(caught.value)
    return caught.value


def test_a_file_goes_in_pieces_of_half_a_megabyte(box):
    taker = Taker()
    box.sockets = [taker]
    seen = []
    send(box, b"x" * (2 * HALF + 7), watch=Watch(lambda done, total: seen.append((done, total))))
    assert taker.pieces == [HALF, HALF, 7]
    assert taker.starts == [
        {"action": "upload_start", "request_id": 1, "size": 2 * HALF + 7, "dirname": b64(FOLDER), "filename": ".new"}
    ]
    assert seen == [(HALF, 2 * HALF + 7), (2 * HALF, 2 * HALF + 7), (2 * HALF + 7, 2 * HALF + 7)]
    request = box.requests[-1]
    assert request.target == "/api/v16/ws/upload"
    assert request.headers["X-Fbx-App-Auth"] == "session/1"
    assert "Origin" not in request.headers


def test_an_empty_file(box):
    taker = Taker()
    box.sockets = [taker]
    send(box, b"")
    assert taker.pieces == []


def test_no_piece_waits_for_an_acknowledgement(box):
    taker = Taker(acknowledge=False)
    box.sockets = [taker]
    send(box, b"x" * (5 * HALF))
    assert len(taker.pieces) == 5


@pytest.mark.parametrize("name", ["\u00e9", "e\u0301", " a", "\U0001f600 [1] 100% #1+?.txt", "'\"\\"])
def test_names_are_sent_in_clear_text(box, name):
    taker = Taker()
    box.sockets = [taker]
    folder = b"/Disque dur/\xe9".decode("utf-8", "surrogateescape")
    send(box, path=f"{folder}/{name}")
    assert (taker.starts[0]["filename"], taker.starts[0]["dirname"]) == (name, b64(folder))


def test_a_name_that_is_no_utf8_is_refused_before_the_call(box):
    assert caught_from(box, path=f"{FOLDER}/\udce9").kind is Kind.INVALID_NAME
    assert box.requests == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("conflict", Kind.EXISTS),
        ("destination_conflict", Kind.EXISTS),
        ("path_not_found", Kind.NOT_FOUND),
        ("noent", Kind.NOT_FOUND),
        ("access_denied", Kind.PERMISSION_DENIED),
        ("disk_full", Kind.NO_SPACE),
        ("brand_new", Kind.DEVICE),
    ],
)
def test_a_start_that_is_refused(box, code, kind):
    def script(socket):
        socket.receive()
        socket.refuse("upload_start", code)
        assert socket.receive() is None

    box.sockets = [script]
    error = caught_from(box, retries=3)
    assert (error.kind, error.code, error.path, error.call) == (kind, code, PATH, "GET ws/upload")
    assert box.count("GET ws/upload") == 1


def test_a_disk_that_gets_full_is_noticed_and_the_part_removed(box):
    cancelled = []

    def script(socket):
        socket.receive()
        socket.ack("upload_start")
        assert len(socket.receive()) == HALF
        socket.refuse("upload_data", "disk_full")
        while (message := socket.receive()) is not None:
            if isinstance(message, dict):
                cancelled.append(message["action"])
                socket.ack("upload_cancel", 3, complete=True, cancelled=True)

    box.sockets = [script]
    assert caught_from(box, b"x" * (20 * HALF)).kind is Kind.NO_SPACE
    assert cancelled == ["upload_cancel"]


def test_the_reason_is_heard_when_the_box_breaks_off_after_it(box):
    def script(socket):
        socket.receive()
        socket.ack("upload_start")
        socket.refuse("upload_data", "disk_full")

    box.sockets = [script]
    assert caught_from(box, b"x" * (40 * HALF)).kind is Kind.NO_SPACE


@pytest.mark.parametrize("final", [{"total_len": 4}, {"total_len": 6}, {"complete": False}])
def test_what_arrived_is_compared_with_what_was_sent(box, final):
    box.sockets = [Taker(**final)]
    assert caught_from(box).kind is Kind.MISMATCH


@pytest.mark.parametrize("final", [{"total_len": None}, {"total_len": "5"}, {"complete": "yes"}])
def test_an_end_that_makes_no_sense(box, final):
    box.sockets = [Taker(**final)]
    assert caught_from(box).kind is Kind.PROTOCOL


@pytest.mark.parametrize("message", [b"garbage", b"[]", b'{"action": "upload_start"}', b'{"success": false}', b"\xff"])
def test_messages_that_make_no_sense(box, message):
    def script(socket):
        socket.receive()
        socket.say(message)
        socket.receive()

    box.sockets = [script]
    assert caught_from(box).kind is Kind.PROTOCOL


def test_somebody_cancels_the_upload(box):
    def script(socket):
        socket.receive()
        socket.ack("upload_start")
        socket.receive()
        socket.ack("upload_data", 1, total_len=5, complete=True, cancelled=True)
        while socket.receive() is not None:
            pass

    box.sockets = [script]
    assert caught_from(box).kind is Kind.CANCELLED


def test_a_box_that_goes_away_is_not_sent_the_file_again(box):
    def script(socket):
        socket.receive()
        socket.ack("upload_start")
        socket.receive()

    box.sockets = [script]
    error = caught_from(box, b"x" * HALF, retries=3)
    assert error.kind is Kind.CONNECTION
    assert not error.unsent
    assert box.count("GET ws/upload") == 1


def test_a_box_that_ends_the_conversation(box):
    def script(socket):
        socket.receive()
        socket.frame(8, b"")

    box.sockets = [script]
    assert caught_from(box).kind is Kind.CONNECTION


def test_a_ping_in_between(box):
    taker = Taker()

    def script(socket):
        socket.frame(9, b"ping")
        taker(socket)

    def without_pong(socket):
        inner = socket.receive
        socket.receive = lambda: message if (message := inner()) != b"ping" else inner()
        script(socket)

    box.sockets = [without_pong]
    send(box)
    assert taker.pieces == [5]


@pytest.mark.parametrize(
    ("refusal", "calls"),
    [
        (bad("auth_required", 403, result={"challenge": "fresh"}), ["POST login/session/"]),
        (Answer(403, b""), ["GET login/", "POST login/session/"]),
        (Answer(403, b"<html>"), ["GET login/", "POST login/session/"]),
    ],
)
def test_a_session_that_expired_before_the_upload(box, refusal, calls):
    taker = Taker()
    box.sockets = [refusal, taker]
    # A session without this API in it would have to find it again.
    client = box.client(SESSION)
    client._wire._api = None
    fake_calls = ["GET ws/upload", *calls, "GET ws/upload"]
    client.files.upload(BytesSource(b"hello"), PATH, mtime=None, watch=Watch())
    assert [r.call for r in box.requests if r.call != "GET /api_version"] == fake_calls
    assert taker.pieces == [5]
    assert "force" not in taker.starts[0]


def test_a_session_that_expires_during_the_upload(box):
    def script(socket):
        socket.receive()
        socket.ack("upload_start")
        socket.receive()
        socket.refuse("upload_data", "auth_required")
        while socket.receive() is not None:
            pass

    taker = Taker()
    box.sockets = [script, taker]
    send(box, b"x" * (2 * HALF))
    assert taker.pieces == [HALF, HALF]
    # The part of the first attempt is our own.
    assert taker.starts[0]["force"] == "overwrite"
    assert box.logins == 2


def test_an_application_without_the_right(box):
    box.permissions = {}
    box.sockets = [Answer(403, b"")]
    error = caught_from(box)
    assert error.kind is Kind.PERMISSION_DENIED
    assert "explorer" in error.hint
    box.sockets = [bad("insufficient_rights", 403)]
    assert caught_from(box).kind is Kind.PERMISSION_DENIED


def test_a_busy_box_is_asked_again_since_nothing_was_sent(box):
    taker = Taker()
    box.sockets = [Answer(503, b""), taker]
    send(box)
    assert taker.pieces == [5]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(302, b"", {"Location": "http://elsewhere.example/"}), Kind.REDIRECT),
        (Answer(200, b"hello"), Kind.PROTOCOL),
        (Answer(413, b"<html>too large</html>"), Kind.PROTOCOL),
        (bad("invalid_request", 404), Kind.UNSUPPORTED),
        (Answer(404, b"gone"), Kind.UNSUPPORTED),
    ],
)
def test_a_handshake_that_fails(box, answer, kind):
    box.sockets = [answer]
    error = caught_from(box)
    assert error.kind is kind
    assert ("pass on WebSockets" in error.hint) is (kind is Kind.PROTOCOL)
    assert box.count("GET ws/upload") == 1


def test_nobody_there():
    box = Fake()
    client = box.client(SESSION, retries=0)
    box.stop()
    with pytest.raises(NasError) as caught:
        client.files.upload(BytesSource(b""), PATH, mtime=None, watch=Watch())
    assert caught.value.kind is Kind.CONNECTION
    assert caught.value.unsent


class Shrunk(Source):
    def _open(self):
        return io.BytesIO(b"short")


def test_a_source_that_changed_its_size(box):
    taker = Taker()
    box.sockets = [taker]
    with pytest.raises(NasError) as caught:
        send(box, Shrunk(10))
    assert caught.value.kind is Kind.MISMATCH
    assert taker.others == ["upload_cancel"]


def test_an_interruption_cancels_the_upload(box):
    taker = Taker()
    box.sockets = [taker]

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(box, watch=Watch(interrupt))
    assert taker.others == ["upload_cancel"]


class Large(Source):
    def _open(self):
        return Zeros(self.size)


class Zeros(io.RawIOBase):
    def __init__(self, size):
        self._left = size

    def read(self, size=-1):
        piece = bytes(min(size, self._left))
        self._left -= len(piece)
        return piece


def test_memory_is_bounded(box):
    taker = Taker()
    box.sockets = [taker]
    tracemalloc.start()
    try:
        send(box, Large(64 * 1024 * 1024))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(taker.pieces) == 64 * 1024 * 1024
    # Both ends of the connection are in this process.
    assert peak < 12 * 1024 * 1024


def test_without_the_library(box, monkeypatch):
    monkeypatch.setattr(channel, "WEBSOCKET_IMPORT_ERROR", "Traceback")
    error = caught_from(box)
    assert "websocket-client" in str(error)
