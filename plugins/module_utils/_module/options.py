# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say where a NAS is and who asks, which all modules share."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.basic import env_fallback

from .. import _vendors
from .._core.errors import usage
from .._transport.http import AGENT, Connection, check_proxy
from .._transport.session import Session
from .._transport.way import CONNECTIONS, normalized

NAMES = {"host": "nas_host or ansible_host", "username": "nas_username or ansible_user"}  # of variables


LARGEST_PORT = 65535


FOREIGN = frozenset("/@[]?#\\")  # in a URL, but not in the name or address of a host


def _option(name: str, **more: Any) -> dict[str, Any]:
    return {"fallback": (env_fallback, [f"NAS_{name.upper()}"]), **more}


CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "vendor": _option("vendor", type="str", choices=sorted(_vendors.VENDORS)),
    "host": _option("host", type="str"),
    "port": _option("port", type="int"),
    "use_ssl": _option("use_ssl", type="bool", default=True),
    "validate_certs": _option("validate_certs", type="bool", default=True),
    "ca_path": _option("ca_path", type="path"),
    "fingerprint": _option("fingerprint", type="str"),
    "client_cert": _option("client_cert", type="path"),
    "client_key": _option("client_key", type="path"),
    "proxy": _option("proxy", type="str", no_log=True),
    "username": _option("username", type="str"),
    "password": _option("password", type="str", no_log=True),
    "otp_code": _option("otp_code", type="str", no_log=True),
    "device_token": _option("device_token", type="str", no_log=True),
    "timeout": _option("timeout", type="int", default=30),
    "retries": _option("retries", type="int", default=3),
    "connections": _option("connections", type="int", default=CONNECTIONS),
    "session": _option("session", type="str", choices=["run", "task"], default="run"),
    "session_token": _option("session_token", type="str", no_log=True),
}


USERNAME = "username"
"""The key of a session that is handed on, which says whose it is."""

LOGIN = "login_"
"""What stands before the name of a connection option where a module has an option of that name for something else."""


def login_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the connection by their usual names."""
    return {name: params.get(f"{LOGIN}{name}", params[name]) for name in CONNECTION_OPTIONS}


def own_accounts(params: Mapping[str, Any]) -> tuple[str, ...]:
    """The accounts that a task is, or may be, logged in with: that of its options, and that of a session handed on.

    Empty where neither is known.
    """
    login = login_of(params)
    session = session_from_token(login["session_token"]) if login["session_token"] else {}
    return tuple(dict.fromkeys(str(name) for name in (login["username"], session.get(USERNAME)) if name))


def require_device(params: Mapping[str, Any]) -> None:
    """Make sure that the options say which device it is.

    They are not `required` in an argument spec: nearly all tasks leave them to the variables of the host.

    :raises NasError: `USAGE`, naming the options, and the variables that say the same.
    """
    absent = [option for option in ("host", "vendor") if params[option] is None]
    if absent:
        raise usage(f"missing required arguments: {', '.join(absent)}", hint=set_hint(absent))


def set_hint(options: Iterable[str]) -> str:
    """What to do about connection options that are missing or wrong: most users give them as variables of a host."""
    named = set(options)
    wanted = [f"{option} ({NAMES.get(option, f'nas_{option}')})" for option in CONNECTION_OPTIONS if option in named]
    return f"Set {', '.join(wanted)}: as a variable of the host, or as an option of the task" if wanted else ""


def connection_of(params: Mapping[str, Any], module: str) -> Connection:
    """Where the options say the NAS is.

    :param module: who asks.
    :raises NasError: `USAGE` for a value that makes no sense.
    """
    host = params["host"]
    # `host:port` has one colon, an IPv6 address has more.
    if not host or FOREIGN.intersection(host) or host.split() != [host] or host.count(":") == 1:
        hint = (
            "Give a name or an address alone, such as nas.example, in nas_host or ansible_host; what else there is to "
            "say has variables of its own (nas_port, nas_use_ssl)"
        )
        raise usage(f"option host: {host!r} is not a name or address", hint=hint)
    port = params["port"] if params["port"] is not None else _vendors.default_port(params["vendor"], params["use_ssl"])
    if not 0 < port <= LARGEST_PORT:
        raise usage(
            f"option port: {port} is not a TCP port", hint=f"Set port (nas_port) to a number from 1 to {LARGEST_PORT}"
        )
    if params["timeout"] <= 0:
        raise usage(
            f"option timeout: {params['timeout']} is not a time to wait",
            hint="Set timeout (nas_timeout) to seconds, 1 or more",
        )
    if params["retries"] < 0:
        raise usage(f"option retries: {params['retries']} is negative", hint="Set retries (nas_retries) to 0 or more")
    if params["connections"] <= 0:
        raise usage(
            f"option connections: {params['connections']} connections are too few",
            hint="Set connections (nas_connections) to 1 or more",
        )
    _check_tls(params)
    if params["proxy"]:
        check_proxy(params["proxy"])
    return Connection(
        vendor=params["vendor"],
        host=host,
        port=port,
        use_ssl=params["use_ssl"],
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"] or None,
        fingerprint=params["fingerprint"] or None,
        client_cert=params["client_cert"] or None,
        client_key=params["client_key"] or None,
        proxy=params["proxy"] or None,
        timeout=float(params["timeout"]),
        retries=params["retries"],
        connections=params["connections"],
        agent=f"{AGENT} {module}",
    )


def _check_tls(params: Mapping[str, Any]) -> None:
    if params["fingerprint"]:
        normalized(params["fingerprint"])
    if params["client_key"] and not params["client_cert"]:
        hint = "Give client_cert (nas_client_cert) beside it, or neither"
        raise usage(f"option client_key: {params['client_key']!r} is the key of no client_cert", hint=hint)
    for option in ("fingerprint", "client_cert"):
        if params[option] and not params["use_ssl"]:
            hint = f"Set use_ssl (nas_use_ssl) to true, or leave {option} (nas_{option}) out"
            raise usage(f"option {option}: there is no certificate without TLS", hint=hint)


def token_of(session: Session) -> str:
    """A session as one string that another task takes as `session_token`. Secret."""
    return base64.urlsafe_b64encode(json.dumps(session).encode()).decode()


def session_from_token(token: str) -> Session:
    """The session in a `session_token`.

    :raises NasError: `USAGE` when it is not one.
    """
    try:
        session = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        session = None
    if not isinstance(session, dict):
        raise usage("option session_token is not a session", hint="Hand on the session_token that nas_session returned")
    return session
