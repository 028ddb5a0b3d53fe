#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_container_tls
version_added: 1.0.0
short_description: Manage the certificate of Container Station on a NAS
description:
  - Makes sure that the certificate of Container Station, by which a Docker client and the Docker of the NAS know each other,
    has certain extra names, that it is not about to end, and that its files are on the controller.
  - Without options it only reads the certificate.
  - Only QNAP has Container Station. The API of its version 2 is used; where a device does not serve it, such as QuTS hero
    h6.0, the error says so.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
attributes:
  idempotent:
    support: partial
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
    details: With O(force=true) each run makes a new certificate.
options:
  domain_names:
    description:
      - The extra host names and addresses of the certificate, and no others. Their order and letter case do not matter.
        An empty list removes all.
      - Whether the certificate that is in use has them at once, or only when it is made anew, depends on the version of
        Container Station. Set O(force) once to be sure.
    type: list
    elements: str
  renew_before:
    description:
      - A new certificate is made when the present one is good for fewer days than this, counted from today (UTC).
      - It must be less than the days that the device makes certificates for; else each run would make a new one, and this is
        refused.
      - Docker clients with the old certificate are locked out until they have the new one, see O(export_to).
    type: int
  force:
    description:
      - Makes a new certificate whatever the present one is like. Each run with it makes another one, so it is meant for the
        command line, as in C(-e), not for a playbook.
    type: bool
    default: false
  outdated_notify:
    description:
      - Whether the device tells its users about the certificate when it is about to end.
      - The device does not show this setting, only whether it has something to tell just now. So V(false) is set when it tells
        something. V(true) is set when it tells nothing and the certificate is good for fewer than 30 days.
        A new certificate starts anew.
    type: bool
  export_to:
    description:
      - A folder on the controller for the certificate files, such as V(certs/{{ inventory_hostname }}); one for each NAS. It is
        made when it is missing, then only its owner may enter it. A relative path begins where C(ansible-playbook) was started.
      - Only files that differ are written, each beside its place first. Files with a private key get the mode 0600 (files that
        are no text too, since a key may be in them), others 0644. Other files in the folder stay.
      - The files have the names that the device gives them. An export with a name that leads out of the folder, or with a link,
        is refused as a whole.
    type: path
  docker_client_files:
    description:
      - Whether O(export_to) gets exactly the three files of a Docker client under the names that it looks for, C(ca.pem),
        C(cert.pem) and C(key.pem), so that the folder can be its E(DOCKER_CERT_PATH).
      - What they are is seen by their content and names; an error says what is there when that is not clear.
    type: bool
    default: false
    aliases: [docker_cert_path]
  wait_timeout:
    description:
      - Seconds that a new certificate may take to be in use after the device said that it made one.
    type: int
    default: 120
seealso:
  - module: nasops.nas.nas_info
"""

EXAMPLES = r"""
- name: The names by which people reach it, and a certificate that is good for another month
  nasops.nas.nas_container_tls:
    domain_names:
      - docker.example.org
      - 192.0.2.10
    renew_before: 30

- name: What a Docker client on this machine needs, always up to date
  nasops.nas.nas_container_tls:
    renew_before: 30
    export_to: "~/.docker/{{ inventory_hostname }}"
    docker_client_files: true

- name: Until when is it good
  nasops.nas.nas_container_tls:
  register: certificate

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ certificate.end_date }}, in {{ certificate.days_left }} days"

- name: A new certificate, because a key was lost
  nasops.nas.nas_container_tls:
    force: true
    export_to: certs/{{ inventory_hostname }}
"""

RETURN = r"""
start_date:
  description: The first day of the certificate. In check mode that of the present one, also where a new one would be made.
  type: str
  returned: success
  sample: "2026-05-04"
end_date:
  description: Its last day.
  type: str
  returned: success
  sample: "2029-04-18"
days_left:
  description: The days from today (UTC) to the last one; negative when it has ended.
  type: int
  returned: success
  sample: 1080
domain_names:
  description: Its extra names (in check mode, those that it would have).
  type: list
  elements: str
  returned: success
  sample: [docker.example.org, 192.0.2.10]
outdated_notify:
  description: Whether the device has something to tell about it just now; null when it does not say.
  type: bool
  returned: success
rotated:
  description: Whether a new certificate was made (in check mode, would be).
  type: bool
  returned: success
exported:
  description: The files that are on the controller then, written or not (in check mode, those of the present certificate).
  type: list
  elements: dict
  returned: when O(export_to) is given
  contains:
    path:
      description: The file.
      type: str
      sample: /home/me/certs/cellar/key.pem
    mode:
      description: Its mode.
      type: str
      sample: "0600"
failure:
  description:
    - What went wrong. C(kind) is a word such as V(unsupported), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import os
import re
from datetime import datetime, timezone

from ..module_utils._api.capabilities.container_station import ContainerTls
from ..module_utils._core.errors import usage
from ..module_utils._delivery import certificate_files
from ..module_utils._delivery.container_tls import apply, drifted, exported
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.container_tls import Current, Desired, plan_tls, spelled

SPEC = Spec(
    options={
        "domain_names": {"type": "list", "elements": "str"},
        "renew_before": {"type": "int"},
        "force": {"type": "bool", "default": False},
        "outdated_notify": {"type": "bool"},
        "export_to": {"type": "path"},
        "docker_client_files": {"type": "bool", "default": False, "aliases": ["docker_cert_path"]},
        "wait_timeout": {"type": "int", "default": 120},
    },
    needs=(ContainerTls,),
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    tls = context.client.container_tls
    today = datetime.now(timezone.utc).date()
    certificate = tls.certificate()
    files = exported(tls, desired)
    plan = plan_tls(desired, Current(certificate, today, drifted(desired, files)))
    if plan.changed and not context.check_mode:
        timeout = context.params["wait_timeout"]
        certificate, files, warnings = apply(tls, desired, plan, certificate, files, timeout)
        context.warnings += warnings
    names = desired.names if context.check_mode and plan.has("set_domain_names") else certificate.domain_names
    result: Result = {
        "start_date": certificate.start_date,
        "end_date": certificate.end_date,
        "days_left": Current(certificate, today).days_left,
        "domain_names": list(names or ()),
        "outdated_notify": certificate.outdated_notify,
        "rotated": plan.has("rotate"),
    }
    if desired.export_to is not None:
        result["exported"] = [{"path": file.path, "mode": f"{file.mode:04o}"} for file in files]
    named = ["certificate", *([desired.export_to] if desired.export_to is not None else [])]
    return context.finish(plan, named, **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    names = params["domain_names"]
    if names is not None:
        for name in names:
            if not name or re.search(r"[,;\s]", name):
                hint = "Give each name or address as an entry of its own"
                raise usage(f"option domain_names: {name!r} is not one name", hint=hint)
        names = tuple({spelled(name): name for name in names}.values())
    if params["renew_before"] is not None and params["renew_before"] < 0:
        hint = "Give 0 or more; with 0 a new one is made when the present one has ended"
        raise usage(f"option renew_before: {params['renew_before']} is negative", hint=hint)
    folder = params["export_to"]
    if folder is not None:
        folder = os.path.abspath(folder)
        certificate_files.check_target(folder, "export_to")
    elif params["docker_client_files"]:
        raise usage("option docker_client_files needs export_to", hint="Say where to with export_to")
    notify = params["outdated_notify"]
    return Desired(names, params["renew_before"], params["force"], notify, folder, params["docker_client_files"])


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
