# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house: who may know what."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible_collections.nasops.nas.plugins.doc_fragments.nas import ModuleDocFragment
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._api.client import Client, kept_aside, service_folders
from ansible_collections.nasops.nas.plugins.module_utils._api.offers import UnsupportedError

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.nasops.nas.plugins"
PLUGINS = ROOT / "plugins"
MODULES = sorted(PLUGINS.glob("modules/nas_*.py"))
NAMES = [module.stem for module in MODULES]
VENDOR_FILES = sorted(file for vendor in _vendors.VENDORS for file in PLUGINS.glob(f"module_utils/_{vendor}/**/*.py"))
# The packages of the client, from the top down: each may import those below it, and none above.
FLOORS = (
    ("_module",),
    ("_delivery",),
    ("_plans",),
    ("_vendors",),
    tuple(f"_{vendor}" for vendor in sorted(_vendors.VENDORS)),
    ("_api",),
    ("_transport",),
    ("_core",),
)
FLOOR = {package: height for height, packages in enumerate(reversed(FLOORS)) for package in packages}
FILES = sorted(PLUGINS.glob("module_utils/**/*.py"))
CLIENTS = VENDOR_FILES
VENDORS = sorted(_vendors.VENDORS)
ALL = {name for nas in _vendors.VENDORS.values() for name in nas.capabilities()}


def strings(file):
    """The strings in a file's code: neither its documentation nor docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        or (
            isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") in ("DOCUMENTATION", "EXAMPLES", "RETURN")
        )
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]


def imports(file):
    """The modules that a file imports, by their full names; and what it takes from them."""
    here = f"{PACKAGE}.{'.'.join(file.relative_to(PLUGINS).parts)}" if file.is_relative_to(PLUGINS) else ""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = here.removesuffix(".py").rsplit(".", node.level)[0] if node.level else ""
            module = ".".join(filter(None, (above, node.module)))
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def upward(file):
    """The imports of a file of the client that go up to a package above its own, or aside to another vendor's."""
    own = package_of(
        f"{PACKAGE}.module_utils.{'.'.join(file.relative_to(PLUGINS / 'module_utils').with_suffix('').parts)}"
    )
    for name in imports(file):
        if name.startswith(f"{PACKAGE}.") and not name.startswith(f"{PACKAGE}.module_utils"):
            yield name
        package = package_of(name)
        if package is not None and package != own and FLOOR[package] >= FLOOR[own]:
            yield name


def package_of(name):
    """The package below module_utils that a full name is in."""
    inside = name.removeprefix(f"{PACKAGE}.module_utils").lstrip(".")
    return None if inside == name or not inside else inside.partition(".")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.relative_to(PLUGINS / "module_utils").parts))
def test_imports_go_down(file):
    assert set(upward(file)) == set()


def import_graph():
    """Which packages below module_utils each imports: {package: packages}; all vendors' are one."""
    found = {}
    for file in FILES:
        above = file.relative_to(PLUGINS / "module_utils").with_suffix("").parts
        for name in imports(file):
            package = package_of(name)
            if package in FLOOR and above[0] in FLOOR:
                found.setdefault(FLOOR[above[0]], set()).add(FLOOR[package])
    return {own: {below for below in others if below != own} for own, others in found.items()}


def reach(graph, own):
    """All that an import of a package leads to."""
    found, ahead = set(), {own}
    while ahead:
        ahead = set().union(*(graph.get(one, set()) for one in ahead)) - found
        found |= ahead
    return found


def test_the_drawing_has_the_imports_that_there_are():
    """Without those that follow from others: what a package imports, and is reached by what it imports too."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawing = text[text.index("subgraph module_utils") : text.index("    end\n", text.index("subgraph module_utils"))]
    floor = {}
    for node, label in re.findall(r'(\w+)\["(\w+)', drawing):
        floor[node] = FLOOR[label]
    drawn = {
        (floor[above], floor[below]) for above, below in re.findall(r"^\s*(\w+)\S*.*? --> (\w+)", drawing, re.MULTILINE)
    }
    graph = import_graph()
    direct = {
        (own, below)
        for own, others in graph.items()
        for below in others
        if not any(below in reach(graph, other) for other in others - {below})
    }
    assert drawn == direct


def test_every_file_of_the_client_is_in_a_package_of_its_trade():
    loose = {path.name for path in (PLUGINS / "module_utils").iterdir() if path.name != "__pycache__"}
    assert loose == {*(package for package in FLOOR if package != "_vendors"), "_vendors.py", "__init__.py"} & loose
    assert {*FLOOR} - {"_vendors"} <= loose


def test_an_import_that_goes_up_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PLUGINS", tmp_path)
    file = tmp_path / "module_utils" / "_core" / "paths.py"
    file.parent.mkdir(parents=True)
    for line in (
        "from .._api import client",
        "from ... import modules",
        "from .._synology.wire import Wire",
        f"import {PACKAGE}.module_utils._plans.copy",
    ):
        file.write_text(f"{line}\n")
        assert list(upward(file))
    file.write_text("from .errors import usage\nfrom . import names\nimport json\n")
    assert not list(upward(file))


# The command line of the simulator explains itself, which is documentation.
EXPLAINED = ("help", "metavar", "description")
# A vendor's name begins a word, or a part of one: it may be a part of another word.
OF_VENDORS = rf"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:{'|'.join(VENDORS)})"
NAMED = re.compile(rf"{OF_VENDORS}|(?i:{'|'.join(sorted({*service_folders(), *kept_aside()}))})")


def outside_of_vendors():
    """The code that knows no vendor: of the collection, of the simulator, and of what tests have in common."""
    for folder in ("plugins", "tests/simulator", "tests/support"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            parts = file.relative_to(ROOT / folder).parts
            if file.name != "_vendors.py" and not {part.lstrip("_") for part in parts[:-1]} & set(VENDORS):
                yield file


def named_vendors(file):
    """The vendors that a file names where it is code, or tells other authors of code: not in what users read."""
    text = file.read_text(encoding="utf-8")
    if file.is_relative_to(PLUGINS / "doc_fragments"):
        return []
    if file in MODULES:
        text = "\n".join(strings(file)) + "\n".join(imports(file))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg in EXPLAINED:
            text = text.replace(ast.get_source_segment(file.read_text(encoding="utf-8"), node) or "", "")
    return NAMED.findall(text)


@pytest.mark.parametrize(
    "file", [*outside_of_vendors()], ids=lambda file: "/".join(file.relative_to(ROOT).with_suffix("").parts)
)
def test_code_outside_of_a_vendors_packages_names_no_vendor(file):
    assert named_vendors(file) == []


def test_a_named_vendor_is_seen(tmp_path):
    file = tmp_path / "any.py"
    for line in ('X = "Synology"', "from .._qnap import wire", "# a Freebox says so", 'BIN = "@Recycle"'):
        file.write_text(f"{line}\n")
        assert named_vendors(file)
    file.write_text("class SomeSynology: qnap_x = 1")
    assert len(named_vendors(file)) == 2
    file.write_text("not_of_aqnap = MISQNAPPED = 1")
    assert not named_vendors(file)
    file.write_text('add("--x", help="a Freebox needs it")\n')
    assert not named_vendors(file)


def lists_of_vendors(file):
    """The lines of a file in which all vendors stand in a list of its own."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        elements = getattr(node, "elts", [])
        if {getattr(element, "value", None) for element in elements} == set(VENDORS):
            yield node.lineno


def test_vendors_are_listed_once():
    assert {file: found for file in (ROOT / "tests").rglob("*.py") if (found := [*lists_of_vendors(file)])} == {}


def test_a_second_list_of_vendors_is_seen(tmp_path):
    file = tmp_path / "any.py"
    file.write_text(f"X = {tuple(reversed(VENDORS))!r}\n")
    assert [*lists_of_vendors(file)] == [1]
    file.write_text(f"X = {tuple(VENDORS[1:])!r}\n")
    assert not [*lists_of_vendors(file)]


def test_the_documented_vendors_are_those_that_there_are():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert documented["vendor"]["choices"] == VENDORS
    text = " ".join(documented["port"]["description"])
    for vendor, nas in _vendors.VENDORS.items():
        plain, tls = nas.default_ports
        assert re.search(rf"{tls} \({plain}[^)]*\) for {vendor}", text, re.IGNORECASE)
    simulated = {file.parent.name for file in (ROOT / "tests" / "simulator").glob("*/__init__.py")} - {"core"}
    assert simulated == set(VENDORS)


def test_every_module_has_its_action_and_is_in_the_group():
    assert sorted(action.stem for action in PLUGINS.glob("action/*.py")) == NAMES
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["nas"] == NAMES


def test_every_module_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("file", CLIENTS, ids=[f"{file.parent.name}/{file.stem}" for file in CLIENTS])
def test_a_client_knows_nothing_of_ansible_and_tests(file):
    for name in imports(file):
        assert not name.startswith(("ansible.", "tests"))
        assert "plugin_utils" not in name


@pytest.mark.parametrize("file", CLIENTS, ids=[f"{file.parent.name}/{file.stem}" for file in CLIENTS])
def test_the_errors_of_a_client_name_its_vendor(file):
    made = [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NasError"
    ]
    assert len(made) == (file.stem == "failures")


UNIT = ROOT / "tests" / "unit"
UNIT_TESTS = sorted(UNIT.rglob("*.py"))


@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: "/".join(file.relative_to(UNIT).parts))
def test_unit_tests_run_under_ansible_test(file):
    """It knows neither `tests` nor the folder of a test, but full names; and takes packages for such by their file."""
    assert (file.parent / "__init__.py").exists()
    assert file.name != "__init__.py" or not file.read_text(encoding="utf-8")
    here = {path.stem for path in file.parent.glob("*.py")} - {"__init__", "conftest"}
    assert not [name for name in imports(file) if name.partition(".")[0] in {"tests", *here}]


def test_unit_tests_of_plugins_stand_where_ansible_test_looks_for_them():
    loose = {file.stem for file in UNIT.glob("*.py")}
    assert loose == {
        "__init__",
        "conftest",
        "test_architecture",
        "test_documented_calls",
        "test_role_options",
        "test_scale",
    }
    folders = {file.relative_to(UNIT / "plugins").parts[0] for file in UNIT.glob("plugins/*/**/test_*.py")}
    assert folders <= {path.name for path in PLUGINS.iterdir()}
    packages = {file.parent.name for file in UNIT.glob("plugins/module_utils/*/test_*.py")}
    assert packages <= {path.name for path in (PLUGINS / "module_utils").iterdir()}


def test_the_simulator_knows_nothing_of_the_plugins():
    for file in (ROOT / "tests" / "simulator").rglob("*.py"):
        assert not [name for name in imports(file) if name.startswith("ansible") or "plugins" in name]


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_a_vendor_offers_has_the_features_of_its_capability(vendor):
    nas = _vendors.VENDORS[vendor]
    assert nas.vendor == vendor
    for name, offered in nas.capabilities().items():
        base = getattr(Client, name)
        assert issubclass(offered, base)
        assert offered is not base
        assert not inspect.isabstract(offered)
        assert isinstance(offered.features, type(base.features))


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_a_vendor_offers_is_shipped_with_its_client(vendor):
    nas = _vendors.VENDORS[vendor]
    file = Path(inspect.getfile(nas))
    found = set(imports(file.resolve()))
    for capability in nas.capabilities().values():
        name = f"{capability.__module__}.{capability.__name__}"
        assert name in found or capability.__module__ == nas.__module__, name


def optional(offered):
    """The methods that a capability's abstract class has a default for, which says that they are not offered."""
    return {
        name: method
        for name, method in vars(offered).items()
        if inspect.isfunction(method) and "raise unsupported(" in inspect.getsource(method)
    }


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_method_that_a_vendor_lacks_says_which_vendors_have_it(name):
    for method in optional(getattr(Client, name)).values():
        named = set()
        for algorithm in ("md5", "sha1", "sha256", "sha512"):  # of which a vendor may have some
            values = {"algorithm": algorithm, "link": SimpleNamespace(path="/s/x")}
            needed = {
                parameter.name: values.get(parameter.name, "/s/x")
                for parameter in inspect.signature(method).parameters.values()
                if parameter.default is parameter.empty
            }
            with pytest.raises(UnsupportedError) as caught:
                method(**needed)
            _vendors.named(caught.value)
            named |= set(caught.value.hint.removeprefix("Offered by: ").split(", ")) - {""}
        overriding = [
            vendor
            for vendor, nas in _vendors.VENDORS.items()
            if getattr(getattr(nas, name), method.__name__) is not method
        ]
        assert sorted(named) == sorted(overriding), method.__qualname__


@pytest.mark.parametrize("name", NAMES)
def test_a_module_that_only_reads_waits_for_nobody(name):
    module = importlib.import_module(f"{PACKAGE}.modules.{name}")
    assert module.SPEC.reads_only == ("nasops.nas.nas.read_only" in module.DOCUMENTATION)


@pytest.mark.parametrize("file", [*MODULES, *CLIENTS], ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_broad_except_always_raises_again(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException")
            assert not broad or isinstance(node.body[-1], ast.Raise)
