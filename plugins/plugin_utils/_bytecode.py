# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets Python keep the bytecode of this collection, as it does for everything else.

Ansible's own importer compiles a collection's files from their source in every run, which is a quarter of what
importing them costs. Python's importer keeps what it compiled, below Ansible's home, for an installed collection stays
as it was installed (`ansible-galaxy collection verify`). It does so where PYTHONDONTWRITEBYTECODE is set too, as images
of containers have it: that keeps the folders of sources clean, in which nothing is written here. Python's garbage
collector would inspect all of Ansible meanwhile, and find nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Optional

from ansible import constants as C  # noqa: N812 - the name that all of Ansible gives it

PREFIX = __name__.rpartition("plugin_utils.")[0]


class BytecodeLoader(SourceFileLoader):
    """Loads a file, and keeps its bytecode where an installation is not changed by it."""

    def get_code(self, fullname: str) -> Optional[CodeType]:
        """The code of a module, compiled if the bytecode that is kept is not that of the file."""
        before = sys.pycache_prefix, sys.dont_write_bytecode
        sys.pycache_prefix, sys.dont_write_bytecode = os.path.join(C.ANSIBLE_HOME, "nasops_bytecode"), False
        try:
            return super().get_code(fullname)
        finally:
            sys.pycache_prefix, sys.dont_write_bytecode = before


class BytecodeFinder(MetaPathFinder):
    """Finds the files of this collection's plugins, and leaves everything else to others."""

    def __init__(self) -> None:
        self._folders: dict[str, FileFinder] = {}

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        """Where a file of ours is; None for what is not ours or not a file."""
        if not fullname.startswith(PREFIX):
            return None
        for folder in path or ():
            if folder not in self._folders:
                self._folders[folder] = FileFinder(folder, (BytecodeLoader, [".py"]))
            spec = self._folders[folder].find_spec(fullname, target)
            if spec is not None and spec.loader is not None:
                return spec
        return None


FINDER = BytecodeFinder()


@contextmanager
def finding() -> Iterator[None]:
    """Within it, Python imports the files below `plugins/` of this collection."""
    sys.meta_path.insert(0, FINDER)
    try:
        yield
    finally:
        sys.meta_path.remove(FINDER)


@contextmanager
def kept_bytecode() -> Iterator[None]:
    """The same, and no garbage is collected.

    As Python's documentation has it for a process that forks: what is there by the end stays. The collector need not
    inspect all of it again and again, which would copy the memory that it shares with the workers.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with finding():
            yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
