# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-core shows of a diff that a module makes."""

from __future__ import annotations

import pytest
from ansible.plugins.callback import CallbackBase
from ansible_collections.nasops.nas.plugins.module_utils._delivery.content import Content
from ansible_collections.nasops.nas.plugins.module_utils._module.diff import content_diff, state_diff


def test_the_callback_prints_the_diff():
    diff = state_diff(["/home/ü\x1b", "/b", "/c", "/d"], {"x": {"漢字": "a"}}, {"x": {"漢字": "b"}})
    shown = CallbackBase()._get_diff(diff)
    assert "--- before: /home/ü\\x1b, /b, /c and 1 more\n" in shown
    assert "+++ after: /home/ü\\x1b, /b, /c and 1 more\n" in shown
    assert "-  漢字: a" in shown
    assert "\\u" not in shown


def text(content):
    return Content(len(content), content)


LARGE = Content(200_000, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (text(b"a\tb\r\n"), text(b"\x1b[2J")),
        (text(b"\xff"), text(b"a")),
        (text(b"a"), text(b"\0b")),
        (text(b"$ANSIBLE_VAULT;1.1;AES256\n62"), text(b"plain")),
        (text(b"plain"), text(b"$ANSIBLE_VAULT;1.1;AES256\n62")),
        (LARGE, LARGE),
    ],
)
def test_the_path_stands_above_contents(before, after):
    assert "before: /home/ü" in CallbackBase()._get_diff(content_diff("/home/ü", before, after))
