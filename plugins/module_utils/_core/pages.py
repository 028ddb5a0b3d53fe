# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that a device gives page by page, read to their end, with bounds for a device that has none.

A device may repeat a page for ever, tell a next page for ever, or tell a total that the list does not have. Vendors say
how a page is asked for and what tells one row from another; all else is here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Optional, TypeVar

from .errors import NasError

Row = TypeVar("Row")

PAGES = 2000
ROWS = 1_000_000
"""More than that is no list of a NAS: a folder with so many files could not be used."""

LEVELS = 100
FOLDERS = 100_000
"""Folders in folders, and folders at all, of what is listed folder by folder and has no links."""


class Place(NamedTuple):
    """Where a page begins."""

    start: int = 0  # rows before it
    cursor: Optional[str] = None  # the device's own mark


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page.

    :param rows: what the device gave.
    :param total: how many rows the whole list has, if the device says so; 0 counts as unknown where there are rows.
    :param cursor: the mark of the next page, on devices that have marks; those count no rows.
    :param by_cursor: whether the device has marks, so that a page without one is the last.
    """

    rows: Sequence[Row]
    total: Optional[int] = None
    cursor: Optional[str] = None
    by_cursor: bool = False


def every(
    ask: Callable[[Place], Page[Row]],
    key: Callable[[Row], Hashable],
    broken: Callable[[str], NasError],
    *,
    limit: int = 0,
    exact: bool = False,
) -> Iterator[Row]:
    """All rows of a list, each once, in as many calls as the device has pages.

    :param ask: makes the call for a page.
    :param key: what tells a row from the others; it may raise for a row that is none.
    :param broken: makes the error from what is wrong.
    :param limit: how many rows were asked for at once, 0 for all; a page with as many is not taken for the last one
        only because the total is smaller.
    :param exact: whether it is an error when the list ends before its total.
    :raises NasError: that of `broken`, for a list without an end.
    """
    seen: set[Hashable] = set()
    marks: set[Optional[str]] = set()
    place = Place()
    for _number in range(PAGES):
        page = ask(place)
        before = len(seen)
        for row in page.rows:
            mark = key(row)
            try:
                known = mark in seen
            except TypeError:  # a list or an object where a text or a number is due
                raise broken("a row of the list has nothing that tells it from the others") from None
            if not known:
                seen.add(mark)
                yield row
        if len(seen) > ROWS:
            break
        if page.rows and place != Place() and len(seen) == before:
            if not page.total and not page.by_cursor:
                return  # it gives everything at once, and does not say how much that is
            raise broken("the list never ends: the device repeats a page")
        place = Place(place.start + len(page.rows), page.cursor)
        if _is_last(page, place.start, limit):
            if exact and place.start < (page.total or 0):
                raise broken(f"the list ends after {place.start} of {page.total} rows")
            return
        if page.by_cursor and page.cursor in marks:
            raise broken("the list never ends: the device begins with the same page again")
        marks.add(page.cursor)
    raise broken(f"the list never ends: {len(seen)} rows, and there is more")


class Levels:
    """Counts the folders of something that is listed folder by folder.

    :param broken: makes the error from what is wrong.
    """

    def __init__(self, broken: Callable[[str], NasError]) -> None:
        self._broken = broken
        self._count = 0

    def enter(self, path: str) -> None:
        """One more folder, by its path below the top.

        :raises NasError: that of `broken`, for folders without an end.
        """
        self._count += 1
        if self._count > FOLDERS or path.count("/") >= LEVELS:
            raise self._broken(
                f"the folders never end: {self._count} of them, the last one {path.count('/')} levels deep"
            )


def _is_last(page: Page[Row], start: int, limit: int) -> bool:
    """Whether no page follows.

    :param start: how many rows came so far.
    """
    if page.by_cursor:
        return page.cursor is None
    if not page.rows:
        return True
    if not page.total or start < page.total:
        return False
    return start == page.total or len(page.rows) < limit or not limit
