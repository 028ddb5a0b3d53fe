# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: sizes of folders, zips, thumbnails, renditions, and the network."""

from __future__ import annotations

import io
import zipfile

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.downloads import DownloadFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    Reply,
    fails,
    gone,
    row,
    rows,
    status,
)


@pytest.fixture
def extras(nas):
    return nas.client({"sid": "sid-1"}).downloads


class Tree:
    """Folders within folders: the size of each file by its path, None for a folder."""

    def __init__(self, fake, entries, *, counts=True, itself=False):
        self.entries = entries
        self.counts = counts
        self.itself = itself
        fake.on("stat", self.stat).on("get_list", self.list).on("get_file_size", self.measure)
        fake.on("get_tree", [{"id": "/S", "cls": "w"}])

    def row(self, path):
        name = path.rpartition("/")[2]
        size = self.entries[path]
        return row(name, isfolder=1, filesize="") if size is None else row(name, filesize=str(size))

    def stat(self, asked):
        paths = [f"{asked['path']}/{name}" for name in asked.all("file_name")]
        return rows(*(self.row(path) if path in self.entries else gone(path.rpartition("/")[2]) for path in paths))

    def list(self, asked):
        return rows(*(self.row(path) for path in self.entries if path.rpartition("/")[0] == asked["path"]))

    def measure(self, asked):
        size = folders = files = 0
        assert int(asked["total"]) == len(asked.all("name"))
        for name in asked.all("name"):
            top = f"{asked['path']}/{name}"
            for path, length in self.entries.items():
                if path == top or path.startswith(f"{top}/"):
                    size += length or 0
                    files += length is not None
                    folders += length is None and (path != top or self.itself)
        counts = {"folderCnt": str(folders), "fileCnt": str(files)} if self.counts else {}
        return {"status": 1, "size": str(size), **counts}


TREE = {
    "/S/x": None,
    "/S/x/a": 3,
    "/S/x/.b": 4,
    "/S/x/one": None,
    "/S/x/one/two": None,
    "/S/x/one/two/c": 5,
    "/S/f": 7,
}
CHAIN = {"/S/x": None, "/S/x/one": None}
EMPTY = {"/S/x": None}


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("itself", [True, False])
@pytest.mark.parametrize(
    ("tree", "of_folder", "of_share"),
    [
        (TREE, (2, 3, 12), (3, 4, 19)),
        (CHAIN, (1, 0, 0), (2, 0, 0)),
        (EMPTY, (0, 0, 0), (1, 0, 0)),
        ({}, None, (0, 0, 0)),
    ],
)
def test_folder_size_whatever_the_device_counts(nas, extras, counts, itself, tree, of_folder, of_share):
    Tree(nas, tree, counts=counts, itself=itself)
    for path, wanted in (("/S/x", of_folder), ("/S", of_share)):
        if wanted:
            found = extras.folder_size(path, watch=Watch())
            assert (found["folders"], found["files"], found["size"]) == wanted
            assert nas.client({"sid": "sid-1"}).downloads.folder_size(path, watch=Watch()) == found


def test_folder_size_learns_once_what_the_device_counts(nas, extras):
    Tree(nas, TREE, itself=True)
    extras.folder_size("/S/x", watch=Watch())
    nas.asked.clear()
    extras.folder_size("/S/x", watch=Watch())
    assert [asked.call for asked in nas.asked] == ["stat", "get_file_size"]
    (asked,) = nas.calls("get_file_size")
    assert (asked["path"], asked["total"], asked["name"]) == ("/S", "1", "x")


def test_folder_size_fails(nas, extras):
    Tree(nas, TREE)
    fails(Kind.NOT_FOUND, lambda: extras.folder_size("/S/none", watch=Watch()))
    fails(Kind.WRONG_TYPE, lambda: extras.folder_size("/S/f", watch=Watch()))
    nas.on("get_file_size", status(4), {"status": 1}, {"status": 1, "size": "much"})
    fails(Kind.PERMISSION_DENIED, lambda: extras.folder_size("/S/x", watch=Watch()))
    for _number in range(2):
        fails(Kind.PROTOCOL, lambda: extras.folder_size("/S/x", watch=Watch()))


def zipped(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name.encode("utf-8", "replace").decode(), b"hello" * 50000)
    return stream.getvalue()


def fetch(action):
    sink = io.BytesIO()
    done = action(sink)
    assert done == len(sink.getvalue())
    return sink.getvalue()


def download_zip(extras, *paths):
    return fetch(lambda sink: extras.download_zip(list(paths), sink, watch=Watch()))


def test_download_zip_of_files(nas, extras):
    Tree(nas, {f"/S/x/{name}": 5 for name in ODD})
    content = zipped(*ODD)
    nas.on("download", Reply(content, length=-1))
    assert download_zip(extras, *(f"/S/x/{name}" for name in ODD)) == content
    (asked,) = nas.calls("download")
    assert asked.all("source_file") == ODD
    assert (asked["source_path"], asked["source_total"]) == ("/S/x", str(len(ODD)))
    assert (asked["isfolder"], asked["compress"]) == ("0", "1")


def test_a_zip_that_is_compressed(nas, extras):
    Tree(nas, TREE)
    nas.on("download", Reply(zipped("x/a"), length=-1))
    fetch(lambda sink: extras.download_zip(["/S/x"], sink, compress=True, watch=Watch()))
    (asked,) = nas.calls("download")
    assert (asked["isfolder"], asked["compress"]) == ("1", "2")


def test_download_zip_of_a_folder(nas, extras):
    Tree(nas, TREE)
    content = zipped("x/a")
    nas.on("download", Reply(content, headers={"Content-Disposition": "attachment"}))
    assert download_zip(extras, "/S/x") == content
    assert nas.calls("download")[0]["isfolder"] == "1"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(4), Kind.PERMISSION_DENIED),
        (status(5), Kind.NOT_FOUND),
        (b"", Kind.DEVICE),
        (Reply(b"<html>login</html>"), Kind.DEVICE),
        (Reply(b"hello"), Kind.PROTOCOL),
        (zipped(), Kind.DEVICE),
        (Reply(b"", 503), Kind.BUSY),
    ],
)
def test_download_zip_fails_before_anything_is_written(nas, extras, reply, kind):
    Tree(nas, TREE)
    nas.on("download", reply)
    sink = io.BytesIO()
    error = fails(kind, lambda: extras.download_zip(["/S/x", "/S/f"], sink, watch=Watch()))
    assert error.call == "download"
    assert not sink.getvalue()


def test_download_zip_that_is_cut_off(nas, extras):
    Tree(nas, TREE)
    nas.on("download", Reply(zipped("a")[:-30], length=-1))
    fails(Kind.MISMATCH, lambda: download_zip(extras, "/S/x"))


def test_download_zip_refuses(nas, extras):
    fails(Kind.INVALID_ARGUMENT, lambda: download_zip(extras, "/S/x/a", "/S/f"))
    fails(Kind.INVALID_ARGUMENT, lambda: download_zip(extras))
    fails(Kind.USAGE, lambda: download_zip(extras, "/S"))
    assert not nas.asked
    Tree(nas, TREE)
    assert fails(Kind.NOT_FOUND, lambda: download_zip(extras, "/S/x", "/S/none")).path == "/S/none"
    assert not nas.calls("download")


def test_download_zip_in_a_new_session(nas, extras):
    Tree(nas, TREE)
    nas.on("download", status(3), Reply(zipped("a")))
    assert download_zip(extras, "/S/x") == zipped("a")
    assert nas.logins == 1


def test_thumbnail(nas, extras):
    picture = b"\xff\xd8\xff" + bytes(9000)
    nas.on("get_thumb", Reply(picture, headers={"Content-Type": "image/jpeg"}))
    for name in ODD:
        assert fetch(lambda sink, name=name: extras.thumbnail(f"/S/x/{name}", "small", sink)) == picture
    assert [(asked["path"], asked["name"], asked["size"]) for asked in nas.asked] == [
        ("/S/x", name, "80") for name in ODD
    ]
    fetch(lambda sink: extras.thumbnail("/S/x/a", "large", sink))
    assert nas.asked[-1]["size"] == "640"
    assert extras.features.thumbnail_sizes == ("small", "medium", "large")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(0), Kind.UNSUPPORTED),
        (status(65), Kind.UNSUPPORTED),
        (b"", Kind.UNSUPPORTED),
        (status(4), Kind.PERMISSION_DENIED),
        (Reply(b"<html>login</html>"), Kind.DEVICE),
    ],
)
def test_thumbnail_fails(nas, extras, reply, kind):
    Tree(nas, TREE)
    nas.on("get_thumb", reply)
    error = fails(kind, lambda: fetch(lambda sink: extras.thumbnail("/S/x/a", "medium", sink)))
    assert (error.call, error.path) == ("get_thumb", "/S/x/a")
    if kind is not Kind.PERMISSION_DENIED:
        fails(Kind.WRONG_TYPE, lambda: fetch(lambda sink: extras.thumbnail("/S/x", "medium", sink)))
        fails(Kind.NOT_FOUND, lambda: fetch(lambda sink: extras.thumbnail("/S/none", "medium", sink)))


def rendition(extras, path="/S/x/a", name="mp4_360"):
    return fetch(lambda sink: extras.rendition(path, name, sink, watch=Watch()))


def test_rendition(nas, extras):
    film = bytes(range(256)) * 9000
    nas.on("get_viewer", Reply(film, headers={"Content-Type": "video/mp4"}))
    for name in ODD:
        assert rendition(extras, f"/S/x/{name}") == film
    assert [(asked["source_path"], asked["source_file"], asked["format"]) for asked in nas.asked] == [
        ("/S/x", name, "mp4_360") for name in ODD
    ]
    rendition(extras, name="flv")
    assert nas.asked[-1]["rtt"] == "1"
    assert not nas.asked[-1].all("format")
    rendition(extras, name="mp3")
    assert nas.asked[-1]["rtt"] == "3"


def test_rendition_that_is_not_there(nas, extras):
    Tree(nas, TREE)
    nas.on("get_viewer", b"")
    error = fails(Kind.NOT_FOUND, lambda: rendition(extras))
    assert (error.call, error.path) == ("get_viewer", "/S/x/a")
    assert fails(Kind.NOT_FOUND, lambda: rendition(extras, "/S/none")).call == "stat"
    fails(Kind.WRONG_TYPE, lambda: rendition(extras, "/S/x"))
    nas.on("get_viewer", status(29))
    fails(Kind.UNSUPPORTED, lambda: rendition(extras))


def test_what_extras_refuse_before_any_call(nas, extras):
    fails(Kind.INVALID_ARGUMENT, lambda: rendition(extras, name="ogg"))
    fails(Kind.INVALID_ARGUMENT, lambda: fetch(lambda sink: extras.thumbnail("/S/x/a", "original", sink)))
    fails(Kind.USAGE, lambda: rendition(extras, "/S"))
    assert not nas.asked
    assert extras.features == DownloadFeatures(
        folder_size=True,
        zip=True,
        compress=True,
        thumbnail_sizes=("small", "medium", "large"),
        rendition_formats=extras.features.rendition_formats,
    )


def test_network(nas):
    network = nas.client({"sid": "sid-1"}).network
    facts = {
        "ddns_hn": "example.anydns.com",
        "external_ip": "203.0.113.1",
        "local_ip_list": ["192.0.2.1"],
        "port": 8080,
    }
    nas.on("get_domain_ip_list", {"version": "5.5.6", "build": "1", "success": "true", "status": 1, **facts}, status(4))
    assert network.addresses() == facts
    fails(Kind.PERMISSION_DENIED, network.addresses)
