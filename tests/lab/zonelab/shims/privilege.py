# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No root: what the services would do through privsep or rootwrap runs in the process, as this user.

Nothing of the lab needs a privilege: its hypervisor is a fake and its volumes are files of this user.
"""

from __future__ import annotations

from typing import Any

import os_brick
import os_brick.privileged
from oslo_config import cfg


def run_unprivileged(*contexts: Any) -> None:
    """Call privileged functions directly instead of through a daemon started by sudo."""
    os_brick.setup(cfg.CONF)
    for context in (os_brick.privileged.default, *contexts):
        context.set_client_mode(False)
