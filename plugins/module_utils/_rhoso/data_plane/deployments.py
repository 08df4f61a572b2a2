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
#: What the hosts had before: no API tells, and deployments may be deleted.
HAD = "zoneops.openstack/had"
#: What the operators write with this passes: a certificate that is not there yet, a Job with retries left. They try again.
ERROR = "Error"
#: The one reason behind which they do not look at a deployment again.
FINAL = "BackoffLimitExceeded"


@dataclass(frozen=True)
class Content:
    """What a host has, or shall have, as digests.

    :ivar nova: the zone's nova configuration and service.
    :ivar shared: what all hosts of the set have in common.
    :ivar own: the host's own part.
    :ivar secrets: the values of the Secrets that the set names; empty where nobody noted them.
    """

    nova: str
    shared: str
    own: str
    secrets: str = ""

    def differs(self, want: Content) -> bool:
        """Whether anything but nova is to be rolled out."""
        return (self.shared, self.own) != (want.shared, want.own) or self.lacks_secrets(want)

    def lacks_secrets(self, want: Content) -> bool:
        return bool(self.secrets and want.secrets) and self.secrets != want.secrets


@dataclass(frozen=True)
class Had:
    """What the hosts of a set have at some moment.

    :ivar contents: by host; one that is missing was never deployed.
    :ivar strangers: hosts whose keys the others may not have.
    """

    contents: Mapping[str, Content]
    strangers: tuple[str, ...] = ()

    def written(self, **more: str) -> str:
        """For an annotation."""
        return _json({"hosts": _digests(self.contents), "strangers": list(self.strangers), **more})

    @classmethod
    def of(cls, found: Any) -> Had | None:
        """Of what is written; None where nobody understands it."""
        try:
            return cls(_contents(found["hosts"]), tuple(str(name) for name in found["strangers"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


NOTHING = Had({})


@dataclass(frozen=True)
class Deployment:
    """A deployment that is there.

    :ivar hosts: the hosts that it is limited to; empty: all of its sets.
    :ivar state: done, failed or running; failed is final, and one with an error that may pass is running.
    :ivar message: the errors, else how far it is.
    :ivar rolls_out: what it brings to each host; None for one that others created.
    :ivar had: what the hosts had before it, where that was noted.
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
    had: Had | None = None

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Deployment:
        metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
        final, passing = _errors(status, FINAL), _errors(status, ERROR)
        limit = str(spec.get("ansibleLimit") or "")
        return cls(
            name=str(metadata["name"]),
            node_sets=tuple(spec.get("nodeSets") or ()),
            services=tuple(spec.get("servicesOverride") or ()),
            hosts=tuple(part for part in limit.replace(":", ",").split(",") if part not in ("", "*", "all")),
            state="done" if status.get("deployed") else "failed" if final else "running",
            message="; ".join(final or passing) or _progress(status),
            created=str(metadata.get("creationTimestamp") or ""),
            uid=str(metadata.get("uid") or ""),
            rolls_out=_rolls_out(metadata),
            had=Had.of(annotation(metadata, HAD)),
        )

    @property
    def order(self) -> tuple[str, int, str]:
        """By age; of one second, by number."""
        return self.created, len(self.name), self.name


def _conditions(status: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield from status.get("conditions") or ()
    for conditions in (status.get("nodeSetConditions") or {}).values():
        yield from conditions or ()


def _errors(status: Mapping[str, Any], word: str) -> list[str]:
    """Each message once: a condition of a part is repeated by those of the whole."""
    found = (
        str(condition.get("message") or condition.get("type"))
        for condition in _conditions(status)
        if condition.get("status") == "False" and word in (condition.get("severity"), condition.get("reason"))
    )
    return list(dict.fromkeys(found))


def _progress(status: Mapping[str, Any]) -> str:
    waiting = [item for item in _conditions(status) if item.get("status") != "True" and item.get("type") != "Ready"]
    return next((f"{item.get('type')}: {item.get('message')}" for item in waiting), "not begun")


def annotation(metadata: Mapping[str, Any], name: str) -> Any:
    """What an annotation holds; None where there is none that can be read."""
    text = (metadata.get("annotations") or {}).get(name)
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _rolls_out(metadata: Mapping[str, Any]) -> Mapping[str, Content] | None:
    found = annotation(metadata, ANNOTATION)
    try:
        return _contents(found) if isinstance(found, dict) else None
    except (ValueError, TypeError):
        return None


def _contents(found: Mapping[str, Any]) -> dict[str, Content]:
    return {host: Content(*digests) for host, digests in found.items()}


def _digests(contents: Mapping[str, Content]) -> dict[str, list[str]]:
    return {
        host: [content.nova, content.shared, content.own, *([content.secrets] if content.secrets else [])]
        for host, content in sorted(contents.items())
    }


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def body(
    name: str,
    namespace: str,
    api_version: str,
    node_sets: Sequence[str],
    rolls_out: Mapping[str, Content],
    had: Had,
    *,
    services: Sequence[str] = (),
    hosts: Sequence[str] = (),
) -> dict[str, Any]:
    """A new deployment. Without services all of the set, without hosts all of them."""
    spec: dict[str, Any] = {"nodeSets": list(node_sets)}
    spec |= {"servicesOverride": list(services)} if services else {}
    spec |= {"ansibleLimit": ",".join(hosts)} if hosts else {}
    return {
        "apiVersion": api_version,
        "kind": "OpenStackDataPlaneDeployment",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": {ANNOTATION: _json(_digests(rolls_out)), HAD: had.written()},
        },
        "spec": spec,
    }


def next_name(node_set: str, deployments: Iterable[Deployment], ahead: int = 0) -> str:
    """A name that no deployment has: the set's and a number, one higher than any."""
    prefix = f"{node_set}-"
    numbers = [item.name.removeprefix(prefix) for item in deployments if item.name.startswith(prefix)]
    highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return f"{node_set}-{highest + 1 + ahead}"
