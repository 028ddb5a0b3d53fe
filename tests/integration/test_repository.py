# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the repository says of itself: workflows, policies, versions and links agree with each other."""

from __future__ import annotations

import re

import pytest
import yaml

from tests import matrix, release_check
from tests.support.devices import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(file for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if file.stem != "config")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("roles/*/README.md"))]
# A file of the repository by its address, as what the package has names those that it lacks.
OF_REPOSITORY = re.compile(
    r"^https://(github\.com/nasops/nasops\.nas/blob|raw\.githubusercontent\.com/nasops/nasops\.nas)/main/"
)


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def targets():
    return set(re.findall(r"^([a-z][a-z-]*(?: [a-z-]+)*):", text("Makefile"), re.MULTILINE))


def jobs():
    for file in WORKFLOWS:
        for job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values():
            yield job, " ".join(step.get("run", "") for step in job["steps"])


def made_by_workflows():
    """The targets of the Makefile that the workflows make; those of a matrix one by one."""
    for job, commands in jobs():
        for target in re.findall(r"\bmake (\S+|\$\{\{ [^}]+ \}\})", commands.replace("${{ matrix.target }}", "@")):
            yield from job["strategy"]["matrix"]["target"] if target == "@" else [target]
        if ".ci/run" in commands:
            yield from re.findall(r"^make (\S+)", text(".ci/run"), re.MULTILINE)


def test_workflows_make_every_gate_and_nothing_that_is_not_there():
    makefile = text("Makefile")
    known = {name for line in targets() for name in line.split()}
    gates = re.search(r"^gates: (.*)$", makefile, re.MULTILINE)[1].split()
    made = set(made_by_workflows())
    assert made <= known
    assert {"test", *gates} <= made


def test_workflows_and_the_matrix_test_the_same_lines_of_ansible_core():
    lines = [job["strategy"]["matrix"]["core"] for job, _commands in jobs() if "core" in str(job.get("strategy"))]
    assert lines
    assert all(cores == list(matrix.LINES) for cores in lines)
    oldest, newest = min(matrix.LINES), max(matrix.LINES)
    assert yaml.safe_load(text("meta/runtime.yml"))["requires_ansible"] == f">={oldest}.0"
    assert f"ansible-core {oldest} to {newest} with a Python" in text("README.md")
    assert f"ansible-core>={oldest},<2.{int(newest[2:]) + 1}" in text("requirements-dev.txt")


def test_the_readme_tells_the_pythons_that_are_tested():
    pythons = sorted({version for versions in matrix.LINES.values() for version in versions}, key=release_check.number)
    assert f"({pythons[0]} to {pythons[-1]}) on the controller" in text("README.md")
    modules = yaml.safe_load(text("tests/config.yml"))["modules"]["python_requires"].removeprefix(">=")
    assert f"needs Python {modules} or later there" in text("README.md")
    assert f"python >= {modules} " in text("plugins/doc_fragments/nas.py")


def workflow(file):
    """A workflow, with its triggers under `on`, which YAML takes for true."""
    said = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in said.items()}


def test_what_must_pass_runs_for_every_change_and_release_and_every_week():
    for file in WORKFLOWS:
        said = workflow(file)
        assert said["concurrency"]["group"]
        if file.stem == "pages":
            continue
        assert {"push", "pull_request", "schedule"} <= set(said["on"]), file.name
        assert set(said["on"]["push"]) == {"branches", "tags"}
        # What is released is looked at to the end, whatever comes after it.
        assert said["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_actions_are_those_of_one_released_version():
    used = {}
    for file in WORKFLOWS:
        for job in workflow(file)["jobs"].values():
            assert job["timeout-minutes"]
            for step in job["steps"]:
                action, _at, version = step.get("uses", "").partition("@")
                if action:
                    assert re.fullmatch(r"v\d+|[0-9a-f]{40}", version), step
                    assert used.setdefault(action, version) == version
                if action == "actions/checkout":
                    assert step["with"]["persist-credentials"] is False
    assert set(re.findall(r"- package-ecosystem: (\S+)", text(".github/dependabot.yml"))) >= {"github-actions"}


def test_the_readme_has_what_the_ansible_package_wants_of_it():
    readme = text("README.md")
    assert "[Get Help](https://forum.ansible.com/c/help/6)" in readme
    assert "https://forum.ansible.com/tag/" in readme
    assert "https://semver.org" in readme
    assert "dropped by a major version only" in text("CONTRIBUTING.md")


def test_workflows_may_only_read():
    for file in WORKFLOWS:
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("form", FORMS, ids=lambda file: file.stem)
def test_a_form_is_one_that_github_takes(form):
    said = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(said)
    names = [part["id"] for part in said["body"] if part["type"] != "markdown"]
    assert len(names) == len(set(names))
    for part in said["body"]:
        assert part["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        assert part["attributes"].get("label") or part["attributes"].get("value")


def test_the_gates_for_licences_leave_out_the_same_files():
    reuse = re.findall(r'^    "(.*)",$', text("REUSE.toml"), re.MULTILINE)
    listed = re.search(r"license_check_extra_ignore_paths = \[(.*?)\]", text("antsibull-nox.toml"), re.DOTALL)[1]
    known = {"changelogs/fragments/*"}  # to antsibull-nox
    assert {path.replace("**", "*") for path in reuse} - known == {
        path for path in re.findall(r'"(.*)",', listed) if path not in ("LICENSE", "REUSE.toml")
    }


def test_maintainers_are_the_authors():
    for author in yaml.safe_load(text("galaxy.yml"))["authors"]:
        assert f"**{author[0].upper()}{author[1:]}**" in text("MAINTAINERS.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        inside = OF_REPOSITORY.sub("", link)
        if "://" in inside or link.startswith("mailto:"):
            continue
        path, _hash, anchor = inside.partition("#")
        target = (page.parent / path if inside == link else ROOT / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, link


def test_molecule_has_a_scenario_for_each_role_and_family_of_modules():
    scenarios = {file.parent.name for file in (ROOT / "extensions" / "molecule").glob("*/converge.yml")}
    roles = {folder.name for folder in (ROOT / "roles").iterdir()}
    assert scenarios >= {*roles, "files", "links_and_archives", "certificates", "sync", "administration"}
    for scenario in scenarios:
        plays = yaml.safe_load(text(f"extensions/molecule/{scenario}/converge.yml"))
        books = [play.get("ansible.builtin.import_playbook") for play in plays]
        assert (books[0], books[-1]) == ("../begin.yml", "../end.yml"), f"{scenario} is not looked at in check mode"
        assert (ROOT / "extensions" / "molecule" / scenario / "verify.yml").exists()


def test_what_is_new_is_new_in_the_next_release():
    """Else `make release-check` fails on the day of the release."""
    known = {*release_check.released(ROOT), release_check.coming(ROOT)}
    assert [(str(file), said) for file, said in release_check.added(ROOT) if said not in known] == []


def test_a_release_that_is_not_fit_is_refused(tmp_path):
    (tmp_path / "changelogs" / "fragments").mkdir(parents=True)
    (tmp_path / "changelogs" / "fragments" / "left.yml").write_text("---\n")
    (tmp_path / "changelogs" / "changelog.yaml").write_text("releases:\n  1.1.0:\n    changes: {}\n  1.2.0: {}\n")
    (tmp_path / "CHANGELOG.rst").write_text("v1.1.0\n======\n")
    (tmp_path / "plugins" / "modules").mkdir(parents=True)
    (tmp_path / "plugins" / "modules" / "a.py").write_text("version_added: 1.1.0\n  version_added: '1.1.1'\n")
    reported = list(release_check.problems(tmp_path, "1.2.0", {"1.1.0"}))
    assert [line for line in reported if "1.1.1" in line and "a.py" in line]
    assert [line for line in reported if "release_summary" in line]
    assert [line for line in reported if "no section v1.2.0" in line]
    assert [line for line in reported if "left.yml" in line]
    assert len(reported) == 4
    assert len(list(release_check.problems(tmp_path, "1.2.0", {"1.1.0"}, summary=False))) == 3
    assert [line for line in release_check.problems(tmp_path, "1.1.0", {"1.1.0"}) if "does not come after" in line]
    assert release_check.coming(tmp_path) == "1.3.0"
    assert release_check.coming(tmp_path / "plugins") == "1.0.0"
