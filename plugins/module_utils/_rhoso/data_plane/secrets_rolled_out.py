# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets whose values only a deployment brings to the hosts of a NodeSet: variables of Ansible, files of Ceph.

The operators put new values into the next deployment, make none for them, and note nowhere which ones were rolled out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping

from ..._kubernetes.client import Body, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref
from ..._plan.change import Note


def read(cluster: Cluster, namespace: str, wanted: Iterable[str]) -> dict[str, str]:
    """A digest of each, one GET each; empty where it is not there or may not be read."""
    found = {}
    for name in sorted(set(wanted)):
        try:
            secret = cluster.get(Ref("v1", "Secret", name, namespace))
        except ApiError as error:
            if error.status != 403:
                raise
            found[name] = ""
        else:
            found[name] = _digest(secret) if secret is not None else ""
    return found


def _digest(secret: Body) -> str:
    """It ends up in an annotation: with the uid, which only those know who may read the Secret, nobody else can try values out."""
    text = json.dumps(secret.get("data") or {}, sort_keys=True)
    return hmac.new(str(secret["metadata"]["uid"]).encode(), text.encode(), hashlib.sha256).hexdigest()[:16]


def together(digests: Mapping[str, str], wanted: Iterable[str]) -> str:
    """One digest of several; empty where there are none, or one is not known."""
    found = [digests.get(name, "") for name in wanted]
    return hashlib.sha256(" ".join(found).encode()).hexdigest()[:16] if found and all(found) else ""


def unknown(zone: str, node_set: str, digests: Mapping[str, str], wanted: Iterable[str]) -> Iterator[Note]:
    """Those of which nothing can be compared."""
    missing = [name for name in wanted if not digests.get(name)]
    if missing:
        yield Note(
            zone,
            f"it is unknown whether NodeSet {node_set} has the current values of Secret {', '.join(missing)}: it does not exist, or reading it is not allowed.",
        )
