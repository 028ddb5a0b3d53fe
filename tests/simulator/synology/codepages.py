# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the names in a zip are read that do not say they are UTF-8 (guide, `codepage` of SYNO.FileStation.Extract)."""

from __future__ import annotations

import dataclasses
import zipfile

from ..core import archives

UTF8_FLAG = 0x800

CODEPAGES = {
    "enu": "cp437",
    "cht": "cp950",
    "chs": "gbk",
    "krn": "cp949",
    "ger": "cp850",
    "fre": "cp850",
    "ita": "cp850",
    "spn": "cp850",
    "jpn": "cp932",
    "dan": "cp850",
    "nor": "cp850",
    "sve": "cp850",
    "nld": "cp850",
    "rus": "cp866",
    "plk": "cp852",
    "ptb": "cp850",
    "ptg": "cp850",
    "hun": "cp852",
    "trk": "cp857",
    "csy": "cp852",
}
"""The guide's languages, and the code page in which programs of each wrote names into archives."""


def read_names(reader: archives.Reader, codepage: str) -> list[archives.Member]:
    """The members of an open archive with their names read in this language's code page.

    What cannot be read in it becomes the replacement character. Other formats, and names that are marked as UTF-8, are
    as they are.
    """
    if not zipfile.is_zipfile(reader.real):
        return reader.members
    with zipfile.ZipFile(reader.real) as plain:
        infos = plain.infolist()
    read = []
    for member, info in zip(reader.members, infos):
        name = member.name
        if not info.flag_bits & UTF8_FLAG:
            # the reader took the bytes for code page 437, in which every byte is a character
            name = info.orig_filename.encode("cp437").decode(CODEPAGES[codepage], "replace").strip("/")
        read.append(dataclasses.replace(member, name=name))
    return read
