# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation's site says what the code says; `make docs` builds it, and checks the links to it."""

from __future__ import annotations

import contextlib
import re
import shlex
from html import unescape
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.nasops.nas.plugins.doc_fragments.nas import ModuleDocFragment
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.marks import backup_path
from ansible_collections.nasops.nas.plugins.module_utils._module.options import CONNECTION_OPTIONS
from jinja2 import Environment

from tests import docsite, vendors_page
from tests.demo import record
from tests.support import pages
from tests.support.devices import ROOT, Device

HOST_VARIABLES = {f"nas_{name}" for name in CONNECTION_OPTIONS} | {"ansible_host", "ansible_user", "ansible_password"}


# Features of which no option depends: the modules make up for what a vendor lacks, or they say how, not whether.
INNER = {
    "archives.extract_members",
    "archives.list",
    "copies.conflicts",
    "copies.names_copies",
    "files.links",
    "files.makes_at_once",
    "files.stats_at_once",
    "jobs.ask",
    "recycle_bin.folder",
    "search.criteria",
    "share_links.clear_invalid",
    "share_links.delete_all",
    "share_links.longest_password",
    "share_links.shows_password",
    "share_permissions.administrators_pass",
    "share_permissions.directories",
    "shared_folders.btrfs",
    "shared_folders.longest_description",
    "transcoding.shown",
}


class Asked:
    """Stands for a client's class, and remembers which features it was asked for."""

    def __init__(self, name="", found=None):
        self._name, self._found = name, set() if found is None else found

    def __getattr__(self, name):
        if self._name.endswith(".features"):
            self._found.add(f"{self._name.removesuffix('.features')}.{name}")
        return Asked(f"{self._name}.{name}".strip("."), self._found)

    def __call__(self, *arguments):
        return True

    def __contains__(self, value):
        return False

    def __bool__(self):
        return not self._name.endswith("sets_mtime_at_upload")


def test_the_table_of_vendors_is_what_the_clients_say():
    assert pages.text("vendors") == vendors_page.page(), "python -m tests.vendors_page"


def test_every_feature_of_a_client_is_in_the_table_of_vendors():
    asked = Asked()
    for row in vendors_page.rows():
        with contextlib.suppress(TypeError):  # `in nas.capabilities()` asks for no feature
            row.can(asked)
    features = {
        f"{name}.{field}"
        for nas in vendors_page.vendors().values()
        for name, capability in nas.capabilities().items()
        for field in capability.features._fields
    }
    assert features - INNER == asked._found
    assert features >= INNER


def test_the_table_of_vendors_names_options_and_values_that_there_are():
    for row in vendors_page.rows():
        options = vendors_page.module(row.module).SPEC.options
        assert row.option in options, row
        choices = options[row.option].get("choices", ())
        assert not choices or row.value in choices or " " in str(row.value) or row.value == "", row


def test_every_page_is_in_the_contents_and_has_its_label():
    extra = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))
    assert sorted(page for section in extra["sections"] for page in section["toctree"]) == sorted(pages.PACKAGED)
    assert sorted(page for _title, page in docsite.PROJECT) == sorted(pages.SITE)
    for page in pages.PAGES:
        assert f".. _ansible_collections.nasops.nas.docsite.{page}:" in pages.text(page)


def test_pages_refer_to_modules_roles_and_pages_that_there_are():
    label = r"^\.\. _ansible_collections\.nasops\.nas\.([\w.]+):$"
    names = {name for page in pages.PAGES for name in re.findall(label, pages.text(page), re.MULTILINE)}
    names |= {f"{file.stem}_module" for file in (ROOT / "plugins" / "modules").glob("nas_*.py")}
    names |= {f"{folder.name}_role" for folder in (ROOT / "roles").iterdir()}
    for page in pages.PAGES:
        assert set(re.findall(r"<ansible_collections\.nasops\.nas\.([\w.]+)>", pages.text(page))) <= names


@pytest.mark.parametrize("page", ["guide_synology", "guide_qnap"])
def test_a_replaced_file_has_the_name_in_the_bin_that_the_guide_tells(page):
    assert f"``{backup_path('/home/papers/prices.pdf').rpartition('/')[2]}``" in pages.text(page)


def test_the_page_has_every_kind_of_failure():
    reported = re.findall(r"^``(\w+)``$", pages.text("troubleshooting"), re.MULTILINE)
    assert sorted(reported) == sorted(kind.value for kind in Kind)


def test_inventories_in_the_documentation_have_variables_that_there_are():
    texts = [pages.text(page) for page in pages.PAGES] + [(ROOT / "README.md").read_text(encoding="utf-8")]
    for text in texts:
        for block in re.findall(r"(?:::? yaml\n\n|```yaml\n)((?:.*\n)*?)(?=```|\S)", text):
            if "  hosts:\n" in block and "nas_vendor" in block:
                for host in yaml.safe_load(block)["nas"]["hosts"].values():
                    assert set(host) <= HOST_VARIABLES


def test_the_inventory_in_the_notes_of_every_module_is_one():
    (line,) = re.findall(r"C\((attic [^)]*)\)", ModuleDocFragment.DOCUMENTATION)
    name, *variables = shlex.split(line)
    assert name == "attic"
    assert {one.partition("=")[0] for one in variables} <= HOST_VARIABLES


def test_no_option_is_required_that_examples_leave_to_the_inventory():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert not [name for name, option in documented.items() if option.get("required")]


def test_first_steps_begin_with_what_a_simulated_device_needs(tmp_path):
    device = Device("synology", "http://127.0.0.1:5000", tmp_path, tmp_path, tmp_path, None)
    (host,) = yaml.safe_load(pages.recipes("guide_first_steps", "first-steps")["inventory.yml"])["nas"][
        "hosts"
    ].values()
    assert host.keys() == device.variables().keys()
    reported = {**host, "ansible_user": "", "ansible_password": ""}
    assert reported == {**device.variables(), "ansible_user": "", "ansible_password": ""}
    assert f"--user {host['ansible_user']} --password {host['ansible_password']}" in pages.text("guide_first_steps")


def test_first_steps_write_their_inventory_outside_of_the_clone():
    """A package that is built in the clone would have it, with its password."""
    before, _marker, _after = pages.text("guide_first_steps").partition(".. first-steps: inventory.yml")
    assert re.findall(r"^   \$ cd (.+)$", before, re.MULTILINE) == ["nasops.nas", "~/first-steps"]


def test_the_credential_type_hands_over_options_that_there_are():
    credential = {name: yaml.safe_load(text) for name, text in pages.recipes("guide_controllers", "credential").items()}
    fields = {field["id"] for field in credential["inputs"]["fields"]}
    assert set(credential["inputs"]["required"]) <= fields
    variables = credential["injectors"]["env"]
    fallbacks = {name for option in CONNECTION_OPTIONS.values() for name in option["fallback"][1]}
    assert set(variables) <= fallbacks
    for name, text in variables.items():
        assert Environment(autoescape=False).from_string(text).render(**{field: field.upper() for field in fields}) == (
            name.removeprefix("NAS_")
        )


def test_links_to_the_site_name_pages_that_it_will_have():
    names = {f"docsite/{page}.html" for page in pages.PAGES} | {"", "index.html"}
    names |= {f"{file.stem}_module.html" for file in (ROOT / "plugins" / "modules").glob("nas_*.py")}
    links = [link.partition("#")[0] for _page, link in docsite.links()]
    assert {link for link in links if link not in names} == set()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in names:
        if name.endswith("_module.html"):
            assert readme.count(f"[`{name.removesuffix('_module.html')}`]({docsite.ADDRESS}{name})") == 1


def test_a_broken_link_to_the_site_is_found(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_text('<p id="b">')
    monkeypatch.setattr(
        docsite, "links", lambda: ((ROOT / "README.md", link) for link in ("a.html#b", "a.html#c", "d"))
    )
    assert [line.split()[1] for line in docsite.broken(tmp_path)] == [
        f"{docsite.ADDRESS}a.html#c",
        f"{docsite.ADDRESS}d",
    ]


def test_the_picture_in_the_readme_is_of_the_demo_as_it_is():
    picture = record.PICTURE.read_text(encoding="utf-8")
    root = ElementTree.fromstring(picture)
    shown = "\n".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    (play,) = yaml.safe_load((ROOT / "tests" / "demo" / "playbooks" / "demo.yml").read_text(encoding="utf-8"))
    for task in (one for entry in play["tasks"] for one in entry.get("block", [entry])):
        assert unescape(shown).count(f"TASK [{task['name']}]") == 2
    assert shown.endswith(">>> second run: changed=0")
    assert root.find("{http://www.w3.org/2000/svg}title") is not None
    assert "prefers-reduced-motion" in picture
    assert str(record.PICTURE.relative_to(ROOT)) in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([(5.0, "a"), (50.0, "b")], ["$ make demo", "a", "b"]),
        (
            [(0, ">>> What is on the devices now:"), (0, "  x"), (0, ""), (0, ">>> second")],
            ["$ make demo", ">>> second"],
        ),
        ([(0, ""), (0, ""), (0, "a")], ["$ make demo", "", "a"]),
    ],
)
def test_a_recording_is_shortened(lines, kept):
    found = record.shortened(lines)
    assert [line for _moment, line in found] == kept
    moments = [moment for moment, _line in found]
    assert all(0 <= after - before <= record.PAUSE for before, after in zip(moments, moments[1:]))
