# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: which renditions and images go."""

from __future__ import annotations

import os

from tests.contract.simulator.qnap.simulated import Nas, until


def test_which_renditions_and_images_go(nas: Nas) -> None:
    share, folder = nas.share("film.mp4", "photo.jpg", ".@__thumb/s100film.mp4", ".@__thumb/defaultphoto.jpg",
                              ".@__thumb/s800other.jpg")  # fmt: skip
    thumbs = folder / ".@__thumb"

    def transcode() -> None:
        nas.call("video_ml_queue", op=3, path=share, total=1, filename="film.mp4", mask=2)
        until((folder / "@Transcode/film.mp4.mp4_360.mp4").exists)
        until(lambda: nas.call("video_ml_queue", op=1, subop=3)["total"] == 0)

    def forget(mode: int, keep: int) -> list[str]:
        fields = {"path": share, "file_total": 2, "file_name": ["film.mp4", "photo.jpg"]}
        assert nas.status("delete_transcode", mode=mode, keep_trans=keep, **fields) == 1
        return sorted(os.listdir(folder / "@Transcode")) + sorted(os.listdir(thumbs))

    transcode()
    for device_path, play in ((share + "/@Transcode", 1), (share, 0)):
        rows = nas.call("get_list", path=device_path)["datas"]
        assert [row["play"] for row in rows if row["filename"].endswith(".mp4")] == [play]
    assert forget(2, 1) == ["film.mp4.mp4_360.mp4", "defaultphoto.jpg", "s100film.mp4", "s800other.jpg"]
    assert forget(1, 0) == ["film.mp4.mp4_360.mp4", "s800other.jpg"]
    (thumbs / "s100film.mp4").write_text("x")
    assert forget(2, 0) == ["s100film.mp4", "s800other.jpg"]
    transcode()
    assert forget(3, 0) == ["s800other.jpg"]
    assert nas.status("delete_transcode", mode=4, path=share, file_total=1, file_name="film.mp4") == 20
