# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value of a reply replaced by something senseless, chosen by a seed: JSON, and simple XML."""

from __future__ import annotations

import json
import random
import re
from typing import Any

LONG = "x" * 100_000
SURROGATE = "\ud800"
SENSELESS: tuple[Any, ...] = (
    -1,
    0,
    1 << 63,
    10**400,
    1.5,
    True,
    None,
    "",
    "-1",
    "\0",
    "\n",
    "../../..",
    SURROGATE,
    LONG,
    [],
    {},
    [None],
    {"": ""},
    [[[[[[[[[[]]]]]]]]]],
)
MISSING = "missing"
_ELEMENT = re.compile(rb"<([A-Za-z_][\w.-]*)>(<!\[CDATA\[)?([^<>]*?)(\]\]>)?</\1>")
_XML: tuple[bytes, ...] = (
    b"-1",
    b"",
    b"9" * 400,
    b"&#xD800;",
    b"\xff\xfe",
    b"text",
    b"<a><b/></a>",
    b"&undefined;",
    LONG.encode(),
)

Place = tuple[Any, ...]


def fuzz(body: bytes, details: Any) -> tuple[bytes, str]:
    """The body with one value replaced, and what was done in words; the body as it is and "" where nothing could be.

    :param details: a seed, or `{seed: N, at: GLOB-LIKE PATH, value: X}`: `at` (`data/files/0/name`, `*` for one step)
        limits the choice, `value` says with what.
    """
    known: dict[str, Any] = details if isinstance(details, dict) else {"seed": 0 if details is True else details}
    if set(known) - {"seed", "at", "value"}:
        return body, ""
    choice = random.Random(f"{known.get('seed', 0)}")
    start = min((at for at in (body.find(b"{"), body.find(b"[")) if at >= 0), default=-1)
    if body.lstrip().startswith(b"<"):
        return _xml(body, choice, known)
    if start < 0:
        return body, ""
    text = body[start:].decode("utf-8", "surrogateescape")
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return body, ""
    places = [place for place in _places(value, ()) if _fits(place, known.get("at"))]
    if not places:
        return body, ""
    place = choice.choice(places)
    old = _get(value, place)
    if "value" in known:
        new = known["value"]
    else:
        new = choice.choice([MISSING, *(item for item in SENSELESS if json.dumps(item) != json.dumps(old))])
    value = _put(value, place, new, gone=new is MISSING and "value" not in known)
    changed = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace(SURROGATE, "\\ud800")
    raw = changed.encode("utf-8", "surrogateescape")
    name = "/".join(str(step) for step in place)
    return body[:start] + raw + text[end:].encode("utf-8", "surrogateescape"), f"{name}: {json.dumps(new)[:30]}"


def _places(value: Any, above: Place) -> list[Place]:
    """Every value below the top, the containers too."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found = []
    for step, inner in items:
        found.append((*above, step))
        found += _places(inner, (*above, step))
    return found


def _fits(place: Place, at: str | None) -> bool:
    if at is None:
        return True
    steps = at.split("/")
    return len(steps) == len(place) and all(step in {"*", str(one)} for step, one in zip(steps, place))


def _get(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _put(value: Any, place: Place, new: Any, *, gone: bool) -> Any:
    *above, last = place
    holder = _get(value, tuple(above))
    if gone:
        del holder[last]
    else:
        holder[last] = new
    return value


def _xml(body: bytes, choice: random.Random, known: dict[str, Any]) -> tuple[bytes, str]:
    """An element that holds text alone."""
    at = known.get("at")
    found = [match for match in _ELEMENT.finditer(body) if at in {None, "*", match[1].decode()}]
    if not found:
        return body, ""
    match = choice.choice(found)
    new = str(known["value"]).encode() if "value" in known else choice.choice([one for one in _XML if one != match[3]])
    tag = match[1]
    element = b"<" + tag + b">" + new + b"</" + tag + b">"
    return body[: match.start()] + element + body[match.end() :], f"{tag.decode()}: {new[:30]!r}"
