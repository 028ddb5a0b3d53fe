# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, disks and updates of a QNAP.

Observed calls, none documented: chartReq.cgi, qsmart.cgi and sysRequest.cgi, which clients that watch devices have
read for years.
"""

from __future__ import annotations

import re
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
_CHANNELS = ("official/newVersion", "newVersion", "recommended/newVersion")
_NOTHING = frozenset(("", "none"))
_FAILED = "error"
_RELEASE = re.compile(r"[a-z]?([0-9]{1,9}(?:\.[0-9]{1,9})*)(?: build ([0-9]{1,9}))?", re.IGNORECASE)
_CHECK = "Have the device check for updates in its settings; it must reach the vendor's servers for that"


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
        """sysRequest.cgi. QTS up to 5.0 tells of one version, since 5.1 of one for each of two channels.

        Recorded of QTS 4.3.4 and of QuTScloud c4.5.7 to c5.2.9: a version may be what is installed. `error` of the
        recommended channel is usual, as the vendor does not keep that for all devices; that of the other one means
        that the device could not find out. A user is warned of that.
        """
        answer = self._pages.read(REQUEST, _UPDATE, {})
        installed = _installed(answer)
        said = {channel: one.text for channel in _CHANNELS for one in answer.all(f"func/ownContent/{channel}")[:1]}
        newest: Optional[str] = None
        for text in said.values():
            if text.lower() not in _NOTHING | {_FAILED} and _is_newer(text, newest or installed):
                newest = text
        if newest is not None:
            return Update(True, newest, installed or None)
        main = [text for channel, text in said.items() if not channel.startswith("recommended/")]
        available = self._pages.optional("whether there is newer firmware", lambda: self._none(main), None)
        return Update(available, None, installed or None)

    def _none(self, said: list[str]) -> bool:
        """False, where the device found out that there is none.

        :raises NasError: where it did not.
        """
        if not said:
            raise self._pages.missing(REQUEST, _UPDATE, "newVersion")
        if any(text.lower() == _FAILED for text in said):
            message = "the device's check for updates failed"
            raise self._pages.failure(REQUEST, _UPDATE, None, message, _CHECK)
        return False


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


def _installed(answer: Element) -> str:
    """The version that is installed, as offers are written: `5.2.10.3577 Build 20260731`; old ones have no number."""
    version = ".".join(filter(None, (answer.get("firmware/version"), answer.get("firmware/number"))))
    build = answer.get("firmware/build")
    return f"{version} Build {build}" if version and build else version


def _is_newer(offer: str, than: str) -> bool:
    """Whether an offer is newer than another version; one that is not written like a version is, if it differs.

    Versions are compared by as many numbers as both have, and builds where both have one.
    """
    one, other = _RELEASE.match(offer), _RELEASE.match(than)
    if one is None or other is None:
        return offer != than
    ours, theirs = ([int(part) for part in found[1].split(".")] for found in (one, other))
    both = min(len(ours), len(theirs))
    if ours[:both] != theirs[:both]:
        return ours[:both] > theirs[:both]
    return bool(one[2] and other[2]) and int(one[2]) > int(other[2])
