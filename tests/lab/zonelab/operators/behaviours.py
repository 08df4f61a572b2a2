# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in does as the real operators do, where that is not what one would expect.

`section` is that of the note on what the real operators were measured to do with a zoned control plane. Each row has a test of
its own among tests/kubernetes/test_operators_*.py (marked `behaviour`), and a row in docs/lab.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """One row."""

    name: str
    section: str
    text: str


BEHAVIOURS = (
    Behaviour(
        "names", "3", "names, labels, owners, selectors, annotations, conditions and status fields of all objects"
    ),
    Behaviour(
        "backups-look-alike", "3", "the pods of all zones' backups have the same labels, and share their addresses"
    ),
    Behaviour("dns-data", "3", "DNSData has the names and addresses of the zones' LoadBalancer Services"),
    Behaviour(
        "quorum-pods", "-", "galera and each database of OVN have one StatefulSet, placed by the Topology of the quorum"
    ),
    Behaviour(
        "stale-ready", "4.1", "the control plane is Ready because of a service's status from an earlier generation"
    ),
    Behaviour(
        "last-key-decides", "4.3", "Glance is Ready when the API whose key sorts last is ready, even if others are not"
    ),
    Behaviour(
        "all-parts-count", "4.4", "one volume, backup or share that is not ready makes Cinder or Manila not ready"
    ),
    Behaviour(
        "networks-error-first",
        "4.5",
        "pods that do not run are first a NetworkAttachments error, and only then progress",
    ),
    Behaviour(
        "counts-stay", "4.6", "ready counts of removed volumes and backups stay; those of images and shares are removed"
    ),
    Behaviour("missing-topology", "4", "a missing Topology is an error in TopologyReady, and nothing is deployed"),
    Behaviour("missing-secret", "4", "a missing secret is `Input data resources missing`, and nothing is deployed"),
    Behaviour("changed-secret", "-", "a changed value in a secret with settings replaces the pods that read it"),
    Behaviour("refused", "1", "the webhooks refuse what the real ones refuse, with the same messages, in dry runs too"),
    Behaviour("accepted-although-wrong", "1", "the webhooks accept what the real ones accept, even if it is wrong"),
    Behaviour(
        "default-injected", "2", "without APIs there is one named default, which ignores later changes of the timeout"
    ),
    Behaviour(
        "owned-by-nobody", "2", "fields that the webhook sets have no field manager; applying again changes nothing"
    ),
    Behaviour(
        "images-filled", "-", "the image that 18.0-fr4's definition requires of each API is set to an empty text"
    ),
    Behaviour(
        "suffix-once", "3", "the suffix of uniquePodNames is random and then kept; each dry run shows another one"
    ),
    Behaviour(
        "node-set-conflict",
        "6",
        "a change of a node set gets 409 while its deployment runs, or has failed and still exists",
    ),
    Behaviour("long-names", "1", "a name of more than 63 characters is refused as a finalizer of the Topology"),
    Behaviour(
        "long-api-keys",
        "1",
        "a StatefulSet whose name is too long (from 53 characters) has no pods, which only an event reports",
    ),
    Behaviour("glance-key-removed", "5", "all objects of the API are removed, its finalizer on the Topology too"),
    Behaviour("volume-key-removed", "5", "the volume is removed, its finalizer on the Topology stays"),
    Behaviour(
        "backup-key-removed", "5", "the backup stays and runs; with 0 replicas it is removed, and its finalizer too"
    ),
    Behaviour("share-key-removed", "5", "the share is removed, a Job cleans up, its finalizer on the Topology stays"),
    Behaviour(
        "memcached-key-removed",
        "2026-11-28",
        "the Memcached is removed, its finalizer on the Topology stays: no controller handles the removal",
    ),
    Behaviour("partial-deployment", "6", "a deployment of one service makes a changed node set Ready and deployed"),
    Behaviour("config-map-hash", "6", "a changed ConfigMap shows only in the node set's hash, until a deployment"),
    Behaviour("key-twice", "6", "a key in two sources of one service fails its Job; no earlier check reports it"),
    Behaviour("unknown-node-set", "6", "a deployment of an unknown node set stays `Input data not checked`"),
    Behaviour(
        "passing-error",
        "measured 2026-11-28",
        "a deployment shows errors until the certificates of its hosts exist, and then continues by itself",
    ),
    Behaviour(
        "final-error",
        "measured 2026-11-28",
        "only `BackoffLimitExceeded` ends a deployment; after any other error the operator tries again",
    ),
    Behaviour(
        "address-outside",
        "measured 2026-11-28",
        "an address outside its subnet is an error in NodeSetIPReservationReady; SetupReady reports only `Setup started`",
    ),
    Behaviour("stock-services", "measured 2026-11-28", "a node set has the 37 services of the release"),
)
