# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a task's options to its result: the options that all modules share, the client, and the one error ladder."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn, Optional

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import AnsibleValidationErrorMultiple, UnsupportedError
from ansible_collections.nasops.nas.plugins.module_utils import (
    _clients,
    _diff,
    _given,
    _lock,
    _names,
    _paths,
    _shares,
    _tls,
)
from ansible_collections.nasops.nas.plugins.module_utils._api import Client
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError, usage
from ansible_collections.nasops.nas.plugins.module_utils._http import AGENT, Connection, check_proxy
from ansible_collections.nasops.nas.plugins.module_utils._model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._plan import Plan
from ansible_collections.nasops.nas.plugins.module_utils._session import Credentials, Keeper, MemoryKeeper, Session
from ansible_collections.nasops.nas.plugins.module_utils._shares import Lacking
from ansible_collections.nasops.nas.plugins.module_utils._text import printable
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

Result = dict[str, Any]
SENT_CONTENT = "nasops-content"  # the file in which the controller sends the option `content`
ATTENDED = "_nasops_attended"  # beside the options: the controller is there to tell what the module did not find,
LACKING = "_nasops_lacking"  # which it reads in the result
NAMES = {"host": "nas_host or ansible_host", "username": "nas_username or ansible_user"}  # of variables
LARGEST_PORT = 65535
FOREIGN = frozenset("/@[]?#\\")  # in a URL, but not in the name or address of a host


def _option(name: str, **more: Any) -> dict[str, Any]:
    return {"fallback": (env_fallback, [f"NAS_{name.upper()}"]), **more}


CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    "vendor": _option("vendor", type="str", choices=sorted(_clients.VENDORS), required=True),
    "host": _option("host", type="str", required=True),
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
    "session": _option("session", type="str", choices=["run", "task"], default="run"),
    "session_token": _option("session_token", type="str", no_log=True),
}


@dataclass(frozen=True)
class Spec:
    """What a module takes, beside the options that all modules share.

    :param options: its own options, as in an argument spec.
    :param rules: `mutually_exclusive`, `required_if` and the like.
    :param needs: the capabilities that it cannot do without; a vendor that lacks one is refused before any call.
    :param spares: from a task's options, those of `needs` that it can do without, for all of what there may be none of.
    :param uses: others that it may use. The controller imports all of them once, before it forks its workers.
    :param paths: the options that hold paths on the NAS.
    :param reads_only: whether it changes nothing, nowhere; it then waits for no other task.
    :param may_lack: from the options that a task gives, those whose host variables may be undefined as yet.
    """

    options: Mapping[str, dict[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    spares: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda params: ()
    uses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    reads_only: bool = False
    may_lack: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda given: ()

    def argument_spec(self) -> dict[str, Any]:
        """All options, for `AnsibleModule` and for the controller's validator."""
        return {**CONNECTION_OPTIONS, **self.options}


@dataclass
class Surroundings:
    """What a task gets from where it runs: a module process, or the controller.

    :param module: which module it runs, for the device's own log.
    :param keeper: makes the place where the session lives, for the run (True) or for this task alone, or None for this
        task's memory.
    :param watch: makes a Watch that shows progress, from what is worked on.
    :param say: shows the user a line at once.
    :param secret_source: whether the uploaded bytes came out of a vault, so that no diff may show them.
    :param host: the host of the inventory, where that is known.
    :param lacks: tells what the task did not find, once for all items of a loop; None for a warning of the task alone.
    :param locks: the folder where the tasks of this user find the locks of what they work on; None for no locks.
    """

    module: str = ""
    keeper: Optional[Callable[[Connection, Credentials, bool], Keeper]] = None
    watch: Callable[[str, Optional[float]], Watch] = lambda label, timeout: Watch(timeout=timeout)
    say: Callable[[str], None] = lambda line: None
    secret_source: bool = False
    locks: Optional[str] = None
    host: str = ""
    lacks: Optional[Callable[[Lacking], None]] = None


class Task:
    """One run of one module: its options, its client, and what it has to tell beside the result.

    :param params: the validated options.
    :param check_mode: whether nothing may be written.
    :param diff: whether the result shows before and after.
    """

    keeps_session = False  # whether the session outlives the task, for others to go on with

    def __init__(self, params: Mapping[str, Any], check_mode: bool, diff: bool, around: Surroundings) -> None:
        self.params = params
        self.check_mode = check_mode
        self.diff = diff
        self.around = around
        self.warnings: list[str] = []
        self._awaited: dict[str, None] = {}
        self._found: dict[str, Optional[Entry]] = {}
        self._client: Optional[Client] = None
        self._keeper: Optional[Keeper] = None

    @property
    def client(self) -> Client:
        """The client of the NAS that the options name; the first call logs in."""
        if self._client is None:
            connection = connection_of(self.params, self.around.module)
            credentials = Credentials(
                self.params["username"] or "",
                self.params["password"] or "",
                self.params["otp_code"],
                self.params["device_token"],
            )
            handed_on = self.params["session_token"]
            if handed_on:
                keeper: Keeper = MemoryKeeper(session_from_token(handed_on))
            elif self.around.keeper is not None:
                keeper = self.around.keeper(connection, credentials, self.params["session"] == "run")
            else:
                keeper = MemoryKeeper()
            self._keeper = keeper
            self._client = _clients.build(connection, credentials, keeper)
        return self._client

    def watch(self, label: str, timeout: Optional[float] = None) -> Watch:
        """A Watch for something long; it shows progress where somebody can see it."""
        return self.around.watch(label, timeout)

    def show_change(self, result: Result, plan: Plan, paths: Sequence[str]) -> None:
        """Add what the plan changes to the result, where a diff is asked for.

        :param paths: what the diff's headers name.
        """
        if self.diff:
            result["diff"] = _diff.state_diff(paths, plan.before, plan.after)

    def not_yet(self, *paths: str) -> None:
        """Note, in check mode, what a task before this one must make; all of it becomes one warning."""
        self._awaited.update(dict.fromkeys(paths))

    def look(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What is at each path, with what that costs nothing to learn of their shares; see `saw`."""
        files = self.client.files
        shares = [share for share in _paths.unique(map(_paths.share, paths)) if share not in paths]
        if files.stats_at_once and shares and len(paths) > 1:
            with contextlib.suppress(NasError):  # such as a share whose content alone is open to the user
                found = files.stat([*paths, *shares])
                self.saw(found)
                return {path: found[path] for path in paths}
        found = files.stat(paths)
        self.saw(found)
        return found

    def saw(self, found: Mapping[str, Optional[Entry]]) -> None:
        """Remember what is at paths: of a share that is not there, the user is told once a task."""
        # That nothing has a name of ours is no news, and is not what the user named.
        self._found.update({path: entry for path, entry in found.items() if entry or not _names.is_ours(path)})

    def tell_lacking(self, changed: bool) -> None:
        """Warn of what was noted with `not_yet`, and of the shares that are not there, of what was seen.

        :param changed: whether the task changed something, or would.
        """
        looks = self._found and (self.check_mode or not changed)
        shares = _shares.missing(self.client.files, self._found) if looks else {}
        paths = [path for path in self._awaited if _paths.share(path) not in shares]
        lacking = Lacking(paths, shares, self.check_mode)
        if not paths and not shares:
            return
        if self.around.lacks is not None:
            self.around.lacks(lacking)
        else:
            self.warnings.append(lacking.warning(self.around.host))

    def finish(self) -> None:
        """Log out where the session is this task's alone, and close the connections."""
        if self._client is None:
            return
        self.warnings += self._client.warnings
        try:
            if not self.keeps_session and not self._is_shared():
                try:
                    self._client.logout()
                except NasError as error:
                    # The work is done; a session that stays behind ends by itself.
                    self.warnings.append(f"logging out failed: {error}")
        finally:
            self._client.close()

    def _is_shared(self) -> bool:
        """Whether somebody else goes on with the session, or logs it out."""
        token = self.params["session_token"]
        if not token or self._keeper is None:
            return self.around.keeper is not None and self.params["session"] == "run"
        # After the one that was handed on has expired, the task has one of its own.
        return self._keeper.current() in (None, session_from_token(token))


Run = Callable[[Task], Result]


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
    port = params["port"] if params["port"] is not None else _clients.default_port(params["vendor"], params["use_ssl"])
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
        raise usage(
            f"option retries: {params['retries']} is less than none", hint="Set retries (nas_retries) to 0 or more"
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
        agent=f"{AGENT} {module}",
    )


def _check_tls(params: Mapping[str, Any]) -> None:
    if params["fingerprint"]:
        _tls.normalized(params["fingerprint"])
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


def perform(spec: Spec, run: Run, task: Task) -> Result:
    """The result of `run(task)`, or of its failure: the one place that turns errors into results."""
    try:
        try:
            for name, option in spec.options.items():
                value = task.params[name]
                if option.get("type") == "path" and value is not None and "\0" in value:
                    raise usage(f"option {name}: {value!r} is no path", hint="Remove the NUL")
            _given.refuse_masked(spec.options, task.params)
            spared = spec.spares(task.params)
            for capability in spec.needs:
                if capability not in (*_clients.VENDORS[task.params["vendor"]].offers, *spared):
                    raise _clients.missing(task.params["vendor"], capability)
            with _alone(spec, task):
                _refuse_volumes(spec, task)
                result = {"changed": False, **run(task)}
            task.tell_lacking(result["changed"])
        except NasError as error:
            if error.kind is Kind.NOT_FOUND and spec.paths:
                _shares.explain(task.client.files, error)
            raise
        finally:
            task.finish()
    except NasError as error:
        if error.kind is not Kind.USAGE:
            # What is found out above a vendor's client, such as a timeout, is about a device all the same.
            error.vendor = error.vendor or task.params["vendor"]
        # A host that is unreachable has not failed: `until` can wait for it.
        outcome = "unreachable" if error.unreachable else "failed"
        result = {outcome: True, "changed": False, "msg": printable(str(error)), "failure": error.failure()}
    if task.warnings:
        result["warnings"] = [printable(warning) for warning in task.warnings]
    return result


def _refuse_volumes(spec: Spec, task: Task) -> None:
    """Refuse paths that begin with a volume; makes no client where none does."""
    if any(_shares.without_volume(path) for _option, path in _shares.named(task.params, spec.paths)):
        _shares.refuse_volumes(task.client.files, task.params, spec.paths)


def _alone(spec: Spec, task: Task) -> contextlib.AbstractContextManager[None]:
    """Within it, no other task works on what the options name."""
    params, locks = task.params, task.around.locks
    if locks is None or spec.reads_only:
        return contextlib.nullcontext()
    named = [option for option in ("path", "dest") if option in spec.options] or [*spec.options]
    port = params["port"] or _clients.default_port(params["vendor"], params["use_ssl"])
    return _lock.alone(locks, params["vendor"], params["host"], port, *(params[option] for option in named))


def shown(result: Result, params: Mapping[str, Any], no_log_values: set[str]) -> Result:
    """The result as it may leave the task: with the options that led to it, without a secret."""
    invocation = {"module_args": _without_content(params)}
    cleaned = dict(remove_values({**result, "invocation": invocation}, no_log_values))
    masking = [] if result.get("failed") else _given.masking(params, no_log_values, result)
    if masking:
        warnings = [
            f"the value of option {option} occurs in paths of the result, where Ansible masks it: no other task can "
            f"take them. Choose another {option}, or write the paths out"
            for option in masking
        ]
        cleaned["warnings"] = [*cleaned.get("warnings", ()), *warnings]
    return cleaned


def _without_content(params: Mapping[str, Any]) -> dict[str, Any]:
    """The options without what is written into a file or a mail: a template may have put secrets into it."""
    shown = {name: _without_content(value) if isinstance(value, dict) else value for name, value in params.items()}
    if isinstance(shown.get("content"), str):
        shown["content"] = f"({len(shown['content'])} characters)"
    return shown


def _received(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options with the `content` that the controller sent as a file."""
    source = params.get("src")
    if not isinstance(source, str) or os.path.basename(source) != SENT_CONTENT:
        return params
    with open(source, "rb") as file:
        content = file.read()
    return {**params, "src": None, "content": content.decode("utf-8", "surrogateescape")}


class Module(AnsibleModule):  # type: ignore[misc]
    """A module that takes a text as one path, and writes nothing that it was given as a content to the system's log."""

    params: dict[str, Any]
    attended = False

    def _load_params(self) -> None:
        super()._load_params()
        self.attended = bool(self.params.pop(ATTENDED, False))
        self.params = _given.whole_paths(self.argument_spec, self.params)

    def fail_json(self, msg: str, **kwargs: Any) -> NoReturn:
        """Fail; where it is about the options, in the words that the controller has for them."""
        validated = getattr(self, "validation_result", None)  # not yet, where core itself could not begin
        if validated is not None and validated.error_messages:
            error = wrong_options(validated.errors, self._name)
            msg, kwargs = printable(str(error)), {**kwargs, "failure": error.failure()}
        super().fail_json(msg, **kwargs)
        raise AssertionError("fail_json does not return")

    def _log_invocation(self) -> None:
        params = self.params
        self.params = _without_content(params)
        try:
            super()._log_invocation()
        finally:
            self.params = params


def wrong_options(errors: AnsibleValidationErrorMultiple, module: str) -> NasError:
    """The error for options that are missing or wrong, in the words of a module.

    Most users give connection options as variables of a host, so the hint names those.
    """
    name = module.rpartition(".")[2]
    unsupported = f"Unsupported parameters for (nasops.nas.{name}) module: "
    message = "; ".join(
        f"{unsupported if isinstance(each, UnsupportedError) else ''}{each.msg}" for each in errors.errors
    )
    named: list[str] = []
    for each in errors.errors:
        found = re.search("missing required arguments: (.+)", str(each.msg))
        names = (
            found.group(1).split(", ")
            if found
            else re.findall(r"'(\w+)' is of type|value of (\w+) must", str(each.msg))
        )
        named += ["".join(one) for one in names]
    wanted = [f"{option} ({NAMES.get(option, f'nas_{option}')})" for option in CONNECTION_OPTIONS if option in named]
    hint = f"Set {', '.join(wanted)}: as a variable of the host, or as an option of the task" if wanted else ""
    return usage(message, hint=hint)


def main(spec: Spec, run: Run) -> None:
    """Run a module that was shipped to a host."""
    module = Module(argument_spec=spec.argument_spec(), supports_check_mode=True, **spec.rules)
    params = _received(module.params)
    lacking: list[Lacking] = []
    around = Surroundings(
        module._name.rpartition(".")[2],
        locks=os.path.dirname(module.tmpdir.rstrip("/")),
        lacks=lacking.append if module.attended else None,
    )
    task = Task(params, module.check_mode, module._diff, around)
    result = shown(perform(spec, run, task), params, module.no_log_values)
    if lacking:
        result[LACKING] = asdict(lacking[0])
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
