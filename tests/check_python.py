# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what to install where this Python cannot make the environment that the tests need.

`make` runs it before all else, so it is written for any Python, also 2.7.
"""

import sys

OLDEST = (3, 11)


def problem(version, has_pip):
    """What is wrong with a Python, and what to do about it; None when nothing is.

    :param version: a tuple such as (3, 11).
    :param has_pip: whether it can put pip into a new environment.
    """
    name = "{}.{}".format(*version[:2])
    if version[:2] < OLDEST:
        return (
            "Python {} is too old: the tests need {}.{} or later. Install one (python3 and python3-venv on Debian 12 "
            "and Ubuntu 24.04 or later, python3.12 on Fedora and RHEL, python@3.12 with brew), and name it, such as: "
            "make PYTHON=python3.12"
        ).format(name, *OLDEST)
    if not has_pip:
        return (
            "Python {0} lacks the module venv, or the pip that it puts into an environment. On Debian and Ubuntu: "
            "apt install python{0}-venv (or python3-venv). Then run make again."
        ).format(name)
    return None


def main():
    """Print the problem; the exit status is 0 when there is none."""
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        has_pip = False
    else:
        has_pip = True
    found = problem(tuple(sys.version_info), has_pip)
    if found:
        sys.stderr.write(found + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
