#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_share
version_added: 1.0.0
short_description: Manage share links on a NAS
description:
  - Makes sure that files and folders have a share link, by which others fetch them without an account, or that they have none.
  - A NAS makes another link whenever it is asked for one. So a link that leads to the path already is looked for first, and
    what of it is not as wanted is changed; its address stays. On a Freebox, which cannot change a link, a new one is made and
    then the old one is removed, so the address becomes another one; the result says so.
  - All paths of one task share one listing of the links. Many paths with the same settings belong into one task; a task for
    each of them, or a C(loop), lists all links of the NAS each time.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
attributes:
  idempotent:
    support: partial
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
    details: With O(update_password=always) each run sets the password, since no NAS shows it.
options:
  path:
    description:
      - The files and folders, each from the share on, such as V(/share/folder/name). Names are taken exactly as written.
      - With O(state=present) what gets a new link must exist. Links of other users are neither taken nor changed.
      - With O(state=absent) all links that lead to these paths and that this user may see are removed. What they lead to stays.
    type: list
    elements: str
  id:
    description:
      - One link by its id, instead of O(path). It must exist with O(state=present).
      - Not for O(state=present) on a Freebox.
    type: str
  state:
    description:
      - V(present) makes sure of a link for each of O(path), or changes the link O(id).
      - V(absent) removes what exactly one of O(path), O(id), O(invalid) and O(all) says.
    type: str
    choices: [present, absent]
    default: present
  link_password:
    description:
      - What somebody who follows the link must enter. An empty string makes it a link without one. When omitted, a new link has
        none, and a present one keeps what it has.
      - At most 16 characters on Synology. A Freebox has no passwords for links.
      - Not to be taken for O(password), which is that of the account.
    type: str
  update_password:
    description:
      - When O(link_password) is set on a link that has a password already, on a NAS that does not show it (Synology).
        V(on_create) never sets it, V(always) sets it at each run, which then reports a change each time.
      - A link without a password always gets it. QNAP shows the passwords of links, so there it is compared and set when it is
        another one.
    type: str
    choices: [always, on_create]
    default: on_create
  expires:
    description:
      - When the link ends. V(never); a date, which is its last day; a date and time such as V(2026-05-04T03:02:01Z); seconds
        since 1970; or how long it is good from the moment it is made, a number with one of the suffixes V(m) (minutes), V(h),
        V(d) and V(w), such as V(12h) or V(30d).
      - A date, and a date and time without an offset, are local time where the task runs.
      - How long a link is good matters when it is made. A present link is right as long as it has not ended and does not end
        later than a new one would; so it is not moved on at each run, but gets the whole time anew once it has ended.
      - A Freebox knows seconds and QNAP knows minutes. Synology knows days, and the link is good until the end of the day in
        the time zone of the NAS, which is taken to be the one where the task runs. What became of it is in RV(links).
      - When omitted, a new link never ends, a present one keeps its end, and one that has ended is given none.
    type: str
  available_from:
    description:
      - When the link begins to work. A date, a date and time, seconds since 1970, or V(now). A time that is past is V(now).
      - Only Synology can do this. It knows days, as with O(expires).
      - When omitted, a new link works at once, and a present one keeps its begin.
    type: str
  ssl:
    description:
      - Whether the address of the link is one of https. When omitted, a new link is like the connection of the task.
      - Only QNAP.
    type: bool
  hostname:
    description:
      - The name or address of the NAS in the link. When omitted, a new link has the O(host) of the task.
      - Only QNAP.
    type: str
  network:
    description:
      - Whether a new link is meant for the V(internet) or for the V(local) network. The NAS does not tell it of a link that
        is there, so there it changes nothing.
      - Only QNAP.
    type: str
    choices: [internet, local]
  email:
    description:
      - A message that the NAS sends with a link, when the link was made or changed. One for each link and addressee.
      - When it cannot be sent the task fails, and a new link is removed again. A changed one stays changed, and is no reason
        for a message in the next run.
      - Only QNAP.
    type: dict
    suboptions:
      addressees:
        description: Who gets it.
        type: list
        elements: str
        required: true
      subject:
        description: Its subject.
        type: str
        required: true
      content:
        description: Its text; the NAS adds the link.
        type: str
        default: ""
      include_password:
        description: Whether it holds O(link_password).
        type: bool
        default: false
  exclusive:
    description:
      - Whether each of O(path) shall have this link only. The others that this user may see are removed, links of other users
        too. Without it they are named in a warning and in RV(extra_links).
    type: bool
    default: false
  invalid:
    description:
      - With O(state=absent), removes all links of the user that have ended, or whose file or folder is gone.
    type: bool
    default: false
  all:
    description:
      - With O(state=absent), removes all links that the user may see. On QNAP an administrator sees those of all users.
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_file
  - module: nasops.nas.nas_folder
"""

EXAMPLES = r"""
- name: A link for the price list, good until the last day of the year (QNAP, Synology)
  nasops.nas.nas_share:
    path: /home/papers/prices-2026.pdf
    expires: "{{ now().year }}-12-31"
    link_password: "{{ vaulted_link_password }}"
  register: prices

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ prices.url }}"

- name: Links for a whole list, good for a month, and no others
  nasops.nas.nas_share:
    path: "{{ albums }}"
    expires: 30d
    exclusive: true

- name: A link with a message (QNAP)
  nasops.nas.nas_share:
    path: /Public/report.pdf
    hostname: files.example.org
    ssl: true
    email:
      addressees: [somebody@example.org]
      subject: The report

- name: Nothing leads here any more
  nasops.nas.nas_share:
    path: /home/papers/old.pdf
    state: absent

- name: No links that lead nowhere
  nasops.nas.nas_share:
    invalid: true
    state: absent
"""

RETURN = r"""
links:
  description:
    - The link of each of O(path), in that order. In check mode C(id), C(url) and C(qr_code) of one that would be made are null.
  type: list
  elements: dict
  returned: when O(state=present)
  contains:
    id: &id
      description: What the NAS knows the link by.
      type: str
      sample: y4LmvpaX
    path: &path
      description: What it leads to.
      type: str
      sample: /home/papers/prices-2026.pdf
    url: &url
      description: Its address. Empty on a Freebox without access from outside.
      type: str
      sample: https://nas.example.org/sharing/y4LmvpaX
    expires: &expires
      description: When it ends, in seconds since 1970; V(0) for never.
      type: int
      sample: 1798761599
    expires_iso: &expires_iso
      description: The same as a date and time in UTC; null for never.
      type: str
      sample: "2026-12-31T23:59:59Z"
    available_from:
      description: When it begins to work, in seconds since 1970; null for at once.
      type: int
    available_from_iso:
      description: The same as a date and time in UTC.
      type: str
    has_password:
      description: Whether it asks for a password; null where links have none.
      type: bool
    valid:
      description: Whether it works, or will from its begin on.
      type: bool
    qr_code: &qr
      description: A picture of the address as a C(data:) URL. Only Synology.
      type: str
    owner:
      description: Whose link it is; null where the NAS does not tell.
      type: str
    details:
      description: What else the NAS tells, by its own names.
      type: dict
extra_links:
  description: Other links that lead to O(path) and stay. The same fields as in RV(links).
  type: list
  elements: dict
  returned: when O(state=present)
deleted:
  description: The links that were removed (in check mode, would be). The same fields as in RV(links).
  type: list
  elements: dict
  returned: success
replaced:
  description: Whether a link was removed for a new one with another address (in check mode, would be).
  type: bool
  returned: when O(state=present)
id:
  <<: *id
  returned: when O(state=present) and there is one link
path:
  <<: *path
  returned: when O(state=present) and there is one link
url:
  <<: *url
  returned: when O(state=present) and there is one link
expires:
  <<: *expires
  returned: when O(state=present) and there is one link
expires_iso:
  <<: *expires_iso
  returned: when O(state=present) and there is one link
qr_code:
  <<: *qr
  returned: when O(state=present) and there is one link
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api.capabilities.share_links import ShareLinks
from ..module_utils._api.files import Files
from ..module_utils._api.offers import Can
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import NOTHING_THERE, Kind, NasError, usage
from ..module_utils._core.links import DesiredLink, Mail, ShareLink
from ..module_utils._delivery import share_links as delivery
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans import share_links as plans
from ..module_utils._plans.plan import Plan
from ..module_utils._plans.share_links import Desired, Setting

NEEDED: Mapping[str, Can] = {
    "link_password": lambda nas: nas.share_links.features.password,
    "expires": lambda nas: nas.share_links.features.expires,
    "available_from": lambda nas: nas.share_links.features.available_from,
    "ssl": lambda nas: nas.share_links.features.ssl,
    "hostname": lambda nas: nas.share_links.features.hostname,
    "network": lambda nas: nas.share_links.features.network,
    "email": lambda nas: nas.share_links.features.mail,
}
"""What a vendor must offer for an option."""

SPEC = Spec(
    options={
        "path": {"type": "list", "elements": "str"},
        "id": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "link_password": {"type": "str", "no_log": True},
        "update_password": {"type": "str", "choices": ["always", "on_create"], "default": "on_create", "no_log": False},
        "expires": {"type": "str"},
        "available_from": {"type": "str"},
        "ssl": {"type": "bool"},
        "hostname": {"type": "str"},
        "network": {"type": "str", "choices": ["internet", "local"]},
        "email": {
            "type": "dict",
            "options": {
                "addressees": {"type": "list", "elements": "str", "required": True},
                "subject": {"type": "str", "required": True},
                "content": {"type": "str", "default": ""},
                "include_password": {"type": "bool", "default": False, "no_log": False},
            },
        },
        "exclusive": {"type": "bool", "default": False},
        "invalid": {"type": "bool", "default": False},
        "all": {"type": "bool", "default": False},
    },
    needs=(Files, ShareLinks),
    paths=("path",),
    by_state={"present": tuple(NEEDED), "absent": ("invalid", "all")},
)

TELLS = ("id", "path", "url", "expires", "expires_iso", "qr_code")


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    return run_present(context) if context.params["state"] == "present" else run_absent(context)


def run_present(context: ModuleContext) -> Result:
    """Make sure of the links."""
    params, links, now = context.params, context.client.share_links, int(time.time())
    desired, mail = read_desired(context, now)
    # A link that the task names is meant, whoever made it.
    setting = Setting(links, params["username"] if params["id"] is None else None, now)
    found = read_current(context, links)
    plan = plans.plan_present(desired, found, setting)
    require(context, [*plan.paths("create"), *plan.paths("replace")])
    if context.check_mode:
        current = {path: expected(path, desired, found[path], setting) for path in found}
    else:
        made = delivery.apply(plan, desired, found, setting, mail)
        kept = {path: made.get(path) or plans.best(desired, found[path], setting) for path in found}
        current = {path: link.as_result() for path, link in kept.items() if link}
    removed = [step.id for step in plan.steps if step.do in ("delete", "replace")]
    others = [link for links_of in found.values() for link in links_of if link.id not in removed]
    extra = [link for link in others if link.id != current[link.path]["id"]]
    warn(context, plan, extra, [path for path, link in current.items() if link["url"] == ""])
    result: Result = {
        "links": list(current.values()),
        "extra_links": [link.as_result() for link in extra],
        "deleted": [link.as_result() for group in found.values() for link in group if link.id in removed],
        "replaced": plan.has("replace"),
    }
    if len(current) == 1:
        result.update({name: result["links"][0][name] for name in TELLS})
    return context.finish(plan, [*plan.before["links"]] or read_paths(params) or ["share links"], **result)


def read_desired(context: ModuleContext, now: int) -> tuple[Desired, Optional[Mail]]:
    """The options of a link, checked before any call."""
    params, links = context.params, context.client.share_links
    vendor = params["vendor"]
    if (params["path"] is None) == (params["id"] is None):
        raise usage("one of the options path and id must be given", hint="Give the path, or the id of a link")
    if params["id"] is not None:
        if params["exclusive"]:
            raise usage("option exclusive makes no sense with id", hint="Give the path instead")
        what = "changing a share link; give path instead of id"
        _vendors.require(vendor, what, lambda nas: nas.share_links.features.edit)
    for option, can in NEEDED.items():
        if params[option] is not None:
            _vendors.require(vendor, f"share links with the option {option}", can)
    if any(_paths.is_share(path) for path in read_paths(params)):
        _vendors.require(vendor, "links to a whole share", lambda nas: nas.share_links.features.of_shares)
    longest, password = links.features.longest_password, params["link_password"]
    if longest is not None and password is not None and len(password) > longest:
        hint = f"Choose one of at most {longest}"
        raise usage(f"option link_password: {len(password)} characters are too many for the NAS", hint=hint)
    expires, at_latest = plans.read_end(params["expires"], links, now)
    start = plans.read_start(params["available_from"], links, now)
    if start and expires and start >= expires:
        hint = "Give an earlier available_from, or a later expires"
        raise usage(f"option available_from: {params['available_from']!r} is not before the end of the link", hint=hint)
    link = DesiredLink(expires, start, password, params["ssl"], params["hostname"], params["network"])
    desired = Desired(link, at_latest, params["update_password"] == "always", params["exclusive"])
    return desired, read_mail(params)


def read_paths(params: Mapping[str, Any]) -> list[str]:
    """The paths, each once."""
    return _paths.unique(_paths.check_folder(path) for path in params["path"] or [])


def read_mail(params: Mapping[str, Any]) -> Optional[Mail]:
    """The message that goes with a link."""
    email = params["email"]
    if email is None:
        return None
    if not email["addressees"] or not all(address.strip() for address in email["addressees"]):
        raise usage("option email: addressees names nobody, or holds an empty address", hint="Give who gets it")
    if email["include_password"] and not params["link_password"]:
        raise usage("option email: include_password needs link_password", hint="Give link_password too")
    return Mail(tuple(email["addressees"]), email["subject"], email["content"], email["include_password"])


def read_current(context: ModuleContext, links: ShareLinks) -> plans.Found:
    """The links that are there, in one listing for all paths."""
    link_id = context.params["id"]
    if link_id is None:
        paths = read_paths(context.params)
        return plans.by_path(paths, links.list(paths) if paths else [])
    link = links.get(link_id)
    if link is None:
        hint = "nas_info lists the links; or give the path to have one made"
        raise NasError(Kind.NOT_FOUND, f"there is no share link with the id {link_id!r}", hint=hint)
    return {link.path: [link]}


def require(context: ModuleContext, paths: Sequence[str]) -> None:
    """What gets a new link must be there.

    :raises NasError: `NOT_FOUND`. In check mode a task before this one may make it, so there it is a warning.
    """
    if not paths:
        return
    current = context.client.files.stat(paths)
    context.saw(current)
    for path in paths:
        if current[path] is None:
            if not context.check_mode:
                hint = "A link leads to what is there; make it with nas_file or nas_folder first"
                raise NasError(Kind.NOT_FOUND, NOTHING_THERE, path=path, hint=hint)
            context.not_yet(path)


def expected(path: str, desired: Desired, links: Sequence[ShareLink], setting: Setting) -> dict[str, Any]:
    """What a path's link would be like."""
    kept = plans.best(desired, links, setting)
    do, change = plans.treatment(desired, kept, setting)
    return plans.predicted(path, kept if do != "replace" else None, change, setting)


def warn(context: ModuleContext, plan: Plan, extra: Sequence[ShareLink], nowhere: Sequence[str]) -> None:
    """Tell of addresses that change or are missing, and of more links than one."""
    for path in plan.paths("replace"):
        context.warnings.append(f"the link to {path!r} is replaced by a new one, with another address")
    for path in nowhere:
        context.warnings.append(f"the link to {path!r} has no address: the NAS cannot be reached from outside")
    for path in _paths.unique(link.path for link in extra if link.valid):
        ids = ", ".join(link.id for link in extra if link.path == path)
        context.warnings.append(f"other links lead to {path!r} too: {ids}. Set exclusive to true to remove them")


def run_absent(context: ModuleContext) -> Result:
    """Make sure that links are gone."""
    params, links = context.params, context.client.share_links
    removed = read_doomed(context, links)
    plan = plans.plan_absent(removed)
    if plan.changed and not context.check_mode:
        if params["all"] and links.features.delete_all:
            delivery.remove(links, removed, links.delete_all)
        elif params["invalid"] and links.features.clear_invalid:
            delivery.remove(links, removed, links.clear_invalid)
        else:
            delivery.remove(links, removed)
    named = [*plan.before["links"]] or read_paths(params) or ["share links"]
    return context.finish(plan, named, deleted=[link.as_result() for link in removed])


def read_doomed(context: ModuleContext, links: ShareLinks) -> list[ShareLink]:
    """The links that shall go."""
    params = context.params
    asked = [name for name in ("path", "id", "invalid", "all") if params[name] not in (None, False)]
    if len(asked) != 1:
        given = f"not {' and '.join(asked)}" if asked else "but none is"
        hint = "Say which links to remove by one of them"
        raise usage(f"state absent needs one of the options path, id, invalid and all, {given}", hint=hint)
    paths = read_paths(params)
    if params["id"] is not None:
        link = links.get(params["id"])
        return [] if link is None else [link]
    if params["path"] is not None:
        removed = links.list(paths) if paths else []
        context.saw(dict.fromkeys(set(paths).difference(link.path for link in removed)))
        return removed
    if params["all"]:
        return links.list()
    own = [link for link in links.list() if plans.is_own(link, params["username"])]
    there = {} if links.features.clear_invalid else context.client.files.stat(_paths.unique(x.path for x in own))
    return [link for link in own if not link.valid or there.get(link.path, link) is None]


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
