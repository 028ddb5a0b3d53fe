# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.API.Encryption and SYNO.API.Auth.UIConfig: what the web UI asks for before a login over http.

The client encrypts a random passphrase with the device's RSA key (PKCS 1 v1.5), and the urlencoded login fields with
AES-256-CBC in OpenSSL's salted form (key and IV by MD5), and sends both as JSON in one field. Seen in what an
unmodified client sends.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ..core.context import parse_form
from .calls import Call, serves
from .values import ApiError


class Ciphers:
    """The device's key, made when somebody first asks for it."""

    FIELD = "__cIpHeRtExT"
    TOKEN = "__cIpHeRtOkEn"

    def __init__(self) -> None:
        self._key: rsa.RSAPrivateKey | None = None
        self._lock = asyncio.Lock()

    async def key(self) -> rsa.RSAPrivateKey:
        async with self._lock:
            if self._key is None:
                self._key = await asyncio.to_thread(rsa.generate_private_key, 65537, 4096)
            return self._key

    async def open(self, text: str) -> dict[str, str]:
        """The login fields inside; 400 (bad credentials) when they cannot be read."""
        try:
            sealed = json.loads(text)
            key = await self.key()
            phrase = key.decrypt(base64.b64decode(sealed["rsa"]), padding.PKCS1v15())
            body = base64.b64decode(sealed["aes"])
            if body[:8] != b"Salted__":
                raise ValueError("no salt")
            secret = b""
            while len(secret) < 48:
                secret += hashlib.md5(secret[-16:] + phrase + body[8:16], usedforsecurity=False).digest()
            plain = Cipher(algorithms.AES(secret[:32]), modes.CBC(secret[32:48])).decryptor().update(body[16:])
            return parse_form(plain[: -plain[-1]].decode("utf-8"))
        except (ValueError, KeyError, TypeError, IndexError):
            raise ApiError(400) from None


@serves("SYNO.API.Encryption", "getinfo", public=True)
async def getinfo(call: Call) -> dict[str, Any]:
    """The public key, and how the fields are called."""
    key = await call.device.ciphers.key()
    return {
        "cipherkey": Ciphers.FIELD,
        "ciphertoken": Ciphers.TOKEN,
        "public_key": f"{key.public_key().public_numbers().n:X}",
        "server_time": int(time.time()),
    }


@serves("SYNO.API.Auth.UIConfig", "get", public=True)
async def ui_config(call: Call) -> web.StreamResponse:
    """The cookie `_SSID` holds a public key (X25519) for a handshake that this device does not go on with."""
    response = call.device.envelope(
        {"data": {"hostname": call.device.settings.text("hostname", "nas"), "preview": {}}, "success": True}
    )
    response.set_cookie("_SSID", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="), path="/")
    return response
