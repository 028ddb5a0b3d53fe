# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Synology device: the File Station API (developer's guide of 2023.03) and what devices were seen to do beside it.

Settings (`--vendor-opt`), beside those of every vendor:

    users=NAME:PASSWORD,...      more users (no administrators)
    refuse=NAME:CODE,...         these users' right password is answered with this Auth code (401, 402, 407-411)
    require_session=NAME,...     a login whose `session` is not one of these is refused (402)
    refuse_session=1             a login with any `session` is refused (402)
    boot_seconds=S               Auth answers 499 for so long after the start
    otp_single_use=1             a fixed --otp-code is good for one login (codes of --otp-secret always are)
    otp_types=NAME,...           second factors that 403 names (default otp; seen: authenticator, fido, otp)
    empty_device_id=1            a login with format=sid gets an empty `device_id` (seen on 7.0.1), without format not
    single_session=1             a login ends the user's earlier sessions (107)
    refusal_ends_session=0|1     an answer 105 ends the session, which is 105 from then on (default: dsm5 only)
    forbidden=API,...            these APIs answer 105
    synotoken=never|mutating     whether calls that change something need the SynoToken (default: by profile)
    task_ids=hex|decimal         form of task ids (default hex)
    task_errors=data|envelope    how a task tells that single paths failed: in `data.errors`, or success:false
    refuse_chunked=1             an upload without Content-Length gets 1800
    illegal_chars=CHARS          characters no new name may hold (default `:`); what is so called already is listed
    illegal_names=GLOB,...       names nothing new may have
    follow_links=WHO,...         who goes through symbolic links: list, search, size (DirSize), compress, download
                                 (default: all of them; `none`: nobody). Which do on devices was not recorded, and no
                                 field of a listing tells a link. A copy copies the link itself, a deletion removes it.
    lost_searches=N              of 100 searches so many are forgotten as soon as they are started (60 were on 7.3.2)
    codepage=LANGUAGE            the device's own code page, for names in archives (default enu)
    volumes=SHARE:VOLUME,...     the volume of a share in `real_path` (default volume1)
    acl=SHARE,...                shares in ACL mode (`is_acl_mode`)
    disable_download=SHARE,...   special privileges (`adv_right`) that users but the administrator lack there (407);
    disable_list, disable_modify   the same
    max_body=BYTES               a web server in front answers HTTP 413 to larger bodies
    max_subfolders=N             CreateFolder answers 1101 beyond so many folders in one folder
    hostname=NAME, model=NAME    what the device says it is
    virtual=1                    it is a virtual DSM: no temperature
    mounts=TYPE:PATH,...         folders that VirtualFolder lists (type cifs, nfs or iso)
    max_links=N, max_favorites=N limits of share links and favorites

Of the control panel (SYNO.Core, SYNO.Storage: undocumented calls, as devices and the vendor's own client were seen to
make and answer them; modules control, core_*, storage):

    administrators=NAME,...      which of `users` are in the group administrators, beside the owner
    core_sessions=separate       a session opened with session=FileStation may make no such call (105)
    core_token=never|mutating|always   which of these calls need the SynoToken (default: dsm72 mutating, dsm73 always)
    refuse_body_sid=1            a `_sid` that stands in the body alone is not seen (119)
    file_systems=VOLUME:KIND,... the volumes (default volume1:btrfs; those of `volumes` are there too). On another
                                 file system than btrfs shares have no quota, checksums and compression.
    no_acl=VOLUME,...            volumes without ACLs: rights on their shares are neither listed nor set (3302)
    volume_status=VOLUME:WORD,...   a volume's status (default normal)
    disks=ID:WORD,...            the disks and their status (default sda:normal,sdb:normal)
    read_only_volumes=NAME,...   no share can be made there or changed (3314)
    stray_folders=NAME,...       directories on the volume that are no shares: none can be made of that name (3312)
    custom_rules=SHARE:NAME,...  rights made by hand as a Windows ACL, of users or groups; masked_rules=..., masked ones
    ldap_users=NAME,..., ldap_groups=NAME,...   principals of a directory that rights can be given to
    share_seconds=S              a change of a share takes so long; another one meanwhile is 3328
    settle_seconds=S             ... and one so soon after another is 3300
    min_password=N               the password policy asks for so many characters (3123)
    max_shares=N, max_groups=N, max_snapshots=N   limits (3309, 3209, 3329)
    restart_seconds=S            connections are cut for so long after the import of a certificate (default 2)
    update=VERSION               an update is on offer

A folder that was put into the root from outside is a share in which the accounts of `users` may write, each by a rule
of its own. A share that SYNO.Core.Share makes begins without any rule; in either, File Station does for an account
what its rules and those of its groups say. The groups are `administrators`, `users` (everybody), `http`; the accounts
`admin` and `guest` are there, turned off unless they are configured.

A share of `read_only` is a read-only file system (411), a folder without its owner's write bit is not permitted (407).
With --tls, a request in plain http gets nginx's page "The plain HTTP request was sent to HTTPS port" (400).

Profiles: `dsm5` (version 1 calls under FileStation/*.cgi, SYNO.DSM.Info at dsm/info.cgi, values not read as JSON, 105
for an unknown session, no control panel), `dsm6`, `dsm71` (7.1.1: a session of Auth 6 may change what the control panel
shows, a new share needs `name_org`, a group's description is not kept), `dsm7` = `dsm72` (7.2.2), `dsm73` (7.3.2: calls
that change something need the SynoToken, those of the control panel all). From `dsm6` on the old FileStation/*.cgi are
an HTML page (404).

Oddities for fault rules (`do: {vendor: NAME}`):

    missing_omitted          getinfo leaves a missing path out instead of answering its code
    silent                   a task, or a call of the control panel, that changes something reports success and has done
                             nothing
    no_link_error            Sharing.create leaves `error` out of its links
    quoted_task_id_rejected  a status, stop or list call with a quoted task id does not find its task
    lagging                  a status call never says finished (use `times`)
    endless_list             a list has always more: the first page again for every offset; `value: new`, other names
    errors                   beside `error: CODE`: the object `value` as `errors` (without a value, for 120 and 1055,
                             what was recorded)
    forget_devices           a login finds no device token that it takes
"""

from .device import Synology

VENDOR = Synology

__all__ = ["VENDOR", "Synology"]
