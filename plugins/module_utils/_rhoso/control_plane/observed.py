# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is observed of the control plane in addition to its parts. Data only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..._kubernetes.apply import reconcile
from ..._kubernetes.client import Body


@dataclass(frozen=True)
class Scheduling:
    """What decides where pods run.

    :ivar topologies: the Topologies by name.
    """

    topologies: Mapping[str, Body]
    nodes: Sequence[Body]


@dataclass(frozen=True, kw_only=True)
class Observed(reconcile.Observed):
    """The parts, and what only some runs read.

    :ivar accepted: the zones of the call that are not refused: what zones share is looked at as these want it.
    :ivar scheduling: read where something is to be written, None until then.
    :ivar unready: what is missing of each zone, by a run that verifies.
    :ivar shared_unready: the same of what zones share.
    :ivar late: what is missing of each part that an earlier run has applied, by a run that waits.
    :ivar older_pods: glance's pods that run by an older rule for copies, in one sentence.
    :ivar unused_policy: that this rule is there and nothing uses it, in one sentence.
    """

    accepted: frozenset[str]
    scheduling: Scheduling | None = None
    unready: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shared_unready: Sequence[str] = ()
    late: Mapping[str, str] = field(default_factory=dict)
    older_pods: str = ""
    unused_policy: str = ""
