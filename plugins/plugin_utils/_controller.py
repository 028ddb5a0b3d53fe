# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every nas_* module inside the controller's worker process.

A module talks HTTP to a NAS, so nothing needs to be shipped anywhere, no Python interpreter be found, no connection be
made. A task that is delegated to a NAS works on that one, here. What is delegated to a machine that is no NAS, over a
real connection, is shipped there as usual. An `async` task that somebody waits for runs here too, in the time that it
has; one that nobody waits for (`poll: 0`) is a job on the controller.

What is imported with an action is imported once, in the process that forks the workers; what a worker imports itself
costs its task time. So an action imports its module, and what that needs of each vendor's client.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Optional

from ansible import constants as C  # noqa: N812 - the name that all of Ansible gives it
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.utils.display import Display

from ..module_utils import _vendors
from ..module_utils._core.errors import READABLE, Kind, NasError, usage
from ..module_utils._core.text import printable
from ..module_utils._core.waiting import Watch
from ..module_utils._module import given as _given
from ..module_utils._module.context import ModuleContext, Runtime
from ..module_utils._module.options import CONNECTION_OPTIONS
from ..module_utils._module.run import (
    ATTENDED,
    MISSING,
    SENT_CONTENT,
    SENT_SOURCE,
    execute,
    shown,
    wrong_options,
)
from ..module_utils._module.spec import Spec
from ..module_utils._plans.shares import Missing
from ..module_utils._transport import http as _http
from . import _imports, _session_store
from ._bytecode import finding, kept_bytecode
from ._delegation import Target, target_of, variables_of
from ._interruption import TimeUp, interruptible, limited
from ._progress import ProgressLine

PACKAGE = "ansible_collections.nasops.nas.plugins.modules"
TLS_FILES = ("ca_path", "client_cert", "client_key")
HERE = "localhost"
WAYS_SHOWN = 3  # of -v
_UNLOCK = "Give the password of the vault that it was encrypted with (--vault-password-file or --ask-vault-pass)"
NOT_SHOWN = "no_log task"  # instead of the path, in a line of progress
display = Display()
GATHERED: dict[str, Missing] = {}  # by host, what the items so far of this process' task did not find
TELLING: list[Any] = []  # the connections that warn of it when they are closed


class Unshown(dict):  # type: ignore[type-arg]
    """The options of a module that is shipped: with ANSIBLE_DEBUG, core prints what it was given when it is done."""

    def __repr__(self) -> str:
        return f"({len(self)} options)"


class ControllerAction(ActionBase):  # type: ignore[misc]
    """The action of a nas_* module.

    :cvar module: the module.
    :cvar validator: of its options.
    :cvar validator_elsewhere: the same without the environment of this machine, where that of another counts.
    """

    module: ModuleType
    validator: ArgumentSpecValidator
    validator_elsewhere: ArgumentSpecValidator
    _connection: Any
    _limit = 0  # seconds that an async task has, which is none any more then
    _requires_connection = False
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        """The result of the task."""
        variables = task_vars or {}
        self._in_loop = "ansible_loop_var" in variables
        target = target_of(self._task, variables)
        is_shipped = target.machine and getattr(self._connection, "transport", "") != "local"
        if not is_shipped:
            self._take_time()
        result: dict[str, Any] = super().run(tmp, variables)
        given = self._with_group_defaults(
            {option: value for option, value in self._task.args.items() if value is not None}
        )
        try:
            args = {
                str(option): plain(value, option)
                for option, value in {**self._host_options(target, given), **given}.items()
            }
            args = _given.whole_paths(self.module.SPEC.argument_spec(), args)
            if isinstance(args.get("content"), (dict, list)):
                args["content"] = json.dumps(args["content"], default=str)  # dates, and texts out of a vault
            # Wrong options are told before anything is looked for, read or sent.
            if is_shipped or self._task.async_val:
                self._validated(args, self.validator_elsewhere)
                source_is_secret = self._find_files(args, target, is_shipped)
                # What would show the diff is stored where the module runs.
                self._task.diff = self._task.diff and not source_is_secret
                result.update(self._ship(args, variables) if is_shipped else self._start(args, variables))
            else:
                self._set_environment()
                validated = self._validated(args, self.validator)
                source_is_secret = self._find_files(validated.validated_parameters, target)
                result.update(self._execute(validated, target, source_is_secret))
        except NasError as error:
            result.update({"failed": True, "msg": printable(str(error)), "failure": error.failure()})
        else:
            missing = result.pop(MISSING, None)
            if missing and self._in_loop:
                self._gather(target.name, Missing(**missing))
            elif missing:
                warning = printable(Missing(**missing).warning(target.name))
                result["warnings"] = [*result.get("warnings", ()), warning]
            if any(key in result for key in self.module.SPEC.secrets):
                # Callbacks show nothing of it; a registered variable has it all.
                result["_ansible_no_log"] = True
        finally:
            self._loader.cleanup_all_tmp_files()
        return result

    def _with_group_defaults(self, given: dict[str, Any]) -> dict[str, Any]:
        """The options, with what the defaults of the group of all modules say of the connection under the right name.

        Where a module has an option of the same name for something else, such as the password of an account, the
        group's default must never become its value.
        """
        options = dict(given)
        for option in CONNECTION_OPTIONS:
            called = self.module.SPEC.connection_option(option)
            if called == option:
                continue
            for defaults in self._task.module_defaults or ():
                for name, values in self._templar.template(defaults).items():
                    default = values.get(option) if name.startswith("group/") and isinstance(values, dict) else None
                    if default is not None:
                        options.setdefault(called, default)
                        if options.get(option) == default:
                            del options[option]
        return options

    def _take_time(self) -> None:
        """Make an async task that somebody waits for a usual one that has so long.

        Else core would poll it over the connection of the host, which is a NAS.
        """
        if self._task.async_val and self._task.poll:
            self._limit, self._task.async_val = self._task.async_val, 0

    def _host_options(self, target: Target, given: Mapping[str, Any]) -> dict[str, Any]:
        """The connection options that the host's variables give: `nas_<option>`, else what Ansible calls the same.

        :param given: what the task itself gives; the variables for that are not looked at.
        """
        wanted = {option: [f"nas_{option}"] for option in CONNECTION_OPTIONS}
        called = {option: self.module.SPEC.connection_option(option) for option in wanted}
        may_lack = self.module.SPEC.may_lack(given)
        if target.is_nas:
            wanted["host"] += ["ansible_host"]
            wanted["username"] += ["ansible_user"]
            wanted["password"] += ["ansible_password"]
        if target.name not in C.LOCALHOST:
            wanted["host"] += ["inventory_hostname"]
        variables = target.variables

        def valued(value: Any) -> Any:
            if is_no_template(value):
                return value
            return self._templar.copy_with_new_env(available_variables=variables).template(value)

        found = {}
        for option, names in wanted.items():
            for variable in names if called[option] not in given else ():
                try:
                    value = valued(variables[variable]) if variable in variables else None
                except AnsibleUndefinedVariable:
                    if option not in may_lack:
                        raise
                    value = None
                if value is not None:
                    found[called[option]] = value
                    break
        return found

    def _validated(self, args: dict[str, Any], validator: ArgumentSpecValidator) -> ValidationResult:
        """What the options are for the module.

        :raises NasError: `USAGE` for those that are wrong, in words without a secret.
        """
        validated = validator.validate(args)
        if validated.error_messages:
            error = wrong_options(validated.errors, self._name())
            error.message = str(remove_values(error.message, validated._no_log_values))
            raise error
        return validated

    def _find_files(self, args: dict[str, Any], target: Target, is_shipped: bool = False) -> bool:
        """Find the files of this machine that the options name. Whether `src` is out of a vault."""
        self._find_tls_files(args, target.variables)
        source_is_secret = self._take_source(args)
        if not is_shipped:
            self._take_folder(args)
        return source_is_secret

    def _set_environment(self) -> None:
        """As where a module is shipped to. This process ends with the task."""
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        os.environ.update({variable: str(value) for variable, value in environment.items()})

    def _find_tls_files(self, args: dict[str, Any], variables: Mapping[str, Any]) -> None:
        """Make the relative paths of certificates absolute: beside the inventory, the playbook, or the current folder.

        One that is in none of them stays as it is, and means a file where the module runs.
        """
        folders = (variables.get("inventory_dir"), variables.get("playbook_dir"), os.getcwd())
        for option in TLS_FILES:
            path = os.path.expanduser(os.path.expandvars(str(args.get(option) or "")))
            if path and not os.path.isabs(path):
                places = (os.path.join(str(folder), path) for folder in folders if folder)
                args[option] = next((place for place in places if os.path.exists(place)), path)

    def _take_folder(self, args: dict[str, Any]) -> None:
        """Find the folder that is sent, as the copy action does, with or without the slash at its end."""
        source = args.get("src")
        if not self.module.SPEC.sends_folder or source is None or args.get("mode", "push") != "push":
            return
        if not str(source):
            # Core would find the folder files/ itself.
            raise usage("option src: '' is no path", hint="Name a folder")
        try:
            found = str(self._find_needle("files", os.path.expanduser(str(source))))
        except AnsibleError:
            hint = "Put it into files/ of the role or beside the playbook, or give an absolute path"
            raise usage(f"option src: there is no folder {source!r}", hint=hint) from None
        if not os.path.isdir(found):
            raise usage(f"option src: {source!r} is no folder", hint="Name a folder; a file is sent with nas_file")
        args["src"] = found if found.endswith("/") or not str(source).endswith("/") else f"{found}/"

    def _decrypted(self, filename: str) -> str:
        """The file with the clear text of a vaulted one, which is removed with the task."""
        try:
            return str(self._loader.get_real_file(filename, decrypt=True))
        except AnsibleError as error:
            raise usage(f"it cannot be decrypted: {to_text(error)}", path=filename, hint=_UNLOCK) from None

    def _take_source(self, args: dict[str, Any]) -> bool:
        """Make `src` a local file, as the copy action does. Whether it is out of a vault."""
        source = args.get("src")
        if source is None or args.get("content") is not None or not self.module.SPEC.sends_source:
            return False
        try:
            found = self._find_needle("files", os.path.expanduser(str(source)))
        except AnsibleError:
            hint = "Put it into files/ of the role or beside the playbook, or give an absolute path"
            raise usage(f"option src: {source!r} was not found", hint=hint) from None
        if os.path.isdir(found):
            raise usage(f"option src: {source!r} is a folder", hint="Name a file; folders are made with nas_folder")
        if os.path.exists(found) and not os.path.isfile(found) and found != os.devnull:
            raise usage(f"option src: {source!r} is not a regular file", hint="Name a file")
        try:
            real = self._loader.get_real_file(found, decrypt=_is_true(args.get("decrypt", True)))
        except AnsibleError as error:
            hint = f"{READABLE}. {_UNLOCK}, where it is vaulted"
            raise usage(f"option src: {source!r} cannot be read: {to_text(error)}", hint=hint) from None
        args["src"] = real
        if real != found:
            status = os.stat(found)
            os.utime(real, ns=(status.st_atime_ns, status.st_mtime_ns))
        return bool(real != found)

    def _ship(self, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Run the module where the task's connection leads, its source sent along."""
        if self.module.SPEC.sends_source and args.get("src") is not None and args.get("content") is None:
            args["src"] = self._send(args["src"], f"{SENT_SOURCE}{os.stat(args['src']).st_mtime_ns // 1_000_000_000}")
        elif self.module.SPEC.sends_source and isinstance(args.get("content"), str) and args.get("src") is None:
            # As an option it would be in more places than one, such as the log of the system there.
            with tempfile.NamedTemporaryFile(dir=C.DEFAULT_LOCAL_TMP) as file:
                file.write(args.pop("content").encode("utf-8", "surrogateescape"))
                file.flush()
                args["src"] = self._send(file.name, SENT_CONTENT)
        return dict(
            self._execute_module(
                module_name=f"nasops.nas.{self._name()}",
                module_args=Unshown(args if self._task.async_val else {**args, ATTENDED: True}),
                task_vars=variables,
                wrap_async=self._task.async_val,
            )
        )

    def _send(self, file: str, name: str) -> str:
        """Send a file to where the module will run; returns its path there."""
        remote = self._connection._shell.join_path(self._make_tmp_path(), name)
        self._transfer_file(file, remote)
        self._fixup_perms2((self._connection._shell.tmpdir, remote))
        return str(remote)

    def _start(self, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Start the module as a job of the controller, which `async_status` finds there."""
        here = variables_of(self._task, HERE)
        connection, delegate_to = self._connection, self._task.delegate_to
        self._connection = connection_loader.get("ansible.builtin.local", self._play_context, new_stdin=None)
        keys = self._task.dump_attrs()
        for plugin, plugin_type in ((self._connection, "connection"), (self._connection._shell, "shell")):
            names = [name for name in C.config.get_plugin_vars(plugin_type, plugin._load_name) if name in here]
            plugin.set_options(task_keys=keys, var_options={name: self._templar.template(here[name]) for name in names})
        here.setdefault("ansible_python_interpreter", sys.executable)
        self._task.delegate_to = HERE
        try:
            return self._ship(args, {**variables, "ansible_delegated_vars": {HERE: here}})
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)
            self._connection, self._task.delegate_to = connection, delegate_to

    def _gather(self, host: str, missing: Missing) -> None:
        """Warn of what was not found, once for all items of a loop.

        They share this process, and core closes the connection of the last of them when all are done.
        """
        GATHERED.setdefault(host, Missing()).add(missing)
        if self._connection in TELLING:
            return  # a connection that is made serves all items
        TELLING.append(self._connection)
        close = self._connection.close

        def close_and_tell() -> None:
            close()
            for name, gathered in GATHERED.items():
                display.warning(printable(gathered.warning(name)))
            GATHERED.clear()

        self._connection.close = close_and_tell

    def _name(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    def _execute(self, validated: ValidationResult, target: Target, source_is_secret: bool) -> dict[str, Any]:
        """Run the module here."""

        def say(line: str) -> None:
            display.display(f"[{target.name}] {line}", stderr=True)  # stdout is the callback's

        if display.verbosity >= WAYS_SHOWN:
            _http.listeners[:] = [lambda line: display.vvv(f"nasops.nas: {line}", host=target.name)]
        runtime = Runtime(
            module=self._name(),
            store=_session_store.store,
            watch=lambda label, timeout: Watch(ProgressLine(NOT_SHOWN if self._task.no_log else label, say), timeout),
            say=say,
            secret_source=source_is_secret,
            decrypted=self._decrypted,
            host=target.name,
            on_missing=(lambda missing: self._gather(target.name, missing)) if self._in_loop else None,
            locks=os.path.dirname(C.DEFAULT_LOCAL_TMP),
        )
        params = validated.validated_parameters
        task = ModuleContext(params, self._task.check_mode, self._task.diff, runtime)
        try:
            with finding(), interruptible(), limited(self._limit):
                result = execute(self.module.SPEC, self.module.run, task)
        except TimeUp:
            message = f"the task was stopped: it did not complete within its async time of {self._limit} s"
            hint = "Give async more seconds"
            raise NasError(Kind.TIMEOUT, message, vendor=params["vendor"], hint=hint) from None
        finally:
            _imports.tell()
        return shown(result, params, validated._no_log_values, self.module.SPEC.secrets)


def action_of(name: str) -> type[ControllerAction]:
    """The action that runs a module; a redirect to one action for all makes linters ask users for another module."""
    with kept_bytecode():
        module = importlib.import_module(f"{PACKAGE}.{name}")
        spec: Spec = module.SPEC
        options = spec.argument_spec()
        elsewhere = {
            name: {word: value for word, value in about.items() if word != "fallback"}
            for name, about in options.items()
        }
        for nas, capability in itertools.product(_vendors.VENDORS.values(), spec.needs):
            if nas.offers(capability):  # both are remembered
                nas.of(capability)
        members = {
            "module": module,
            "validator": ArgumentSpecValidator(options, **spec.rules),
            "validator_elsewhere": ArgumentSpecValidator(elsewhere, **spec.rules),
        }
    return type("ActionModule", (ControllerAction,), members)


def plain(value: Any, option: str) -> Any:
    """The value of an option with what was vaulted in it as text, at any depth.

    Up to ansible-core 2.18 templating leaves an inline vault as an object that decrypts when it is read as text.

    :raises NasError: `USAGE` when it cannot be decrypted.
    """
    if isinstance(value, dict):
        return {name: plain(each, option) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each, option) for each in value]
    if isinstance(value, str):
        return str(value)  # from ansible-core 2.19 on it is tagged, and costly to copy
    if not getattr(value, "__ENCRYPTED__", False):
        return value
    try:
        return str(value)
    except AnsibleError as error:
        raise usage(f"option {option}: its vaulted value cannot be read: {to_text(error)}", hint=_UNLOCK) from None


def is_no_template(value: Any) -> bool:
    """Whether templating, which takes its time, certainly leaves a value as it is."""
    if isinstance(value, str):
        return "{" not in value and "#" not in value  # with which Jinja's marks begin, and a text that says others
    return value is None or isinstance(value, (bool, int))


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "1", "y", "t")
