#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_favorite
version_added: 1.0.0
short_description: Manage favorites on a NAS
description:
  - Makes sure that folders are, or are not, among the favorites that the user sees in the file manager of the NAS.
  - Each account has favorites of its own. They belong to the account that the task logs in with.
  - Only Synology has favorites.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  favorites:
    description:
      - The favorites. Give either this or O(path).
    type: list
    elements: dict
    suboptions:
      path:
        description:
          - The folder, from the share on, such as V(/share/folder).
        type: str
        required: true
      name:
        description:
          - Its name among the favorites. When omitted, a new one is named like the folder, and one that is there keeps
            its name.
        type: str
      index:
        description:
          - The place that a new favorite gets among all, counted from V(0). At the end when omitted, or when there are not so many.
          - A favorite that is there keeps its place. For a certain order of all, use O(exclusive).
        type: int
  path:
    description:
      - The folder of a single favorite, from the share on, such as V(/share/folder).
    type: str
  name:
    description:
      - The name of a single favorite, as in O(favorites[].name).
    type: str
  index:
    description:
      - The place of a new single favorite, as in O(favorites[].index).
    type: int
  state:
    description:
      - V(present) adds the favorites that are missing, at the end or at the place that O(index) says, and gives the others their names.
      - V(absent) takes them out, whatever they are named. The folders stay.
    type: str
    choices: [present, absent]
    default: present
  exclusive:
    description:
      - Whether there shall be no other favorites, and these in this order. All are replaced by one call.
      - With an empty list there are none at all.
    type: bool
    default: false
  clear_broken:
    description:
      - Whether to take out also the favorites whose folder is gone or closed to the user.
        This may stand alone, without O(favorites) and O(path).
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_folder
  - module: nasops.nas.nas_info
"""

EXAMPLES = r"""
- name: The photos at hand
  nasops.nas.nas_favorite:
    path: /photo/2026
    name: Photos of this year
    index: 0

- name: These and no others
  nasops.nas.nas_favorite:
    favorites:
      - path: /photo
      - path: /home/papers/tax
        name: Tax
    exclusive: true

- name: Last year's are no favorite any more
  nasops.nas.nas_favorite:
    path: /photo/2025
    state: absent

- name: No favorites that lead nowhere
  nasops.nas.nas_favorite:
    clear_broken: true
"""

RETURN = r"""
favorites:
  description: All favorites of the user as they are then (in check mode, would be), in order.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The folder.
      type: str
    name:
      description: The name.
      type: str
    valid:
      description: Whether the folder is there and open to the user.
      type: bool
  sample:
    - {path: /photo, name: photo, valid: true}
added:
  description: The folders that were added (in check mode, would be).
  type: list
  elements: str
  returned: success
  sample: [/photo]
renamed:
  description: The folders whose favorites have got another name (in check mode, would get one).
  type: list
  elements: str
  returned: success
  sample: []
deleted:
  description: The folders whose favorites were taken out (in check mode, would be).
  type: list
  elements: str
  returned: success
  sample: []
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from collections.abc import Mapping
from typing import Any, Optional

from ..module_utils._api.capabilities.favorites import Favorites
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import usage
from ..module_utils._delivery.favorites import apply
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.favorites import Desired, desired_favorites, differences, plan_favorites, require_folders

SPEC = Spec(
    options={
        "favorites": {
            "type": "list",
            "elements": "dict",
            "options": {"path": {"type": "str", "required": True}, "name": {"type": "str"}, "index": {"type": "int"}},
        },
        "path": {"type": "str"},
        "name": {"type": "str"},
        "index": {"type": "int"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "exclusive": {"type": "bool", "default": False},
        "clear_broken": {"type": "bool", "default": False},
    },
    rules={"mutually_exclusive": [("favorites", "path")], "required_by": {"name": "path", "index": "path"}},
    needs=(Favorites, Files),
    paths=("path", "favorites"),
    by_state={"present": ("exclusive",), "absent": ()},
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    client = context.client
    current = client.favorites.list()
    after = desired_favorites(desired, current)
    plan = plan_favorites(desired, current, after)
    if desired.state == "present":
        working = {one.path for one in current if one.valid}
        fresh = [path for path in desired.names if path not in working]
        found = client.files.stat(fresh) if fresh else {}
        context.saw(found)
        require_folders(fresh, found, may_be_created_earlier=context.check_mode)
    else:
        context.saw(dict.fromkeys(set(desired.names).difference(one.path for one in current)))
    result: Result = differences(current, after)
    if plan.changed and not context.check_mode:
        after = apply(client.favorites, plan, desired, after)
    result["favorites"] = [one.as_result() for one in after]
    return context.finish(plan, [*desired.names] or ["favorites"], **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    option = "path" if params["path"] is not None else "favorites"
    given = [params] if option == "path" else params["favorites"]
    if given is None and (params["exclusive"] or not params["clear_broken"]):
        raise usage("neither favorites nor path is given", hint="Give one of them, or clear_broken alone")
    names: dict[str, Optional[str]] = {}
    places: dict[str, int] = {}
    for one in given or []:
        path = _paths.check_folder(one["path"], option)
        if path in names:
            raise _paths.bad(path, option, "is given twice", "Name each folder once")
        if one["index"] is not None:
            places[path] = read_place(one["index"], path, params)
        if one["name"] is not None and not one["name"].strip():
            raise usage(f"option name: {one['name']!r} is no name", path=path, hint="Give a name, or omit it")
        names[path] = one["name"]
    return Desired(names, params["state"], params["exclusive"], params["clear_broken"], places)


def read_place(index: int, path: str, params: Mapping[str, Any]) -> int:
    """The place that a new favorite shall get.

    :raises NasError: `USAGE`.
    """
    if index < 0:
        raise usage(f"option index: {index} is no place", path=path, hint="Give 0 or more, or omit it for the end")
    if params["exclusive"] or params["state"] == "absent":
        other = "exclusive, which gives the order" if params["exclusive"] else "state absent"
        raise usage(f"option index makes no sense with {other}", path=path, hint="Remove one of them")
    return index


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
