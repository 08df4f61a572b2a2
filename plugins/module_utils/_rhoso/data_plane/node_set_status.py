# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the operator has taken in a NodeSet as it is now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..status.pods import condition
from .deployments import ERROR


def why_not_accepted(node_set: Mapping[str, Any] | None) -> str:
    """What is missing, with the conditions in error: `SetupReady` itself only says that the setup began."""
    if node_set is None:
        return "it does not exist"
    seen = (node_set.get("status") or {}).get("observedGeneration")
    if seen is None or seen < node_set["metadata"].get("generation", 0):
        return "its operator has not seen the change yet"
    ready = condition(node_set, "SetupReady")
    if ready.get("status") == "True":
        return ""
    wrong = "; ".join(_in_error(node_set))
    return wrong or str(ready.get("message") or "SetupReady is not reported yet")


def _in_error(node_set: Mapping[str, Any]) -> Iterator[str]:
    """`Ready` repeats the worst of the others, and `DeploymentReady` may tell of an earlier deployment."""
    for found in (node_set.get("status") or {}).get("conditions") or ():
        failed = found.get("status") == "False" and ERROR in (found.get("reason"), found.get("severity"))
        if failed and found.get("type") not in ("Ready", "DeploymentReady"):
            yield f"{found.get('type')}: {found.get('message')}"
