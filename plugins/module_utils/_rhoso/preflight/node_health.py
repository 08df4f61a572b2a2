# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a node health check watches each zone, would act when one is lost, and has something to act with. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..._kubernetes.selectors import selects
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Zone
from ..status.pods import Body, Node
from .observed import Cluster, Found


def of_region(found: Cluster) -> Found:
    """What is wrong with the operators, and with the checks themselves."""
    yield from _operators(found)
    if "NodeHealthCheck" in found.unread:
        return
    checks = found.all("NodeHealthCheck")
    if not checks:
        message = "there is no NodeHealthCheck: pods of a lost zone stay Terminating and are not replaced."
        yield "no_health_check", f"{message} Install Node Health Check and Self Node Remediation."
    for item in checks:
        name, spec = item["metadata"]["name"], item.get("spec") or {}
        if spec.get("pauseRequests"):
            yield "health_check_paused", f"NodeHealthCheck {name} is paused ({', '.join(spec['pauseRequests'])})."
        templates = list(templates_of(item))
        if not templates:
            yield (
                "no_remediation",
                f"NodeHealthCheck {name} names no remediation: name the template of Self Node Remediation.",
            )
        for template in templates:
            if found.templates.get(called(template)) is False:
                message = f"NodeHealthCheck {name} names {called(template)}, which does not exist"
                yield (
                    "no_remediation",
                    f"{message}: no lost node would be remediated. Correct the name, or install what creates it.",
                )


def _operators(found: Cluster) -> Found:
    """Without its operator an object is taken, and nothing comes of it. One that shall not run has no replicas."""
    for item in found.all("Deployment"):
        wanted = (item.get("spec") or {}).get("replicas", 1)
        if wanted and not (item.get("status") or {}).get("availableReplicas"):
            name, space = item["metadata"]["name"], item["metadata"].get("namespace")
            message = f"operator {name} in {space} has 0 of {wanted} pods available: a run that applies objects there would time out"
            yield "operator_down", f"{message}. Check its pods first."


def templates_of(check: Body) -> Iterator[Mapping[str, Any]]:
    """References to the remediation templates of a check: one, or several one after the other."""
    spec = check.get("spec") or {}
    one = [spec["remediationTemplate"]] if spec.get("remediationTemplate") else []
    several = [step.get("remediationTemplate") for step in spec.get("escalatingRemediations") or ()]
    yield from (reference for reference in [*one, *several] if reference)


def called(template: Mapping[str, Any]) -> str:
    """A template, as it is told and remembered."""
    space = f"{template['namespace']}/" if template.get("namespace") else ""
    return f"{template.get('kind') or 'template'} {space}{template.get('name')}"


def of_zone(zone: Zone, place: ZoneKubernetes, found: Cluster) -> Found:
    """A check that finds too many nodes ill at once does nothing at all, nor does one that watches other nodes."""
    checks = found.all("NodeHealthCheck")
    labels = {item["metadata"]["name"]: item["metadata"].get("labels") or {} for item in found.all("Node")}
    nodes = [Node.of(item) for item in found.all("Node")]
    workers = {node.name for node in nodes if _is_worker(node, place)}
    for item in checks:
        watched = {name for name, mine in labels.items() if _selects(item, mine)}
        lost = {node.name for node in nodes if node.name in watched and _is_in(node, place)}
        allowed = _may_be_ill(item.get("spec") or {}, len(watched))
        workers -= watched
        if len(lost) > max(allowed, 0):
            message = (
                f"NodeHealthCheck {item['metadata']['name']} allows {allowed} of its {len(watched)} nodes to be unhealthy, and zone "
                f"{zone.name} has {len(lost)}: it would do nothing when the zone is lost. Lower minHealthy."
            )
            yield "zone_too_large", message
    if checks and workers:
        message = f"no NodeHealthCheck watches {', '.join(sorted(workers))}: when zone {zone.name} is lost their pods stay there"
        yield "not_watched", f"{message}. Widen the selector of one, or create one for them."


def _is_in(node: Node, place: ZoneKubernetes) -> bool:
    """By its label, or by the map before it is labelled."""
    return node.label == place.node_label or node.name in (*place.workers, *place.masters)


def _is_worker(node: Node, place: ZoneKubernetes) -> bool:
    return node.name in place.workers or (_is_in(node, place) and not node.master and node.name not in place.masters)


def _may_be_ill(spec: Mapping[str, Any], count: int) -> int:
    """How many nodes may be ill while the check still does something. Percentages of healthy ones are rounded up."""
    ill = spec.get("maxUnhealthy")
    if ill is not None:
        return math.floor(count * int(str(ill)[:-1]) / 100) if str(ill).endswith("%") else int(ill)
    healthy = str(spec.get("minHealthy", "51%"))
    needed = math.ceil(count * int(healthy[:-1]) / 100) if healthy.endswith("%") else int(healthy)
    return max(0, count - needed)


def _selects(item: Body, labels: Mapping[str, str]) -> bool:
    """By the label selector of the check."""
    return selects((item.get("spec") or {}).get("selector") or {}, labels)
