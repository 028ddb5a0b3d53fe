# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every nas_* module inside the controller's worker process.

A module talks HTTP to a NAS, so nothing needs to be shipped anywhere, no Python interpreter be found, no connection be
made. Only a task that is `async`, or delegated to a host with a real connection, is shipped there as usual.

What is imported with an action is imported once, in the process that forks the workers; what a worker imports itself
costs every task its time. So an action imports its module, and what of the vendors' clients that says it uses.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Optional

from ansible import constants as C  # noqa: N812 - the name that all of Ansible gives it
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.text.converters import to_text
from ansible.module_utils.errors import AnsibleValidationErrorMultiple, UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.nasops.nas.plugins.plugin_utils._bytecode import kept_bytecode

with kept_bytecode():
    from ansible_collections.nasops.nas.plugins.module_utils import _clients, _http, _tls
    from ansible_collections.nasops.nas.plugins.module_utils._errors import NasError, usage
    from ansible_collections.nasops.nas.plugins.module_utils._task import (
        CONNECTION_OPTIONS,
        Spec,
        Surroundings,
        Task,
        perform,
        shown,
    )
    from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch
    from ansible_collections.nasops.nas.plugins.plugin_utils import _session_store
    from ansible_collections.nasops.nas.plugins.plugin_utils._interruption import interruptible
    from ansible_collections.nasops.nas.plugins.plugin_utils._progress import ProgressLine

PACKAGE = "ansible_collections.nasops.nas.plugins.modules"
TLS_FILES = ("ca_path", "client_cert", "client_key")
NOT_SHOWN = "no_log task"  # instead of the path, in a line of progress
display = Display()

# Once, for all workers that are forked from here.
_tls.preload()
_http.warm()


class ControllerAction(ActionBase):  # type: ignore[misc]
    """The action of a nas_* module.

    :cvar module: the module.
    :cvar validator: of its options.
    """

    module: ModuleType
    validator: ArgumentSpecValidator
    _requires_connection = False
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        """The result of the task."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        given = {option: value for option, value in self._task.args.items() if value is not None}
        args = {**self._host_options(variables), **given}
        try:
            self._find_tls_files(args, variables)
            source_is_secret = self._take_source(args)
            if self._is_shipped():
                # What would show the diff is stored where the module runs.
                self._task.diff = self._task.diff and not source_is_secret
                result.update(self._ship(args, variables))
            else:
                result.update(self._perform(args, variables, source_is_secret))
        except NasError as error:
            result.update({"failed": True, "msg": str(error), "failure": error.failure()})
        else:
            if result.pop("secret", False):
                # Callbacks show nothing of it; a registered variable has it all.
                result["_ansible_no_log"] = True
        finally:
            self._loader.cleanup_all_tmp_files()
        return result

    def _is_shipped(self) -> bool:
        return bool(self._task.async_val) or bool(
            self._task.delegate_to and getattr(self._connection, "transport", "") != "local"
        )

    def _host_options(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The connection options that the host's variables give: `nas_<option>`, else what Ansible calls the same."""
        wanted = {option: [f"nas_{option}"] for option in CONNECTION_OPTIONS}
        if variables.get("inventory_hostname") not in C.LOCALHOST:
            wanted["host"] += ["ansible_host", "inventory_hostname"]
            wanted["username"] += ["ansible_user"]
            wanted["password"] += ["ansible_password"]
        found = {}
        for option, names in wanted.items():
            for variable in names:
                value = self._templar.template(variables[variable]) if variable in variables else None
                if value is not None:
                    found[option] = value
                    break
        return found

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

    def _sends_file(self) -> bool:
        """Whether the module's `src` is a file of the controller. That of others is a path on the NAS, or a folder."""
        return "decrypt" in self.module.SPEC.options

    def _take_source(self, args: dict[str, Any]) -> bool:
        """Make `src` a local file and `content` a text, as the copy action does. Whether `src` is out of a vault."""
        if isinstance(args.get("content"), (dict, list)):
            args["content"] = json.dumps(args["content"], default=str)  # dates, and texts out of a vault
        source = args.get("src")
        if source is None or args.get("content") is not None or not self._sends_file():
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
            raise usage(f"option src: {source!r} cannot be read: {to_text(error)}") from None
        args["src"] = real
        return bool(real != found)

    def _ship(self, args: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Run the module where the task's connection leads, its source sent along."""
        if args.get("src") is not None and self._sends_file():
            remote = self._connection._shell.join_path(self._make_tmp_path(), "source")
            args["src"] = self._transfer_file(args["src"], remote)
        return dict(
            self._execute_module(
                module_name=f"nasops.nas.{self._name()}",
                module_args=args,
                task_vars=variables,
                wrap_async=self._task.async_val,
            )
        )

    def _name(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    def _explained(self, errors: AnsibleValidationErrorMultiple) -> str:
        """What is wrong with the options, in the words of a module."""
        unsupported = f"Unsupported parameters for (nasops.nas.{self._name()}) module: "
        return "; ".join(
            f"{unsupported if isinstance(error, UnsupportedError) else ''}{error.msg}" for error in errors.errors
        )

    def _perform(self, args: dict[str, Any], variables: Mapping[str, Any], source_is_secret: bool) -> dict[str, Any]:
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        # As where a module is shipped to. This process ends with the task.
        os.environ.update({variable: str(value) for variable, value in environment.items()})
        validated = self.validator.validate(args)
        if validated.error_messages:
            raise usage(str(remove_values(self._explained(validated.errors), validated._no_log_values)))
        host = str(variables.get("inventory_hostname", ""))

        def say(line: str) -> None:
            display.display(f"[{host}] {line}")

        around = Surroundings(
            module=self._name(),
            keeper=_session_store.keeper,
            watch=lambda label, timeout: Watch(ProgressLine(NOT_SHOWN if self._task.no_log else label, say), timeout),
            say=say,
            secret_source=source_is_secret,
            locks=os.path.dirname(C.DEFAULT_LOCAL_TMP),
        )
        params = validated.validated_parameters
        task = Task(params, self._task.check_mode, self._task.diff, around)
        with interruptible():
            return shown(perform(self.module.SPEC, self.module.run, task), params, validated._no_log_values)


def action_of(name: str) -> type[ControllerAction]:
    """The action that runs a module; a redirect to one action for all makes linters ask users for another module."""
    with kept_bytecode():
        module = importlib.import_module(f"{PACKAGE}.{name}")
        spec: Spec = module.SPEC
        _clients.load((*spec.needs, *spec.uses))
    validator = ArgumentSpecValidator(spec.argument_spec(), **spec.rules)
    # As Python's documentation has it for a process that forks: what is there by now stays. Its garbage collector need
    # not look at all of it again and again, which would copy the memory that it shares with the workers.
    gc.freeze()
    return type("ActionModule", (ControllerAction,), {"module": module, "validator": validator})


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "yes", "on", "1", "y", "t")
