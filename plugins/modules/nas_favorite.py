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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..module_utils._api import lost_answers
from ..module_utils._api.capabilities import Favorites
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.model import Entry, Favorite
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.plan import Plan, Step

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
    needs=("favorites", "files"),
    paths=("path", "favorites"),
)


@dataclass(frozen=True)
class Desired:
    """The favorites of one task, by path: their names, or None to leave that open, and the places of new ones."""

    names: Mapping[str, Optional[str]]
    state: str = "present"
    exclusive: bool = False
    clear_broken: bool = False
    places: Mapping[str, int] = field(default_factory=dict)


def wished(desired: Desired, current: Sequence[Favorite]) -> list[Favorite]:
    """All favorites as they shall be, in order.

    :raises NasError: when two of them would have the same name.
    """
    if desired.state == "absent":
        after = [one for one in current if one.path not in desired.names]
    else:
        known = {one.path: one for one in current}
        mine = [
            replace(known[path], name=name or known[path].name)
            if path in known
            else Favorite(path, name or _paths.name(path))
            for path, name in desired.names.items()
        ]
        if desired.exclusive:
            after = mine
        else:
            changed = {one.path: one for one in mine}
            after = [changed.get(one.path, one) for one in current]
    if desired.clear_broken:
        after = [one for one in after if one.valid or one.path in desired.names]
    if desired.state == "present" and not desired.exclusive:
        for one in mine:
            if one.path not in known:
                after.insert(desired.places.get(one.path, len(after)), one)
    require_own_names(after)
    return after


def require_own_names(favorites: Sequence[Favorite]) -> None:
    """No two favorites have the same name."""
    owners: dict[str, str] = {}
    for one in favorites:
        other = owners.setdefault(one.name, one.path)
        if other != one.path:
            message = f"the favorite of {other!r} has the name {one.name!r}, too"
            raise NasError(Kind.EXISTS, message, path=one.path, hint="Give one of them another name")


def plan_favorites(desired: Desired, current: Sequence[Favorite], after: Sequence[Favorite]) -> Plan:
    """The steps from the favorites that are there to those that shall be."""
    return Plan(tuple(_steps(desired, current, after)), _described(current), _described(after))


def _steps(desired: Desired, current: Sequence[Favorite], after: Sequence[Favorite]) -> list[Step]:
    before = {one.path: one for one in current}
    then = {one.path: one for one in after}
    if desired.exclusive and after:
        # Their order counts, too.
        return [Step("replace_all", "")] if _named(current) != _named(after) else []
    gone = [one for one in current if one.path not in then]
    steps = []
    if desired.clear_broken and any(not one.valid for one in gone):
        steps.append(Step("clear_broken", ""))
        gone = [one for one in gone if one.valid]
    steps += [Step("delete", one.path) for one in gone]
    edits = [one for one in after if one.path in before and before[one.path].name != one.name]
    taken = {path: one.name for path, one in before.items() if path in then}
    while edits:
        ready = next((one for one in edits if one.name not in taken.values()), None)
        if ready is None:
            # They pass their names round; only all at once is free of conflicts.
            return [Step("replace_all", "")]
        steps.append(Step("edit", ready.path, ready.name))
        taken[ready.path] = ready.name
        edits.remove(ready)
    # In the order of the task, as each finds those before it in their places.
    new = {one.path: one for one in after if one.path not in before}
    return steps + [Step("add", path, new[path].name) for path in desired.names if path in new]


def _named(favorites: Sequence[Favorite]) -> list[tuple[str, str]]:
    return [(one.path, one.name) for one in favorites]


def _described(favorites: Sequence[Favorite]) -> dict[str, Any]:
    return {"favorites": [{"path": one.path, "name": one.name} for one in favorites]}


def differences(current: Sequence[Favorite], after: Sequence[Favorite]) -> dict[str, list[str]]:
    """What a result tells of the change."""
    before, then = dict(_named(current)), dict(_named(after))
    return {
        "added": [path for path in then if path not in before],
        "renamed": [path for path, name in then.items() if before.get(path, name) != name],
        "deleted": [path for path in before if path not in then],
    }


def require_folders(
    paths: Sequence[str], found: Mapping[str, Optional[Entry]], *, may_be_created_earlier: bool
) -> None:
    """What becomes a favorite must be a folder.

    :param promised: check mode: an earlier task may have promised to make it.
    """
    for path in paths:
        entry = found[path]
        if entry is None and not may_be_created_earlier:
            hint = "Make it with nas_folder first"
            raise NasError(Kind.NOT_FOUND, "there is no such folder to be a favorite", path=path, hint=hint)
        if entry is not None and not entry.is_folder:
            hint = "Only folders can be favorites"
            raise NasError(Kind.WRONG_TYPE, "this is a file, not a folder", path=path, hint=hint)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    option = "path" if params["path"] is not None else "favorites"
    given = [params] if option == "path" else params["favorites"]
    if given is None and (params["exclusive"] or not params["clear_broken"]):
        raise usage("neither favorites nor path is given", hint="Give one of them, or clear_broken alone")
    absent = params["state"] == "absent"
    if absent and params["exclusive"]:
        raise usage("option exclusive makes no sense with state absent", hint="Remove one of them")
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


def apply(favorites: Favorites, plan: Plan, desired: Desired, after: Sequence[Favorite]) -> list[Favorite]:
    """Carry the plan out, and return what is there then.

    :raises NasError: `MISMATCH` when that is not what was wished.
    """
    count = len(after) - sum(step.do == "add" for step in plan.steps)
    for step in plan.steps:
        place = desired.places.get(step.path, count) if step.do == "add" else count
        carry_out(favorites, step, after, place if place < count else None)
        count += step.do == "add"
    there = favorites.list()
    missed = dict(_named(there)).items() ^ dict(_named(after)).items()
    if desired.places and not missed and _named(there) != _named(after):
        missed = set(_named(there))  # places count for what was added
    if missed:
        path, name = sorted(missed)[0]
        message = f"the device reported success, but the favorites are not as wished, as for {name!r}"
        raise NasError(Kind.MISMATCH, message, path=path, hint="Run the task again")
    return there


def carry_out(favorites: Favorites, step: Step, after: Sequence[Favorite], place: Optional[int]) -> None:
    """One step.

    :param place: of a new favorite; None for the end.
    """

    def act() -> None:
        if step.do == "replace_all":
            favorites.replace_all(after)
        elif step.do == "clear_broken":
            favorites.clear_broken()
        elif step.do == "delete":
            favorites.delete(step.path)
        elif step.do == "edit":
            favorites.edit(step.path, step.to or "")
        else:
            favorites.add(step.path, step.to or "", place)

    lost_answers.done(act, lambda: is_done(favorites.list(), step, after))


def is_done(there: Sequence[Favorite], step: Step, after: Sequence[Favorite]) -> bool:
    """Whether a step shows in the favorites."""
    names = dict(_named(there))
    if step.do == "replace_all":
        return _named(there) == _named(after)
    if step.do == "clear_broken":
        return all(one.valid for one in there)
    return step.path not in names if step.do == "delete" else names.get(step.path) == step.to


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    client = context.client
    current = client.favorites.list()
    after = wished(desired, current)
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
    context.show_change(result, plan, [*desired.names] or ["favorites"])
    return {"changed": plan.changed, **result}


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
