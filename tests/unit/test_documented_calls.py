# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of documented calls and parameters: each call is made, each parameter reached, or there is a reason."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import yaml
from ansible_collections.nasops.nas.plugins import modules
from ansible_collections.nasops.nas.tests import coverage

PACKAGE = "ansible_collections.nasops.nas.plugins"
NAMES = sorted(module.stem for module in Path(modules.__path__[0]).glob("nas_*.py"))


def test_the_list_of_documented_calls_names_modules_and_their_options():
    documents = yaml.safe_load(coverage.LIST.read_text(encoding="utf-8"))
    rows = [row for group in documents.values() for row in group["calls"]]
    assert len(rows) == 126
    for row in rows:
        assert row["by"]
        for module, how in row["by"].items():
            options = importlib.import_module(f"{PACKAGE}.modules.{module}").SPEC.options
            assert [name for name in re.findall(r"(\w+):", how) if name not in options] == []


def test_the_list_of_observed_calls_names_modules_and_their_options():
    documents = yaml.safe_load((coverage.LIST.parent / "observed_calls.yml").read_text(encoding="utf-8"))
    used = set()
    for group in documents.values():
        for row in group["calls"]:
            for module, how in row["by"].items():
                used.add(module)
                options = importlib.import_module(f"{PACKAGE}.modules.{module}").SPEC.options
                assert set(re.findall(r"(\w+):", how)) <= set(options), (row["call"], how)
    assert used >= {"nas_shared_folder", "nas_share_permission", "nas_user", "nas_group", "nas_info"}


def options_of(name):
    """The options of a module, those in options included, as `option.suboption`."""

    def walk(options, above=""):
        for option, about in options.items():
            yield f"{above}{option}"
            yield from walk(about.get("options") or {}, f"{above}{option}.")

    return set(walk(importlib.import_module(f"{PACKAGE}.modules.{name}").SPEC.argument_spec()))


def keys_of(name):
    """The keys that a module returns, those below others included, as `key.subkey`."""

    def walk(keys, above=""):
        for key, about in keys.items():
            yield f"{above}{key}"
            yield from walk(about.get("contains") or {}, f"{above}{key}.")

    return set(walk(yaml.safe_load(importlib.import_module(f"{PACKAGE}.modules.{name}").RETURN)))


def documented_parameters():
    return yaml.safe_load(coverage.PARAMETERS.read_text(encoding="utf-8"))


def test_every_documented_call_has_its_parameters():
    documents = yaml.safe_load(coverage.LIST.read_text(encoding="utf-8"))
    parameters = documented_parameters()["documents"]
    assert {document: [row["call"] for row in group["calls"]] for document, group in documents.items()} == {
        document: list(group["calls"]) for document, group in parameters.items()
    }
    for document, group in parameters.items():
        assert group["vendor"] == documents[document]["vendor"]
        assert all(set(parts) == {"request", "response"} for parts in group["calls"].values())


def test_every_documented_parameter_is_reached_or_has_a_reason():
    parameters = documented_parameters()
    takes = {name: options_of(name) for name in NAMES}
    returns = {name: keys_of(name) for name in NAMES}
    used = set()
    for document, call, part, name, reach in coverage.listed(parameters):
        where = f"{document}: {call} {part} {name}"
        places = coverage.reaching(reach)
        if not places:
            assert set(reach) == {"out_of_reach"}, where
            assert reach["out_of_reach"] in parameters["reasons"], where
            used.add(reach["out_of_reach"])
        for place in places:
            module, _dot, reached = place.partition(".")
            assert reached in (takes if part == "request" else returns)[module], f"{where}: there is no {place}"
    assert used == set(parameters["reasons"])


def test_a_parameter_that_no_task_sent_is_a_gap():
    reach = {"a": "nas_copy.src", "b=1": ["nas_copy.src", "nas_file.path"], "c": {"out_of_reach": "why"}}
    parts = {"request": reach, "response": {"d": "nas_copy.dest"}}
    parameters = {"reasons": {"why": "It is."}, "documents": {"x": {"vendor": "v", "calls": {"f": parts}}}}
    sent = {("v", "f"): {"nas_copy": {"", "a", "b", "b=1"}}}
    assert list(coverage.unsent(parameters, sent)) == ["v: f is not sent b=1 by nas_file"]
    assert len(list(coverage.unsent(parameters, {}))) == 3
    text = "\n".join(coverage.unreached(parameters))
    assert "3 of 4 parameters" in text
    assert "### It is." in text
    assert "| v `f` | `c` |" in text
