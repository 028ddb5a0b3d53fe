# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change so that each path has the wished share link: pure functions of (wished, present).

Devices make another link whenever they are asked for one, so the links that are there are found by their path; one of
them is made right, and the others are told of or, on wish, removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Optional
from urllib.parse import SplitResult, urlsplit

from .._api.capabilities import ShareLinks
from .._core import times as _times
from .._core.errors import Kind, NasError, usage
from .._core.model import NEVER, DesiredLink, ShareLink
from .plan import Plan, Step

NOTHING = DesiredLink()
OR_ELSE = "a duration such as 30d, or never"
HIDDEN, HIDDEN_CHANGED = "(not shown)", "(not shown, changed)"

Found = Mapping[str, Sequence[ShareLink]]
"""All links that the user may see, by each path asked for."""


@dataclass(frozen=True)
class Desired:
    """What each link shall be like.

    :param link: its end and begin as the device rounds them; what is None stays as it is.
    :param at_latest: whether a link that ends before `link.expires` is right too.
    :param renew_password: whether a password that the device does not show is set again.
    :param exclusive: whether all other links of the path are removed.
    """

    link: DesiredLink = NOTHING
    at_latest: bool = False
    renew_password: bool = False
    exclusive: bool = False


@dataclass(frozen=True)
class Setting:
    """What the wish meets.

    :param vendor: what the vendor's links can, and how it rounds.
    :param user: who asks; None when that is not known.
    :param now: seconds since 1970.
    """

    vendor: ShareLinks
    user: Optional[str]
    now: int

    def can(self, feature: str) -> bool:
        """Whether `ShareLinks.features` has it."""
        return feature in self.vendor.features


def read_end(text: Optional[str], links: ShareLinks, now: int) -> tuple[Optional[int], bool]:
    """The wished end as the device rounds it, and whether an earlier one is right too."""
    if text is None or text == "never":
        return (None if text is None else NEVER), False
    length = _times.duration(text)
    moment = _times.parse_end(text, "expires", OR_ELSE) if length is None else now + length
    end = links.rounded(moment) if now < moment < _times.LATEST else NEVER
    if end <= now:
        hint = "Give a later time, a duration such as 30d, or never; or remove the link with state absent"
        raise usage(f"option expires: {text!r} is not in the future, or too far in it", hint=hint)
    return end, length is not None


def read_begin(text: Optional[str], links: ShareLinks, now: int) -> Optional[int]:
    """The wished begin as the device rounds it; NEVER, that is no begin at all, when it is past."""
    if text is None:
        return None
    moment = _times.parse(text, "available_from")
    if moment >= _times.LATEST:
        raise usage(f"option available_from: {text!r} is too far in the future", hint="Give an earlier time")
    begin = links.rounded_start(moment) if moment > now else NEVER
    return begin if begin > now else NEVER


def by_path(paths: Iterable[str], links: Sequence[ShareLink]) -> dict[str, list[ShareLink]]:
    """The links that lead to each of the paths, in the device's order."""
    found: dict[str, list[ShareLink]] = {path: [] for path in paths}
    for link in links:
        if link.path in found:
            found[link.path].append(link)
    return found


def ended(link: ShareLink, now: int) -> bool:
    """Whether its time is over."""
    return link.expires != NEVER and link.expires <= now


def broken(link: ShareLink, now: int) -> bool:
    """Whether it leads nowhere for another reason than its time, so that no new end helps."""
    return not link.valid and not ended(link, now)


def drift(desired: Desired, link: ShareLink, setting: Setting) -> DesiredLink:
    """What of the link must change; `NOTHING` when it is right."""
    wished, address = desired.link, _address(link)
    password = wished.password if _other_password(desired, link, setting) else None
    return DesiredLink(
        expires=_other_end(desired, link, setting),
        available_from=_other_begin(wished.available_from, link, setting),
        password=password,
        ssl=wished.ssl if wished.ssl not in (None, address.scheme == "https") else None,
        hostname=wished.hostname if (wished.hostname or "").lower() not in ("", address.hostname) else None,
    )


def _other_end(desired: Desired, link: ShareLink, setting: Setting) -> Optional[int]:
    over = ended(link, setting.now)
    wished = desired.link.expires
    if wished is None:
        return NEVER if over else None
    if NEVER in (wished, link.expires):
        return None if wished == link.expires else wished
    end = setting.vendor.rounded(link.expires)
    right = not over and (end <= wished if desired.at_latest else end == wished)
    return None if right else wished


def _other_begin(wished: Optional[int], link: ShareLink, setting: Setting) -> Optional[int]:
    if wished is None:
        return None
    begin = link.available_from or NEVER
    begin = NEVER if begin <= setting.now else setting.vendor.rounded_start(begin)
    return None if begin == wished else wished


def _other_password(desired: Desired, link: ShareLink, setting: Setting) -> bool:
    wished = desired.link.password
    if wished is None:
        return False
    if setting.can("shows_password"):
        return (link.password or "") != wished
    if link.has_password is None or (wished and link.has_password):
        return desired.renew_password
    return link.has_password != bool(wished)


def _address(link: ShareLink) -> SplitResult:
    try:
        return urlsplit(link.url)
    except ValueError:  # the device's own affair: then it is neither https nor at the wished host
        return urlsplit("")


def differences(change: DesiredLink) -> list[str]:
    """The names of what a change is about."""
    return [field.name for field in fields(change) if getattr(change, field.name) is not None]


_DOMAIN = re.compile(r"^.*\\|@.*$")


def is_own(link: ShareLink, user: Optional[str]) -> bool:
    """Whether the link is the user's, as far as is known. A domain before or after the name does not matter."""
    return not link.owner or not user or _plain(link.owner) == _plain(user)


def _plain(user: str) -> str:
    return _DOMAIN.sub("", user).lower()


def best(desired: Desired, links: Sequence[ShareLink], setting: Setting) -> Optional[ShareLink]:
    """The user's own link that needs the least to be right; the first of several."""
    own = [link for link in links if is_own(link, setting.user)]
    return min(own, key=lambda link: _distance(desired, link, setting), default=None)


def _distance(desired: Desired, link: ShareLink, setting: Setting) -> tuple[bool, bool, int]:
    change = drift(replace(desired, renew_password=False), link, setting)
    return broken(link, setting.now), ended(link, setting.now), len(differences(change))


def plan_present(desired: Desired, found: Found, setting: Setting) -> Plan:
    """The steps that give each path its link: `create`, `edit` and `replace` (by a new one), then `delete` the others.

    The `to` of a step is the id of the link that is there.

    :raises NasError: when a link must be replaced, and nobody knows the password that it has.
    """
    steps, doomed = [], []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for path, links in found.items():
        kept = best(desired, links, setting)
        do, change = treatment(desired, kept, setting)
        others = [link for link in links if link is not kept]
        if do:
            steps.append(Step(do, path, kept.id if kept else None))
        if desired.exclusive:
            doomed += [Step("delete", path, link.id) for link in others]
        if do or (desired.exclusive and others):
            before[path] = [shown(link) for link in links]
            stay = [] if desired.exclusive else [shown(link) for link in others]
            after[path] = [shown(kept if do != "replace" else None, change), *stay]
    return Plan((*steps, *doomed), {"links": before}, {"links": after})


def treatment(desired: Desired, link: Optional[ShareLink], setting: Setting) -> tuple[str, DesiredLink]:
    """What to do about a path's link, nothing for an empty word, and what it is about.

    :raises NasError: as `inherited`.
    """
    if link is None:
        return "create", replace(desired.link, password=desired.link.password or None)
    change = drift(desired, link, setting)
    if not broken(link, setting.now):
        if change == NOTHING:
            return "", NOTHING
        if setting.can("edit"):
            return "edit", change
    return "replace", inherited(desired, link, setting)


def inherited(desired: Desired, link: ShareLink, setting: Setting) -> DesiredLink:
    """What a link that takes the place of another shall be like: as wished, and for the rest as the old one is.

    :raises NasError: `USAGE` for a password that the device does not show.
    """
    wished = desired.link
    if wished.password is None and link.has_password and link.password is None:
        hint = "Give link_password, or remove the link with state absent"
        message = f"the link {link.id} leads nowhere and must be made anew, but its password is not known"
        raise NasError(Kind.USAGE, message, path=link.path, hint=hint)
    address = _address(link)
    old = DesiredLink(
        expires=NEVER if ended(link, setting.now) else link.expires,
        available_from=link.available_from,
        password=link.password,
        ssl=address.scheme == "https" if setting.can("ssl") else None,
        hostname=address.hostname if setting.can("hostname") else None,
    )
    both = {name: getattr(old, name) for name in differences(old)}
    both.update({name: getattr(wished, name) for name in differences(wished)})
    return DesiredLink(**{**both, "password": both.get("password") or None})


def plan_absent(doomed: Sequence[ShareLink]) -> Plan:
    """The steps that remove links."""
    steps = tuple(Step("delete", link.path, link.id) for link in doomed)
    found = by_path(dict.fromkeys(link.path for link in doomed), doomed)
    before: dict[str, Any] = {path: [shown(link) for link in links] for path, links in found.items()}
    return Plan(steps, {"links": before}, {"links": {path: [] for path in before}})


def predicted(path: str, link: Optional[ShareLink], change: DesiredLink, setting: Setting) -> dict[str, Any]:
    """A link as a result of check mode tells it.

    :param link: the one that is changed; None for a new one, whose address nobody knows yet.
    """
    unknown = {} if link else {"id": None, "url": None}
    link = link or ShareLink("", path, "", has_password=False if setting.can("password") else None)
    changed = replace(
        link,
        expires=link.expires if change.expires is None else change.expires,
        available_from=link.available_from if change.available_from is None else change.available_from or None,
        has_password=link.has_password if change.password is None else bool(change.password),
        valid=True,
    )
    return {**changed.as_result(), **unknown}


def shown(link: Optional[ShareLink], change: DesiredLink = NOTHING) -> dict[str, Any]:
    """A link, or what a change makes of it, for a diff: with readable times, without secrets."""
    told: dict[str, Any] = {"expires": NEVER, "available_from": NEVER, "password": None}
    if link is not None:
        address = _address(link)
        told = {
            "id": link.id,
            "expires": link.expires,
            "available_from": link.available_from,
            "password": HIDDEN if link.has_password else None,
            "ssl": address.scheme == "https",
            "hostname": address.hostname,
        }
    told.update({name: getattr(change, name) for name in differences(change) if name != "password"})
    if change.password is not None:
        told["password"] = (HIDDEN_CHANGED if link is not None else HIDDEN) if change.password else None
    for name, without in (("expires", "never"), ("available_from", "at once")):
        told[name] = _times.readable(told[name]) if told[name] else without
    return told
