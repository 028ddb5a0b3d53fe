# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the numbers of Container Station mean.

Its API guide has no table: errors come as HTTP statuses, mostly with the same number again in the body.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..._core.errors import SPACE, CodeMeaning, Kind

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404

_RIGHTS = "Container Station is for administrators: check the account's groups"

STATUS: Mapping[int, CodeMeaning] = {
    400: CodeMeaning(Kind.INVALID_ARGUMENT, "Container Station does not take this value"),
    UNAUTHORIZED: CodeMeaning(Kind.PERMISSION_DENIED, "the user may not do this", _RIGHTS),
    FORBIDDEN: CodeMeaning(Kind.PERMISSION_DENIED, "the user may not do this", _RIGHTS),
    NOT_FOUND: CodeMeaning(
        Kind.UNSUPPORTED,
        "this Container Station offers no such API (v3?)",
        "Version 1 of the API is that of Container Station 2; what later ones keep of it differs",
    ),
    405: CodeMeaning(Kind.UNSUPPORTED, "this Container Station offers no such API (v3?)"),
    413: CodeMeaning(Kind.INVALID_ARGUMENT, "Container Station does not take so much at once"),
    429: CodeMeaning(Kind.BUSY, "Container Station gets too many requests"),
    501: CodeMeaning(Kind.UNSUPPORTED, "this Container Station offers no such API (v3?)"),
    507: CodeMeaning(Kind.NO_SPACE, "no space is left", SPACE),
}
"""HTTP status, or `code` of an error in a body."""

NO_STATION = CodeMeaning(
    Kind.UNSUPPORTED,
    "the device has no Container Station with this API",
    "Install Container Station and start it, and check host and port (it answers on the port of QTS)",
)
"""404 to a login."""


TLS_OF_2 = "Certificates are known for Container Station 2 only; later versions have no documented call for them"
"""What to think of an answer about certificates that makes no sense, or of none."""


def meaning(status: int) -> CodeMeaning:
    """What a status says in the answer to anything but a login."""
    return STATUS.get(status) or CodeMeaning(Kind.DEVICE, "Container Station reports an error")
