# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a NAS shows, and gives to nothing: whatever would replace such a file fails, and touches nothing."""

from __future__ import annotations

import os

import pytest

from tests.support.playbooks import play, run

NAMES = {"qnap": "_sn_x", "synology": "a:b"}


@pytest.mark.parametrize("vendor", NAMES)
def test_a_name_that_is_only_shown(nas, vendor, tmp_path):
    one, name = nas[vendor], NAMES[vendor]
    top = one.root / "home" / "names"
    top.mkdir()
    at = "/home/names"
    wanted = {name: "old", "source": "new"}
    for file, content in wanted.items():
        (top / file).write_text(content)
    (one.root / "public" / "names-moved").write_text("stays")
    tasks = [
        {"nasops.nas.nas_file": {"path": f"{at}/{name}", "content": "new"}},
        {
            "nasops.nas.nas_copy": {
                "src": f"{at}/source",
                "dest": f"{at}/{name}",
                "state": "moved",
                "conflict": "overwrite",
            }
        },
        {"nasops.nas.nas_copy": {"src": f"{at}/source", "dest": f"{at}/{name}", "conflict": "overwrite"}},
        {
            "nasops.nas.nas_copy": {
                "src": f"{at}/{name}",
                "dest": "/public/names-moved",
                "state": "moved",
                "conflict": "overwrite",
            }
        },
        {"nasops.nas.nas_file": {"path": f"{at}/{name}", "state": "absent"}},
    ]
    os.utime(top / "source", (1_600_000_000, 1_600_000_000))
    plays = play(*tasks, ignore_errors=True)
    outcome = run(tmp_path, plays, {"it": one.variables()})
    results = outcome.results()
    for result in results[:4]:
        assert result["failure"]["kind"] == "invalid_name"
        assert name in result["msg"]
        assert "SMB" in result["failure"]["hint"]
    assert results[4]["changed"] is True
    del wanted[name]
    assert {path.name: path.read_text() for path in top.iterdir() if path.is_file()} == wanted
    assert sorted(path.name for path in top.iterdir() if not path.is_file()) == []
    assert (one.root / "public" / "names-moved").read_text() == "stays"
