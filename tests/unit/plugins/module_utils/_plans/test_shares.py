# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that begin with a volume of the device, and shares that are not there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from ansible_collections.nasops.nas.plugins import modules
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._plans import shares as _shares


class Files:
    """The files of a device with some shares; counts how often it is asked."""

    def __init__(self, *there, denied=()):
        self.there, self.denied, self.asked = there, denied, []

    def stat(self, paths):
        self.asked.append(list(paths))
        for path in paths:
            if path in self.denied:
                raise NasError(Kind.PERMISSION_DENIED, "denied", path=path)
        return {path: Entry(path, FOLDER) if path in self.there else None for path in paths}


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/volume1/photo/a.jpg", "/photo/a.jpg"),
        ("/volume12/photo", "/photo"),
        ("/volumeUSB2/usbshare/a", "/usbshare2/a"),
        ("/volumeUSB1/usbshare1-2/a", "/usbshare1-2/a"),
        ("/volumeSATA1/satashare/a", "/satashare1/a"),
        ("/share/CACHEDEV1_DATA/photo/a.jpg", "/photo/a.jpg"),
        ("/share/CE_CACHEDEV2_DATA/photo", "/photo"),
        ("/share/ZFS530_DATA/photo/share/x", "/photo/share/x"),
        ("/share/MD0_DATA/photo/a", "/photo/a"),
        ("/share/photo/a.jpg", "/photo/a.jpg"),
    ],
)
def test_a_path_that_begins_with_a_volume_is_refused_with_the_right_one(path, right):
    files = Files(_paths.share(right))
    for value in (path, ["/photo/other", path], [{"path": path, "name": None}]):
        with pytest.raises(NasError) as caught:
            _shares.refuse_volumes(files, {"src": value, "dest": None}, ("dest", "src"))
        assert caught.value.kind is Kind.USAGE
        assert repr(right) in caught.value.hint
        assert f"option src: {path!r}" in caught.value.message


@pytest.mark.parametrize("path", ["/volume1", "/volume1/", "/volume1/nowhere/a", "/share/CACHEDEV1_DATA"])
def test_a_volume_with_nothing_behind_it_that_is_a_share(path):
    with pytest.raises(NasError) as caught:
        _shares.refuse_volumes(Files("/photo"), {"path": path}, ("path",))
    assert "nas_info" in caught.value.hint


@pytest.mark.parametrize("path", ["/volume1/photo/a", "/share/CACHEDEV1_DATA/photo", "/share/photo/a"])
def test_a_share_may_have_the_name_of_a_volume(path):
    _shares.refuse_volumes(Files("/photo", _paths.share(path)), {"path": path}, ("path",))


@pytest.mark.parametrize(
    "path", ["/volumes/a", "/volume/a", "/Volume1/a", "/volume1x/a", "/shared/a", "/share", "/a/volume1/b"]
)
def test_other_paths_cost_no_call(path):
    files = Files()
    _shares.refuse_volumes(files, {"path": path}, ("path",))
    assert files.asked == []


def test_a_folder_in_share_may_be_of_a_share_that_is_not_there_yet():
    _shares.refuse_volumes(Files(), {"path": "/share/photo/a"}, ("path",))


def test_shares_that_are_not_there():
    files = Files("/home")
    found = {"/photo/a": None, "/photo/b": None, "/home/a": None, "/known/x": None, "/known": None, "/full/a": None}
    found["/full/b"] = Entry("/full/b", FOLDER)
    assert _shares.missing(files, found) == {"/photo": ["/photo/a", "/photo/b"], "/known": ["/known/x", "/known"]}
    # What the answers tell already is not asked for.
    assert files.asked == [["/photo"], ["/home"]]
    assert _shares.missing(Files(denied=("/photo",)), {"/photo/a": None}) == {}


def test_the_warning_about_missing_shares():
    one = _shares.Missing(shares={"/photo": ["/photo/a", "/photo/b", "/photo"]}).warning("")
    assert one.startswith("there is no share 'photo', which '/photo/a' and 1 more would lie in; nas_info")
    two = _shares.Missing(shares={"/a": ["/a"], "/b": ["/b"]}, may_be_created_earlier=True).warning("box")
    assert two == "box: there are no shares 'a', 'b'; a task before this one must make it"


@pytest.mark.parametrize(("there", "message"), [(("/photo",), "gone"), ((), "there is no share 'photo'")])
def test_an_error_about_what_is_in_a_share_that_is_not_there(there, message):
    error = NasError(Kind.NOT_FOUND, "gone", path="/photo/a")
    _shares.explain(Files(*there), error, makes_shares=True)
    assert error.message == message


NAMES = [info.name for info in pkgutil.iter_modules(modules.__path__)]


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_which_of_its_options_are_paths_on_the_nas(name):
    spec = importlib.import_module(f"{modules.__name__}.{name}").SPEC
    likely = {"path", "paths", "src", "dest", "sources", "share", "favorites"}
    texts = {option for option in likely & set(spec.options) if spec.options[option].get("type") != "path"}
    # The source or the destination, where a module goes both ways.
    assert {option for mode in ("push", "pull") for option in spec.paths_of({"mode": mode})} == texts
