# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a diff shows: YAML that a person reads, contents, and nothing that a terminal obeys or that is secret."""

from __future__ import annotations

import ast
import datetime
from pathlib import Path

import pytest
import yaml
from ansible_collections.nasops.nas.plugins import modules
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._delivery import content as _content
from ansible_collections.nasops.nas.plugins.module_utils._delivery.content import Content
from ansible_collections.nasops.nas.plugins.module_utils._module.diff import as_yaml, content_diff
from ansible_collections.nasops.nas.plugins.module_utils._plans.plan import facts

NAMES = [
    "ü",
    "漢字",
    "e\u0301",
    "a b",
    "a: b",
    "a #b",
    "#a",
    "- a",
    "C:",
    "x\x1b[2J",
    "two\nlines",
    "\u202eevil",
    "'",
    '"',
]
NAMES += ["\\", "\\n", "null", "No", "1", "1.5", "0x1f", "1:30", ".5", "~", "", " ", "*a", "&a", "!a", "%a", "@a", "`a"]
NAMES += [
    "{a",
    "[a",
    "a]",
    "a, b",
    "|",
    ">",
    "?",
    "-",
    "=",
    "<<",
    "\ud800",
    "\udcff",
    "\ufeffa",
    "🎉",
    "a\u3000b",
    "\x85",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_in_the_text_and_can_be_read_back(name):
    value = {"paths": {f"/home/{name}": {"state": "present"}, name: name}, "list": [name, {"name": name, "path": name}]}
    text = as_yaml(value)
    assert yaml.safe_load(text) == value
    assert all(line.isprintable() for line in text.replace("\u3000", " ").split("\n"))
    if name.isalpha():
        assert f"/home/{name}:\n" in text


def test_what_is_not_text():
    value = {"a": None, "b": True, "c": 5, "d": {}, "e": [], "f": [{"x": 1, "y": [1, 2]}, []], "g": False}
    assert yaml.safe_load(as_yaml(value)) == value
    assert as_yaml({}) == "{}\n"
    assert as_yaml({"b": (1, "x"), "a": "0644"}) == 'a: "0644"\nb:\n  - 1\n  - x\n'
    reported = yaml.safe_load(as_yaml({"t": "2026-05-04T03:02:01Z"}))
    assert reported["t"] == datetime.datetime(2026, 5, 4, 3, 2, 1, tzinfo=datetime.timezone.utc)


def test_facts():
    assert facts(None) == {"state": "absent"}
    assert facts(Entry("/a/b", FOLDER, 5, 1)) == {"state": "present"}
    assert facts(Entry("/a/b", FILE, 5, 1)) == {"state": "present", "size": 5, "mtime": "1970-01-01T00:00:01Z"}


def text(content):
    return None if content is None else Content(len(content), content)


LARGE = Content(200_000, None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, b"\xc3\xbc\n", {"before": "", "after": "ü\n"}),
        (b"a\tb\r\n", b"\x1b[2J", {"before": "a\tb\\r\n", "after": "\\x1b[2J"}),
        (b"\xff", b"a", {"dst_binary": 1, "before": "(not shown: binary, 1 bytes)\n"}),
        (b"a", b"\0b", {"src_binary": 1, "after": "(not shown: binary, 2 bytes, changed)\n"}),
        (None, b"\0b", {"src_binary": 1, "before": "", "after": "(not shown: binary, 2 bytes)\n"}),
        (b"$ANSIBLE_VAULT;1.1;AES256\n62", b"plain", {"after": "(not shown: vaulted, changed)\n"}),
        (b"plain", b"$ANSIBLE_VAULT;1.1;AES256\n62", {"before": "(not shown: vaulted)\n"}),
    ],
)
def test_contents(before, after, expected):
    diff = content_diff("/home/ü", text(before), text(after))
    assert diff["before_header"] == diff["after_header"] == "/home/ü"
    assert expected.items() <= diff.items()
    assert bool(expected.keys() - {"before", "after"}) == bool(diff.keys() - {"before", "after"} - {*HEADERS})


HEADERS = ("before_header", "after_header")


def test_large_contents_and_secret_ones():
    diff = content_diff("/a", LARGE, LARGE)
    assert diff["dst_larger"] == diff["src_larger"] == _content.LARGEST_SHOWN
    assert diff["before"] == "(not shown: large, 200000 bytes)\n"
    secret = content_diff("/a", None, text(b"secret"), secret=True)
    assert "secret" not in str(secret)
    assert _content.read(BytesSource(b"x" * (_content.LARGEST_SHOWN + 1))) == Content(_content.LARGEST_SHOWN + 1, None)


@pytest.mark.parametrize("file", sorted(Path(modules.__path__[0]).glob("nas_*.py")), ids=lambda file: file.stem)
def test_no_module_makes_a_diff_of_its_own(file):
    source = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        assert not (isinstance(node, ast.Constant) and node.value in HEADERS)
        keys = [key.value for key in getattr(node, "keys", ()) if isinstance(key, ast.Constant)]
        assert not {"before", "after"} <= set(keys), f"{file.name}:{node.lineno}"
    writes = "nasops.nas.nas.attributes" in source
    assert ("context.finish(" in source) == writes
    assert '"diff"]' not in source
