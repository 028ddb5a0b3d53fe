# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of replies: JSON as two generations of QTS write it, the XML of the management pages, and bodies that are
not what they should be (seen on devices, and by the clients that had to survive them)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from ..core.context import Context

CGI_TYPE = 'text/html; charset="UTF-8"'
HEADER_LINE = f"Content-type: {CGI_TYPE}\r\n\r\n"
PAGE_404 = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head><title>404 Not Found</title></head>'
    "<body><h1>Not Found</h1></body></html>\n"
)
PAGE_411 = "<html><head><title>411 Length Required</title></head><body><h1>Length Required</h1></body></html>\n"

ODDITIES = frozenset(
    {
        "header_in_body",
        "doubled",
        "broken_bytes",
        "not_json",
        "trailing_newline",
        "empty_body",
        "bom",
        "content_type",
        "html_404",
        "html_411",
        "redirect",
        "nested",
        "lone_surrogate",
    }
)
"""`do: {vendor: NAME}` for any call with a text reply."""


def encode(text: str) -> bytes:
    """Text as the device writes it: UTF-8, and names that are not UTF-8 byte for byte."""
    return text.encode("utf-8", "surrogateescape")


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def spaced(value: Any) -> str:
    """JSON the way json-c prints it: spaces inside the brackets, slashes escaped, UTF-8 as it is."""
    if isinstance(value, str):
        return encode_basestring(value).replace("/", "\\/")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        inner = ", ".join([f"{spaced(str(name))}: {spaced(item)}" for name, item in value.items()])
        return f"{{ {inner} }}" if inner else "{ }"
    if isinstance(value, (list, tuple)):
        return f"[ {', '.join([spaced(item) for item in value])} ]" if value else "[ ]"
    return _ENCODER.encode(value)


def compact(value: Any) -> str:
    """JSON as get_list of QTS 5 has it: no spaces, names in order, plain slashes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def respond(context: Context, text: str, content_type: str, *, oddity: str = "") -> web.Response:
    """The reply with this body; `oddity` is what the firmware does by itself, a fault rule goes before it."""
    value: Any = None
    for name in ODDITIES:
        if (set_value := context.oddity(name)) is not None:
            oddity, value = name, set_value
    body = encode(text)
    status = 200
    headers = {"Content-Type": content_type}
    if oddity == "header_in_body":
        body = encode(HEADER_LINE) + body
    elif oddity == "doubled":
        body = body.rstrip(b"\n") + b"\n" + body
    elif oddity == "broken_bytes":
        body = body[: len(body) * 2 // 3] + b"\xff\xfe\x00\x08" + body[len(body) * 2 // 3 + 7 :]
    elif oddity == "not_json":
        body = encode(value if isinstance(value, str) else "<html><body>OK</body></html>\n")
        headers["Content-Type"] = CGI_TYPE
    elif oddity == "trailing_newline":
        body = body.rstrip(b"\n") + b"\n"
    elif oddity == "empty_body":
        body = b""
    elif oddity == "bom":
        body = b"\xef\xbb\xbf" + body
    elif oddity == "content_type":
        headers["Content-Type"] = value if isinstance(value, str) else "text/plain"
    elif oddity == "nested":
        body = nested(int(value), xml=content_type == "text/xml")
    elif oddity == "lone_surrogate":
        body = encode(lone_surrogate(text, value if isinstance(value, str) else "pid"))
    elif oddity in {"html_404", "html_411"}:
        return page(404 if oddity == "html_404" else 411)
    elif oddity == "redirect":
        location = value if isinstance(value, str) else "https://127.0.0.1:8181" + context.request.raw_path
        return web.Response(status=302, headers={"Location": location})
    return web.Response(status=status, body=body, headers=headers)


def nested(depth: int, *, xml: bool) -> bytes:
    """So many elements (or lists) within each other."""
    if xml:
        return (
            b'<?xml version="1.0" encoding="UTF-8" ?>\n<QDocRoot>' + b"<a>" * depth + b"</a>" * depth + b"</QDocRoot>"
        )
    return b'{"status": 1, "datas": ' + b"[" * depth + b"]" * depth + b"}"


def lone_surrogate(text: str, key: str) -> str:
    """The first value of this key becomes half a surrogate pair: text that JSON may spell and nobody can encode."""
    return re.sub(rf'("{re.escape(key)}":\s*)("(?:[^"\\]|\\.)*"|-?\d+)', r'\1"\\ud800"', text, count=1)


def page(status: int) -> web.Response:
    """An error page of the web server in front of the CGI programs."""
    return web.Response(status=status, text=PAGE_411 if status == 411 else PAGE_404, content_type="text/html")


# -- XML


def cdata(value: Any) -> str:
    return "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


_NO_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]")


def bare(value: Any) -> str:
    """Text without CDATA; what XML cannot hold is left out."""
    return escape(_NO_XML.sub("", str(value)))


def element(name: str, value: Any, *, plain: bool = False) -> str:
    """An element: text in CDATA (or bare), a mapping as children (`""` is text beside them), a list as as many elements
    of this name."""
    if not name:
        return bare(value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(key, item, plain=plain) for key, item in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(element(name, item, plain=plain) for item in value)
    return f"<{name}>{bare(value) if plain else cdata(value)}</{name}>"


def document(values: Mapping[str, Any], *, plain: bool = False) -> str:
    """A QDocRoot. Refusals come with bare text (guide, section 1)."""
    inner = "".join(element(name, value, plain=plain) for name, value in values.items())
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<QDocRoot version="1.0">\n{inner}</QDocRoot>\n'
