# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of a device's services: get and set of SMB, NFS, FTP, SFTP, AFP, rsync, SSH, SNMP; SYNO.Core.Service.

A set is partial, but some refuse it when certain keys are not sent along (`NEEDED`). Which code they give then was
recorded for NFS's second page (2301) and SNMP (2202) only: the others say 120 here, as for a value of another type.
"""

from __future__ import annotations

import copy
from typing import Any

from .calls import Call, controls
from .control import Wants
from .values import ApiError

FILES = "SYNO.Core.FileServ."
NFS, NFS_MORE = FILES + "NFS", FILES + "NFS.AdvancedSetting"
FTP, SFTP, AFP, SMB = FILES + "FTP", FILES + "FTP.SFTP", FILES + "AFP", FILES + "SMB"
RSYNC, TERMINAL, SNMP = "SYNO.Backup.Service.NetworkBackup", "SYNO.Core.Terminal", "SYNO.Core.SNMP"
BAD_VALUE, NFS_REFUSED, SNMP_REFUSED = 120, 2301, 2202

INITIAL: dict[str, dict[str, Any]] = {
    SMB: {
        "disable_shadow_copy": False,
        "enable_local_master_browser": False,
        "enable_multichannel": True,
        "enable_ntlmv1_auth": False,
        "enable_op_lock": True,
        "enable_samba": True,
        "enable_server_signing": 1,
        "enable_smb2_leases": True,
        "smb_encrypt_transport": 1,
        "smb_max_protocol": 3,
        "smb_min_protocol": 1,
        "wins": "",
        "workgroup": "WORKGROUP",
    },
    NFS: {
        "enable_nfs": False,
        "enable_nfs_v4": False,
        "enabled_minor_ver": 0,
        "nfs_v4_domain": "",
        "read_size": 8192,
        "support_encrypt_share": 1,
        "support_major_ver": 4,
        "support_minor_ver": 1,
        "unix_pri_enable": True,
        "write_size": 8192,
    },
    NFS_MORE: {
        "custom_port_enable": 0,
        "nfs_v4_domain": "",
        "nlm_port": 4045,
        "read_size": 8192,
        "statd_port": 4046,
        "unix_pri_enable": 1,
        "write_size": 8192,
    },
    FTP: {
        "custom_port": "55536:55899",
        "custom_port_range": False,
        "enable_ascii": False,
        "enable_fips": False,
        "enable_flow_ctrl": False,
        "enable_ftp": False,
        "enable_ftps": False,
        "enable_fxp": False,
        "ext_ip": "",
        "max_conn_per_ip": 2,
        "maxdownloadrate": 0,
        "maxuploadrate": 0,
        "modify_time_std": False,
        "portnum": 21,
        "timeout": 300,
        "use_ext_ip": False,
        "utf8_mode": 1,
    },
    SFTP: {"enable": False, "portnum": 22},
    AFP: {"afp_transfer_log_enable": False, "enable_afp": False},
    RSYNC: {
        "enable": False,
        "enable_custom_config": False,
        "enable_rsync_account": False,
        "rsync_sshd_port": "22",
    },
    TERMINAL: {"enable_ssh": False, "enable_telnet": False, "forbid_console": False, "ssh_port": 22},
    SNMP: {
        "contact": "",
        "enable_snmp": False,
        "enable_snmp_v1v2": False,
        "enable_snmp_v3": False,
        "location": "",
        "rocommunity": "",
        "rouser": "",
    },
}
NEEDED: dict[str, tuple[str, ...]] = {
    NFS_MORE: ("enable_nfs", *INITIAL[NFS_MORE]),
    FTP: ("enable_ftp", "enable_ftps"),
    SFTP: ("enable",),
    TERMINAL: tuple(INITIAL[TERMINAL]),
}
SWITCHES = {
    "atalk": (AFP, "enable_afp"),
    "ftp-pure": (FTP, "enable_ftp"),
    "ftp-ssl": (FTP, "enable_ftps"),
    "nfs-server": (NFS, "enable_nfs"),
    "pkg-synosamba-smbd": (SMB, "enable_samba"),
    "rsyncd": (RSYNC, "enable"),
    "sftp": (SFTP, "enable"),
    "snmpd": (SNMP, "enable_snmp"),
    "ssh-shell": (TERMINAL, "enable_ssh"),
    "telnetd": (TERMINAL, "enable_telnet"),
}


class Services:
    """How they are set now."""

    def __init__(self) -> None:
        self.state = copy.deepcopy(INITIAL)

    @property
    def nfs_runs(self) -> bool:
        return bool(self.state[NFS]["enable_nfs"])


def _refusal(api: str) -> ApiError:
    return ApiError(NFS_REFUSED if api == NFS_MORE else BAD_VALUE)


async def _get(call: Call) -> dict[str, Any]:
    """All of an API's settings."""
    return dict(call.device.services.state[call.api])


async def _set(call: Call) -> dict[str, Any]:
    """Those that are named."""
    services = call.device.services
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    if any(not wants.has(name) for name in NEEDED.get(call.api, ())):
        raise _refusal(call.api)
    kept = services.state[call.api]
    fresh: dict[str, Any] = {}
    for name in kept:
        if not wants.has(name):
            continue
        value = fresh[name] = wants.value(name)
        switch = isinstance(kept[name], bool) or (
            call.api == NFS_MORE and name in {"custom_port_enable", "unix_pri_enable"}
        )
        if isinstance(value, bool) is not switch or (isinstance(value, str) is not isinstance(kept[name], str)):
            raise _refusal(call.api)
        if call.api == NFS_MORE and switch:
            fresh[name] = int(value)  # sent as a number, taken as a word (seen)
    after = {**kept, **fresh}
    if call.api == SNMP and (after["enable_snmp_v1v2"] and not after["rocommunity"]):
        raise ApiError(SNMP_REFUSED)
    if not call.silent:
        kept.update(fresh)
        if call.api == NFS_MORE:
            services.state[NFS].update({name: fresh[name] for name in ("read_size", "write_size", "nfs_v4_domain")})
    return {}


for _api in INITIAL:
    controls(_api, "get")(_get)
    controls(_api, "set", writes=True)(_set)


@controls("SYNO.Core.Service", "get")
async def services(call: Call) -> dict[str, Any]:
    """Which are turned on, and with `active_status` which run."""
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    wanted = wants.additional() or frozenset()
    rows = []
    for name, (api, switch) in SWITCHES.items():
        on = bool(call.device.services.state[api][switch])
        row: dict[str, Any] = {
            "display_name_section_key": "",
            "enable_status": "enabled" if on else "disabled",
            "service_id": name,
        }
        if "active_status" in wanted:
            row["additional"] = {"active_status": "active" if on else "inactive"}
        rows.append(row)
    return {"service": rows}
