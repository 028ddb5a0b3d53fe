# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's file reads from top to bottom: documentation, SPEC, `run`, and then what it calls; and it is short."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest
from ansible_collections.nasops.nas.plugins import modules

FILES = sorted(Path(modules.__path__[0]).glob("nas_*.py"))
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
MEDIAN = 150  # lines without the documentation
LONGEST = 280


def names_of(node):
    """What a statement of a file defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def parts(text):
    """The statements of a file by what they define; imports are `import`."""
    for node in ast.parse(text).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and getattr(node, "module", "") != "__future__":
            yield "import", node
        yield from ((name, node) for name in names_of(node))


def lines(text):
    """How many lines a module has without its documentation."""
    documented = sum(node.end_lineno - node.lineno + 1 for name, node in parts(text) if name in DOCUMENTATION)
    return len(text.splitlines()) - documented


def misplaced(text):
    """What does not stand where a reader from the top expects it."""
    order = list(parts(text))
    names = [name for name, _node in order]
    functions = {name: node for name, node in order if isinstance(node, ast.FunctionDef)}
    if [name for name in names if name in DOCUMENTATION] != list(DOCUMENTATION) or names[0] != DOCUMENTATION[0]:
        yield "the documentation"
    if names.index("import") < names.index(DOCUMENTATION[-1]):
        yield "an import"
    if names.index("SPEC") > names.index("run"):
        yield "SPEC"
    if [*functions][:1] != ["run"] or names[-1] != "main":
        yield "run or main"
    called = {"run", "main"}
    for name, node in order:
        # What the values above use is called from there, whenever that is.
        if isinstance(node, ast.FunctionDef) and name not in called:
            yield name
        called |= {used.id for used in ast.walk(node) if isinstance(used, ast.Name)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_module_reads_from_top_to_bottom(file):
    assert list(misplaced(file.read_text(encoding="utf-8"))) == []


def test_what_is_misplaced_is_seen():
    docs = 'DOCUMENTATION = ""\nEXAMPLES = ""\nRETURN = ""\n'
    spec, run, other, main = "SPEC = 1\n", "def run():\n    other()\n", "def other(): ...\n", "def main(): ...\n"
    good = docs + "import os\n" + spec + run + other + main
    assert list(misplaced(good)) == []
    assert list(misplaced("import os\n" + docs + spec + run + other + main)) == ["the documentation", "an import"]
    assert list(misplaced(docs + "import os\n" + run + other + spec + main)) == ["SPEC"]
    assert list(misplaced(docs + "import os\n" + spec + other + run + main)) == ["run or main", "other"]
    assert lines(good) == len(good.splitlines()) - 3


def test_modules_are_short():
    lengths = {file.stem: lines(file.read_text(encoding="utf-8")) for file in FILES}
    assert statistics.median(lengths.values()) <= MEDIAN
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
