# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that stay open between requests."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import http.client


def is_open(connection: http.client.HTTPConnection) -> bool:
    """Whether the other side has not closed it meanwhile."""
    if connection.sock is None:
        return False
    poll = select.poll()  # select() itself ends at 1024 descriptors
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)
