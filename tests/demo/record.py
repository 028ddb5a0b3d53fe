# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records `make demo` in a terminal: `python -m tests.demo.record` writes docs/images/demo.svg.

The picture plays once, at the pace of the run but without its pauses, and then stays at the end of the run; where
less motion is wished, or nothing moves, it is the end at once. The trees of the devices are left out.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from html import escape

from tests.support.devices import ROOT

PICTURE = ROOT / "docs" / "images" / "demo.svg"
COLUMNS, ROWS = 110, 30
PAUSE = 0.35  # seconds, at most, between two lines
LINE, LETTER, EDGE = 17, 7.83, 12  # pixels
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
SGR = re.compile(r"\x1b\[([\d;]*)m")
LEFT_OUT = re.compile(r">>> What is on (.*):")
DESCRIPTION = (
    "A terminal. make demo starts a simulated Synology, QNAP and Freebox and runs one playbook for all three: shared "
    "folders, accounts, rights, folders, files, an archive, a share link and a certificate; most tasks say changed. It "
    "runs the playbook again: every task says ok, and the last line is: second run: changed=0."
)


def recorded() -> list[tuple[float, str]]:
    """What the demo prints on a terminal: each line, with the seconds from the start."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.demo"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, env=environment
    )
    os.close(theirs)
    begin, lines = time.monotonic(), []
    with open(ours, encoding="utf-8", errors="replace") as stream:
        try:
            for line in stream:
                lines.append((time.monotonic() - begin, line.rstrip()))
        except OSError:  # how a terminal says that nobody writes to it any more
            pass
    if process.wait():
        raise SystemExit("the demo failed")
    return lines


def shortened(lines: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Without the trees, with no two empty lines in a row, and with short pauses."""
    kept: list[tuple[float, str]] = [(0.0, "$ make demo")]
    before, skipping = 0.0, False
    for moment, line in lines:
        if line.startswith(">>>") or line == "":
            skipping = bool(LEFT_OUT.match(line)) or (skipping and line == "")
        if not skipping and (line or kept[-1][1]):
            kept.append((kept[-1][0] + min(moment - before, PAUSE), line))
        before = moment
    return kept


def spans(line: str) -> str:
    """A line with its colours, as SVG."""
    parts, colour = [], ""
    for number, part in enumerate(SGR.split(line)):
        if number % 2:
            colour = next((COLOURS[code] for code in part.split(";") if code in COLOURS), "")
        elif part:
            parts.append(f'<tspan fill="{colour}">{escape(part)}</tspan>' if colour else escape(part))
    return "".join(parts)


def picture(lines: list[tuple[float, str]]) -> str:
    """The recording as one SVG."""
    wide, high = round(COLUMNS * LETTER + 2 * EDGE), ROWS * LINE + 2 * EDGE
    lasts = max(lines[-1][0], 0.1)
    frames = [
        f"{100 * moment / lasts:.2f}%{{transform:translateY({(ROWS - number) * LINE}px)}}"
        for number, (moment, _line) in enumerate(lines, 1)
    ]
    rows = [
        f'<text x="{EDGE}" y="{number * LINE - 5}">{spans(line)}</text>'
        for number, (_moment, line) in enumerate(lines, 1)
        if line
    ]
    end = (ROWS - len(lines)) * LINE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" aria-labelledby="t d">',
            '<title id="t">make demo: three devices, one playbook, and a second run that changes nothing</title>',
            f'<desc id="d">{escape(DESCRIPTION)}</desc>',
            "<style>",
            "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
            "white-space:pre;fill:#e6edf3}",
            f"@keyframes run{{{''.join(frames)}}}",
            f"@media (prefers-reduced-motion:no-preference){{#run{{animation:run {lasts:.1f}s step-end 1 both}}}}",
            "</style>",
            f'<rect width="{wide}" height="{high}" rx="8" fill="#0d1117"/>',
            f'<svg y="{EDGE}" width="{wide}" height="{ROWS * LINE}" overflow="hidden">'
            f'<g id="run" style="transform:translateY({end}px)">',
            *rows,
            "</g></svg>",
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(shortened(recorded())), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size} bytes")
