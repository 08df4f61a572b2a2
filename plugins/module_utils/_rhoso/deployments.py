# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of the data plane: what is there, and what is made. Their spec cannot change. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ANNOTATION = "zoneops.openstack/rolls-out"
#: The operators write it beside the message while a step goes on as well: only with this severity it is an end.
ERROR = "Error"


@dataclass(frozen=True)
class Content:
    """What a host has, or shall have, as digests.

    :ivar nova: the zone's nova configuration and service.
    :ivar shared: what all hosts of the set have in common.
    :ivar own: the host's own part.
    """

    nova: str
    shared: str
    own: str


@dataclass(frozen=True)
class Deployment:
    """A deployment that is there.

    :ivar hosts: the hosts that it is limited to; empty: all of its sets.
    :ivar state: done, failed or running.
    :ivar rolls_out: what it brings to each host; None for one that somebody else made.
    """

    name: str
    node_sets: tuple[str, ...]
    services: tuple[str, ...]
    hosts: tuple[str, ...]
    state: str
    message: str
    created: str
    uid: str
    rolls_out: Mapping[str, Content] | None

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Deployment:
        metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
        wrong = list(dict.fromkeys(_errors(status)))
        limit = str(spec.get("ansibleLimit") or "")
        return cls(
            name=str(metadata["name"]),
            node_sets=tuple(spec.get("nodeSets") or ()),
            services=tuple(spec.get("servicesOverride") or ()),
            hosts=tuple(part for part in limit.replace(":", ",").split(",") if part not in ("", "*", "all")),
            state="done" if status.get("deployed") else "failed" if wrong else "running",
            message="; ".join(wrong) or _progress(status),
            created=str(metadata.get("creationTimestamp") or ""),
            uid=str(metadata.get("uid") or ""),
            rolls_out=_rolls_out(metadata),
        )


def _conditions(status: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield from status.get("conditions") or ()
    for conditions in (status.get("nodeSetConditions") or {}).values():
        yield from conditions


def _errors(status: Mapping[str, Any]) -> Iterable[str]:
    for condition in _conditions(status):
        if condition.get("status") == "False" and ERROR in (condition.get("severity"), condition.get("reason")):
            yield str(condition.get("message") or condition.get("type"))


def _progress(status: Mapping[str, Any]) -> str:
    waiting = [item for item in _conditions(status) if item.get("status") != "True" and item.get("type") != "Ready"]
    return next((f"{item.get('type')}: {item.get('message')}" for item in waiting), "not begun")


def _rolls_out(metadata: Mapping[str, Any]) -> Mapping[str, Content] | None:
    text = (metadata.get("annotations") or {}).get(ANNOTATION)
    try:
        found = json.loads(text) if text else None
        return {host: Content(*digests) for host, digests in found.items()} if isinstance(found, dict) else None
    except (ValueError, TypeError):
        return None


def body(
    name: str,
    namespace: str,
    api_version: str,
    node_sets: Sequence[str],
    rolls_out: Mapping[str, Content],
    *,
    services: Sequence[str] = (),
    hosts: Sequence[str] = (),
) -> dict[str, Any]:
    """A new deployment. Without services all of the set, without hosts all of them."""
    said = {host: [content.nova, content.shared, content.own] for host, content in sorted(rolls_out.items())}
    spec: dict[str, Any] = {"nodeSets": list(node_sets)}
    spec |= {"servicesOverride": list(services)} if services else {}
    spec |= {"ansibleLimit": ",".join(hosts)} if hosts else {}
    return {
        "apiVersion": api_version,
        "kind": "OpenStackDataPlaneDeployment",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": {ANNOTATION: json.dumps(said, separators=(",", ":"))},
        },
        "spec": spec,
    }


def next_name(node_set: str, deployments: Iterable[Deployment], ahead: int = 0) -> str:
    """A name that no deployment has: the set's and a number, one higher than any."""
    numbers = [item.name.removeprefix(f"{node_set}-") for item in deployments]
    highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return f"{node_set}-{highest + 1 + ahead}"
