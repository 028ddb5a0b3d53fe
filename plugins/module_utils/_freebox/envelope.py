# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope that a Freebox puts around its answers: `success`, then `result` or `error_code`.

A box tells an error with any HTTP status, 200 included (seen on real boxes), so the body decides. `success` without
`result` is an empty collection, or nothing to tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional

from .._core import json_text
from .._core.errors import GARBLED, WHERE, CodeMeaning, Kind, NasError
from . import codes
from .failures import freebox_error

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
BEFORE_A_SESSION = ("GET api_version", "GET login/", "POST login/session/")
"""The calls that find out whether this is a Freebox."""


def protocol_error(call: str, problem: str, path: str = "", code: str = "") -> NasError:
    """The error for an answer that makes no sense."""
    return freebox_error(Kind.PROTOCOL, problem, call=call, path=path, code=code)


def failed(known: CodeMeaning, call: str, path: str = "", code: str = "") -> NasError:
    """The error that a code stands for."""
    return freebox_error(known.kind, known.message, call=call, path=path, code=code, hint=known.hint)


def parse(body: bytes, call: str, path: str = "", status: Optional[int] = None) -> dict[str, Any]:
    """The JSON object in an answer's body.

    Bytes that are not UTF-8, as in the `name` of some files, become lone surrogates.

    :raises NasError: `PROTOCOL`; `DEVICE` when the HTTP status says that the box failed; `BUSY` for 429.
    """
    try:
        answer = json_text.parse(body.decode("utf-8", "surrogateescape"))
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    code = "" if status is None else f"HTTP {status}"
    if status == 429:
        raise freebox_error(Kind.BUSY, "the box is busy", call=call, path=path, code=code)
    if status is not None and status >= 500:
        raise freebox_error(Kind.DEVICE, "the box had an internal error", call=call, path=path, code=code)
    hint = WHERE if call in BEFORE_A_SESSION else GARBLED
    raise freebox_error(Kind.PROTOCOL, "the answer is not a JSON object", call=call, path=path, code=code, hint=hint)


def result(
    answer: Mapping[str, Any], table: Mapping[str, CodeMeaning], call: str, path: str = "", status: Optional[int] = None
) -> Any:
    """What is in the envelope, None where the box has nothing to tell.

    :param table: what the codes mean in this call, see `codes`.
    :raises NasError: what the code stands for; `PROTOCOL` when this is no envelope.
    """
    success = answer.get("success")
    where = "" if status is None or 200 <= status < 300 else f"HTTP {status}"
    if success is True:
        if where:
            raise protocol_error(call, "the box reports success with the HTTP status of a failure", path, where)
        return answer.get("result")
    if success is not False:
        raise protocol_error(call, "the answer does not say whether it is a success", path, where)
    raise error(answer, table, call, path, status)


def error(
    answer: Mapping[str, Any], table: Mapping[str, CodeMeaning], call: str, path: str = "", status: Optional[int] = None
) -> NasError:
    """The error that an answer tells. Its `msg`, a French sentence for people, is not carried on."""
    code = answer.get("error_code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return protocol_error(
            call, "the box reports a failure without saying which", path, f"HTTP {status}" if status else ""
        )
    return failed(codes.known(table, code, status), call, path, code)


def member(found: Any, key: str, expected: type, call: str, path: str = "") -> Any:
    """A member of a JSON object that must be there, and of this type (a boolean is no number).

    :raises NasError: `PROTOCOL`.
    """
    value = found.get(key) if isinstance(found, dict) else None
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise protocol_error(call, f"the answer lacks {key}, or it has another type than expected", path)
    return value
