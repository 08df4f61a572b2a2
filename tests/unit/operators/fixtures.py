# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real operators left behind. It lies beside the checkout and never in it."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

VARIABLE = "ZONEOPS_FIXTURES"
RELEASE = "rhoso-18.0-fr6"


def read(kind: str, design: str = "plain") -> Any:
    """The objects of one kind, for example `pods`, of the design `plain` or `unique-pod-names`: a copy, since tests change it."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        raise RuntimeError(f"set {VARIABLE} to the folder that holds {RELEASE}; the suite unit:operators does")
    return json.loads(_text(Path(folder) / RELEASE / design / f"{kind}.json"))


@functools.cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
