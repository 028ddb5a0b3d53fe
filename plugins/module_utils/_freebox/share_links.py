# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share links of a Freebox ("Sharing Link" in the guide of API v16).

A link is known by its token. It ends at a second of its own, or never; it has no password, and nothing of it can be
changed. Its url is empty while the box's access from outside is switched off.
"""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from typing import Any, BinaryIO, List, Optional
from urllib.parse import quote

from .._api.capabilities.share_links import ShareLinkFeatures, ShareLinks
from .._core.errors import Kind, NasError, usage
from .._core.links import NEVER, DesiredLink, Mail, ShareLink
from .._core.text import SURROGATES
from .._core.waiting import Watch
from . import codes, encoding, entries, envelope, transfer
from .failures import freebox_error
from .wire import Wire

_LIST = "GET share_link/"
_GET = "GET share_link/{token}"
_CREATE = "POST share_link/"
_DELETE = "DELETE share_link/{token}"
_FETCH = "GET share/{token}"


class FreeboxShareLinks(ShareLinks):
    """See `ShareLinks`. A Freebox knows the end of a link and nothing else."""

    features = ShareLinkFeatures(
        expires=True,
        download=True,
        of_shares=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def rounded(self, expires: int) -> int:
        """The same: the box keeps the second."""
        return expires

    def list(self, paths: Optional[Container[str]] = None) -> List[ShareLink]:
        """`GET share_link/`; there are no pages."""
        found = self._wire.call(_LIST)
        if found is not None and not isinstance(found, list):
            raise envelope.protocol_error(_LIST, "the answer is not a list")
        return [_read(link, _LIST) for link in found or [] if paths is None or _leads_to(link, _LIST) in paths]

    def get(self, link_id: str) -> Optional[ShareLink]:
        """`GET share_link/{token}`, None when the box says that it has no such link."""
        try:
            found = self._wire.call(_GET, _part(link_id))
        except NasError as error:
            # `path_not_found` would be about what the link leads to.
            if error.kind is Kind.NOT_FOUND and error.code != "path_not_found":
                return None
            raise
        return _read(found, _GET)

    def create(self, path: str, desired: DesiredLink, mail: Optional[Mail] = None) -> ShareLink:
        """`POST share_link/`, which always makes another link.

        :raises NasError: `UNSUPPORTED` before any call when more than an end is desired: a link without the password
            must not come to be.
        """
        _refuse_more(_CREATE, path, desired, mail)
        body = {"path": encoding.encode(path), "expire": desired.expires or NEVER, "fullurl": ""}
        return _read(self._wire.call(_CREATE, path=path, body=body), _CREATE, path)

    def delete(self, links: Sequence[ShareLink]) -> None:
        """One `DELETE share_link/{token}` for each. One that is gone already is no error."""
        for link in links:
            try:
                self._wire.call(_DELETE, _part(link.id), path=link.path, idempotent=True)
            except NasError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise

    def download(
        self, url: str, password: Optional[str], sink: BinaryIO, *, watch: Watch, member: Optional[str] = None
    ) -> int:
        """Fetch what a link leads to, without a session.

        :param password: not sent: links of a Freebox have none.
        :raises NasError: `NOT_FOUND`; `PERMISSION_DENIED`; `WRONG_TYPE` when the link leads to a page and not to a
            file, as one to a folder may; `MISMATCH`.
        """

        def attempt() -> transfer.Answer:
            response = self._wire.send_share_link(url, _FETCH)
            return transfer.checked(response, _FETCH, "", _refuse, pages=True)

        answer = self._wire.http.repeat(attempt, idempotent=True)
        if _is_page(answer, url):
            answer.response.close()
            message = "the link leads to a page, and not to a file"
            raise freebox_error(Kind.WRONG_TYPE, message, call=_FETCH, hint="Perhaps to a folder")
        return transfer.save(self._wire, answer, _FETCH, "", sink, watch)


def _read(found: Any, call: str, path: str = "") -> ShareLink:
    """A link as the box tells it.

    :raises NasError: `PROTOCOL`.
    """
    token = envelope.member(found, "token", str, call, path)
    url = found.get("fullurl")
    if not token or not isinstance(url, (str, type(None))):
        raise envelope.protocol_error(
            call, "the answer holds a share link without a token, or with a url that is no text", path
        )
    expires = envelope.member(found, "expire", int, call, path)
    details = {key: found[key] for key in ("internal", "name") if isinstance(found.get(key), (bool, int, str))}
    return ShareLink(
        id=token,
        path=_leads_to(found, call, path),
        url=url or "",
        expires=expires,
        valid=expires == NEVER or expires > time.time(),
        details=details,
    )


def _leads_to(found: Any, call: str, path: str = "") -> str:
    """The path of a link. It may have been given without its first slash, and is reported as it was given."""
    return "/" + entries.decoded_path(found, call, path).strip("/")


def _part(token: str) -> str:
    """A token as a part of a URL."""
    if not token.strip("."):
        raise usage("this is not the id of a share link", hint="nas_info with gather: [share_links] lists them")
    return quote(token, safe="+=~", errors=SURROGATES)


def _refuse_more(call: str, path: str, desired: DesiredLink, mail: Optional[Mail]) -> None:
    more = {
        "available_from": desired.available_from is not None,
        "password": bool(desired.password),
        "ssl": desired.ssl is not None,
        "hostname": desired.hostname is not None,
        "network": desired.network is not None,
        "mail": mail is not None,
    }
    for name, asked in more.items():
        if asked:
            raise _unsupported(call, f"a share link of the box has no {name}", path)


def _refuse(head: bytes, status: int) -> None:
    """Raise the error in an answer to somebody who followed a link; nothing about it is documented."""
    code = f"HTTP {status}"
    if status in (404, 410):
        message = "the box has no such share link, or it has ended"
        raise freebox_error(Kind.NOT_FOUND, message, call=_FETCH, code=code)
    if status in (401, 403):
        message = "the box does not hand out what the link leads to"
        raise freebox_error(Kind.PERMISSION_DENIED, message, call=_FETCH, code=code)
    try:
        envelope.result(envelope.parse(head, _FETCH, status=status), codes.SHARE_LINK, _FETCH, status=status)
    except NasError as error:
        # There is no session here that could end.
        if error.kind is Kind.SESSION_EXPIRED:
            error.kind = Kind.PERMISSION_DENIED
        raise


def _is_page(answer: transfer.Answer, url: str) -> bool:
    headers = answer.response.headers
    if "Content-Disposition" in headers or "text/html" not in headers.get("Content-Type", ""):
        return False
    return not url.lower().endswith((".html", ".htm", ".xhtml"))


def _unsupported(call: str, message: str, path: str = "") -> NasError:
    return freebox_error(Kind.UNSUPPORTED, message, call=call, path=path)
