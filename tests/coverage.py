# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which documented calls the playbook tests made, by the simulators' logs: `python -m tests.coverage FOLDER`.

FOLDER is what NASOPS_CALLS named while the playbook tests ran. Only calls of the collection's modules are in it, which
a device's log knows by their User-Agent, none that a test made by other means. Writes docs/coverage.md, and fails when
a documented call was made by no task, or not by a module that tests/documented_calls.yml names for it; the same of the
observed calls of tests/observed_calls.yml, but for those that it says no module needs; or when no task
sent a parameter, or a value, that tests/documented_parameters.yml says to be in reach. The page tells what that list
calls out of reach, with the reason.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from .support.devices import ROOT

PAGE = ROOT / "docs" / "coverage.md"
LIST = ROOT / "tests" / "documented_calls.yml"
OBSERVED = ROOT / "tests" / "observed_calls.yml"
PARAMETERS = ROOT / "tests" / "documented_parameters.yml"
PLUGINS = "ansible_collections.nasops.nas.plugins"
Calls = Mapping[tuple[str, str], Mapping[str, set[str]]]


def made(folder: Path) -> dict[tuple[str, str], dict[str, set[str]]]:
    """For each (vendor, call) the modules that made it, and what each has sent, see `devices.parameters`."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for file in folder.glob("*.calls"):
        for line in file.read_text(encoding="utf-8").splitlines():
            vendor, call, module, sent = line.split("\t")
            found.setdefault((vendor, call), {}).setdefault(module, set()).add(sent)
    return found


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A Markdown table."""
    head = list(head)
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def call_row(row: Mapping[str, Any], made_by: Mapping[str, object]) -> list[str]:
    """A documented call, and how a user has it made."""
    asked = "; ".join(f"`{module}` ({how})" for module, how in row["by"].items())
    return [f"`{row['call']}`", row["section"], asked, "yes" if set(row["by"]) <= set(made_by) else "**no**"]


def support(vendors: Mapping[str, Any]) -> Iterator[str]:
    """The tables of what each vendor can, from its client's capabilities."""
    yield from ["## Which module works with which vendor", ""]
    specs = {
        file.stem: importlib.import_module(f"{PLUGINS}.modules.{file.stem}").SPEC
        for file in sorted((ROOT / "plugins" / "modules").glob("nas_*.py"))
    }
    yield from table(
        ["module", *vendors],
        (
            [f"`{name}`", *("yes" if all(map(nas.offers, spec.needs)) else "-" for nas in vendors.values())]
            for name, spec in specs.items()
        ),
    )
    yield from ["", "## What a vendor's devices can", ""]
    capabilities = sorted({name for nas in vendors.values() for name in nas.capabilities()})
    yield from table(
        ["capability", *vendors],
        ([name.replace("_", " "), *(traits(nas, name) for nas in vendors.values())] for name in capabilities),
    )


def traits(nas: Any, capability: str) -> str:
    """The features of a vendor's class for a capability."""
    if capability not in nas.capabilities():
        return "-"
    reported = []
    for name, value in nas.capabilities()[capability].features._asdict().items():
        some = sorted(map(str, value)) if isinstance(value, frozenset) else value
        shown = ", ".join(map(str, some)) if isinstance(some, (list, tuple)) else some
        if shown not in (None, "", False):
            reported.append(name.replace("_", " ") + ("" if shown is True else f": {shown}"))
    return "; ".join(sorted(reported)) or "yes"


def listed(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, Any]]:
    """All that is in the list: document, call, `request` or `response`, name, what reaches it or why nothing does."""
    for document, group in parameters["documents"].items():
        for call, parts in group["calls"].items():
            for part in ("request", "response"):
                for name, reach in parts[part].items():
                    yield document, call, part, name, reach


def reaching(reach: Any) -> list[str]:
    """What reaches something, as `module.option` or `module.key`; nothing when it is out of reach."""
    if isinstance(reach, Mapping):
        return []
    return [reach] if isinstance(reach, str) else list(reach)


def unreached(parameters: Mapping[str, Any]) -> Iterator[str]:
    """The part of the page about what users cannot reach, by reason."""
    everything = list(listed(parameters))
    by_reason: dict[str, dict[str, list[str]]] = {}
    for document, call, part, name, reach in everything:
        if not reaching(reach):
            place = by_reason.setdefault(reach["out_of_reach"], {})
            place.setdefault(f"{parameters['documents'][document]['vendor']} `{call}`", []).append(
                f"`{name}`" if part == "request" else f"`{name}` (returned)"
            )
    reached = sum(bool(reaching(reach)) for *_place, reach in everything)
    yield from ["", "## What the documents offer and users do not reach", ""]
    yield f"{reached} of {len(everything)} parameters, values and fields of the documents are reached by an option, or"
    yield "returned under a key, which `tests/documented_parameters.yml` names. These are the others, and the reasons."
    for reason, text in parameters["reasons"].items():
        if reason in by_reason:
            yield from ["", f"### {text}", ""]
            yield from table(["call", "what"], ([call, ", ".join(names)] for call, names in by_reason[reason].items()))


def page(
    documents: Mapping[str, Any],
    calls: Calls,
    vendors: Mapping[str, Any],
    parameters: Mapping[str, Any],
    observed: Mapping[str, Any],
) -> str:
    """The text of docs/coverage.md."""
    rows = [(group["vendor"], row["call"]) for group in documents.values() for row in group["calls"]]
    text = [
        "# Which calls of the devices the modules make",
        "",
        f"{sum(row in calls for row in rows)} of the {len(rows)} calls that the vendors' documents describe are made",
        "by tasks of the playbook tests. This page is written by `make test`, from the simulators' request logs and",
        "from what the clients say of themselves.",
        "",
        *support(vendors),
    ]
    for group in documents.values():
        text += ["", f"## {group['document']} ({group['vendor']})", ""]
        text += table(
            ["call", "section", "asked for by", "made in the tests"],
            (call_row(row, calls.get((group["vendor"], row["call"]), {})) for row in group["calls"]),
        )
    return "\n".join([*text, *observed_part(observed, calls), *unreached(parameters)]) + "\n"


def observed_part(observed: Mapping[str, Any], calls: Calls) -> Iterator[str]:
    """The part of the page about calls that no vendor documents."""
    used = {name: [row for row in group["calls"] if row["by"]] for name, group in observed.items()}
    made_count = sum((observed[name]["vendor"], row["call"]) in calls for name, rows in used.items() for row in rows)
    yield from ["", "## Observed calls", ""]
    yield "No vendor documents these. They were observed on devices of the versions that stand beside them, and"
    yield "`tests/observed_calls.yml` lists them with those that the simulators serve for other clients alone."
    yield f"{made_count} of the {sum(map(len, used.values()))} that modules need are made by tasks of the tests."
    for name, rows in used.items():
        if rows:
            yield from ["", f"### {observed[name]['document']} ({observed[name]['vendor']})", ""]
            yield from table(
                ["call", "section", "observed on", "asked for by", "made in the tests"],
                (
                    [call, section, row.get("seen", "as above"), *rest]
                    for row in rows
                    for call, section, *rest in [call_row(row, calls.get((observed[name]["vendor"], row["call"]), {}))]
                ),
            )


def gaps(documents: Mapping[str, Any], calls: Calls) -> Iterator[str]:
    """What the list claims and the logs do not show."""
    for group in documents.values():
        for row in group["calls"]:
            modules = calls.get((group["vendor"], row["call"]), {})
            if not modules and row["by"]:
                yield f"{group['vendor']}: {row['call']} is made by no task"
            for module in sorted(set(row["by"]) - set(modules)):
                yield f"{group['vendor']}: {row['call']} is not made by {module}"


def unsent(parameters: Mapping[str, Any], calls: Calls) -> Iterator[str]:
    """What the list says a module sends, and the logs do not show. Of `{name}` in a URL they show the call alone."""
    for document, call, part, name, reach in listed(parameters):
        vendor = parameters["documents"][document]["vendor"]
        sent = calls.get((vendor, call), {})
        for module in {place.partition(".")[0] for place in reaching(reach)} if part == "request" else ():
            if name not in sent.get(module, ()) and not name.startswith("{"):
                yield f"{vendor}: {call} is not sent {name} by {module}"


def main(folder: Path) -> int:
    """Write the page; the exit status is 0 when every documented call was made."""
    sys.path.insert(0, str(ROOT / ".cache" / "link"))
    vendors = importlib.import_module(f"{PLUGINS}.module_utils._vendors").VENDORS
    documents = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    calls = made(folder)
    parameters = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
    observed = yaml.safe_load(OBSERVED.read_text(encoding="utf-8"))
    missing = [*gaps(documents, calls), *gaps(observed, calls), *unsent(parameters, calls)]
    for gap in missing:
        print(gap)
    if not missing:
        PAGE.write_text(page(documents, calls, vendors, parameters, observed), encoding="utf-8")
    total = sum(len(group["calls"]) for group in documents.values())
    print(f"{total} documented calls, {len(missing)} gaps between them and what tasks did")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
