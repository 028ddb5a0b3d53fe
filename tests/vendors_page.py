# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which module, option and value works with which vendor: `python -m tests.vendors_page` writes the page of the site.

It is made from the clients' capabilities; a unit test compares it with them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.devices import ROOT

PAGE = ROOT / "docs" / "site" / "rst" / "vendors.rst"
ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
PLUGINS = "ansible_collections.nasops.nas.plugins"
LICENCE = "".join(" " + line[1:] for line in Path(__file__).read_text(encoding="utf-8").splitlines(keepends=True)[:3])
HEAD = """.. _ansible_collections.nasops.nas.docsite.vendors:

What works with which vendor
============================

This page is made from what the collection's clients for the vendors say of themselves, which is also what a task
is refused by: where a *no* stands, it fails with the kind ``unsupported`` before any call that changes something, and
names the vendors that can.
Options that are not here work with all vendors that the module works with.

Modules
-------

"""


class Row(NamedTuple):
    """A module's option, or a value of it, and what a vendor must offer for it, asked of its client class."""

    module: str
    option: str
    value: object
    can: Callable[[Any], bool]


def subsets() -> Any:
    """What nas_info reads, by the names of its option `gather`."""
    return importlib.import_module(f"{PLUGINS}.module_utils._delivery.subsets").SUBSETS


def module(name: str) -> Any:
    """A module of the collection."""
    return importlib.import_module(f"{PLUGINS}.modules.{name}")


def vendors() -> dict[str, Any]:
    """The clients' classes, by vendor."""
    if str(ROOT / ".cache" / "link") not in sys.path:
        sys.path.insert(0, str(ROOT / ".cache" / "link"))
    return dict(importlib.import_module(f"{PLUGINS}.module_utils._vendors").VENDORS)


def choices(name: str, option: str) -> list[Any]:
    """The values that an option can have."""
    return list(module(name).SPEC.options[option]["choices"])


def each(name: str, option: str, can: Callable[[Any, Any], bool]) -> Iterator[Row]:
    """A row for each value that an option can have."""
    for value in choices(name, option):
        yield Row(name, option, value, lambda nas, value=value: can(nas, value))  # type: ignore[misc]


def rows() -> Iterator[Row]:
    """What differs between vendors, in the options' own words."""
    yield Row("nas_archive", "sources", "in several folders, or shares", lambda nas: nas.archives.features.scattered)
    yield from each("nas_archive", "format", lambda nas, value: value in nas.archives.features.formats)
    yield from each("nas_archive", "level", lambda nas, value: value in nas.archives.features.levels)
    yield Row("nas_archive", "archive_password", "with state: present", lambda nas: nas.archives.features.password)
    unpacks = "with state: extracted"
    yield Row("nas_archive", "archive_password", unpacks, lambda nas: nas.archives.features.extract_password)
    yield Row("nas_archive", "encryption", "", lambda nas: nas.archives.features.encryption)
    yield Row("nas_archive", "codepage", "", lambda nas: nas.archives.features.codepage)
    yield Row("nas_fetch", "src", "folders, or several files, as a zip", lambda nas: nas.downloads.features.zip)
    yield Row("nas_fetch", "compress", "", lambda nas: nas.downloads.features.compress)
    for row in each("nas_fetch", "rendition", lambda nas, value: value in nas.downloads.features.rendition_formats):
        if row.value != "thumbnail":
            yield row
    for row in each("nas_fetch", "size", lambda nas, value: value in nas.downloads.features.thumbnail_sizes):
        yield row._replace(option="rendition", value=f"thumbnail, size: {row.value}")
    yield Row("nas_fetch", "rotate", "", lambda nas: nas.downloads.features.rotate)
    yield Row("nas_fetch", "url", "", follows)
    yield Row("nas_fetch", "link_password", "", lambda nas: follows(nas) and nas.share_links.features.password)
    yield Row("nas_fetch", "link_path", "", lambda nas: follows(nas) and nas.share_links.features.download_member)
    yield Row("nas_fetch", "report", "", lambda nas: "container_station" in nas.capabilities())
    yield Row("nas_file", "mtime", "", lambda nas: nas.files.features.sets_mtime_at_upload or sets(nas, "file"))
    for name in ("crtime", "atime"):
        yield Row("nas_file", name, "", lambda nas, name=name: name in nas.files.features.upload_times)  # type: ignore[misc]
    for name in ("nas_file", "nas_folder"):
        yield Row(name, "permanent", "", lambda nas: nas.files.features.deletes_permanently)
    yield Row("nas_folder", "mtime", "", lambda nas: sets(nas, "folder"))
    yield from each("nas_find", "age_stamp", lambda nas, value: value in nas.files.features.times)
    for name in ("owner", "group"):
        yield Row("nas_find", name, "", lambda nas: nas.files.features.owner)
    for name, subset in subsets().items():
        yield Row("nas_info", "gather", name, subset.offered)
    yield Row("nas_info", "ports", "", lambda nas: "container_station" in nas.capabilities())
    yield Row("nas_session", "pair", "", lambda nas: "pairing" in nas.capabilities())
    yield Row("nas_share", "path", "a share itself", lambda nas: nas.share_links.features.of_shares)
    yield Row("nas_share", "id", "with state: present", lambda nas: nas.share_links.features.edit)
    yield Row("nas_share", "link_password", "", lambda nas: nas.share_links.features.password)
    for name, needed in {
        **{name: name for name in ("expires", "available_from", "ssl", "hostname", "network")},
        "email": "mail",
    }.items():
        yield Row("nas_share", name, "", lambda nas, needed=needed: getattr(nas.share_links.features, needed))  # type: ignore[misc]
    shared = (
        *("description", "hidden", "recycle_bin", "recycle_bin_admin_only", "quota"),
        *("compression", "checksums", "encryption_password", "new_name"),
    )
    for name in shared:
        yield Row("nas_shared_folder", name, "", lambda nas, name=name: getattr(nas.shared_folders.features, name))  # type: ignore[misc]
    for name in ("description", "email", "disabled", "expires", "new_name"):
        yield Row("nas_user", name, "", lambda nas, name=name: getattr(nas.accounts.features, name))  # type: ignore[misc]
    for name in ALGORITHMS:
        yield Row("nas_stat", "checksum", name, lambda nas, name=name: name in nas.files.features.checksum_algorithms)  # type: ignore[misc]
    yield Row("nas_stat", "folder_size", "", lambda nas: nas.downloads.features.folder_size)
    yield Row("nas_task", "id", "none, for all tasks", lambda nas: nas.jobs.features.list)
    yield Row("nas_task", "state", "paused, running", lambda nas: nas.jobs.features.pause)
    yield Row("nas_task", "state", "cancelled", lambda nas: nas.jobs.features.cancel)
    yield Row("nas_task", "state", "cleared", lambda nas: nas.jobs.features.clear)
    yield from each("nas_transcode", "resolutions", lambda nas, value: value in nas.transcoding.features.resolutions)


def follows(nas: Any) -> bool:
    """Whether a share link can be followed by a program."""
    return bool(nas.share_links.features.download)


def sets(nas: Any, entry_type: str) -> bool:
    """Whether a modification time can be set of what is there."""
    return entry_type in nas.files.features.sets_mtime_of


def words(row: Row) -> list[Any]:
    """The values of a row's option that are words of its own, not a description."""
    option = module(row.module).SPEC.options[row.option]
    return list(option.get("choices", ALGORITHMS))


def table(head: list[str], lines: list[list[str]]) -> Iterator[str]:
    """A list table of reStructuredText."""
    yield from [".. list-table::", "   :header-rows: 1", ""]
    for line in [head, *lines]:
        yield from (f"   {'* -' if not number else '  -'} {cell}".rstrip() for number, cell in enumerate(line))
    yield ""


def page() -> str:
    """The text of the page."""
    clients = vendors()
    names = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("nas_*.py"))
    link = {name: f":ref:`{name} <ansible_collections.nasops.nas.{name}_module>`" for name in names}
    reported = {True: "yes", False: "no"}
    needs = {name: module(name).SPEC.needs for name in names}
    lines = [[link[name], *(reported[all(map(nas.offers, needs[name]))] for nas in clients.values())] for name in names]
    text = [
        "..\n" + LICENCE + "\n" + HEAD + "\n".join(table(["module", *clients], lines)),
        "",
        "Options and values",
        "------------------",
        "",
    ]
    lines, last = [], ""
    for row in rows():
        option = f"``{row.option}``"
        value = f"``{row.value}``" if row.value in words(row) else str(row.value)
        cells = [reported[bool(row.can(nas))] for nas in clients.values()]
        lines.append([link[row.module] if row.module != last else row.module, option, value, *cells])
        last = row.module
    text += table(["module", "option", "value", *clients], lines)
    return "\n".join(text).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
