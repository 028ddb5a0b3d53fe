# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that is none: half of a pair, in names and ids, on its way to a device and in what is compared."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import names as _names
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.text import encoded, half
from ansible_collections.nasops.nas.plugins.module_utils._freebox import encoding
from ansible_collections.nasops.nas.plugins.module_utils._plans import archive_contents as _archive_state
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import encode_form, encode_query

TEXTS = {
    "\ud800": b"\xed\xa0\x80",
    "a\udfffb": b"a\xed\xbf\xbfb",
    "\udce9t\ud83d": b"\xe9t\xed\xa0\xbd",
    "é": b"\xc3\xa9",
}


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_has_bytes(text: str) -> None:
    assert encoded(text) == TEXTS[text]


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_travels(text: str) -> None:
    escaped = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in TEXTS[text])
    assert encode_query([("id", text)]) == f"id={escaped}"
    assert encode_form({"id": text}) == f"id={escaped}".encode()
    assert encoding.encode(f"/{text}")
    assert _names.telling(f"/home/{text}", "old").endswith(text)
    assert _archive_state.readable(text)


def test_which_texts_hold_half_of_a_character() -> None:
    assert half("a\udce9") == ""
    assert half("a\udce9\ud800") == "\ud800"


def test_a_path_with_half_of_a_character_is_refused() -> None:
    with pytest.raises(NasError, match=r"option path: '/home/\\ud800' holds '\\ud800', half of a character") as raised:
        _paths.check("/home/\ud800")
    assert raised.value.kind is Kind.USAGE
