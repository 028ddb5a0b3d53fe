# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: `python -m tests.simulator VENDOR --root DIR ...` serves until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import VENDORS
from .core.faults import Book, Faults
from .core.log import RequestLog
from .core.server import Server
from .core.settings import Settings
from .core.vendor import Vendor


def parser() -> argparse.ArgumentParser:
    """Every option."""
    top = argparse.ArgumentParser(prog="python -m tests.simulator", description="A simulated NAS on 127.0.0.1.")
    top.add_argument("vendor", choices=[*VENDORS, "all"])
    top.add_argument(
        "--root",
        type=Path,
        required=True,
        metavar="DIR",
        help="its first-level folders are the shares; with `all`: those of DIR/VENDOR are",
    )
    top.add_argument(
        "--port", type=int, default=0, help="0 (default): the kernel chooses; with `all` or `--count` always so"
    )
    top.add_argument(
        "--count",
        type=positive,
        metavar="N",
        help="so many devices of the vendor (with `all`: of each), with ports of their own and DIR/1 .. DIR/N as roots",
    )
    top.add_argument(
        "--latency",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="a network round trip: connecting, each flight of a TLS handshake and each answer cost it",
    )
    top.add_argument("--user", default="admin", help="Freebox: the application's id")
    top.add_argument("--password", default="secret", help="Freebox: the application's token")
    top.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="serve https with these PEM files")
    top.add_argument("--profile", default="", metavar="NAME", help="with `all`: synology=NAME,qnap=NAME,freebox=NAME")
    top.add_argument("--faults", type=Path, metavar="FILE", help="what to inject (README.md); may change while serving")
    top.add_argument("--log", type=Path, metavar="FILE", help="append one JSON line a request")
    top.add_argument(
        "--grant-after", type=float, default=0.0, metavar="SECONDS", help="Freebox: a pairing is granted after so long"
    )
    top.add_argument("--session-seconds", type=float, default=900.0, metavar="N", help="life of an idle session")
    top.add_argument("--otp-secret", default="", metavar="BASE32", help="two-step login: TOTP codes of this secret")
    top.add_argument("--otp-code", default="", metavar="CODE", help="two-step login: this code")
    top.add_argument(
        "--vendor-opt",
        action="append",
        default=[],
        metavar="[VENDOR.]KEY=VALUE",
        help="a setting of the device; README.md lists them",
    )
    return top


def positive(text: str) -> int:
    """A number of devices."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def seconds(text: str) -> float:
    """A time that is not negative."""
    if not (number := float(text)) >= 0:
        raise ValueError(text)
    return number


def settings_for(vendor: str, args: argparse.Namespace, number: int = 0) -> Settings:
    """The settings of one of the devices asked for; `number` is its own where there are several of a vendor."""
    several = args.vendor == "all"
    profile = args.profile
    if several or "=" in profile:
        profile = dict(item.partition("=")[::2] for item in profile.split(",") if item).get(vendor, "")
    options: dict[str, str] = {}
    for item in args.vendor_opt:
        name, _equals, value = item.partition("=")
        scope, dot, key = name.partition(".")
        if not dot:
            options.setdefault(name, value)
        elif scope == vendor:
            options[key] = value
    root = args.root / vendor if several else args.root
    root = root / str(number) if number else root
    root.mkdir(parents=True, exist_ok=True)
    return Settings(
        vendor=vendor,
        root=root,
        user=args.user,
        password=args.password,
        profile=profile,
        session_seconds=args.session_seconds,
        otp_secret=args.otp_secret,
        otp_code=args.otp_code,
        grant_after=args.grant_after,
        options=options,
        tls=bool(args.tls),
    )


async def serve(args: argparse.Namespace, book: Book) -> None:
    """Start every device, say so, wait for a signal, stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=32, thread_name_prefix="disk"))
    log = RequestLog(args.log)
    servers = []
    alone = args.vendor != "all" and args.count is None
    for name in VENDORS if args.vendor == "all" else (args.vendor,):
        vendor_class: type[Vendor] = importlib.import_module(f".{name}", __package__).VENDOR
        for number in range(1, (args.count or 1) + 1):
            settings = settings_for(name, args, number if args.count else 0)
            server = Server(vendor_class(settings), log.of(number), Faults(book, number), latency=args.latency)
            url = await server.start(args.port if alone else 0, tuple(args.tls) if args.tls else None)
            servers.append(server)
            print(f"ready {name} {url}", flush=True)
    await stop.wait()
    await asyncio.gather(*(server.stop() for server in servers))
    log.close()


def main() -> None:
    args = parser().parse_args()
    book = Book(args.faults)
    try:
        book.read()
    except (OSError, ValueError) as exc:
        sys.exit(f"simulator: --faults {args.faults}: {exc}")
    try:
        asyncio.run(serve(args, book))
    except OSError as exc:
        sys.exit(f"simulator: {exc}")


if __name__ == "__main__":
    main()
