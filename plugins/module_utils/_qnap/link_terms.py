# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a share link of a QNAP shall be like, as its calls take it (File Station guide, 17.2, 17.3, 17.6 and 17.8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from .._core.links import NEVER, Mail, ShareLink
from .._transport.http import encode_query
from .clock import MINUTE, Clock
from .entries import split
from .wire import Fields

_BUNDLE = 6000  # encoded characters of links in one call


def full_minute(seconds: int) -> int:
    """The minute that a point in time lies in."""
    return seconds - seconds % MINUTE


@dataclass
class Terms:
    """What a link shall be like, all of it.

    :param expires: seconds since 1970 UTC, or `NEVER`.
    :param password: empty for none.
    :param network: None where it is not sent.
    :param clock: by which `expires` is written.
    :param sent: the end that was last sent to the device, as it was meant.
    """

    expires: int
    password: str
    ssl: bool
    hostname: str
    network: Optional[str]
    clock: Clock
    sent: int = NEVER

    def fields(self) -> Fields:
        """The parameters that all calls have."""
        end = [("valid_duration", "forever")]
        if self.sent != NEVER:
            end = [("valid_duration", "specific_time"), ("datetime", self.clock.written(self.sent))]
        return [
            ("hostname", self.hostname),
            ("ssl", flag(self.ssl)),
            ("access_enabled", flag(bool(self.password))),
            ("access_code", self.password),
            *end,
            *([("network_type", self.network)] if self.network else []),
        ]

    def broken_by(self, link: ShareLink) -> str:
        """What of a link is not as it shall be; empty when all is, as far as the device shows it."""
        if full_minute(link.expires) != full_minute(self.expires):
            return "end"
        if link.has_password is not None and (link.password or "") != self.password:
            return "password"
        return ""

    def mail(self, link: ShareLink, mail: Mail, addressee: str) -> Fields:
        """The parameters of share_file for one addressee."""
        tells = mail.include_password and bool(self.password)
        terms = replace(self, sent=link.expires, network=self.network or "internet")
        return [
            *kind_of("email_download_link"),
            ("addressee", addressee),
            ("subject", mail.subject),
            ("content", mail.content),
            ("include_access_code", flag(tells)),
            *place(link.path),
            *terms.fields(),
            ("link_url", link.url),
            ("mail_content_date", f"Valid until: {self.clock.written(link.expires)}" if link.expires else ""),
            ("mail_content_pwd", f"Password: {self.password}" if tells else ""),
            ("expire_time", link.expires),
        ]


def place(path: str) -> Fields:
    """The parameters that name what a link leads to."""
    folder, name = split(path)
    return [("path", folder), ("file_total", 1), ("file_name", name)]


def kind_of(value: str) -> Fields:
    """What shall be done, in both spellings: the guide has the first in its commands, the second in its examples."""
    return [("dowdownload_type", value), ("download_type", value)]


def flag(value: bool) -> str:
    """As the device writes it."""
    return "true" if value else "false"


def portions(links: Sequence[ShareLink]) -> Iterator[Sequence[ShareLink]]:
    """Links in portions that fit into one query each."""
    portion: list[ShareLink] = []
    length = 0
    for link in links:
        more = len(encode_query([("download_link", link.url), ("filename", link.path)])) + 1
        if portion and length + more > _BUNDLE:
            yield portion
            portion, length = [], 0
        portion.append(link)
        length += more
    if portion:
        yield portion
