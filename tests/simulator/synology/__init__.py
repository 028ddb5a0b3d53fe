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
    synotoken=never|mutating     whether calls that change something need the SynoToken (default: by profile)
    task_ids=hex|decimal         form of task ids (default hex)
    task_errors=data|envelope    how a task tells that single paths failed: in `data.errors`, or success:false
    refuse_chunked=1             an upload without Content-Length gets 1800
    illegal_chars=CHARS          characters no new name may hold (default `:`)
    max_subfolders=N             CreateFolder answers 1101 beyond so many folders in one folder
    hostname=NAME, model=NAME    what the device says it is
    mounts=TYPE:PATH,...         folders that VirtualFolder lists (type cifs, nfs or iso)
    max_links=N, max_favorites=N limits of share links and favorites

Profiles: `dsm5` (version 1 calls under FileStation/*.cgi, values not read as JSON), `dsm6`, `dsm7` (7.2), `dsm73`
(7.3.2: calls that change something need the SynoToken).

Oddities for fault rules (`do: {vendor: NAME}`):

    missing_omitted          getinfo leaves a missing path out instead of answering its code
    silent                   a task that changes something reports success and has done nothing
    no_link_error            Sharing.create leaves `error` out of its links
    quoted_task_id_rejected  a status, stop or list call with a quoted task id does not find its task
    lagging                  a status call never says finished (use `times`)
"""

from .device import Synology

VENDOR = Synology

__all__ = ["VENDOR", "Synology"]
