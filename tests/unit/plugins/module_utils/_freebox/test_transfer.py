# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching files from a Freebox."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    Answer,
    b64,
    bad,
    good,
    info,
)

PATH = "/Disque dur/été?>/x+~"
CALL = f"GET dl/{b64(PATH)}"
STAT = f"GET fs/info/{b64(PATH)}"
ATTACHED = {"Content-Type": "text/plain", "Content-Disposition": 'attachment; filename="x"'}


def fetch(box, watch=None, retries=1):
    sink = io.BytesIO()
    count = box.client(retries=retries).files.download(PATH, sink, watch=watch or Watch())
    assert count == len(sink.getvalue())
    return sink.getvalue()


def caught_from(box, retries=1):
    sink = io.BytesIO()
    with pytest.raises(NasError) as caught:
        box.client(retries=retries).files.download(PATH, sink, watch=Watch())
    return caught.value, sink.getvalue()


def test_a_file(box):
    box.on(CALL, Answer(200, b"abc" * 400000, ATTACHED))
    seen = []
    assert fetch(box, Watch(lambda done, total: seen.append((done, total)))) == b"abc" * 400000
    assert seen[-1] == (1200000, 1200000)
    assert box.requests[-1].target == f"/api/v16/dl/{b64(PATH)}"
    assert box.requests[-1].headers["Accept-Encoding"] == "identity"


def test_an_empty_file(box):
    box.on(CALL, Answer(200, b"", ATTACHED))
    assert fetch(box) == b""


REFUSAL = json.dumps({"success": False, "error_code": "path_not_found"}).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (REFUSAL, {**ATTACHED, "Content-Type": "application/json"}),
        (b'{"success": true}', {}),
        (b'{"a": 1}', {}),
        (b"[" + b"1," * 100000 + b"1]", {}),
        (b"not json at all", {}),
    ],
)
def test_a_file_that_is_json(box, body, headers):
    box.on(CALL, Answer(200, body, headers))
    assert fetch(box) == body


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_refusal_is_never_taken_for_the_file(box, status):
    box.on(CALL, bad("path_not_found", status))
    error, written = caught_from(box)
    assert (error.kind, error.code, error.path) == (Kind.NOT_FOUND, "path_not_found", PATH)
    assert written == b""


@pytest.mark.parametrize(
    ("there", "kind"), [(None, Kind.NOT_FOUND), ("dir", Kind.WRONG_TYPE), ("file", Kind.UNSUPPORTED)]
)
def test_a_vague_refusal_is_explained(box, there, kind):
    box.on(CALL, bad("invalid_request", 404))
    box.on(STAT, good(info(PATH, there)) if there else bad("path_not_found"))
    assert caught_from(box)[0].kind is kind


@pytest.mark.parametrize("answer", [Answer(404, b"<html>"), Answer(206, b"ab", ATTACHED), Answer(201, b"{}", {})])
def test_an_answer_that_makes_no_sense(box, answer):
    box.on(CALL, answer)
    box.on(STAT, good(info(PATH)))
    error, written = caught_from(box)
    assert error.kind is Kind.PROTOCOL
    assert written == b""


def test_more_or_fewer_bytes_than_announced(box):
    box.on(CALL, Answer(200, b"abc", {**ATTACHED, "Content-Length": "5"}))
    # Which of the two depends on whether the HTTP library notices first.
    assert caught_from(box, retries=3)[0].kind in (Kind.MISMATCH, Kind.CONNECTION)
    assert box.count(CALL) == 1


def test_a_size_that_is_not_announced(box):
    box.on(CALL, Answer(200, b"abc", {**ATTACHED, "Content-Length": None, "Connection": "close"}))
    assert fetch(box) == b"abc"


def test_an_expired_session(box):
    box.on(CALL, bad("auth_required", 403, result={"challenge": "c"}), Answer(200, b"abc", ATTACHED))
    assert fetch(box) == b"abc"
    assert box.logins == 2


def test_a_busy_box_is_asked_again_before_the_first_byte(box):
    box.on(CALL, Answer(503, b""), Answer(200, b"abc", ATTACHED))
    assert fetch(box) == b"abc"


class Nowhere(io.RawIOBase):
    def write(self, piece):
        return len(piece)


def test_memory_is_bounded(box):
    body = bytes(64 * 1024 * 1024)
    box.on(CALL, Answer(200, body, ATTACHED))
    client = box.client()
    client.login()
    tracemalloc.start()
    try:
        assert client.files.download(PATH, Nowhere(), watch=Watch()) == len(body)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
