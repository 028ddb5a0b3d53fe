# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Thumb get: an image made on the spot. Errors are plain HTTP: 404 (guide)."""

from __future__ import annotations

import io

from aiohttp import web
from PIL import Image

from ..core import errors
from .calls import Call, serves
from .entries import extension, true_path
from .values import ApiError, HttpError

FORMATS = frozenset({"JPG", "JPEG", "JPE", "BMP", "PNG", "TIF", "TIFF", "GIF"})
"""Of the guide's list, what the imaging library reads. Raw formats and videos have no thumbnail here."""
SIZES = {"small": 240, "medium": 320, "large": 1280, "original": 0}
ROTATION = {
    "0": None,
    "1": Image.Transpose.ROTATE_270,
    "2": Image.Transpose.ROTATE_180,
    "3": Image.Transpose.ROTATE_90,
    "4": None,
}
"""Clockwise, as the guide counts; the library turns the other way."""


def render(real: str, longest: int, rotate: Image.Transpose | None) -> bytes:
    with Image.open(real) as source:
        image = source.convert("RGB")
    if longest:
        image.thumbnail((longest, longest))
    if rotate is not None:
        image = image.transpose(rotate)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


@serves("SYNO.FileStation.Thumb", "get")
async def get(call: Call) -> web.StreamResponse:
    """A JPEG whose longer side is that of the size asked for; `original` keeps the picture's own."""
    params, disk = call.params, call.device.disk
    size, rotate = params.text("size", "small").lower(), str(params.integer("rotate", 0))
    if size not in SIZES or rotate not in ROTATION:
        raise ApiError(400)
    try:
        entry = disk.stat(true_path(call.device, params.text("path")))
        disk.check_read(entry.path)
        if extension(entry) not in FORMATS:
            raise HttpError(404)
        data = await disk.run(render, disk.real(entry.path), SIZES[size], ROTATION[rotate])
    except (errors.DiskError, OSError, ValueError):
        raise HttpError(404) from None
    return web.Response(body=data, content_type="image/jpeg")
