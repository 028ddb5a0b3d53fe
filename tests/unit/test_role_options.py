# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles reach every option of the modules that they stand for: in their arguments, their tasks and their README."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

ROOT = next(folder for folder in Path(__file__).parents if (folder / "galaxy.yml").exists())
PACKAGE = "ansible_collections.nasops.nas.plugins.modules"
LISTS = {
    "provision_shared_folders": "nas_shared_folder",
    "provision_groups": "nas_group",
    "provision_users": "nas_user",
    "provision_permissions": "nas_share_permission",
    "provision_files": "nas_file",
    "provision_archives": "nas_archive",
    "provision_links": "nas_share",
}
ROLES = sorted(folder.name for folder in (ROOT / "roles").iterdir())


def read(role, file):
    return yaml.safe_load((ROOT / "roles" / role / file).read_text(encoding="utf-8"))


def arguments(role):
    return read(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def options(module):
    return importlib.import_module(f"{PACKAGE}.{module}").SPEC.options


# What the role says of an option that is left out, where that is not what the module says.
DEFAULTS = {"parents": "true"}


def given(role, module):
    """The options that a role's tasks give to a module, with all that stands there."""
    key = f"nasops.nas.{module}"
    found = {}
    for task in read(role, "tasks/main.yml"):
        for name, value in task.get(key, {}).items():
            found.setdefault(name, []).append(value)
    return found


def hands_on(variable, name, required):
    """How a task hands an option on: as it is, and not at all where it is left out."""
    filled = "" if required else f" | default({DEFAULTS.get(name, 'omit')})"
    return f"{{{{ {variable}[provision_number].{name}{filled} }}}}"


def alike(of_role, of_module, name):
    """A role's option takes what the module's takes; defaults are the module's, and are not said twice."""
    if name == "content":
        assert of_role["type"] == "raw"  # the module writes a dictionary or list as JSON
    else:
        assert of_role.get("type") == of_module.get("type"), name
    for key in ("elements", "choices", "no_log"):
        assert of_role.get(key) == of_module.get(key), (name, key)
    assert not ("default" in of_role and "default" in of_module), name
    inner = of_module.get("options", {})
    assert set(of_role.get("options", {})) == set(inner), name
    for key, option in inner.items():
        assert bool(of_role["options"][key].get("required")) == bool(option.get("required")), (name, key)
        if key != "content":
            alike(of_role["options"][key], option, key)


@pytest.mark.parametrize("variable", LISTS)
def test_provision_reaches_every_option(variable):
    module = LISTS[variable]
    offered, own = arguments("provision")[variable]["options"], options(module)
    assert set(offered) == set(own)
    for name, option in own.items():
        alike(offered[name], option, name)
        assert bool(offered[name].get("required")) == bool(option.get("required")), name
    passed = given("provision", module)
    assert set(passed) == set(own)
    for name, values in passed.items():
        if (module, name) == ("nas_group", "members"):  # once for groups that go, once after the accounts
            assert all(f"{variable}[provision_number].{name} | default(omit)" in value for value in values), values
        else:
            assert set(values) == {hands_on(variable, name, own[name].get("required"))}, name
    readme = (ROOT / "roles" / "provision" / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith(f"| `{variable}`")]
    assert set(re.findall(r"`(\w+)`", row)) == {variable, *own}


def test_container_tls_reaches_every_option():
    own = options("nas_container_tls")
    offered = arguments("container_tls")
    assert {name.removeprefix("container_tls_") for name in offered} == set(own)
    for name, option in own.items():
        assert offered[f"container_tls_{name}"]["type"] == option["type"], name
        assert offered[f"container_tls_{name}"].get("elements") == option.get("elements"), name
    assert set(given("container_tls", "nas_container_tls")) == set(own)


@pytest.mark.parametrize("role", ROLES)
def test_defaults_and_readme_are_those_of_the_arguments(role):
    offered = arguments(role)
    assert read(role, "defaults/main.yml") == {
        name: option["default"] for name, option in offered.items() if "default" in option
    }
    readme = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert [name for name in offered if f"| `{name}` |" not in readme] == []
