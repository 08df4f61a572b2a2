# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Kubernetes lab is made of: the nodes of its zones."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from zonelab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE_NAME_PART = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?\Z")


@dataclass(frozen=True)
class KubeOptions:
    """The size of a lab, and where its custom resource definitions come from (None: the lab's own)."""

    zones: tuple[str, ...] = ("az1", "az2", "az3")
    workers: int = 3
    masters: int = 1
    crds: str | None = None
    operators: bool = False
    installed: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not boot, in words."""
        if bad := [zone for zone in self.zones if not NODE_NAME_PART.match(zone) or len(zone) > 40]:
            raise LabError(f"zone names {bad}: use letters, digits and -, at most 40 (they name nodes and are labels)")
        if not self.zones or len({zone.lower() for zone in self.zones}) != len(self.zones):
            raise LabError(f"zones {list(self.zones)}: at least one is needed, each name once")
        if self.workers < 1 or self.masters < 0:
            raise LabError(f"--workers {self.workers}, --masters {self.masters}: at least 1 worker and 0 masters")
        if self.installed and not self.operators:
            raise LabError("--installed: a control plane needs its operators; add --operators")

    def nodes(self, zone: str) -> dict[str, str]:
        """Each node of a zone and its role."""
        counts = {"master": self.masters, "worker": self.workers}
        return {f"{role}-{zone.lower()}-{index}": role for role, count in counts.items() for index in range(count)}

    def shape(self) -> dict[str, Any]:
        """What decides about the nodes; definitions can be applied to a lab that has others."""
        return {"zones": list(self.zones), "workers": self.workers, "masters": self.masters}

    def as_dict(self) -> dict[str, Any]:
        """For the record."""
        return {**asdict(self), "zones": list(self.zones)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> KubeOptions:
        """From the record."""
        return cls(**{**values, "zones": tuple(values["zones"])})
