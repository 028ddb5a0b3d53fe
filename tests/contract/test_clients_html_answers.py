# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web page where a device's answer should be: on each vendor the same advice, and one that is true at that moment."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import GARBLED, WHERE, Kind, NasError

PAGES = ({"garbage": "<html>Sign in</html>"}, {"status": 404, "body": "<html>nothing here</html>"}, {"truncate": 5})


@pytest.mark.parametrize("page", PAGES, ids=["page", "404", "cut"])
def test_what_answers_a_first_request_with_a_page_may_be_another_device(nas, page):
    nas.faults({"call": "*", "times": 0, "do": page})
    with pytest.raises(NasError) as caught:
        nas.connect().login()
    assert caught.value.hint.startswith(WHERE)


@pytest.mark.parametrize("page", PAGES[::2], ids=["page", "cut"])
def test_a_page_in_a_session_is_not_put_down_to_the_address(nas, page):
    client = nas.client
    nas.faults({"call": "*", "times": 0, "do": page})
    with pytest.raises(NasError) as caught:
        client.files.stat(["/home/x"])
    assert caught.value.kind is Kind.PROTOCOL
    assert caught.value.hint == GARBLED


@pytest.mark.parametrize("page", PAGES[::2], ids=["page", "cut"])
def test_a_page_at_the_logout_is_not_put_down_to_the_address(nas, page):
    client = nas.connect()
    client.login()
    nas.faults({"call": "*", "times": 0, "do": page})
    with pytest.raises(NasError) as caught:
        client.logout()
    assert caught.value.hint == GARBLED
