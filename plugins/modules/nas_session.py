#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_session
version_added: 1.0.0
short_description: Log in to a NAS, log out, or pair with a Freebox
description:
  - Modules log in by themselves, once for each NAS and run, so this is only needed to hand a session on, to get a device
    token for a two-step login, to end a session early, or to pair with a Freebox.
  - The whole result is hidden from the output, since it is secret. Register it to use it.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
options:
  state:
    description:
      - V(present) makes sure that there is a session, and returns it. It is good until the run ends; with
        O(session=task), and where the module is shipped to a host, until V(absent) logs it out or the NAS ends it.
      - V(absent) logs it out. That is the one of O(session_token), else the one that the run keeps for this NAS.
    type: str
    choices: [present, absent]
    default: present
  pair:
    description:
      - Ask a Freebox for access, for the application with the id O(username). What to do at the Freebox is shown. When it
        is done there, the token is returned, which is the O(password) of all other tasks; keep it in a vault.
      - Rights beyond the usual ones, C(explorer) for files among them, are given in Freebox OS, in the settings of the
        access management, to the application.
      - Where O(password) holds a token that the Freebox takes, nothing is done, and that token is returned. One that the
        Freebox does not know, or no longer takes, is replaced by a new one.
      - An empty O(password) is no token, and neither is a variable C(nas_password) that refers to one which is not defined
        yet. Of C(ansible_password) Ansible itself demands that it is defined, so give it an empty text with Jinja's filter
        C(default), or use C(nas_password).
      - Not done in check mode.
    type: dict
    suboptions:
      app_name:
        description: The name of the application, as people see it at the Freebox.
        type: str
        default: Ansible nasops.nas
      app_version:
        description: Its version.
        type: str
        default: "1"
      device_name:
        description: The name of the machine that asks, as people see it at the Freebox.
        type: str
        default: Ansible controller
      wait_timeout:
        description: Seconds to wait for somebody at the Freebox.
        type: int
        default: 120
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying the NAS.
  diff_mode:
    support: none
    description: Will return details on what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    support: partial
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
    details: Pairing registers an application each time that there is no token which the Freebox takes; give it as
      O(password) afterwards.
  async:
    support: full
    description: Supports being used with the C(async) keyword. The module is then shipped, see the notes.
  action:
    support: full
    description: Has an action plugin, so that it runs on the controller.
"""

EXAMPLES = r"""
- name: Ask the Freebox for access
  nasops.nas.nas_session:
    username: org.example.ansible
    pair:
      app_name: Backups
  register: pairing

- name: Put the token where the vault takes it from
  ansible.builtin.copy:
    content: "{{ pairing.app_token }}"
    dest: "{{ playbook_dir }}/freebox.token"
    mode: "0600"
  delegate_to: localhost
  no_log: true

- name: Log in with a one-time code, to know this machine again
  nasops.nas.nas_session:
    otp_code: "{{ one_time_code }}"
  register: login

- name: A folder for the variables of this host, which the inventory reads from there
  ansible.builtin.file:
    path: "{{ playbook_dir }}/host_vars/{{ inventory_hostname }}"
    state: directory
    mode: "0700"
  delegate_to: localhost

- name: Keep the device token there, so that later runs need no code; then encrypt the file with ansible-vault
  ansible.builtin.copy:
    content: "{{ {'nas_device_token': login.device_token} | to_nice_yaml }}"
    dest: "{{ playbook_dir }}/host_vars/{{ inventory_hostname }}/device_token.yml"
    mode: "0600"
  when: login.device_token is defined
  delegate_to: localhost
  no_log: true

- name: Log in once, to hand the session on
  nasops.nas.nas_session:
  register: handed

- name: A task with that session, as one that is shipped to another host would have it
  nasops.nas.nas_info:
    session_token: "{{ handed.session_token }}"

- name: End that session
  nasops.nas.nas_session:
    state: absent
    session_token: "{{ handed.session_token }}"

- name: End the session that the run keeps, before its end
  nasops.nas.nas_session:
    state: absent
"""

RETURN = r"""
session_token:
  description: The session, for the option C(session_token) of other tasks. Secret.
  type: str
  returned: when O(state=present), except after a new pairing
device_token:
  description:
    - For the option C(device_token) of later runs, which then need no one-time code. Secret.
    - A NAS that takes the code and gives no token leads to a warning.
  type: str
  returned: when the NAS gave one at a login with O(otp_code)
app_token:
  description: For the option C(password) of all other tasks. Secret.
  type: str
  returned: with O(pair), outside check mode
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from ..module_utils import _vendors
from ..module_utils._api.capabilities.pairings import Pairings
from ..module_utils._core import device as _device
from ..module_utils._core import model as _model
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.waiting import OverdueError
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.options import USERNAME, token_of
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._transport.session import NO_DEVICE_TOKEN

SPEC = Spec(
    options={
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "pair": {
            "type": "dict",
            "options": {
                "app_name": {"type": "str", "default": "Ansible nasops.nas"},
                "app_version": {"type": "str", "default": "1"},
                "device_name": {"type": "str", "default": "Ansible controller"},
                "wait_timeout": {"type": "int", "default": 120},
            },
        },
    },
    secrets=("session_token", "device_token", "app_token"),
    may_lack=lambda given: ("password",) if given.get("pair") is not None else (),
)
DEVICE_TOKEN = "device_token"

REFUSALS = {
    _device.PAIRING_DENIED: "somebody at the device refused",
    _device.PAIRING_TIMEOUT: "nobody at the device answered in time",
    _device.PAIRING_UNKNOWN: "the device does not know the request any more",
}


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    if context.params["state"] == "absent":
        if not context.check_mode:
            context.client.logout()
        return {}
    if context.params["pair"] is not None:
        return pair(context)
    result = log_in(context)
    asked = context.params["otp_code"] and DEVICE_TOKEN in context.client.session_details
    if asked and DEVICE_TOKEN not in result and not context.client.warnings:
        context.warnings.append(NO_DEVICE_TOKEN)
    return result


def pair(context: ModuleContext) -> Result:
    """Ask for access, tell what to do, and wait for it to be granted; unless there is a token that is good."""
    vendor, app_id, options = context.params["vendor"], context.params["username"], context.params["pair"]
    _vendors.require_capability(vendor, Pairings)
    if not app_id:
        hint = "Set username (nas_username or ansible_user) to the id of the application, such as org.example.ansible"
        raise usage("option username is missing", hint=hint)
    pairs = context.client.pairing
    token = (context.params["password"] or "").strip()
    if token and not pairs.is_refused():
        return {**log_in(context), "app_token": token}
    if context.check_mode:
        return {"changed": True}
    request = pairs.request(app_id, options["app_name"], options["app_version"], options["device_name"])
    context.runtime.say(f"Go to the {vendor} now and confirm the access of {options['app_name']!r} on its display")
    wait_for_grant(context, pairs, request)
    return {"changed": True, "app_token": request.token}


def log_in(context: ModuleContext) -> Result:
    """Make sure of a session, and hand it on."""
    session = context.client.login()
    context.keeps_session = True
    own = {USERNAME: context.params["username"]} if context.params["username"] else {}
    result: Result = {"session_token": token_of({**own, **session})}
    for detail in context.client.session_details:
        if session.get(detail):
            result[detail] = session[detail]
    return result


def wait_for_grant(context: ModuleContext, pairs: Pairings, request: _device.Pairing) -> None:
    """Return when the access is granted.

    :raises NasError: `PERMISSION_DENIED` when it is refused, `TIMEOUT`.
    """
    states = {_device.PAIRING_PENDING: _model.RUNNING, _device.PAIRING_GRANTED: _model.FINISHED}

    def status() -> _model.Job:
        state = pairs.state(request)
        return _model.Job(request.track_id, "pairing", states.get(state, _model.FAILED), error=state)

    watch = context.watch("pairing", context.params["pair"]["wait_timeout"])
    try:
        answer = watch.until_finished(status, stop=lambda: None)
    except OverdueError:
        raise NasError(
            Kind.TIMEOUT,
            f"no access: nobody at the device has confirmed it in {watch.timeout:g} s",
            vendor=context.params["vendor"],
            hint="Run the task again and confirm it on the display; wait_timeout in pair says how long there is for that",
        ) from None
    if answer.state == _model.FAILED:
        reason = REFUSALS.get(answer.error or "", f"the device says {answer.error}")
        raise NasError(
            Kind.PERMISSION_DENIED, f"no access: {reason}", vendor=context.params["vendor"], hint="Run the task again"
        )


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
