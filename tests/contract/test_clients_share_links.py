# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every vendor's client that offers share links makes, finds and removes them: `ShareLinks`."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.links import NEVER, DesiredLink

pytestmark = pytest.mark.needs("share_links")
NAMES = ("a, é.txt", "100% #1+?.txt", "folder")


@pytest.fixture
def place(nas):
    place = nas.place()
    for name in NAMES[:2]:
        (place.disk / name).write_bytes(b"x")
    (place.disk / NAMES[2]).mkdir()
    return place


def lasting(link):
    """What a device tells of a link at any time: the picture may come once, when the link is made."""
    return link and replace(link, qr_code=None)


def listed(links, paths):
    """The links to these paths, by path."""
    return sorted(map(lasting, links.list(paths)), key=lambda link: link.path)


@pytest.fixture
def made(nas, place):
    """A link to each, by its path."""
    return {place / name: lasting(nas.client.share_links.create(place / name, DesiredLink())) for name in NAMES}


def test_links_are_found_as_they_were_made(nas, place, made):
    links = nas.client.share_links
    for path, link in made.items():
        assert (link.path, link.expires, link.valid) == (path, NEVER, True)
        assert link.id
        assert link.url
        assert lasting(links.get(link.id)) == link
        assert listed(links, [path]) == [link]
    assert len({link.id for link in made.values()}) == len({link.url for link in made.values()}) == len(NAMES)
    assert listed(links, list(made)) == [made[path] for path in sorted(made)]
    everything = {link.id: lasting(link) for link in links.list()}
    assert {link.id: link for link in made.values()}.items() <= everything.items()
    assert links.list([place / "none"]) == []
    # Another one to the same is another link.
    first, path = made[place / NAMES[0]], place / NAMES[0]
    second = links.create(path, DesiredLink())
    assert second.id != first.id
    assert {link.id for link in links.list([path])} == {first.id, second.id}


def test_a_link_that_is_removed_is_gone_and_the_others_stay(nas, place, made):
    links = nas.client.share_links
    kept, *doomed = made.values()
    links.delete(doomed)
    assert [links.get(link.id) for link in doomed] == [None, None]
    assert listed(links, list(made)) == [kept]
    assert set(place.tree()) == set(NAMES)
    links.delete([kept])
    assert links.list(list(made)) == []
    assert links.get(kept.id) is None


def test_a_link_to_nothing_is_not_made(nas, place):
    links = nas.client.share_links
    with nas.refuses(Kind.NOT_FOUND) as refusal:
        links.create(place / "none", DesiredLink())
    assert refusal.error.path == place / "none"
    assert links.list([place / "none"]) == []


def test_an_end(nas, place):
    links = nas.client.share_links
    if not links.features.expires:
        return
    end = links.rounded(int(time.time()) + 40 * 86_400)
    assert links.rounded(end) == end
    link = links.create(place / NAMES[0], DesiredLink(expires=end))
    assert link.expires == end
    assert listed(links, [link.path]) == [lasting(link)]
