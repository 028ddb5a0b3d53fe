# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names are the same to a device that compares them without case."""

from __future__ import annotations

import sys

import pytest

from tests.simulator.core.names import fold, written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Team", "tEAM"),
        ("Été", "éTÉ"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("Ωmega", "ωMEGA"),
        ("Дом", "дОМ"),
        ("Ǆ", "ǅ"),
        ("ẞ", "ß"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "Strasse"), ("ﬁle", "file"), ("ŉ", "ʼn"), ("é", "e"), ("é", "e\u0301"), ("İ", "i\u0307")],
)
def test_not_the_same(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_one_character_is_one_character() -> None:
    """Of all that there are; what is folded stays as it is."""
    for number in range(sys.maxunicode + 1):
        folded = fold(chr(number))
        assert len(folded) == 1, hex(number)
        assert fold(folded) == folded, hex(number)


def test_a_name_as_it_is_written() -> None:
    names = ["Straße", "STRASSE", "home", "Home"]
    assert written("straße", names) == "Straße"
    assert written("strasse", names) == "STRASSE"
    assert written("Home", names) == "Home", "itself before another in another case"
    assert written("HOME", names) == "home"
    assert written("hom", names) is None
    assert written("x", iter(())) is None
