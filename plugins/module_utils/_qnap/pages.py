# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that a QNAP gives page by page: share links, what archives hold, what was found (guide, 17.4, 6.1, 16)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Optional

from .._core.errors import Kind, NasError
from .._core.pages import Page, Place, every
from .entries import Row, rows_of
from .envelope import number
from .failures import qnap_error
from .wire import Fields, Wire

_PAGE = 1000  # rows asked for at once


def paged(
    wire: Wire,
    func: str,
    fields: Fields,
    key: Callable[[Row], Hashable],
    *,
    path: str = "",
    form: bool = False,
    timeout: Optional[float] = None,
) -> Iterator[Row]:
    """All rows of a list, each once, in as many calls as the device has pages.

    :param fields: the call's parameters without `start` and `limit`.
    :param key: what tells a row from the others; it may raise for a row that is none.
    :param path: what it is about, for errors.
    :param form: see `Wire.send`.
    :param timeout: seconds to wait for each answer, where that may be long.
    :raises NasError: by the status; `PROTOCOL` for rows that are none, and for a device that repeats a page.
    """

    def ask(place: Place) -> Page[Row]:
        page: Fields = [*fields, ("start", place.start), ("limit", _PAGE)]
        reply = wire.call(func, page, path=path, payload="datas", form=form, timeout=timeout)
        return Page(rows_of(reply, func, path), number(reply.get("total")))

    return every(ask, key, lambda problem: endless(problem, func, path), limit=_PAGE)


def endless(problem: str, call: str, path: str) -> NasError:
    """The error for a list without an end."""
    return qnap_error(Kind.PROTOCOL, problem, call=call, path=path)
