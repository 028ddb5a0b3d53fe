# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: thumbnails."""

from __future__ import annotations

import io
from typing import Any

import pytest
import requests
from PIL import Image

from tests.contract.simulator.synology.simulated import FS, Nas, q


@pytest.mark.parametrize(
    ("rotate", "size", "red"),
    [(0, (80, 40), (5, 20)), (1, (40, 80), (20, 5)), (2, (80, 40), (75, 20)), (3, (40, 80), (20, 75)),
     (4, (80, 40), (5, 20))],
)  # fmt: skip
def test_rotated_thumbnails(nas: Nas, rotate: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    """A picture whose left half is red: where the red is after a clockwise turn."""
    share, folder = nas.share()
    picture = Image.new("RGB", (80, 40), "blue")
    picture.paste("red", (0, 0, 40, 40))
    picture.save(folder / "p.png")
    asked = {"path": q(share + "/p.png"), "size": "original", "rotate": rotate}
    turned = Image.open(io.BytesIO(nas.raw(FS + "Thumb", "get", get=True, **asked).content))
    assert turned.size == size
    assert turned.getpixel(red)[0] > 200
    assert turned.getpixel((size[0] - 1 - red[0], size[1] - 1 - red[1]))[2] > 200


def test_thumbnails(nas: Nas) -> None:
    share, folder = nas.share()
    picture = Image.new("RGB", (800, 400), "red")
    picture.paste("blue", (0, 0, 400, 400))
    picture.save(folder / "p.png")
    (folder / "broken.jpg").write_bytes(b"no picture")

    def get(name: str, **more: Any) -> requests.Response:
        return nas.raw(FS + "Thumb", "get", get=True, path=q(f"{share}/{name}"), **more)

    reply = get("p.png")
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(reply.content)).size == (240, 120)
    assert Image.open(io.BytesIO(get("p.png", size="original").content)).size == (800, 400)
    turned = Image.open(io.BytesIO(get("p.png", size="medium", rotate=1).content))
    assert turned.size == (160, 320)
    assert turned.getpixel((80, 10))[2] > 200, "the left side is above after a clockwise turn"
    assert [get(name).status_code for name in ("none.png", "broken.jpg")] == [404, 404]
