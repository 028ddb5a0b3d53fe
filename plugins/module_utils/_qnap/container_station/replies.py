# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what Container Station answers: errors, and the first bytes of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from ..envelope import json_value, number

if TYPE_CHECKING:
    from ..._transport.http import Response

LONGEST_ERROR = 64 * 1024  # bytes; no error is longer
_LONGEST_MESSAGE = 200  # characters of the device's own words
_CLIENT_ERROR = 400


class ErrorBody(NamedTuple):
    """An error in the device's words."""

    code: Optional[int]
    message: str


def failed(response: Response) -> bool:
    """Whether the HTTP status is that of an error."""
    return response.status_code >= _CLIENT_ERROR


def status_of(response: Response, error_body: Optional[ErrorBody]) -> int:
    """The HTTP status, or that of an error which came as a success."""
    if error_body and error_body.code is not None and not failed(response):
        return error_body.code
    return response.status_code


def error_in(body: bytes) -> Optional[ErrorBody]:
    """The error in a body, if it holds one: `{"error": {"code": ..., "message": ...}}`, or the inner object alone."""
    if len(body) > LONGEST_ERROR:
        return None
    try:
        value = json_value(body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    error = value.get("error", value if set(value) == {"code", "message"} else None)
    if isinstance(error, dict):
        message = error.get("message")
        return ErrorBody(number(error.get("code")), message if isinstance(message, str) else "")
    return ErrorBody(None, error) if isinstance(error, str) and error else None


def words(error_body: Optional[ErrorBody], cookie: str) -> str:
    """What the device says about an error, unless it quotes what nobody should read: the cookie, or an address."""
    said = " ".join(error_body.message.split()) if error_body else ""
    secrets = [part.partition("=")[2] for part in cookie.split("; ")]
    if "://" in said or any(secret and secret in said for secret in secrets):
        return ""
    return "".join(filter(str.isprintable, said))[:_LONGEST_MESSAGE].rstrip(". ")
