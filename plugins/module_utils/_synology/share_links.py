# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links by which others fetch files of a Synology device.

Rests on the File Station guide, SYNO.FileStation.Sharing. A link begins and ends with a day of the device, whose time
zone is shown to no ordinary account: it is taken to be that of the machine that runs the task. So a day that a user
writes without a zone is the same day everywhere.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any, Optional

from .._api.capabilities.share_links import ShareLinkFeatures, ShareLinks
from .._core.errors import Kind, NasError
from .._core.links import NEVER, DesiredLink, Mail, ShareLink
from .codes import to_error
from .encoding import Secret, Value, batches
from .entries import pages
from .failures import synology_error
from .reply import Reply
from .wire import Wire

SHARING = "SYNO.FileStation.Sharing"

_DATE = re.compile(r"(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[ T](\d\d?):(\d\d)(?::(\d\d))?)?\Z")
_READ = frozenset({"id", "path", "url", "date_expired", "date_available", "has_password", "qrcode", "link_owner"})
_SECRET = re.compile("pass|secret|token|sid", re.IGNORECASE)


class SynologyShareLinks(ShareLinks):
    """File Station's share links.

    :param wire: to the device.
    """

    features = ShareLinkFeatures(
        password=True,
        longest_password=16,
        expires=True,
        available_from=True,
        edit=True,
        clear_invalid=True,
        of_shares=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def rounded(self, expires: int) -> int:
        """The last second of the day; see the top of this module for whose day it is."""
        return expires if expires == NEVER else _at(expires, 23, 59, 59)

    def rounded_start(self, available_from: int) -> int:
        """The first second of the day."""
        return available_from if available_from == NEVER else _at(available_from, 0, 0, 0)

    def list(self, paths: Optional[Container[str]] = None) -> list[ShareLink]:
        """Guide, Sharing/list. The first page has the device check anew whether the links are good."""
        found = pages(self._wire, "list", {}, "links", api=SHARING, first={"force_clean": True})
        return [read_link(item) for item in found if paths is None or _path(item) in paths]

    def get(self, link_id: str) -> Optional[ShareLink]:
        """Guide, Sharing/getinfo."""
        try:
            return read_link(self._wire.call(SHARING, "getinfo", {"id": link_id}, idempotent=True))
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            return None

    def create(self, path: str, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Guide, Sharing/create, and /getinfo for what the device has made of it.

        A link that is not as desired, for example without the password, is removed again.

        :raises NasError: also `QUOTA_EXCEEDED` when there are too many links, `INVALID_ARGUMENT` for a password that is
            too long.
        """
        params: dict[str, Value] = {"path": [path], **self._params(desired, mail, path)}
        reply = self._wire.call(SHARING, "create", params, path=path, idempotent=False)
        made = reply.parts("links")
        _raise_first(made, "create", path)
        if len(made) != 1:
            raise reply.broken("links")
        link_id = made[0].needed_text("id")
        try:
            return self._as_desired(link_id, desired, "create", path, made[0].text("qrcode"))
        except NasError as error:
            if error.kind is Kind.MISMATCH:
                # A failure to remove it must not hide why.
                with contextlib.suppress(NasError):
                    self._delete([link_id])
            raise

    def edit(self, link: ShareLink, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Guide, Sharing/edit, and /getinfo for what the device has made of it.

        :raises NasError: `NOT_FOUND` when the link is gone.
        """
        params = self._params(desired, mail, link.path)
        if params:
            reply = self._wire.call(SHARING, "edit", {"id": [link.id], **params}, path=link.path, idempotent=False)
            _raise_first(reply.parts("links") if "links" in reply else [], "edit", link.path)
        return self._as_desired(link.id, desired, "edit", link.path, link.qr_code)

    def delete(self, links: Sequence[ShareLink]) -> None:
        """Guide, Sharing/delete: some hundreds in one call. One that is gone already is no error."""
        for batch in batches(list(dict.fromkeys(link.id for link in links))):
            try:
                self._delete(batch)
            except NasError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise
                # One of them is gone; whether the device has gone on with the others, it does not tell.
                current = {link.id for link in self.list()}
                for link_id in batch:
                    if link_id in current:
                        self._delete([link_id])

    def clear_invalid(self) -> None:
        """Guide, Sharing/clear_invalid."""
        self._wire.call(SHARING, "clear_invalid", {}, idempotent=False)

    def _delete(self, link_ids: Sequence[str]) -> None:
        reply = self._wire.call(SHARING, "delete", {"id": list(link_ids)}, idempotent=False)
        _raise_first(reply.parts("links") if "links" in reply else [], "delete", "")

    def _params(self, desired: DesiredLink, mail: Optional[Mail], path: str) -> dict[str, Value]:
        """What a desired link sets, as the device takes it."""
        others = {"ssl": desired.ssl, "hostname": desired.hostname, "network": desired.network, "mail": mail}
        for name, value in others.items():
            if value is not None:
                raise synology_error(Kind.UNSUPPORTED, f"a share link has no {name} here", SHARING, path)
        params: dict[str, Value] = {}
        if desired.password is not None:
            if len(desired.password) > (self.features.longest_password or 0):
                message = f"the password of a share link has at most {self.features.longest_password} characters"
                raise synology_error(Kind.INVALID_ARGUMENT, message, SHARING, path)
            params["password"] = Secret(desired.password)
        for name, moment in (("date_expired", desired.expires), ("date_available", desired.available_from)):
            if moment is not None:
                params[name] = "0" if moment == NEVER else _local(moment).strftime("%Y-%m-%d")
        return params

    def _as_desired(
        self, link_id: str, desired: DesiredLink, method: str, path: str, qr_code: Optional[str]
    ) -> ShareLink:
        """The link as the device has it, when that is what was asked for.

        :raises NasError: `MISMATCH` when it is not.
        """
        reply = self._wire.call(SHARING, "getinfo", {"id": link_id}, path=path, idempotent=True)
        link = read_link(reply, qr_code)
        wrong = []
        if (
            desired.password is not None
            and link.has_password is not None
            and link.has_password != bool(desired.password)
        ):
            wrong.append("password")
        if desired.expires is not None and self.rounded(link.expires) != self.rounded(desired.expires):
            wrong.append("end")
        start = self.rounded_start(link.available_from or NEVER)
        if desired.available_from is not None and start != self.rounded_start(desired.available_from):
            wrong.append("begin")
        if wrong:
            message = f"the device reported success, but the link's {' and '.join(wrong)} is not as asked for"
            raise synology_error(Kind.MISMATCH, message, f"{SHARING}/{method}", path)
        return link


def read_link(item: Reply, qr_code: Optional[str] = None) -> ShareLink:
    """A `<Sharing_Link>` object (guide, Sharing, "Response Objects").

    :param qr_code: a picture that the device gave before; some replies have none.
    :raises NasError: `PROTOCOL`.
    """
    qr_code = item.text("qrcode") or qr_code
    if qr_code and not qr_code.startswith("data:"):
        qr_code = f"data:image/png;base64,{qr_code}"
    return ShareLink(
        id=item.needed_text("id"),
        path=_path(item),
        url=item.text("url") or "",
        expires=_moment(item, "date_expired", (23, 59, 59)) or NEVER,
        available_from=_moment(item, "date_available", (0, 0, 0)),
        has_password=item.flag("has_password"),
        # One that is "invalid" waits for its first day.
        valid=item.text("status") not in ("expired", "broken"),
        qr_code=qr_code or None,
        owner=item.text("link_owner") or None,
        details={
            name: value for name, value in item.as_dict().items() if name not in _READ and not _SECRET.search(name)
        },
    )


def _path(item: Reply) -> str:
    """What a link leads to. One that leads nowhere may tell none."""
    return item.text("path") or "" if item.text("status") == "broken" else item.needed_path("path")


def _moment(item: Reply, key: str, default: tuple[int, int, int]) -> Optional[int]:
    """A date, with or without a time, as seconds; None for none, which devices spell `0` or leave empty.

    :param default: hour, minute and second when there is no time.
    """
    text: Any = item.as_dict().get(key)
    if text in (None, 0, "", "0"):
        return None
    found = _DATE.match(text) if isinstance(text, str) else None
    if not found:
        raise item.broken(key)
    year, month, day, *time = (int(part) if part else None for part in found.groups())
    hour, minute, second = default if time[0] is None else (time[0], time[1] or 0, time[2] or 0)
    try:
        return int(datetime(year or 0, month or 0, day or 0, hour, minute, second).timestamp())
    except (ValueError, OverflowError):
        raise item.broken(key) from None


def _local(moment: int) -> datetime:
    """A point in time in the time zone of this machine."""
    try:
        return datetime.fromtimestamp(moment)
    except (ValueError, OverflowError, OSError):
        message = f"{moment} seconds since 1970 is not a day that the device knows"
        raise synology_error(Kind.INVALID_ARGUMENT, message, SHARING) from None


def _at(moment: int, hour: int, minute: int, second: int) -> int:
    return int(_local(moment).replace(hour=hour, minute=minute, second=second, microsecond=0).timestamp())


def _raise_first(links: Sequence[Reply], method: str, path: str) -> None:
    """The error of the first link that has one: such a reply reports success as a whole."""
    for link in links:
        code = link.number("error")
        if code:
            error = to_error(SHARING, method, path or link.text("path") or "", {"code": code})
            if error is not None:
                raise error
