# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the numbers of DSM mean.

The same number means different things in different APIs: 400 to 411 are one list for SYNO.API.Auth and another one for
everything that works on files. Rests on the File Station guide, "Common Error Codes" and the "API Error Code" list of
each API, and on the DSM login guide for what the former leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from .._core.errors import (
    ARCHIVE_PASSWORD,
    BAD_ARCHIVE,
    CODE_REFUSED,
    CODE_WANTED,
    DENIED,
    DEVICE_BUSY,
    NEW_DEVICE_TOKEN,
    NOTHING_THERE,
    PASSWORD_REFUSED,
    READ_ONLY,
    SHORTER,
    SPACE,
    CodeMeaning,
    Kind,
    NasError,
)
from .failures import synology_error

AUTH = "SYNO.API.Auth"
_LONGEST = 200  # characters of a device's own words
FILE_STATION = "SYNO.FileStation."

_PRIVILEGE = "Allow the account the File Station application in DSM, and check its rights on the shared folder"
_PASSWORD = "Sign in to DSM in a browser and choose a new password"
_NAME = "Choose another name"
_ADMINISTRATOR = "Log in (username, nas_username or ansible_user) as a member of the group administrators of the device"
NO_ADMINISTRATOR = CodeMeaning(Kind.PERMISSION_DENIED, "this needs the rights of an administrator", _ADMINISTRATOR)

COMMON = {
    100: CodeMeaning(Kind.DEVICE, "the device reported an unknown error"),
    101: CodeMeaning(Kind.INVALID_ARGUMENT, "the device misses a parameter"),
    102: CodeMeaning(Kind.UNSUPPORTED, "this device does not have this API"),
    103: CodeMeaning(Kind.UNSUPPORTED, "this device's API does not have this method"),
    104: CodeMeaning(Kind.UNSUPPORTED, "this device does not offer this version of the API"),
    105: CodeMeaning(Kind.PERMISSION_DENIED, "the session may not do this", _PRIVILEGE),
    106: CodeMeaning(Kind.SESSION_EXPIRED, "the session has timed out"),
    107: CodeMeaning(Kind.SESSION_EXPIRED, "another login of the same account has ended the session"),
    108: CodeMeaning(Kind.BUSY, "the device failed to take the data"),
    109: CodeMeaning(Kind.BUSY, "the network is unstable or the device is busy"),
    110: CodeMeaning(Kind.BUSY, "the network is unstable or the device is busy"),
    111: CodeMeaning(Kind.BUSY, "the network is unstable or the device is busy"),
    114: CodeMeaning(Kind.INVALID_ARGUMENT, "parameters were lost on their way to the API"),
    115: CodeMeaning(Kind.PERMISSION_DENIED, "the account may not upload files"),
    116: CodeMeaning(Kind.PERMISSION_DENIED, "the demonstration site does not allow this"),
    117: CodeMeaning(Kind.BUSY, "the network is unstable or the device is busy"),
    118: CodeMeaning(Kind.BUSY, "the network is unstable or the device is busy"),
    119: CodeMeaning(Kind.SESSION_EXPIRED, "the device does not know the session"),
    120: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take a parameter"),
    150: CodeMeaning(Kind.SESSION_EXPIRED, "the session belongs to another client address"),
    160: CodeMeaning(Kind.PERMISSION_DENIED, "the account has no privilege for the application", _PRIVILEGE),
}

LOGIN = {
    400: CodeMeaning(Kind.AUTHENTICATION, "no such account, or a wrong password", PASSWORD_REFUSED),
    401: CodeMeaning(
        Kind.AUTHENTICATION,
        "the account is disabled or a guest's",
        "Let the device's administrator turn the account on, or name another one (username, nas_username)",
    ),
    402: CodeMeaning(Kind.AUTHENTICATION, "the account may not log in to File Station", _PRIVILEGE),
    403: CodeMeaning(Kind.OTP_REQUIRED, "the account needs a one-time code", CODE_WANTED),
    404: CodeMeaning(Kind.OTP_REQUIRED, "the one-time code is wrong or was used before", CODE_REFUSED),
    405: CodeMeaning(
        Kind.AUTHENTICATION, "the application portal refuses the login", "Set port (nas_port) to that of DSM itself"
    ),
    406: CodeMeaning(
        Kind.AUTHENTICATION,
        "the device demands two-step verification, and the account has none",
        "Sign in to DSM in a browser and set up the verification",
    ),
    407: CodeMeaning(
        Kind.AUTHENTICATION,
        "the device blocks this client's address",
        "Remove it from the block list in DSM, then try again",
    ),
    408: CodeMeaning(
        Kind.AUTHENTICATION, "the password has expired and cannot be changed", "Ask the device's administrator"
    ),
    409: CodeMeaning(Kind.AUTHENTICATION, "the password has expired", _PASSWORD),
    410: CodeMeaning(Kind.AUTHENTICATION, "the password must be changed first", _PASSWORD),
    411: CodeMeaning(Kind.AUTHENTICATION, "the account is locked", "Wait, or ask the device's administrator"),
    499: CodeMeaning(Kind.BUSY, "the device is still starting", "Try again in a minute"),
}

FILE = {
    400: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take a parameter of the file operation"),
    401: CodeMeaning(Kind.DEVICE, "the file operation failed for an unknown reason"),
    402: CodeMeaning(Kind.BUSY, "the device is too busy", DEVICE_BUSY),
    403: CodeMeaning(Kind.PERMISSION_DENIED, "the user may not do this", DENIED),
    404: CodeMeaning(Kind.PERMISSION_DENIED, "the group may not do this", DENIED),
    405: CodeMeaning(Kind.PERMISSION_DENIED, "neither the user nor the group may do this", DENIED),
    406: CodeMeaning(Kind.DEVICE, "the device cannot reach its account server"),
    407: CodeMeaning(Kind.PERMISSION_DENIED, "the operation is not permitted", DENIED),
    408: CodeMeaning(Kind.NOT_FOUND, NOTHING_THERE),
    409: CodeMeaning(Kind.UNSUPPORTED, "the file system does not support this"),
    410: CodeMeaning(Kind.DEVICE, "the device cannot reach a remote file system"),
    411: CodeMeaning(Kind.READ_ONLY, "the file system is read-only", READ_ONLY),
    412: CodeMeaning(Kind.INVALID_NAME, "the name is too long", SHORTER),
    413: CodeMeaning(Kind.INVALID_NAME, "the name is too long for an encrypted folder", SHORTER),
    414: CodeMeaning(Kind.EXISTS, "the name is taken"),
    415: CodeMeaning(Kind.QUOTA_EXCEEDED, "the quota is used up", SPACE),
    416: CodeMeaning(Kind.NO_SPACE, "there is no space left", SPACE),
    417: CodeMeaning(Kind.DEVICE, "the device's disk reported an input or output error"),
    418: CodeMeaning(Kind.INVALID_NAME, "the device does not take this name or path", _NAME),
    419: CodeMeaning(Kind.INVALID_NAME, "the device does not take this file name", _NAME),
    420: CodeMeaning(Kind.INVALID_NAME, "a FAT file system does not take this file name", _NAME),
    421: CodeMeaning(Kind.BUSY, "the file or folder is in use"),
    599: CodeMeaning(Kind.NOT_FOUND, "the device knows no such task"),
}

# Where it has details (`errors`), the detail says why and these only say what failed.
BY_API = {
    "SYNO.FileStation.Favorite": {
        800: CodeMeaning(Kind.EXISTS, "the folder is a favorite already"),
        801: CodeMeaning(Kind.EXISTS, "another favorite has this name"),
        802: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many favorites"),
    },
    "SYNO.FileStation.Delete": {900: CodeMeaning(Kind.DEVICE, "the device failed to delete this")},
    "SYNO.FileStation.CopyMove": {
        1000: CodeMeaning(Kind.DEVICE, "the device failed to copy this"),
        1001: CodeMeaning(Kind.DEVICE, "the device failed to move this"),
        1002: CodeMeaning(Kind.DEVICE, "something is wrong with the destination"),
        1003: CodeMeaning(Kind.EXISTS, "the name is taken at the destination"),
        1004: CodeMeaning(Kind.WRONG_TYPE, "a file cannot replace a folder, nor a folder a file"),
        1006: CodeMeaning(Kind.INVALID_NAME, "a FAT32 file system does not take this name", _NAME),
        1007: CodeMeaning(Kind.INVALID_ARGUMENT, "a FAT32 file system takes no file above 4 GiB"),
    },
    "SYNO.FileStation.CreateFolder": {
        1100: CodeMeaning(Kind.DEVICE, "the device failed to create the folder"),
        1101: CodeMeaning(Kind.QUOTA_EXCEEDED, "the parent folder cannot hold more folders"),
    },
    "SYNO.FileStation.Rename": {1200: CodeMeaning(Kind.DEVICE, "the device failed to rename this")},
    "SYNO.FileStation.Compress": {
        1300: CodeMeaning(Kind.DEVICE, "the device failed to compress this"),
        1301: CodeMeaning(Kind.INVALID_NAME, "the archive's name is too long", SHORTER),
    },
    "SYNO.FileStation.Extract": {
        1400: CodeMeaning(Kind.DEVICE, "the device failed to extract this"),
        1401: CodeMeaning(Kind.INVALID_ARGUMENT, "the file is not an archive that the device can open", BAD_ARCHIVE),
        1402: CodeMeaning(Kind.INVALID_ARGUMENT, "the archive's data cannot be read", BAD_ARCHIVE),
        1403: CodeMeaning(Kind.PERMISSION_DENIED, "the archive's password is missing or wrong", ARCHIVE_PASSWORD),
        1404: CodeMeaning(Kind.INVALID_ARGUMENT, "the archive's list cannot be read", BAD_ARCHIVE),
        1405: CodeMeaning(Kind.NOT_FOUND, "the archive has no such member"),
    },
    "SYNO.FileStation.Upload": {
        1800: CodeMeaning(Kind.MISMATCH, "the device received another number of bytes than was announced"),
        1801: CodeMeaning(Kind.TIMEOUT, "the device waited too long for the data"),
        1802: CodeMeaning(Kind.PROTOCOL, "the device found no file name in the upload"),
        1803: CodeMeaning(Kind.CANCELLED, "the upload was cancelled"),
        1804: CodeMeaning(Kind.INVALID_ARGUMENT, "the file is too large for a FAT file system"),
        1805: CodeMeaning(Kind.EXISTS, "the name is taken"),
    },
    "SYNO.FileStation.Sharing": {
        2000: CodeMeaning(Kind.NOT_FOUND, "no such share link"),
        2001: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many share links"),
        2002: CodeMeaning(Kind.DEVICE, "the device failed to read its share links"),
    },
}

_VOLUMES = "nas_info with gather: [volumes] lists the volumes"
_BAD_FOLDER = "Perhaps the name, the description or the quota: DSM's own page for shared folders tells"
_BAD_ACCOUNT = "Perhaps the name, the mail address or the description: DSM's own page for accounts tells"
_BAD_GROUP = "Perhaps the name or the description: DSM's own page for groups tells"
_GROUP_CODES = {
    3201: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take a value of the group", _BAD_GROUP),
    3205: CodeMeaning(Kind.NOT_FOUND, "no such group"),
    3206: CodeMeaning(Kind.EXISTS, "there is a group of this name, or the device keeps it for itself", _NAME),
    3207: CodeMeaning(Kind.EXISTS, "there is a group of this name, or the device keeps it for itself", _NAME),
    3208: CodeMeaning(Kind.INVALID_NAME, "the device does not take this name for a group", _NAME),
    3209: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many groups"),
    3210: CodeMeaning(Kind.PERMISSION_DENIED, "this is the last administrator"),
}
_SHARE_CODES = {
    402: CodeMeaning(Kind.NOT_FOUND, "no such shared folder"),
    403: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take a value of the shared folder", _BAD_FOLDER),
    3300: CodeMeaning(
        Kind.INVALID_ARGUMENT,
        "the device does not take a value of the shared folder, and does not say which",
        _BAD_FOLDER,
    ),
    3301: CodeMeaning(Kind.EXISTS, "there is a shared folder of this name", _NAME),
    3302: CodeMeaning(
        Kind.UNSUPPORTED,
        "the volume knows no access control lists, or there is no such shared folder",
        "Rights can be set for a shared folder on a volume that has these lists (option volume of nas_shared_folder)",
    ),
    3303: CodeMeaning(Kind.INVALID_ARGUMENT, "a shared folder of the system cannot be encrypted"),
    3304: CodeMeaning(Kind.NOT_FOUND, "no such volume", _VOLUMES),
    3305: CodeMeaning(Kind.INVALID_NAME, "the device does not take this name for a shared folder", _NAME),
    3308: CodeMeaning(Kind.PERMISSION_DENIED, "the key of the encrypted shared folder is wrong"),
    3309: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many shared folders"),
    3312: CodeMeaning(
        Kind.EXISTS, "the volume has a folder of this name, which is not shared", "Move it out of the way"
    ),
    3313: CodeMeaning(Kind.NOT_FOUND, "no such volume", _VOLUMES),
    3314: CodeMeaning(Kind.READ_ONLY, "the volume is read-only", READ_ONLY),
    3319: CodeMeaning(Kind.INVALID_NAME, "the device keeps this name for itself", _NAME),
    3320: CodeMeaning(Kind.NO_SPACE, "there is no space left", SPACE),
    3321: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many rules of access"),
    3327: CodeMeaning(Kind.EXISTS, "the volume has a folder of this name"),
    3328: CodeMeaning(
        Kind.BUSY,
        "the device is at work on another shared folder",
        "A task waits for that, for a minute at most: try again when it is done",
    ),
    3329: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many snapshots"),
    3330: CodeMeaning(Kind.BUSY, "the shared folder is in use"),
    3341: CodeMeaning(Kind.QUOTA_EXCEEDED, "the quota is used up", SPACE),
    3344: CodeMeaning(Kind.INVALID_ARGUMENT, "the passphrase does not keep the device's rules"),
    3350: CodeMeaning(Kind.PERMISSION_DENIED, "snapshots that cannot be removed keep the shared folder"),
}
_STRENGTH = "Choose a password that keeps the rules for passwords in DSM's control panel"
BY_API.update(
    {
        "SYNO.Core.Share": _SHARE_CODES,
        "SYNO.Core.Share.Permission": _SHARE_CODES,
        "SYNO.Core.User": {
            3101: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take a value of the account", _BAD_ACCOUNT),
            3102: CodeMeaning(Kind.DEVICE, "the device failed to change the account"),
            3103: CodeMeaning(
                Kind.INVALID_ARGUMENT, "the device misses a value of the account, or cannot read it", _BAD_ACCOUNT
            ),
            3106: CodeMeaning(Kind.NOT_FOUND, "no such account"),
            3107: CodeMeaning(Kind.EXISTS, "there is an account of this name", _NAME),
            3108: CodeMeaning(Kind.INVALID_NAME, "the device keeps this name for itself", _NAME),
            3109: CodeMeaning(Kind.PERMISSION_DENIED, "this is the last administrator"),
            3110: CodeMeaning(Kind.QUOTA_EXCEEDED, "there are too many accounts"),
            3111: CodeMeaning(Kind.DEVICE, "the folder of the accounts' homes is missing"),
            3114: CodeMeaning(Kind.INVALID_NAME, "the device keeps this name for itself", _NAME),
            3115: CodeMeaning(Kind.PERMISSION_DENIED, "this is an account of the system"),
            3121: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take the password", _STRENGTH),
            3122: CodeMeaning(Kind.INVALID_ARGUMENT, "the account has had this password before", _STRENGTH),
            3123: CodeMeaning(Kind.INVALID_ARGUMENT, "the password is too weak for the device", _STRENGTH),
            3124: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take the password", _STRENGTH),
        },
        "SYNO.Core.Group": _GROUP_CODES,
        "SYNO.Core.Group.Member": _GROUP_CODES,
    }
)


def meaning(api: str, code: int) -> CodeMeaning:
    """What a code says when this API says it; an unknown one is a failure of the device."""
    if api == AUTH:
        tables = [LOGIN, COMMON]
    elif api.startswith(FILE_STATION):
        tables = [BY_API.get(api, {}), FILE, COMMON]
    else:
        tables = [BY_API.get(api, {}), {105: NO_ADMINISTRATOR}, COMMON]
    for table in tables:
        if code in table:
            return table[code]
    return CodeMeaning(Kind.DEVICE, "the device reported an error that its documents do not list")


def login_refused(error: NasError, *, code: bool = False, token: bool = False) -> NasError:
    """The error of a login, with what to do where a one-time code is wanted: that depends on what was sent.

    :param code: whether a one-time code was.
    :param token: whether a device token was, in this request or just before.
    """
    if error.code == "403" and token:
        error.message = "the device does not take the device token any more, and wants a one-time code"
        error.hint = NEW_DEVICE_TOKEN
    elif error.code == "404" and not code:
        error.hint = NEW_DEVICE_TOKEN if token else CODE_WANTED
    return error


def first_detail(errors: object) -> tuple[Optional[int], Optional[str], int]:
    """The code and path of the first of an error's details, and how many there are.

    File operations give a list of `{code, path}` (guide, "Parsing Response"). A login gives an object that holds a
    token instead: it has no details for anybody's eyes.
    """
    details = [item for item in errors if isinstance(item, Mapping)] if isinstance(errors, list) else []
    for item in details:
        code, path = item.get("code"), item.get("path")
        if isinstance(code, int) and not isinstance(code, bool):
            return code, path if isinstance(path, str) and path else None, len(details)
    return None, None, 0


def message_in(api: str, errors: object) -> str:
    """What the object says that some releases send in the place of a list of details; empty for none.

    Seen: `{name, reason}` of a parameter, `{err_line, err_msg}` of a crash. Never read for a login.
    """
    if api == AUTH or not isinstance(errors, Mapping):
        return ""
    words = [errors.get(key) for key in ("name", "reason", "message", "err_msg")]
    return ": ".join(
        " ".join(word.split())[:_LONGEST] for word in words if isinstance(word, str) and word.isprintable()
    )


def to_error(api: str, method: str, path: str, error: Mapping[str, Any]) -> Optional[NasError]:
    """The NasError for the `error` of a reply: its code, and its first detail where that says more.

    None when there is no code in it, so that the reply makes no sense.
    """
    code = error.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    known, text = meaning(api, code), str(code)
    detail, where, count = first_detail(error.get("errors"))
    if detail is not None and detail != code:
        known, text = meaning(api, detail), f"{code}/{detail}"
    message = known.message if count < 2 else f"{known.message} ({count} paths failed; this is the first)"
    said = message_in(api, error.get("errors"))
    if said and "://" not in said:
        message = f"{message}: {said}"
    return synology_error(known.kind, message, call=f"{api}/{method}", path=where or path, code=text, hint=known.hint)
