# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a QNAP answers: JSON and XML, in the many broken ways in which devices send them.

Real firmware labels JSON as HTML or text, leaves a header line in the body, sends the same object twice, begins with a
byte order mark, ends with a line feed, and writes numbers as strings. Nothing here raises anything but ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Optional
from xml.parsers import expat

from .._core import json_text

SESSION_EXPIRED = 3  # status of a reply: the device does not know the session

_BEFORE = re.compile(r"(?:[\s\ufeff]|[A-Za-z][A-Za-z0-9-]*:[^\n]*\n)*")
_DEEPEST = 32  # elements in each other
_ELEMENTS = 20000  # of one document; pages about a device have some hundreds
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def json_value(body: bytes) -> Any:
    """The first JSON value of a body; what stands around it is ignored.

    Bytes that are not UTF-8 (a file name in another character set) become lone surrogates.

    :raises ValueError: there is none.
    """
    text = body.decode("utf-8", "surrogateescape")
    before = _BEFORE.match(text)
    return json_text.first(text, before.end() if before else 0)


def number(value: Any) -> Optional[int]:
    """An integer that may have come as a string; None for everything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    return None


def status_of(body: bytes) -> Optional[int]:
    """The `status` of a body that is a status reply and nothing else, or None.

    Such replies hold `status` and `success`, sometimes `version` and `build`. Old firmware answers with the login's
    XML, `authPassed` 0, when it does not know the session: that has the same status.
    """
    try:
        value = json_value(body)
    except ValueError:
        return SESSION_EXPIRED if _is_nobody(body) else None
    if isinstance(value, dict) and ("success" in value or "build" in value):
        return number(value.get("status"))
    return None


def _is_nobody(body: bytes) -> bool:
    if b"authPassed" not in body:
        return False
    try:
        return xml_fields(body).get("authPassed") == "0"
    except ValueError:
        return False


def is_html(body: bytes) -> bool:
    """Whether a body begins like a web page."""
    return body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))


def xml_fields(body: bytes) -> dict[str, str]:
    """The texts of a `QDocRoot`, by path below the root such as `firmware/version`; the first of several counts.

    :raises ValueError: see `xml_root`.
    """
    fields: dict[str, str] = {}
    for path, element in xml_root(body).walk():
        fields.setdefault(path, element.text)
    return fields


class Element:
    """An element of a device's XML: its text, and the elements in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""
        self.children: list[Element] = []

    def all(self, path: str) -> list[Element]:
        """The elements at a path such as `data/user`: one entry of a list is one, several are several."""
        found = [self]
        for name in path.split("/"):
            found = [child for element in found for child in element.children if child.name == name]
        return found

    def get(self, path: str, default: str = "") -> str:
        """The text of the first element at a path; the default where there is none."""
        found = self.all(path)
        return found[0].text if found else default

    def walk(self, above: str = "") -> Iterator[tuple[str, Element]]:
        """All elements in it, each with its path; those within an element come before it."""
        for child in self.children:
            path = f"{above}{child.name}"
            yield from child.walk(f"{path}/")
            yield path, child


def xml_root(body: bytes) -> Element:
    """The `QDocRoot` of a body.

    :raises ValueError: it is no such document, one with a DOCTYPE (which could define entities without end), or one
        that is nested too deeply or too long.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(body[max(body.find(b"<"), 0) :], True)
    except expat.ExpatError:
        # What follows the root's end does not matter.
        if not reader.complete:
            raise ValueError("no well-formed XML") from None
    return reader.root


class _Reader:
    """Builds the elements of one document."""

    def __init__(self) -> None:
        self.root = Element("QDocRoot")
        self.complete = False
        self._elements = 0
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._data
        self.parser.EndElementHandler = self._end

    def _doctype(self, *_arguments: object) -> None:
        raise ValueError("a document type is not expected")

    def _start(self, name: str, _attributes: object) -> None:
        if not self._open and name != "QDocRoot":
            raise ValueError("not a QDocRoot")
        self._elements += 1
        if len(self._open) == _DEEPEST or self._elements > _ELEMENTS:
            raise ValueError("more elements than a device has to tell")
        element = Element(name) if self._open else self.root
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)
        self._texts.append([])

    def _data(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def _end(self, _name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop()).strip()
        self.complete = not self._open


def first_bytes(pieces: Iterator[bytes], longest: int) -> tuple[bytes, bool]:
    """The first bytes of a body, and whether they are all: enough to know an error by.

    :param longest: bytes that an error has at most; of a longer body no more is read.
    """
    head = b""
    for piece in pieces:
        head += piece
        if len(head) > longest:
            return head, False
    return head, True
