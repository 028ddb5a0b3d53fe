# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_container_tls: its plan, and what it makes of the zip that a device exports."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from datetime import date

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Certificate
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._delivery import certificate_files as files
from ansible_collections.nasops.nas.plugins.module_utils._plans.container_tls import (
    Current,
    Desired,
    plan_tls,
    same_names,
)

GOOD = Certificate("2026-01-01", "2029-01-01", ("a.example", "192.0.2.1"), False)
TODAY = date(2028, 12, 2)  # 30 days before its end
KEY = b"-----BEGIN EC PRIVATE KEY-----\nx\n-----END EC PRIVATE KEY-----\n"
CERT = b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"


def steps(desired, certificate=GOOD, today=TODAY, **drifted):
    return [step.do for step in plan_tls(desired, Current(certificate, today, drifted)).steps]


def with_notify(notify):
    return Certificate(GOOD.start_date, GOOD.end_date, GOOD.domain_names, notify)


def test_without_options_nothing_changes():
    assert steps(Desired()) == []


@pytest.mark.parametrize("names", [("192.0.2.1", "a.example"), ("A.Example", "192.0.2.1")])
def test_names_are_a_set(names):
    assert steps(Desired(names=names)) == []


@pytest.mark.parametrize("names", [(), ("a.example",), ("a.example", "192.0.2.1", "b.example")])
def test_a_certificate_with_other_names(names):
    assert steps(Desired(names=names)) == ["set_domain_names"]


def test_an_address_has_many_spellings():
    assert same_names(["2001:db8:0::1"], ["2001:DB8::1"])
    assert not same_names(["192.0.2.1"], ["192.0.2.10"])


@pytest.mark.parametrize(("days", "expected"), [(0, []), (30, []), (31, ["rotate"]), (1096, ["rotate"])])
def test_renewal_is_due_when_it_ends_sooner(days, expected):
    assert steps(Desired(renew_before=days)) == expected


def test_an_ended_one_is_due_with_no_days_ahead():
    assert steps(Desired(renew_before=0), today=date(2029, 1, 1)) == []
    assert steps(Desired(renew_before=0), today=date(2029, 1, 2)) == ["rotate"]


def test_a_renewal_that_would_be_due_for_ever_is_refused():
    with pytest.raises(NasError, match="option renew_before: 1097 days are more than the 1096") as caught:
        steps(Desired(renew_before=1097))
    assert caught.value.kind is Kind.USAGE
    assert steps(Desired(renew_before=1097, force=True)) == ["rotate"]


def test_force():
    assert steps(Desired(force=True)) == ["rotate"]


@pytest.mark.parametrize(
    ("tells", "desired", "today", "expected"),
    [
        (True, False, TODAY, ["set_outdated_notify"]),
        (False, False, TODAY, []),
        (None, False, TODAY, []),
        (True, True, TODAY, []),
        (False, True, TODAY, []),  # not near the end: nothing to tell, as it should be
        (False, True, date(2028, 12, 3), ["set_outdated_notify"]),
        (False, True, date(2029, 6, 1), ["set_outdated_notify"]),
    ],
)
def test_notify(tells, desired, today, expected):
    assert steps(Desired(notify=desired), with_notify(tells), today) == expected


def test_a_new_certificate_tells_by_itself():
    assert steps(Desired(notify=True, force=True), with_notify(False), date(2028, 12, 31)) == ["rotate"]
    assert steps(Desired(notify=False, force=True), with_notify(True)) == ["rotate", "set_outdated_notify"]


def test_export():
    assert steps(Desired(export_to="/x")) == []
    assert steps(Desired(export_to="/x"), key="absent") == ["export"]
    assert steps(Desired(export_to="/x", force=True)) == ["rotate", "export"]
    assert steps(Desired(), key="absent") == []


def zipped(*members):
    """A zip of (name, content) or of (ZipInfo, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def special(name, file_type):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (file_type | 0o777) << 16
    return info


def test_what_is_in_a_zip():
    content = zipped(("ca.pem", CERT), ("client/", b""), ("client/key.pem", KEY), (special("b", stat.S_IFREG), b"b"))
    assert files.read_zip(content) == {"ca.pem": CERT, "client/key.pem": KEY, "b": b"b"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "members",
    [
        [("/etc/passwd", b"x")],
        [("../x", b"x")],
        [("a/../../x", b"x")],
        [("a/./x", b"x")],
        [("a//x", b"x")],
        [("..\\x", b"x")],
        [("C:/x", b"x")],
        [("a\nb", b"x")],
        [("../", b"")],
        [(special("link", stat.S_IFLNK), b"/etc/passwd")],
        [(special("pipe", stat.S_IFIFO), b"")],
        [("a", b"x"), ("a", b"y")],
        [("a", b"x"), ("a/b", b"y")],
        [("large", b"\0" * (files.LARGEST + 1))],
        [],
    ],
)
def test_a_zip_that_no_honest_device_sends(members):
    with pytest.raises(NasError) as caught:
        files.read_zip(zipped(("ca.pem", CERT), *members) if members else zipped())
    assert caught.value.kind is Kind.PROTOCOL


def test_a_damaged_zip_is_refused():
    content = bytearray(zipped(("ca.pem", CERT)))
    content[content.index(CERT)] ^= 1
    with pytest.raises(NasError, match="cannot be read"):
        files.read_zip(bytes(content))


def test_the_files_of_a_docker_client():
    simple = {"ca.pem": CERT, "cert.pem": CERT, "key.pem": KEY, "server-cert.pem": CERT, "server-key.pem": KEY}
    assert files.docker_files(simple) == {"ca.pem": CERT, "cert.pem": CERT, "key.pem": KEY}
    other = {"d/ca.crt": b"1" + CERT, "d/client.crt": CERT, "d/client.key": KEY, "d/server.key": KEY, "README": b"hi"}
    assert files.docker_files(other) == {"ca.pem": b"1" + CERT, "cert.pem": CERT, "key.pem": KEY}
    together = {"ca.pem": CERT, "client.pem": CERT + KEY}
    assert files.docker_files(together) == {"ca.pem": CERT, "cert.pem": CERT + KEY, "key.pem": CERT + KEY}


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"ca.pem": CERT, "cert.pem": CERT}, "none where a Docker client needs one key.pem"),
        ({"ca.pem": KEY, "cert.pem": CERT, "key.pem": KEY}, "none where a Docker client needs one ca.pem"),
        ({"ca.pem": CERT, "a.crt": CERT, "b.crt": CERT, "key.pem": KEY}, r"2 of them \(a.crt, b.crt\)"),
    ],
)
def test_no_clear_files_for_a_docker_client(members, said):
    with pytest.raises(NasError, match=said) as caught:
        files.docker_files(members)
    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        (CERT, 0o644),
        (b"", 0o644),
        (KEY, 0o600),
        (CERT + b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 0o600),
        (b"-----BEGIN PRIVATE KEY-----\n", 0o600),
        (b"\x30\x82\xff\xfe", 0o600),
    ],
)
def test_modes_of_files(content, mode):
    assert files.mode_of(content) == mode


def test_writing_and_comparing(tmp_path):
    folder = str(tmp_path / "new" / "certs")
    desired = files.local_files(folder, {"ca.pem": CERT, "deep/key.pem": KEY})
    ca, key = (file.path for file in desired)
    assert files.drifted(folder, desired) == {ca: "absent", key: "absent"}
    files.write(folder, desired)
    assert files.drifted(folder, desired) == {}
    assert [stat.S_IMODE(os.stat(path).st_mode) for path in (folder, ca, key)] == [0o700, 0o644, 0o600]
    os.chmod(key, 0o644)
    with open(ca, "wb") as stream:
        stream.write(KEY)
    assert files.drifted(folder, desired) == {ca: "another content", key: "mode 0644"}
    files.write(folder, desired)
    assert files.drifted(folder, desired) == {}
    assert sorted(os.listdir(folder)) == ["ca.pem", "deep"]


def test_a_link_is_replaced_and_never_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "ca.pem").write_bytes(CERT)
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "ca.pem").symlink_to(outside / "ca.pem")
    desired = files.local_files(str(folder), {"ca.pem": KEY})
    assert list(files.drifted(str(folder), desired).values()) == ["no plain file"]
    files.write(str(folder), desired)
    assert (outside / "ca.pem").read_bytes() == CERT
    assert not (folder / "ca.pem").is_symlink()
    (folder / "deep").symlink_to(outside)
    with pytest.raises(NasError, match="is a link"):
        files.drifted(str(folder), files.local_files(str(folder), {"deep/key.pem": KEY}))


def test_a_failure_leaves_no_file(tmp_path):
    (tmp_path / "key.pem").mkdir()
    desired = files.local_files(str(tmp_path), {"ca.pem": CERT, "key.pem": KEY})
    with pytest.raises(NasError, match="is a folder"):
        files.drifted(str(tmp_path), desired)
    with pytest.raises(NasError, match=r"key\.pem"):
        files.write(str(tmp_path), desired)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".nasops")]


def test_a_target_that_cannot_be_written_is_found_before(tmp_path):
    files.check_target(str(tmp_path / "a" / "b"), "export_to")
    (tmp_path / "file").touch()
    with pytest.raises(NasError, match=r"option export_to: .*file' is not a folder"):
        files.check_target(str(tmp_path / "file" / "b"), "export_to")
