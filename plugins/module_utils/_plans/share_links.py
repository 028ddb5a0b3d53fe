# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must change so that each path has the desired share link: pure functions of (desired, current).

Devices make another link whenever they are asked for one, so the links that are there are found by their path; one of
them is made right, and the others are warned of or, if asked for, removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Optional
from urllib.parse import SplitResult, urlsplit

from .._api.capabilities.share_links import ShareLinkFeatures, ShareLinks
from .._core import times as _times
from .._core.errors import Kind, NasError, usage
from .._core.links import NEVER, DesiredLink, ShareLink
from .plan import Plan, Step

NOTHING = DesiredLink()
OR_ELSE = "a duration such as 30d, or never"
HIDDEN, HIDDEN_CHANGED = "(not shown)", "(not shown, changed)"

Found = Mapping[str, Sequence[ShareLink]]
"""All links that the user may see, by each path asked for."""


@dataclass(frozen=True)
class Desired:
    """What each link shall be like.

    :param link: its end and start as the device rounds them; what is None stays as it is.
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
    """What the links of a device can, who asks, and when.

    :param vendor: what the vendor's links can, and how it rounds.
    :param user: who asks; None when that is not known.
    :param now: seconds since 1970.
    """

    vendor: ShareLinks
    user: Optional[str]
    now: int

    @property
    def features(self) -> ShareLinkFeatures:
        """What the vendor's links can."""
        return self.vendor.features


def read_end(text: Optional[str], links: ShareLinks, now: int) -> tuple[Optional[int], bool]:
    """The desired end as the device rounds it, and whether an earlier one is right too."""
    if text is None or text == "never":
        return (None if text is None else NEVER), False
    length = _times.duration(text)
    moment = _times.parse_end(text, "expires", OR_ELSE) if length is None else now + length
    end = links.rounded(moment) if now < moment < _times.LATEST else NEVER
    if end <= now:
        hint = "Give a later time, a duration such as 30d, or never; or remove the link with state absent"
        raise usage(f"option expires: {text!r} is not in the future, or too far in it", hint=hint)
    return end, length is not None


def read_start(text: Optional[str], links: ShareLinks, now: int) -> Optional[int]:
    """The desired start as the device rounds it; NEVER, which means at once, when it is past."""
    if text is None:
        return None
    moment = _times.parse(text, "available_from")
    if moment >= _times.LATEST:
        raise usage(f"option available_from: {text!r} is too far in the future", hint="Give an earlier time")
    start = links.rounded_start(moment) if moment > now else NEVER
    return start if start > now else NEVER


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
    wanted, address = desired.link, _address(link)
    password = wanted.password if _other_password(desired, link, setting) else None
    return DesiredLink(
        expires=_other_end(desired, link, setting),
        available_from=_other_start(wanted.available_from, link, setting),
        password=password,
        ssl=wanted.ssl if wanted.ssl not in (None, address.scheme == "https") else None,
        hostname=wanted.hostname if (wanted.hostname or "").lower() not in ("", address.hostname) else None,
    )


def _other_end(desired: Desired, link: ShareLink, setting: Setting) -> Optional[int]:
    over = ended(link, setting.now)
    wanted = desired.link.expires
    if wanted is None:
        return NEVER if over else None
    if NEVER in (wanted, link.expires):
        return None if wanted == link.expires else wanted
    end = setting.vendor.rounded(link.expires)
    right = not over and (end <= wanted if desired.at_latest else end == wanted)
    return None if right else wanted


def _other_start(wanted: Optional[int], link: ShareLink, setting: Setting) -> Optional[int]:
    if wanted is None:
        return None
    start = link.available_from or NEVER
    start = NEVER if start <= setting.now else setting.vendor.rounded_start(start)
    return None if start == wanted else wanted


def _other_password(desired: Desired, link: ShareLink, setting: Setting) -> bool:
    wanted = desired.link.password
    if wanted is None:
        return False
    if setting.features.shows_password:
        return (link.password or "") != wanted
    if link.has_password is None or (wanted and link.has_password):
        return desired.renew_password
    return link.has_password != bool(wanted)


def _address(link: ShareLink) -> SplitResult:
    try:
        return urlsplit(link.url)
    except ValueError:  # the device's own affair: then it is neither https nor at the desired host
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


@dataclass(frozen=True)
class LinkStep(Step):
    """A change of the links to a path.

    :param id: of the link that is there; None for a new one.
    """

    id: Optional[str] = None


@dataclass(frozen=True)
class LinkPlan(Plan):
    """The changes of share links."""

    steps: tuple[LinkStep, ...] = ()


def plan_present(desired: Desired, found: Found, setting: Setting) -> LinkPlan:
    """The steps that give each path its link: `create`, `edit` and `replace` (by a new one), then `delete` the others.

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
            steps.append(LinkStep(do, path, id=kept.id if kept else None))
        if desired.exclusive:
            doomed += [LinkStep("delete", path, id=link.id) for link in others]
        if do or (desired.exclusive and others):
            before[path] = [shown(link) for link in links]
            stay = [] if desired.exclusive else [shown(link) for link in others]
            after[path] = [shown(kept if do != "replace" else None, change), *stay]
    return LinkPlan((*steps, *doomed), {"links": before}, {"links": after})


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
        if setting.features.edit:
            return "edit", change
    return "replace", inherited(desired, link, setting)


def inherited(desired: Desired, link: ShareLink, setting: Setting) -> DesiredLink:
    """What a link that takes the place of another shall be like: as desired, and for the rest as the old one is.

    :raises NasError: `USAGE` for a password that the device does not show.
    """
    wanted = desired.link
    if wanted.password is None and link.has_password and link.password is None:
        hint = "Give link_password, or remove the link with state absent"
        message = f"the link {link.id} leads nowhere and must be made anew, but its password is not known"
        raise NasError(Kind.USAGE, message, path=link.path, hint=hint)
    address = _address(link)
    old = DesiredLink(
        expires=NEVER if ended(link, setting.now) else link.expires,
        available_from=link.available_from,
        password=link.password,
        ssl=address.scheme == "https" if setting.features.ssl else None,
        hostname=address.hostname if setting.features.hostname else None,
    )
    both = {name: getattr(old, name) for name in differences(old)}
    both.update({name: getattr(wanted, name) for name in differences(wanted)})
    return DesiredLink(**{**both, "password": both.get("password") or None})


def plan_absent(doomed: Sequence[ShareLink]) -> LinkPlan:
    """The steps that remove links."""
    steps = tuple(LinkStep("delete", link.path, id=link.id) for link in doomed)
    found = by_path(dict.fromkeys(link.path for link in doomed), doomed)
    before: dict[str, Any] = {path: [shown(link) for link in links] for path, links in found.items()}
    return LinkPlan(steps, {"links": before}, {"links": {path: [] for path in before}})


def predicted(path: str, link: Optional[ShareLink], change: DesiredLink, setting: Setting) -> dict[str, Any]:
    """A link as a result of check mode tells it.

    :param link: the one that is changed; None for a new one, whose address nobody knows yet.
    """
    unknown = {} if link else {"id": None, "url": None}
    link = link or ShareLink("", path, "", has_password=False if setting.features.password else None)
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
    described: dict[str, Any] = {"expires": NEVER, "available_from": NEVER, "password": None}
    if link is not None:
        address = _address(link)
        described = {
            "id": link.id,
            "expires": link.expires,
            "available_from": link.available_from,
            "password": HIDDEN if link.has_password else None,
            "ssl": address.scheme == "https",
            "hostname": address.hostname,
        }
    described.update({name: getattr(change, name) for name in differences(change) if name != "password"})
    if change.password is not None:
        described["password"] = (HIDDEN_CHANGED if link is not None else HIDDEN) if change.password else None
    for name, without in (("expires", "never"), ("available_from", "at once")):
        described[name] = _times.readable(described[name]) if described[name] else without
    return described
