# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action pod_spread: the module of that name, run in the controller's process."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.plugins.modules import pod_spread
from ansible_collections.zoneops.openstack.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    module = pod_spread.MODULE
