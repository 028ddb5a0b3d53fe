# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of a QNAP, which all name it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .._core.errors import Kind, NasError

VENDOR = "qnap"
BLOCKED = (
    "Perhaps the device blocks the address of this machine, as it does after failed logins: look in its Control Panel "
    "> System > Security, from another address"
)


def qnap_error(kind: Kind, message: str, call: str = "", path: str = "", code: str = "", hint: str = "") -> NasError:
    """An error; see `NasError` for what it takes."""
    return NasError(kind, message, vendor=VENDOR, call=call, path=path, code=code, hint=hint)


@contextmanager
def perhaps_blocked() -> Iterator[None]:
    """Within it, an error says what it may mean that a QNAP does not answer to somebody without a session.

    IP Access Protection has no code of its own: a blocked address finds connections that are closed without a word, or
    none at all.
    """
    try:
        yield
    except NasError as error:
        if error.kind is Kind.TIMEOUT or error.broke_off:
            error.hint = ". ".join(filter(None, (error.hint, BLOCKED)))
        raise
