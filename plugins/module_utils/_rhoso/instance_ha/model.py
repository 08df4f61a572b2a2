# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instance HA as the cluster has it, and the marks on it of the zones that it is off for. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..names import FOR_ZONE

API_VERSION, KIND = "instanceha.openstack.org/v1beta1", "InstanceHa"
#: The annotations: the zones that it is off for, one after the other, and what `spec.disabled` was before.
FOR, BEFORE = FOR_ZONE, "zoneops.openstack/disabled-before"
OFF, ON = "True", "False"


@dataclass(frozen=True)
class InstanceHa:
    """One object of that kind.

    :ivar disabled: its `spec.disabled`; None where the cluster's definition has no such field. The operator itself takes text.
    :ivar zones: those in maintenance or lost that it is off for.
    :ivar before: what `disabled` was when it was switched off.
    :ivar settled: whether the operator has carried out what the object says.
    :ivar version: of the object, which every write changes, also one of the operator.
    """

    name: str
    uid: str
    disabled: str | None
    zones: tuple[str, ...] = ()
    before: str | None = None
    settled: bool = True
    version: str = field(default="", compare=False)

    @property
    def off(self) -> bool:
        return (self.disabled or "").lower() == OFF.lower()

    @property
    def shown(self) -> dict[str, Any]:
        return {"disabled": self.disabled, **({"off_for": list(self.zones)} if self.zones else {})}


def instance_ha(body: Mapping[str, Any]) -> InstanceHa:
    """Of an object as the API answers it."""
    metadata, status = body["metadata"], body.get("status") or {}
    notes = metadata.get("annotations") or {}
    disabled = (body.get("spec") or {}).get("disabled")
    return InstanceHa(
        metadata["name"],
        metadata["uid"],
        None if disabled is None else str(disabled),
        zones_of(notes.get(FOR)),
        notes.get(BEFORE),
        settled=_is_settled(metadata, status),
        version=metadata.get("resourceVersion", ""),
    )


def zones_of(mark: str | None) -> tuple[str, ...]:
    """Of the annotation."""
    return tuple(sorted({name.strip() for name in (mark or "").split(",")} - {""}))


def mark_of(zones: Iterable[str]) -> str | None:
    """The annotation; None for no zone."""
    return ",".join(sorted(zones)) or None


def _is_settled(metadata: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    """A condition of an earlier generation says nothing about this one."""
    seen = (status.get("observedGeneration") or 0) >= (metadata.get("generation") or 0)
    ready = [one.get("status") for one in status.get("conditions") or () if one.get("type") == "Ready"]
    return seen and ready == ["True"]
