# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path in a reply that is none: what it stands for would count as absent, so it is an error."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._freebox import entries as freebox_entries
from ansible_collections.nasops.nas.plugins.module_utils._freebox import share_links as freebox_links
from ansible_collections.nasops.nas.plugins.module_utils._qnap import link_rows
from ansible_collections.nasops.nas.plugins.module_utils._synology import entries, favorites, share_links
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import Reply

NONE = ["", "-1", "a/b", "\ud800", "x" * 100_000, None, -1, [], ["/a"], {}]


def synology_match(row):
    return entries.match(Reply({"files": [row]}, "the call"), ["/a/b"])


def reading(read):
    return lambda row: read(Reply(row, "the call"))


SYNOLOGY = {
    "entry": (reading(entries.read_entry), {"isdir": True}),
    "share": (reading(entries.read_share), {"name": "b"}),
    "favorite": (reading(favorites._read), {"name": "b", "status": "valid"}),
    "share link": (reading(share_links.read_link), {"id": "x", "status": "valid"}),
    "getinfo": (synology_match, {"isdir": True}),
}
ROW = {"ssid": "x", "expire_time": 0, "download_link": "http://nas/share.cgi?ssid=x"}


def refused(read, *given):
    with pytest.raises(NasError) as caught:
        read(*given)
    assert caught.value.kind is Kind.PROTOCOL
    assert "/a/b" not in str(caught.value)


@pytest.mark.parametrize("path", NONE)
@pytest.mark.parametrize("name", SYNOLOGY)
def test_of_a_synology(name, path):
    read, row = SYNOLOGY[name]
    read({**row, "path": "/a/b"})
    refused(read, {**row, "path": path})


def test_a_link_of_a_synology_that_leads_nowhere_may_tell_none():
    assert share_links.read_link(Reply({"id": "x", "status": "broken"}, "the call")).path == ""


@pytest.mark.parametrize("path", NONE)
def test_of_a_qnap(path):
    assert link_rows.link_of({**ROW, "filename": "/share/CACHEDEV1_DATA/a/b"}).path == "/a/b"
    refused(link_rows.link_of, {**ROW, "filename": path})


@pytest.mark.parametrize("path", NONE)
def test_of_a_freebox(path):
    read, row = freebox_links._read, {"token": "x", "expire": 0}
    assert read({**row, "path": "L2EvYg=="}, "the call").path == "/a/b"
    if path != "a/b":  # which is base64
        refused(read, {**row, "path": path}, "the call")
        refused(freebox_entries.in_folder, {"name": "b", "type": "dir", "modification": 1, "path": path}, "/a", "call")
