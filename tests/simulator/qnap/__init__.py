# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A QNAP device: File Station (guide of QTS 4.0 and what devices were seen to do since), Container Station, and the
system's calls for accounts, shares and rights (observed on QTS 5.1.9; README.md has what they do and their settings).

Profiles: `qts5` (default; 5.2), `qts51` (5.1.9), `qts4` (4.3, close to the guide, with the bodies of that time that are
not quite JSON), `hero6` (QuTS hero h6.0: as qts5; Container Station's API of version 1 without certificates).

Settings (`--vendor-opt`), beside those of every vendor:

    users=NAME:PASSWORD,...     more users (no administrators)
    administrators=NAME:PASSWORD,...    more administrators
    guests=NAME:PASSWORD,...    users who may only read
    admin=no                    --user is no administrator
    password_expired=1          every right password is answered errorValue -3 (administrator) or -4
    emergency_code=DIGITS       a code that is good for the second step beside --otp-code and --otp-secret
    security_question=TEXT, security_answer=TEXT    another way through it
    post_needs_service_key=1|page|no    POST of a login without serviceKey is accepted and gets no sid, or is answered
                                by the page about the device, without `authPassed` (QTS 4.3.6; default no)
    login_facts=off             a refused login has the guide's two elements alone, without model and firmware
    two_step_element=NAME       what asks for the second step (need_2sv; need_2_step_verification was seen too)
    clock=SECONDS               how far the device's clock is off: a refused code tells its time as `timestring`
    vtoken=off                  no login gives a vtoken
    one_session=1               a user's second login ends the first
    logout=strict               authLogout.cgi ends a session only with `logout=1` beside the sid
    ended_session=xml           utilRequest.cgi answers an ended session with an XML page that says authPassed 0, not 3
    keep_alive_seconds=S, keep_alive_max=N      a connection that is idle so long is closed, and one that got so many
                                answers (15, 100)
    force_https=PORT            plain http is answered 302 to https on this port
    file_station=off            status 8
    iso=SHARE,...               shares that show an ISO image: marked so in get_tree, read only, without a recycle bin
    is_iso=lenient              get_tree, get_list and search do not look at `is_iso` (else an ISO share is found with 1
                                alone, any other with 0 alone)
    no_times=SHARE,...          listings of these shares tell no times
    share_page=1                a share link without `fid` and `openfolder=forcedownload` is a web page
    illegal_names=strict|lenient    createdir, rename (and, if said, upload) refuse the documented characters, or only
                                what no file system takes and the prefix _sn_ (default: qts4 strict, others lenient)
    plus=literal                a `+` in a query is a plus, as a device was seen to read it (default: a space)
    max_url=N                   longer request lines get 414 (default 8190, Apache's; 0: none)
    stat_missing_parent=exist0|5|25    what stat says below a folder that is not there
    upload_in_place=1           an upload that breaks off leaves its part under the name
    compress_running=36         what get_compress_status says meanwhile (default 6)
    recycle_bin=on|off|SHARE,...    which shares have one (default all)
    follow_links=1              compress and downloads as zip go through links (default: a linked folder is empty there)
    transcoding=off             status 18
    max_links=N                 limit of share links (default 1000)
    state=DIR, outbox=FILE      where mails go (default: .simulator/outbox.jsonl in the root)
    smtp=off                    no mail goes
    groups, volumes, share_volumes, default_shares, no_setup, password_min, acl, list_building, deletion_seconds,
    restart_seconds, disks, disk_health, new_firmware, system_calls, xml    what README.md has of the system's calls
    hostname=NAME, model=NAME, mycloudnas=NAME, ddns=NAME, external_ip=ADDRESS
    container_station=off       404 for all of it
    container_tls=off           404 for its certificates
    cs3=404|401|302|page|no_dates    Container Station 3, and how it refuses to speak of certificates
    tls_days=N, tls_age=N       how long its certificates are good, how old the first ones are (1080, 30)
    ports_used=tcp/80,...       ports that are taken

Oddities for fault rules (`do: {vendor: NAME}`), for any call with a text reply:

    header_in_body      a Content-type line and an empty one before the JSON
    doubled             the JSON twice, on two lines
    broken_bytes        bytes missing, and some that are no text
    not_json            success in another form (value: the text)
    trailing_newline, bom, empty_body
    content_type        another one (value; default text/plain)
    html_404, html_411  a page of the web server, with this status
    redirect            302 (value: Location)
    nested              so many elements (XML) or lists (JSON) within each other (value: their number)
    lone_surrogate      half a surrogate pair for the first value of a key (value: the key; default pid)

and for some calls:

    no_sid              a login is accepted and gives no sid
    endless             get_list, search, get_share_list, get_extract_list: a page behind every page, with the same rows
                        (value `new`: with names never seen)
    bad_size            get_list, stat: the first file's size is -1 (value: another)
    pretend             a call that changes something says it did, and did nothing
    building            privRequest.cgi?subfunc=user: `done` 0

`{expire_session: xml}` ends a session that utilRequest.cgi then answers with the XML page.

`{error: N}` is errorValue N for a login, the HTTP status N for Container Station, `status` N for File Station, and N in
the element that tells how a call of the system went;
`{fail_task: N}` is what the status call of the process says in the end.
"""

from .device import Qnap

VENDOR = Qnap

__all__ = ["VENDOR", "Qnap"]
