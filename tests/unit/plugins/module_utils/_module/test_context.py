# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task's options are where it was shipped to, and what of them and of its result is shown."""

from __future__ import annotations

import datetime

import pytest
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._module import run
from ansible_collections.nasops.nas.plugins.module_utils._module.context import ModuleContext, Runtime
from ansible_collections.nasops.nas.plugins.module_utils._module.spec import Spec

OPTIONS = {
    "vendor": "synology",
    "host": "nas",
    "port": None,
    "use_ssl": True,
    "session_token": None,
    "session": "run",
}


def performed(work, **runtime):
    return run.execute(Spec({}), work, ModuleContext(OPTIONS, True, False, Runtime(**runtime)))


def test_a_token_that_is_returned_is_not_masked_where_it_was_an_option():
    params = {"password": "the token", "username": "it"}
    shown = run.shown({"app_token": "the token", "msg": "the token"}, params, {"the token"}, ("app_token",))
    assert shown["app_token"] == "the token"  # else a task that writes it to a file would destroy it
    assert "the token" not in str({**shown, "app_token": ""})
    assert run.shown({"app_token": "the token"}, params, {"the token"})["app_token"] != "the token"


def test_no_content_is_shown():
    params = {"content": "secret", "email": {"subject": "link", "content": "more"}, "path": "/home/a"}
    shown = run.shown({"changed": True}, params, set())
    masked = {
        "content": "(6 characters)",
        "email": {"subject": "link", "content": "(4 characters)"},
        "path": "/home/a",
    }
    assert shown == {"changed": True, "invocation": {"module_args": masked}}
    assert params["content"] == "secret"


def test_a_secret_that_is_masked_in_a_path_is_warned_of():
    shown = run.shown({"path": "/home/photo", "warnings": ["x"]}, {"password": "photo"}, {"photo"})
    assert shown["path"] == "/home/********"
    assert shown["warnings"][0] == "x"
    assert "option password" in shown["warnings"][1]
    assert "photo" not in shown["warnings"][1]


@pytest.mark.parametrize(
    "value",
    [
        "s3cret",
        "a s3cret b",
        "s3cr",
        42,
        4.2,
        142,
        True,
        None,
        b"s3cret",
        {"s3cret": 1},
        {"a": ["b", {"c": "s3cret"}]},
        {"a": ["b", {"c": "d"}]},
        ("s3cret",),
        {"s3cret"},
        datetime.date(2026, 1, 2),
    ],
)
def test_results_are_masked_as_core_does(value):
    secrets = {"s3cret", "42"}
    shown = run.shown({"it": value}, {"given": value, "failed": True}, secrets)
    assert {"it": shown["it"]} == remove_values({"it": value}, secrets)
    assert shown["invocation"]["module_args"] == remove_values({"given": value, "failed": True}, secrets)


@pytest.mark.parametrize("content", ["", "a\n", "\udcff\u20ac"])
def test_a_content_that_was_sent_as_a_file(tmp_path, content):
    file = tmp_path / run.SENT_CONTENT
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    received = run._received({"src": str(file), "content": None, "path": "/home/a"})
    assert received == {"src": None, "content": content, "path": "/home/a"}


@pytest.mark.parametrize("src", [None, "/tmp/source", ["/home/nasops-content"]])
def test_other_sources_stay(src):
    assert run._received({"src": src}) == {"src": src}


def test_what_an_earlier_task_must_make_is_one_warning():
    def run(task):
        task.not_yet("/home/a")
        task.not_yet("/home/b", "/home/a")
        return {}

    [warning] = performed(run, host="box")["warnings"]
    assert warning.startswith("box: 2 paths are not there yet, such as '/home/a'")
    reported = []
    assert "warnings" not in performed(run, on_missing=reported.append)
    assert [missing.paths for missing in reported] == [["/home/a", "/home/b"]]


def test_accounts_and_groups_that_are_to_be_made_are_named():
    [warning] = performed(lambda task: task.not_yet("/new", "group x", "account y") or {}, host="box")["warnings"]
    assert warning == ("box: '/new', 'group x', 'account y' are not there yet; tasks before this one must make them")
    many = [f"group {number}" for number in range(7)]
    [warning] = performed(lambda task: task.not_yet(*many) or {})["warnings"]
    assert "'group 4' and 2 more are not there yet" in warning


def test_no_message_is_obeyed_by_a_terminal():
    def run(task):
        raise NasError(Kind.NOT_FOUND, "no", path="/home/\x1b[2J\n")

    failed = performed(run)
    assert "(path /home/\\x1b[2J\\n)" in failed["msg"]
    assert failed["failure"]["path"] == "/home/\x1b[2J\n"

    def warn(task):
        task.warnings.append("\x07")
        return {}

    assert performed(warn)["warnings"] == ["\\x07"]


@pytest.mark.parametrize("value", [" admin", "admin\n", "\tadmin", "\ufeffadmin"])
def test_invisible_characters_beside_credentials_are_reported(value):
    assert ["username" in hint for hint in run._frayed({"username": value, "password": "p w"})] == [True]
    assert list(run._frayed({"username": "admin", "password": None})) == []
