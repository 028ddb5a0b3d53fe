# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the simulated disk, in no vendor's words. A vendor maps each error to its own code."""

from __future__ import annotations

import errno


class DiskError(Exception):
    """Base of them all; `path` is the API path (or the name) that the trouble is about."""

    def __init__(self, path: str = "", message: str = "") -> None:
        super().__init__(message or f"{type(self).__name__}: {path!r}")
        self.path = path


class NotFound(DiskError):  # noqa: N818
    """There is nothing at this path."""


class Exists(DiskError):  # noqa: N818
    """Something is there already."""


class NotEmpty(DiskError):  # noqa: N818
    """The folder has content and nobody asked for recursion."""


class NotFolder(DiskError):  # noqa: N818
    """A folder is needed and this is a file."""


class IsFolder(DiskError):  # noqa: N818
    """A file is needed and this is a folder."""


class NoSpace(DiskError):  # noqa: N818
    """The volume is full."""


class Quota(DiskError):  # noqa: N818
    """The share's (or the user's) quota is used up."""


class Denied(DiskError):  # noqa: N818
    """The user may not do this here."""


class ReadOnly(Denied):
    """The share or folder may be read, not written."""


class NameTooLong(DiskError):  # noqa: N818
    """A name over 255 bytes, or a path over 4096."""


class BadPath(DiskError):  # noqa: N818
    """Not a path at all: relative, with a NUL, with `.` or `..`, or leading out of the root."""


class IntoItself(DiskError):  # noqa: N818
    """A folder copied or moved into itself or below."""


class Busy(DiskError):  # noqa: N818
    """Something else uses it."""


class Interrupted(DiskError):  # noqa: N818
    """The client went away in the middle of a body."""


_BY_ERRNO: dict[int, type[DiskError]] = {
    errno.ENOENT: NotFound,
    errno.ELOOP: NotFound,
    errno.ENOTDIR: NotFolder,
    errno.EEXIST: Exists,
    errno.ENOTEMPTY: NotEmpty,
    errno.EISDIR: IsFolder,
    errno.ENOSPC: NoSpace,
    errno.EDQUOT: Quota,
    errno.EACCES: Denied,
    errno.EPERM: Denied,
    errno.EROFS: ReadOnly,
    errno.ENAMETOOLONG: NameTooLong,
    errno.EBUSY: Busy,
    errno.EINVAL: BadPath,
}


def from_os_error(exc: OSError, path: str) -> DiskError:
    """The one for an operating system error."""
    return _BY_ERRNO.get(exc.errno or 0, DiskError)(path, str(exc))
