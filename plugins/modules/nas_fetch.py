#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_fetch
version_added: 1.0.0
short_description: Fetch files from a NAS
description:
  - Brings a file, a folder as a zip, a thumbnail or another rendition, what a share link leads to, or the diagnosis report of
    Container Station from a NAS to the controller.
  - What comes is written beside O(dest) under a name that begins with C(.nasops-), checked, and only then takes its name.
  - A file is checked by size and by a checksum where the NAS calculates them. It is fetched again when these differ from those of
    O(dest), on a NAS without checksums when size or modification time do; see O(compare).
  - O(dest) gets the modification time of the file.
  - A zip, a thumbnail or another rendition is fetched again when O(dest) does not have the modification time of the newest thing
    that it was made from (O(dest) is given that time), or when a zip does not hold files of the sizes that the NAS has. Whether
    it was made with another O(size), O(rotate), O(compress) or O(rendition) cannot be seen, so use another O(dest) for each, or O(force).
  - What a share link leads to, and a report, is fetched every time, and O(dest) is only replaced when it holds something else.
  - With C(--diff) the change of a text of up to 100 KB is shown. In check mode it is fetched for that, as is what a share link
    leads to.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
options:
  src:
    description:
      - A file or folder on the NAS, from the share on, such as V(/share/folder/name), or several. Names are taken exactly as
        written.
      - A folder, and several files or folders, come as one zip that the NAS makes on its way. QNAP puts into one zip only what lies
        in one folder; a Freebox makes none, there use M(nasops.nas.nas_archive) and fetch the archive.
    type: list
    elements: str
  url:
    description:
      - The address of a share link of this NAS, as M(nasops.nas.nas_share) returns it. It is fetched as anybody could, without
        the account, from O(host) and O(port).
      - Not on Synology, whose links lead to a page for a browser.
    type: str
  link_password:
    description:
      - The password of the share link, on QNAP. Not to be taken for O(password), which is that of the account.
    type: str
  link_path:
    description:
      - One file of the folder that O(url) leads to, by its path in that folder, such as V(2026/garden.jpg). Without it, a folder
        comes as a zip.
      - On QNAP.
    type: str
  report:
    description:
      - Set to V(true) for the diagnosis report of a QNAP's Container Station.
    type: bool
  dest:
    description:
      - The file on the controller. For a folder that is there, or a path with a slash at its end, the name of O(src) is added (with
        C(.zip) for a folder); it cannot be a folder for anything else.
      - A symbolic link is followed.
    type: path
    required: true
  rendition:
    description:
      - Not the file itself, but what the NAS makes of it.
      - V(thumbnail) is a small picture of a picture or film (Synology, QNAP).
      - The others are formats of films and songs (QNAP). V(flv) and V(mp3) are made on the way; for V(flv_720), V(mp4_360) and
        V(mp4_720) the film must have been transcoded before.
    type: str
    choices: [thumbnail, flv, flv_720, mp3, mp4_360, mp4_720]
  size:
    description:
      - How large a thumbnail shall be. On Synology at most 240, 320 and 1280 pixels, and V(original) for as large as the picture; on
        QNAP 80, 320 and 640 pixels.
      - V(medium) when omitted.
    type: str
    choices: [small, medium, large, original]
  rotate:
    description:
      - By how many degrees a thumbnail is turned, clockwise. On Synology.
    type: int
    choices: [0, 90, 180, 270]
    default: 0
  compress:
    description:
      - Whether the zip of a folder, or of several files, is compressed on its way. With V(false) the NAS only stores the files in
        it, where it has the choice. On QNAP.
    type: bool
    default: false
  compare:
    description:
      - How a file is compared with O(dest) where both have the same size.
      - With V(checksum) the NAS calculates the checksum of its file, and O(dest) is read, each time.
      - V(mtime) takes them for the same when their modification times are, in whole seconds, and reads neither. Where the times
        differ, checksums are compared, and O(dest) gets the time if it holds the same. A time that is unknown, or that is not
        after 1970-01-01, is no time.
      - It makes no difference to a zip, a rendition, a report and what a share link leads to, nor with O(force).
    type: str
    choices: [checksum, mtime]
    default: checksum
  force:
    description:
      - Whether it is fetched even when it seems unchanged. O(dest) is still only replaced when it holds something else.
    type: bool
    default: false
  parents:
    description:
      - Whether the folders above O(dest) are made when they are missing.
    type: bool
    default: false
  mode:
    description:
      - The permissions of O(dest), as octal digits in quotes such as V('0644'), or as a text such as V(u=rw,g=r,o=).
      - When omitted, a new file gets the usual ones, and one that is replaced keeps those that it has.
    type: raw
  owner:
    description:
      - The user that O(dest) shall belong to, as name or number. Needs to be root where that is not oneself.
    type: str
  group:
    description:
      - The group that O(dest) shall belong to, as name or number.
    type: str
seealso:
  - module: nasops.nas.nas_file
  - module: nasops.nas.nas_share
"""

EXAMPLES = r"""
- name: The tax papers, for the accountant
  nasops.nas.nas_fetch:
    src: /home/papers/tax-2025.pdf
    dest: /srv/accountant/
    mode: "0640"
    parents: true

- name: A film, taken for unchanged when size and modification time are the same
  nasops.nas.nas_fetch:
    src: /home/films/wedding.mp4
    dest: /srv/films/
    parents: true
    compare: mtime

- name: A whole folder as a zip (QNAP, Synology)
  nasops.nas.nas_fetch:
    src: /home/photos/2026
    dest: /srv/backup/photos-2026.zip

- name: A small picture for the web page (QNAP, Synology)
  nasops.nas.nas_fetch:
    src: /home/photos/2026/garden.jpg
    dest: /srv/www/garden.jpg
    rendition: thumbnail
    size: large

- name: What others see when they follow the link (QNAP)
  nasops.nas.nas_fetch:
    url: "{{ link.url }}"
    link_password: "{{ link_password }}"
    dest: /tmp/as-seen-by-others.zip

- name: One file of the folder that the link leads to (QNAP)
  nasops.nas.nas_fetch:
    url: "{{ link.url }}"
    link_password: "{{ link_password }}"
    link_path: 2026/garden.jpg
    dest: /srv/www/

- name: The diagnosis report of Container Station (QNAP)
  nasops.nas.nas_fetch:
    report: true
    dest: /tmp/container-station-report
"""

RETURN = r"""
dest:
  description: The file on the controller.
  type: str
  returned: success
  sample: /srv/accountant/tax-2025.pdf
size:
  description: Its size in bytes.
  type: int
  returned: when it is known; not in check mode for what was not fetched
  sample: 182034
checksum:
  description: Its checksum, with the algorithm that this NAS calculates.
  type: str
  returned: when the file is there; with O(compare=mtime) only when something changed
  sample: sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
created_folders:
  description: The folders above that were made (in check mode, would be).
  type: list
  elements: str
  returned: success
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api import tree as _tree
from ..module_utils._api.capabilities.container_station import ContainerStation
from ..module_utils._api.client import Client
from ..module_utils._api.comparison import shown_checksum
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core import times as _times
from ..module_utils._core.errors import NOTHING_THERE, Kind, NasError, usage
from ..module_utils._core.sources import FileSource
from ..module_utils._delivery import local_file
from ..module_utils._delivery.content import Content
from ..module_utils._delivery.fetch import fetch, holds, is_shown, local_content
from ..module_utils._module import diff as _diff
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.fetch import (
    FILE,
    LINK,
    RENDITION,
    REPORT,
    THUMBNAIL,
    ZIP,
    Current,
    Desired,
    Thing,
    plan_fetch,
)

USUAL_SIZE = "medium"

SPEC = Spec(
    options={
        "src": {"type": "list", "elements": "str"},
        "url": {"type": "str"},
        "link_password": {"type": "str", "no_log": True},
        "link_path": {"type": "str"},
        "report": {"type": "bool"},
        "dest": {"type": "path", "required": True},
        "rendition": {"type": "str", "choices": [THUMBNAIL, "flv", "flv_720", "mp3", "mp4_360", "mp4_720"]},
        "size": {"type": "str", "choices": ["small", "medium", "large", "original"]},
        "rotate": {"type": "int", "choices": [0, 90, 180, 270], "default": 0},
        "compress": {"type": "bool", "default": False},
        "compare": {"type": "str", "choices": ["checksum", "mtime"], "default": "checksum"},
        "force": {"type": "bool", "default": False},
        "parents": {"type": "bool", "default": False},
        **WAIT_TIMEOUT,
        **local_file.ATTRIBUTE_OPTIONS,
    },
    rules={
        "mutually_exclusive": [("src", "url", "report")],
        "required_one_of": [("src", "url", "report")],
        "required_by": {"rendition": "src", "size": "rendition", "link_password": "url", "link_path": "url"},
    },
    needs=(Files,),
    paths=("src",),
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    attributes = local_file.read_attributes(context.params)
    current = read_current(context, desired, attributes)
    plan = plan_fetch(desired, current)
    differs = plan.has("fetch")
    held = local_content(current.held) if context.diff and current.held is not None else None
    came = None
    shows = context.diff and current.thing is not None and is_shown(current.thing)
    if current.thing is not None and (plan.has("compare") or (differs and (shows or not context.check_mode))):
        came = fetch(
            context.client,
            context.another_client,
            desired,
            current,
            current.thing,
            attributes,
            certain=differs,
            put=not context.check_mode,
            watch=context.watch(", ".join(desired.src) or desired.type),
            watching=context.timed_watch,
        )
        differs = came is not None
    if current.drift and not differs and not context.check_mode:
        attributes.give(current.dest, current.local)
        if "mtime" in current.drift and current.thing is not None and current.thing.mtime is not None:
            local_file.set_mtime(current.dest, current.thing.mtime)
    changed = differs or bool(current.drift)
    result: Result = {"changed": changed, "dest": current.dest, "created_folders": plan.paths("create_folder")}
    if came is not None and not context.check_mode:
        result.update(size=came.size, checksum=came.checksum)
    elif current.held is not None and not differs:
        result["size"] = current.held.size
        if changed or not desired.by_time:
            with local_file.local_errors(current.dest):
                result["checksum"] = shown_checksum(context.client.files, current.held)
    content = came.content if came is not None else None
    return context.finish(plan, [current.dest], diff=change(desired, current, held, content, differs), **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    rendition = params["rendition"]
    src = tuple(_paths.unique(_paths.check_folder(path, "src") for path in params["src"] or ()))
    type_ = LINK if params["url"] is not None else REPORT if params["report"] else FILE
    if type_ == FILE and not src:
        raise usage("nothing is asked for", hint="Give a path in src, a url, or set report to true")
    if rendition is not None:
        type_ = THUMBNAIL if rendition == THUMBNAIL else RENDITION
        if len(src) > 1:
            raise usage("option rendition is for one file", hint="Give one path in src")
    for option in ("size", "rotate"):
        if params[option] and type_ != THUMBNAIL:
            raise usage(f"option {option} makes no sense without rendition thumbnail", hint="Remove it")
    if params["link_path"] is not None:
        require_member(params["link_path"])
    if params["compress"] and type_ != FILE:
        raise usage("option compress is for the zip of a folder or of several files", hint="Remove it")
    if type_ == LINK and not params["url"].startswith(("http://", "https://")):
        raise usage(f"option url: {params['url']!r} is no address", hint="Give the url that nas_share returned")
    require_able(params, type_, src)
    folder = local_file.folder_of(params["dest"])
    if not local_file.is_ready(folder, parents=params["parents"], may_be_created_earlier=context.check_mode):
        context.not_yet(folder)
    source = ", ".join(src) or ("the share link" if type_ == LINK else "the report")
    return Desired(
        type_,
        params["dest"],
        source,
        src,
        params["force"],
        url=params["url"] or "",
        link_password=params["link_password"],
        member=params["link_path"],
        size=params["size"] or USUAL_SIZE,
        rotate=params["rotate"],
        rendition=rendition or "",
        compress=params["compress"],
        by_time=params["compare"] == "mtime",
    )


def require_member(given: str) -> None:
    """Refuse a `link_path` that cannot be the path of a file in a folder."""
    if any(part in ("", ".", "..") for part in given.split("/")):
        hint = "Give the path in the folder that the link leads to, such as 2026/garden.jpg"
        raise usage(f"option link_path: {given!r} is no path in a folder", hint=hint)


def require_able(params: Mapping[str, Any], type_: str, src: Sequence[str]) -> None:
    """Refuse what the vendor cannot do, naming those that can."""
    vendor, rendition = params["vendor"], params["rendition"]
    if type_ == LINK:
        _vendors.require(vendor, "downloads by share links", lambda nas: nas.share_links.features.download)
        if params["link_password"] is not None:
            _vendors.require(vendor, "passwords of share links", opens_by_password)
        if params["link_path"] is not None:
            what = "single files of a share link's folder"
            _vendors.require(vendor, what, lambda nas: nas.share_links.features.download_member)
    elif type_ == REPORT:
        _vendors.require(vendor, "container_station", lambda nas: nas.offers(ContainerStation))
    elif type_ == THUMBNAIL:
        size = params["size"] or USUAL_SIZE
        _vendors.require(vendor, f"{size} thumbnails", lambda nas: size in nas.downloads.features.thumbnail_sizes)
        if params["rotate"]:
            _vendors.require(vendor, "turned thumbnails", lambda nas: nas.downloads.features.rotate)
    elif type_ == RENDITION:
        what = f"the rendition {rendition!r}"
        _vendors.require(vendor, what, lambda nas: rendition in nas.downloads.features.rendition_formats)
    elif len(src) > 1:
        require_zip(vendor)
    if params["compress"]:
        _vendors.require(vendor, "a choice of compressed zips", lambda nas: nas.downloads.features.compress)


def opens_by_password(nas: type[Client]) -> bool:
    """Whether a vendor's links have passwords, and can be followed."""
    return nas.share_links.features.download and nas.share_links.features.password


def require_zip(vendor: str) -> None:
    """A folder, and several files, come as a zip that the device makes."""
    _vendors.require(vendor, "zips of folders and of several files", lambda nas: nas.downloads.features.zip)


def read_current(context: ModuleContext, desired: Desired, attributes: local_file.Attributes) -> Current:
    """What the NAS has, and what is on the controller."""
    name = _paths.name(f"/{desired.member}") if desired.member is not None else None
    thing = Thing(desired.type, name) if desired.type in (LINK, REPORT) else read_thing(context, desired)
    dest = local_file.destination(desired.dest, thing.name if thing is not None else _paths.name(desired.src[0]))
    if not os.path.exists(dest) or thing is None:
        return Current(thing, dest, missing=local_file.missing_folders(dest) if context.params["parents"] else ())
    with local_file.local_errors(dest):
        local, held = os.stat(dest), FileSource(dest)
    same = holds(context.client.files, held, thing, context.timed_watch, by_time=desired.by_time)
    drift = attributes.drift(local)
    if desired.by_time and same and thing.entry is not None and thing.mtime not in (None, held.mtime):
        drift["mtime"] = (_times.iso(held.mtime), _times.iso(thing.mtime))
    return Current(thing, dest, local, same, drift=drift, held=held)


def read_thing(context: ModuleContext, desired: Desired) -> Optional[Thing]:
    """What the NAS has of `src`."""
    files = context.client.files
    found = files.stat(desired.src)
    context.saw(found)
    entries = [entry for entry in found.values() if entry is not None]
    if len(entries) < len(desired.src):
        absent = [path for path in desired.src if found[path] is None]
        if context.check_mode:
            context.not_yet(*absent)
            return None
        hint = "Check the option src"
        raise NasError(Kind.NOT_FOUND, NOTHING_THERE, path=absent[0], hint=hint)
    first = entries[0]
    if desired.type in (THUMBNAIL, RENDITION):
        if first.is_folder:
            raise NasError(Kind.WRONG_TYPE, "this is a folder; renditions are made of files", path=first.path)
        return Thing(desired.type, first.name, mtime=first.mtime)
    if len(entries) == 1 and not first.is_folder:
        if desired.compress:
            hint = "Remove it: a single file comes as it is"
            raise usage("option compress is for the zip of a folder or of several files", path=first.path, hint=hint)
        return Thing(FILE, first.name, first, first.mtime)
    require_zip(context.params["vendor"])
    every = [one for entry in entries for one in _tree.walk(files, entry).values()]
    times = [one.mtime for one in every if one.mtime is not None]
    # Of links, some devices pack what they say, some what they lead to, some nothing.
    sizes = Counter(one.size or 0 for one in every if not one.is_folder and not one.link)
    name = f"{first.name}.zip" if len(entries) == 1 else None
    return Thing(ZIP, name, mtime=max(times, default=None), sizes=sizes)


def change(desired: Desired, current: Current, held: Optional[Content], came: Optional[Content], differs: bool) -> Any:
    """The diff, or two: of the content where it is that of a file, and of whatever else changes.

    :param held: what the local file held before.
    :param came: what was fetched.
    """
    thing, drift = current.thing, current.drift
    state = {"state": "absent" if current.local is None else "file"}
    before: dict[str, Any] = {**state, **{name: old for name, (old, _new) in drift.items()}}
    after: dict[str, Any] = {"state": "file", **{name: new for name, (_old, new) in drift.items()}}
    if came is None and differs and thing is not None and thing.entry is not None:
        came = Content(thing.entry.size or 0, None)
    if differs and came is not None and thing is not None and thing.type in (FILE, LINK):
        content = _diff.content_diff(current.dest, held, came)
        return [content, _diff.state_diff([current.dest], before, after)] if drift else content
    if differs:
        before["size"] = current.local and current.local.st_size
        after["content"] = f"that of {desired.source}"
    return _diff.state_diff([current.dest], before, after)


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
