# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose NAS a task works on, and where it runs, when it is delegated.

A task that is delegated to a NAS works on that NAS, with its variables, on the controller. A task that is delegated to
another machine works on the NAS of the inventory host, from that machine. A host is a NAS when its variables have a
`nas_vendor`; localhost only when the inventory gives it a `nas_vendor` or `ansible_host` of its own, because variables
for all hosts, and extra ones, are localhost's too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from ansible import constants as C  # noqa: N812 - the name that all of Ansible gives it
from ansible.vars.plugins import get_vars_from_inventory_sources, get_vars_from_path

EVERYBODY = ("all", "ungrouped")  # groups that every host can be in
OWN = ("nas_vendor", "ansible_host")
# What core puts among a task's variables about the connection, which is that of the host it is delegated to.
OF_THE_CONNECTION = ("ansible_host", "ansible_user")

WHERE_AND_WHO = (
    *("nas_host", "nas_username", "nas_password", "nas_otp_code", "nas_device_token", "nas_session_token"),
    "nas_fingerprint",
    *("ansible_host", "ansible_user", "ansible_password"),
)


class Target(NamedTuple):
    """What a task works on.

    :ivar name: the host whose NAS it is, as the inventory calls it.
    :ivar variables: that host's variables, as the task has them.
    :ivar is_nas: whether `ansible_host`, `ansible_user` and `ansible_password` are about the NAS.
    :ivar machine: whether the task is delegated to a host that is no NAS.
    """

    name: str
    variables: Mapping[str, Any]
    is_nas: bool
    machine: bool


def target_of(task: Any, variables: Mapping[str, Any]) -> Target:
    """Whose NAS it is.

    :param task: core's, whose `delegate_to` is templated by now.
    :param variables: as core gives them to an action.
    """
    own_name = str(variables.get("inventory_hostname", ""))
    to = task.delegate_to
    if not to or to == own_name:
        return Target(own_name, variables, _has_own_address(task, own_name), machine=False)
    host = _find(_inventory(task), str(to))
    if host is not None:
        hostvars = task.get_variable_manager().get_vars(host=host, include_hostvars=False)
        if hostvars.get("nas_vendor") and _has_own_address(task, host.name):
            found = _delegated(task, variables["ansible_delegated_vars"][to], hostvars)
            return Target(host.name, found, is_nas=True, machine=False)
    return Target(own_name, _undelegated(task, variables), _has_own_address(task, own_name), machine=True)


def variables_of(task: Any, name: str) -> dict[str, Any]:
    """The variables that the task would have on another host of the inventory."""
    manager = task.get_variable_manager()
    host = _inventory(task).get_host(name)
    return dict(manager.get_vars(play=task.get_play(), host=host, task=task))


def _delegated(task: Any, variables: Mapping[str, Any], hostvars: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the NAS that a task is delegated to.

    Those of the play are about its own hosts. They say nothing of where another NAS is and who logs in there, where its
    own variables do.

    :param variables: as core has them for the task on that host, those of the play included.
    :param hostvars: of the host itself, as everybody sees them.
    """
    of_task = task.get_vars()
    found = {**variables, **{name: value for name, value in hostvars.items() if name not in of_task}}
    kept = hostvars.keys() | of_task.keys()
    if not kept & {"nas_username", "ansible_user", "nas_password", "ansible_password"}:
        kept |= {"nas_username", "nas_password"}
    found = {name: value for name, value in found.items() if name in kept or name not in WHERE_AND_WHO}
    found["inventory_hostname_short"] = found["inventory_hostname"].split(".")[0]
    return found


def _undelegated(task: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the inventory host, without what core tells of the delegated host's connection."""
    manager = task.get_variable_manager()
    host = _inventory(task).get_host(variables["inventory_hostname"])
    own = manager.get_vars(play=task.get_play(), host=host, task=task, include_hostvars=False)
    found = {name: value for name, value in variables.items() if name in own or name not in OF_THE_CONNECTION}
    if "ansible_user" not in found and task.remote_user:
        found["ansible_user"] = task.remote_user  # of the play, or of the command line
    return found


def _inventory(task: Any) -> Any:
    return task.get_variable_manager()._inventory


def _find(inventory: Any, name: str) -> Optional[Any]:
    """The host that core finds for a `delegate_to`: by its name, else by its address."""
    found = inventory.get_host(name)
    if found is not None:
        return found
    everyone = inventory.get_hosts(ignore_limits=True, ignore_restrictions=True)
    return next((host for host in everyone if host.address == name), None)


def _has_own_address(task: Any, name: str) -> bool:
    """Whether Ansible's own variables about the host can be about a NAS."""
    if name not in C.LOCALHOST:
        return True
    host = _inventory(task).get_host(name)
    if host is None:
        return False
    entities = [host, *(group for group in host.get_groups() if group.name not in EVERYBODY)]
    manager, loader = task.get_variable_manager(), task.get_loader()
    given = [entity.vars for entity in entities]
    given.append(get_vars_from_inventory_sources(loader, manager._inventory._sources, entities, "task"))
    given.append(get_vars_from_path(loader, loader.get_basedir(), entities, "task"))  # host_vars beside the playbook
    return any(each.get(name) for each in given for name in OWN)
