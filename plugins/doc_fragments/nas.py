# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every nas_* module has, and what every module promises."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation that modules share."""

    DOCUMENTATION = r"""
options:
  vendor:
    description:
      - The maker of the NAS. Each NAS needs one, mostly as a host variable C(nas_vendor) of the inventory; as an environment
        variable E(NAS_VENDOR).
    type: str
    choices: [freebox, qnap, synology]
  host:
    description:
      - Name or address of the NAS.
      - As a host variable C(nas_host), else C(ansible_host), else the host's name in the inventory, so it is seldom an option of
        a task.
    type: str
  port:
    description:
      - TCP port. The vendor's usual one when omitted, which is 5001 (5000 without TLS) for Synology, 443 (8080) for QNAP,
        443 (80) for Freebox.
      - As a host variable C(nas_port).
    type: int
  use_ssl:
    description:
      - Whether to talk https. Without it everything, the password included, travels readable.
      - As a host variable C(nas_use_ssl).
    type: bool
    default: true
  validate_certs:
    description:
      - Whether the certificate of the NAS must be trusted and fit O(host). See O(fingerprint) for a better way than V(false).
      - As a host variable C(nas_validate_certs).
    type: bool
    default: true
  ca_path:
    description:
      - PEM certificates to trust instead of the system's. A file, or a folder of files C(*.pem), C(*.crt), C(*.cer) or of
        names that C(openssl rehash) makes.
      - A relative path is looked for beside the inventory, beside the playbook and in the current folder.
      - Freebox OS certificates of Freebox's own authorities are trusted without it.
      - As a host variable C(nas_ca_path).
    type: path
  fingerprint:
    description:
      - The SHA-256 fingerprint of the only certificate that is accepted, as C(sha256:) and 64 hex digits, with or without
        colons. Nothing else of the certificate matters then, neither who signed it nor its names and dates. This is the
        way in for a device that has signed its certificate itself; the fingerprint is to be seen on the device, or on the
        way to it, if that can be trusted once.
      - "C(openssl s_client -connect HOST:PORT </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 |
        sed 's/.*=/sha256:/') prints it."
      - As a host variable C(nas_fingerprint).
    type: str
  client_cert:
    description:
      - A file of a PEM certificate that proves to a server in front of the NAS who connects.
      - A relative path is looked for as with O(ca_path).
      - As a host variable C(nas_client_cert).
    type: path
  client_key:
    description:
      - The file of its key, without a passphrase. Not needed where O(client_cert) holds the key too.
      - A relative path is looked for as with O(ca_path).
      - As a host variable C(nas_client_key).
    type: path
  proxy:
    description:
      - The URL of a proxy between here and the NAS, as C(scheme://[user:password@]host:port). The schemes are V(http),
        V(https), V(socks5) and V(socks5h), the last of which lets the proxy look up the name; both need the Python library
        PySocks. Proxies of the environment (E(https_proxy)) are not used.
      - The certificate of an V(https) proxy is validated as O(validate_certs) and O(ca_path) say.
      - As a host variable C(nas_proxy).
    type: str
  username:
    description:
      - The account on the NAS. On a Freebox the id of the application.
      - As a host variable C(nas_username), else C(ansible_user).
    type: str
  password:
    description:
      - Its password. On a Freebox the token of the application, see M(nasops.nas.nas_session).
      - A refused password is tried once, and never again during a run, because devices block the address.
      - As a host variable C(nas_password), else C(ansible_password).
    type: str
  otp_code:
    description:
      - The one-time code of a two-step login. A code is good for one login, so for unattended runs use O(device_token).
      - As a host variable C(nas_otp_code).
    type: str
  device_token:
    description:
      - Proves that this machine passed a two-step login before, so that no code is asked for.
        M(nasops.nas.nas_session) returns it.
      - As a host variable C(nas_device_token).
    type: str
  timeout:
    description:
      - Seconds to wait for a connection and for each piece of an answer. A whole answer that is no file may take three times
        as long, a file must bring at least 1 KiB in this time.
      - As a host variable C(nas_timeout).
    type: int
    default: 30
  retries:
    description:
      - How often a call that changes nothing is repeated when the NAS is busy or out of reach for a moment.
        A call that changes something is only repeated when the NAS certainly never received it.
      - As a host variable C(nas_retries).
    type: int
    default: 3
  connections:
    description:
      - How many connections the tasks of a run keep to the NAS at most, for calls at the same time. Each file that is sent
        or fetched has one more of its own. A task that makes more than 32 calls goes on by connections of its own, one or as
        many as its option C(parallel) says.
      - As a host variable C(nas_connections).
    type: int
    default: 4
  session:
    description:
      - V(run) logs in once for each NAS and run of C(ansible-playbook), keeps the connections between its tasks, and logs
        out at its end.
        Where the module does not run on the controller it is the same as V(task).
      - V(task) logs in and out around the task.
      - As a host variable C(nas_session).
    type: str
    choices: [run, task]
    default: run
  session_token:
    description:
      - A session that M(nasops.nas.nas_session) returned, to use instead of a login. It is not logged out.
      - As a host variable C(nas_session_token).
    type: str
notes:
  - The examples leave out what is a variable of the host. A NAS is a line of an inventory, such as
    C(attic ansible_host=attic.example nas_vendor=synology ansible_user=ansible) below C([nas]) in INI, with its
    C(ansible_password), vaulted, in C(host_vars/attic.yml). A play has C(hosts=nas) and C(gather_facts=false), since Ansible gathers
    facts by ssh.
  - The module runs on the controller. It needs no C(connection), no C(delegate_to) and no Python on the NAS.
  - A task that is delegated to another NAS works on that NAS, with its variables. A host is a NAS when its variables have a
    C(nas_vendor) that is not empty; C(localhost) only when the inventory gives it a C(nas_vendor) or C(ansible_host) of its
    own. A task that is delegated to C(localhost), or to a machine with a connection of its own, works from there on the NAS
    of the host.
  - With C(async) and a C(poll) above 0 the task runs on the controller, and is stopped when its time is over. With C(poll=0)
    it is a job on the controller; M(ansible.builtin.async_status) finds it with C(delegate_to=localhost).
  - Every option can also be set for all modules with C(module_defaults) of the group C(group/nasops.nas.nas), or by an
    environment variable E(NAS_<OPTION>), which comes last.
  - Tasks of one user on one machine that name the same path of the same NAS, and do not only read, wait for each other, also those of several runs
    and those that are shipped. Nobody can wait for another machine, or for a task that names the NAS by another O(host); of
    two that write the same file, one can fail then, but neither removes what it has not replaced.
  - A NAS that cannot be reached (its name is not known, it does not let connect, the TLS handshake breaks off) makes the host
    C(unreachable), as long as nothing was written. With C(until) a task can wait for it; a refused certificate, an answer
    of the NAS that reports a failure, and everything after a call that writes is a failure.
requirements:
  - python >= 3.9 where the module runs; on the controller, what its ansible-core needs
  - requests >= 2.28
  - PySocks >= 1.5.6 (for O(proxy) with a SOCKS proxy)
  - websocket-client >= 1.6 (for uploads to a Freebox)
attributes:
  action_group:
    support: full
    description: Use C(group/nasops.nas.nas) in C(module_defaults) to set defaults for this module.
    membership: [nasops.nas.nas]
"""

    ATTRIBUTES = r"""
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying the NAS.
  diff_mode:
    support: full
    description: Will return details on what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    support: full
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
  async:
    support: full
    description: Supports being used with the C(async) keyword, see the notes.
  action:
    support: full
    description: Has an action plugin, so that it runs on the controller.
"""

    # Modules that only read.
    READ_ONLY = r"""
attributes:
  check_mode:
    support: full
    description: Only reads, so it does the same in C(check_mode).
  diff_mode:
    support: N/A
    description: Will return details on what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    support: full
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
  async:
    support: full
    description: Supports being used with the C(async) keyword, see the notes.
  action:
    support: full
    description: Has an action plugin, so that it runs on the controller.
"""

    # Modules that give the NAS long jobs.
    WAIT_TIMEOUT = r"""
options:
  wait_timeout:
    description:
      - Seconds that each long job of the NAS for this task may take (a copy, a checksum, a search, a removal), before it is
        stopped and the task fails. Time that a job waits in a queue of the NAS does not count.
    type: int
    default: 3600
"""
