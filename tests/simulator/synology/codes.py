# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which code says what happened on the disk (guide, "Common Error Codes")."""

from __future__ import annotations

from ..core import errors
from .disk import ReadOnlyShare

INVALID, UNKNOWN, BUSY, NOT_PERMITTED, MISSING, READ_ONLY, TOO_LONG = 400, 401, 402, 407, 408, 411, 412
EXISTS, QUOTA, NO_SPACE, IO, ILLEGAL_PATH, ILLEGAL_NAME, IN_USE, NO_TASK = 414, 415, 416, 417, 418, 419, 421, 599
DELETE_FAILED, COPY_FAILED, MOVE_FAILED, DESTINATION, CONFLICT, TYPE_MISMATCH = 900, 1000, 1001, 1002, 1003, 1004
CREATE_FAILED, TOO_MANY_FOLDERS, RENAME_FAILED = 1100, 1101, 1200

_CODES: dict[type[errors.DiskError], int] = {
    errors.NotFound: MISSING,
    errors.NotFolder: MISSING,
    errors.Exists: EXISTS,
    errors.NotEmpty: DELETE_FAILED,
    errors.IsFolder: EXISTS,
    errors.NoSpace: NO_SPACE,
    errors.Quota: QUOTA,
    errors.ReadOnly: NOT_PERMITTED,
    ReadOnlyShare: READ_ONLY,
    errors.Denied: NOT_PERMITTED,
    errors.NameTooLong: TOO_LONG,
    errors.BadPath: ILLEGAL_PATH,
    errors.IntoItself: INVALID,
    errors.Busy: IN_USE,
    errors.Interrupted: 1803,
}


def code_of(exc: errors.DiskError) -> int:
    """The code for a `DiskError`; 401, unknown, for any other."""
    return _CODES.get(type(exc), UNKNOWN)
