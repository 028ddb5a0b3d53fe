# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate files out of a device's zip, put into a folder of the machine that runs the task.

Nothing in the zip is trusted: its names decide about no path outside the folder, and its sizes about no memory. What a
file is, is seen by its content; keys are for their owner's eyes only. No content appears in an error.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from .._core.errors import Kind, NasError, usage

LARGEST = 16 * 1024 * 1024  # bytes that all files of a zip may have together
MOST = 1000  # files
KEY_MODE = 0o600
OTHER_MODE = 0o644
FOLDER_MODE = 0o700

_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")
_CERTIFICATE = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )?CERTIFICATE-----")
_AUTHORITY_WORDS = frozenset(("ca", "cacert", "root", "chain", "authority"))
_SERVER_WORDS = frozenset(("server", "registry", "daemon"))
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError, OSError)

Members = Mapping[str, bytes]


@dataclass(frozen=True)
class LocalFile:
    """A file as it shall be."""

    path: str
    content: bytes = field(repr=False)
    mode: int = OTHER_MODE


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files in a zip, by names that lead nowhere but below a folder.

    :raises NasError: `PROTOCOL` for a zip that is damaged, too large, or has a name that no honest one has.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            for info in infos:
                _require_honest(info)
            files = [info for info in infos if not info.is_dir()]
            names = [info.filename for info in files]
            taken = {folder for name in names for folder in _folders_of(name)}
            if len(names) != len(set(names)) or taken & set(names):
                raise _refused("has a name more than once")
            if len(names) > MOST or sum(info.file_size for info in files) > LARGEST:
                raise _refused("is too large for certificate files")
            found = {info.filename: archive.read(info) for info in files}
    except _BROKEN as error:
        raise _refused(f"cannot be read: {error}") from None
    if not found:
        raise _refused("holds no files")
    return found


def _require_honest(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = (name[:-1] if name.endswith("/") else name).split("/")
    if {"", ".", ".."} & set(parts) or "\\" in name or not name.isprintable() or re.match(r"[A-Za-z]:", name):
        raise _refused(f"has a member with the path {name!r}, which leads out of its folder or is no name")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(f"has {name!r}, which is a link or another special file")


def _refused(problem: str) -> NasError:
    hint = "Nothing of it was written"
    return NasError(Kind.PROTOCOL, f"the zip of certificate files {problem}", hint=hint)


def _folders_of(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def docker_files(members: Members) -> dict[str, bytes]:
    """The three files that a Docker client looks for, by those names.

    A file that has the name and the right content is it; else the only one whose content and name fit.

    :raises NasError: `UNSUPPORTED` when there is no such file, or more than one.
    """
    authority = {name for name in members if words(name) & _AUTHORITY_WORDS}
    server = {name for name in members if words(name) & _SERVER_WORDS}
    keys = {name for name, content in members.items() if _KEY.search(content)}
    certificates = {name for name, content in members.items() if _CERTIFICATE.search(content)}
    roles = {
        "ca.pem": certificates & authority - server - keys,
        "cert.pem": certificates - authority - server,
        "key.pem": keys - authority - server,
    }
    found = {}
    for role, fitting in roles.items():
        exact = [name for name in fitting if name.rpartition("/")[2].lower() == role]
        chosen = exact or sorted(fitting)
        if len(chosen) != 1:
            what = "none" if not chosen else f"{len(chosen)} of them ({', '.join(sorted(chosen))})"
            raise NasError(
                Kind.UNSUPPORTED,
                f"the export has {what} where a Docker client needs one {role}; it holds {', '.join(sorted(members))}",
                hint="Set docker_client_files to false to export all files under their own names",
            )
        found[role] = members[chosen[0]]
    return found


def words(name: str) -> set[str]:
    """The words that a file's name is made of, such as `server` and `key`."""
    stem = name.rpartition("/")[2].lower().rpartition(".")
    return set(re.split(r"[^a-z0-9]+", stem[0] or stem[2]))


def mode_of(content: bytes) -> int:
    """Who may read a file: only its owner when a key is in it, or when it is no text, so that one may be in it."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return KEY_MODE
    return KEY_MODE if _KEY.search(content) or b"\0" in content else OTHER_MODE


def local_files(folder: str, members: Members) -> list[LocalFile]:
    """The files as they shall be in a folder of this machine, by name."""
    return [
        LocalFile(os.path.join(folder, *name.split("/")), content, mode_of(content))
        for name, content in sorted(members.items())
    ]


def check_target(folder: str, option: str) -> None:
    """Make sure, before anything is done, that files can be written into a folder, or the folder be made.

    :raises NasError: `USAGE`, naming the option.
    """
    there = folder
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise usage(f"option {option}: {there!r} is not a folder", hint="Name a folder, or one that can be made")
    if not os.access(there, os.W_OK | os.X_OK):
        raise usage(f"option {option}: {there!r} cannot be written", hint="Name a folder that the user may write to")


def drifted(folder: str, files: Iterable[LocalFile]) -> dict[str, str]:
    """What each file that is not as it shall be is now, by path.

    :raises NasError: for a folder or link in the way.
    """
    found = {}
    for file in files:
        _require_no_links(folder, file.path)
        try:
            state = _state(file)
        except OSError as error:
            raise _failed(error, file.path) from None
        if state:
            found[file.path] = state
    return found


def _state(file: LocalFile) -> Optional[str]:
    """What is wrong with the file; None when it is right."""
    try:
        status = os.lstat(file.path)
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    if stat.S_ISDIR(status.st_mode):
        raise usage(f"option export_to: {file.path!r} is a folder", hint="Remove it, or name another folder")
    if not stat.S_ISREG(status.st_mode):
        return "no plain file"
    if status.st_size != len(file.content):
        return "another content"
    with open(file.path, "rb") as stream:
        if stream.read() != file.content:
            return "another content"
    mode = stat.S_IMODE(status.st_mode)
    return None if mode == file.mode else f"mode {mode:04o}"


def _require_no_links(folder: str, path: str) -> None:
    """Below the folder that the user named, no link leads the zip's names elsewhere."""
    above = os.path.dirname(path)
    while len(above) > len(folder):
        if os.path.islink(above):
            raise usage(f"option export_to: {above!r} is a link", hint="Remove it, or name another folder")
        above = os.path.dirname(above)


def write(folder: str, files: Sequence[LocalFile]) -> None:
    """Write files: all of them whole under temporary names first, then each gets its name."""
    staged: list[tuple[str, str]] = []
    try:
        _make_folder(folder)
        for file in files:
            parent = os.path.dirname(file.path)
            _make_folder(parent)
            handle, temporary = tempfile.mkstemp(prefix=".nasops-", dir=parent)
            staged.append((temporary, file.path))
            with os.fdopen(handle, "wb") as stream:
                stream.write(file.content)
                stream.flush()
                os.fsync(handle)
                os.fchmod(handle, file.mode)
        while staged:
            os.replace(*staged[0])
            staged.pop(0)
    except OSError as error:
        raise _failed(error, str(error.filename2 or error.filename or folder)) from None
    finally:
        for temporary, _path in staged:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _make_folder(folder: str) -> None:
    os.makedirs(folder, mode=FOLDER_MODE, exist_ok=True)


def _failed(error: OSError, path: str) -> NasError:
    return usage(f"option export_to: {path!r}: {error.strerror}", hint="Run the task again when that is mended")
