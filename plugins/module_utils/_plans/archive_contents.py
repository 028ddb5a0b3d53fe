# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an archive holds, and how that compares with what lies on the NAS.

Where a device lists archives, it is asked. Where it does not, a record is kept beside the archive: a hidden file that
says what the archive held, and which size and time the archive had then. A record of another archive counts for
nothing.

Archives know no time zone, zip counts in steps of two seconds, and some devices use the summer time of today for
winter's files. So times are the same when they are apart by whole quarters of an hour, the same for all files but for
an hour. That alone would miss a file that is written anew every hour, so a file that is younger than the archive is
another one, unless its time fits exactly as those of the older files do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

from .._api.client import service_folders
from .._core.archives import ArchiveMember
from .._core.errors import Kind, NasError
from .._core.model import FILE, FOLDER, LINK, Entry
from .._core.text import encoded

Tree = dict[str, ArchiveMember]

QUARTER = 900
SLACK = 2
SUMMER = 3600
FARTHEST = 15 * 3600  # between two time zones, and some more
OLDEST = 315532800 + 86400  # zip begins in 1980; what is older becomes that


def as_member(entry: Entry, path: str) -> ArchiveMember:
    """What an archive says about a file or folder of the NAS."""
    if entry.link:
        return ArchiveMember(path, LINK)
    return ArchiveMember(path, entry.type, None if entry.is_folder else entry.size, entry.mtime)


def folders_above(path: str) -> list[str]:
    """The folders that a path inside an archive leads through, the topmost first."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def tree(members: Iterable[ArchiveMember]) -> Tree:
    """Members by their path, with the folders that only show in the names of others."""
    not_counted = service_folders()
    found = {member.path: member for member in members if not_counted.isdisjoint(member.path.split("/"))}
    for path in list(found):
        for folder in folders_above(path):
            found.setdefault(folder, ArchiveMember(folder, FOLDER))
    return found


def differences(wanted: Tree, held: Tree, made: Optional[int]) -> list[str]:
    """The paths that are in one only, or are not the same: by type, size and time. Times of folders do not count.

    Nor do links: some devices pack what they say, some what they lead to, some nothing.

    :param made: when the archive was made; None when that does not matter.
    """
    ours, theirs = ({readable(path): member for path, member in side.items()} for side in (wanted, held))
    links = {path for path, member in ours.items() if member.type == LINK}
    found = {path for path in ours.keys() ^ theirs.keys() if not links.intersection((path, *folders_above(path)))}
    times = {}
    for path in ours.keys() & theirs.keys() - links:
        one, other = ours[path], theirs[path]
        if one.type != other.type or other_size(one.size, other.size):
            found.add(path)
        elif one.type == FILE and one.mtime is not None and other.mtime is not None:
            times[path] = (one.mtime, other.mtime)
    return sorted(found | other_times(times, made))


def behind_link(wanted: Tree, held: Tree) -> Optional[str]:
    """The first of what an archive holds that lies behind a link; None when all lies in what was to be packed."""
    links = {readable(path) for path, member in wanted.items() if member.type == LINK}
    return next((path for path in sorted(held) if links.intersection(folders_above(readable(path)))), None)


def readable(path: str) -> str:
    """A path as archives hold it: they have no way to say bytes that are no UTF-8."""
    return encoded(path).decode("utf-8", "replace")


def other_size(one: Optional[int], other: Optional[int]) -> bool:
    """Whether two sizes are both known and not the same."""
    return one is not None and other is not None and one != other


def other_times(times: Mapping[str, tuple[int, int]], made: Optional[int] = None) -> set[str]:
    """The paths whose two times are not the same; see the top of this file.

    :param times: on the NAS, and in the archive by the archive's own clock.
    :param made: when the archive was made.
    """
    shifts: dict[str, Optional[int]] = {}
    for path, (one, other) in times.items():
        if max(one, other) > OLDEST:
            nearest = round((other - one) / QUARTER) * QUARTER
            fits = abs(other - one - nearest) <= SLACK and abs(nearest) <= FARTHEST
            shifts[path] = nearest if fits else None
    young = {path for path in shifts if made is not None and times[path][0] > made}
    counts = Counter(shift for path, shift in shifts.items() if shift is not None and path not in young)
    usual = counts.most_common(1)[0][0] if counts else None
    found = set()
    for path, shift in shifts.items():
        if path in young:
            same = shift is not None and shift == usual
        else:
            same = shift is not None and usual is not None and abs(shift - usual) <= SUMMER
        if not same:
            found.add(path)
    return found


def require_safe(members: Iterable[ArchiveMember], archive: str) -> None:
    """Refuse an archive that would write elsewhere than where it is extracted to.

    :raises NasError: `INVALID_ARGUMENT`.
    """
    for member in members:
        if member.path.startswith("/") or "\0" in member.path or {"", ".", ".."} & set(re.split(r"[/\\]", member.path)):
            message = f"the archive holds {member.path!r}, which would lie outside of its folder; nothing was extracted"
            raise NasError(Kind.INVALID_ARGUMENT, message, path=archive, hint="Do not trust this archive")


def chosen(members: Tree, wanted: Optional[Sequence[str]], archive: str) -> Tree:
    """The wanted members, and the folders above them; a folder stands for all that it holds. None wants all.

    :raises NasError: `NOT_FOUND` for what the archive does not hold.
    """
    if wanted is None:
        return members
    for path in wanted:
        if path not in members:
            raise NasError(Kind.NOT_FOUND, f"the archive does not hold {path!r} (option members)", path=archive)
    tops = set(wanted)
    return tree(one for path, one in members.items() if tops & {path, *folders_above(path)})
