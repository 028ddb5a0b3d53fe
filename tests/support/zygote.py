# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that has done its imports, and forks for each run: `zygote.py SOCKET ansible-playbook PROGRAM` or
`zygote.py SOCKET simulator`.

A client (`forking.py`) connects to SOCKET, sends the run's stdin, stdout and stderr, then JSON of its argv, cwd and
env, reads the run's process id, and its exit status when it has ended. The zygote ends when its own stdin does.

Ansible reads its configuration when it is imported. A run reads it again, with its own environment, and compares what
Ansible's modules took from it when they were imported. Where they took search paths for plugins, they get those of the
run; where anything else differs, or a variable that is neither Ansible's nor the test's, the run becomes the real
PROGRAM instead.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Optional

OWN = ("ANSIBLE_", "NAS_", "HOME", "PYTEST_", "RECORDER_FILE")
"""How the names of variables begin that a run has of its own: while Ansible is imported, its configuration alone looks
at them."""
KINDS = ("action", "become", "callback", "connection", "filter", "inventory", "shell", "strategy", "test", "vars")
"""The plugins of Ansible's own that are imported: what a run looks at, whether it needs it or not."""
LIBRARIES = (
    "ansible.cli.playbook",
    "ansible.executor.process.worker",
    "cryptography.x509",
    "requests",
    "websocket",
    "ansible.plugins.cache.memory",
)
OURS = "ansible_collections.nasops.nas.plugins"
HELD = ("module_utils", "modules")
"""What of the collection is imported: the folders whose files keep nothing of the run that imports them."""
SHARE_OF_PAUSES = 0.1
"""How long a run waits, beside the real one, before it looks at the state after a lost answer."""
NUMBER = struct.Struct("i")


class Playbooks:
    """What the imports of ansible-playbook have left, and what of it is the configuration's.

    :param program: the real one.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        sys.path[0] = os.path.dirname(program)
        self.environment = dict(os.environ)
        # The templates that are defaults of the configuration are compiled once.
        configuration: Any = importlib.import_module("ansible.config.manager")
        templates = configuration.NativeEnvironment()
        templates.from_string = functools.cache(templates.from_string)
        configuration.NativeEnvironment = lambda: templates
        constants = importlib.import_module("ansible.constants")
        self._constants = constants
        self._before = {name: value for name, value in vars(constants).items() if name.isupper()}
        self._taken: dict[str, Any] = {}
        self._settings: dict[str, Any] = {}
        self._import()
        loaders = vars(importlib.import_module("ansible.plugins.loader"))
        self._define(loaders)
        self._paths = [
            (loader, name)
            for loader in loaders.values()
            for name, value in self._before.items()
            if isinstance(value, list) and getattr(loader, "config", None) is value
        ]
        # The configuration's own definitions, read but not yet used: a run's configuration changes them.
        manager = type(constants.config)
        file = os.path.join(os.path.dirname(sys.modules[manager.__module__].__file__ or ""), "base.yml")
        self._definitions = constants.config._read_config_yaml_file(file)
        self._collections_path = constants.COLLECTIONS_PATHS
        self._ours = self._import_ours()
        self._find_imports()

    def _import(self) -> None:
        constants, taken, settings = self._constants, self._taken, self._settings

        class Watched(types.ModuleType):
            def __getattribute__(self, name: str) -> Any:
                value = super().__getattribute__(name)
                if name.isupper():
                    taken[name] = value
                return value

        manager = type(constants.config)
        read = manager.get_config_value_and_origin

        def watched(config: Any, name: str, *arguments: Any, **more: Any) -> Any:
            settings[name] = read(config, name, *arguments, **more)[0]
            return read(config, name, *arguments, **more)

        constants.__class__ = Watched
        manager.get_config_value_and_origin = watched
        try:
            for name in (*LIBRARIES, *(one for one, _kind in self._plugins())):
                importlib.import_module(name)
        finally:
            constants.__class__ = types.ModuleType
            manager.get_config_value_and_origin = read

    def _plugins(self) -> Iterator[tuple[str, str]]:
        """Name and kind of each."""
        for kind in KINDS:
            folder = importlib.import_module(f"ansible.plugins.{kind}").__path__
            for found in pkgutil.iter_modules(folder):
                yield f"ansible.plugins.{kind}.{found.name}", kind

    def _define(self, loaders: Mapping[str, Any]) -> None:
        """Parse what Ansible's own files say of options and redirections, which no environment changes."""
        for name, kind in self._plugins():
            module = sys.modules[name]
            loaders[f"{kind}_loader"]._load_config_defs(name.rpartition(".")[2], module, module.__file__)
        loaders["fragment_loader"]._clear_caches()  # they hold the zygote's search paths
        finder: Any = importlib.import_module("ansible.utils.collection_loader._collection_finder")
        parse = finder._meta_yml_to_dict
        text = pkgutil.get_data("ansible.config", "ansible_builtin_runtime.yml")
        parsed = {text: parse(text, ("ansible.builtin", "runtime.yml"))}
        finder._meta_yml_to_dict = lambda raw, origin: parsed[raw] if raw in parsed else parse(raw, origin)

    def _import_ours(self) -> dict[str, types.ModuleType]:
        """The collection's modules as a run would import them, which are then gone until a run takes them."""
        importlib.import_module("ansible.plugins.loader").init_plugin_loader()
        folder = importlib.import_module(OURS).__path__[0]
        with importlib.import_module(f"{OURS}.plugin_utils._bytecode").kept_bytecode():
            for held in HELD:
                for base, _folders, files in os.walk(os.path.join(folder, held)):
                    package = ".".join([OURS, *os.path.relpath(base, folder).split(os.sep)])
                    for file in files:
                        if file.endswith(".py"):
                            importlib.import_module(f"{package}.{file[:-3]}" if file != "__init__.py" else package)
        ours = {}
        for name in [name for name in sys.modules if name.split(".")[0] == "ansible_collections"]:
            module = sys.modules.pop(name)
            if name.startswith(tuple(f"{OURS}.{held}" for held in HELD)):
                ours[name] = module
        # A simulated device has done soon what it does at all.
        checks: Any = ours[f"{OURS}.module_utils._api.lost_answers"]
        checks.PAUSES = tuple(pause * SHARE_OF_PAUSES for pause in checks.PAUSES)
        finder: Any = importlib.import_module("ansible.utils.collection_loader._collection_finder")
        finder._AnsibleCollectionFinder._remove()
        return ours

    def _find_imports(self) -> None:
        """Find once what files import that go along with a module: Ansible parses them for every module of a run."""
        common: Any = importlib.import_module("ansible.executor.module_common")
        parse, finder = getattr(common, "_compile_module_ast", None), common.ModuleDepFinder
        if parse is None:  # before ansible-core 2.19
            return
        known: dict[tuple[str, bytes], Any] = {}
        for name, module in {**sys.modules, **self._ours}.items():
            file = getattr(module, "__file__", None) or ""
            if name.startswith(("ansible.module_utils.", f"{OURS}.module_utils.")) and os.path.isfile(file):
                with open(file, "rb") as stream:
                    source = stream.read()
                known[name, source] = finder(name, parse(name, source), os.path.basename(file) == "__init__.py")

        def parsed(name: str, source: str | bytes) -> Any:
            return (known.get((name, bytes(source))) if isinstance(source, bytes) else None) or parse(name, source)

        def find(self: Any, name: str, tree: Any, *arguments: Any) -> None:
            if isinstance(tree, finder):
                vars(self).update(vars(tree))
            else:
                begin(self, name, tree, *arguments)

        for one in known.values():
            del one._tree  # the imports are all that is asked for
        begin, common._compile_module_ast, finder.__init__ = finder.__init__, parsed, find

    def _same_collections(self, argv: list[str]) -> bool:
        """Whether the run finds the collection where the zygote did: there may be another beside a playbook."""
        beside = any(os.path.isdir(os.path.join(os.path.dirname(word), "collections")) for word in argv[1:])
        return not beside and self._collections_path == self._constants.COLLECTIONS_PATHS

    def configure(self) -> bool:
        """Read the configuration of this process' environment; whether the imports would have been the same with it."""
        other = {name for name, _value in self.environment.items() ^ os.environ.items()}
        if any(not name.startswith(OWN) for name in other):
            return False
        constants, manager = self._constants, type(self._constants.config)
        read, defined = manager._read_config_yaml_file, constants.config._plugins
        manager._read_config_yaml_file = lambda _config, _file: self._definitions
        manager.WARNINGS.clear()
        try:
            importlib.reload(constants)
        finally:
            manager._read_config_yaml_file = read
        constants.config._plugins.update(defined)
        searched = set()
        for loader, name in self._paths:
            loader.config = getattr(constants, name)
            searched.add(name)
        return all(
            getattr(constants, name) == value for name, value in self._taken.items() if name not in searched
        ) and all(constants.config.get_config_value(name) == value for name, value in self._settings.items())

    def become(self, argv: list[str]) -> None:
        """Run ansible-playbook in this process."""
        if not self.configure():
            os.execv(self._program, argv)
        if self._same_collections(argv):
            sys.modules.update(self._ours)
        sys.argv = argv
        sys.modules["ansible.cli.playbook"].main()


class Simulators:
    """What the imports of `python -m tests.simulator` have left, when this is its folder."""

    def __init__(self) -> None:
        self._cwd = sys.path[0] = os.getcwd()
        self._environment = self._of_python()
        for vendor in importlib.import_module("tests.simulator").VENDORS:
            importlib.import_module(f"tests.simulator.{vendor}")
        importlib.import_module("tests.simulator.__main__")
        del sys.modules["tests.simulator.__main__"]  # which is yet to run

    def _of_python(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}

    def become(self, argv: list[str]) -> None:
        """Run a simulator in this process."""
        if os.getcwd() != self._cwd or self._of_python() != self._environment:
            os.execv(argv[0], argv)
        _python, _m, module, *sys.argv[1:] = argv
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def receive(client: socket.socket) -> tuple[list[int], Mapping[str, Any]]:
    """What a client wants: its stdin, stdout and stderr, and argv, cwd and env."""
    text, streams, _flags, _address = socket.recv_fds(client, 65536, 3)
    while piece := client.recv(65536):
        text += piece
    return streams, json.loads(text)


def serve(listener: socket.socket) -> Optional[tuple[list[int], Mapping[str, Any]]]:
    """Fork for each client; returns what it wants in the fork, and None in the zygote, at its end."""
    waker, wake = os.pipe()
    for end in (waker, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as waiting:
        for source in (listener, waker, sys.stdin.fileno()):
            waiting.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _events in waiting.select()}
            if waker in ready:
                os.read(waker, 4096)
                for pid in list(running):
                    ended, status = os.waitpid(pid, os.WNOHANG)
                    if ended:
                        # Its client may not want to know it any more.
                        with running.pop(pid) as client, contextlib.suppress(OSError):
                            client.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
            if listener in ready:
                client, _address = listener.accept()
                streams, wanted = receive(client)
                pid = os.fork()
                if not pid:
                    break
                running[pid] = client
                client.sendall(NUMBER.pack(pid))
                for stream in streams:
                    os.close(stream)
            if sys.stdin.fileno() in ready:
                return None
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for one in (listener, client, *running.values()):
        one.close()
    os.close(waker)
    os.close(wake)
    return streams, wanted


def main() -> None:
    """Prepare, serve, and in a fork run the program."""
    address, kind, *program = sys.argv[1:]
    zygote = {"ansible-playbook": Playbooks, "simulator": Simulators}[kind](*program)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        wanted = serve(listener)
    if wanted is None:
        return
    streams, run = wanted
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(run["cwd"])
    os.environ.clear()
    os.environ.update(run["env"])
    time.tzset()
    leave(zygote.become, run["argv"])


def leave(program: Callable[[list[str]], None], argv: list[str]) -> None:
    """Run a program and end with its status, without the last of what Python does at an end: to free one by one what
    the imports have left. That would copy the memory that is shared with the zygote, before all of it goes at once.
    """
    status = 0
    try:
        program(argv)
    except SystemExit as ended:
        if not isinstance(ended.code, (int, type(None))):
            raise  # with its text
        status = ended.code or 0
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status & 0xFF)


if __name__ == "__main__":
    main()
