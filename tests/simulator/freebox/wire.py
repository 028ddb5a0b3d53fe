# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The envelope, the error codes, and the way values come and go.

Rests on the File System page ("Path encoding", "File System Errors") and on recorded answers: the success envelope with
or without `result`, the error envelope with `msg` and `error_code`, 403 and a fresh challenge for whatever is about
login, and 200 for the other errors (the status of most was never recorded: the setting `error_status`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from aiohttp import web

from ..core import errors

NOTHING = object()
"""What a handler returns when the envelope holds no `result`."""

LOGIN_CODES = frozenset(
    {
        "auth_required",
        "invalid_token",
        "pending_token",
        "insufficient_rights",
        "denied_from_external_ip",
        "ratelimited",
        "new_apps_denied",
        "apps_denied",
        "invalid_session",
    }
)

MESSAGES = {
    "auth_required": "Connexion nécessaire",
    "invalid_session": "Session inconnue",
    "invalid_token": "Application refusée",
    "pending_token": "Application en attente de validation",
    "insufficient_rights": "Cette application n'a pas les droits nécessaires",
    "denied_from_external_ip": "Possible uniquement depuis le réseau local",
    "ratelimited": "Trop d'échecs de connexion",
    "new_apps_denied": "Les nouvelles applications sont refusées",
    "apps_denied": "L'accès des applications est désactivé",
    "invalid_request": "Requête invalide",
    "invalid_api_version": "Version d'API inconnue",
    "invalid_id": "Identifiant inconnu",
    "path_not_found": "Fichier introuvable",
    "internal_error": "Erreur interne",
    "disk_unavailable": "Disque non monté",
    "invalid_conflict_mode": "Mode de conflit invalide",
    "exec_failed": "Erreur interne",
    "out_of_memory": "Mémoire insuffisante",
    "task_not_found": "Tâche inconnue",
    "invalid_state": "État invalide",
    "invalid_task_type": "Opération impossible pour cette tâche",
    "destination_conflict": "La destination existe",
    "conflict": "La destination existe",
    "access_denied": "Accès refusé",
    "disk_full": "Disque plein",
    "noent": "Entrée inconnue",
    "cancelled": "Annulé",
    "not_found": "Disque ou partition introuvable",
    "invalid_disk": "Disque invalide",
    "notsupp": "Opération non supportée",
}

_DISK_CODES: list[tuple[type[errors.DiskError], str]] = [
    (errors.NotFound, "path_not_found"),
    (errors.NotFolder, "path_not_found"),
    (errors.Exists, "destination_conflict"),
    (errors.NoSpace, "disk_full"),
    (errors.Quota, "disk_full"),
    (errors.Denied, "access_denied"),
    (errors.BadPath, "path_not_found"),
    (errors.NameTooLong, "invalid_request"),
    (errors.IsFolder, "invalid_request"),
    (errors.IntoItself, "invalid_request"),
]


class Refused(Exception):  # noqa: N818
    """The call is answered with this error code."""

    def __init__(self, code: str, *, status: int | None = None, detail: str = "", **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail
        self.extra = extra


def disk_code(exc: errors.DiskError) -> str:
    """The API's code for trouble on the disk."""
    return next((code for error, code in _DISK_CODES if isinstance(exc, error)), "internal_error")


def message(code: str, detail: str = "") -> str:
    text = MESSAGES.get(code, "Erreur")
    return f"{text} ({detail})" if detail else text


def shown(text: str) -> str:
    """A name as JSON can hold it: bytes that are no UTF-8 become U+FFFD. Nothing is normalised."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:  # half a surrogate pair: it came in JSON, it is no name
        return text.encode("utf-8", "replace").decode("utf-8")


def lone_surrogate(text: str, key: str) -> str:
    """The fault of this name: the first value of a key becomes half a surrogate pair, as JSON may spell it."""
    return re.sub(rf'("{re.escape(key)}": )("(?:[^"\\\\]|\\\\.)*"|-?\d+)', r'\1"\\ud800"', text, count=1)


def dumps(value: Any, *, escape_slashes: bool = False) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
        text = json.dumps(value)
    return text.replace("/", "\\/") if escape_slashes else text


def reply(value: Any, *, status: int = 200, escape_slashes: bool = False) -> web.Response:
    return web.Response(
        status=status,
        body=dumps(value, escape_slashes=escape_slashes).encode("utf-8"),
        content_type="application/json",
        charset="utf-8",
    )


def encode_path(clear: str) -> str:
    """Standard alphabet, padded (RFC 4648, 4), over the bytes on the disk."""
    return base64.b64encode(clear.encode("utf-8", "surrogateescape")).decode("ascii")


def decode_path(text: Any) -> str:
    """The clear path of a base64 one. Other alphabets and missing padding are refused: no client sends them."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (AttributeError, UnicodeEncodeError, binascii.Error) as exc:
        raise Refused("invalid_request", detail="base64") from exc
    if b"\0" in raw:
        raise Refused("invalid_request", detail="NUL")
    return raw.decode("utf-8", "surrogateescape")


def decode_url_path(text: str) -> str:
    """The base64 at the end of a URL: a last `/` belongs to the alphabet when the text is whole with it."""
    try:
        return decode_path(text)
    except Refused:
        if text.endswith("/"):
            return decode_path(text[:-1])
        raise


def truth(value: Any) -> bool:
    """Booleans came as true, 1 and "1" from working clients; in queries as 0 and 1."""
    if isinstance(value, str):
        return value.lower() in {"1", "true", "yes", "on"}
    return bool(value)


def number(value: Any) -> int:
    """Integers came as strings from working clients too."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Refused("invalid_request")
    try:
        return int(value)
    except (ValueError, OverflowError) as exc:
        raise Refused("invalid_request") from exc
