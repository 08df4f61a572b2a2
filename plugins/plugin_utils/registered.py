# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of modules that a task is given by the names of the variables that hold them.

A template of a result costs more than all that is done with it: newer cores look at every value in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.validation import check_type_dict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.calls import REGISTERED

# Not defined where the task that registers it was not reached.
OWN = REGISTERED | {"zoneops_region_info"}
ADVICE = "give the result of a module, or the name of the registered variable that holds it"


def results(option: str, given: Iterable[Any], variables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Each of them; empty for a call of this collection's roles that did not run."""
    return [result(option, one, variables) for one in given]


def result(option: str, given: Any, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result itself, or what the variable of that name holds."""
    named = isinstance(given, str) and given.isidentifier()
    if named and given not in variables and given not in OWN:
        raise AnsibleActionFail(f"option {option}: there is no variable {given}: {ADVICE}")
    found = variables.get(given, {}) if named else given
    if isinstance(found, Mapping):
        return found
    try:
        # As text, which Ansible takes for a mapping in other options, too.
        return dict(check_type_dict(found))
    except TypeError:
        what = f"variable {given} holds a template or something else that" if named else f"{given!r}"
        raise AnsibleActionFail(f"option {option}: {what} is not the result of a module: {ADVICE}") from None
