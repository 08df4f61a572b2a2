# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Property tests: no deadline per example (legs run beside each other), and a failure prints how to repeat it.

ZONEOPS_EXAMPLES says how many: fewer where another leg draws the same. In CI the examples are the same each time: what changes between two runs is the code.

What is loaded for the tests stays until the end, and is not looked through for garbage again and again: that is a twentieth of their processor time.
"""

from __future__ import annotations

import gc
import os

from hypothesis import settings

settings.register_profile(
    "zoneops",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("ZONEOPS_EXAMPLES", "100")),
)
settings.load_profile("zoneops")


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
