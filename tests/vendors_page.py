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
from typing import Any, NamedTuple

from tests.support.devices import ROOT

PAGE = ROOT / "docs" / "site" / "rst" / "vendors.rst"
PLUGINS = "ansible_collections.nasops.nas.plugins"
HEAD = """..
  Copyright (c) 2026, The nasops.nas authors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. _ansible_collections.nasops.nas.docsite.vendors:

What works with which vendor
============================

This page is made from what the collection's clients for the vendors say of themselves, which is also what a task
is refused by: where a *no* stands, it fails with the kind ``unsupported`` before any call that changes something, and
names the vendors that can.
Options that are not here work with all vendors that the module works with.

Modules
-------

"""


def has(cls: Any, feature: str) -> bool:
    """Whether a vendor's class for a capability has a feature."""
    return feature in cls.features


def of(name: str, value: Any) -> Callable[[Any], bool]:
    """Whether a vendor's class for a capability has a value among others."""
    return lambda cls: value in getattr(cls, name)


def feature(*names: str) -> Callable[[Any], bool]:
    """Whether a vendor's class for a capability has all these features."""
    return lambda cls: all(has(cls, name) for name in names)


class Row(NamedTuple):
    """A module's option, or a value of it, and what a vendor needs for it: a capability, and what of it."""

    module: str
    option: str
    value: object
    capability: str
    can: Callable[[Any], bool] = lambda cls: True


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


def rows() -> Iterator[Row]:
    """What differs between vendors, in the options' own words."""
    yield Row("nas_archive", "sources", "in several folders, or shares", "archives", feature("scattered"))
    for value in choices("nas_archive", "format"):
        yield Row("nas_archive", "format", value, "archives", of("formats", value))
    for value in choices("nas_archive", "level"):
        yield Row("nas_archive", "level", value, "archives", of("levels", value))
    yield Row("nas_archive", "archive_password", "with state: present", "archives", feature("password"))
    yield Row("nas_archive", "archive_password", "with state: extracted", "archives", feature("extract_password"))
    yield Row("nas_archive", "encryption", "", "archives", feature("encryption"))
    yield Row("nas_archive", "codepage", "", "archives", feature("codepage"))
    yield Row("nas_fetch", "src", "folders, or several files, as a zip", "downloads", feature("zip"))
    yield Row("nas_fetch", "compress", "", "downloads", feature("compress"))
    for value in choices("nas_fetch", "rendition"):
        if value != "thumbnail":
            yield Row("nas_fetch", "rendition", value, "downloads", of("rendition_formats", value))
    for value in choices("nas_fetch", "size"):
        yield Row("nas_fetch", "rendition", f"thumbnail, size: {value}", "downloads", of("thumbnail_sizes", value))
    yield Row("nas_fetch", "rotate", "", "downloads", feature("rotate"))
    yield Row("nas_fetch", "url", "", "share_links", lambda links: bool(links.downloads))
    yield Row("nas_fetch", "link_password", "", "share_links", lambda one: one.downloads and has(one, "password"))
    yield Row("nas_fetch", "link_path", "", "share_links", lambda one: one.downloads and has(one, "member"))
    yield Row("nas_fetch", "report", "", "container_station")
    yield Row("nas_file", "mtime", "", "files", lambda one: one.sets_mtime_at_upload or "file" in one.sets_mtime_of)
    for value in ("crtime", "atime"):
        yield Row("nas_file", value, "", "files", of("upload_times", value))
    yield Row("nas_folder", "mtime", "", "files", of("sets_mtime_of", "folder"))
    for value in choices("nas_find", "age_stamp"):
        yield Row("nas_find", "age_stamp", value, "files", of("tells_times", value))
    for value in ("owner", "group"):
        yield Row("nas_find", value, "", "files", lambda files: bool(files.tells_owner))
    for value, subset in module("nas_info").SUBSETS.items():
        yield Row("nas_info", "gather", value, subset.capability, subset.can)
    yield Row("nas_info", "ports", "", "container_station")
    yield Row("nas_session", "pair", "", "pairing")
    yield Row("nas_share", "path", "a share itself", "share_links", lambda links: bool(links.leads_to_shares))
    yield Row("nas_share", "id", "with state: present", "share_links", feature("edit"))
    yield Row("nas_share", "link_password", "", "share_links", feature("password"))
    for value in ("expires", "available_from", "ssl", "hostname", "network"):
        yield Row("nas_share", value, "", "share_links", feature(value))
    yield Row("nas_share", "email", "", "share_links", feature("mail"))
    for value in ("md5", "sha1", "sha256", "sha512"):
        yield Row("nas_stat", "checksum", value, "files", of("checksum_algorithms", value))
    yield Row("nas_stat", "folder_size", "", "downloads", feature("folder_size"))
    yield Row("nas_task", "id", "none, for all tasks", "jobs", feature("list"))
    yield Row("nas_task", "state", "paused, running", "jobs", feature("pause"))
    yield Row("nas_task", "state", "cancelled", "jobs", feature("cancel"))
    yield Row("nas_task", "state", "cleared", "jobs", feature("clear"))
    for value in choices("nas_transcode", "resolutions"):
        yield Row("nas_transcode", "resolutions", value, "transcoding", of("resolutions", value))


def words(row: Row) -> list[Any]:
    """The values of a row's option that are words of its own, not a description."""
    option = module(row.module).SPEC.options[row.option]
    return list(option.get("choices", ("md5", "sha1", "sha256", "sha512")))


def works(kind: Any, capability: str, can: Callable[[Any], bool] = lambda cls: True) -> bool:
    """Whether a vendor's client has a capability, and what of it."""
    return capability in kind.offers and can(kind.offers[capability])


def table(head: list[str], lines: list[list[str]]) -> Iterator[str]:
    """A list table of reStructuredText."""
    yield from [".. list-table::", "   :header-rows: 1", ""]
    for line in [head, *lines]:
        yield from (f"   {'* -' if not number else '  -'} {cell}".rstrip() for number, cell in enumerate(line))
    yield ""


def page() -> str:
    """The text of the page."""
    kinds = vendors()
    names = sorted(file.stem for file in (ROOT / "plugins" / "modules").glob("nas_*.py"))
    link = {name: f":ref:`{name} <ansible_collections.nasops.nas.{name}_module>`" for name in names}
    told = {True: "yes", False: "no"}
    needs = {name: module(name).SPEC.needs for name in names}
    lines = [
        [link[name], *(told[all(works(kind, one) for one in needs[name])] for kind in kinds.values())] for name in names
    ]
    text = [HEAD + "\n".join(table(["module", *kinds], lines)), "", "Options and values", "------------------", ""]
    lines, last = [], ""
    for row in rows():
        option = f"``{row.option}``"
        value = f"``{row.value}``" if row.value in words(row) else str(row.value)
        cells = [told[works(kind, row.capability, row.can)] for kind in kinds.values()]
        lines.append([link[row.module] if row.module != last else row.module, option, value, *cells])
        last = row.module
    text += table(["module", "option", "value", *kinds], lines)
    return "\n".join(text).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
