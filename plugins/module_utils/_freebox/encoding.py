# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Freebox writes a path: base64 of its bytes ("Path encoding" in the guide of the file system, API v4).

The standard alphabet with padding; `/`, `+` and `=` stand in URLs as they are. Bytes are never normalised, and those
that are not UTF-8 are kept as lone surrogates. Names of new entries travel as clear text in JSON, which cannot carry
such bytes.
"""

from __future__ import annotations

import base64
import binascii

from .._core import paths as _paths
from .._core.errors import Kind
from .._core.text import encoded
from .failures import freebox_error


def encode(path: str) -> str:
    """The path as the box wants it, in JSON and in a URL."""
    return base64.b64encode(encoded(path)).decode("ascii")


def decode(text: str) -> str:
    """The path that the box has sent.

    :raises ValueError: for what is not base64.
    """
    try:
        return base64.b64decode(text.encode("ascii"), validate=True).decode("utf-8", "surrogateescape")
    except binascii.Error:
        raise ValueError("not base64") from None


def clear_name(path: str, call: str) -> str:
    """The last part of a path, for a call that takes it as clear text.

    :raises NasError: `INVALID_NAME` for bytes that no JSON text can carry.
    """
    name = _paths.name(path)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise freebox_error(
            Kind.INVALID_NAME,
            "the name holds bytes that are not UTF-8, which the box cannot be sent in a new name",
            call=call,
            path=path,
            hint="Choose another name",
        ) from None
    return name
