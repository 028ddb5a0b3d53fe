# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, disks and updates of a QNAP.

Observed calls, none documented: chartReq.cgi, qsmart.cgi and sysRequest.cgi, which clients that watch devices have
read for years.
"""

from __future__ import annotations

from typing import Optional

from .._api.capabilities.administration import Storage, Updates
from .._core.administration import Disk, Update, Volume
from .envelope import Element, number
from .system import SystemPages

CHART = "management/chartReq.cgi"
SMART = "disk/qsmart.cgi"
REQUEST = "sys/sysRequest.cgi"

_USAGE = {"chart_func": "disk_usage", "disk_select": "all", "include": "all"}
_DISKS = {"func": "all_hd_data"}
_UPDATE = {"subfunc": "firm_update"}


class QnapStorage(Storage):
    """Volumes and disks.

    :param pages: makes the calls.
    """

    def __init__(self, pages: SystemPages) -> None:
        self._pages = pages

    def volumes(self) -> list[Volume]:
        """chartReq.cgi."""
        return read_volumes(self._pages)

    def disks(self) -> list[Disk]:
        """qsmart.cgi. A bay without a disk has no model."""
        answer = self._pages.read(SMART, _DISKS, {})
        return [
            Disk(
                row.get("HDNo"),
                f"Disk {row.get('HDNo')}",
                row.get("Model").strip() or None,
                row.get("Serial").strip() or None,
                _type(row),
                number(row.get("Capacity_bytes")),
                number(row.get("Temperature/oC")),
                row.get("Health") or None,
            )
            for row in answer.all("Disk_Info/entry")
            if row.get("Model").strip()
        ]


class QnapUpdates(Updates):
    """What the device says of newer firmware.

    :param pages: makes the calls.
    """

    def __init__(self, pages: SystemPages) -> None:
        self._pages = pages

    def offered(self) -> Update:
        """sysRequest.cgi. Newer firmware has an entry for each channel, one of which may be what is installed."""
        answer = self._pages.read(REQUEST, _UPDATE, {})
        installed = " ".join(filter(None, (answer.get("firmware/version"), answer.get("firmware/build"))))
        offered = [_version(one) for one in answer.all("func/ownContent/newVersion")]
        newer = [one for one in offered if one and one not in (installed, answer.get("firmware/version"))]
        return Update(bool(newer), newer[0] if newer else None, installed or None)


def read_volumes(pages: SystemPages) -> list[Volume]:
    """chartReq.cgi: the volumes, and how full each is."""
    answer = pages.read(CHART, _USAGE, {})
    if not answer.all("volumeList"):
        raise pages.missing(CHART, _USAGE, "volumeList")
    uses = {use.get("volumeValue"): use for use in answer.all("volumeUseList/volumeUse")}
    found = []
    for row in answer.all("volumeList/volume"):
        key = row.get("volumeValue")
        use = uses.get(key) or Element("volumeUse")
        found.append(
            Volume(
                key,
                row.get("volumeLabel") or f"Volume {key}",
                size=number(use.get("total_size")),
                free=number(use.get("free_size")),
                status=row.get("volumeStatus") or None,
            )
        )
    return found


def _type(row: Element) -> Optional[str]:
    return {"1": "ssd", "0": "hdd"}.get(row.get("hd_is_ssd"))


def _version(offer: Element) -> str:
    """The version of an offer, with its build where that is given."""
    version, build = offer.get("version"), offer.get("build")
    return " ".join(filter(None, (version, build))) or offer.text
