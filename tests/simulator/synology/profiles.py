# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between generations of DSM: which APIs there are, where, in which versions, and their manners.

Paths and versions: SYNO.API.Info answers recorded from devices (DSM 7), the guide's overview of each API (DSM 6), and
the guide's "Working Example" (DSM 5, files under FileStation/).
"""

from __future__ import annotations

from dataclasses import dataclass, field

ENTRY = "entry.cgi"

_FILE_STATION = {
    "BackgroundTask": 3,
    "CheckPermission": 3,
    "Compress": 3,
    "CopyMove": 3,
    "CreateFolder": 2,
    "Delete": 2,
    "DirSize": 2,
    "Download": 2,
    "Extract": 2,
    "Favorite": 2,
    "Info": 2,
    "List": 2,
    "MD5": 2,
    "Rename": 2,
    "Search": 2,
    "Sharing": 3,
    "Thumb": 3,
    "Upload": 3,
    "VirtualFolder": 2,
}
_CONTROL = {
    "Backup.Service.NetworkBackup": 1,
    "Core.Certificate": 1,
    "Core.Certificate.CRT": 1,
    "Core.Certificate.Service": 1,
    "Core.FileServ.AFP": 1,
    "Core.FileServ.FTP": 3,
    "Core.FileServ.FTP.SFTP": 1,
    "Core.FileServ.NFS": 3,
    "Core.FileServ.NFS.AdvancedSetting": 1,
    "Core.FileServ.NFS.SharePrivilege": 1,
    "Core.FileServ.SMB": 3,
    "Core.Group": 1,
    "Core.Group.Member": 1,
    "Core.Quota": 1,
    "Core.SNMP": 1,
    "Core.Service": 3,
    "Core.Share": 1,
    "Core.Share.Crypto": 1,
    "Core.Share.Permission": 1,
    "Core.Share.Snapshot": 2,
    "Core.Storage.Disk": 1,
    "Core.Storage.Volume": 1,
    "Core.System": 3,
    "Core.System.Status": 1,
    "Core.Terminal": 3,
    "Core.Upgrade": 1,
    "Core.Upgrade.Server": 4,
    "Core.Upgrade.Setting": 4,
    "Core.User": 1,
    "Core.User.Group": 1,
    "Core.User.PasswordConfirm": 2,
    "Core.User.PasswordPolicy": 1,
    "Storage.CGI.Smart": 1,
    "Storage.CGI.Storage": 1,
}
"""What clients were seen to call of the control panel. Devices have further versions of some."""
_DSM5_FILES = {
    "BackgroundTask": "background_task.cgi",
    "CheckPermission": "file_permission.cgi",
    "Compress": "file_compress.cgi",
    "CopyMove": "file_MVCP.cgi",
    "CreateFolder": "file_crtfdr.cgi",
    "Delete": "file_delete.cgi",
    "DirSize": "file_dirSize.cgi",
    "Download": "file_download.cgi",
    "Extract": "file_extract.cgi",
    "Favorite": "file_favorite.cgi",
    "Info": "info.cgi",
    "List": "file_share.cgi",
    "MD5": "file_md5.cgi",
    "Rename": "file_rename.cgi",
    "Search": "file_find.cgi",
    "Sharing": "file_sharing.cgi",
    "Thumb": "file_thumb.cgi",
    "Upload": "api_upload.cgi",
    "VirtualFolder": "file_virtual.cgi",
}
_DSM5_SECOND = frozenset({"Sharing", "Compress", "CopyMove", "BackgroundTask"})


@dataclass(frozen=True)
class Api:
    """One API as SYNO.API.Info tells it. `also` are further places where it answers; `missing`, versions it lost."""

    path: str
    min_version: int
    max_version: int
    json: bool = False
    also: tuple[str, ...] = ()
    missing: frozenset[int] = field(default_factory=frozenset)

    def describe(self) -> dict[str, object]:
        row: dict[str, object] = {"maxVersion": self.max_version, "minVersion": self.min_version, "path": self.path}
        if self.json:
            row["requestFormat"] = "JSON"
        return row


@dataclass(frozen=True)
class Profile:
    """One generation."""

    name: str
    version: str
    build: str
    apis: dict[str, Api]
    content_type: str
    style: str
    token_needed: bool
    device_key: bool
    no_session: int
    """The code for a session that is missing, or that nobody knows."""
    exists_on_upload: int
    control: str = ""
    """How the control panel's calls behave: as on dsm6, dsm71, dsm72 or dsm73; empty: there are none."""


def _modern(auth: Api, *, json: bool) -> dict[str, Api]:
    apis = {
        "SYNO.API.Info": Api(ENTRY if json else "query.cgi", 1, 1, json, ("query.cgi", ENTRY)),
        "SYNO.API.Auth": auth,
        "SYNO.API.Encryption": Api(ENTRY if json else "encryption.cgi", 1, 1, json, ("encryption.cgi", ENTRY)),
        "SYNO.DSM.Info": Api(ENTRY, 2 if json else 1, 2, json),
    }
    if json:
        apis["SYNO.API.Auth.UIConfig"] = Api(ENTRY, 1, 1, json)
    for name, newest in _FILE_STATION.items():
        apis[f"SYNO.FileStation.{name}"] = Api(ENTRY, 2 if name == "Upload" else 1, newest, json)
    for name, newest in _CONTROL.items():
        apis[f"SYNO.{name}"] = Api(ENTRY, 1, newest, json)
    return apis


def _dsm5() -> dict[str, Api]:
    apis = {
        "SYNO.API.Info": Api("query.cgi", 1, 1),
        "SYNO.API.Auth": Api("auth.cgi", 1, 4),
        "SYNO.API.Encryption": Api("encryption.cgi", 1, 1),
        "SYNO.DSM.Info": Api("dsm/info.cgi", 1, 1),
        "SYNO.FileStation.VFS.Connection": Api("_" * 55 + ENTRY, 1, 1, json=True),  # what came late, is elsewhere
    }
    for name, file in _DSM5_FILES.items():
        apis[f"SYNO.FileStation.{name}"] = Api(f"FileStation/{file}", 1, 2 if name in _DSM5_SECOND else 1)
    return apis


_PLAIN = 'text/plain; charset="UTF-8"'
_JSON = 'application/json; charset="UTF-8"'
_AUTH_7 = Api(ENTRY, 1, 7, also=("auth.cgi",), missing=frozenset({2}))


def _dsm7(name: str, build: str, version: str, *, token: bool = False, control: str = "") -> Profile:
    apis = _modern(_AUTH_7, json=True)
    return Profile(name, build, f"DSM {version}", apis, _JSON, "json", token, True, 119, 414, control or name)


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("dsm5", "5967", "DSM 5.2-5967", _dsm5(), _PLAIN, "plain", False, False, 105, 1805),
        Profile(
            "dsm6",
            "25556",
            "DSM 6.2.4-25556",
            _modern(Api("auth.cgi", 1, 6), json=False),
            _PLAIN,
            "comma",
            False,
            False,
            119,
            1805,
            "dsm6",
        ),
        _dsm7("dsm71", "42962", "7.1.1-42962"),
        _dsm7("dsm7", "72806", "7.2.2-72806", control="dsm72"),
        _dsm7("dsm72", "72806", "7.2.2-72806"),
        _dsm7("dsm73", "86009", "7.3.2-86009", token=True),
    )
}
