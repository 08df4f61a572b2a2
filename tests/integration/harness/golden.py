# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages in a form that is the same in every run."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .clouds_file import INVALID_TOKEN, WRONG_PASSWORD
from .play import Run

# What must never be seen, in no output and no result.
SECRETS = ("labpassword", WRONG_PASSWORD, INVALID_TOKEN, "hunter2")


def said(run: Run, ports: Mapping[str, int]) -> dict[str, str]:
    """The messages of failed hosts; addresses of the lab become <nova>, request ids req-…."""
    return {host: steady(message, ports) for host, message in run.failures.items()}


def steady(message: str, ports: Mapping[str, int]) -> str:
    for service, port in ports.items():
        message = message.replace(f"http://127.0.0.1:{port}", f"<{service}>")
    return re.sub(r"req-[0-9a-f-]+", "req-…", message)
