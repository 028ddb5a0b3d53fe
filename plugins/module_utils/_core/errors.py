# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between a task and a NAS, in words that are the same for every vendor.

A vendor's package holds one table that maps its wire codes to a `Kind`, a message and a hint; nothing outside that
package ever sees a wire code except as the `code` of a failure.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(str, Enum):
    """The kinds of failure. The value is what a user reads in `failure.kind`."""

    NOT_FOUND = "not_found"  # the device said: there is no such path, link or task
    EXISTS = "exists"  # the name is taken
    NOT_EMPTY = "not_empty"
    WRONG_TYPE = "wrong_type"  # a folder where a file was expected, or the reverse
    INVALID_NAME = "invalid_name"  # the device does not take this name or path
    INVALID_ARGUMENT = "invalid_argument"  # the device does not take this value
    PERMISSION_DENIED = "permission_denied"
    READ_ONLY = "read_only"
    NO_SPACE = "no_space"
    QUOTA_EXCEEDED = "quota_exceeded"
    BUSY = "busy"  # worth another try later
    AUTHENTICATION = "authentication"  # credentials refused, account locked, address blocked: never tried again
    OTP_REQUIRED = "otp_required"  # a one-time code is missing or wrong
    SESSION_EXPIRED = "session_expired"  # the device no longer knows the session: one new login is due
    UNSUPPORTED = "unsupported"  # this vendor, model or version does not offer the call
    CONNECTION = "connection"  # unreachable, refused, reset, gone
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"  # TLS: not trusted, wrong name, expired
    REDIRECT = "redirect"  # the device wants another address; credentials are never sent after a redirect
    PROTOCOL = "protocol"  # an answer that makes no sense
    MISMATCH = "mismatch"  # what arrived is not what was sent
    CANCELLED = "cancelled"
    DEVICE = "device"  # the device reports a failure of its own that fits no other kind
    USAGE = "usage"  # the task asks for something contradictory or impossible


class CodeMeaning(NamedTuple):
    """What a vendor's wire code means: its kind, a message in plain words, and what to do about it."""

    kind: Kind
    message: str
    hint: str = ""


# What to do, where that is the same on every vendor's devices. An option is named with the variable of an inventory.
NOTHING_THERE = "there is no such file or folder"
SPACE = "Free some space on the volume, or raise the quota of the account or the shared folder"
DENIED = "Check what the account or application (username, nas_username) may do there, in the device's settings"
READ_ONLY = "Choose another place, or make this one writable in the device's settings"
BAD_ARCHIVE = (
    "Check that the archive is whole and of a format that the device unpacks, and archive_password set where it has one"
)
READABLE = "Let the user who runs Ansible read it"
SHORTER = "Choose a shorter name"
ARCHIVE_PASSWORD = "Set archive_password to the archive's own password"
PASSWORD_REFUSED = (
    "Check username (nas_username or ansible_user) and password (nas_password or ansible_password); devices block an "
    "address after a few wrong passwords"
)
PASSWORD_MISSING = "Set username (nas_username or ansible_user) and password (nas_password or ansible_password)"
DEVICE_BUSY = "Try again later; retries (nas_retries) says how often a call that only reads is repeated"
WHERE = "Check host (nas_host or ansible_host), port (nas_port) and vendor (nas_vendor)"
GARBLED = (
    "Run the task again. If it comes back, check whether something between here and the device (a proxy, a firewall, "
    "the login page of a network) answers in its place"
)
"""What to do about an answer that makes no sense of a device that had made sense before."""
CODE_WANTED = (
    "Set otp_code (nas_otp_code) to a code of the account's authenticator, or device_token (nas_device_token) to the "
    "token that nas_session returned after a login with a code"
)
CODE_REFUSED = (
    "Set otp_code (nas_otp_code) to the next code of the account's authenticator; each is good for one login. If it is "
    "refused too, compare the clocks of the NAS and of the authenticator"
)
NEW_DEVICE_TOKEN = (
    "Run nas_session once with otp_code (nas_otp_code), and put the device_token that it returns in the place of the "
    "old one (nas_device_token)"
)

AGAIN = "Run the task again"
BY_KIND = {
    Kind.NOT_FOUND: "Check the path or id in the task: nas_info lists shares, links and tasks, nas_find files",
    Kind.EXISTS: "Choose another name, or rename or remove what has this one",
    Kind.NOT_EMPTY: "Set recursive to true to remove a folder with what it holds, or empty it first",
    Kind.WRONG_TYPE: "Check the path in the task, or move what is there out of the way",
    Kind.INVALID_NAME: "Choose another name",
    Kind.INVALID_ARGUMENT: "Check the options of the task: the device does not take what one of them says",
    Kind.PERMISSION_DENIED: DENIED,
    Kind.READ_ONLY: READ_ONLY,
    Kind.NO_SPACE: SPACE,
    Kind.QUOTA_EXCEEDED: "Remove what is no longer needed, or raise the limit in the device's settings",
    Kind.BUSY: DEVICE_BUSY,
    Kind.AUTHENTICATION: PASSWORD_REFUSED,
    Kind.OTP_REQUIRED: CODE_WANTED,
    Kind.SESSION_EXPIRED: f"{AGAIN}. Where session_token (nas_session_token) is set, nas_session returns a new one",
    Kind.UNSUPPORTED: "Update the device's firmware, or do without what the task asks for on this device",
    Kind.CONNECTION: WHERE,
    Kind.CERTIFICATE: WHERE,
    Kind.REDIRECT: WHERE,
    Kind.TIMEOUT: f"{AGAIN}, or raise timeout (nas_timeout)",
    Kind.PROTOCOL: GARBLED,
    Kind.MISMATCH: AGAIN,
    Kind.CANCELLED: AGAIN,
    Kind.DEVICE: f"{AGAIN}. If it fails again, the device's own log may tell why",
}
"""What to do where whoever found the failure knows no better."""


class NasError(Exception):
    """A failure that names everything a user needs: vendor, call, path, code and a hint.

    :param kind: what went wrong.
    :param message: one sentence in plain words. It must never hold a secret or a URL.
    :param vendor: as `_vendors` has it; empty when no vendor is involved yet.
    :param call: the call as its vendor's document names it, for example `GET fs/tasks/{id}`.
    :param path: the path on the NAS that it was about.
    :param code: the vendor's own code as text, or the HTTP status as `HTTP 503`.
    :param hint: what the user can do.
    :param unsent: true when it is certain that the device never received the request, so that it may be repeated.
    :ivar final: whether the same request would fail again, though its kind is one that may pass.
    :ivar broke_off: whether the other side ended a connection that it had taken, for no reason that is known.
    :ivar unreachable: whether the device was not reached at all, and nothing was written before.
    :ivar done: what the task has done before, by the keys of its result; empty where it has changed nothing.
    :ivar session_in_doubt: set by a vendor's wire on a refusal that may also mean that the session has ended.
    """

    final = False
    broke_off = False
    unreachable = False
    session_in_doubt = False

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        vendor: str = "",
        call: str = "",
        path: str = "",
        code: str = "",
        hint: str = "",
        unsent: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.vendor = vendor
        self.call = call
        self.path = path
        self.code = code
        self.hint = hint
        self.unsent = unsent
        self.done: dict[str, object] = {}

    def failure(self) -> dict[str, str]:
        """The `failure` of a task's result."""
        return {
            "kind": self.kind.value,
            "vendor": self.vendor,
            "call": self.call,
            "code": self.code,
            "path": self.path,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        where = " ".join(part for part in (self.vendor, self.call) if part)
        details = [f"{name} {value}" for name, value in (("path", self.path), ("code", self.code)) if value]
        text = f"{where}: {self.message}" if where else self.message
        if details:
            text = f"{text} ({', '.join(details)})"
        return f"{text}. {self.hint}" if self.hint else text


def usage(message: str, *, path: str = "", hint: str = "") -> NasError:
    """An error in what the task asks for, found before any call."""
    return NasError(Kind.USAGE, message, path=path, hint=hint)
