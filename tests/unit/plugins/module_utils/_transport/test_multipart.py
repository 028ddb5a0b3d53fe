# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file sent as a form."""

from __future__ import annotations

import io

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._transport.multipart import FileForm


def form(filename, content=b"bytes", size=None, fields=()):
    return FileForm(fields, filename, io.BytesIO(content), len(content) if size is None else size, lambda *_how: None)


def test_the_length_is_that_of_the_body():
    one = form("a", fields=[("path", "/pub")])
    body = b"".join(one)
    assert len(one) == len(body)
    assert body.index(b'name="path"') < body.index(b'name="file"')
    assert body.count(one.content_type.rpartition("=")[2].encode()) == 3


def test_the_length_is_known_above_four_gigabytes():
    size = 5 * 1024**3
    assert size < len(form("a", size=size)) < size + 1000


@pytest.mark.parametrize("name", ["2024", "é", "e\u0301", "100% #1+?.txt", "[1]", " a ", "😀", "a;b=c"])
def test_names_stand_in_their_own_bytes(name):
    assert f'filename="{name}"\r\n'.encode() in b"".join(form(name))


def test_foreign_bytes_are_kept():
    assert b'filename="\xff"' in b"".join(form("\udcff"))


@pytest.mark.parametrize("size", [3, 7])
def test_a_source_that_changes_its_size_is_noticed(size):
    with pytest.raises(NasError) as caught:
        b"".join(form("a", size=size))
    assert caught.value.kind is Kind.MISMATCH
