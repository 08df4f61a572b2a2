# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a module that writes to OpenStack: the flow is the same for every API."""

from __future__ import annotations

from .._plan.writer import OPTIONS, converge

__all__ = ["OPTIONS", "converge"]
