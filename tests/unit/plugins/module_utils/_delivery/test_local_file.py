# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of this machine, which tasks of several hosts make at the same time."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._delivery.local_file import make_folders


def test_folders_that_another_task_has_made_meanwhile_are_as_they_should_be(tmp_path):
    (tmp_path / "uploads" / "attic").mkdir(parents=True)
    mine = [str(tmp_path / "uploads"), str(tmp_path / "uploads" / "cellar")]
    make_folders(mine)
    make_folders(mine)
    assert sorted(folder.name for folder in (tmp_path / "uploads").iterdir()) == ["attic", "cellar"]


@pytest.mark.parametrize("folder", ["taken", "taken/inside", "missing/inside"])
def test_what_cannot_be_made_is_an_error_that_names_it(tmp_path, folder):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(NasError) as failed:
        make_folders([str(tmp_path / folder)])
    assert failed.value.kind is Kind.USAGE
    assert repr(str(tmp_path / folder)) in failed.value.message
