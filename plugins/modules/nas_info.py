#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_info
version_added: 1.0.0
short_description: Read what a NAS says about itself
description:
  - Returns facts about the device, its shares, share links, tasks and more, each a subset that is only read when it is asked for.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.read_only
options:
  gather:
    description:
      - What to read. Each costs a call or a few. What a vendor's API does not tell is an error that names the vendors whose API
        does.
      - V(all) reads everything that the vendor tells, and leaves out what this device cannot, such as Container Station where
        it is not installed. What the device refuses or fails at is left out with a warning, whatever it is but the login; so
        are the device, its shares and its share links where it does not answer for them, as when File Station is off.
      - A fact that may be missing, such as the size of a share or the serial number, is null where the device refuses it or
        fails at it, and a warning says why.
      - V(device), V(shares), V(share_links), V(tasks) and V(https_certificate) are for all vendors. V(mounts) and V(favorites) are Synology's.
        V(network), V(transcoding), V(container_station), V(container_resources) and V(container_networks) are QNAP's.
        V(recycle_bins) is for both.
      - V(volumes) and V(disks) are for all vendors. V(users), V(groups), V(shared_folders) and V(update) are Synology's and
        QNAP's. They need the rights of an administrator (on a Freebox, the right to its settings), and rest on calls that no
        vendor documents or that it calls unstable, as they were observed on DSM 7.1, 7.2 and 7.3 and on QTS 5.1.9.
      - V(capabilities) tells what the vendor's API can, without a call, for C(when) in fleets of several makers.
      - V(https_certificate) was added in version 1.1.0 of this collection. It needs no login, and the connection that it is
        read of is validated as every other, as O(validate_certs), O(ca_path) and O(fingerprint) say.
    type: list
    elements: str
    aliases: [gather_subset]
    choices:
      - all
      - capabilities
      - container_networks
      - container_resources
      - container_station
      - device
      - disks
      - favorites
      - groups
      - https_certificate
      - mounts
      - network
      - recycle_bins
      - share_links
      - shared_folders
      - shares
      - tasks
      - transcoding
      - update
      - users
      - volumes
    default: [device, shares]
  ports:
    description:
      - Ports to look up, whether they are in use on the device, besides what O(gather) says. Needs QNAP's Container Station.
    type: list
    elements: dict
    default: []
    suboptions:
      port:
        description:
          - The number.
        type: int
        required: true
      protocol:
        description:
          - The protocol.
        type: str
        choices: [tcp, udp]
        default: tcp
seealso:
  - module: nasops.nas.nas_stat
"""

EXAMPLES = r"""
- name: What is it, and how full is it
  nasops.nas.nas_info:
  register: nas

- name: Which are nearly full
  ansible.builtin.debug:
    msg: "{{ nas.shares | selectattr('percent_used') | selectattr('percent_used', '>=', 90) | map(attribute='path') }}"

- name: Which shares are there
  ansible.builtin.debug:
    msg: "{{ nas.shares | map(attribute='path') }}"

- name: Which links are no longer good
  nasops.nas.nas_info:
    gather: [share_links]
  register: links

- name: Show them
  ansible.builtin.debug:
    msg: "{{ links.share_links | rejectattr('valid') | map(attribute='path') }}"

- name: How are the disks and volumes
  nasops.nas.nas_info:
    gather: [disks, volumes]
  register: health

- name: Which disks are warm
  ansible.builtin.debug:
    msg: "{{ health.disks | selectattr('temperature') | selectattr('temperature', 'gt', 50) | map(attribute='name') }}"

- name: Does the device's own certificate end soon
  nasops.nas.nas_info:
    gather: [https_certificate]
  register: web

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ web.https_certificate.names | join(', ') }} until {{ web.https_certificate.not_after_iso }}"
  when: web.https_certificate is not none and web.https_certificate.days_left < 30

- name: What can be done here
  nasops.nas.nas_info:
    gather: [capabilities]
  register: can

- name: Can a shared folder have a quota
  ansible.builtin.debug:
    msg: "{{ can.capabilities.shared_folders.quota | default(false) }}"

- name: May the container have the usual ports (QNAP)
  nasops.nas.nas_info:
    gather: [container_station]
    ports:
      - port: 80
      - port: 53
        protocol: udp
"""

RETURN = r"""
device:
  description: The device.
  type: dict
  returned: when O(gather) has V(device)
  contains:
    vendor:
      description: The maker.
      type: str
    model:
      description: The model, if the device tells.
      type: str
    version:
      description: The version of the firmware; on a Freebox, of its API.
      type: str
    hostname:
      description: The name of the device.
      type: str
    serial:
      description: The serial number, if the device tells.
      type: str
    details:
      description: What else the device tells, by the vendor's own names.
      type: dict
shares:
  description: The shares that the user may see; on a Freebox, the volumes.
  type: list
  elements: dict
  returned: when O(gather) has V(shares)
  contains:
    name:
      description: The name.
      type: str
    path:
      description: The path, as other modules take it.
      type: str
    total:
      description: The size in bytes of the volume that the share lies on, if the device tells.
      type: int
    free:
      description: What is free of it, in bytes, if the device tells.
      type: int
    used:
      description: What is used of it, in bytes, if the device tells both.
      type: int
    percent_used:
      description: How much of RV(shares[].total) is used, in percent with one decimal; null where the device does not tell.
      type: float
      sample: 81.4
    read_only:
      description: Whether the user can only read it, if the device tells.
      type: bool
    real_path:
      description: Where it lies in the file system of the device, such as V(/volume1/home) (Synology).
      type: str
    adv_right:
      description:
        - What is withheld from users who are no administrators, by the vendor's names C(disable_download),
          C(disable_list) and C(disable_modify) (Synology).
      type: dict
    acl:
      description:
        - Whether the user may do what the names say, which are the vendor's, such as C(append), C(del), C(exec), C(read)
          and C(write) (Synology).
      type: dict
    is_acl_mode:
      description: Whether RV(shares[].acl) decides, and not the permissions of POSIX (Synology).
      type: bool
share_links:
  description: The share links that the user may see. Their passwords are never returned.
  type: list
  elements: dict
  returned: when O(gather) has V(share_links)
  contains:
    id:
      description: The id of the link.
      type: str
    path:
      description: What it leads to.
      type: str
    url:
      description: Its address.
      type: str
    expires:
      description: When it ends, in seconds since 1970-01-01 UTC; 0 for one without an end.
      type: int
    expires_iso:
      description: The same as a date and time in UTC; null for one without an end.
      type: str
    available_from:
      description: When it begins, in seconds since 1970-01-01 UTC, if the device tells.
      type: int
    available_from_iso:
      description: The same as a date and time in UTC.
      type: str
    has_password:
      description: Whether it has a password, if the device tells.
      type: bool
    valid:
      description: Whether it is good. One that has ended, or leads to what is gone, is not.
      type: bool
    qr_code:
      description: A picture of its address as a C(data:) address, if the device makes one.
      type: str
    owner:
      description: The user that it belongs to, if the device tells.
      type: str
    details:
      description: What else the device tells, by the vendor's own names.
      type: dict
tasks:
  description: The long operations of the device that it knows of.
  type: list
  elements: dict
  returned: when O(gather) has V(tasks)
  contains:
    id:
      description: The id of the task.
      type: str
    kind:
      description: What it does, such as V(copy), V(delete), V(extract).
      type: str
    state:
      description: One of V(queued), V(running), V(paused), V(finished) and V(failed).
      type: str
    path:
      description: What it is about, if the device tells.
      type: str
    done:
      description: How much of C(total) is done, in bytes, files or percent as the vendor counts.
      type: int
    total:
      description: How much there is to do.
      type: int
    error:
      description: The vendor's code of a failure.
      type: str
    created:
      description: When somebody asked for it, in seconds since 1970-01-01 UTC (Freebox, Synology).
      type: int
    created_iso:
      description: The same as a date and time in UTC.
      type: str
    started:
      description: When the device began with it, in seconds since 1970-01-01 UTC (Freebox).
      type: int
    started_iso:
      description: The same as a date and time in UTC.
      type: str
    ended:
      description: When it was over, in seconds since 1970-01-01 UTC (Freebox).
      type: int
    ended_iso:
      description: The same as a date and time in UTC.
      type: str
    rate:
      description: How many bytes a second it works through at the moment (Freebox).
      type: int
    eta:
      description: How many seconds are left, as the device thinks (Freebox).
      type: int
    files_done:
      description: How many files are done (Freebox; Synology for what it deletes).
      type: int
    files_total:
      description: How many files there are to do (Freebox; Synology for what it deletes).
      type: int
    bytes_done:
      description: How many bytes are done (Freebox; Synology for what it copies and moves).
      type: int
    bytes_total:
      description: How many bytes there are to do (Freebox; Synology for what it copies and moves).
      type: int
    processing:
      description: The file that it works on at the moment, as the vendor writes its path (Freebox, Synology).
      type: str
mounts:
  description:
    - Remote folders and images that are mounted on the device, each with C(path), C(type) and what else the vendor tells.
  type: list
  elements: dict
  returned: when O(gather) has V(mounts)
favorites:
  description: The folders that the user keeps at hand in the device's file manager, in their order.
  type: list
  elements: dict
  returned: when O(gather) has V(favorites)
  contains:
    path:
      description: The folder.
      type: str
    name:
      description: Its name as a favorite.
      type: str
    valid:
      description: Whether the folder is there and open to the user.
      type: bool
recycle_bins:
  description: The recycle bins of the shares that have one.
  type: list
  elements: dict
  returned: when O(gather) has V(recycle_bins)
  contains:
    share:
      description: The share, as a path.
      type: str
    path:
      description: The folder that holds what was deleted in the share, below the folders that it was in.
      type: str
transcoding:
  description: The films that wait to be transcoded, are at work or are done, in the form of RV(tasks).
  type: list
  elements: dict
  returned: when O(gather) has V(transcoding)
network:
  description: The names and addresses of the device, by the vendor's own names.
  type: dict
  returned: when O(gather) has V(network)
container_station:
  description: Versions, processor, memory and features of Container Station, by the vendor's own names.
  type: dict
  returned: when O(gather) has V(container_station)
container_resources:
  description: The use of processor and memory, by the vendor's own names.
  type: dict
  returned: when O(gather) has V(container_resources)
container_networks:
  description: The network adapters and bridges for containers, by the vendor's own names.
  type: dict
  returned: when O(gather) has V(container_networks)
volumes:
  description: The volumes of the device; on a Freebox, its partitions.
  type: list
  elements: dict
  returned: when O(gather) has V(volumes)
  contains:
    id:
      description: How the device names it, as a path (Synology) or a number.
      type: str
    name:
      description: What people call it.
      type: str
    path:
      description: Where it is mounted, if the device tells.
      type: str
    file_system:
      description: Its file system, such as V(btrfs), if the device tells.
      type: str
    size:
      description: Its size in bytes, if the device tells.
      type: int
    free:
      description: What is free of it, in bytes, if the device tells.
      type: int
    status:
      description: How it is, in the vendor's word, if the device tells.
      type: str
    raid:
      description: The type of its RAID in the vendor's word, if the device tells.
      type: str
    read_only:
      description: Whether nothing can be written to it, if the device tells.
      type: bool
    details:
      description: What else the device tells, by the vendor's own names.
      type: dict
disks:
  description: The disks of the device.
  type: list
  elements: dict
  returned: when O(gather) has V(disks)
  contains:
    id:
      description: How the device names it.
      type: str
    name:
      description: What people call it.
      type: str
    model:
      description: The maker's name for it.
      type: str
    serial:
      description: Its serial number.
      type: str
    type:
      description: The type of the disk, in the vendor's word.
      type: str
    size:
      description: Its size in bytes, if the device tells.
      type: int
    temperature:
      description: Degrees Celsius, if the device tells.
      type: int
    health:
      description: How it is, in the vendor's word.
      type: str
    smart:
      description: What the disk says about itself, in the vendor's word, if the device tells (Synology).
      type: str
    details:
      description: What else the device tells, by the vendor's own names.
      type: dict
users:
  description: The local accounts.
  type: list
  elements: dict
  returned: when O(gather) has V(users)
  contains:
    name:
      description: The name.
      type: str
    id:
      description: Its number, if the device tells.
      type: int
    description:
      description: The text about it.
      type: str
    email:
      description: The mail address.
      type: str
    disabled:
      description: Whether it is switched off.
      type: bool
    expires:
      description: Its last day as C(YYYY-MM-DD); null for none.
      type: str
    built_in:
      description: Whether it is one of the device's own.
      type: bool
    groups:
      description: The groups that it is in.
      type: list
      elements: str
groups:
  description: The local groups.
  type: list
  elements: dict
  returned: when O(gather) has V(groups)
  contains:
    name:
      description: The name.
      type: str
    id:
      description: Its number, if the device tells.
      type: int
    description:
      description: The text about it.
      type: str
    built_in:
      description: Whether it is one of the device's own.
      type: bool
    members:
      description: The accounts in it; null for the group that everybody is in.
      type: list
      elements: str
https_certificate:
  description: The certificate that the device shows on the port that modules talk to; null with O(use_ssl=false).
  type: dict
  returned: when O(gather) has V(https_certificate)
  version_added: 1.1.0
  contains:
    subject:
      description: Whom it is of, by names such as C(commonName) and C(organizationName).
      type: dict
    issuer:
      description: Who signed it, likewise. The same as RV(https_certificate.subject) where the device did so itself.
      type: dict
    names:
      description: The host names and addresses that it is for (subject alternative names).
      type: list
      elements: str
    not_before:
      description: From when on it is good, in seconds since 1970-01-01 UTC.
      type: int
    not_before_iso:
      description: The same as a date and time in UTC.
      type: str
    not_after:
      description: Until when it is good, in seconds since 1970-01-01 UTC.
      type: int
    not_after_iso:
      description: The same as a date and time in UTC.
      type: str
    days_left:
      description: How many whole days it is good from now on, by the clock of the machine that runs the task; negative when it has ended.
      type: int
    fingerprint:
      description: Its SHA-256 fingerprint, as O(fingerprint) takes it.
      type: str
  sample:
    subject: {commonName: nas.example}
    issuer: {commonName: nas.example}
    names: [nas.example, 192.0.2.10]
    not_before: 1777863721
    not_before_iso: "2026-05-04T03:02:01Z"
    not_after: 1809399721
    not_after_iso: "2027-05-04T03:02:01Z"
    days_left: 364
    fingerprint: sha256:6ab0a7e3b3f8e1b0d8d3b8c40f0ff0c9a9a51a1d6e2d52f6b32e1f8d5fdd3a17
shared_folders:
  description: The shared folders as their administrator sees them.
  type: list
  elements: dict
  returned: when O(gather) has V(shared_folders)
  contains:
    name:
      description: The name.
      type: str
    path:
      description: The path, as other modules take it.
      type: str
    volume:
      description: The volume that it lies on, as RV(volumes[].id) has it.
      type: str
    description:
      description: The text about it.
      type: str
    hidden:
      description: Whether browsers of the network do not show it.
      type: bool
    recycle_bin:
      description: Whether it has a recycle bin.
      type: bool
    recycle_bin_admin_only:
      description: Whether only administrators see that.
      type: bool
    quota:
      description: How many bytes it may hold; 0 for no bound, null where the device does not tell.
      type: int
    compression:
      description: Whether what is in it is compressed, if the device tells.
      type: bool
    checksums:
      description: Whether what is in it has checksums, if the device tells.
      type: bool
    encrypted:
      description: Whether it is encrypted, if the device tells.
      type: bool
    windows_acl:
      description: Whether access control lists count in it beside simple rights.
      type: bool
    built_in:
      description: Whether it is one of the device's own, which is not removed.
      type: bool
    editable:
      description: Whether it can be changed.
      type: bool
    permissions:
      description:
        - What is set for local accounts and groups, where anything is, each as M(nasops.nas.nas_share_permission) returns it;
          null for a shared folder on a volume without access control lists, for which no rights can be set (Synology).
      type: list
      elements: dict
firmware_update:
  description:
    - The firmware that the vendor offers for the device.
    - The same is there as C(update), which stood alone before version 1.1.0; Jinja finds that only by C(['update']).
  type: dict
  returned: when O(gather) has V(update)
  version_added: 1.1.0
  contains:
    available:
      description: Whether there is any that is newer than what is installed; null, with a warning, where the device could not
        find out (QNAP).
      type: bool
    version:
      description: Its version, if the device tells.
      type: str
    installed:
      description: The version that is installed, if the device tells it beside.
      type: str
capabilities:
  description:
    - What the vendor's API can, by name, such as C(archives), C(accounts), C(shared_folders); each with the features that it
      has, which are the options of its modules where they are no words of their own.
  type: dict
  returned: when O(gather) has V(capabilities)
  sample: {accounts: {description: true, email: true, expires: false}, files: {}}
ports:
  description: The ports of O(ports), in the same order.
  type: list
  elements: dict
  returned: when O(ports) is not empty
  contains:
    protocol:
      description: The protocol.
      type: str
    port:
      description: The number.
      type: int
    used:
      description: Whether it is in use.
      type: bool
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from collections.abc import Iterable

from ..module_utils import _vendors
from ..module_utils._api.capabilities.container_station import ContainerStation
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._delivery.subsets import SUBSETS
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.options import LARGEST_PORT
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec

ALL = "all"

SPEC = Spec(
    reads_only=True,
    options={
        "gather": {
            "type": "list",
            "elements": "str",
            "choices": [ALL, *SUBSETS],
            "default": ["device", "shares"],
            "aliases": ["gather_subset"],
        },
        "ports": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "port": {"type": "int", "required": True},
                "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
            },
        },
    },
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    params = context.params
    names = wanted(params["vendor"], params["gather"])
    if params["ports"]:
        _vendors.require(params["vendor"], "ports", lambda nas: nas.offers(ContainerStation))
    for port in params["ports"]:
        if not 0 < port["port"] <= LARGEST_PORT:
            raise usage(f"option ports: {port['port']} is not a port", hint=f"Give a number from 1 to {LARGEST_PORT}")
    result: Result = {}
    if not all(SUBSETS[name].own_login for name in names):
        context.client.login()
    for name in names:
        result.update(read(context, name))
    if params["ports"]:
        station = context.client.container_station
        result["ports"] = [
            {**port, "used": station.port_used(port["protocol"], port["port"])} for port in params["ports"]
        ]
    return result


def wanted(vendor: str, gather: Iterable[str]) -> list[str]:
    """The subsets to read, checked before any call.

    :raises NasError: for one that the vendor's API does not tell, naming the vendors whose API does.
    """
    asked = set(gather)
    chosen = []
    for name, subset in SUBSETS.items():
        if name in asked:
            _vendors.require(vendor, name, subset.offered)
        if name in asked or (ALL in asked and subset.offered(_vendors.VENDORS[vendor])):
            chosen.append(name)
    return chosen


def read(context: ModuleContext, name: str) -> Result:
    """A subset by its name; nothing when all is asked for and this device refuses this, fails at it or lacks it.

    That a device lacks what each device has is told: there it is switched off, or something else answers.
    """
    subset = SUBSETS[name]
    try:
        return dict.fromkeys((name, subset.also_as or name), subset.read(context.client))
    except NasError as error:
        if name in context.params["gather"]:
            raise
        if subset.everywhere or error.kind is not Kind.UNSUPPORTED:
            context.warnings.append(f"{name} is left out: {error}")
        return {}


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
