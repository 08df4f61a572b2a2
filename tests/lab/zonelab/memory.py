# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes really take: of memory their proportional share of what is shared (PSS), and processor time."""

from __future__ import annotations

import os
import re
from pathlib import Path

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def pss_mb(pid: int) -> float | None:
    """Megabytes; None when the process is gone."""
    try:
        match = PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(match.group(1)) / 1024 if match else None


def processor_seconds(pid: int) -> float:
    """Since the process began: unlike the clock, it tells the same on a busy machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime
