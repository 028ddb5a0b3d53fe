# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that bring something of the NAS to the controller: pure functions."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .._core.model import Entry
from .._core.sources import FileSource
from .plan import Plan, Step

FILE = "file"
ZIP = "zip"
THUMBNAIL = "thumbnail"
RENDITION = "rendition"
LINK = "link"
REPORT = "report"


@dataclass(frozen=True)
class Desired:
    """What shall be where on the controller.

    :param type: `FILE` also stands for what the NAS makes a zip of.
    :param dest: the path of the file, or the folder that it goes into.
    :param source: the path, the paths or the name of what is fetched, for a person.
    :param src: the paths on the NAS; of a link and a report there are none.
    :param force: whether it is fetched and compared even where size, time or checksum say that nothing differs.
    :param url: of the share link.
    :param member: the file in the folder that the link leads to.
    :param size: of the thumbnail.
    :param rotate: degrees that the thumbnail is turned by.
    :param rendition: its format.
    :param compress: whether the zip is compressed.
    :param by_time: whether a file of the same size and modification time is the same.
    """

    type: str
    dest: str
    source: str = ""
    src: tuple[str, ...] = ()
    force: bool = False
    url: str = ""
    link_password: Optional[str] = field(default=None, repr=False)
    member: Optional[str] = None
    size: str = "medium"
    rotate: int = 0
    rendition: str = ""
    compress: bool = False
    by_time: bool = False


@dataclass(frozen=True)
class Thing:
    """What the NAS has.

    :param type: what comes.
    :param name: for `dest` when that is a folder.
    :param entry: a file that comes as it is.
    :param mtime: the newest time of what it is made of; None when nobody knows.
    :param sizes: how many files of which size a zip holds.
    """

    type: str
    name: Optional[str] = None
    entry: Optional[Entry] = None
    mtime: Optional[int] = None
    sizes: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Current:
    """What is there.

    :param thing: None when the NAS does not have it yet (check mode).
    :param dest: the file on the controller.
    :param local: what that is now.
    :param same: whether it holds what would come; None when only fetching can tell.
    :param missing: the folders above that are not there.
    :param drift: what of its mode, owner, group and time differs: what it is, and what it shall be.
    :param held: its bytes.
    """

    thing: Optional[Thing]
    dest: str
    local: Optional[os.stat_result] = None
    same: Optional[bool] = None
    missing: tuple[str, ...] = ()
    drift: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    held: Optional[FileSource] = None


def plan_fetch(desired: Desired, current: Current) -> Plan:
    """The steps from what is on the controller to what is desired. `compare` fetches, and replaces what differs."""
    steps = [Step("create_folder", folder) for folder in current.missing]
    if current.local is None or current.same is False or current.thing is None:
        steps.append(Step("fetch", desired.source, current.dest))
    else:
        if current.same is None or desired.force:
            steps.append(Step("compare", desired.source, current.dest))
        if current.drift:
            steps.append(Step("set_attributes", current.dest))
    return Plan(tuple(steps))
