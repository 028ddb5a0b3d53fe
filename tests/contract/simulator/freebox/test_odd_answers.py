# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: names that are no UTF-8, and answers that cannot be true."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.simulator.freebox.simulated import DISK, Box, b64, listed


def test_a_name_that_is_no_utf_8(box: Box) -> None:
    folder = box.folder(DISK) / "latin"
    folder.mkdir()
    raw = b"caf\xe9.txt"
    Path(os.fsdecode(os.fsencode(folder) + b"/" + raw)).write_bytes(b"x")
    row = listed(box, f"/{DISK}/latin")["caf\N{REPLACEMENT CHARACTER}.txt"]
    here = f"/{DISK}/latin/".encode()
    assert row["path"] == b64(here + raw)
    assert box.ok("GET", f"fs/info/{row['path']}")["size"] == 1
    assert box.raw("GET", f"/api/v15/dl/{row['path']}").content == b"x"
    # a new name is clear text: the shown one is another name, and no text spells the old one
    assert box.ok("POST", "fs/rename/", {"src": row["path"], "dst": row["name"]}) == b64(f"/{DISK}/latin/{row['name']}")
    assert os.listdir(os.fsencode(folder)) == [row["name"].encode()]
    assert box.refused("POST", "fs/rename/", {"src": b64(here + row["name"].encode()), "dst": "caf\udce9.txt"}) == (
        "invalid_request"
    )
    # a destination is base64, and gives every name
    moved = box.run("mv", {"files": [b64(here + row["name"].encode())], "dst": b64(here + raw), "mode": "skip"})
    assert moved["state"] == "done"
    assert os.listdir(os.fsencode(folder)) == [raw]


def test_a_size_that_cannot_be(box: Box) -> None:
    box.folder(DISK + "/sized/sub")
    box.folder(DISK + "/sized", file="four")
    box.faults({"call": "GET fs/ls/{path}", "do": {"vendor": "bad_size"}})
    sizes = [listed(box, f"/{DISK}/sized")["file"]["size"] for _time in range(2)]
    assert sizes == [-1, 4]
    box.faults({"call": "GET fs/info/{path}", "do": {"vendor": "bad_size", "value": None}})
    sizes = [box.ok("GET", f"fs/info/{b64(f'/{DISK}/sized/file')}")["size"] for _time in range(2)]
    assert sizes == [4, 4]
    box.faults({"call": "GET fs/info/{path}", "do": {"vendor": "bad_size", "value": "many"}})
    assert box.ok("GET", f"fs/info/{b64(f'/{DISK}/sized/file')}")["size"] == "many"


@pytest.mark.parametrize("variant", ["same", "new"])
def test_a_listing_without_end(box: Box, variant: str) -> None:
    box.folder(DISK + "/endless", a="", b="")
    box.faults({"call": "GET fs/ls/{path}", "times": 0, "do": {"vendor": "endless", "value": variant}})
    cursor, names, cursors = "", [], set()
    for _page in range(5):
        found = box.ok("GET", f"fs/ls/{b64(f'/{DISK}/endless')}?cursor={cursor}")
        names += [row["name"] for row in found["entries"]]
        cursor = found["cursor"]
        cursors.add(cursor)
    box.faults()
    assert (len(set(names)), len(names), len(cursors)) == (4 if variant == "same" else 20, 20, 5)


def test_half_a_surrogate_pair_and_lists_within_lists(box: Box) -> None:
    box.folder(DISK + "/odd", file="x")
    box.faults(
        {"call": "POST fs/hash/", "do": {"vendor": "lone_surrogate"}},
        {"call": "GET fs/ls/{path}", "do": {"vendor": "lone_surrogate", "value": "name"}},
        {"call": "GET fs/info/{path}", "do": {"vendor": "nested", "value": 100_000}},
    )
    made = box.ok("POST", "fs/hash/", {"src": b64(f"/{DISK}/odd/file"), "hash_type": "md5"})
    assert (made["id"], made["type"]) == ("\ud800", "hash")
    found = box.ok("GET", f"fs/ls/{b64(f'/{DISK}/odd')}")["entries"]
    assert "\ud800" in [row["name"] for row in found]
    text = box.ask("GET", f"fs/info/{b64(f'/{DISK}/odd')}").text
    assert (text.count("["), text.count("]")) == (100_000, 100_000)
