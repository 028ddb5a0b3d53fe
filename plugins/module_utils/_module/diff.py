# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `--diff` shows: text, because Ansible writes a structure with every letter beyond ASCII as a code.

The text of a state is YAML, for programs. Nothing in it, nor in a file's content, is obeyed by a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from .._core.text import printable
from .._delivery.content import LARGEST_SHOWN, Content

HEADING = 3  # paths at most in a header

# What YAML reads as the text that it is, without quotes; dates need none either.
_PLAIN = re.compile(r"[^\W\d][\w/.()@+~=%,;&'!$ :#-]*|[/(][\w/.()@+~=%,;&'!$ :#-]*")
_UNLIKE = re.compile(r".*(: | #|[: ]\Z)|(true|false|yes|no|on|off|null|y|n)\Z", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?")


def content_diff(path: str, before: Optional[Content], after: Content, secret: bool = False) -> dict[str, Any]:
    """What `diff` of a result says about a content that changes.

    :param before: that of the file that is there, if any.
    :param secret: the new content came out of a vault: show neither. So it is where one of them is in a vault still.
    """
    if secret or after.is_vaulted or (before is not None and before.is_vaulted):
        return _headed([path], "(not shown: vaulted)\n", "(not shown: vaulted, changed)\n")
    sides = [("src", after)] if before is None else [("dst", before), ("src", after)]
    # Core's own words for it, beside which it shows no header.
    flags: dict[str, Any] = {}
    for side, content in sides:
        if content.data is None:
            flags[f"{side}_larger"] = LARGEST_SHOWN
        elif content.text is None:
            flags[f"{side}_binary"] = 1
    if not flags:
        old = "" if before is None else _shown(before.text or "")
        return _headed([path], old, _shown(after.text or ""))
    old = "" if before is None else f"({_summary(before)})\n"
    return {**flags, **_headed([path], old, f"({_summary(after)}{'' if before is None else ', changed'})\n")}


def state_diff(paths: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What `diff` of a result says about anything else that changes.

    :param paths: what the headers name.
    :param before: texts, numbers, and lists and dicts of them; without secrets.
    """
    return _headed(paths, as_yaml(before), as_yaml(after))


def as_yaml(value: Mapping[str, Any]) -> str:
    """The value as YAML, with its keys in order and its letters as they are."""
    return "".join(f"{line}\n" for line in _lines(value)) if value else "{}\n"


def _lines(value: Any) -> Iterator[str]:
    pairs = sorted(value.items()) if isinstance(value, Mapping) else [(None, item) for item in value]
    for name, item in pairs:
        nested = isinstance(item, (Mapping, list, tuple)) and bool(item)
        if name is not None:
            yield f"{_scalar(str(name))}:" if nested else f"{_scalar(str(name))}: {_scalar(item)}"
            if nested:
                yield from (f"  {line}" for line in _lines(item))
        elif nested:
            for number, line in enumerate(_lines(item)):
                yield f"  {line}" if number else f"- {line}"
        else:
            yield f"- {_scalar(item)}"


def _scalar(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    if not isinstance(value, str) or _DATE.fullmatch(text) or (_PLAIN.fullmatch(text) and not _UNLIKE.match(text)):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{printable(escaped)}"'


def _headed(paths: Sequence[str], before: str, after: str) -> dict[str, Any]:
    more = f" and {len(paths) - HEADING} more" if len(paths) > HEADING else ""
    header = printable(", ".join(paths[:HEADING]) + more)
    return {"before": before, "after": after, "before_header": header, "after_header": header}


def _shown(text: str) -> str:
    """The text of a file, its lines and tabs as they are."""
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def _summary(content: Content) -> str:
    reason = "large" if content.data is None else "binary" if content.text is None else "text"
    return f"not shown: {reason}, {content.size} bytes"
