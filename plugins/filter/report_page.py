# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the role report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils._report import Limits, page

DOCUMENTATION = r"""
name: report_page
version_added: 1.0.0
short_description: The HTML page of the role nasops.nas.report
author:
  - The nasops.nas authors (@nasops)
description:
  - Makes one self-contained page of HTML of what was read from many NAS devices. The role nasops.nas.report uses it.
  - Names on the devices are text on the page, whatever they say.
options:
  _input:
    description:
      - By the name of each host, a dictionary with C(info), what M(nasops.nas.nas_info) returned, and, if there is one,
        C(certificate), what M(nasops.nas.nas_container_tls) returned, C(drift), the results of the role
        nasops.nas.provision in check mode by the names of its variables, and C(drift_failed), why it failed.
    type: dict
    required: true
  templates:
    description: The folder of the role's templates.
    type: path
    required: true
  title:
    description: The title of the page.
    type: str
    default: NAS report
  today:
    description: The day that the page is of, such as V(2026-05-04). Days that are left are counted from it.
    type: str
    required: true
  link_days:
    description: A share link that ends within so many days needs attention.
    type: int
    default: 14
  certificate_days:
    description: A certificate that ends within so many days needs attention.
    type: int
    default: 30
  full_percent:
    description: A share or volume that is used to so many percent needs attention.
    type: float
    default: 90
"""

EXAMPLES = r"""
- name: The page of two devices
  ansible.builtin.copy:
    content: >-
      {{ {'attic': {'info': attic}, 'cellar': {'info': cellar}}
         | nasops.nas.report_page(templates=role_path ~ '/templates', today='2026-05-04') }}
    dest: report.html
    mode: "0600"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""


def report_page(
    hosts: Mapping[str, Mapping[str, Any]],
    templates: str,
    today: str,
    title: str = "NAS report",
    link_days: int = 14,
    certificate_days: int = 30,
    full_percent: float = 90,
) -> str:
    """The page; the parameters are described above.

    :raises AnsibleFilterError: for a day that is none.
    """
    try:
        day = date.fromisoformat(str(today))
    except ValueError as error:
        raise AnsibleFilterError(f"report_page: today is {today!r}, but it must be a day such as 2026-05-04") from error
    limits = Limits(day, int(link_days), int(certificate_days), float(full_percent))
    return page(hosts, Path(str(templates)), str(title), limits)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Callable[..., str]]:
        return {"report_page": report_page}
