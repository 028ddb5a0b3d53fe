# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import tracemalloc

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import json_text

READERS = (json_text.parse, lambda text: json_text.first(text, 0))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("part", ["{},", "[],", "[{}],", '{"a":[]},'])
def test_what_would_take_many_times_its_size_is_not_read(read, part):
    text = "[" + part * (json_text.MOST // part.count("{") if "{" in part else json_text.MOST) + "0]"
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="too many parts"):
            read(text)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * 1024 * 1024


@pytest.mark.parametrize("read", READERS)
def test_a_long_list_is_read(read):
    entries = '{"name":"[a] {b}","size":1}'
    assert len(read(f"[{','.join([entries] * 80_000)}]")) == 80_000


@pytest.mark.parametrize("read", READERS)
def test_what_is_nested_too_deeply_is_refused(read):
    assert read("[" * 60 + "]" * 60)
    for depth in (json_text.DEEPEST + 2, 100_000):
        with pytest.raises(ValueError, match="nested too deeply"):
            read("[" * depth + "]" * depth)
