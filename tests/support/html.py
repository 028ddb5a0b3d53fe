# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of HTML as a tree, strictly: an element that is not closed where it should be is an error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Optional, Union

VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))


@dataclass
class Element:
    """An element with its attributes and what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[Union[Element, str]] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """This element and all below, in order."""
        yield self
        for inner in self.content:
            if isinstance(inner, Element):
                yield from inner.walk()

    def all(self, tag: str) -> list[Element]:
        """The elements of a kind."""
        return [one for one in self.walk() if one.tag == tag]

    def by_id(self, name: str) -> Element:
        """The one element with an id."""
        (found,) = [one for one in self.walk() if one.attributes.get("id") == name]
        return found

    @property
    def text(self) -> str:
        """All text, with single blanks."""
        return " ".join("".join(self.pieces()).split())

    def pieces(self) -> Iterator[str]:
        """All text, as it stands."""
        for inner in self.content:
            if isinstance(inner, Element):
                yield from inner.pieces()
            else:
                yield inner


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>, line {self.getpos()[0]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parse(page: str) -> Element:
    """The page as a tree.

    :raises AssertionError: where it is not well-formed.
    """
    builder = _Builder()
    builder.feed(page)
    builder.close()
    assert builder.open == [builder.root], f"not closed: {[one.tag for one in builder.open[1:]]}"
    return builder.root


def rows(page: Element, section: str) -> list[list[str]]:
    """The texts of the body's rows of a section's table."""
    found = page.by_id(section)
    return [
        [cell.text for cell in row.content if isinstance(cell, Element)]
        for body in found.all("tbody")
        for row in body.all("tr")
    ]


def check(page: str) -> Element:
    """The page as a tree, when it keeps what every report promises: nothing leaves it, and everybody can read it."""
    assert page.startswith("<!DOCTYPE html>")
    tree = parse(page)
    (root,) = tree.all("html")
    assert root.attributes["lang"] == "en"
    (title,) = tree.all("title")
    assert title.text
    assert len(tree.all("main")) == len(tree.all("h1")) == 1
    ids = [one.attributes["id"] for one in tree.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    _check_tables(tree)
    _check_controls(tree, ids)
    _check_requests(tree, ids)
    return tree


def _check_tables(tree: Element) -> None:
    for table in tree.all("table"):
        (caption,) = table.all("caption")
        assert caption.text
        (head,) = table.all("thead")
        columns = [cell.text for cell in head.all("th")]
        assert columns
        assert all(columns)
        for heading in table.all("th"):
            assert heading.attributes["scope"] in ("col", "row")
        for row in table.all("tbody")[0].all("tr"):
            cells = [cell for cell in row.content if isinstance(cell, Element)]
            assert [cell.tag for cell in cells] == ["th", *["td"] * (len(columns) - 1)]
            assert [cell.attributes["data-label"] for cell in cells] == columns
    for picture in tree.all("svg"):
        assert picture.attributes["aria-hidden"] == "true"  # the number stands beside it


def _check_controls(tree: Element, ids: list[str]) -> None:
    labelled = {label.attributes["for"] for label in tree.all("label")}
    for tag in ("input", "select"):
        for control in tree.all(tag):
            assert control.attributes["id"] in labelled
    for section in tree.all("section"):
        assert section.attributes["aria-labelledby"] in ids
    (status,) = [one for one in tree.walk() if one.attributes.get("role") == "status"]
    assert status.attributes["id"] == "shown"


def _check_requests(tree: Element, ids: list[str]) -> None:
    for one in tree.walk():
        assert not [name for name in one.attributes if name.startswith("on") or name in ("style", "srcset", "action")]
        for name in ("src", "href"):
            value = one.attributes.get(name)
            assert value in (None, "data:,") or (value.startswith("#") and value[1:] in ids), value
        assert one.tag not in ("img", "iframe", "object", "embed", "base", "video", "audio")
    (policy,) = [
        meta.attributes["content"]
        for meta in tree.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
