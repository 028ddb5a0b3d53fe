# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which paths below a folder are meant: patterns as rsync has them, the first that matches decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .errors import usage

_WILD = frozenset("*?[")
_CLASSES = {  # POSIX names inside of brackets
    "alnum": r"^\W_",
    "alpha": r"^\W\d_",
    "digit": r"\d",
    "space": r"\s",
    "xdigit": "0-9A-Fa-f",
}
_CLASS = re.compile(r"\[:(\w+):\]")


@dataclass(frozen=True)
class Pattern:
    """One pattern.

    :param expression: of the whole path below the top, with a slash before it.
    :param folders_only: whether files never match.
    :param with_content: whether the expression is of a folder's path with a slash at its end too, and what is in it.
    """

    expression: re.Pattern[str]
    folders_only: bool
    with_content: bool = False

    def matches(self, relative: str, is_folder: bool) -> bool:
        """Whether a path below the top, such as `a/b.txt`, is meant."""
        path = f"/{relative}/" if self.with_content and is_folder else f"/{relative}"
        return (is_folder or not self.folders_only) and self.expression.fullmatch(path) is not None


class Filter:
    """Includes, then excludes; what none of them matches is taken.

    A folder that is not taken is not looked into, so nothing in it is ever asked for.
    """

    def __init__(self, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        self._rules: Sequence[tuple[bool, Pattern]] = [
            *((True, parse(text, "include")) for text in include),
            *((False, parse(text, "exclude")) for text in exclude),
        ]

    def takes(self, relative: str, is_folder: bool) -> bool:
        """Whether a path below the top is taken."""
        for taken, pattern in self._rules:
            if pattern.matches(relative, is_folder):
                return taken
        return True


def parse(text: str, option: str) -> Pattern:
    """A pattern from its text.

    `*` stands for anything but a slash, `**` for anything, `?` for one letter but a slash, `[..]` for one of those
    letters. A slash at the beginning ties it to the top; else it matches at the end of a path, from a name on. A slash
    at the end means folders alone; `name/***` is a folder with all that it holds.

    :param option: which option holds it, for errors.
    :raises NasError: `USAGE` for what is no pattern.
    """
    anchored, folders_only = text.startswith("/"), text.endswith("/")
    body = text[anchored:]
    body = body[:-1] if folders_only else body
    if not body:
        raise usage(f"option {option}: {text!r} names nothing", hint="Write a pattern, such as *.tmp or /cache/")
    with_content = body.endswith("/***")
    body = body[: -len("/***")] if with_content else body
    # As rsync has it, what begins with ** may begin before the first slash, so that **/a is also at the top.
    start = "/" if anchored else "" if body.startswith("**") else ".*/"
    expression = start + _expression(body, text, option) + ("/.*" if with_content else "")
    return Pattern(re.compile(expression, re.DOTALL), folders_only, with_content)


def _expression(body: str, text: str, option: str) -> str:
    """The regular expression of a pattern without the slashes around it."""
    escapes = bool(_WILD.intersection(body))  # as rsync has it: without wildcards a backslash is one
    found, place = "", 0
    while place < len(body):
        letter = body[place]
        place += 1
        if letter == "*":
            stars = len(body) - place - len(body[place:].lstrip("*"))
            place += stars
            found += ".*" if stars else "[^/]*"
        elif letter == "?":
            found += "[^/]"
        elif letter == "[":
            end = _end_of_brackets(body, place)
            if end < 0:
                hint = r"Close it, or write \[ beside a wildcard and [[] without one"
                raise usage(f"option {option}: {text!r} has a [ without its ]", hint=hint)
            found += _brackets(body[place:end], text, option)
            place = end + 1
        elif letter == "\\" and escapes and place < len(body):
            found += re.escape(body[place])
            place += 1
        else:
            found += re.escape(letter)
    return found


def _end_of_brackets(body: str, place: int) -> int:
    """Where the bracket that closes is, -1 for nowhere. One that comes first is a letter."""
    start = place + (body[place : place + 1] in ("!", "^"))
    place = start
    while place < len(body):
        named = _CLASS.match(body, place)
        if named:
            place = named.end()
        elif body[place] == "]" and place > start:
            return place
        else:
            place += 2 if body[place] == "\\" else 1
    return -1


def _brackets(inside: str, text: str, option: str) -> str:
    negated = inside[:1] in ("!", "^")
    rest, choices = inside[negated:], []
    while rest:
        named = _CLASS.match(rest)
        if named:
            if named.group(1) not in _CLASSES:
                raise usage(
                    f"option {option}: {text!r} has an unknown class of letters, {named.group(1)!r}",
                    hint=f"There are {', '.join(_CLASSES)}",
                )
            choices.append(f"[{_CLASSES[named.group(1)]}]")
            rest = rest[named.end() :]
            continue
        first, rest = _letter(rest)
        last = first
        if len(rest) > 1 and rest[0] == "-":
            last, rest = _letter(rest[1:])
        if last < first:
            raise usage(
                f"option {option}: {text!r} has a range that ends before it begins", hint="Write it as in [a-z]"
            )
        choices.append(f"[{re.escape(first)}-{re.escape(last)}]")
    alternatives = "|".join(choices)
    return f"(?!/)(?!{alternatives})." if negated else f"(?!/)(?:{alternatives})"


def _letter(text: str) -> tuple[str, str]:
    """The first letter, which a backslash may stand before, and what follows."""
    place = 1 if text[0] == "\\" and len(text) > 1 else 0
    return text[place], text[place + 1 :]
