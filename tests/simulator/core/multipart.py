# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A multipart/form-data body, part by part, without ever holding a file in memory (RFC 7578).

Names and file names are taken as the bytes they are (surrogate escapes), only `\\"`, `\\\\` and the `%22`, `%0D`, `%0A`
of the HTML standard are undone.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import unquote_to_bytes

_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_HEADER_LIMIT = 65536


class BadMultipart(Exception):  # noqa: N818
    """The body is not what its Content-Type says."""


class Part:
    """One part; `filename` is None for a plain field. Read it with `chunks()` or `text()` before the next part."""

    def __init__(self, owner: Multipart, headers: dict[str, str]) -> None:
        self._owner = owner
        self.headers = headers
        parameters = _parameters(headers.get("content-disposition", ""))
        self.name = parameters.get("name", "")
        self.filename = parameters.get("filename")
        self.done = False

    async def chunks(self) -> AsyncIterator[bytes]:
        async for block in self._owner.part_body(self):
            yield block

    async def read(self) -> bytes:
        return b"".join([block async for block in self.chunks()])

    async def text(self) -> str:
        return (await self.read()).decode("utf-8", "surrogateescape")


class Multipart:
    """The reader: `await next_part()` until it answers None."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        boundary = _parameters(content_type.replace(",", ";", 1)).get("boundary", "")
        if not boundary:
            raise BadMultipart("no boundary")
        self._delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._body = body
        self._buffer = bytearray(b"\r\n")
        self._part: Part | None = None
        self._at_boundary = False
        self._ended = False
        self._first = False

    async def next_part(self) -> Part | None:
        """The next part; what is left of the one before is skipped."""
        if self._ended:
            return None
        if self._part is not None and not self._part.done:
            async for _block in self.part_body(self._part):
                pass
        if not self._at_boundary:
            async for _block in self._until_delimiter():
                pass
        while len(self._buffer) < 2:
            await self._more()
        if self._buffer[:2] == b"--":
            self._ended = True
            async for _block in self._body:
                pass
            return None
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _HEADER_LIMIT:
                raise BadMultipart("part headers too long")
            await self._more()
        lines = bytes(self._buffer[:end]).decode("utf-8", "surrogateescape").split("\r\n")
        del self._buffer[: end + 2]
        # the two bytes left are the line break that begins the body: a delimiter may follow at once
        pairs = (line.partition(":") for line in lines if line)
        headers = {name.strip().lower(): value.strip() for name, _colon, value in pairs}
        self._part = Part(self, headers)
        self._at_boundary = False
        self._first = True
        return self._part

    async def part_body(self, part: Part) -> AsyncIterator[bytes]:
        if part is not self._part or part.done:
            return
        if self._first:
            self._first = False
            while len(self._buffer) < len(self._delimiter):
                await self._more()
            if not self._buffer.startswith(self._delimiter):
                del self._buffer[:2]
        async for block in self._until_delimiter():
            yield block
        part.done = True

    async def _until_delimiter(self) -> AsyncIterator[bytes]:
        size = len(self._delimiter)
        while True:
            found = self._buffer.find(self._delimiter)
            if found >= 0:
                if found:
                    yield bytes(self._buffer[:found])
                del self._buffer[: found + size]
                self._at_boundary = True
                return
            safe = len(self._buffer) - size
            if safe > 0:
                yield bytes(self._buffer[:safe])
                del self._buffer[:safe]
            await self._more()

    async def _more(self) -> None:
        try:
            self._buffer += await self._body.__anext__()
        except StopAsyncIteration:
            raise BadMultipart("the body ends in the middle") from None


def _parameters(header: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition; `filename*` wins over `filename`."""
    found: dict[str, str] = {}
    for name, raw in _PARAMETER.findall(header):
        value = raw.strip()
        if value.startswith('"'):
            value = re.sub(r'\\(["\\])', r"\1", value[1:-1]).replace("%22", '"')
            value = value.replace("%0D", "\r").replace("%0A", "\n")
        found[name.lower()] = value
    for name in [name for name in found if name.endswith("*")]:
        encoded = found.pop(name).split("'", 2)[-1]
        plain = unquote_to_bytes(encoded.encode("utf-8", "surrogateescape"))
        found[name[:-1]] = plain.decode("utf-8", "surrogateescape")
    return found
