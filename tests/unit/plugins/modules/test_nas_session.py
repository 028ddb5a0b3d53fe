# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_session's wait for somebody at the device, in the words of what it waits for."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import device
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._module.context import ModuleContext, Runtime
from ansible_collections.nasops.nas.plugins.modules import nas_session

REQUEST = device.Pairing("a token", 7)


class Pairs:
    def __init__(self, *states):
        self.states = list(states)

    def state(self, _request):
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def wait(*states, seconds=0):
    params = {"vendor": "acme", "pair": {"wait_timeout": seconds}}
    nas_session.wait_for_grant(ModuleContext(params, False, False, Runtime()), Pairs(*states), REQUEST)


def test_a_request_that_is_granted():
    wait(device.PAIRING_PENDING, device.PAIRING_GRANTED, seconds=60)


@pytest.mark.parametrize(
    ("state", "kind", "said"),
    [
        (device.PAIRING_DENIED, Kind.PERMISSION_DENIED, "refused"),
        (device.PAIRING_TIMEOUT, Kind.PERMISSION_DENIED, "nobody at the device answered"),
        (device.PAIRING_UNKNOWN, Kind.PERMISSION_DENIED, "does not know the request"),
        (device.PAIRING_PENDING, Kind.TIMEOUT, "nobody at the device has confirmed it in 0 s"),
    ],
)
def test_a_pairing_request_that_is_not_granted(state, kind, said):
    with pytest.raises(NasError) as caught:
        wait(state)
    assert caught.value.kind is kind
    assert said in str(caught.value)
    assert "Run the task again" in caught.value.hint
    assert "task was stopped" not in str(caught.value)
