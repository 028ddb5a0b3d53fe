# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Freebox's error codes mean.

A code is a word. The same word can mean another thing while logging in, in a call, about a share link, in a finished
task or in an upload, so there is a table for each. They rest on "File System Errors" and the `error` of FsTask in the
guide of API v4, on the guides of login, upload and sharing links of API v16, and on codes that real boxes were seen to
send.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from .._core.errors import ARCHIVE_PASSWORD, BAD_ARCHIVE, DENIED, NOTHING_THERE, SHORTER, SPACE, CodeMeaning, Kind

GRANT = (
    "Grant the application the right to the files (explorer): in Freebox OS open Paramètres de la Freebox, "
    "Gestion des accès, Applications, and edit the application"
)
PAIR_AGAIN = (
    "Check that username (nas_username or ansible_user) is the application's id and password (nas_password or "
    "ansible_password) its token. A token that the Freebox does not know any more, after a reset or an exchange, is "
    "replaced by nas_session with pair"
)
_NEW_APPS = (
    "Allow new applications in Freebox OS: Paramètres de la Freebox, Gestion des accès, Paramètres; then pair again"
)
_APPS = "Allow it in Freebox OS: Paramètres de la Freebox, Gestion des accès, Paramètres"

TOKEN_REFUSED = frozenset(("invalid_token", "pending_token"))
"""The codes by which a login says that only another token helps."""

_GONE_ID = "Perhaps it was removed meanwhile, by another program or in Freebox OS: run the task again"
_AT_HOME = "Do this from the network behind the box, or allow access from outside in its settings"

_ANYWHERE: Mapping[str, CodeMeaning] = {
    "denied_from_external_ip": CodeMeaning(Kind.PERMISSION_DENIED, "the box allows this at home only", _AT_HOME),
    "exec_failed": CodeMeaning(Kind.DEVICE, "the box could not start the operation"),
    "internal_error": CodeMeaning(Kind.DEVICE, "the box had an internal error"),
    "invalid_api_version": CodeMeaning(Kind.UNSUPPORTED, "the box does not speak this version of the API"),
    "invalid_request": CodeMeaning(Kind.INVALID_ARGUMENT, "the box does not understand the request"),
    "notsupp": CodeMeaning(Kind.UNSUPPORTED, "this model does not offer the call"),
    "out_of_memory": CodeMeaning(Kind.DEVICE, "the box is out of memory", "Try again later, with fewer paths"),
    "ratelimited": CodeMeaning(
        Kind.AUTHENTICATION,
        "the box refuses logins from this address for a while, after too many that failed",
        "Wait before the next try",
    ),
}

CALL: Mapping[str, CodeMeaning] = {
    **_ANYWHERE,
    # Only `path_not_found` is a NOT_FOUND here: nothing else may pass for "there is no such file".
    "invalid_id": CodeMeaning(Kind.DEVICE, "the box does not know the id in the request", _GONE_ID),
    "task_not_found": CodeMeaning(Kind.DEVICE, "the box does not know the task in the request", _GONE_ID),
    # The session is over; `invalid_token` is the answer to the login that follows, if it is the application's own.
    "auth_required": CodeMeaning(Kind.SESSION_EXPIRED, "the box does not know the session"),
    "invalid_session": CodeMeaning(Kind.SESSION_EXPIRED, "the box does not know the session"),
    "invalid_token": CodeMeaning(Kind.SESSION_EXPIRED, "the box does not take the session's token"),
    "access_denied": CodeMeaning(Kind.PERMISSION_DENIED, "access is denied", DENIED),
    "apps_denied": CodeMeaning(Kind.PERMISSION_DENIED, "the box lets no applications in", _APPS),
    "cancelled": CodeMeaning(Kind.CANCELLED, "somebody cancelled the operation"),
    "conflict": CodeMeaning(Kind.EXISTS, "something has this name already"),
    "copy_into_itself": CodeMeaning(Kind.INVALID_ARGUMENT, "a folder cannot go into itself"),
    "destination_conflict": CodeMeaning(Kind.EXISTS, "something has this name already"),
    "disk_full": CodeMeaning(Kind.NO_SPACE, "the disk is full", SPACE),
    "disk_unavailable": CodeMeaning(Kind.DEVICE, "the disk is not mounted", "Connect and mount the disk"),
    "insufficient_rights": CodeMeaning(Kind.PERMISSION_DENIED, "the application lacks a right for this", GRANT),
    "invalid_conflict_mode": CodeMeaning(Kind.INVALID_ARGUMENT, "the box does not know this way to solve a conflict"),
    "invalid_state": CodeMeaning(Kind.INVALID_ARGUMENT, "a task cannot be given this state"),
    "invalid_task_type": CodeMeaning(Kind.INVALID_ARGUMENT, "this kind of task cannot do that"),
    "new_apps_denied": CodeMeaning(Kind.PERMISSION_DENIED, "the box takes no new applications", _NEW_APPS),
    "path_not_found": CodeMeaning(Kind.NOT_FOUND, NOTHING_THERE),
    "pending_token": CodeMeaning(Kind.AUTHENTICATION, "nobody has granted the application's request yet", PAIR_AGAIN),
    "truncate_failed": CodeMeaning(Kind.DEVICE, "the box could not shorten the file"),
    "unknown_hash_type": CodeMeaning(Kind.UNSUPPORTED, "the box does not calculate this kind of checksum"),
}

ABOUT_JOB: Mapping[str, CodeMeaning] = {
    **CALL,
    "invalid_id": CodeMeaning(Kind.NOT_FOUND, "there is no such task"),
    "noent": CodeMeaning(Kind.NOT_FOUND, "there is no such task"),
    "task_not_found": CodeMeaning(Kind.NOT_FOUND, "there is no such task"),
}

SHARE_LINK: Mapping[str, CodeMeaning] = {
    **CALL,
    "invalid_id": CodeMeaning(Kind.NOT_FOUND, "there is no such share link"),
    "noent": CodeMeaning(Kind.NOT_FOUND, "there is no such share link"),
}

_REFUSED = CodeMeaning(Kind.AUTHENTICATION, "the box refused the login", PAIR_AGAIN)

LOGIN: Mapping[str, CodeMeaning] = {
    **_ANYWHERE,
    "access_denied": _REFUSED,
    "apps_denied": CodeMeaning(Kind.AUTHENTICATION, "the box lets no applications in", _APPS),
    "auth_required": _REFUSED,
    "denied_from_external_ip": CodeMeaning(Kind.AUTHENTICATION, "the box lets applications in at home only", _AT_HOME),
    "insufficient_rights": _REFUSED,
    "invalid_session": _REFUSED,
    "invalid_token": CodeMeaning(
        Kind.AUTHENTICATION, "the box does not know the application's token, or its owner has revoked it", PAIR_AGAIN
    ),
    "new_apps_denied": CodeMeaning(Kind.AUTHENTICATION, "the box takes no new applications", _NEW_APPS),
    "pending_token": CodeMeaning(
        Kind.AUTHENTICATION,
        "nobody has granted the application's request yet",
        "Press the button on the box while it shows the request, or ask again: nas_session with pair",
    ),
}

TASK: Mapping[str, CodeMeaning] = {
    "archive_open_failed": CodeMeaning(Kind.INVALID_ARGUMENT, "the archive cannot be opened", BAD_ARCHIVE),
    "archive_read_failed": CodeMeaning(Kind.INVALID_ARGUMENT, "the archive cannot be read", BAD_ARCHIVE),
    "archive_write_failed": CodeMeaning(Kind.DEVICE, "the archive cannot be written"),
    "chdir_failed": CodeMeaning(Kind.DEVICE, "the box cannot enter the folder"),
    "copy_into_itself": CodeMeaning(Kind.INVALID_ARGUMENT, "a folder cannot go into itself"),
    "dest_is_not_dir": CodeMeaning(Kind.WRONG_TYPE, "the destination is not a folder"),
    "disk_full": CodeMeaning(Kind.NO_SPACE, "the disk is full", SPACE),
    "file_exists": CodeMeaning(Kind.EXISTS, "something has this name already"),
    "file_not_found": CodeMeaning(Kind.NOT_FOUND, NOTHING_THERE),
    "incorrect_password": CodeMeaning(
        Kind.PERMISSION_DENIED, "the archive's password is missing or wrong", ARCHIVE_PASSWORD
    ),
    "internal": CodeMeaning(Kind.DEVICE, "the box had an internal error"),
    "invalid_format": CodeMeaning(Kind.INVALID_ARGUMENT, "the file's format is not valid; perhaps it is damaged"),
    "mkdir_failed": CodeMeaning(Kind.DEVICE, "the box cannot make a folder"),
    "open_input_failed": CodeMeaning(Kind.DEVICE, "the box cannot open what it should read"),
    "open_output_failed": CodeMeaning(Kind.DEVICE, "the box cannot open what it should write"),
    "opendir_failed": CodeMeaning(Kind.DEVICE, "the box cannot read the folder"),
    "overwrite_failed": CodeMeaning(Kind.DEVICE, "the box cannot overwrite a file"),
    "path_too_big": CodeMeaning(Kind.INVALID_NAME, "the path is too long", SHORTER),
    "permission_denied": CodeMeaning(Kind.PERMISSION_DENIED, "access is denied", DENIED),
    "readlink_failed": CodeMeaning(Kind.DEVICE, "the box cannot read a symbolic link"),
    "repair_failed": CodeMeaning(Kind.DEVICE, "the files cannot be repaired"),
    "rmdir_failed": CodeMeaning(Kind.DEVICE, "the box cannot remove a folder"),
    "same_file": CodeMeaning(Kind.INVALID_ARGUMENT, "source and destination are the same file"),
    "symlink_failed": CodeMeaning(Kind.DEVICE, "the box cannot make a symbolic link"),
    "truncate_failed": CodeMeaning(Kind.DEVICE, "the box could not shorten the file"),
    "unknown_hash_type": CodeMeaning(Kind.UNSUPPORTED, "the box does not calculate this kind of checksum"),
    "unlink_failed": CodeMeaning(Kind.DEVICE, "the box cannot remove a file"),
    "unsupported_file_type": CodeMeaning(Kind.WRONG_TYPE, "the box cannot do this with this type of file"),
    "write_failed": CodeMeaning(Kind.DEVICE, "the box cannot write a file"),
}

EXTRACT_JOB: Mapping[str, CodeMeaning] = {
    **TASK,
    "file_exists": CodeMeaning(
        Kind.EXISTS, "a file of the archive is in the folder already", "Set overwrite to true to replace such files"
    ),
    "unsupported_file_type": CodeMeaning(Kind.INVALID_ARGUMENT, "the box cannot unpack this type of file"),
}

UPLOAD: Mapping[str, CodeMeaning] = {
    **CALL,
    "noent": CodeMeaning(Kind.NOT_FOUND, "there is no such folder"),
    "path_not_found": CodeMeaning(Kind.NOT_FOUND, "there is no such folder"),
    "upload_cancelled": CodeMeaning(Kind.CANCELLED, "somebody cancelled the upload"),
}

_UNKNOWN = CodeMeaning(Kind.DEVICE, "the box reports a failure that is not documented")
_NO_SUCH_CALL = CodeMeaning(
    Kind.UNSUPPORTED, "this box does not offer the call", "Update the box's firmware, or the collection"
)


def table_of(call: str) -> Mapping[str, CodeMeaning]:
    """The table for a call in a session, by its name."""
    if call == "GET ws/upload":
        return UPLOAD
    if " share_link/" in call:
        return SHARE_LINK
    return ABOUT_JOB if " fs/tasks/" in call else CALL


def job_table_of(call: str) -> Mapping[str, CodeMeaning]:
    """The table for the `error` of a task, by the name of the call that started it."""
    return EXTRACT_JOB if call == "POST fs/extract/" else TASK


def known(table: Mapping[str, CodeMeaning], code: str, status: Optional[int] = None) -> CodeMeaning:
    """What a code means.

    :param table: one of the tables above.
    :param status: the HTTP status that came with it: an `invalid_request` with 404 says that there is no such call.
    """
    if code == "invalid_request" and status == 404:
        return _NO_SUCH_CALL
    return table.get(code, _UNKNOWN)
