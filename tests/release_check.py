# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make release-check`: tries a release in the folder where it runs, which is a copy that may be spoilt.

It does what `make release` does, and checks whether the outcome is fit to be published.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

CHANGELOG = Path("changelogs/changelog.yaml")


def number(version: str) -> tuple[int, ...]:
    """A version to compare by."""
    return tuple(map(int, version.split(".")))


def added(root: Path) -> Iterator[tuple[Path, str]]:
    """Every `version_added` of the modules, plugins and roles, with its file."""
    for file in sorted([*root.glob("plugins/**/*.py"), *root.glob("roles/*/meta/argument_specs.yml")]):
        for version in re.findall(
            r"^\s*version_added: *['\"]?([\d.]+)", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield file.relative_to(root), version


def problems(root: Path, version: str, before: set[str], summary: bool = True) -> Iterator[str]:
    """What speaks against publishing a version.

    :param before: the versions that have been released before it.
    :param summary: whether it needs a summary already.
    """
    for old in before:
        if number(old) >= number(version):
            yield f"{version} does not come after {old}, which has been released."
    for file, said in added(root):
        if said not in {*before, version}:
            yield f"{file} says version_added: {said}, which is no release: say {version}."
    found = yaml.safe_load((root / CHANGELOG).read_text(encoding="utf-8"))["releases"]
    if version not in found:
        yield f"{CHANGELOG} has no release {version}."
    elif summary and "release_summary" not in found[version].get("changes", {}):
        yield f"The release {version} has no release_summary: write a fragment with one."
    if not re.search(rf"^v{re.escape(version)}$", (root / "CHANGELOG.rst").read_text(encoding="utf-8"), re.MULTILINE):
        yield f"CHANGELOG.rst has no section v{version}."
    left = sorted(file.name for file in (root / "changelogs/fragments").glob("*.yml"))
    if left:
        yield f"Fragments are left over: {', '.join(left)}."


def released(root: Path) -> set[str]:
    """The versions that the changelog has."""
    changelog = root / CHANGELOG
    return set(yaml.safe_load(changelog.read_text(encoding="utf-8"))["releases"]) if changelog.exists() else set()


def coming(root: Path) -> str:
    """The version that what is new will be in, unless somebody says another one: the next minor version."""
    newest = max(released(root), key=number, default=None)
    return "1.0.0" if newest is None else f"{number(newest)[0]}.{number(newest)[1] + 1}.0"


def release(version: str) -> bool:
    """Write the version into galaxy.yml, and its fragments into the changelog. Whether that went well."""
    galaxy = Path("galaxy.yml")
    text = re.sub(r"^version: .*$", f"version: {version}", galaxy.read_text(encoding="utf-8"), flags=re.MULTILINE)
    galaxy.write_text(text, encoding="utf-8")
    return ran(
        ["antsibull-changelog", "lint"],
        ["antsibull-changelog", "release", "--reload-plugins"],
        ["antsibull-changelog", "lint-changelog-yaml", str(CHANGELOG)],
    )


def ran(*commands: list[str]) -> bool:
    """Run commands until one fails. Whether none did."""
    for command in commands:
        print("$", *command, flush=True)
        if subprocess.run(command, check=False).returncode:
            return False
    return True


def main(version: str, keep: bool) -> int:
    """Try it; the exit status is 0 when the version could be published.

    :param version: empty for the one that comes, which may lack its summary as yet.
    :param keep: whether this is no trial: the version is made, and nothing is built.
    """
    before = released(Path())
    named, version = bool(version), version or coming(Path())
    if not release(version) or not (keep or ran(["ansible-galaxy", "collection", "build", "--force"])):
        return 1
    found = list(problems(Path(), version, before, summary=named))
    print(*(found or [f"{version} {'is ready' if keep else 'could be released'}."]), sep="\n", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--keep"]
    sys.exit(main("".join(given), "--keep" in sys.argv))
