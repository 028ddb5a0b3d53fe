# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to a Freebox that somebody grants at its display (guide of API v16, "Login": authorize and track)."""

from __future__ import annotations

from .._api.capabilities.pairings import Pairings
from .._core.device import PAIRING_DENIED, PAIRING_GRANTED, PAIRING_PENDING, PAIRING_TIMEOUT, PAIRING_UNKNOWN, Pairing
from .._core.errors import NasError, usage
from . import codes, envelope
from .wire import Wire

_STATES = {
    "denied": PAIRING_DENIED,
    "granted": PAIRING_GRANTED,
    "pending": PAIRING_PENDING,
    "timeout": PAIRING_TIMEOUT,
    "unknown": PAIRING_UNKNOWN,
}


class FreeboxPairing(Pairings):
    """See `Pairings`. Works in the network behind the box only. No token is valid unless its state was asked for."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def request(self, app_id: str, app_name: str, app_version: str, device_name: str) -> Pairing:
        """`POST login/authorize/`: the box shows the request, and somebody presses its button.

        :raises NasError: `AUTHENTICATION` when the box takes no applications, or not from here.
        """
        call = "POST login/authorize/"
        asked = {"app_id": app_id, "app_name": app_name, "app_version": app_version, "device_name": device_name}
        answer = self._wire.public(call, body=asked)
        track_id = envelope.member(answer, "track_id", int, call)
        return Pairing(token=envelope.member(answer, "app_token", str, call), track_id=str(track_id))

    def is_refused(self) -> bool:
        """By a login, if there is no session: `invalid_token`, or `pending_token` for what nobody has granted."""
        try:
            self._wire.sessions.session()
        except NasError as error:
            if error.code not in codes.TOKEN_REFUSED:
                raise
            return True
        return False

    def state(self, pairing: Pairing) -> str:
        """`GET login/authorize/{track_id}`: one of the `PAIRING_*` states.

        :raises NasError: `PROTOCOL` for a state that is not documented.
        """
        call = "GET login/authorize/{track_id}"
        if not (pairing.track_id.isascii() and pairing.track_id.isdecimal()):
            raise usage("the track_id of a pairing is a number", hint="Hand on the one that the request returned")
        answer = self._wire.public(call, pairing.track_id)
        state = _STATES.get(envelope.member(answer, "status", str, call))
        if state is None:
            raise envelope.protocol_error(call, "the request is in a state that is not documented")
        return state
