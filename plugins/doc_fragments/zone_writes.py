# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that changes zones takes."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  journal:
    description:
      - File to which every write is appended, with its request ids, the state before the first write, and the plan.
        One JSON object per line. Only the owner of the file can read it.
    type: path
  saved_plan:
    description:
      - File of a plan that M(zoneops.openstack.save_plan) wrote in check mode. The call makes the changes of this plan and no others.
      - A zone that needs any other change is refused, since something has changed after the plan was saved. Changes that have been made already are no
        obstacle, so that an interrupted run is continued with the same plan.
    type: path
"""
