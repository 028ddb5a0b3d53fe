# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Freebox: Freebox OS' HTTP API over a folder. The first-level folders of the root are the mounted volumes.

Rests on the vendor's File System page (API v4) and on what boxes and their clients were seen to do: login, ls since
v15, upload over a WebSocket, share links, storage. `--user` is an application's id, `--password` its token; both are
granted from the start. Applications that pair are granted after `--grant-after` seconds.

Profiles: `v4` (API 4.0), `v15` (15.0, default), `v16` (16.0). Every `/api/vN/` up to the profile's version is served,
and `/api/latest/`; what an answer looks like follows the version in the URL (ls: array up to v14, `entries` since v15;
FsTask has `src` and `dst` since v8; `POST fs/info` since v11).

Settings beside the common ones (`--vendor-opt`):

    shapes=recorded|page      recorded (default; v4: page): empty collections have no result, mkdir answers the new
                              path, a hash is a bare string, an unknown task is invalid_id, ls shows `.` and `..`,
                              archive tasks mix up src and dst. page: as the vendor's page prints it; there a new
                              hash task knows its file
    path_errors=task|immediate  a missing or forbidden source of cp, mv, rm ...: the task fails (default), or the call
                              is refused with path_not_found or access_denied (default of v4)
    rm_missing=fail|done      how the task of `rm` ends for what is not there (default: fail)
    error_status=N            HTTP status of errors that are not about login (default 200)
    missing_permissions=A,B   permissions that no application has, e.g. explorer (insufficient_rights)
    grant=granted|denied|timeout  how a pairing ends after --grant-after
    new_apps_denied=1, apps_denied=1, external=1      refused pairings; refused logins; pairing from outside the LAN
    max_failures=N            ratelimited after so many refused logins (default 5; 0: never), for block_seconds (60)
    challenge_seconds=S       how long a challenge may be used (default 120)
    sliding_session=0         sessions end --session-seconds after login, however much they are used
    session_error=CODE        the answer to an ended session (default auth_required; invalid_session was seen too)
    page_cap=N                ls since v15 gives at most N entries a page, even without a limit (default 0: no cap)
    link_target=text          `target` is what a link says, as it stands (default: as an absolute path)
    no_links=A,B              volumes that cannot hold links (symlink_failed)
    lacks=A,B                 storage, system, connection: calls that the model lacks (internal_error)
    token_known=0             --password is a token from before a reset (invalid_token); pairing gives one that is known
    unmounted=A,B             volumes that are not mounted (disk_unavailable)
    usb=A,B                   volumes on a USB disk of their own each (default: all on the internal disk, which has the
                              id 1000; USB disks have 2000, 3000, ...)
    empty_disk=1              a USB disk without partitions besides
    fstype=A:TYPE,...         a volume's file system (default ext4, on USB exfat; vfat and exfat cannot hold links)
    partition_state=A:STATE,...     state of a volume's partition (anything but mounted is disk_unavailable)
    fsck=A:RESULT,...         what the last check of a volume found (default no_run_yet)
    disk_state=ID:STATE,...   state of a disk (default enabled)
    asleep=ID,...             disks that are idle and do not spin
    disk_temp=N               temperature of the internal disk (38); USB disks tell 0
    upload_conflict=CODE      code of an upload's conflict (default conflict; destination_conflict was documented too)
    resume_length=file|session  what total_len counts in a resumed upload (default: the whole file)
    archive_overwrite=1       an archive may take the place of a file (default: the task fails with file_exists)
    ranges=0                  downloads ignore Range
    remote_access=0           share links have an empty fullurl
    api_domain=NAME, https_port=N, api_version_lacks=A,B      what /api_version says and does not say
                              (default 127.0.0.1 and the port)

`active_tasks` is 1, as on the box: other tasks wait in the state `queued`; a paused task keeps its place.

Faults: `error` takes the box's error codes, `fail_task` the errors of tasks. A socket of an upload is logged as
`GET ws/upload` when it ends, and every action in it as `ws/upload upload_start`, `ws/upload upload_data` (not logged),
`ws/upload upload_finalize`, `ws/upload upload_cancel`: rules may name them (error, reset, slow; for upload_data `after`
counts frames). `reset: {at_bytes: N}`, `disk_full` and `quota` on `GET ws/upload` count the bytes of the files sent.
Oddities (`vendor:`): `null_progress` (GET fs/tasks/{id}), `corrupt_upload` (ws/upload upload_start: the file's last
byte comes to the disk wrong), `lose_bytes` with `value: N` (the same: the last N bytes never reach the disk),
`bad_size` (GET fs/ls/{path}, fs/info/{path}: the first file's size is -1; value: another), `endless` (GET fs/ls/{path}
since v15: a cursor behind every page, with the same entries; value `new`: with names never seen), and for any call
with JSON `lone_surrogate` (half a surrogate pair for the first value of a key; value: the key, default id) and
`nested` (value: so many lists within each other).
"""

from __future__ import annotations

from .device import Freebox

VENDOR = Freebox
