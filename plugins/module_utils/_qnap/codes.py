# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the numbers of a QNAP mean.

The guide for QTS 4.0 explains a handful of them (0, 1, 2, 4, 5, 6, 9, 16, 18); the rest is the list that later
firmware uses. A number that is missing here is a failure of the device with no words for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._core.errors import (
    ARCHIVE_PASSWORD,
    CODE_WANTED,
    DENIED,
    DEVICE_BUSY,
    PASSWORD_REFUSED,
    READ_ONLY,
    SPACE,
    Kind,
    Known,
)
from .envelope import SESSION_EXPIRED

SUCCESS = 1
FAILED = 0
PASSWORD_WRONG = -1

_NAME = "QTS does not take names with any of \" + = / \\ : | * ? < > ; [ ] % , ` ' or beginning with _sn_"
_REMOTE = "Check the remote mount on the device"

STATUS: Mapping[int, Known] = {
    FAILED: Known(Kind.DEVICE, "the device could not do it and does not say why"),
    2: Known(Kind.EXISTS, "the name is taken"),
    SESSION_EXPIRED: Known(Kind.SESSION_EXPIRED, "the session is not known to the device"),
    4: Known(Kind.PERMISSION_DENIED, "permission denied", DENIED),
    5: Known(Kind.NOT_FOUND, "no such file or folder"),
    6: Known(Kind.BUSY, "the archive is still being worked on"),
    7: Known(Kind.DEVICE, "the device could not open or read the file"),
    8: Known(Kind.UNSUPPORTED, "File Station is switched off", "Switch File Station on in the device's settings"),
    9: Known(Kind.QUOTA_EXCEEDED, "the quota is used up or the volume is full", SPACE),
    10: Known(Kind.PERMISSION_DENIED, "permission denied at the source", DENIED),
    11: Known(Kind.PERMISSION_DENIED, "permission denied at the destination", DENIED),
    12: Known(Kind.INVALID_NAME, "the device does not take this name", _NAME),
    13: Known(Kind.DEVICE, "no more ISO shares can be mounted"),
    14: Known(Kind.DEVICE, "no more share links can be made", "Delete links that are no longer needed"),
    15: Known(Kind.AUTHENTICATION, "the device refused the login", PASSWORD_REFUSED),
    16: Known(Kind.UNSUPPORTED, "the recycle bin is switched off", "Switch it on in the device's settings"),
    17: Known(Kind.AUTHENTICATION, "the password was refused", PASSWORD_REFUSED),
    18: Known(Kind.UNSUPPORTED, "the media library is switched off", "Switch it on in the device's settings"),
    19: Known(Kind.BUSY, "the device's database did not answer", DEVICE_BUSY),
    20: Known(Kind.INVALID_ARGUMENT, "the device does not know this call or takes another value"),
    21: Known(Kind.PERMISSION_DENIED, "a demonstration site does not allow this"),
    22: Known(Kind.BUSY, "the file is being transcoded"),
    23: Known(Kind.DEVICE, "the source volume has an error"),
    24: Known(Kind.DEVICE, "the destination volume has an error"),
    25: Known(Kind.NOT_FOUND, "no such folder at the destination"),
    26: Known(Kind.INVALID_NAME, "the name is longer than 255 bytes"),
    27: Known(Kind.PERMISSION_DENIED, "the folder is encrypted and locked", "Unlock the shared folder on the device"),
    28: Known(Kind.BUSY, "the device is still preparing this"),
    29: Known(Kind.INVALID_ARGUMENT, "the device does not play media of this kind"),
    30: Known(Kind.UNSUPPORTED, "the DLNA media server is switched off"),
    31: Known(Kind.NOT_FOUND, "no such media player"),
    32: Known(Kind.DEVICE, "the cloud server failed"),
    33: Known(Kind.EXISTS, "the name is taken"),
    34: Known(Kind.DEVICE, "the search found more than the device lists", "Search for something narrower"),
    35: Known(Kind.DEVICE, "the device is out of memory"),
    36: Known(Kind.BUSY, "the archive is still being made"),
    37: Known(Kind.DEVICE, "no more WebDAV folders can be mounted"),
    38: Known(Kind.DEVICE, "unmounting failed"),
    39: Known(Kind.DEVICE, "mounting failed"),
    40: Known(Kind.DEVICE, "the remote folder refuses the device's password", _REMOTE),
    41: Known(Kind.DEVICE, "no TLS connection from the device to the remote folder", _REMOTE),
    42: Known(Kind.DEVICE, "the remote folder could not be mounted again", _REMOTE),
    43: Known(Kind.DEVICE, "the host of the remote folder does not answer the device", _REMOTE),
    44: Known(Kind.DEVICE, "the remote folder does not answer the device in time", _REMOTE),
    45: Known(Kind.DEVICE, "the device's settings of the remote folder are broken", _REMOTE),
    46: Known(Kind.DEVICE, "the remote folder refuses: no permission or no space", _REMOTE),
    48: Known(Kind.DEVICE, "the FTP folder failed", _REMOTE),
    49: Known(Kind.DEVICE, "there are more folders than the device lists"),
    50: Known(Kind.DEVICE, "there are more files than the device lists"),
    52: Known(Kind.PERMISSION_DENIED, "at least one file could not be reached"),
    55: Known(Kind.INVALID_ARGUMENT, "the destination lies within the source"),
    56: Known(Kind.READ_ONLY, "the remote folder is read-only", READ_ONLY),
    57: Known(Kind.NOT_FOUND, "the share link has expired"),
    58: Known(Kind.DEVICE, "the file could not be added to the transcoding queue"),
    59: Known(Kind.DEVICE, "the file could not be removed from the transcoding queue"),
    60: Known(Kind.INVALID_NAME, "the device cannot convert the name's character set"),
    61: Known(Kind.INVALID_ARGUMENT, "the file is too large for this"),
    62: Known(Kind.BUSY, "somebody else changed the file meanwhile"),
    63: Known(Kind.DEVICE, "the device could not delete it"),
    64: Known(Kind.DEVICE, "the remote device refuses the login", _REMOTE),
    65: Known(Kind.DEVICE, "the device could not make a thumbnail"),
    66: Known(Kind.DEVICE, "ejecting failed"),
    67: Known(Kind.DEVICE, "the search failed"),
    69: Known(Kind.OTP_REQUIRED, "a one-time code is needed", CODE_WANTED),
    70: Known(Kind.NOT_FOUND, "the device has no volume and no shared folder"),
    77: Known(Kind.UNSUPPORTED, "cached mounts are switched off"),
    83: Known(Kind.DEVICE, "the device's own network connection failed"),
    92: Known(Kind.INVALID_ARGUMENT, "the source lies directly in the destination"),
    93: Known(Kind.DEVICE, "the device could not read the source", "Check the disks"),
    94: Known(Kind.NO_SPACE, "no space is left", SPACE),
    95: Known(Kind.INVALID_ARGUMENT, "the share link's times are not possible", "Give it an end in the future"),
    101: Known(Kind.INVALID_ARGUMENT, "the device does not take a value of this call"),
    102: Known(Kind.INVALID_ARGUMENT, "the device misses a value in this call"),
    104: Known(Kind.NOT_FOUND, "no such calculation is running"),
    105: Known(Kind.DEVICE, "the device could not store the share link"),
    106: Known(Kind.DEVICE, "the device could not calculate the checksum"),
    107: Known(Kind.DEVICE, "only a part of the file arrived"),
    108: Known(Kind.OTP_REQUIRED, "this operation needs a one-time code", CODE_WANTED),
    109: Known(Kind.DEVICE, "the upload failed"),
}
"""`status` of utilRequest.cgi."""

_NO_CHECKSUM = Known(Kind.UNSUPPORTED, "this firmware calculates no checksums")
_NO_SPACE_INFO = Known(Kind.UNSUPPORTED, "this firmware does not tell the size of a volume")
_NO_SESSION_CHECK = Known(Kind.UNSUPPORTED, "this firmware does not tell about itself")

_ARCHIVE_PASSWORD = Known(Kind.PERMISSION_DENIED, "the archive's password is missing or wrong", ARCHIVE_PASSWORD)
_NO_ARCHIVE = Known(
    Kind.INVALID_ARGUMENT, "the device cannot read this archive", "It may be damaged or of another kind"
)
_NOT_UNPACKED = Known(
    Kind.INVALID_ARGUMENT,
    "the device could not unpack this archive, or somebody stopped it",
    "The archive may be damaged or need a password, or the space may be used up",
)
_READING = {FAILED: _NO_ARCHIVE, 7: _NO_ARCHIVE, 17: _ARCHIVE_PASSWORD, 29: _NO_ARCHIVE}
_NO_PROCESS = Known(Kind.NOT_FOUND, "no such task is running")
# The guide has one failure for these (sections 6.3, 7.2, 18.3 and 19.7), and a process that runs can be stopped.
_CANCELLING = {FAILED: _NO_PROCESS, 5: _NO_PROCESS}
_CANCELLED = ("copy", "move", "extract", "compress", "trash_recovery", "transcode")
NO_RENDITION = Known(
    Kind.NOT_FOUND, "the device has no such rendition of this file", "Perhaps it is not transcoded yet"
)
NO_PICTURE = Known(Kind.UNSUPPORTED, "the device makes no picture of this file")
_LINK_CODE = Known(Kind.PERMISSION_DENIED, "the share link's password is missing or wrong")

STATUS_OF: Mapping[str, Mapping[int, Known]] = {
    # Not in the guide: firmware without these calls says that it does not understand.
    "checksum": {20: _NO_CHECKSUM, 101: _NO_CHECKSUM, 102: _NO_CHECKSUM},
    "get_disk_info": {20: _NO_SPACE_INFO, 101: _NO_SPACE_INFO, 102: _NO_SPACE_INFO},
    "search": {
        20: Known(Kind.UNSUPPORTED, "this firmware does not search so"),
        34: Known(Kind.UNSUPPORTED, "the search found more than the device lists", "Search for something narrower"),
    },
    "get_extract_list": _READING,
    "extract": _READING,
    "get_extract_status": {**_READING, FAILED: _NOT_UNPACKED},
    "get_compress_status": {FAILED: Known(Kind.DEVICE, "the archive could not be made, or somebody stopped it")},
    **{f"cancel_{kind}": _CANCELLING for kind in _CANCELLED},
    "get_thumb": {FAILED: NO_PICTURE, 29: NO_PICTURE, 65: NO_PICTURE},
    "get_viewer": {5: NO_RENDITION, 29: Known(Kind.UNSUPPORTED, "the device does not play this file")},
    # Here nobody logs in.
    "share.cgi": {SESSION_EXPIRED: _LINK_CODE, 15: _LINK_CODE, 17: _LINK_CODE},
    "check_sid": {20: _NO_SESSION_CHECK, 101: _NO_SESSION_CHECK, 102: _NO_SESSION_CHECK},
}
"""Where a call gives a number another meaning."""

LOGIN: Mapping[int, Known] = {
    PASSWORD_WRONG: Known(Kind.AUTHENTICATION, "user name or password refused", PASSWORD_REFUSED),
    -2: Known(Kind.AUTHENTICATION, "the user is no administrator"),
    -3: Known(Kind.AUTHENTICATION, "the administrator's password has expired", "Change it in the device's web page"),
    -4: Known(Kind.AUTHENTICATION, "the password has expired", "Change it in the device's web page"),
}
"""`errorValue` of authLogin.cgi."""


def meaning(call: str, status: int) -> Known:
    """What `status` says in the answer to `call` (as utilRequest.cgi's `func` spells it)."""
    known = STATUS_OF.get(call, {}).get(status) or STATUS.get(status)
    return known or Known(Kind.DEVICE, "the device reports a failure of its own")
