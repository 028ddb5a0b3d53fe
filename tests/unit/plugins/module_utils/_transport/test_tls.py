# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a connection trusts, what it proves, and what it says when there is no trust."""

from __future__ import annotations

import contextlib
import os
import pty
import ssl
import subprocess
import threading

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._transport import tls as _tls
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection, Http
from ansible_collections.nasops.nas.plugins.module_utils._transport.way import RECIPE, normalized
from ansible_collections.nasops.nas.tests.support.raw import answer, read_request, server_settings, serving
from ansible_collections.nasops.nas.tests.support.tls import fingerprint_of, self_signed

pytestmark = pytest.mark.usefixtures("way")


def reply(connection):
    while read_request(connection)[0]:
        connection.sendall(answer(b"{}"))


@contextlib.contextmanager
def device(certificate, **wanted):
    with serving(reply, server_settings(*certificate, **wanted)) as server:
        yield server


def ask(server, extra_ca="", host="127.0.0.1", **options):
    http = Http(Connection("qnap", host, server.port, retries=0, timeout=5.0, **options), extra_ca)
    return http.request("GET", "/", call="x").status_code


def refused(server, **options):
    with pytest.raises(NasError) as caught:
        ask(server, **options)
    error = caught.value
    assert (error.vendor, error.call) == ("qnap", "x")
    assert ".." not in str(error)
    return error


@pytest.fixture(autouse=True)
def _no_store_is_kept(monkeypatch):
    monkeypatch.setattr(_tls, "_contexts", {})


def test_the_four_ways_to_trust(certificate, monkeypatch):
    path = str(certificate[0])
    with device(certificate) as server:
        assert ask(server, ca_path=path) == 200
        assert ask(server, validate_certs=False) == 200
        assert ask(server, fingerprint=fingerprint_of(certificate[0])) == 200
        assert ask(server, extra_ca=certificate[0].read_text()) == 200
        assert refused(server).kind is Kind.CERTIFICATE
        monkeypatch.setenv("SSL_CERT_FILE", path)
        assert ask(server) == 200


def test_a_folder_of_certificates(certificate, tmp_path):
    for name in ("plain", "hashed", "empty"):
        (tmp_path / name).mkdir()
    text = certificate[0].read_text()
    (tmp_path / "plain" / "nas.pem").write_text(text)
    (tmp_path / "plain" / "README").write_text("not one")
    hashed = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", str(certificate[0])], capture_output=True, text=True, check=True
    )
    (tmp_path / "hashed" / f"{hashed.stdout.strip()}.0").write_text(text)
    with device(certificate) as server:
        assert ask(server, ca_path=str(tmp_path / "plain")) == 200
        # Notes, keys and folders may lie beside them.
        (tmp_path / "plain" / "key.pem").write_bytes(certificate[1].read_bytes())
        (tmp_path / "plain" / "readme.crt").write_text("those of our devices")
        (tmp_path / "plain" / "old.pem").mkdir()
        assert ask(server, ca_path=str(tmp_path / "plain")) == 200
        assert ask(server, ca_path=str(tmp_path / "hashed")) == 200
        error = None
        with pytest.raises(NasError) as caught:
            ask(server, ca_path=str(tmp_path / "empty"))
        error = caught.value
    assert error.kind is Kind.USAGE
    assert "holds no certificates" in error.message


@pytest.mark.parametrize("option", ["ca_path", "client_cert"])
def test_a_file_that_is_none(tmp_path, option):
    for path in (tmp_path / "missing.pem", tmp_path / "text.pem"):
        if path.name == "text.pem":
            path.write_text("hello")
        with pytest.raises(NasError) as caught:
            Http(Connection("qnap", "127.0.0.1", 1, **{option: str(path)})).request("GET", "/", call="x")
        assert caught.value.kind is Kind.USAGE
        assert option in caught.value.message
        assert f"nas_{option}" in caught.value.hint


def locked_key(certificate, folder, how):
    key = folder / f"{how}.pem"
    formats = {"ec": ["ec", "-aes256"], "pkcs8": ["pkcs8", "-topk8", "-v2", "aes-256-cbc"]}
    command = ["openssl", *formats[how], "-passout", "pass:x", "-in", str(certificate[1]), "-out", str(key)]
    subprocess.run(command, capture_output=True, check=True)
    return key


@pytest.mark.parametrize("how", ["ec", "pkcs8"])
@pytest.mark.parametrize("is_one_file", [False, True])
def test_a_key_with_a_passphrase_asks_nobody(certificate, tmp_path, how, is_one_file):
    key = locked_key(certificate, tmp_path, how)
    option, options = "client_key", {"client_cert": str(certificate[0]), "client_key": str(key)}
    if is_one_file:
        key.write_bytes(certificate[0].read_bytes() + key.read_bytes())
        option, options = "client_cert", {"client_cert": str(key)}
    at = Connection("qnap", "127.0.0.1", 1, **options)
    for action in (lambda: Http(at).request("GET", "/", call="x"), lambda: Http(at).open_socket("y", "/")):
        with pytest.raises(NasError) as caught:
            action()
        error = caught.value
        assert error.kind is Kind.USAGE
        assert f"option {option}: the key in {str(key)!r} has a passphrase" in error.message
        assert "Set client_key (nas_client_key)" in error.hint
        assert "openssl pkey" in error.hint


def test_no_passphrase_is_asked_for_at_a_terminal(certificate, tmp_path):
    key = locked_key(certificate, tmp_path, "ec")
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + certificate[0].read_bytes())
    proving = Connection("qnap", "127.0.0.1", 1, client_cert=str(certificate[0]), client_key=str(key))
    trusting = Connection("qnap", "127.0.0.1", 1, ca_path=str(both))
    pid, terminal = pty.fork()
    if not pid:  # at a terminal of its own
        try:
            for settings in (trusting, proving):
                _tls.context_for(settings)
                os.write(1, b"trusted, ")
        except NasError:
            os.write(1, b"refused")
        finally:
            os._exit(0)
    said = b""
    with contextlib.suppress(OSError):  # Linux' end of a terminal
        while (piece := os.read(terminal, 1024)) and b"pass" not in said.lower() + piece.lower():
            said += piece
    os.close(terminal)  # which ends what waits at it
    os.waitpid(pid, 0)
    assert said == b"trusted, refused"


# -- the store is read once, and only where something is validated


def test_the_store_is_read_once(certificate, monkeypatch):
    reads = []
    real = _tls.Context.load_default_certs
    monkeypatch.setattr(_tls.Context, "load_default_certs", lambda self: reads.append(1) or real(self))
    with _tls.preloading():
        pass
    path = str(certificate[0])
    for options in (
        {},
        {},
        {"ca_path": path},
        {"validate_certs": False},
        {"fingerprint": fingerprint_of(certificate[0])},
    ):
        _tls.context_for(Connection("qnap", "nas", 1, **options))
    _tls.context_for(Connection("freebox", "nas", 1), certificate[0].read_text())
    assert len(reads) == 1


def test_the_thread_that_reads_it_is_not_about_to_end_when_a_process_is_forked():
    def readers():
        return {one for one in threading.enumerate() if one.name == _tls.__name__}

    before = readers()
    with _tls.preloading():
        pass
    (reader,) = readers() - before
    reader.join(0.2)
    assert reader.is_alive()
    assert reader.daemon  # nobody waits for it when the program ends


def test_what_one_trusts_besides_is_not_trusted_for_others(certificate):
    extra = certificate[0].read_text()
    _tls.preload()
    with device(certificate) as server:
        assert ask(server, extra_ca=extra) == 200
        assert refused(server).kind is Kind.CERTIFICATE
        assert ask(server, extra_ca=extra) == 200
        assert refused(server).kind is Kind.CERTIFICATE


def test_a_context_that_was_made_before_is_used_once(certificate):
    _tls.warm()
    assert len({id(context) for context in [_tls.accepting() for _number in range(3)]}) == 3
    _tls.warm()
    with device(certificate) as server:
        assert ask(server, ca_path=str(certificate[0])) == 200
        assert refused(server).kind is Kind.CERTIFICATE


def test_a_store_that_the_environment_names_later_is_used(certificate, monkeypatch):
    _tls.preload()
    with device(certificate) as server:
        assert refused(server).kind is Kind.CERTIFICATE
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert ask(server) == 200


# -- fingerprints


def test_a_fingerprint_accepts_one_certificate_whatever_it_says(tmp_path):
    old = self_signed(tmp_path, names=("other.example",), days=(-20, -10))
    mark = fingerprint_of(old[0])
    with device(old) as server:
        colons = ":".join(mark[7:][place : place + 2] for place in range(0, 64, 2)).upper()
        assert ask(server, fingerprint=mark) == 200
        assert ask(server, fingerprint=f"SHA256:{colons}") == 200
        error = refused(server, fingerprint="sha256:" + "0" * 64)
    assert error.kind is Kind.CERTIFICATE
    assert mark in error.message
    assert not error.unsent


def test_nothing_is_sent_to_a_device_with_another_fingerprint(certificate):
    heard = []

    def listen(connection):
        heard.append(connection.recv(100))

    with serving(listen, server_settings(*certificate)) as server:
        refused(server, fingerprint="sha256:" + "0" * 64)
    assert b"".join(heard) == b""


@pytest.mark.parametrize(
    "text", ["", "sha256:", "md5:" + "0" * 64, "0" * 64, "sha256:" + "0" * 63, "sha256:" + "g" * 64]
)
def test_what_is_no_fingerprint(text):
    with pytest.raises(NasError) as caught:
        normalized(text)
    assert caught.value.kind is Kind.USAGE
    assert "openssl" in caught.value.hint


def test_the_recipe_prints_what_the_option_takes(certificate):
    with device(certificate) as server:
        recipe = RECIPE.replace("HOST:PORT", f"127.0.0.1:{server.port}")
        reported = subprocess.run(["sh", "-c", recipe], capture_output=True, text=True, check=True).stdout.strip()
        assert ask(server, fingerprint=reported) == 200


# -- client certificates


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_gate_that_wants_a_client_certificate(certificate, tmp_path, version):
    mine, my_key = self_signed(tmp_path, names=("me",), stem="my-")
    others, other_key = self_signed(tmp_path, names=("other",), stem="other-")
    settings = server_settings(*certificate, maximum_version=version)
    settings.verify_mode = ssl.CERT_REQUIRED
    settings.load_verify_locations(mine)
    both = tmp_path / "both.pem"
    both.write_text(mine.read_text() + my_key.read_text())
    with serving(reply, settings) as server:
        for options in ({"client_cert": str(mine), "client_key": str(my_key)}, {"client_cert": str(both)}):
            assert ask(server, ca_path=str(certificate[0]), **options) == 200
            assert ask(server, validate_certs=False, **options) == 200
            assert ask(server, extra_ca=certificate[0].read_text(), **options) == 200
        for options in ({}, {"client_cert": str(others), "client_key": str(other_key)}):
            error = refused(server, ca_path=str(certificate[0]), **options)
            assert error.kind is Kind.CERTIFICATE
            assert "nas_client_cert" in error.hint
            assert not error.unreachable


# -- words


@pytest.mark.parametrize(
    ("how", "words", "hint"),
    [
        ({"days": (-20, -10)}, "has expired", "renew the certificate on the device"),
        ({"days": (10, 20)}, "not yet valid", "clocks"),
        ({"names": ("nas.example", "192.0.2.1")}, "for other names", "nas_host"),
    ],
)
def test_a_certificate_that_is_trusted_but_wrong(tmp_path, how, words, hint):
    made = self_signed(tmp_path, **how)
    with device(made) as server:
        error = refused(server, ca_path=str(made[0]))
    assert error.kind is Kind.CERTIFICATE
    assert words in error.message
    assert hint in error.hint
    assert "nas_fingerprint" in error.hint
    assert "ca_path" not in error.hint


def test_the_certificate_that_a_device_shows_is_read_where_the_connection_is_good(certificate, tmp_path):
    over = self_signed(tmp_path, names=("nas.example", "192.0.2.1"), days=(-9, -2), stem="over-")

    def shown(server, **options):
        return Http(Connection("qnap", "127.0.0.1", server.port, retries=0, timeout=5.0, **options)).certificate()

    trusted = (
        {"ca_path": str(certificate[0])},
        {"validate_certs": False},
        {"fingerprint": fingerprint_of(certificate[0])},
    )
    with device(certificate) as server:
        for options in trusted:
            found = shown(server, **options)
            assert (found.names, found.fingerprint) == (("127.0.0.1",), fingerprint_of(certificate[0]))
        assert shown(server, use_ssl=False) is None
        for options in ({}, {"fingerprint": fingerprint_of(over[0])}):
            with pytest.raises(NasError) as caught:
                shown(server, **options)
            assert (caught.value.kind, caught.value.vendor) == (Kind.CERTIFICATE, "qnap")
    with device(over) as server:
        found = shown(server, fingerprint=fingerprint_of(over[0]))
        assert found.names == ("nas.example", "192.0.2.1")
        assert found.not_after - found.not_before == 7 * 86400
        with pytest.raises(NasError):
            shown(server, ca_path=str(over[0]))


def test_a_certificate_that_is_none_of_ours_to_read(certificate, monkeypatch):
    monkeypatch.setattr("ssl.SSLSocket.getpeercert", lambda self, binary_form=False: b"\x30\x00")
    with device(certificate) as server, pytest.raises(NasError) as caught:
        Http(Connection("qnap", "127.0.0.1", server.port, validate_certs=False)).certificate()
    assert caught.value.kind is Kind.PROTOCOL


def test_a_certificate_that_nobody_knows(certificate):
    with device(certificate) as server:
        error = refused(server)
    assert "not trusted" in error.message
    assert "nas_ca_path" in error.hint
    assert "nas_fingerprint" in error.hint


def test_tls_that_is_too_old(certificate):
    settings = server_settings(*certificate)
    settings.set_ciphers("ALL:@SECLEVEL=0")
    settings.minimum_version = ssl.TLSVersion.TLSv1
    settings.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(reply, settings) as server:
        error = refused(server, validate_certs=False)
    assert error.kind is Kind.CERTIFICATE
    assert "TLS 1.2 or later" in error.hint
    assert "plain http" not in error.hint


def test_a_port_that_speaks_plain_http():
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        error = refused(server, validate_certs=False)
    assert error.kind is Kind.CERTIFICATE
    assert "nas_use_ssl" in error.hint


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x03\x00\x50\x02"])
def test_a_handshake_that_breaks_off_is_no_refusal(sent):
    def talk(connection):
        connection.recv(4096)
        connection.sendall(sent)

    with serving(talk) as server:
        error = refused(server, validate_certs=False)
    assert (error.kind, error.unsent, error.unreachable) == (Kind.CONNECTION, True, True)


def test_a_handshake_that_hangs_ends_in_time():
    done = []

    def talk(connection):
        while connection.recv(4096):
            pass
        done.append(1)

    with serving(talk) as server:
        http = Http(Connection("qnap", "127.0.0.1", server.port, timeout=0.3, retries=0, validate_certs=False))
        for ask_for in (lambda: http.request("GET", "/", call="x"), http.certificate):
            with pytest.raises(NasError) as caught:
                ask_for()
            assert (caught.value.kind, caught.value.unreachable) == (Kind.TIMEOUT, True)
