# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet report: what nas_info read of every host, as tables, and the tables as one page of HTML.

Ansible's own templates never escape, whatever their blocks say: its code generator leaves that out. So Jinja itself
renders the page here, with autoescape, and a name on a device is text on the page whatever it says.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

OK, WARN, BAD, INFO = "ok", "warn", "bad", "info"
"""What a cell says of a thing: all is well, look at it, act on it, or neither."""

NOT_REPORTED = "not reported"
HEALTHY = frozenset(
    (
        "active",
        "clean",
        "enabled",
        "good",
        "healthy",
        "mounted",
        "normal",
        "ok",
        "online",
        "optimal",
        "passed",
        "ready",
        "running",
    )
)
"""Words by which devices say that a disk or volume is well."""

DAY = 86400
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
GOING_ON = ("running", "queued", "paused")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
RESULT = re.compile(r"provision_(\w+)_result")
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Limits:
    """From when on something needs attention.

    :param today: the day that days are counted from (UTC).
    :param link_days: a share link that ends within so many days.
    :param certificate_days: a certificate that ends within so many days.
    :param full_percent: a share or volume that is used to so many percent.
    """

    today: date
    link_days: int = 14
    certificate_days: int = 30
    full_percent: float = 90


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    :param sort: a number to sort by, where the text will not do.
    :param percent: the length of a bar.
    :param level: `OK`, `WARN`, `BAD` or `INFO` for a cell that judges.
    :param more: lines below the text.
    :param name: whether the text is a name on the device, whose direction is its own.
    """

    text: str
    sort: Optional[float] = None
    percent: Optional[float] = None
    level: str = ""
    more: Sequence[str] = ()
    name: bool = False


@dataclass
class Table:
    """A section of the page; the first cell of a row is the host's name.

    :param empty: what is said when there are no rows.
    :param reported: how many hosts reported what the section is about, rows or none.
    :param notes: sentences below the caption.
    :param optional: whether the section is left out when there are no rows.
    """

    id: str
    title: str
    columns: Sequence[str]
    empty: str
    notes: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    reported: int = 0
    optional: bool = False

    def add(self, host: str, *cells: Cell) -> None:
        """A row of a host."""
        self.rows.append([Cell(host, name=True), *cells])

    @property
    def attention(self) -> int:
        """How many rows there are to look at."""
        return sum(map(needs_attention, self.rows))


def needs_attention(row: Iterable[Cell]) -> bool:
    """Whether a row has something to look at."""
    return any(cell.level in (WARN, BAD) for cell in row)


def first(record: Facts, *names: str) -> Any:
    """The value of the first of these keys that tells something."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def line(text: Any) -> str:
    """A message in one line."""
    return " ".join(str(text).split())


def number(value: Any) -> Optional[float]:
    """A number that a device reported, if it is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def size(value: Any) -> Cell:
    """A size in bytes, for people. It is sorted by what is shown, so that a few bytes more do not make another page."""
    amount = number(value)
    if amount is None:
        return Cell(NOT_REPORTED)
    unit = min(max(len(str(int(abs(amount)))) - 1, 0) // 3, len(UNITS) - 1)
    if round(abs(amount) / 1000**unit) >= 1000 and unit < len(UNITS) - 1:
        unit += 1
    step = 1000**unit
    digits = 1 if unit and abs(amount) < 100 * step else 0
    return Cell(f"{amount / step:.{digits}f} {UNITS[unit]}", int(round(amount / step, digits) * 10) * step // 10)


def named(value: Any) -> Cell:
    """A name or word of the device."""
    return Cell(NOT_REPORTED) if value in (None, "") else Cell(str(value), name=True)


def yes_no(value: Any) -> Cell:
    """What is true or not, or not reported."""
    return Cell(NOT_REPORTED if value is None else "yes" if value else "no")


def within(percent: float) -> float:
    """A part of a hundred with one decimal, whatever a device says: a bar has no other length."""
    return max(0.0, min(round(percent, 1), 100.0))


def usage(record: Facts, limits: Limits) -> list[Cell]:
    """How full something is: a bar, then used, free and total bytes."""
    total, free = (number(first(record, *names)) for names in (("total", "size"), ("free",)))
    used = number(record.get("used"))
    if used is None and total is not None and free is not None:
        used = max(total - free, 0.0)
    if not total or used is None:
        return [Cell(NOT_REPORTED), size(used), size(free), size(total)]
    percent = within(100 * used / total)
    full = percent >= limits.full_percent
    words = [] if not full else ["nearly full"] if percent < 100 else ["full"]
    gauge = Cell(f"{percent:g} %", percent, percent, WARN if full else OK, words)
    return [gauge, size(used), size(free), size(total)]


def health(value: Any) -> Cell:
    """A word of the device for how well a thing is."""
    if value in (None, ""):
        return Cell(NOT_REPORTED)
    if isinstance(value, bool):
        return Cell("healthy" if value else "not healthy", level=OK if value else BAD)
    if number(value) is not None:  # a number whose meaning no vendor tells
        return Cell(str(value), name=True)
    return Cell(str(value), level=OK if str(value).lower() in HEALTHY else BAD, name=True)


def days_until(days: int, limit: int) -> Cell:
    """So many days that something is good yet."""
    words = {0: "ends today", 1: "ends tomorrow"}.get(days, f"{days} days left")
    if days < 0:
        return Cell(f"ended {-days} day{'s'[: days != -1]} ago", days, level=BAD)
    return Cell(words, days, level=WARN if days <= limit else OK)


def as_day(seconds: float) -> str:
    """A point in time as its day, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return NOT_REPORTED


def last_day(ends: Any) -> Optional[date]:
    """The day of a point in time or of a date, if it is one."""
    try:
        return date.fromisoformat(as_day(ends) if isinstance(ends, (int, float)) else str(ends)[: len("YYYY-MM-DD")])
    except ValueError:
        return None


class Fleet:
    """The tables of a report, filled host by host.

    :param limits: from when on something needs attention.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.midnight = int(datetime.combine(limits.today, datetime.min.time(), timezone.utc).timestamp())
        self.devices = Table(
            "devices",
            "Devices",
            ("Device", "State", "Vendor", "Model", "Firmware", "Update", "Remarks"),
            "There are no hosts.",
        )
        self.shares = Table(
            "shares",
            "Shares",
            ("Device", "Share", "Used of the volume", "Used", "Free", "Size"),
            "No shares were read.",
        )
        self.volumes = Table(
            "volumes",
            "Volumes",
            ("Device", "Volume", "State", "Used of the volume", "Used", "Free", "Size", "File system", "RAID"),
            "",
            optional=True,
        )
        self.disks = Table(
            "disks", "Disks", ("Device", "Disk", "State", "Temperature", "Size", "Model"), "", optional=True
        )
        self.links = Table(
            "links",
            "Share links that end soon, never, or have ended",
            ("Device", "Path", "State", "Ends", "Password", "Owner"),
            "No share link has ended, ends soon or has no end.",
        )
        self.certificates = Table(
            "certificates",
            "Certificates",
            ("Device", "Certificate", "Names", "Days left", "Ends"),
            "No certificate was read.",
        )
        self.jobs = Table(
            "jobs", "Running jobs", ("Device", "Job", "Path", "State", "Progress", "Time left"), "No job is running."
        )
        self.drift = Table(
            "drift",
            "Drift: what provision would change",
            ("Device", "Kind", "Path", "Change"),
            "Nothing differs from what is declared.",
        )
        self.accounts = Table(
            "accounts", "Accounts", ("Device", "Account", "State", "Ends", "Description"), "", optional=True
        )
        self._sources = {
            "shares": self.shares,
            "volumes": self.volumes,
            "disks": self.disks,
            "share_links": self.links,
            "tasks": self.jobs,
            "users": self.accounts,
        }
        self.updates = self.later = self.matching = self.undeclared = self.unlisted = self.endless = 0

    @property
    def tables(self) -> list[Table]:
        """The sections of the page."""
        every = (
            self.devices,
            self.shares,
            self.volumes,
            self.disks,
            self.links,
            self.certificates,
            self.jobs,
            self.drift,
            self.accounts,
        )
        return [table for table in every if table.rows or not table.optional]

    def add(self, host: str, facts: Facts) -> None:
        """A host, with what the role has of it: `info`, `certificate`, `drift` and `drift_failed`."""
        info = facts.get("info") or {}
        self._device(host, info)
        if not read(info):
            return
        for key, table in self._sources.items():
            table.reported += info.get(key) is not None
        for share in info.get("shares") or ():
            self.shares.add(host, named(first(share, "path", "name")), *usage(share, self.limits))
        for volume in info.get("volumes") or ():
            self.volumes.add(host, *self._volume(volume))
        for disk in info.get("disks") or ():
            self.disks.add(host, *disk_cells(disk))
        for link in info.get("share_links") or ():
            self._link(host, link)
        self._https_certificate(host, info.get("https_certificate") or {})
        self._certificate(host, facts.get("certificate") or {})
        self.unlisted += info.get("tasks") is None
        self.updates += update(info).text != NOT_REPORTED
        for job in (*(info.get("tasks") or ()), *(info.get("transcoding") or ())):
            if job.get("state") in GOING_ON:
                self.jobs.add(host, *job_cells(job))
        self._drift(host, facts)
        for account in info.get("users") or ():
            self.accounts.add(host, *self._account(account))

    def close(self) -> None:
        """Say in the notes what has no row."""
        for table in self.tables:
            if not table.reported and table is not self.devices:
                table.empty = "No device reported this, or none was asked."
        if self.later:
            self.links.notes.append(f"Not listed: links that end later ({self.later}).")
        if self.unlisted:
            self.jobs.notes.append(f"Devices that do not tell their jobs: {self.unlisted}.")
        if self.matching:
            self.drift.notes.append(f"Devices that are as declared: {self.matching}.")
        if self.undeclared:
            self.drift.notes.append(
                f"Devices that were not compared, or for which nothing is declared: {self.undeclared}."
            )

    def _device(self, host: str, info: Facts) -> None:
        facts = info.get("device") or {}
        failure = info.get("failure") or {}
        remarks = [line(warning) for warning in info.get("warnings") or ()]
        if not info:
            state, remarks = (
                Cell("not read", level=BAD),
                ["The run did not come to this host, or it was left out before."],
            )
        elif info.get("unreachable"):
            state, remarks = Cell("unreachable", level=BAD), [line(info.get("msg", "")), *remarks]
        elif info.get("failed"):
            state, remarks = Cell("failed", level=BAD), [line(info.get("msg", "")), *remarks]
        else:
            state = Cell("read, with gaps", level=WARN) if remarks else Cell("read", level=OK)
        hint = failure.get("hint")
        if hint and not any(line(hint) in one for one in remarks):
            remarks.append(line(hint))
        model, hostname = first(facts, "model"), first(facts, "hostname")
        self.devices.add(
            host,
            state,
            named(first(facts, "vendor")),
            replace(named(model), more=[str(hostname)] if hostname and hostname != host else ()),
            named(first(facts, "version", "firmware")),
            update(info),
            Cell(remarks[0] if remarks else "", more=remarks[1:], name=bool(remarks)),
        )

    def _volume(self, volume: Facts) -> list[Cell]:
        return [
            named(first(volume, "name", "display_name", "label", "path", "id")),
            health(first(volume, "status", "state", "health")),
            *usage(volume, self.limits),
            named(first(volume, "file_system", "fs_type", "filesystem")),
            named(first(volume, "raid", "raid_type")),
        ]

    def _link(self, host: str, link: Facts) -> None:
        ends = number(link.get("expires")) or 0
        days = int((ends - self.midnight) // DAY)
        if link.get("valid") is False:
            state = Cell("has ended" if ends and days <= 0 else "leads to nothing", level=BAD)
        elif not ends:
            state = Cell("never ends", level=WARN)
        elif days <= self.limits.link_days:
            state = days_until(days, self.limits.link_days)
        else:
            self.later += 1
            return
        end = Cell(as_day(ends), ends) if ends else Cell("never", math.inf)
        self.links.add(
            host, named(link.get("path")), state, end, yes_no(link.get("has_password")), named(link.get("owner"))
        )

    def _certificate(self, host: str, certificate: Facts) -> None:
        if certificate.get("skipped") or not certificate:
            return
        self.certificates.reported += 1
        what = Cell("Container Station")
        if certificate.get("failed") or certificate.get("unreachable"):
            reason = line(certificate.get("msg", ""))
            self.certificates.add(host, what, Cell(""), Cell("not read", level=BAD, more=[reason]), Cell(NOT_REPORTED))
            return
        names = ", ".join(map(str, certificate.get("domain_names") or ()))
        end = str(certificate.get("end_date", ""))
        self._ending(host, what, Cell(names or "none of its own", name=bool(names)), end)

    def _https_certificate(self, host: str, certificate: Facts) -> None:
        if not certificate:  # not asked for, or plain http
            return
        self.certificates.reported += 1
        names = ", ".join(map(str, certificate.get("names") or ()))
        common = (certificate.get("subject") or {}).get("commonName")
        end = str(certificate.get("not_after_iso") or "")[: len("YYYY-MM-DD")]
        self._ending(host, Cell("https"), named(names or common), end)

    def _ending(self, host: str, what: Cell, names: Cell, end: str) -> None:
        """A certificate with its last day."""
        try:
            days = (date.fromisoformat(end) - self.limits.today).days
        except ValueError:
            left = Cell(NOT_REPORTED)
        else:
            left = days_until(days, self.limits.certificate_days)
        self.certificates.add(host, what, names, left, named(end))

    def _drift(self, host: str, facts: Facts) -> None:
        found = facts.get("drift") or {}
        failed = [why for one in (facts.get("drift_failed") or {}, *found.values()) for why in reasons(one)]
        before = len(self.drift.rows)
        for name, result in found.items():
            match = RESULT.fullmatch(name)
            subject = match.group(1).replace("_", " ") if match else name
            for path, change in changes(result):
                self.drift.add(host, Cell(subject), named(path), Cell(change, level=WARN))
        for reason in dict.fromkeys(failed):
            self.drift.add(host, Cell("check failed"), Cell(""), Cell(reason, level=BAD, name=True))
        self.drift.reported += bool(found or failed)
        if not found and not failed:
            self.undeclared += 1
        elif len(self.drift.rows) == before:
            self.matching += 1

    def _account(self, account: Facts) -> list[Cell]:
        ends = first(account, "expires_iso", "expires")
        disabled = account.get("disabled")
        unreported = disabled is None and ends is None  # a listing without these
        never = ends is None or ends in (0, "0", "never")
        self.endless += never and not disabled and not unreported
        last = None if never else last_day(ends)
        if disabled:
            state = Cell("disabled")
        elif last and last < self.limits.today:
            state = Cell("has ended")
        else:
            state = Cell("enabled, without an end" if never else "enabled", level=INFO)
        if unreported:
            return [
                named(first(account, "name")),
                Cell(NOT_REPORTED),
                Cell(NOT_REPORTED),
                named(first(account, "description")),
            ]
        return [
            named(first(account, "name")),
            state,
            Cell("never", math.inf) if never else Cell(last.isoformat(), last.toordinal()) if last else named(ends),
            named(first(account, "description")),
        ]


def read(info: Facts) -> bool:
    """Whether a device reported what it was asked."""
    return bool(info) and not info.get("unreachable") and not info.get("failed")


def update(info: Facts) -> Cell:
    """The firmware on offer."""
    if "update" not in info:
        return Cell(NOT_REPORTED)
    offered = info["update"]
    if not isinstance(offered, Mapping):
        return Cell(str(offered), level=WARN, name=True) if offered else Cell("none", level=OK)
    version = first(offered, "version", "available_version", "new_version", "latest")
    available = offered.get("available", version is not None)
    if available is None:
        return Cell(NOT_REPORTED)
    return Cell(str(version or "on offer"), level=WARN, name=True) if available else Cell("none", level=OK)


def disk_cells(disk: Facts) -> list[Cell]:
    """A disk: its name, health, temperature, size and model."""
    degrees = number(first(disk, "temperature", "temp"))
    words = [health(disk[name]) for name in ("health", "status", "state", "smart", "smart_status") if disk.get(name)]
    worst = next((cell for cell in words if cell.level == BAD), words[0] if words else Cell(NOT_REPORTED))
    return [
        named(first(disk, "name", "id", "device")),
        worst,
        Cell(NOT_REPORTED) if degrees is None else Cell(f"{degrees:g} °C", degrees),
        size(first(disk, "total", "size", "capacity")),
        named(first(disk, "model")),
    ]


def job_cells(job: Facts) -> list[Cell]:
    """A job: what it does to what, and how far it is."""
    done, total, left = (number(job.get(name)) for name in ("done", "total", "eta"))
    progress = Cell(NOT_REPORTED)
    if total and done is not None:
        percent = within(100 * done / total)
        progress = Cell(f"{percent:g} %", percent, percent)
    return [
        named(job.get("kind")),
        named(first(job, "path", "processing")),
        Cell(str(job.get("state")), level=INFO),
        progress,
        Cell(NOT_REPORTED) if left is None else Cell(duration(int(left)), left),
    ]


def duration(seconds: int) -> str:
    """So many seconds, for people."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def changes(result: Facts) -> Iterator[tuple[str, str]]:
    """What a task of the role provision would change: paths, and what would become of each."""
    if "results" in result:
        for one in result["results"] or ():
            yield from changes(one)
        return
    if not result.get("changed"):
        return
    arguments = (result.get("invocation") or {}).get("module_args") or {}
    path = first(arguments, "path", "name", "share", "id")
    due = [(str(made), "would be made") for made in result.get("created") or ()]
    due += [
        (str(gone.get("path", "") if isinstance(gone, Mapping) else gone), "would be removed")
        for gone in result.get("deleted") or ()
    ]
    if due:
        yield from due
        return
    word = "would be removed" if arguments.get("state") == "absent" else "would be made or changed"
    for one in path if isinstance(path, (list, tuple)) else [path]:
        yield "" if one is None else str(one), word


def reasons(failed: Facts) -> Iterator[str]:
    """Why a task failed, if it did: of a loop, each of its items."""
    items = [one for one in failed.get("results") or () if one.get("failed") or one.get("unreachable")]
    for one in items or [failed]:
        if one.get("failed") or one.get("unreachable"):
            yield line(one.get("msg", "the check failed"))


def tiles(fleet: Fleet) -> list[tuple[str, int, str, str]]:
    """The numbers at the top: label, count, level and the section that has the rows. What nobody reported has none."""
    devices = fleet.devices.rows
    lost = sum(row[1].level == BAD for row in devices)
    offered = sum(row[5].level == WARN for row in devices)
    found = [
        ("device", "devices", len(devices), INFO, fleet.devices, True),
        ("device not read", "devices not read", lost, BAD, fleet.devices, True),
        ("update on offer", "updates on offer", offered, WARN, fleet.devices, fleet.updates),
        *(
            (f"{one} to look at", f"{many} to look at", table.attention, level, table, table.reported)
            for one, many, level, table in (
                ("volume", "volumes", BAD, fleet.volumes),
                ("disk", "disks", BAD, fleet.disks),
                ("link", "links", WARN, fleet.links),
                ("certificate", "certificates", WARN, fleet.certificates),
            )
        ),
        ("share nearly full", "shares nearly full", fleet.shares.attention, WARN, fleet.shares, fleet.shares.reported),
        (
            "account without an end",
            "accounts without an end",
            fleet.endless,
            INFO,
            fleet.accounts,
            fleet.accounts.reported,
        ),
        ("running job", "running jobs", len(fleet.jobs.rows), INFO, fleet.jobs, fleet.jobs.reported),
        ("change due", "changes due", fleet.drift.attention, WARN, fleet.drift, fleet.drift.reported),
    ]
    return [
        (one if count == 1 else many, count, level if count or level == INFO else OK, table.id)
        for one, many, count, level, table, reported in found
        if reported and table in fleet.tables
    ]


def hashed(text: str) -> str:
    """A script or style as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def printable(value: Any) -> Any:
    """A value as it may stand in a page: what HTML cannot hold or show is a replacement character."""
    return UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(hosts: Mapping[str, Facts], templates: Path, title: str, limits: Limits) -> str:
    """The whole page.

    :param hosts: what the role has of each host, by name.
    :param templates: the folder with `report.html.j2`, `report.css` and `report.js`.
    """
    fleet = Fleet(limits)
    for host, facts in hosts.items():
        fleet.add(str(host), facts)
    fleet.close()
    style, script = (
        (templates / name).read_text(encoding="utf-8").strip() + "\n" for name in ("report.css", "report.js")
    )
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2").render(
        title=title,
        limits=limits,
        tables=fleet.tables,
        tiles=tiles(fleet),
        needs_attention=needs_attention,
        style=Markup(style),  # noqa: S704 - the role's own file
        script=Markup(script),  # noqa: S704
        style_hash=hashed(style),
        script_hash=hashed(script),
    )
