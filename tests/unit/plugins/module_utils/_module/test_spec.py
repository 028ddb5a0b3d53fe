# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says about itself: which options its states take, and what the controller does for it."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml
from ansible_collections.nasops.nas.plugins import modules
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._module.spec import WAIT_TIMEOUT, Spec

PACKAGE = "ansible_collections.nasops.nas.plugins.modules"
NAMES = sorted(file.stem for file in Path(modules.__path__[0]).glob("nas_*.py"))
SPECS = {name: importlib.import_module(f"{PACKAGE}.{name}").SPEC for name in NAMES}
STATEFUL = [name for name in NAMES if SPECS[name].by_state]
OTHER = {"str": "x", "int": 7, "bool": True, "list": ["x"], "dict": {"x": 1}, "path": "/x"}

SPEC = Spec(
    {"a": {"type": "str"}, "b": {"type": "bool", "default": False}, "c": {"type": "list"}, "d": {"type": "str"}},
    by_state={"present": ("a", "c"), "touched": ("a",), "absent": ("b",)},
)
NOTHING = {"a": None, "b": False, "c": None, "d": None}


def test_an_option_that_the_state_does_not_take_is_refused():
    with pytest.raises(NasError) as caught:
        SPEC.require_state({**NOTHING, "state": "absent", "a": ""})
    assert caught.value.kind is Kind.USAGE
    assert caught.value.message == "option a makes no sense with state absent"
    assert caught.value.hint == "Remove it, or use state present or touched"


@pytest.mark.parametrize(
    "given",
    [
        {"state": "present", "a": "x", "c": ["x"]},
        {"state": "absent", "b": True, "d": "x"},
        {"state": "absent", "c": []},
        {"state": "touched"},
    ],
)
def test_an_option_that_it_takes_and_one_that_is_not_given_pass(given):
    SPEC.require_state({**NOTHING, **given})


def test_a_module_without_states_takes_everything():
    Spec({"a": {"type": "str"}}).require_state({"a": "x"})


def cases():
    for name in STATEFUL:
        spec = SPECS[name]
        named = {option for options in spec.by_state.values() for option in options}
        for state, options in spec.by_state.items():
            yield from ((name, state, option) for option in sorted(named.difference(options)))


@pytest.mark.parametrize(("name", "state", "option"), [pytest.param(*case, id="-".join(case)) for case in cases()])
def test_every_state_refuses_what_it_does_not_take(name, state, option):
    spec = SPECS[name]
    about = spec.options[option]
    value = not about["default"] if isinstance(about.get("default"), bool) else OTHER[about["type"]]
    params = {other: each.get("default") for other, each in spec.options.items()}
    with pytest.raises(NasError, match=f"option {option} makes no sense with state {state}"):
        spec.require_state({**params, "state": state, option: value})


@pytest.mark.parametrize("name", STATEFUL)
def test_every_state_of_a_module_is_named(name):
    assert list(SPECS[name].by_state) == SPECS[name].options["state"]["choices"]


@pytest.mark.parametrize("name", NAMES)
def test_secrets_are_documented_keys(name):
    module = importlib.import_module(f"{PACKAGE}.{name}")
    returned = yaml.safe_load(module.RETURN)
    assert set(module.SPEC.secrets) <= set(returned)
    assert {key for key in returned if "token" in key} == set(module.SPEC.secrets)


def test_only_nas_file_sends_a_file_of_the_controller():
    assert [name for name in NAMES if SPECS[name].sends_source] == ["nas_file"]
    assert {"src", "content", "decrypt"} <= set(SPECS["nas_file"].options)


@pytest.mark.parametrize("name", NAMES)
def test_the_fragment_wait_timeout_describes_the_option_that_all_share(name):
    module = importlib.import_module(f"{PACKAGE}.{name}")
    documentation = yaml.safe_load(module.DOCUMENTATION)
    shares = module.SPEC.options.get("wait_timeout") is WAIT_TIMEOUT["wait_timeout"]
    own = "wait_timeout" in documentation.get("options", {})
    assert ("nasops.nas.nas.wait_timeout" in documentation["extends_documentation_fragment"]) == (shares and not own)
    assert not shares or not own or name in ("nas_task", "nas_transcode")
