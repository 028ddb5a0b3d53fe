# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FileUpload: the list of uploads, which a client reads to find, watch, cancel and forget its own.

Rests on the vendor's Upload page as far as known and on how a client finds its upload: by listing, right after
upload_start, for one with `uploaded` 0, its size, its folder as it was sent, its name, and start_date = last_update.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .calls import EXPLORER, Ask, Route
from .wire import NOTHING, Refused, shown

if TYPE_CHECKING:
    from .device import Freebox

AUTHORIZED, IN_PROGRESS, DONE, FAILED, CANCELLED = "authorized", "in_progress", "done", "failed", "cancelled"
_ACTIVE = frozenset({AUTHORIZED, IN_PROGRESS})


@dataclass
class Upload:
    """One upload. `stop` cancels it while it lasts."""

    id: int
    size: int
    name: str
    folder: str
    stop: Callable[[], Awaitable[None]] | None = None
    uploaded: int = 0
    status: str = AUTHORIZED
    started: int = field(default_factory=lambda: int(time.time()))
    updated: int = 0

    def __post_init__(self) -> None:
        self.updated = self.started

    @property
    def active(self) -> bool:
        return self.status in _ACTIVE

    def touch(self, uploaded: int, status: str) -> None:
        self.uploaded, self.status, self.updated = uploaded, status, int(time.time())

    def render(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "size": self.size,
            "uploaded": self.uploaded,
            "status": self.status,
            "start_date": self.started,
            "last_update": self.updated,
            "upload_name": shown(self.name),
            "dirname": shown(self.folder),
        }


class Uploads:
    """Every upload since the box was switched on, unless deleted."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._uploads: dict[int, Upload] = {}

    def add(self, size: int, name: str, folder: str, stop: Callable[[], Awaitable[None]] | None = None) -> Upload:
        upload = Upload(next(self._ids), size, name, folder, stop)
        self._uploads[upload.id] = upload
        return upload

    def get(self, upload_id: str) -> Upload:
        upload = self._uploads.get(int(upload_id)) if upload_id.isascii() and upload_id.isdigit() else None
        if upload is None:
            raise Refused("noent")
        return upload

    def all(self) -> list[Upload]:
        return list(self._uploads.values())

    def forget(self, upload: Upload) -> None:
        self._uploads.pop(upload.id, None)


async def cancel(upload: Upload) -> None:
    if upload.stop is not None:
        await upload.stop()
    upload.touch(upload.uploaded, CANCELLED)


async def list_uploads(box: Freebox, ask: Ask) -> Any:
    rows = [upload.render() for upload in box.uploads.all()]
    return rows if rows or box.page_shapes else NOTHING


async def get_upload(box: Freebox, ask: Ask) -> Any:
    return box.uploads.get(ask.args["id"]).render()


async def cancel_upload(box: Freebox, ask: Ask) -> Any:
    """Only one that goes on; what an ended one answers is not recorded."""
    upload = box.uploads.get(ask.args["id"])
    if not upload.active:
        raise Refused("invalid_request", detail=upload.status)
    await cancel(upload)
    return NOTHING


async def delete_upload(box: Freebox, ask: Ask) -> Any:
    """One that goes on is cancelled first."""
    upload = box.uploads.get(ask.args["id"])
    if upload.active:
        await cancel(upload)
    box.uploads.forget(upload)
    return NOTHING


async def clean_uploads(box: Freebox, ask: Ask) -> Any:
    """Forget every one that is over."""
    for upload in box.uploads.all():
        if not upload.active:
            box.uploads.forget(upload)
    return NOTHING


ROUTES = [
    Route("GET", "upload/", list_uploads, permission=EXPLORER),
    Route("DELETE", "upload/clean", clean_uploads, permission=EXPLORER, writes=True),
    Route("DELETE", "upload/{id}/cancel", cancel_upload, permission=EXPLORER, writes=True),
    Route("GET", "upload/{id}", get_upload, permission=EXPLORER),
    Route("DELETE", "upload/{id}", delete_upload, permission=EXPLORER, writes=True),
]
