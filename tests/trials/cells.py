# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cells: what is on a device before a task, and the task."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from tests.simulator.freebox import par2
from tests.support.devices import ABOUT, BINS, TRIALS, VENDORS

SHARES = ("home", "public")
PROFILES = TRIALS
SETTINGS: Mapping[str, Mapping[str, str]] = {vendor: ABOUT.get(vendor, {}).get("settings", {}) for vendor in VENDORS}
CALCULATING, WITH_BIN = ("freebox", "synology"), ("qnap", "synology")
ADMINISTERED = ("qnap", "synology")
BIN = BINS
TOP = "/home/box"
LONG_AGO = 1_700_000_000
BYSTANDERS = {
    f"{TOP}/bystander.txt": b"nobody touches this",
    f"{TOP}/.hidden": b"nor this",
    f"{TOP}/other folder/deep/\u00fcber uns.txt": b"nor that",
    "/public/elsewhere.bin": b"\0\1\2" * 40,
}
SECRET = "Sw0rdfish&Tr0ut"  # of the accounts that tasks make
Options = Mapping[str, Any]
Desired = Callable[["Before"], Options]


@dataclass(frozen=True)
class Before:
    """Where a task begins.

    :param local: an empty folder on this machine.
    :param results: those of the tasks that went before.
    """

    vendor: str
    local: Path
    results: Sequence[Mapping[str, Any]] = ()

    @property
    def bin(self) -> str:
        return f"/home/{BIN[self.vendor]}"


@dataclass(frozen=True)
class Step:
    """A task that goes before, which meets no fault but those."""

    module: str
    options: Desired
    faults: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Cell:
    """A task to be tried.

    :param profiles: those on which it can be; None for all but `lacking`.
    :param files: what lies on the device beside the bystanders; None for a folder.
    :param local_files: the same on this machine.
    :param make: makes more of it, on the device's disk.
    :param reported: the subsets of nas_info that tell what no disk shows.
    :param unsteady: the vendors where another run after it changes something, as its documentation says.
    :param bins: whether the names in recycle bins count.
    """

    name: str
    module: str
    options: Desired
    vendors: Sequence[str] = VENDORS
    profiles: Optional[Sequence[str]] = None
    lacking: Sequence[str] = ()
    files: Callable[[Before], Mapping[str, Optional[bytes]]] = lambda before: {}
    local_files: Mapping[str, bytes] = field(default_factory=dict)
    make: Callable[[Path], object] = lambda root: None
    steps: Sequence[Step] = ()
    reported: Sequence[str] = ()
    unsteady: Sequence[str] = ()
    bins: bool = False

    def is_for(self, vendor: str, profile: str) -> bool:
        known = profile not in self.lacking if self.profiles is None else profile in self.profiles
        return vendor in self.vendors and known

    def lay_out(self, root: Path, before: Before) -> None:
        """Put the old state on a disk."""
        self.make(root)
        for age, (path, data) in enumerate({**BYSTANDERS, **self.files(before)}.items()):
            place = root / path.lstrip("/")
            if data is None:
                place.mkdir(parents=True, exist_ok=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            os.utime(place, (LONG_AGO + age, LONG_AGO + age))  # files of one size and time are taken for equal
        for name, data in self.local_files.items():
            (before.local / name).parent.mkdir(parents=True, exist_ok=True)
            (before.local / name).write_bytes(data)
            os.utime(before.local / name, (LONG_AGO, LONG_AGO))


def content(name: str, size: int = 3000) -> bytes:
    """Bytes that nothing else has."""
    return (f"<{name}>".encode() * size)[:size]


def packed(**members: bytes) -> bytes:
    """A zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/"), (2023, 11, 14, 22, 13, 20)), data)
    return stream.getvalue()


def _fixed(**options: Any) -> Desired:
    return lambda before: options


def _having(files: Mapping[str, Optional[bytes]]) -> Callable[[Before], Mapping[str, Optional[bytes]]]:
    return lambda before: files


def _damaged(root: Path) -> None:
    """A par2 set, and what it protects is damaged."""
    folder = root / TOP.lstrip("/") / "set"
    folder.mkdir(parents=True)
    whole = {"a \u00e9.bin": bytes(range(256)) * 20, "b": content("b"), "c": b"short"}
    for name, data in whole.items():
        (folder / name).write_bytes(data)
    par2.create(folder / "set.par2", [folder / name for name in whole], slice_size=1024, recovery=8)
    (folder / "b").write_bytes(content("b")[:1000] + b"?" + content("b")[1001:])
    (folder / "c").unlink()


def _link(path: str, **options: Any) -> Step:
    return Step("nas_share", _fixed(path=[path], **options))


def _favorite(*names: str) -> Step:
    favorites = [{"path": f"{TOP}/{name}"} for name in names]
    return Step("nas_favorite", _fixed(favorites=favorites, exclusive=True))


_STALLED = Step(
    "nas_copy",
    _fixed(src=f"{TOP}/src.bin", dest="/public/src.bin", wait=False),
    ({"call": "*", "writes": True, "times": 0, "do": "stall_task"},),
)
_TREE: Mapping[str, Optional[bytes]] = {
    f"{TOP}/tree/a.txt": content("tree a"),
    f"{TOP}/tree/b \u00fc.txt": content("tree b"),
    f"{TOP}/tree/sub/deep/d.txt": content("tree d"),
    f"{TOP}/tree/empty": None,
}
_TREE_THERE: Mapping[str, Optional[bytes]] = {
    "/public/tree/a.txt": content("older a", 2900),
    "/public/tree/stays.txt": content("stays"),
}


_STAFF = (
    Step("nas_group", _fixed(name="office")),
    Step("nas_group", _fixed(name="bystanders")),
    Step("nas_user", _fixed(name="anna", password=SECRET, description="Anna", groups=["office"])),
    Step("nas_user", _fixed(name="bert", password=SECRET, email="b@example.com", groups=["bystanders"])),
    Step("nas_share_permission", _fixed(share="public", users={"bert": "read"}, groups={"bystanders": "write"})),
)
_STAFFED = ("users", "groups", "shared_folders")


def _administered(cell: str, module: str, *steps: Step, unsteady: Sequence[str] = (), **options: Any) -> Cell:
    """A cell of what administrators do, on a device with accounts, groups and rights."""
    return Cell(
        cell,
        module,
        _fixed(**options),
        ADMINISTERED,
        steps=(*_STAFF, *steps),
        reported=_STAFFED,
        unsteady=unsteady,
        lacking=("dsm5",),
    )


def _archive(path: str, **members: bytes) -> Mapping[str, Optional[bytes]]:
    return {path: packed(**members)}


CELLS: tuple[Cell, ...] = (
    Cell("folder-present", "nas_folder", _fixed(path=[f"{TOP}/new/a b", f"{TOP}/new/\u00fc"])),
    Cell(
        "folder-absent",
        "nas_folder",
        _fixed(path=[f"{TOP}/gone", f"{TOP}/gone too"], state="absent", recursive=True),
        files=_having(
            {f"{TOP}/gone/a": content("a"), f"{TOP}/gone/sub/b": content("b"), f"{TOP}/gone too/c": content("c")}
        ),
    ),
    Cell("file-present", "nas_file", _fixed(path=f"{TOP}/new/f.txt", content="new content\n" * 250, parents=True)),
    Cell(
        "file-replace",
        "nas_file",
        _fixed(path=f"{TOP}/f.txt", content="new content\n" * 250),
        files=_having({f"{TOP}/f.txt": content("old")}),
    ),
    Cell(
        "file-large",
        "nas_file",
        lambda before: {"path": f"{TOP}/large.bin", "src": str(before.local / "source")},
        files=_having({f"{TOP}/large.bin": content("large old", 140_000)}),
        local_files={"source": content("large new", 150_000)},
    ),
    Cell(
        "file-backup",
        "nas_file",
        _fixed(path=f"{TOP}/f.txt", content="new content\n" * 250, backup=True),
        files=_having({f"{TOP}/f.txt": content("old")}),
    ),
    Cell(
        "file-touch",
        "nas_file",
        lambda before: {
            "path": f"{TOP}/f.txt",
            "state": "touch",
            **({} if before.vendor == "freebox" else {"mtime": "2026-01-01T00:00:00Z"}),
        },
        files=_having({f"{TOP}/f.txt": content("old")}),
        unsteady=("freebox",),
    ),
    Cell(
        "file-absent",
        "nas_file",
        _fixed(path=f"{TOP}/f.txt", state="absent"),
        files=_having({f"{TOP}/f.txt": content("old")}),
    ),
    Cell(
        "copy-copied",
        "nas_copy",
        _fixed(src=f"{TOP}/src.bin", dest="/public/new/copy.bin", parents=True),
        files=_having({f"{TOP}/src.bin": content("src")}),
    ),
    Cell(
        "copy-renamed",
        "nas_copy",
        _fixed(src=f"{TOP}/src.bin", dest=f"{TOP}/renamed.bin", state="moved"),
        files=_having({f"{TOP}/src.bin": content("src")}),
    ),
    Cell(
        "copy-moved",
        "nas_copy",
        _fixed(src=f"{TOP}/src.bin", dest="/public/moved.bin", state="moved"),
        files=_having({f"{TOP}/src.bin": content("src")}),
    ),
    Cell(
        "copy-overwrite",
        "nas_copy",
        _fixed(src=f"{TOP}/src.bin", dest="/public/there.bin", conflict="overwrite"),
        files=_having({f"{TOP}/src.bin": content("src"), "/public/there.bin": content("older", 2900)}),
    ),
    Cell(
        "copy-moved-overwrite",
        "nas_copy",
        _fixed(src=f"{TOP}/src.bin", dest=f"{TOP}/deep/there.bin", state="moved", conflict="overwrite"),
        files=_having({f"{TOP}/src.bin": content("src"), f"{TOP}/deep/there.bin": content("older")}),
    ),
    Cell(
        "copy-tree",
        "nas_copy",
        _fixed(src=f"{TOP}/tree", dest="/public/tree", conflict="overwrite"),
        files=_having({**_TREE, **_TREE_THERE}),
    ),
    Cell(
        "copy-tree-moved",
        "nas_copy",
        _fixed(src=f"{TOP}/tree", dest="/public/tree", state="moved", conflict="overwrite"),
        files=_having({**_TREE, **_TREE_THERE}),
    ),
    Cell(
        "share-create",
        "nas_share",
        lambda before: {
            "path": [f"{TOP}/f.txt"],
            "expires": "2030-06-01",
            **({} if before.vendor == "freebox" else {"link_password": "open sesame"}),
        },
        files=_having({f"{TOP}/f.txt": content("old")}),
        steps=(_link("/public/elsewhere.bin"),),
        reported=("share_links",),
    ),
    Cell(
        "share-edit",
        "nas_share",
        _fixed(path=[f"{TOP}/f.txt"], expires="2030-06-01"),
        files=_having({f"{TOP}/f.txt": content("old")}),
        steps=(_link("/public/elsewhere.bin"), _link(f"{TOP}/f.txt", expires="2031-01-01")),
        reported=("share_links",),
    ),
    Cell(
        "share-absent",
        "nas_share",
        _fixed(path=[f"{TOP}/f.txt"], state="absent"),
        files=_having({f"{TOP}/f.txt": content("old")}),
        steps=(_link("/public/elsewhere.bin"), _link(f"{TOP}/f.txt")),
        reported=("share_links",),
    ),
    Cell(
        "archive-present",
        "nas_archive",
        _fixed(path=f"{TOP}/packed.zip", sources=[f"{TOP}/tree", f"{TOP}/src.bin"]),
        files=_having({**_TREE, f"{TOP}/src.bin": content("src")}),
    ),
    Cell(
        "archive-replace",
        "nas_archive",
        _fixed(path=f"{TOP}/packed.zip", sources=[f"{TOP}/tree"]),
        files=_having({**_TREE, **_archive(f"{TOP}/packed.zip", old=content("packed before"))}),
    ),
    Cell(
        "archive-extracted",
        "nas_archive",
        _fixed(path=f"{TOP}/packed.zip", state="extracted", dest=f"{TOP}/out", overwrite=True),
        files=_having(
            {
                **_archive(f"{TOP}/packed.zip", a=content("packed a"), docs__b=content("packed b", 2000)),
                f"{TOP}/out/a": content("older a", 1000),
                f"{TOP}/out/stays": content("stays"),
            }
        ),
    ),
    Cell(
        "archive-unpacked-and-gone",
        "nas_archive",
        _fixed(
            path=f"{TOP}/packed.zip",
            state="extracted",
            dest=f"{TOP}/out",
            subfolder=True,
            parents=True,
            delete_archive=True,
        ),
        files=_having(_archive(f"{TOP}/packed.zip", a=content("packed a"), docs__b=content("packed b"))),
    ),
    Cell(
        "assemble-present",
        "nas_assemble",
        _fixed(src=[f"{TOP}/f.001"], multi_volumes=True, dest=f"{TOP}/f", delete_sources=True),
        ("freebox",),
        files=_having({f"{TOP}/f.00{number}": content(f"part {number}") for number in (1, 2, 3)}),
    ),
    Cell(
        "assemble-replace",
        "nas_assemble",
        _fixed(src=[f"{TOP}/p1", f"{TOP}/p2"], dest=f"{TOP}/f"),
        ("freebox",),
        files=_having({f"{TOP}/p1": content("p1"), f"{TOP}/p2": content("p2"), f"{TOP}/f": content("old")}),
    ),
    Cell(
        "repair",
        "nas_repair",
        _fixed(path=f"{TOP}/set/set.par2", delete_archive=True),
        ("freebox",),
        make=_damaged,
    ),
    Cell(
        "recycle-bin-restored",
        "nas_recycle_bin",
        _fixed(state="restored", path=[f"{TOP}/f.txt", f"{TOP}/folder"]),
        WITH_BIN,
        files=lambda before: {
            f"{before.bin}/box/f.txt": content("deleted f"),
            f"{before.bin}/box/folder/g.txt": content("deleted g"),
        },
    ),
    Cell(
        "recycle-bin-keep-both",
        "nas_recycle_bin",
        _fixed(state="restored", path=[f"{TOP}/f.txt"], conflict="keep_both"),
        WITH_BIN,
        files=lambda before: {f"{before.bin}/box/f.txt": content("deleted f"), f"{TOP}/f.txt": content("newer f")},
    ),
    Cell(
        "recycle-bin-overwrite",
        "nas_recycle_bin",
        _fixed(state="restored", path=[f"{TOP}/f.txt"], conflict="overwrite"),
        WITH_BIN,
        files=lambda before: {f"{before.bin}/box/f.txt": content("deleted f"), f"{TOP}/f.txt": content("newer f")},
    ),
    Cell(
        "recycle-bin-empty",
        "nas_recycle_bin",
        _fixed(state="empty", share=["/home"]),
        WITH_BIN,
        files=lambda before: {
            f"{before.bin}/box/f.txt": content("deleted f"),
            f"{before.bin}/folder/g.txt": content("deleted g"),
            f"/public/{BIN[before.vendor]}/h.txt": content("deleted h"),
        },
        bins=True,
    ),
    Cell(
        "favorite-present",
        "nas_favorite",
        _fixed(path=f"{TOP}/liked", name="Liked, most"),
        ("synology",),
        files=_having({f"{TOP}/liked": None}),
        steps=(_favorite("other folder"),),
        reported=("favorites",),
    ),
    Cell(
        "favorite-exclusive",
        "nas_favorite",
        _fixed(favorites=[{"path": f"{TOP}/liked"}, {"path": f"{TOP}/other folder/deep"}], exclusive=True),
        ("synology",),
        files=_having({f"{TOP}/liked": None}),
        steps=(_favorite("other folder"),),
        reported=("favorites",),
    ),
    Cell(
        "favorite-absent",
        "nas_favorite",
        _fixed(path=f"{TOP}/liked", state="absent"),
        ("synology",),
        files=_having({f"{TOP}/liked": None}),
        steps=(_favorite("other folder", "liked"),),
        reported=("favorites",),
    ),
    Cell(
        "transcode-finished",
        "nas_transcode",
        _fixed(path=[f"{TOP}/film.mp4", f"{TOP}/other.mkv"], state="finished", resolutions=[360]),
        ("qnap",),
        files=_having({f"{TOP}/film.mp4": content("film"), f"{TOP}/other.mkv": content("other film")}),
    ),
    Cell(
        "transcode-absent",
        "nas_transcode",
        _fixed(path=[f"{TOP}/film.mp4"], state="absent"),
        ("qnap",),
        files=_having({f"{TOP}/film.mp4": content("film")}),
        steps=(Step("nas_transcode", _fixed(path=[f"{TOP}/film.mp4"], state="finished", resolutions=[360])),),
    ),
    Cell(
        "container-tls",
        "nas_container_tls",
        lambda before: {
            "domain_names": ["docker.example", "192.0.2.9"],
            "renew_before": 30,
            "export_to": str(before.local / "certs"),
            "docker_client_files": True,
        },
        ("qnap",),
        ("qts4", "qts5"),
    ),
    Cell(
        "task-cancelled",
        "nas_task",
        lambda before: {
            "state": "cancelled",
            "id": [task["id"] for task in before.results[0]["tasks"]],
            "kind": ["copy"],
        },
        files=_having({f"{TOP}/src.bin": content("src")}),
        steps=(_STALLED,),
        unsteady=("qnap",),
    ),
    Cell(
        "task-paused",
        "nas_task",
        lambda before: {"state": "paused", "id": [task["id"] for task in before.results[0]["tasks"]]},
        ("freebox",),
        files=_having({f"{TOP}/src.bin": content("src")}),
        steps=(_STALLED,),
        reported=("tasks",),
    ),
    Cell(
        "fetch-file",
        "nas_fetch",
        lambda before: {"src": [f"{TOP}/f.txt"], "dest": str(before.local / "f.txt")},
        files=_having({f"{TOP}/f.txt": content("on the NAS")}),
        local_files={"f.txt": content("local old", 500), "local bystander": b"here"},
    ),
    Cell(
        "fetch-folder",
        "nas_fetch",
        lambda before: {"src": [f"{TOP}/tree"], "dest": str(before.local / "tree.zip")},
        WITH_BIN,
        files=_having(_TREE),
        local_files={"tree.zip": packed(old=b"old"), "local bystander": b"here"},
    ),
    Cell(
        "sync-push",
        "nas_sync",
        lambda before: {
            "src": f"{before.local}/src/",
            "dest": f"{TOP}/mirror",
            "delete": True,
            "exclude": ["/kept"],
            "parallel": 1,
        },
        files=_having(
            {
                f"{TOP}/mirror/{name}": content(f"old {name}", 400)
                for name in ("same.txt", "deep/other.txt", "kept", "gone/x")
            }
        ),
        local_files={
            f"src/{name}": content(f"new {name}", 600) for name in ("same.txt", "deep/other.txt", "new/a.txt", "b")
        },
    ),
    Cell(
        "sync-pull",
        "nas_sync",
        lambda before: {
            "src": f"{TOP}/tree/",
            "dest": f"{before.local}/mirror",
            "mode": "pull",
            "delete": True,
            "parallel": 1,
        },
        files=_having(_TREE),
        local_files={"mirror/old.txt": b"goes", "mirror/gone/x": b"goes too", "local bystander": b"here"},
    ),
    _administered(
        "shared-folder-present",
        "nas_shared_folder",
        name="Projects",
        description="What we work on",
        hidden=True,
        recycle_bin=True,
        recycle_bin_admin_only=True,
    ),
    _administered(
        "shared-folder-edited",
        "nas_shared_folder",
        Step("nas_shared_folder", _fixed(name="Projects", description="before", recycle_bin=False)),
        Step("nas_share_permission", _fixed(share="Projects", users={"anna": "write"})),
        Step("nas_file", _fixed(path="/Projects/plan.txt", content="the plan")),
        name="projects",
        description="after",
        hidden=True,
        recycle_bin=True,
    ),
    _administered(
        "shared-folder-absent",
        "nas_shared_folder",
        Step("nas_shared_folder", _fixed(name="Projects")),
        Step("nas_file", _fixed(path="/Projects/deep/plan.txt", content="the plan", parents=True)),
        name="projects",
        state="absent",
        delete_data=True,
    ),
    _administered(
        "share-permission-set",
        "nas_share_permission",
        Step("nas_share_permission", _fixed(share="home", users={"bert": "write"}, groups={"office": "read"})),
        share="home",
        users={"anna": "write", "bert": "deny"},
        groups={"office": "none", "bystanders": "read"},
    ),
    _administered(
        "share-permission-purged",
        "nas_share_permission",
        Step("nas_share_permission", _fixed(share="home", users={"bert": "write"}, groups={"office": "read"})),
        share="home",
        users={"anna": "read"},
        purge=True,
    ),
    _administered(
        "user-present",
        "nas_user",
        name="carl",
        password=SECRET,
        description="Carl \u00c4",
        email="c@example.com",
        disabled=True,
        groups=["office", "bystanders"],
    ),
    _administered(
        "user-edited",
        "nas_user",
        name="Anna",
        description="Anna, who has left",
        email="a@example.com",
        disabled=True,
        groups=["bystanders"],
        append=False,
    ),
    _administered(
        "user-password",
        "nas_user",
        name="anna",
        password=f"{SECRET}2",
        update_password="always",
        unsteady=ADMINISTERED,
    ),
    _administered("user-absent", "nas_user", name="anna", state="absent"),
    _administered(
        "group-present", "nas_group", name="guests of ours", description="They come and go", members=["anna", "bert"]
    ),
    _administered("group-exact", "nas_group", name="Office", members=["bert"], append=False),
    _administered("group-absent", "nas_group", name="office", state="absent"),
)
