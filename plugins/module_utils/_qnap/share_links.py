# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share links of a QNAP (File Station guide, section 17).

Devices do not tell what they made of a request, and some have been seen to take all of it only when the link is changed
after it was made. So the list is read after each change, and what differs is sent again.
"""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Container, Iterator, Sequence
from typing import BinaryIO, List, Optional

from .._api.capabilities.share_links import ShareLinkFeatures, ShareLinks
from .._core.errors import NOTHING_THERE, CodeMeaning, Kind, NasError
from .._core.links import NEVER, DesiredLink, Mail, ShareLink
from .._core.text import encoded
from .._core.waiting import Watch
from .clock import DAY, Clock, clock_of
from .entries import Row, entry_of, rows_of, selection, split, within_share
from .envelope import number
from .failures import qnap_error
from .link_rows import LIST, host_in, link_of, made, path_of, query_of, ssid_in, ssid_of
from .link_terms import Terms, full_minute, kind_of, place, portions
from .pages import paged
from .streams import Stream, begun, copy
from .wire import Fields, Wire

_MAKE, _CHANGE, _MAIL, _DELETE = "get_share_link", "update_share_link", "share_file", "delete_share"
_TIME_REFUSED = "95"
_CORRECTIONS = 3
_GONE = CodeMeaning(
    Kind.NOT_FOUND,
    "the device shows a web page instead of the file",
    "The share link may be unknown or have ended, or it may lead to a folder that is to be browsed",
)


class QnapShareLinks(ShareLinks):
    """Share links through utilRequest.cgi and share.cgi.

    Codes are shown by the device to whoever may list its links. The list does not show by which network a link is to
    be reached: `network` counts when a link is made, and is sent when one is changed, of which the guide says nothing.

    :param wire: makes the calls.
    """

    features = ShareLinkFeatures(
        password=True,
        shows_password=True,
        expires=True,
        ssl=True,
        hostname=True,
        network=True,
        mail=True,
        edit=True,
        delete_all=True,
        download=True,
        download_member=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def rounded(self, expires: int) -> int:
        """The full minute that `expires` lies in, since what is sent is the date and the minute in its time zone.

        That zone need not be known for it: no zone's clock differs from UTC by a part of a minute.
        """
        return full_minute(expires)

    def get(self, link_id: str) -> Optional[ShareLink]:
        """One link, found in the list (section 17.4), which knows no filter."""
        return next((link_of(row) for row in self._rows() if ssid_of(row) == link_id), None)

    def create(self, path: str, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Make a link to a file or folder within a share (section 17.2), then mail it (section 17.3).

        A link that does not become what it should, or that the device says it cannot mail, is removed again.
        """
        within_share(path, "led to by a link")
        connection = self._wire.http.connection
        terms = Terms(
            expires=desired.expires or NEVER,
            password=desired.password or "",
            ssl=connection.use_ssl if desired.ssl is None else desired.ssl,
            hostname=desired.hostname or host_in("", connection.host),
            network=desired.network or "internet",
            clock=self._clock(path),
        )
        fields: Fields = [("download_type", "create_download_link"), *place(path)]
        link_id = self._send(_MAKE, fields, terms, path)
        try:
            link = self._recovered(self._current(link_id, path, _MAKE), terms)
        except BaseException:
            self._remove(link_id)
            raise
        try:
            self._mail(link, terms, mail)
        except NasError as error:
            if error.kind not in (Kind.TIMEOUT, Kind.CONNECTION):
                self._remove(link_id)
            raise
        return link

    def edit(self, link: ShareLink, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """Change a link (section 17.8), then mail it (section 17.3).

        The call sets everything at once, so what is kept is sent too. The seconds of an end that is kept are lost.
        """
        expires = link.expires if desired.expires is None else desired.expires
        terms = Terms(
            expires=expires,
            password=(link.password or "") if desired.password is None else desired.password,
            ssl=link.url.startswith("https:") if desired.ssl is None else desired.ssl,
            hostname=desired.hostname or host_in(link.url, self._wire.http.connection.host),
            network=desired.network,
            clock=self._clock(link.path, must_exist=False) if expires else Clock(),
        )
        self._change(link, terms)
        changed = self._recovered(self._current(link.id, link.path, _CHANGE), terms)
        self._mail(changed, terms, mail)
        return changed

    def delete(self, links: Sequence[ShareLink]) -> None:
        """Remove links, many in one call (section 17.6), and check that they are gone."""
        for portion in portions(links):
            fields: Fields = [("file_total", len(portion))]
            for link in portion:
                fields += [("download_link", link.url), ("filename", link.path)]
            failure: Optional[NasError] = None
            try:
                self._wire.call(_DELETE, fields, path=portion[0].path, idempotent=False)
            except NasError as error:
                if not error.code.isdigit() and error.kind is not Kind.PROTOCOL:
                    raise
                failure = error
            doomed = {link.id for link in portion}
            left = next((link_of(row) for row in self._rows() if ssid_of(row) in doomed), None)
            if left is not None:
                message = "the device reported success, but the link is still there"
                raise failure or qnap_error(Kind.DEVICE, message, call=_DELETE, path=left.path)

    def delete_all(self) -> None:
        """Remove all links (section 17.7)."""
        self._wire.call("delete_share_all", [], idempotent=False)

    def download(
        self, url: str, password: Optional[str], sink: BinaryIO, *, watch: Watch, member: Optional[str] = None
    ) -> int:
        """Fetch what a link leads to (section 17.1); a folder or several files come as a zip.

        Only `ssid` is in the guide. What programs were seen to fetch has the id a second time, as `fid`, the code in
        base64 as `ep`, and `path` with `filename` for one file of a folder; `openfolder` keeps later firmware from
        showing a page to look at first.
        """
        ssid = ssid_in(url)
        if not ssid:
            message = "this is no share link of a QNAP"
            raise qnap_error(Kind.INVALID_ARGUMENT, message, call="share.cgi", hint="It holds an ssid")
        given: Fields = [("fid", ssid), ("openfolder", "forcedownload")]
        if password:
            given.append(("ep", base64.b64encode(encoded(password)).decode("ascii")))
        if member is not None:
            above, _slash, name = member.rpartition("/")
            given += [("path", f"/{above}"), ("filename", name)]
        replaced = {"open", *(("access_code",) if password else ()), *(name for name, _value in given)}
        query = [*((name, value) for name, value in query_of(url) if name not in replaced), *given]

        def opened() -> Stream:
            response = self._wire.open_link(query)
            return begun(self._wire, response, "share.cgi", member or "", nothing=None, page=_GONE, only=member)

        return copy(self._wire.http.repeat(opened, idempotent=True), sink, watch)

    def list(self, paths: Optional[Container[str]] = None) -> List[ShareLink]:
        """All links (section 17.4), in pages."""
        return [link_of(row) for row in self._rows() if paths is None or path_of(row) in paths]

    def _rows(self) -> Iterator[Row]:
        return paged(self._wire, LIST, [("dir", "ASC"), ("sort", "filename")], ssid_of)

    def _current(self, link_id: str, path: str, call: str) -> ShareLink:
        link = self.get(link_id)
        if link is None:
            message = "the device does not list the link"
            raise qnap_error(Kind.NOT_FOUND, message, call=call, path=path)
        return link

    def _clock(self, path: str, *, must_exist: bool = True) -> Clock:
        """What stat of a path (section 14) tells about the device's time zone.

        :raises NasError: `NOT_FOUND` when nothing is there and something must be.
        """
        folder, name = split(path)
        try:
            reply = self._wire.call("stat", selection(folder, [name]), path=path, payload="datas")
            rows = rows_of(reply, "stat", path)
            if not rows or entry_of(rows[0], "stat", folder) is None:
                raise qnap_error(Kind.NOT_FOUND, NOTHING_THERE, call="stat", path=path)
        except NasError as error:
            if must_exist or not (error.code.isdigit() or error.kind in (Kind.NOT_FOUND, Kind.PROTOCOL)):
                raise
            return Clock()
        return clock_of(rows[0])

    def _send(self, func: str, fields: Fields, terms: Terms, path: str) -> str:
        """Make or change a link. The id of a new one."""
        terms.sent = terms.expires
        secret = bool(terms.password)
        payload = "links" if func == _MAKE else ""
        try:
            reply = self._wire.call(
                func, [*fields, *terms.fields()], path=path, payload=payload, idempotent=False, form=secret
            )
        except NasError as error:
            if error.code != _TIME_REFUSED or terms.expires <= time.time():
                raise
            # In the device's time zone it may be over: a day later it is not, and the answer tells the zone.
            terms.sent = terms.expires + DAY
            reply = self._wire.call(
                func, [*fields, *terms.fields()], path=path, payload=payload, idempotent=False, form=secret
            )
        return made(reply, path) if func == _MAKE else ""

    def _change(self, link: ShareLink, terms: Terms) -> None:
        fields: Fields = [*kind_of("create_download_link"), ("file_total", 1), ("ssids", link.id)]
        self._send(_CHANGE, fields, terms, link.path)

    def _recovered(self, link: ShareLink, terms: Terms) -> ShareLink:
        """The link as it should be, changed as often as it takes."""
        for _attempt in range(_CORRECTIONS):
            if not terms.broken_by(link):
                return link
            if NEVER not in (terms.sent, link.expires):
                terms.clock.learn(terms.sent, link.expires)
            self._change(link, terms)
            link = self._current(link.id, link.path, _CHANGE)
        broken = terms.broken_by(link)
        if broken:
            message = f"the device did not keep the {broken} of the share link"
            raise qnap_error(Kind.DEVICE, message, call=_CHANGE, path=link.path)
        return link

    def _mail(self, link: ShareLink, terms: Terms, mail: Optional[Mail]) -> None:
        """Send a link (section 17.3), one call an addressee: how several are separated is written nowhere."""
        if mail is None:
            return
        for addressee in mail.addressees:
            fields = terms.mail(link, mail, addressee)
            reply = self._wire.call(_MAIL, fields, path=link.path, idempotent=False, form=True)
            if number(reply.get("email_error")):
                message = f"the device could not send the mail to {addressee}"
                hint = "Set up its mail server"
                raise qnap_error(Kind.DEVICE, message, call=_MAIL, path=link.path, hint=hint)

    def _remove(self, link_id: str) -> None:
        """Take back a link that was made in vain. A failure must not hide why."""
        with contextlib.suppress(NasError):
            link = self.get(link_id)
            if link is not None:
                self.delete([link])
