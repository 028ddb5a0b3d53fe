# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a task's options to its result: the one error ladder, and the program of a module that was shipped."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NoReturn, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import AnsibleValidationErrorMultiple
from ansible.module_utils.errors import UnsupportedError as UnknownOptionError

from .. import _vendors
from .._api.capabilities.administration import SharedFolders
from .._api.offers import UnsupportedError
from .._core import paths as _paths
from .._core.errors import BY_KIND, Kind, NasError, usage
from .._core.names import is_ours
from .._core.text import printable
from .._plans import shares as _shares
from .._plans.shares import Missing
from .._transport import locks as _locks
from . import given as _given
from .context import ModuleContext, Result, Run, Runtime
from .options import require_device, set_hint
from .spec import Spec

SENT_CONTENT = "nasops-content"  # the file in which the controller sends the option `content`
SENT_SOURCE = "nasops-source-"  # how the file begins that it sends for the option `src`; what follows is its time

ATTENDED = "_nasops_attended"  # beside the options: the controller warns of what the module did not find,
MISSING = "_nasops_missing"  # which it reads in the result


def execute(spec: Spec, run: Run, context: ModuleContext) -> Result:
    """The result of `run(task)`, or of its failure: the one place that turns errors into results."""
    try:
        try:
            require_device(context.params)
            for name, option in spec.options.items():
                value = context.params[name]
                if option.get("type") == "path" and value is not None and "\0" in value:
                    raise usage(f"option {name}: {value!r} is no path", hint="Remove the NUL")
            _given.refuse_masked(spec.options, context.params)
            _given.refuse_torn(spec.options, context.params)
            spared = spec.spares(context.params)
            for capability in spec.needs:
                if capability not in spared:
                    _vendors.require_capability(context.params["vendor"], capability)
            spec.require_state(context.params)
            with _place_lock(spec, context):
                _refuse_volumes(spec, context)
                result = {"changed": False, **run(context)}
            context.warn_missing(result["changed"])
        except NasError as error:
            _explain(error, spec, context)
            raise
        finally:
            context.close()
    except NasError as error:
        if isinstance(error, UnsupportedError):
            _vendors.named(error)
        if error.kind is not Kind.USAGE:
            # What is found out above a vendor's client, such as a timeout, is about a device all the same.
            error.vendor = error.vendor or context.params["vendor"]
        error.hint = error.hint or BY_KIND.get(error.kind, "")
        # A host that is unreachable has not failed: `until` can wait for it.
        outcome = "unreachable" if error.unreachable else "failed"
        result = {outcome: True, "changed": bool(error.done), "msg": printable(str(error)), "failure": error.failure()}
        result.update(error.done)
    if context.warnings:
        result["warnings"] = [printable(warning) for warning in context.warnings]
    return result


def _explain(error: NasError, spec: Spec, context: ModuleContext) -> None:
    """Say in a failure what its maker could not know: what the user has written, and what is around that."""
    if error.kind is Kind.NOT_FOUND and spec.paths_of(context.params):
        makes_shares = _vendors.VENDORS[context.params["vendor"]].offers(SharedFolders)
        _shares.explain(context.client.files, error, makes_shares=makes_shares)
    if error.call:
        error.path = _named_path(
            error.path, [path for _option, path in _shares.named(context.params, spec.paths_of(context.params))]
        )
    if error.kind is Kind.AUTHENTICATION:
        error.hint = ". ".join(filter(None, (error.hint, *_frayed(context.params))))


def _named_path(path: str, named: Sequence[str]) -> str:
    """The path to name in a device's refusal: for one of our own beside or in what was named, the latter.

    :param named: the paths that the options name.
    """
    folders = [_paths.parent(one) for one in (*_paths.ancestors(path), path) if is_ours(one)]
    if not folders or path in named:
        return path
    return next((one for one in named if _paths.parent(one) == folders[0]), folders[0])


def _frayed(params: Mapping[str, Any]) -> Iterator[str]:
    """What to say of credentials with something around them that nobody sees, as a file or a vault may give them."""
    for option in ("username", "password"):
        value = params.get(option) or ""
        if value != value.strip().strip("\ufeff"):
            yield f"The value of {option} begins or ends with a blank or a line break"


def _refuse_volumes(spec: Spec, context: ModuleContext) -> None:
    """Refuse paths that begin with a volume; makes no client where none does."""
    paths = spec.paths_of(context.params)
    if any(_shares.without_volume(path) for _option, path in _shares.named(context.params, paths)):
        _shares.refuse_volumes(context.client.files, context.params, paths)


def _place_lock(spec: Spec, context: ModuleContext) -> contextlib.AbstractContextManager[None]:
    """Within it, no other task works on what the options name."""
    params, locks = context.params, context.runtime.locks
    if locks is None or spec.reads_only:
        return contextlib.nullcontext()
    named = [option for option in ("path", "dest") if option in spec.options] or [*spec.options]
    port = params["port"] or _vendors.default_port(params["vendor"], params["use_ssl"])
    place = ["the device"] if spec.device_wide else [params[option] for option in named]
    return _locks.place_lock(locks, params["vendor"], params["host"], port, *place)


def shown(result: Result, params: Mapping[str, Any], no_log_values: set[str], secrets: Collection[str] = ()) -> Result:
    """The result as it may leave the task: with the options that led to it, without a secret.

    :param secrets: the keys that hold secrets and keep them, though they were options: nothing shows such a result, and
        a task that writes a token down must not write a mask in its place.
    """
    invocation = {"module_args": _without_secrets(_without_content(params), no_log_values)}
    kept = {key: result[key] for key in secrets if key in result}
    cleaned = {**_without_secrets(result, no_log_values), **kept, "invocation": invocation}
    masking = [] if result.get("failed") else _given.masking(params, no_log_values, result)
    if masking:
        warnings = [
            f"the value of option {option} occurs in paths of the result, where Ansible masks it: no other task can "
            f"take them. Choose another {option}, or write the paths out"
            for option in masking
        ]
        cleaned["warnings"] = [*cleaned.get("warnings", ()), *warnings]
    return cleaned


def _without_secrets(values: Mapping[str, Any], secrets: set[str]) -> Result:
    """The values, masked by core where a secret occurs: to look for it costs less than core's copies."""
    return {name: remove_values(each, secrets) if _may_hold(each, secrets) else each for name, each in values.items()}


def _may_hold(value: Any, secrets: set[str]) -> bool:
    """Whether a secret occurs in a value. What is not of JSON's types may hold one."""
    if value is None or value is True or value is False:
        return False
    value_type = type(value)
    if value_type is str or value_type is int or value_type is float:
        text = str(value)
        return any(secret in text for secret in secrets)
    if value_type is dict:
        return any(_may_hold(name, secrets) or _may_hold(each, secrets) for name, each in value.items())
    return value_type is not list or any(_may_hold(each, secrets) for each in value)


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


def sent_mtime(filename: str) -> Optional[int]:
    """The modification time in seconds of what the controller sent as a file, which has another one here.

    None for a file that it did not send.
    """
    name = os.path.basename(filename)
    time = name[len(SENT_SOURCE) :]
    return int(time) if name.startswith(SENT_SOURCE) and re.fullmatch(r"-?\d+", time) else None


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
    """The error for options that are missing or wrong, in the words of a module."""
    name = module.rpartition(".")[2]
    unsupported = f"Unsupported parameters for (nasops.nas.{name}) module: "
    message = "; ".join(
        f"{unsupported if isinstance(each, UnknownOptionError) else ''}{each.msg}" for each in errors.errors
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
    return usage(message, hint=set_hint(named))


def main(spec: Spec, run: Run) -> None:
    """Run a module that was shipped to a host."""
    module = Module(argument_spec=spec.argument_spec(), supports_check_mode=True, **spec.rules)
    params = _received(module.params)
    missing: list[Missing] = []
    runtime = Runtime(
        module._name.rpartition(".")[2],
        locks=os.path.dirname(module.tmpdir.rstrip("/")),
        on_missing=missing.append if module.attended else None,
    )
    context = ModuleContext(params, module.check_mode, module._diff, runtime)
    result = shown(execute(spec, run, context), params, module.no_log_values, spec.secrets)
    if missing:
        result[MISSING] = asdict(missing[0])
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
