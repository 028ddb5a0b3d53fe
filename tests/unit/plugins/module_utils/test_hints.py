# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What errors tell a user: the same trouble has the same hint on each vendor, and hints name what users write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import errors as _errors
from ansible_collections.nasops.nas.plugins.module_utils._freebox import channel
from ansible_collections.nasops.nas.plugins.module_utils._freebox import codes as freebox
from ansible_collections.nasops.nas.plugins.module_utils._freebox.files import FreeboxFiles
from ansible_collections.nasops.nas.plugins.module_utils._qnap import codes as qnap
from ansible_collections.nasops.nas.plugins.module_utils._qnap.container_station import codes as container_station
from ansible_collections.nasops.nas.plugins.module_utils._synology import codes as synology
from ansible_collections.nasops.nas.plugins.module_utils._transport import tls
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection

PLUGINS = Path(_errors.__file__).parents[1]
FILE = "SYNO.FileStation.CreateFolder"


def of_synology(code, api=FILE):
    return synology.meaning(api, code)


def of_qnap(status, call="createdir"):
    return qnap.meaning(call, status)


TROUBLE = {
    "a full disk": (
        _errors.SPACE,
        [
            *(of_synology(416), of_qnap(9), of_qnap(94)),
            *(freebox.CALL["disk_full"], freebox.TASK["disk_full"], freebox.UPLOAD["disk_full"]),
            container_station.STATUS[507],
        ],
    ),
    "a quota that is used up": (_errors.SPACE, [of_synology(415), of_qnap(9)]),
    "no right to do this": (
        _errors.DENIED,
        [
            *map(of_synology, (403, 404, 405, 407)),
            *map(of_qnap, (4, 10, 11)),
            *(freebox.CALL["access_denied"], freebox.TASK["permission_denied"], freebox.UPLOAD["access_denied"]),
        ],
    ),
    "a place that is read-only": (_errors.READ_ONLY, [of_synology(411), of_qnap(56)]),
    "an archive with another password": (
        _errors.ARCHIVE_PASSWORD,
        [of_synology(1403, "SYNO.FileStation.Extract"), freebox.TASK["incorrect_password"]]
        + [of_qnap(17, call) for call in ("extract", "get_extract_status", "get_extract_list")],
    ),
    "an archive that cannot be read": (
        _errors.BAD_ARCHIVE,
        [of_synology(code, "SYNO.FileStation.Extract") for code in (1401, 1402, 1404)]
        + [of_qnap(code, "get_extract_list") for code in (7, 29)]
        + [freebox.EXTRACT_JOB[code] for code in ("archive_open_failed", "archive_read_failed")],
    ),
    "a name that is too long": (
        _errors.SHORTER,
        [*map(of_synology, (412, 413)), of_qnap(26), freebox.TASK["path_too_big"]],
    ),
    "a refused password": (_errors.PASSWORD_REFUSED, [of_synology(400, synology.AUTH), qnap.LOGIN[-1], of_qnap(15)]),
    "a one-time code that is wanted": (
        _errors.CODE_WANTED,
        [of_synology(403, synology.AUTH), of_qnap(69), of_qnap(108)],
    ),
    "a device that is busy": (_errors.DEVICE_BUSY, [of_synology(402), of_qnap(19)]),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_the_same_trouble_has_the_same_hint_on_each_vendor(trouble):
    hint, meanings = TROUBLE[trouble]
    assert {known.hint for known in meanings} == {hint}


@pytest.mark.parametrize("hint", sorted({hint for hint, _meanings in TROUBLE.values()} | {_errors.PASSWORD_MISSING}))
def test_a_hint_names_the_variable_of_an_inventory_beside_the_option(hint):
    for option in ("username", "password", "otp_code", "device_token", "retries"):
        if re.search(rf"(?<!nas_)(?<!ansible_)(?<!archive_)(?<!own )\b{option}\b", hint):
            assert f"nas_{option}" in hint


def test_hints_about_connection_options_name_their_variables():
    """In all of the source: a hint that says to set or raise an option which is mostly a variable names that."""
    texts = re.compile(r'"((?:Set|Raise|Check) [^"]*)"')
    lacking = []
    for file in sorted(PLUGINS.rglob("*.py")):
        for hint in texts.findall(file.read_text(encoding="utf-8")):
            for option in (
                "username",
                "otp_code",
                "device_token",
                "timeout",
                "retries",
                "port",
                "host",
                "ca_path",
                "use_ssl",
            ):
                named = re.match(rf"(Set|Raise|Check) (the option )?{option}\b", hint)
                if named and f"nas_{option}" not in hint and f"ansible_{option}" not in hint:
                    lacking.append((file.name, hint))
    assert lacking == []


@pytest.mark.parametrize("code", ["invalid_id", "task_not_found"])
def test_a_freebox_that_does_not_know_an_id_says_so_everywhere(code):
    for table in (freebox.CALL, freebox.UPLOAD, freebox.ABOUT_JOB, freebox.SHARE_LINK):
        assert "not documented" not in freebox.known(table, code).message


def test_a_freebox_that_takes_no_new_applications_says_where_to_allow_them():
    for table in (freebox.CALL, freebox.LOGIN):
        assert "Gestion des accès" in table["new_apps_denied"].hint
    for code in freebox.TOKEN_REFUSED:
        assert "nas_session with pair" in freebox.LOGIN[code].hint


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ({"name": "list_id", "reason": "required"}, ": list_id: required"),
        ({"err_line": 182, "err_msg": "failed to\nopen"}, ""),
        ({"err_line": 182, "err_msg": "failed to open"}, ": failed to open"),
        ({"message": "no such thing"}, ": no such thing"),
        ({"message": "see http://nas/?_sid=S3CRET"}, ""),
        ({"name": 5, "reason": None}, ""),
    ],
)
def test_what_an_object_of_errors_says_is_reported(errors, said):
    known = synology.meaning(FILE, 120)
    error = synology.to_error(FILE, "create", "/a/b", {"code": 120, "errors": errors})
    assert error.message == known.message + said


def test_an_object_of_errors_is_never_shown_of_a_login():
    errors = {"token": "S3CRET", "name": "S3CRET", "message": "S3CRET", "types": [{"type": "otp"}]}
    error = synology.to_error(synology.AUTH, "login", "", {"code": 403, "errors": errors})
    assert "S3CRET" not in str(error)


def test_a_missing_library_is_reported_before_anything_is_sent(monkeypatch):
    monkeypatch.setattr(channel, "WEBSOCKET_IMPORT_ERROR", "no module")
    with pytest.raises(_errors.NasError) as caught:
        FreeboxFiles.require_upload(None)
    assert caught.value.kind is _errors.Kind.USAGE
    assert "pip install websocket-client" in caught.value.hint


@pytest.mark.parametrize(("path", "told"), [("nas.pem", True), ("/no/where/nas.pem", False)])
def test_a_relative_path_that_leads_nowhere_says_where_it_was_looked_for(path, told):
    with pytest.raises(_errors.NasError) as caught:
        tls.context_for(Connection("acme", "127.0.0.1", 443, ca_path=path))
    assert caught.value.hint.startswith("Check ca_path (nas_ca_path)")
    assert ("beside the inventory, beside the playbook" in caught.value.hint) is told
