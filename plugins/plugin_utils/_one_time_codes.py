# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One-time codes, each of which a run sends once."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from ..module_utils._core.errors import Kind, NasError
from ..module_utils._transport.session import Credentials

SPENT = "code-"


class Codes:
    """The one-time code of a login.

    :param folder: where all tasks of the run find which codes were used; not what they are.
    :param key: a digest of whose code it is.
    """

    def __init__(self, folder: Path, key: str, vendor: str, credentials: Credentials) -> None:
        code = credentials.otp_code
        self.digest = hashlib.sha256(f"{key}{code}".encode()).hexdigest() if code else ""
        self._about = folder, key, vendor, credentials
        self._vendor = vendor
        self._alone = bool(code) and not credentials.device_token

    @property
    def _mark(self) -> Path:
        """The file that says that it was used."""
        return self._about[0] / f"{SPENT}{self.digest}"

    def for_service(self, name: str) -> Codes:
        """The same code, which the login of another service of the device may use too, once."""
        folder, key, vendor, credentials = self._about
        return Codes(folder, f"{key}{name}", vendor, credentials)

    @contextlib.contextmanager
    def spending(self, again: bool) -> Iterator[None]:
        """Within it, a login may send the code.

        :param again: whether a session is at hand whose login gave a token in the place of the next code.
        :raises NasError: `OTP_REQUIRED` when it was sent before, and what came of that is lost.
        """
        if self._alone and not again:
            try:
                self._mark.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                raise self.error() from None
        try:
            yield
        except NasError as error:
            if error.unsent:
                self._mark.unlink(missing_ok=True)
            raise

    def error(self) -> NasError:
        """The error for a code that a login of this run has used."""
        return NasError(
            Kind.OTP_REQUIRED,
            "the session is lost whose login used the one-time code, and a code is good for one login",
            vendor=self._vendor,
            hint="Run nas_session once with a new otp_code (nas_otp_code), and set device_token (nas_device_token) to "
            "the device_token that it returns: a login then needs no code",
        )
