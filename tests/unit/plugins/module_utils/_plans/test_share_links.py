# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_share's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.share_links import ShareLinkFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.links import NEVER, DesiredLink, Mail, ShareLink
from ansible_collections.nasops.nas.plugins.module_utils._delivery import share_links as _links
from ansible_collections.nasops.nas.plugins.module_utils._plans.share_links import (
    NOTHING,
    Desired,
    Setting,
    best,
    broken,
    by_path,
    drift,
    inherited,
    is_own,
    plan_absent,
    plan_present,
    predicted,
    read_end,
    read_start,
    treatment,
)

NOW = 1_000_000_000
HOUR, DAY = 3600, 86400
PATH = "/s/f"
ALL = ShareLinkFeatures(password=True, expires=True, available_from=True, ssl=True, hostname=True, edit=True)


class Vendor:
    """Share links whose ends are whole hours."""

    def __init__(self, features=ALL):
        self.features = features

    def rounded(self, expires):
        return expires - expires % HOUR

    def rounded_start(self, begin):
        return begin - begin % HOUR


HOUR_NOW = Vendor().rounded(NOW)
SHOWS = Vendor(ALL._replace(shows_password=True))
FIXED = Vendor(ShareLinkFeatures(expires=True))


def link(link_id="a", **fields):
    given = {"url": "https://nas/s/a", "has_password": False, "owner": "me", **fields}
    return ShareLink(id=link_id, path=PATH, **given)


def at(vendor=None, user="me"):
    return Setting(vendor or Vendor(), user, NOW)


def desired(at_latest=False, renew=False, exclusive=False, **fields):
    return Desired(DesiredLink(**fields), at_latest, renew, exclusive)


def steps(desired, *current, vendor=None, user="me"):
    plan = plan_present(desired, {PATH: list(current)}, at(vendor, user))
    return [(step.do, step.id) for step in plan.steps]


def test_a_path_without_a_link_gets_one():
    assert steps(desired()) == [("create", None)]


def test_any_link_that_works_is_enough_when_nothing_is_said_of_it():
    for one in (link(), link(expires=NOW + 1), link(has_password=True), link(available_from=NOW + DAY)):
        assert steps(desired(), one) == []


LATER = HOUR_NOW + 10 * DAY


@pytest.mark.parametrize(
    ("desired", "current", "change"),
    [
        # The end.
        (desired(expires=LATER), link(expires=LATER), NOTHING),
        (desired(expires=LATER), link(expires=LATER + HOUR - 1), NOTHING),
        (desired(expires=LATER), link(expires=LATER + HOUR), DesiredLink(expires=LATER)),
        (desired(expires=LATER), link(expires=LATER - 1), DesiredLink(expires=LATER)),
        (desired(expires=LATER), link(), DesiredLink(expires=LATER)),
        (desired(expires=NEVER), link(), NOTHING),
        (desired(expires=NEVER), link(expires=LATER), DesiredLink(expires=NEVER)),
        (desired(expires=NEVER), link(expires=NOW - 1, valid=False), DesiredLink(expires=NEVER)),
        (desired(), link(expires=NOW, valid=False), DesiredLink(expires=NEVER)),
        # As long as ...
        (desired(True, expires=LATER), link(expires=LATER), NOTHING),
        (desired(True, expires=LATER), link(expires=NOW + 1), NOTHING),
        (desired(True, expires=LATER), link(expires=LATER + HOUR - 1), NOTHING),
        (desired(True, expires=LATER), link(expires=LATER + HOUR), DesiredLink(expires=LATER)),
        (desired(True, expires=LATER), link(expires=NOW, valid=False), DesiredLink(expires=LATER)),
        (desired(True, expires=LATER), link(), DesiredLink(expires=LATER)),
        # The begin.
        (desired(available_from=LATER), link(available_from=LATER + 5), NOTHING),
        (desired(available_from=LATER), link(), DesiredLink(available_from=LATER)),
        (desired(available_from=NEVER), link(), NOTHING),
        (desired(available_from=NEVER), link(available_from=NOW - DAY), NOTHING),
        (desired(available_from=NEVER), link(available_from=NOW + 1), DesiredLink(available_from=NEVER)),
        # The address.
        (desired(ssl=True), link(), NOTHING),
        (desired(ssl=False), link(), DesiredLink(ssl=False)),
        (desired(ssl=True), link(url="http://nas/x"), DesiredLink(ssl=True)),
        (desired(hostname="NAS"), link(url="https://nas:8080/x"), NOTHING),
        (desired(hostname="other"), link(), DesiredLink(hostname="other")),
        (desired(hostname="other"), link(url=""), DesiredLink(hostname="other")),
        (desired(ssl=True), link(url="http://[broken"), DesiredLink(ssl=True)),
        # What the device does not tell of a link that is there.
        (desired(network="local"), link(), NOTHING),
        # Several at once.
        (desired(expires=LATER, ssl=False, hostname="nas"), link(), DesiredLink(expires=LATER, ssl=False)),
    ],
)
def test_drift(desired, current, change):
    assert drift(desired, current, at()) == change
    assert steps(desired, current) == ([] if change == NOTHING else [("edit", "a")])


@pytest.mark.parametrize(
    ("password", "renew", "has_password", "changes"),
    [
        ("new", False, False, True),
        ("new", False, True, False),
        ("new", True, True, True),
        ("new", False, None, False),
        ("new", True, None, True),
        ("", False, False, False),
        ("", False, True, True),
        ("", True, False, False),
        (None, True, True, False),
    ],
)
def test_a_password_that_the_device_does_not_show(password, renew, has_password, changes):
    change = drift(desired(renew=renew, password=password), link(has_password=has_password), at())
    assert change == (DesiredLink(password=password) if changes else NOTHING)


@pytest.mark.parametrize("renew", [False, True])
@pytest.mark.parametrize(
    ("password", "there", "changes"),
    [("new", None, True), ("new", "old", True), ("new", "new", False), ("", "old", True), ("", None, False)],
)
def test_a_password_that_the_device_shows_is_compared(renew, password, there, changes):
    current = link(password=there, has_password=bool(there))
    change = drift(desired(renew=renew, password=password), current, at(SHOWS))
    assert change == (DesiredLink(password=password) if changes else NOTHING)


def test_without_editing_a_link_is_replaced_and_keeps_what_is_not_given():
    old = link(expires=LATER, has_password=None, url="")
    assert steps(desired(expires=LATER + DAY), old, vendor=FIXED) == [("replace", "a")]
    assert treatment(desired(expires=LATER + DAY), old, at(FIXED))[1] == DesiredLink(expires=LATER + DAY)
    assert steps(desired(expires=LATER), old, vendor=FIXED) == []
    assert steps(desired(), link(expires=NOW, valid=False), vendor=FIXED) == [("replace", "a")]
    assert inherited(desired(), link(expires=NOW, valid=False), at(FIXED)) == DesiredLink(expires=NEVER)


def test_a_broken_link_is_replaced_by_one_like_it():
    old = link(valid=False, expires=LATER, available_from=NOW + DAY, url="http://nas/x")
    assert broken(old, NOW)
    assert steps(desired(), old) == [("replace", "a")]
    everything = DesiredLink(expires=LATER, available_from=NOW + DAY, ssl=False, hostname="nas")
    assert inherited(desired(), old, at()) == everything
    assert inherited(desired(ssl=True, password="p"), old, at()) == replace(everything, ssl=True, password="p")
    known = replace(old, has_password=True, password="old")
    assert inherited(desired(), known, at(SHOWS)).password == "old"
    assert inherited(desired(password=""), known, at(SHOWS)).password is None


def test_a_broken_link_whose_password_nobody_knows_is_not_replaced_by_an_open_one():
    old = link(valid=False, has_password=True)
    with pytest.raises(NasError, match="password is not known") as caught:
        steps(desired(), old)
    assert "link_password" in caught.value.hint
    assert steps(desired(password="p"), old) == [("replace", "a")]


def test_of_several_links_the_best_is_kept():
    right = link("right", expires=LATER)
    others = [
        link("broken", expires=LATER, valid=False),
        link("over", expires=NOW - 1, valid=False),
        link("endless"),
    ]
    for order in ([right, *others], [*others, right]):
        assert best(desired(expires=LATER), order, at()) == right
        assert steps(desired(expires=LATER), *order) == []
    assert steps(desired(expires=LATER), *others) == [("edit", "endless")]
    removed = steps(desired(expires=LATER, exclusive=True), *others)
    assert removed == [("edit", "endless"), ("delete", "broken"), ("delete", "over")]
    same = [link("first"), link("second")]
    assert steps(desired(exclusive=True), *same) == [("delete", "second")]


def test_a_password_that_is_set_each_time_does_not_hide_which_link_is_best():
    both = [link("open"), link("locked", has_password=True)]
    assert steps(desired(renew=True, password="p"), *both) == [("edit", "locked")]


def test_links_of_others_are_neither_taken_nor_changed_but_removed_on_wish():
    foreign = link("foreign", owner="you")
    assert steps(desired(), foreign) == [("create", None)]
    assert steps(desired(exclusive=True), foreign) == [("create", None), ("delete", "foreign")]
    assert steps(desired(), foreign, user=None) == []


@pytest.mark.parametrize(
    ("owner", "user", "own"),
    [
        ("me", "me", True),
        ("ME", "me", True),
        (None, "me", True),
        ("you", "me", False),
        ("OFFICE\\me", "me", True),
        ("me", "me@office.example", True),
        ("you", None, True),
    ],
)
def test_whose_link_it_is(owner, user, own):
    assert is_own(link(owner=owner), user) is own


def test_many_paths():
    found = by_path(["/a", "/b", "/c"], [replace(link("1"), path="/b"), replace(link("2"), path="/x")])
    assert {path: [one.id for one in links] for path, links in found.items()} == {"/a": [], "/b": ["1"], "/c": []}
    plan = plan_present(desired(), found, at())
    assert plan.paths("create") == ["/a", "/c"]
    assert set(plan.before["links"]) == {"/a", "/c"}


def test_the_diff_is_readable_and_holds_no_password():
    old = link(expires=LATER, password="old-secret", has_password=True)
    plan = plan_present(desired(expires=NEVER, password="new-secret", ssl=False), {PATH: [old]}, at(SHOWS))
    (before,), (after,) = plan.before["links"][PATH], plan.after["links"][PATH]
    assert before["expires"].startswith("20")
    assert after["expires"] == "never"
    assert (before["ssl"], after["ssl"]) == (True, False)
    assert before["password"] != after["password"]
    assert "secret" not in f"{plan} {old} {desired(password='secret')}"
    new = plan_present(desired(available_from=LATER), {PATH: []}, at())
    assert new.before["links"][PATH] == []
    assert new.after["links"][PATH][0]["available_from"].startswith("20")


def test_removal():
    plan = plan_absent([link("a"), link("b")])
    assert [(step.do, step.path, step.id) for step in plan.steps] == [("delete", PATH, "a"), ("delete", PATH, "b")]
    assert [one["id"] for one in plan.before["links"][PATH]] == ["a", "b"]
    assert plan.after == {"links": {PATH: []}}
    assert not plan_absent([]).changed


def test_what_check_mode_tells():
    new = predicted(PATH, None, DesiredLink(expires=LATER, password="p"), at())
    assert (new["id"], new["url"], new["path"]) == (None, None, PATH)
    assert (new["expires"], new["has_password"], new["valid"]) == (LATER, True, True)
    assert predicted(PATH, None, NOTHING, at(FIXED))["has_password"] is None
    edited = predicted(PATH, link(available_from=LATER), DesiredLink(available_from=NEVER), at())
    assert (edited["id"], edited["available_from"]) == ("a", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, (None, False)),
        ("never", (NEVER, False)),
        ("2h", (Vendor().rounded(NOW + 2 * HOUR), True)),
        ("120m", (Vendor().rounded(NOW + 2 * HOUR), True)),
        ("1d", (Vendor().rounded(NOW + DAY), True)),
        ("2w", (Vendor().rounded(NOW + 14 * DAY), True)),
        (str(LATER + 7), (LATER, False)),
        ("2001-09-10T00:59:59Z", (1000080000 - 1000080000 % HOUR, False)),
    ],
)
def test_texts_of_an_end(text, expected):
    assert read_end(text, Vendor(), NOW) == expected


def test_a_date_means_all_of_that_day():
    end, at_latest = read_end("2030-06-01", SimpleNamespace(rounded=lambda moment: moment), NOW)
    next_day, _same = read_end("2030-06-02T00:00:00", SimpleNamespace(rounded=lambda moment: moment), NOW)
    assert next_day - end == 1
    assert not at_latest


@pytest.mark.parametrize(
    "text", ["0", "0d", "1m", "2001-01-01", "soon", "30 d", "-1d", "1y", "", "99999999999999999999", "9999999w"]
)
def test_bad_ends_are_named(text):
    with pytest.raises(NasError, match="option expires") as caught:
        read_end(text, Vendor(), NOW)
    assert caught.value.kind is Kind.USAGE
    assert "never" in caught.value.hint


def test_begins():
    assert read_start(None, Vendor(), NOW) is None
    assert read_start("now", Vendor(), NOW + 10**10) == NEVER
    assert read_start("2001-01-01", Vendor(), NOW) == NEVER
    assert read_start(str(LATER + 9), Vendor(), NOW) == LATER
    with pytest.raises(NasError, match="option available_from"):
        read_start("99999999999999999999", Vendor(), NOW)


class Device(Vendor):
    """Keeps links in memory, and misbehaves on wish."""

    def __init__(self, *links, ignores=(), fails=None, features=ALL):
        super().__init__(features)
        self.links = {one.id: one for one in links}
        self.ignores = ignores
        self.fails = fails or {}
        self.calls = []
        self.refuses = 0  # so many calls of delete

    def list(self):
        return list(self.links.values())

    def create(self, path, desired, mail=None):
        self.calls.append("create")
        made = link(f"new{len(self.links)}", expires=desired.expires or NEVER, has_password=bool(desired.password))
        if "password" in self.ignores:
            made = replace(made, has_password=False)
        self.links[made.id] = made
        if "create" in self.fails:
            raise self.fails["create"]
        return made

    def edit(self, old, desired, mail=None):
        self.calls.append("edit")
        return self.links[old.id]

    def delete(self, doomed):
        self.calls.append("delete")
        if "delete" in self.fails:
            raise self.fails["delete"]
        if self.refuses:
            self.refuses -= 1
            raise NasError(Kind.DEVICE, "no")
        if "delete" not in self.ignores:
            for one in doomed:
                del self.links[one.id]


def carry_out(device, desired, mail=None):
    setting = at(device)
    found = {PATH: device.list()}
    return _links.apply(plan_present(desired, found, setting), desired, found, setting, mail)


def test_the_new_link_is_there_before_the_old_one_goes():
    device = Device(link("old"), features=FIXED.features)
    made = carry_out(device, desired(expires=LATER))
    assert device.calls == ["create", "delete"]
    assert [one.id for one in device.list()] == [made[PATH].id]


def test_an_old_link_that_does_not_go_is_named():
    device = Device(link("old"), features=FIXED.features, fails={"delete": NasError(Kind.DEVICE, "no")})
    with pytest.raises(NasError) as caught:
        carry_out(device, desired(expires=LATER))
    assert "old" in caught.value.hint
    assert "new1" in caught.value.hint


@pytest.mark.parametrize("refuses", [1, 2])
def test_an_old_link_that_does_not_go_at_once_is_not_left_beside_the_new_one(refuses):
    device = Device(link("old"), features=FIXED.features)
    device.refuses = refuses
    if refuses == 1:
        made = carry_out(device, desired(expires=LATER))
        assert [one.id for one in device.list()] == [made[PATH].id]
        return
    with pytest.raises(NasError) as caught:
        carry_out(device, desired(expires=LATER))
    assert [one.id for one in device.list()] == ["old"]
    assert "the new one is not" in caught.value.hint
    carry_out(device, desired(expires=LATER))
    assert [one.expires for one in device.list()] == [LATER]


def test_a_new_link_that_somebody_has_been_sent_stays():
    device = Device(link("old"), features=FIXED.features)
    device.refuses = 2
    with pytest.raises(NasError, match="no") as caught:
        carry_out(device, desired(expires=LATER), Mail(("a",), "s", "c"))
    assert [one.id for one in device.list()] == ["old", "new1"]
    assert "remove the old one, old" in caught.value.hint


def test_a_new_link_without_its_password_does_not_stay():
    device = Device(ignores=["password"])
    device.refuses = 1
    with pytest.raises(NasError, match="another password") as caught:
        carry_out(device, desired(password="p"))
    assert caught.value.kind is Kind.MISMATCH
    assert device.list() == []
    stuck = Device(ignores=["password", "delete"])
    with pytest.raises(NasError, match="another password") as caught:
        carry_out(stuck, desired(password="p"))
    assert "new0" in caught.value.hint


def test_a_change_that_was_not_made_is_noticed():
    with pytest.raises(NasError, match="another expires and another password"):
        carry_out(Device(link()), desired(expires=LATER, password="p"))


def test_a_lost_answer_makes_no_second_link():
    lost = NasError(Kind.CONNECTION, "reset")
    device = Device(fails={"create": lost})
    assert carry_out(device, desired())[PATH].id == "new0"
    with pytest.raises(NasError, match="new0 was made; whether the mail was sent nobody knows"):
        carry_out(Device(fails={"create": NasError(Kind.CONNECTION, "reset")}), desired(), Mail(("a",), "s", "c"))
    refused = Device(fails={"create": NasError(Kind.PERMISSION_DENIED, "no")})
    with pytest.raises(NasError, match="no"):
        carry_out(refused, desired())


def test_a_link_that_stays_is_noticed():
    with pytest.raises(NasError, match="still there"):
        carry_out(Device(link("a"), link("b"), ignores=["delete"]), desired(exclusive=True))
