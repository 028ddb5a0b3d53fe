# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making archives on a QNAP (File Station guide, section 7).

The call has one `path`, which is both where the sources lie and where the archive lands. An archive for another folder
is made beside its sources under a name of our own, moved, and then given its name.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from .._api.capabilities.copies import Copies
from .._api.files import Files
from .._core.archives import Packing
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.waiting import Detached, Watch
from .entries import by_folder, within_share
from .failures import qnap_error
from .process import Process, Seen
from .wire import Fields, Wire

FORMATS = ("zip", "7z")
LEVELS: Mapping[str, str] = {"fast": "fast", "normal": "normal", "best": "large"}
_ENCRYPTIONS: Mapping[str, Mapping[str, str]] = {
    "zip": {"zipcrypto": "ZipCrypto", "aes256": "AES256"},
    "7z": {"aes256": "AES256"},
}
_SKIP = "skip"


def compress(
    wire: Wire,
    files: Files,
    copies: Copies,
    sources: Sequence[str],
    archive: str,
    packing: Packing,
    watch: Watch,
) -> None:
    """Make an archive and see that it is there. What a failure leaves of it is removed.

    :param files: reads and removes.
    :param copies: moves the archive to another folder than that of its sources.
    :raises NasError: `INVALID_ARGUMENT` before any call; `EXISTS` and `NOT_FOUND` before anything is made; what the
        device reports.
    """
    place, name = within_share(archive, "made as an archive")
    stem = _stem(name, packing, archive)
    options = _options(packing, archive)
    wanted = list(dict.fromkeys(sources))
    for path in wanted:
        within_share(path, "put into an archive")
    parents = by_folder(wanted)
    if len(parents) != 1:
        _refuse(Kind.INVALID_ARGUMENT, "the device puts into one archive only what lies in one folder", archive)
    folder, names = next(iter(parents.items()))
    _require(files, wanted if folder == place else [place, *wanted], archive)
    if folder == place:
        _make(wire, files, folder, names, stem, packing, options, watch)
        return
    watch.require_one(2, archive)  # it is made beside its sources, and moved
    stem = f"nasops-{secrets.token_hex(8)}"
    temporary = f"{stem}.{packing.format}"
    with _removed_on_failure(files, f"{folder}/{temporary}", f"{place}/{temporary}"):
        _make(wire, files, folder, names, stem, packing, options, watch)
        copies.into([f"{folder}/{temporary}"], place, move=True, conflict=_SKIP, watch=watch)
        files.rename(f"{place}/{temporary}", name)


def _make(
    wire: Wire,
    files: Files,
    folder: str,
    names: Sequence[str],
    stem: str,
    packing: Packing,
    options: Fields,
    watch: Watch,
) -> None:
    archive = f"{folder}/{stem}.{packing.format}"

    def read_state() -> Seen:
        entry = files.stat([archive])[archive]
        return Seen(entry, entry is not None)

    process = Process(wire, "compress", archive, read_state)
    fields: Fields = [
        ("compress_name", stem),
        ("type", packing.format),
        *options,
        ("path", folder),
        ("total", len(names)),
        *(("compress_file", name) for name in names),
    ]
    running = process.start(fields, form=bool(packing.password))
    with _removed_on_failure(files, archive):
        if running:
            process.wait(watch)
        if not read_state().whole:
            _refuse(Kind.DEVICE, "the device reported success, but there is no archive", archive)


@contextlib.contextmanager
def _removed_on_failure(files: Files, *paths: str) -> Iterator[None]:
    """Lets no half-made archive be taken for a whole one. A failure to remove it must not hide why."""
    try:
        yield
    except Detached:
        raise
    except BaseException:
        for path in paths:
            with contextlib.suppress(NasError):
                files.delete([path], recursive=False, watch=Watch())
        raise


def _stem(name: str, packing: Packing, archive: str) -> str:
    """The archive's name without the ending that the device appends."""
    if packing.format not in FORMATS:
        _refuse(Kind.INVALID_ARGUMENT, f"the device makes no archives of the format {packing.format}", archive)
    ending = f".{packing.format}"
    if not name.endswith(ending) or name == ending:
        message = f"the device ends the names of such archives with {ending}"
        _refuse(Kind.INVALID_ARGUMENT, message, archive, f"Let the archive's name end with {ending}")
    return name[: -len(ending)]


def _options(packing: Packing, archive: str) -> Fields:
    """Level, password and encryption. With a password the way to encrypt is always sent: the device may do without."""
    if packing.level is not None and packing.level not in LEVELS:
        message = f"the device does not know the level {packing.level}"
        _refuse(Kind.INVALID_ARGUMENT, message, archive, f"It knows: {', '.join(LEVELS)}")
    if packing.encryption and not packing.password:
        _refuse(Kind.INVALID_ARGUMENT, "an encrypted archive needs a password", archive)
    level = LEVELS[packing.level or "normal"]
    fields: Fields = [("level", level), ("pwd", packing.password or "")]
    if packing.password:
        known = _ENCRYPTIONS[packing.format]
        encryption = packing.encryption or "aes256"
        if encryption not in known:
            message = f"the device does not encrypt {packing.format} archives with {encryption}"
            _refuse(Kind.INVALID_ARGUMENT, message, archive, f"It knows: {', '.join(known)}")
        # The guide writes the first, firmware understands the second.
        fields += [("encryipt", known[encryption]), ("encrypt", known[encryption])]
    return fields


def _require(files: Files, paths: Sequence[str], archive: str) -> None:
    found = files.stat([archive, *paths])
    if found[archive] is not None:
        _refuse(Kind.EXISTS, "the name is taken", archive)
    for path in paths:
        if found[path] is None:
            _refuse(Kind.NOT_FOUND, NOTHING_THERE, path)


def _refuse(kind: Kind, message: str, path: str, hint: str = "") -> NoReturn:
    raise qnap_error(kind, message, call="compress", path=path, hint=hint)
