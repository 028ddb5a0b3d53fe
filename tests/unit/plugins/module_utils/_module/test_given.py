# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options as they were given: a text is one path, and a masked path leads nowhere."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_list
from ansible_collections.nasops.nas.plugins import modules
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._module.given import (
    PATHS,
    PATTERNS,
    masking,
    refuse_masked,
    refuse_torn,
    whole_paths,
)

NAMES = sorted(module.stem for module in Path(modules.__path__[0]).glob("nas_*.py"))
SPECS = {name: importlib.import_module(f"{modules.__name__}.{name}").SPEC for name in NAMES}
# Lists that hold no paths; Ansible splits a text there at its commas, as everywhere.
NO_PATHS = {
    "patterns",
    "excludes",
    "include",
    "exclude",
    "kind",
    "id",
    "gather",
    "domain_names",
    "ports",
    "resolutions",
    "favorites",
    "clear_queue",
    "groups",
}
LISTS = [
    (module, name, key)
    for module, spec in SPECS.items()
    for name, option in spec.options.items()
    if option["type"] == "list" and name not in NO_PATHS
    for key in (name, *option.get("aliases", ()))
]


@pytest.mark.parametrize(("module", "name", "key"), LISTS)
@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ("/home/Smith, John", ["/home/Smith, John"]),
        ('["/home/a", "/home/b"]', ['["/home/a", "/home/b"]']),
        ("a,b\nc", ["a,b\nc"]),
        (["/home/a,b", "/home/c"], ["/home/a,b", "/home/c"]),
        (2024, ["2024"]),
        ([], []),
    ],
)
def test_a_text_is_one_path_and_a_list_stays_a_list(module, name, key, value, paths):
    option = {key_: value_ for key_, value_ in SPECS[module].options[name].items() if key_ != "required"}
    given = whole_paths(SPECS[module].options, {key: value})
    outcome = ArgumentSpecValidator({name: option}).validate(given)
    assert not outcome.error_messages
    assert outcome.validated_parameters[name] == paths


@pytest.mark.parametrize("module", NAMES)
def test_every_list_is_of_paths_or_known_not_to_be(module):
    lists = {name for name, option in SPECS[module].options.items() if option["type"] == "list"}
    assert lists <= PATHS | NO_PATHS


PLACES = [
    (module, name)
    for module, spec in SPECS.items()
    for name, option in spec.options.items()
    if name in PATHS or option["type"] == "path"
]


@pytest.mark.parametrize(("module", "name"), PLACES)
@pytest.mark.parametrize("path", ["/home/********/a.txt", "********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"])
def test_a_masked_path_is_refused(module, name, path):
    options = SPECS[module].options
    value = ["/home/a", path] if options[name]["type"] == "list" else path
    with pytest.raises(NasError) as caught:
        refuse_masked(options, {name: value})
    assert caught.value.kind is Kind.USAGE
    assert caught.value.message.startswith(f"option {name}: ")


def test_a_masked_path_within_a_list_of_dicts_is_refused():
    with pytest.raises(NasError, match=r"option favorites\.path: "):
        refuse_masked(SPECS["nas_favorite"].options, {"favorites": [{"path": "/home/********", "name": "x"}]})


def test_other_texts_may_look_masked():
    refuse_masked(SPECS["nas_file"].options, {"path": "/home/*******", "content": "********", "src": None})


@pytest.mark.parametrize(
    ("result", "options"),
    [
        ({"files": [{"path": "/home/photo/a"}]}, ["password"]),
        ({"entries": [{"name": "my photos"}]}, ["password"]),
        ({"msg": "no photo", "size": 5, "paths": ["/home/a"]}, []),
        ({"path": "/home/photo", "dest": "/home/moon"}, ["password", "otp_code"]),
    ],
)
def test_the_options_whose_secrets_are_masked_in_paths(result, options):
    params = {"password": "photo", "otp_code": "moon", "username": "home", "device_token": "", "port": 5}
    assert masking(params, {"photo", "moon", ""}, result) == options


@pytest.mark.parametrize("option", sorted(PATTERNS))
def test_a_text_that_may_be_one_pattern_or_two_is_refused(option):
    options = {option: {"type": "list", "elements": "str"}}
    for fine in (None, [], ["*.jpg", "*.png"], ["Smith, John"], [" x"]):
        refuse_torn(options, {option: fine})
    with pytest.raises(NasError) as caught:
        refuse_torn(options, {option: check_type_list("Smith, John*")})
    assert caught.value.kind is Kind.USAGE
    assert f"option {option}: 'Smith, John*'" in str(caught.value)
    refuse_torn({"path": {"type": "list"}}, {"path": ["/a", " b"]})
