# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the File Station guide of QTS 4.0 prints, section by section, and every refusal that it shows.

They are sent to QTS 4 and to QTS 5, each to a device with fresh files, and the reply has the keys and the types of the
guide's sample. Only the ids are put in. A request of the guide with a slip in it is the one that is meant; the remark
above it says what was printed. Where devices were seen to answer otherwise than the guide, the reply here is theirs,
and a remark says so.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest

from tests.contract.simulator.qnap.guide import (
    COMPRESSING,
    EXTRACTING,
    RECOVERING,
    UTIL,
    Example,
    ask,
    both,
    compressed,
    content,
    gone,
    holds,
    linked,
    links_left,
    logged_in,
    mailed,
    packed,
    pictured,
    put,
    queue,
    renditions_gone,
    shows,
    starts,
    states,
    that,
    thumb,
    transcoded,
    transcoding,
    volume,
    zip_of,
    zipped,
)
from tests.contract.simulator.qnap.simulated import Nas, devices, first, fits, options, until

SHARES = ("Public", "Download", "Multimedia/Samples", "Qdownload", "Qweb", "folder_name", "Locked", "Secret", "Small")

# -- what the guide shows as replies

OK = {"status": 1, "success": "true"}
# copy and move have OK in the guide; devices fork and tell the process, as for extract and compress
PID = {"status": 1, "pid": int}
TREE_18 = [{"text": str, "id": str, "cls": str, "draggable": int}]
# QTS 5 was recorded without noSupportACL
TREE_5 = [{**TREE_18[0], "iconCls": str}]
TREE = [{**TREE_5[0], "noSupportACL": int}]
ENTRY = {
    "filename": str, "isfolder": int, "filesize": str, "group": str, "owner": str, "iscommpressed": int,
    "privilege": str, "filetype": int, "mt": str,
}  # fmt: skip
ACL = {"total": int, "acl": int, "is_acl_enable": int}
WINDOWS_ACL = {**ACL, "is_winacl_support": int, "is_winacl_enable": int}
# printed: `trnas`; QTS 5 was recorded without page and flv_720
VIDEO_5 = {**ENTRY, "mp4_360": int, "mp4_720": int, "trans": int, "play": int}
LIST_5 = {**WINDOWS_ACL, "rtt_support": int, "datas": [VIDEO_5]}
LIST = {**WINDOWS_ACL, "rtt_support": int, "page": int, "datas": [{**VIDEO_5, "flv_720": int}]}
STAT = {**WINDOWS_ACL, "datas": [{**ENTRY, "epochmt": int}]}
SEARCH = {**ACL, "datas": [ENTRY]}
MEMBER = {"filename": str, "isfolder": int, "filesize": str, "mt": str, "id": int, "compress_size": str}
LINK = {
    "status": 1, "expire_time": int, "total": 1, "count": int, "limit": int, "misc": str,
    "links": [{"filename": str, "link_url": str}],
}  # fmt: skip
LINKS = {
    "max_share_file": int, "total": 1,
    "datas": [{
        "ssid": str, "filename": str, "filesize": str, "filetype": int, "download_link": str, "start_time": int,
        "expire_time": int, "addressee": str, "creator": str, "access_code": str, "download_count": int,
        "download_limit": int, "misc": str,
    }],
}  # fmt: skip
HOSTS = {"status": 1} | dict.fromkeys(("mycloudnas_hn", "ddns_hn", "external_ip", "local_ip", "host_ip"), str)
QUEUE = {
    "status": 1, "total": 2, "percentage": int,
    "datas": [{"id": str, "filename": str, "addtime": str, "time": int, "status": int, "type": int}],
}  # fmt: skip
READY = {"status": 1, "total": 2, "datas": [{"filename": str, "mp4_360": 1, "flv_720": 1, "mp4_720": 1}]}


# -- what it prints

VIEWED = ("Download/123.jpg", "Download/Dream.mp4", "Download/123.avi")
TWO = ("Public/folder_name/x", "Public/file_name")
SAMPLE = ("Multimedia/Samples/sample01.jpg",)
BIN = ("Download/@Recycle/testPath/txt.txt", "Download/@Recycle/testPath/1.jpg", "Download/@Recycle/a.txt")

GUIDE = (
    # 1 Authentication
    Example("1", "/cgi-bin/authLogin.cgi?user=admin&pwd=YWRtaW4%3D", check=logged_in),
    # 2 Create folder
    Example("2", "func=createdir&sid={sid}&dest_folder=test&dest_path=/Public", OK,
            check=that(lambda nas, _found: (nas.root / "Public/test").is_dir())),
    # 3 Rename
    Example("3", "func=rename&sid={sid}&path=/Public&source_name=test&dest_name=test1", OK,
            needs=("Public/test/a",), check=both(holds("Public/test1/a", "Public/test/a"), gone("Public/test"))),
    # 4 Copy
    Example("4 to another folder", "func=copy&sid={sid}&source_file=test&source_total=1&source_path=/Public"
            "&dest_path=/Qdownload&mode=1", PID,
            needs=("Public/test/a",), check=holds("Qdownload/test/a", "Public/test/a")),
    Example("4 beside itself", "func=copy&sid={sid}&source_file=test&source_total=1&source_path=/Public"
            "&dest_path=/Public&mode=0&dup=copy", PID,
            needs=("Public/test/a",), check=holds("Public/test-copy(1)/a", "Public/test/a")),
    # 5 Move
    Example("5", "func=move&sid={sid}&source_file=test&source_total=1&source_path=/Qweb&dest_path=/Public&mode=1", PID,
            needs=("Qweb/test/a",), check=both(holds("Public/test/a", "Qweb/test/a"), gone("Qweb/test"))),
    # 6 Extract
    Example("6.1", "func=get_extract_list&sid={sid}&path=/&extract_file=/Public/test.zip&code_page=UTF-8&start=0"
            "&limit=50&sort=filename&dir=ASC", {"total": 5, "datas": [MEMBER]},
            before=zipped, check=shows("7-zip.chm", "a.txt", "b.txt", "c.txt", "sub/d.txt")),
    Example("6.2", "func=extract&sid={sid}&extract_file=/Public/test.zip&dest_path=/Public&pwd=&mode=extract_all"
            "&overwrite=1&path_mode=full&code_page=UTF-8", PID,
            needs=("Public/a.txt",), before=zipped,
            check=holds("Public/a.txt", "a.txt", "Public/sub/d.txt", "sub/d.txt")),
    Example("6.3", "func=cancel_extract&sid={sid}&pid={pid}", OK, before=EXTRACTING,
            check=that(lambda nas, _found: not (nas.root / "Public/a.txt").exists())),
    # 7 Compress
    Example("7.1", "func=compress&sid={sid}&compress_name=test&type=7z&level=large&pwd=123456&encryipt=AES256"
            "&path=/Download&total=2&compress_file=4.jpg&compress_file=sample001.jpg", PID,
            needs=("Download/4.jpg", "Download/sample001.jpg"), check=packed),
    Example("7.2", "func=cancel_compress&sid={sid}&pid={pid}", OK, before=COMPRESSING),
    Example("7.3 done", "func=get_compress_status&sid={sid}&pid={pid}", OK, needs=("Public/a.txt",), before=compressed),
    Example("7.3 compressing", "func=get_compress_status&sid={sid}&pid={pid}", {**OK, "status": 6}, before=COMPRESSING),
    # 8 Download
    Example("8 one file", "func=download&sid={sid}&isfolder=0&compress=0&source_path=/Public&source_file=test.txt"
            "&source_total=1", needs=("Public/test.txt",),
            check=content(b"Public/test.txt", "application/octet-stream")),
    Example("8 several files", "func=download&sid={sid}&isfolder=0&source_path=/Public&source_file=test.txt"
            "&source_file=test2.txt&source_total=2", needs=("Public/test.txt", "Public/test2.txt"),
            check=zip_of("test.txt", "test2.txt")),
    # 9 Thumbnail; printed: `? func=get_thumb& sid=`
    Example("9", "func=get_thumb&sid={sid}&path=/Public&name=sample.jpg&size=80", before=pictured, check=thumb),
    # 10 Upload. The guide has OK; QTS 5 was recorded with size and name, and old firmware says success in no JSON
    Example("10", "func=upload&type=standard&sid={sid}&dest_path=/Public&overwrite=1&progress=-Public-test.zip",
            later={"status": 1, "size": "3", "name": "test.zip"},
            needs=("Public/test.zip",), post={"file": ("test.zip", b"new")}, check=holds("Public/test.zip", "new")),
    # 11 Open; the table says func=open, the command and the examples get_viewer
    Example("11 a picture", UTIL + "/123.jpg?sid={sid}&func=get_viewer&source_path=/Download&source_file=123.jpg",
            needs=VIEWED, check=content(b"Download/123.jpg", "image/jpeg")),
    Example("11 a format", UTIL + "/Dream.mp4?sid={sid}&func=get_viewer&source_path=/Download&source_file=Dream.mp4"
            "&format=mp4_360", needs=VIEWED, before=transcoded("/Download", "Dream.mp4"),
            check=starts(b"\0\0\0\x18ftyp", "video/mp4")),
    Example("11 a player", UTIL + "/123.avi?sid={sid}&func=get_viewer&source_path=/Download&source_file=123.avi"
            "&player=1", needs=VIEWED, check=that(lambda _nas, got: "jwplayer" in got.text)),
    Example("11 as FLV", UTIL + "/123.avi?sid={sid}&func=get_viewer&source_path=/Download&source_file=123.avi&rtt=1",
            needs=VIEWED, check=starts(b"FLV", "video/x-flv")),
    # 12.1 Folders
    Example("12.1 shares", "func=get_tree&sid={sid}&is_iso=0&node=share_root", TREE, TREE_5, check=that(
            lambda _nas, rows: {("/Public", "w", "folder"), ("/folder_name", "r", "iso")}
            <= {(row["id"], row["cls"], row["iconCls"]) for row in rows})),
    Example("12.1 folders", "func=get_tree&sid={sid}&is_iso=0&node=/Public", TREE, TREE_5,
            needs=("Public/b/x", "Public/a/x", "Public/file"), check=shows("a", "b")),
    Example("12.1 folders of an image", "func=get_tree&sid={sid}&is_iso=1&node=/folder_name", TREE, TREE_5,
            needs=("folder_name/sub/x",), check=shows("sub")),
    Example("12.1 bins", "func=get_tree&sid={sid}&node=recycle_root", TREE, TREE_5),
    # 12.2 Files
    Example("12.2 a page", "func=get_list&sid={sid}&is_iso=0&list_mode=all&path=/Public&dir=ASC&limit=20&sort=filename"
            "&start=0", LIST, LIST_5, needs=("Public/b.img", "Public/a/x"), check=shows("a", "b.img")),
    # printed: `sort=nartual`, and no `&` between `limit=100` and `type=2`; of the two limits the first counts
    Example("12.2 videos", "func=get_list&sid={sid}&&path=/Public&dir=ASC&limit=20&sort=natural&start=0&limit=100"
            "&type=2&flv_720=1&mp4_360=1&filename=Dream.mp4", LIST, LIST_5,
            needs=("Public/Dream.mp4", "Public/Other.mp4", "Public/Dream.mp4.txt"),
            before=transcoded("/Public", "Dream.mp4", "Other.mp4"), check=shows("Dream.mp4")),
    # 12.3 Size; printed: `name=folder1$name=file1`
    Example("12.3", "func=get_file_size&sid={sid}&path=/Download&total=3&name=folder1&name=file1&name=file2",
            {"status": 1, "size": "47"}, needs=("Download/folder1/.x", "Download/file1", "Download/file2")),
    # 13 Delete
    Example("13", "func=delete&sid={sid}&path=/Public&file_total=2&file_name=folder_name&file_name=file_name", OK,
            needs=TWO, check=gone("Public/folder_name", "Public/file_name")),
    # 14 Status
    Example("14", "func=stat&sid={sid}&path=/Public&file_total=2&file_name=folder_name&file_name=file_name", STAT,
            needs=TWO, check=shows("folder_name", "file_name")),
    # 15 Time; printed: `settime=0`, which sets none
    Example("15", "func=stat&sid={sid}&settime=1&mtime=1336632200&path=/Public&file_total=2&file_name=folder_name"
            "&file_name=file_name", {**STAT, "datas": [{**ENTRY, "epochmt": 1336632200}]},
            needs=TWO, check=that(lambda nas, _found: (nas.root / "Public/file_name").stat().st_mtime == 1336632200)),
    # 16 Search
    Example("16", "func=search&sid={sid}&keyword=keyword&source_path=/Public&dir=ASC&limit=20&sort=filename&start=0",
            SEARCH, needs=("Public/keyword.txt", "Public/other"), check=volume("/Public/keyword.txt")),
    # 17 Share links
    Example("17.1", "/share.cgi?ssid={ssid}", needs=("Public/keyword.txt",), before=linked,
            check=that(lambda _nas, got: got.content == b"Public/keyword.txt")),
    # the guide's link has no port; here it has the simulator's own, or nobody could follow it
    Example("17.2", "func=get_share_link&sid={sid}&access_code=GolZ9hiI&access_enabled=true&network_type=internet"
            "&download_type=email_download_link&ssl=true&valid_duration=period_of_time&day=07&hour=00"
            "&path=/Multimedia/Samples&file_total=1&file_name=sample01.jpg&hostname=172.17.20.62"
            "&addressee=admin@qnap.com&subject=To Share with You&content=content&include_access_code=true&", LINK,
            needs=SAMPLE, check=both(mailed, links_left(1), that(
                lambda _nas, found: abs(found["expire_time"] - time.time() - 7 * 86400) < 60
                and found["links"][0]["filename"] == "/Multimedia/Samples/sample01.jpg"
                and found["links"][0]["link_url"].startswith("https://172.17.20.62")))),
    # printed: `include_access_code=ture`. In the sample the mail did not go (`email_error` 1)
    Example("17.3", "func=share_file&sid={sid}&access_code=GolZ9hiI&access_enabled=true&network_type=internet"
            "&download_type=email_download_link&ssl=true&valid_duration=period_of_time&day=07&hour=00"
            "&path=/Multimedia/Samples&file_total=1&file_name=sample01.jpg&hostname=172.17.20.62"
            "&addressee=admin@qnap.com&subject=To Share with you&content=content&include_access_code=true"
            "&link_url=https://172.17.20.62/share.cgi?ssid=0qvyiuF"
            "&mail_content_date=Period of validity: 05/18/2012 09:55&mail_content_pwd=Password: Go1Z9hiI"
            "&expire_time=1337306140", {"status": 1, "email_error": int}, needs=SAMPLE, check=mailed),
    Example("17.4", "func=get_share_list&sid={sid}&dir=ASC&limit=20&sort=filename&start=0", LINKS,
            needs=("Public/keyword.txt",), before=linked, check=volume("/Public/keyword.txt")),
    # 17.5 to 17.7 have command lines and no examples
    Example("17.5", "func=get_domain_ip_list&sid={sid}", HOSTS),
    # the samples of the next two have `"success": ture`, no text; devices have the text everywhere
    Example("17.6", "func=delete_share&sid={sid}&file_total=1&download_link={link}&filename=/Public/keyword.txt", OK,
            needs=("Public/keyword.txt",), before=linked, check=links_left(0)),
    Example("17.7", "func=delete_share_all&sid={sid}", OK, needs=("Public/keyword.txt",), before=linked,
            check=links_left(0)),
    # printed: the year 2012, which is past (later tables: 95)
    Example("17.8", "func=update_share_link&sid={sid}&download_type=create_download_link&valid_duration=specific_time"
            "&datetime=2112/05/18 15:34&file_total=1&access_code=0AUDPsDc&access_enabled=true&hostname=211.75.189.169"
            "&ssids={ssid}&ssl=false", OK, needs=("Public/keyword.txt",), before=linked, check=that(
                lambda nas, _found: first(nas.raw("get_share_list"))["datas"][0]["access_code"] == "0AUDPsDc")),
    # 18 Recycle bin; printed: `func=copy`. The ids carry the volume in the guide; of QTS 5 it is not known
    Example("18.1", "func=get_tree&sid={sid}&node=recycle_root", TREE_18, check=that(lambda nas, rows: any(
            row["id"] in {"/Download", "/share/HDA_DATA/Download"} for row in rows))),
    # source_path stands there twice
    Example("18.2", "func=trash_recovery&sid={sid}&source_path=/Download/@Recycle/testPath&source_total=2"
            "&source_path=/Download/@Recycle/testPath&mode=1&source_file=txt.txt&source_file=1.jpg", PID, needs=BIN,
            check=both(holds("Download/testPath/txt.txt", BIN[0], "Download/testPath/1.jpg", BIN[1]), gone(*BIN[:2]))),
    Example("18.3", "func=cancel_trash_recovery&sid={sid}&pid={pid}", OK, needs=BIN, before=RECOVERING,
            check=gone("Download/a.txt")),
    Example("18.4", "func=delete&sid={sid}&path=/Download/@Recycle&file_name=/Download/@Recycle", OK, needs=BIN,
            check=that(lambda nas, _found: not any((nas.root / "Download/@Recycle").iterdir()))),
    # 19 Media library; 19.1 to 19.4 are printed without /cgi-bin/filemanager
    Example("19.1", "/utilRequest.cgi?sid={sid}&func=video_ml_queue&op=1&subop=4", QUEUE,
            needs=("Download/test/20121209.mp4", "Download/test/have_or_not.mp4"),
            before=transcoded("/Download/test", "20121209.mp4", "have_or_not.mp4"),
            check=shows("/Download/test/20121209.mp4", "/Download/test/have_or_not.mp4")),
    Example("19.2 add", "/utilRequest.cgi?sid={sid}&func=video_ml_queue&op=3&path=/Download/test&total=2"
            "&filename=Dream1.mp4&filename=test.mp4", {"status": 1, "result": "2"},
            needs=("Download/test/Dream1.mp4", "Download/test/test.mp4"),
            check=lambda nas, _found: until(lambda: states(nas) == [1, 1])),
    Example("19.2 delete", "/utilRequest.cgi?sid={sid}&func=video_ml_queue&op=5&path=/Download/test&total=1"
            "&filename=Dream1.mp4", {"status": 1, "result": "1"}, needs=("Download/test/Dream1.mp4",),
            before=transcoded("/Download/test", "Dream1.mp4"), check=that(lambda nas, _found: states(nas) == [])),
    Example("19.2 delete all", "/utilRequest.cgi?sid={sid}&func=video_ml_queue&op=5&subop=1",
            {"status": 1, "result": "true"}, needs=("Download/test/Dream1.mp4",),
            before=transcoded("/Download/test", "Dream1.mp4"), check=that(lambda nas, _found: states(nas) == [])),
    # printed with a quotation mark at the end, here and in 19.4
    Example("19.3", "/utilRequest.cgi?sid={sid}&func=video_list&&source_path=/Download/test&source_total=2"
            "&source_file=20121209.mp4&source_file=have_or_not.mp4", READY,
            needs=("Download/test/20121209.mp4", "Download/test/have_or_not.mp4"),
            before=transcoded("/Download/test", "20121209.mp4", "have_or_not.mp4"),
            check=shows("20121209.mp4", "have_or_not.mp4")),
    Example("19.4", "/utilRequest.cgi?sid={sid}&func=video_ml_status&&path=/Download&total=2&filename=3.mp4"
            "&filename=4.mp4", QUEUE, needs=("Download/3.mp4", "Download/4.mp4"),
            before=transcoded("/Download", "3.mp4", "4.mp4"), check=shows("/Download/3.mp4", "/Download/4.mp4")),
    # printed: `func=delete`
    Example("19.5", "func=delete_transcode&sid={sid}&path=/Public&file_total=2&file_name=folder_name"
            "&file_name=file_name&mode=3&keep_trans=0", OK, needs=(*TWO, "Public/folder_name/v.mp4"),
            before=transcoded("/Public/folder_name", "v.mp4"), check=renditions_gone),
    Example("19.6 at work", "func=get_video_qstatus&sid={sid}&pid={pid}",
            {"status": 1, "filename": "aa.mp4", "running": 1}, needs=("Download/aa.mp4",), before=transcoding),
    Example("19.6 done", "func=get_video_qstatus&sid={sid}&pid={pid}", OK, needs=("Download/aa.mp4",),
            before=transcoded("/Download", "aa.mp4")),
    Example("19.7", "func=cancel_transcode&sid={sid}&pid={pid}", OK, needs=("Download/aa.mp4",), before=transcoding,
            check=that(lambda nas, _found: states(nas) == [])),
)  # fmt: skip

# section, request, status, and QTS 5's status where it is another: a name that is taken has been 33 since
REFUSALS: tuple[tuple[str, str, int, int], ...] = (
    ("2", "func=createdir&sid={sid}&dest_folder=a&dest_path=/Public", 2, 33),
    ("2", "func=createdir&sid={sid}&dest_folder=new&dest_path=/Locked", 4, 4),
    ("3", "func=rename&sid={sid}&path=/Public&source_name=a&dest_name=b", 2, 33),
    ("3", "func=rename&sid={sid}&path=/Locked&source_name=a&dest_name=c", 4, 4),
    ("4", "func=copy&sid={sid}&source_file=a&source_total=1&source_path=/Public&dest_path=/Locked&mode=1", 4, 4),
    ("5", "func=move&sid={sid}&source_file=a&source_total=1&source_path=/Locked&dest_path=/Public&mode=1", 4, 4),
    ("6.1", "func=get_extract_list&sid={sid}&path=/&extract_file=/Public/gone.zip&code_page=UTF-8", 5, 5),
    ("6.2", "func=extract&sid={sid}&extract_file=/Public/test.zip&dest_path=/Locked&mode=extract_all", 4, 4),
    ("6.3", "func=cancel_extract&sid={sid}&pid=29690", 0, 0),
    ("7.1", "func=compress&sid={sid}&compress_name=x&path=/Locked&total=1&compress_file=a", 4, 4),
    ("7.2", "func=cancel_compress&sid={sid}&pid=29690", 0, 0),
    ("7.3", "func=get_compress_status&sid={sid}&pid=29690", 0, 0),
    ("10", "func=upload&type=standard&sid={sid}&dest_path=/Locked&overwrite=1", 4, 4),
    ("10", "func=upload&type=standard&sid={sid}&dest_path=/Small&overwrite=1", 9, 9),
    ("12.1", "func=get_tree&sid={sid}&is_iso=0&node=/Secret", 4, 4),
    ("12.2", "func=get_list&sid={sid}&path=/Secret", 4, 4),
    ("12.3", "func=get_file_size&sid={sid}&path=/Secret&total=1&name=a", 4, 4),
    ("13", "func=delete&sid={sid}&path=/Locked&file_total=1&file_name=a", 4, 4),
    ("14", "func=stat&sid={sid}&path=/Secret&file_total=1&file_name=a", 4, 4),
    ("15", "func=stat&sid={sid}&settime=1&mtime=1336632200&path=/Locked&file_total=1&file_name=a", 4, 4),
    ("16", "func=search&sid={sid}&keyword=a&source_path=/Secret", 4, 4),
    ("18.2", "func=trash_recovery&sid={sid}&source_path=/Public/@Recycle&source_total=1&source_file=gone", 0, 0),
    ("18.4", "func=delete&sid={sid}&path=/Locked/@Recycle&file_name=/Locked/@Recycle", 4, 4),
    ("19.3", "func=video_list&sid={sid}&source_path=/Public&source_total=1&source_file=gone.mp4", 5, 5),
    ("19.4", "func=video_ml_status&sid={sid}&path=/Public&total=1&filename=gone.mp4", 5, 5),
    ("19.5", "func=delete_transcode&sid={sid}&path=/Locked&file_total=1&file_name=a&mode=3&keep_trans=0", 4, 4),
    ("19.7", "func=cancel_transcode&sid={sid}&pid=2450", 0, 0),
)


@pytest.fixture(scope="module", params=["qts4", "qts5"])
def device(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nas, bool]]:
    """A device with the guide's password and an ISO share, and whether it is the newer one."""
    rights = options(iso="folder_name", read_only="Locked", denied="Secret", quota="Small:100")
    with devices(tmp_path_factory) as run:
        nas = run("--profile", request.param, "--password", "admin", *rights)
        nas.login(password="admin")
        yield nas, request.param == "qts5"


@pytest.fixture
def fresh(device: tuple[Nas, bool]) -> Iterator[tuple[Nas, bool]]:
    """With empty shares, no link, nothing in the queue."""
    nas, _modern = device
    for folder in nas.root.iterdir():
        if not folder.name.startswith("."):
            shutil.rmtree(folder)
    for share in SHARES:
        (nas.root / share).mkdir(parents=True)
    nas.raw("delete_share_all")
    yield device
    nas.faults()
    for subop in (1, 5):
        queue(nas, op=5, subop=subop)


@pytest.mark.parametrize("example", GUIDE, ids=[example.section.replace(" ", "_") for example in GUIDE])
def test_request(fresh: tuple[Nas, bool], example: Example) -> None:
    nas, modern = fresh
    put(nas, *example.needs)
    ids = example.before(nas) if example.before else {}
    answer = ask(nas, example.request.format(sid=nas.sid, **ids), example.post)
    assert answer.status_code == 200
    shape = example.later if modern and example.later is not None else example.reply
    if shape is not None:
        fits(shape, first(answer))
    if example.check:
        example.check(nas, answer if shape is None else first(answer))


@pytest.mark.parametrize(("section", "request_", "status", "later"), REFUSALS)
def test_refusal(fresh: tuple[Nas, bool], section: str, request_: str, status: int, later: int) -> None:
    nas, modern = fresh
    put(nas, "Public/a", "Public/b", "Locked/a", "Secret/a")
    zipped(nas)
    post = {"file": ("new", b"x" * 200)} if section == "10" else {}
    fits(
        {"status": later if modern else status, "success": "true"}, first(ask(nas, request_.format(sid=nas.sid), post))
    )


def test_refusals_without_a_status(fresh: tuple[Nas, bool]) -> None:
    nas, modern = fresh
    refused = ask(nas, "/cgi-bin/authLogin.cgi?user=admin&pwd=d3Jvbmc%3D", {})  # 1
    assert refused.text.startswith('<?xml version="1.0" encoding="UTF-8" ?>')
    assert "<authPassed>0</authPassed><errorValue>-1</errorValue>" in refused.text
    for request in (
        "func=download&sid={sid}&isfolder=0&compress=0&source_path=/Public&source_file=gone&source_total=1",  # 8
        "func=get_viewer&sid={sid}&source_path=/Public&source_file=gone.jpg",  # 11
    ):
        empty = ask(nas, request.format(sid=nas.sid), {})
        # the guide has empty contents; later devices were seen to send a status
        assert first(empty)["status"] == 5 if modern else empty.content == b""


@pytest.mark.parametrize("profile", ["qts4", "qts5"])
def test_refusals_of_what_is_off(tmp_path_factory: pytest.TempPathFactory, profile: str) -> None:
    with devices(tmp_path_factory) as run:
        nas = run("--profile", profile, *options(recycle_bin="off", transcoding="off"))
        nas.login()
        fits({**OK, "status": 16}, first(nas.raw("get_tree", node="recycle_root")))  # 18.1
        fits({**OK, "status": 18}, queue(nas, op=1, subop=4))  # 19.1
