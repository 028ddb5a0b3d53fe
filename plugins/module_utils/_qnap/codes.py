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
    BAD_ARCHIVE,
    CODE_WANTED,
    DENIED,
    DEVICE_BUSY,
    NOTHING_THERE,
    PASSWORD_REFUSED,
    READ_ONLY,
    SHORTER,
    SPACE,
    CodeMeaning,
    Kind,
)
from .envelope import SESSION_EXPIRED

_NARROWER = "Look in folders further down (paths of nas_find), one after the other"

SUCCESS = 1
FAILED = 0
PASSWORD_WRONG = -1

_NAME = "QTS does not take names with any of \" + = / \\ : | * ? < > ; [ ] % , ` ' or beginning with _sn_"
TOO_MANY = "Keep what is in it in several folders"
_REMOTE = "Check the remote mount on the device"

STATUS: Mapping[int, CodeMeaning] = {
    FAILED: CodeMeaning(Kind.DEVICE, "the device could not do it and does not say why"),
    2: CodeMeaning(Kind.EXISTS, "the name is taken"),
    SESSION_EXPIRED: CodeMeaning(Kind.SESSION_EXPIRED, "the session is not known to the device"),
    4: CodeMeaning(Kind.PERMISSION_DENIED, "permission denied", DENIED),
    5: CodeMeaning(Kind.NOT_FOUND, NOTHING_THERE),
    6: CodeMeaning(Kind.BUSY, "the archive is still being worked on"),
    7: CodeMeaning(Kind.DEVICE, "the device could not open or read the file"),
    8: CodeMeaning(Kind.UNSUPPORTED, "File Station is switched off", "Switch File Station on in the device's settings"),
    9: CodeMeaning(Kind.QUOTA_EXCEEDED, "the quota is used up or the volume is full", SPACE),
    10: CodeMeaning(Kind.PERMISSION_DENIED, "permission denied at the source", DENIED),
    11: CodeMeaning(Kind.PERMISSION_DENIED, "permission denied at the destination", DENIED),
    12: CodeMeaning(Kind.INVALID_NAME, "the device does not take this name", _NAME),
    13: CodeMeaning(Kind.DEVICE, "no more ISO shares can be mounted"),
    14: CodeMeaning(Kind.DEVICE, "no more share links can be made", "Delete links that are no longer needed"),
    15: CodeMeaning(Kind.AUTHENTICATION, "the device refused the login", PASSWORD_REFUSED),
    16: CodeMeaning(Kind.UNSUPPORTED, "the recycle bin is switched off", "Switch it on in the device's settings"),
    17: CodeMeaning(Kind.AUTHENTICATION, "the password was refused", PASSWORD_REFUSED),
    18: CodeMeaning(Kind.UNSUPPORTED, "the media library is switched off", "Switch it on in the device's settings"),
    19: CodeMeaning(Kind.BUSY, "the device's database did not answer", DEVICE_BUSY),
    20: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not know this call or takes another value"),
    21: CodeMeaning(Kind.PERMISSION_DENIED, "a demonstration site does not allow this"),
    22: CodeMeaning(Kind.BUSY, "the file is being transcoded"),
    23: CodeMeaning(Kind.DEVICE, "the source volume has an error"),
    24: CodeMeaning(Kind.DEVICE, "the destination volume has an error"),
    25: CodeMeaning(Kind.NOT_FOUND, "no such folder at the destination"),
    26: CodeMeaning(Kind.INVALID_NAME, "the name is longer than 255 bytes", SHORTER),
    27: CodeMeaning(
        Kind.PERMISSION_DENIED, "the folder is encrypted and locked", "Unlock the shared folder on the device"
    ),
    28: CodeMeaning(Kind.BUSY, "the device is still preparing this"),
    29: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not play media of this kind"),
    30: CodeMeaning(Kind.UNSUPPORTED, "the DLNA media server is switched off"),
    31: CodeMeaning(Kind.NOT_FOUND, "no such media player"),
    32: CodeMeaning(Kind.DEVICE, "the cloud server failed"),
    33: CodeMeaning(Kind.EXISTS, "the name is taken"),
    34: CodeMeaning(Kind.DEVICE, "the search found more than the device lists", _NARROWER),
    35: CodeMeaning(Kind.DEVICE, "the device is out of memory"),
    36: CodeMeaning(Kind.BUSY, "the archive is still being made"),
    37: CodeMeaning(Kind.DEVICE, "no more WebDAV folders can be mounted"),
    38: CodeMeaning(Kind.DEVICE, "unmounting failed"),
    39: CodeMeaning(Kind.DEVICE, "mounting failed"),
    40: CodeMeaning(Kind.DEVICE, "the remote folder refuses the device's password", _REMOTE),
    41: CodeMeaning(Kind.DEVICE, "no TLS connection from the device to the remote folder", _REMOTE),
    42: CodeMeaning(Kind.DEVICE, "the remote folder could not be mounted again", _REMOTE),
    43: CodeMeaning(Kind.DEVICE, "the host of the remote folder does not answer the device", _REMOTE),
    44: CodeMeaning(Kind.DEVICE, "the remote folder does not answer the device in time", _REMOTE),
    45: CodeMeaning(Kind.DEVICE, "the device's settings of the remote folder are broken", _REMOTE),
    46: CodeMeaning(Kind.DEVICE, "the remote folder refuses: no permission or no space", _REMOTE),
    48: CodeMeaning(Kind.DEVICE, "the FTP folder failed", _REMOTE),
    49: CodeMeaning(Kind.DEVICE, "there are more folders than the device lists", TOO_MANY),
    50: CodeMeaning(Kind.DEVICE, "there are more files than the device lists", TOO_MANY),
    52: CodeMeaning(Kind.PERMISSION_DENIED, "at least one file could not be reached"),
    55: CodeMeaning(Kind.INVALID_ARGUMENT, "the destination lies within the source"),
    56: CodeMeaning(Kind.READ_ONLY, "the remote folder is read-only", READ_ONLY),
    57: CodeMeaning(Kind.NOT_FOUND, "the share link has expired"),
    58: CodeMeaning(Kind.DEVICE, "the file could not be added to the transcoding queue"),
    59: CodeMeaning(Kind.DEVICE, "the file could not be removed from the transcoding queue"),
    60: CodeMeaning(Kind.INVALID_NAME, "the device cannot convert the name's character set"),
    61: CodeMeaning(Kind.INVALID_ARGUMENT, "the file is too large for this"),
    62: CodeMeaning(Kind.BUSY, "somebody else changed the file meanwhile"),
    63: CodeMeaning(Kind.DEVICE, "the device could not delete it"),
    64: CodeMeaning(Kind.DEVICE, "the remote device refuses the login", _REMOTE),
    65: CodeMeaning(Kind.DEVICE, "the device could not make a thumbnail"),
    66: CodeMeaning(Kind.DEVICE, "ejecting failed"),
    67: CodeMeaning(Kind.DEVICE, "the search failed"),
    69: CodeMeaning(Kind.OTP_REQUIRED, "a one-time code is needed", CODE_WANTED),
    70: CodeMeaning(Kind.NOT_FOUND, "the device has no volume and no shared folder"),
    77: CodeMeaning(Kind.UNSUPPORTED, "cached mounts are switched off"),
    83: CodeMeaning(Kind.DEVICE, "the device's own network connection failed"),
    92: CodeMeaning(Kind.INVALID_ARGUMENT, "the source lies directly in the destination"),
    93: CodeMeaning(Kind.DEVICE, "the device could not read the source", "Check the disks"),
    94: CodeMeaning(Kind.NO_SPACE, "no space is left", SPACE),
    95: CodeMeaning(Kind.INVALID_ARGUMENT, "the share link's times are not possible", "Give it an end in the future"),
    101: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take a value of this call"),
    102: CodeMeaning(Kind.INVALID_ARGUMENT, "the device misses a value in this call"),
    104: CodeMeaning(Kind.NOT_FOUND, "no such calculation is running"),
    105: CodeMeaning(Kind.DEVICE, "the device could not store the share link"),
    106: CodeMeaning(Kind.DEVICE, "the device could not calculate the checksum"),
    107: CodeMeaning(Kind.DEVICE, "only a part of the file arrived"),
    108: CodeMeaning(Kind.OTP_REQUIRED, "this operation needs a one-time code", CODE_WANTED),
    109: CodeMeaning(Kind.DEVICE, "the upload failed"),
}
"""`status` of utilRequest.cgi."""

_NO_CHECKSUM = CodeMeaning(Kind.UNSUPPORTED, "this firmware calculates no checksums")
_NO_SPACE_INFO = CodeMeaning(Kind.UNSUPPORTED, "this firmware does not tell the size of a volume")
_NO_SESSION_CHECK = CodeMeaning(Kind.UNSUPPORTED, "this firmware does not tell about itself")

_ARCHIVE_PASSWORD = CodeMeaning(Kind.PERMISSION_DENIED, "the archive's password is missing or wrong", ARCHIVE_PASSWORD)
_NO_ARCHIVE = CodeMeaning(Kind.INVALID_ARGUMENT, "the device cannot read this archive", BAD_ARCHIVE)
_NOT_UNPACKED = CodeMeaning(
    Kind.INVALID_ARGUMENT,
    "the device could not unpack this archive, or somebody stopped it",
    "The archive may be damaged or need a password, or the space may be used up",
)
_READING = {FAILED: _NO_ARCHIVE, 7: _NO_ARCHIVE, 17: _ARCHIVE_PASSWORD, 29: _NO_ARCHIVE}
_NO_PROCESS = CodeMeaning(Kind.NOT_FOUND, "no such task is running")
# The guide has one failure for these (sections 6.3, 7.2, 18.3 and 19.7), and a process that runs can be stopped.
_CANCELLING = {FAILED: _NO_PROCESS, 5: _NO_PROCESS}
_CANCELLED = ("copy", "move", "extract", "compress", "trash_recovery", "transcode")
NO_RENDITION = CodeMeaning(
    Kind.NOT_FOUND, "the device has no such rendition of this file", "Perhaps it is not transcoded yet"
)
NO_PICTURE = CodeMeaning(Kind.UNSUPPORTED, "the device makes no picture of this file")
_LINK_CODE = CodeMeaning(Kind.PERMISSION_DENIED, "the share link's password is missing or wrong")

STATUS_OF: Mapping[str, Mapping[int, CodeMeaning]] = {
    # Not in the guide: firmware without these calls says that it does not understand.
    "checksum": {20: _NO_CHECKSUM, 101: _NO_CHECKSUM, 102: _NO_CHECKSUM},
    "get_disk_info": {20: _NO_SPACE_INFO, 101: _NO_SPACE_INFO, 102: _NO_SPACE_INFO},
    "search": {
        20: CodeMeaning(Kind.UNSUPPORTED, "this firmware does not search so"),
        34: CodeMeaning(Kind.UNSUPPORTED, "the search found more than the device lists", _NARROWER),
    },
    "get_extract_list": _READING,
    "extract": _READING,
    "get_extract_status": {**_READING, FAILED: _NOT_UNPACKED},
    "get_compress_status": {FAILED: CodeMeaning(Kind.DEVICE, "the archive could not be made, or somebody stopped it")},
    **{f"cancel_{job_type}": _CANCELLING for job_type in _CANCELLED},
    "get_thumb": {FAILED: NO_PICTURE, 29: NO_PICTURE, 65: NO_PICTURE},
    "get_viewer": {5: NO_RENDITION, 29: CodeMeaning(Kind.UNSUPPORTED, "the device does not play this file")},
    # Here nobody logs in.
    "share.cgi": {SESSION_EXPIRED: _LINK_CODE, 15: _LINK_CODE, 17: _LINK_CODE},
    "check_sid": {20: _NO_SESSION_CHECK, 101: _NO_SESSION_CHECK, 102: _NO_SESSION_CHECK},
}
"""Where a call gives a number another meaning."""

LOGIN: Mapping[int, CodeMeaning] = {
    PASSWORD_WRONG: CodeMeaning(Kind.AUTHENTICATION, "user name or password refused", PASSWORD_REFUSED),
    -2: CodeMeaning(Kind.AUTHENTICATION, "the user is no administrator"),
    -3: CodeMeaning(
        Kind.AUTHENTICATION, "the administrator's password has expired", "Change it in the device's web page"
    ),
    -4: CodeMeaning(Kind.AUTHENTICATION, "the password has expired", "Change it in the device's web page"),
}
"""`errorValue` of authLogin.cgi."""


def meaning(call: str, status: int) -> CodeMeaning:
    """What `status` says in the answer to `call` (as utilRequest.cgi's `func` spells it)."""
    known = STATUS_OF.get(call, {}).get(status) or STATUS.get(status)
    return known or CodeMeaning(Kind.DEVICE, "the device reports a failure of its own")
