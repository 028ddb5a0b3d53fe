# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client `synology-api`, unmodified, against the simulated control panel.

What its authors had from devices must work here, and what fails on devices must fail here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from synology_api import base_api, core_group, core_share, core_user, exceptions

from tests.support import local
from tests.support.tls import self_signed

PASSWORD, KEY = "First Pass 1", "a long enough key"


class Client:
    """Its classes, in one session. Over http it seals passwords and `shareinfo`, over https it does not."""

    def __init__(self, nas: Any, profile: str) -> None:
        self.nas = nas
        url = urlsplit(nas.url)
        base_api.BaseApi.shared_session = None
        login = {
            "ip_address": url.hostname,
            "port": str(url.port),
            "username": local.USER,
            "password": local.PASSWORD,
            "secure": url.scheme == "https",
            "cert_verify": False,
            "dsm_version": 6 if profile == "dsm6" else 7,
            "debug": False,
        }
        self.shares = core_share.Share(**login)
        self.rights = core_share.SharePermission(**login)
        self.users = core_user.User(**login)
        self.groups = core_group.Group(**login)


@pytest.fixture(params=[("dsm6", "https"), ("dsm71", "https"), ("dsm72", "http"), ("dsm73", "https")], ids=str)
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    profile, scheme = request.param
    tls = self_signed(tmp_path) if scheme == "https" else None
    with local.LocalDevice("synology", tmp_path / "nas", profile=profile, tls=tls, shares=("public",)) as nas:
        yield Client(nas, profile)
        base_api.BaseApi.shared_session = None


def refused(call: Any, *args: Any, **params: Any) -> int:
    """The code of a call that the device refuses."""
    with pytest.raises(exceptions.CoreError) as caught:
        call(*args, **params)
    return int(caught.value.error_code)


@pytest.mark.filterwarnings("ignore")
def test_the_clients_classes_work_as_on_a_device(client: Client) -> None:
    shares, rights, users, groups = client.shares, client.rights, client.users, client.groups
    # shared folders
    assert shares.create_folder("team", "/volume1", desc="d")["data"] == {"name": "team"}
    assert shares.validate_set("other", "/volume1")["success"]
    assert [row["name"] for row in shares.list_folders(additional=["hidden"])["data"]["shares"]] == ["public", "team"]
    assert shares.get_folder("team", additional=["is_aclmode"])["data"]["is_aclmode"]
    assert shares.clone("copy", "team", "/volume1")["data"] == {"name": "copy"}
    shares.create_folder("safe", "/volume1", encryption=True, enc_passwd=KEY)
    shares.encrypt_folder("safe")
    assert refused(shares.decrypt_folder, "safe", "another key") == 3308
    shares.decrypt_folder("safe", KEY)
    # users and groups
    assert users.user_create("toto", PASSWORD)["data"]["name"] == "toto"
    users.user_set("toto", "titi", description="T", email="t@example.org")
    (row,) = users.user_get("titi", additional=["description", "expired"])["data"]["users"]
    assert (row["description"], row["expired"], row["uid"]) == ("T", "normal", 1026)
    assert [row["name"] for row in users.user_list()["data"]["users"]] == ["admin", "guest", "titi"]
    assert groups.create("staff", "S")["data"] == {"gid": 65536, "name": "staff"}
    assert "staff" in [row["name"] for row in groups.get_groups(name_only=False)["data"]["groups"]]
    groups.add_users("staff", ["titi"])
    assert [row["name"] for row in groups.get_users("staff")["data"]["users"]] == ["titi"]
    groups.remove_users("staff", ["titi"])
    task = users.user_group_join("titi", ["staff"])["data"]["task_id"]
    end = time.monotonic() + 20
    while not users.user_group_join_status(task)["data"]["finish"] and time.monotonic() < end:
        pass
    assert [row["name"] for row in groups.get_users("staff")["data"]["users"]] == ["titi"]
    assert users.password_confirm(local.PASSWORD)["data"]["SynoConfirmPWToken"]
    # rights
    flags = {"is_readonly": False, "is_writable": True, "is_deny": False, "is_custom": False}
    rights.set_folder_permissions("team", "local_user", [{"name": "titi", **flags}])
    reported = {row["name"]: row["is_writable"] for row in rights.get_folder_permissions("team")["data"]["items"]}
    assert reported == {"admin": False, "guest": False, "titi": True}
    (row,) = rights.get_folder_permission_by_name("team", "tit", with_inherit=True)["data"]["items"]
    assert (row["is_writable"], row["inherit"]) == (True, "-")
    rights.set_local_group_permissions("staff", [{"name": "public", **flags}])
    reported = {row["name"]: row["is_writable"] for row in groups.get_permissions("staff")["data"]["shares"]}
    assert (reported["public"], reported["team"]) == (True, False)
    groups.set_share_quota("staff", [{"share": "team", "quota": 32}])
    (volume,) = groups.get_quota("staff")["data"]["group_quota"]
    assert {row["name"]: row["quota"] for row in volume["shares"]}["team"] == 32
    # the end
    groups.delete(["staff"])
    assert refused(users.user_delete, "titi") == 3101, "a bare name, which devices refuse"
    shares.delete_folders(["team"])
    assert sorted(client.nas.tree()) == ["/copy", "/copy/#recycle", "/public", "/safe", "/safe/#recycle"]
    kept = json.dumps(client.nas.log)
    assert not [secret for secret in (PASSWORD, KEY, local.PASSWORD) if secret in kept]


@pytest.mark.filterwarnings("ignore")
def test_what_fails_on_devices_fails_here(client: Client) -> None:
    assert refused(client.shares.create_folder, "public", "/volume1") == 3301
    assert refused(client.shares.create_folder, "x", "/volume1/deep") == 3300
    assert refused(client.shares.create_folder, "x", "/volume1", enable_recycle_bin=False) == 3300
    assert refused(client.shares.get_folder, "x") == 402
    assert refused(client.users.user_create, "x", PASSWORD, expire="2030-01-01") == 3103
    assert refused(client.users.user_get, "x") == 3106
    assert refused(client.groups.get_users, "x") == 3205
    assert refused(client.users.user_password_policy_set) == 3101, "it sends the names of the settings only"
