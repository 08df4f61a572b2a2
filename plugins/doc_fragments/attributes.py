# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module and action of the collection says about check mode, diff, idempotence and its action group."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what a run would change, without changing anything.
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    description: A second run with the same arguments changes and writes nothing, if others did not change the cloud in the meantime.
  action_group:
    description: The action group whose members share O(ignore:module_defaults), for example the credentials of the cloud.
"""

    # For modules that talk to OpenStack.
    OPENSTACK = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/zoneops.openstack.openstack) in C(module_defaults) to set the options of this module.
    support: full
    membership:
      - zoneops.openstack.openstack
"""

    # For modules that talk to Kubernetes.
    KUBERNETES = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/zoneops.openstack.kubernetes) in C(module_defaults) to set the options of this module.
    support: full
    membership:
      - zoneops.openstack.kubernetes
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: Reads only; check mode makes no difference.
  diff_mode:
    support: N/A
    details: Reads only.
  idempotent:
    support: full
    details: Reads only; never changed.
"""

    # For modules that write.
    WRITER = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""
