# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the lab's command line as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).parents[1]


def zonelab(state: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command line, as a user does."""
    done = subprocess.run(
        command(state, *arguments), env=environment(), capture_output=True, text=True, timeout=600, check=False
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def command(state: Path, *arguments: str) -> list[str]:
    """The command line of the lab in a folder."""
    return [sys.executable, "-m", "zonelab", "--state", str(state), *arguments]


def environment() -> dict[str, str]:
    """The package is found by PYTHONPATH, as documented."""
    return {**os.environ, "PYTHONPATH": str(PACKAGES)}
