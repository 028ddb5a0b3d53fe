# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make` says on a machine whose Python will not do."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.check_python import problem
from tests.support.devices import ROOT


def make(*arguments, makefile=ROOT / "Makefile", cwd=ROOT):
    command = ["make", "-f", str(makefile), "-C", str(cwd), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def checkout(tmp_path):
    """A folder with what `make` reads before it has an environment."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "requirements-gates.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "check_python.py").write_bytes((ROOT / "tests" / "check_python.py").read_bytes())
    return tmp_path


def python_without(tmp_path, module):
    """A Python that has everything but a module, as Debian's without python3-venv."""
    (tmp_path / "lacking").mkdir()
    (tmp_path / "lacking" / f"{module}.py").write_text("raise ImportError\n")
    python = tmp_path / "lacking" / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}/lacking" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return python


def test_even_the_oldest_python_can_read_it():
    tree = ast.parse((ROOT / "tests" / "check_python.py").read_text(encoding="utf-8"))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef)
    assert not [each for each in ast.walk(tree) if isinstance(each, newer)]
    assert not [each for each in ast.walk(tree) if getattr(each, "returns", None) or getattr(each, "annotation", None)]


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 9, 2, "final", 0), (3, 10)])
def test_with_an_old_python_the_message_says_what_to_install(version):
    reported = problem(version, True)
    assert f"Python {version[0]}.{version[1]} is too old" in reported
    assert "make PYTHON=python3.12" in reported


@pytest.mark.parametrize("version", [(3, 11), (3, 12, 1, "final", 0), (3, 14)])
def test_a_python_that_will_do(version):
    assert problem(version, True) is None


@pytest.mark.parametrize("module", ["ensurepip", "venv"])
def test_make_says_which_package_is_missing(tmp_path, module):
    done = make("demo", f"PYTHON={python_without(tmp_path, module)}", cwd=checkout(tmp_path))
    assert done.returncode != 0
    assert f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_says_that_there_is_no_python(tmp_path):
    done = make("test", "PYTHON=python3-is-not-here", cwd=checkout(tmp_path))
    assert done.returncode != 0
    assert "python3-is-not-here is not there" in done.stderr
    assert "PYTHON=" in done.stderr
