# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a file's content, in the form that Ansible's callbacks show."""

from __future__ import annotations

import io
from typing import Any, Optional

from ansible_collections.nasops.nas.plugins.module_utils._api import Files
from ansible_collections.nasops.nas.plugins.module_utils._model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._source import Source
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

LARGEST_SHOWN = 104448  # bytes; Ansible's own default for the files that it shows


def content_diff(files: Files, path: str, before: Optional[Entry], after: Source, secret: bool) -> dict[str, Any]:
    """What `diff` of a result says about a content that changes.

    :param before: the file that is there, if any; read from the device when it is small.
    :param secret: the new content came out of a vault: show neither.
    """
    headers = {"before_header": path, "after_header": path}
    if secret:
        shown = {"before": "(not shown: vaulted)\n", "after": "(not shown: vaulted, changed)\n"}
        return {**headers, **shown}
    diff: dict[str, Any] = dict(headers)
    if before is None:
        diff["before"] = ""
    elif (before.size or 0) > LARGEST_SHOWN:
        diff["dst_larger"] = LARGEST_SHOWN
    else:
        held = io.BytesIO()
        files.download(before.path, held, watch=Watch(), entry=before)
        _show(diff, "before", "dst_binary", held.getvalue())
    if after.size > LARGEST_SHOWN:
        diff["src_larger"] = LARGEST_SHOWN
    else:
        _show(diff, "after", "src_binary", b"".join(after.pieces()))
    return diff


def _show(diff: dict[str, Any], key: str, binary_key: str, content: bytes) -> None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        diff[binary_key] = 1
        return
    if "\0" in text:
        diff[binary_key] = 1
    else:
        diff[key] = text
