# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated device of each vendor and generation, and clients for it: on these the clients' contract is tested."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._api import lost_answers
from ansible_collections.nasops.nas.plugins.module_utils._api.client import Client
from ansible_collections.nasops.nas.plugins.module_utils._api.files import Files
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore, Session

from tests.support import devices
from tests.support.devices import GENERATIONS, VENDORS
from tests.support.generations import each, is_newest
from tests.support.local import LocalDevice
from tests.trials import tasks

SHARES = ("home", "denied", "locked", "tight")
QUOTA = 200_000  # bytes, of the share `tight`
SETTINGS = ("denied=denied", "read_only=locked", f"quota=tight:{QUOTA}", "max_failures=0")
SECRET_KEYS = ("sid", "token", "device_token")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated device has done at once what it does at all."""
    monkeypatch.setattr(lost_answers, "pause", lambda seconds: None)


class Place:
    """A folder of a test's own: its path on the device, and where it lies on the simulator's disk."""

    def __init__(self, path: str, disk: Path) -> None:
        self.path, self.disk = path, disk

    def __truediv__(self, name: str) -> str:
        """The path on the device of what is in it."""
        return f"{self.path}/{name}"

    def tree(self) -> dict[str, Optional[bytes]]:
        """All that is in it: the content of files, None for folders."""
        return {
            str(path.relative_to(self.disk)): None if path.is_dir() else path.read_bytes()
            for path in self.disk.rglob("*")
        }


class Refusal:
    """What a block of `Nas.refuses` ended with."""

    error: NasError


class Nas:
    """A simulated device and the clients that talk to it."""

    quota = QUOTA

    def __init__(self, device: devices.Device, profile: str) -> None:
        self.device, self.vendor, self.profile = device, device.vendor, profile
        self.clients: list[Client] = []
        self.sessions: list[Session] = []
        self._client: Optional[Client] = None
        self._names = itertools.count(1)
        self._place = f"{uuid.uuid4().hex[:8]}"

    def connect(
        self,
        session: Optional[Session] = None,
        username: str = devices.USER,
        password: str = devices.PASSWORD,
        **connection: Any,
    ) -> Client:
        """A new client; transient failures are not tried again unless it is told to."""
        remembers = self.sessions

        class SessionStore(MemoryStore):
            def renew(self, login: Any, stale: Any) -> Session:
                renewed = super().renew(login, stale)
                remembers.append(renewed)
                return renewed

        options = {"host": "127.0.0.1", "port": self.device.port, "use_ssl": False, "timeout": 20.0, "retries": 0}
        client = _vendors.build(
            Connection(self.vendor, **{**options, **connection}), Credentials(username, password), SessionStore(session)
        )
        self.clients.append(client)
        return client

    @property
    def client(self) -> Client:
        """The test's usual client, logged in."""
        if self._client is None:
            self._client = self.connect()
            self._client.login()
        return self._client

    @property
    def files(self) -> Files:
        return self.client.files

    def again(self, **connection: Any) -> Client:
        """Another client in the session of the usual one, which cannot log in."""
        return self.connect(self.client.login(), "", "", **connection)

    def place(self, share: str = "home") -> Place:
        """A new, empty folder."""
        name = f"{self._place}-{next(self._names)}"
        disk = self.device.root / share / name
        disk.mkdir(parents=True)
        return Place(f"/{share}/{name}", disk)

    def faults(self, *rules: dict[str, Any]) -> None:
        """From now on these faults, which count from now on."""
        self.device.faults(*({**rule, "do": {**rule["do"], "args": uuid.uuid4().hex}} for rule in rules))

    def told(self, what: str) -> Any:
        """What `vendors.yml` says of such devices."""
        return self.device.told(what)

    def lacks(self, what: str) -> bool:
        """Whether this generation lacks something that the vendor's client has."""
        return devices.lacks(self.vendor, self.profile, what)

    def logins(self) -> int:
        return len(self.device.calls_of("login"))

    def calls(self) -> list[str]:
        return [entry["call"] for entry in self.device.log()]

    def outcome(self, work: Callable[[], Any]) -> tuple[Any, Optional[NasError]]:
        """What the work answers, or the NasError that it ends with."""
        try:
            return work(), None
        except NasError as error:
            self.check(error)
            return None, error

    @contextlib.contextmanager
    def refuses(self, *kinds: Kind) -> Iterator[Refusal]:
        """A block that must end with a NasError of one of these kinds, which holds no secret."""
        refusal = Refusal()
        with pytest.raises(NasError) as caught:
            yield refusal
        refusal.error = caught.value
        assert refusal.error.kind in kinds, (refusal.error.kind, str(refusal.error))
        self.check(refusal.error)

    def check(self, error: NasError) -> None:
        """An error names the vendor and shows no secret."""
        assert error.vendor in (self.vendor, "") or error.kind is Kind.UNSUPPORTED
        assert error.message
        shown = [str(error), repr(error), str(error.failure()), *traceback.format_exception(error)]
        for secret in self.secrets():
            assert not any(secret in text for text in shown), "an error shows a secret"

    def secrets(self) -> set[str]:
        found = {session.get(key) for session in self.sessions for key in SECRET_KEYS}
        return {devices.PASSWORD, *(secret for secret in found if isinstance(secret, str) and len(secret) > 3)}

    def close(self) -> None:
        for client in self.clients:
            client.close()
        for share in SHARES:
            for disk in (self.device.root / share).glob(f"{self._place}-*"):
                # A task of the device may still be at work there.
                with contextlib.suppress(OSError):
                    for path in [disk, *disk.rglob("*")]:
                        path.chmod(0o755)
                shutil.rmtree(disk, ignore_errors=True)


@pytest.fixture(scope="session", params=each("generations"))
def generation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[devices.Device, str]]:
    """The worker's device of each generation in turn; tests share it and keep to folders of their own."""
    vendor, profile = request.param
    arguments = [word for setting in SETTINGS for word in ("--vendor-opt", setting)]
    folder = tmp_path_factory.mktemp(f"{vendor}-{profile}")
    with devices.device(vendor, folder, shares=SHARES, profile=profile, arguments=arguments) as found:
        yield found, profile


@pytest.fixture
def nas(generation: tuple[devices.Device, str]) -> Iterator[Nas]:
    """The device with an empty log and without faults, and clients for this test."""
    device, profile = generation
    device.forget()
    device.faults()
    nas = Nas(device, profile)
    yield nas
    device.faults()
    nas.close()


@pytest.fixture
def start(generation: tuple[devices.Device, str], tmp_path: Path) -> Iterator[Any]:
    """Starts a device of the test's own, of the same generation."""
    with ExitStack() as stack:
        numbers = itertools.count(1)

        def begin(*settings: str, arguments: tuple[str, ...] = ()) -> Nas:
            folder = tmp_path / f"device{next(numbers)}"
            folder.mkdir()
            words = [*arguments, *(word for setting in settings for word in ("--vendor-opt", setting))]
            device, profile = generation
            own = devices.device(device.vendor, folder, shares=SHARES, profile=profile, arguments=words)
            nas = Nas(stack.enter_context(own), profile)
            stack.callback(nas.close)
            return nas

        yield begin


@pytest.fixture(params=VENDORS)
def device(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalDevice]:
    """A device of each vendor in this process."""
    with LocalDevice(request.param, tmp_path / "nas") as device, tasks.without_pauses():
        yield device


@pytest.fixture
def do(device: LocalDevice, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Runs a module on it, in this process: by its name and its options."""
    (tmp_path / "locks").mkdir()
    return lambda module, **options: tasks.execute(device, module, options, tmp_path / "locks")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the combinations that a module's `applies(test, vendor, params)` says make no sense.

    They are no tests that were skipped: there is nothing to test, such as pairing with a device that has users.
    What a module lists as `LONG` is in `make test` for the newest generation of each vendor, else in `make faults`.
    """
    senseless = []
    for item in items:
        module = getattr(item, "module", None)
        applies = getattr(module, "applies", None)
        params = item.callspec.params if hasattr(item, "callspec") else {}
        generation = next((value for value in params.values() if value in GENERATIONS), None)
        vendor = generation[0] if generation else ""
        if generation and item.originalname in getattr(module, "LONG", ()) and not is_newest(*generation):
            item.add_marker(pytest.mark.for_faults)
        if applies is not None and vendor and not applies(item.originalname, vendor, params):
            senseless.append(item)
    config.hook.pytest_deselected(items=senseless)
    items[:] = [item for item in items if item not in set(senseless)]
