# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every client tells the certificate of its device's https port, without a call and without a login."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

from tests.support.devices import VENDORS, device
from tests.support.tls import fingerprint_of, self_signed


def certificate_of(nas, **options):
    connection = Connection(nas.vendor, "127.0.0.1", nas.port, timeout=20.0, retries=0, **options)
    client = _vendors.build(connection, Credentials(), MemoryStore())
    try:
        return client.device.https_certificate()
    finally:
        client.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_certificate_of_a_device(tmp_path, vendor):
    certificate = self_signed(tmp_path, names=("127.0.0.1", "nas.example"))
    with device(vendor, tmp_path / "tls", tls=certificate) as nas:
        found = certificate_of(nas, ca_path=str(certificate[0]))
        assert found.names == ("127.0.0.1", "nas.example")
        assert found.subject == found.issuer == {"commonName": "simulated device"}
        assert found.not_after - found.not_before == 3 * 86400
        assert found.fingerprint == fingerprint_of(certificate[0])
        assert certificate_of(nas, fingerprint=found.fingerprint) == found
        with pytest.raises(NasError) as caught:
            certificate_of(nas)
        assert (caught.value.kind, caught.value.vendor) == (Kind.CERTIFICATE, vendor)
        assert nas.log() == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_plain_http_has_none(tmp_path, vendor):
    connection = Connection(vendor, "127.0.0.1", 1, use_ssl=False)
    client = _vendors.build(connection, Credentials(), MemoryStore())
    assert client.device.https_certificate() is None
    client.close()
