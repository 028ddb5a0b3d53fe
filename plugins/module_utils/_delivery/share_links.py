# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes, changes and removes share links, and looks at what the device made of it.

Never leaves a path without a link that had one, nor a new link that is not as it was asked for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Optional

from .._api import lost_answers
from .._api.capabilities.share_links import ShareLinks
from .._core.errors import Kind, NasError
from .._core.links import DesiredLink, Mail, ShareLink
from .._plans.share_links import Desired, Found, LinkPlan, Setting, differences, drift, treatment


def apply(
    plan: LinkPlan, desired: Desired, found: Found, setting: Setting, mail: Optional[Mail]
) -> dict[str, ShareLink]:
    """Carry out what `plan_present` planned. The links that were made or changed, by path."""
    links = setting.vendor
    known = {link.id: link for group in found.values() for link in group}
    made = {}
    for step in plan.steps:
        old = known.get(step.id or "")
        if step.do == "delete":
            continue
        change = treatment(desired, old, setting)[1]
        if step.do == "edit" and old is not None:
            made[step.path] = edit(old, replace(change, network=desired.link.network), setting, mail)
            continue
        made[step.path] = create(step.path, change, setting, mail, set(known))
        if old is not None:
            retire(links, old, made[step.path], returns=mail is None)
    remove(links, [known[step.id] for step in plan.steps if step.do == "delete" and step.id])
    return made


def edit(old: ShareLink, change: DesiredLink, setting: Setting, mail: Optional[Mail]) -> ShareLink:
    """Change a link, and check whether it is what was asked for."""
    links = setting.vendor

    def find() -> Optional[ShareLink]:
        now = [link for link in links.list() if link.id == old.id and not wrongs(link, change, setting)]
        return now[0] if now else None

    edited = lost_answers.settled(lambda: links.edit(old, change, mail), find)
    wrong = wrongs(edited, change, setting)
    if wrong:
        raise _mismatch(edited, wrong)
    return edited


def create(path: str, wanted: DesiredLink, setting: Setting, mail: Optional[Mail], known: set[str]) -> ShareLink:
    """Make a link, and check whether it is what was asked for; one that is not is removed again.

    :param known: the ids of the links that were there before.
    """
    links = setting.vendor

    def find() -> Optional[ShareLink]:
        # Or the next try would make a second one.
        new = [link for link in links.list() if link.path == path and link.id not in known]
        return new[0] if len(new) == 1 else None

    try:
        made = links.create(path, wanted, mail)
    except NasError as error:
        made = lost_answers.found(error, find)
        if mail is not None:
            error.hint = f"The link {made.id} was made; whether the mail was sent nobody knows"
            raise
    wrong = wrongs(made, wanted, setting)
    if wrong:
        mismatch = _mismatch(made, wrong)
        try:
            remove(links, [made])
        except NasError:
            mismatch.hint = f"It could not be removed again: remove it by its id, {made.id}"
        raise mismatch
    return made


def retire(links: ShareLinks, old: ShareLink, new: ShareLink, *, returns: bool) -> None:
    """Remove a link in whose place another one is.

    A later run would find the new one right, and not know that the old one was to go. So when that does not go, the
    new one goes again.

    :param returns: whether nobody knows the new one yet, so that it may go.
    :raises NasError: the failure. Its hint says which of them are there.
    """
    try:
        remove(links, [old])
    except NasError as error:
        error.hint = f"The new link {new.id} is there; remove the old one, {old.id}, by its id"
        if returns:
            with contextlib.suppress(NasError):
                remove(links, [new])
                error.hint = f"The old link {old.id} is there as before, and the new one is not. Run the task again"
        raise


def wrongs(link: ShareLink, wanted: DesiredLink, setting: Setting) -> list[str]:
    """The names of what is not as asked for."""
    return differences(drift(Desired(wanted), link, setting))


def _mismatch(link: ShareLink, wrong: Sequence[str]) -> NasError:
    message = f"the NAS reported success, but the link has another {' and another '.join(wrong)}"
    return NasError(Kind.MISMATCH, message, path=link.path)


def remove(links: ShareLinks, doomed: Sequence[ShareLink], act: Optional[Callable[[], None]] = None) -> None:
    """Remove links, if there are any to remove, and check whether they are gone. What is left is removed once more.

    :param act: removes them all in another way than one by one.
    :raises NasError: `MISMATCH` when one is still there.
    """
    if not doomed:
        return
    ids = {link.id for link in doomed}

    def remaining() -> list[ShareLink]:
        return [link for link in links.list() if link.id in ids]

    def once(these: Sequence[ShareLink]) -> None:
        lost_answers.done(act or (lambda: links.delete(these)), lambda: not remaining())
        left = remaining()
        if left:
            message = f"the NAS reported success, but the link {left[0].id} is still there"
            raise NasError(Kind.MISMATCH, message, path=left[0].path)

    try:
        once(doomed)
    except NasError as error:
        try:
            left = remaining()
            if left:
                once(left)
        except NasError:
            raise error from None
