# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: what the recycle bin keeps."""

from __future__ import annotations

from tests.contract.simulator.qnap.simulated import Nas


def test_the_bin_keeps_name_place_and_owner(nas: Nas) -> None:
    share, folder = nas.share("team/report.txt")
    for content in ("old", "older"):
        (folder / "team/report.txt").write_text(content)
        before = nas.stat(share + "/team", "report.txt")
        assert nas.status("delete", path=share + "/team", file_total=1, file_name="report.txt") == 1
    rows = {row["filename"]: row for row in nas.call("get_list", path=share + "/@Recycle/team")["datas"]}
    assert set(rows) == {"report.txt", "report (1).txt"}
    assert {row["owner"] for row in rows.values()} == {before["owner"]}
    assert rows["report (1).txt"]["epochmt"] == before["epochmt"]
