# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be rolled out to the hosts of a zone, in the fewest steps that disturb guests the least. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..._plan.text.listing import first
from ..._zones.validation.data_plane import KNOWN_HOSTS
from ..spec.data_plane import rolled_out_secrets
from .deployed import BLANK, Live, Wanted, after, brought, covers
from .deployments import NOTHING, Content, Deployment, Had

FULL = "full_deployment"
SHOWN = 10


@dataclass(frozen=True)
class Step:
    """One deployment.

    :ivar services: only these; empty: all services of the set.
    :ivar hosts: only these; empty: all hosts of the set.
    :ivar rolls_out: what its hosts have after it.
    :ivar had: what all hosts have before it.
    """

    services: tuple[str, ...]
    hosts: tuple[str, ...]
    rolls_out: Mapping[str, Content]
    reason: str
    had: Had = NOTHING


@dataclass(frozen=True)
class Blocked:
    """Why nothing is rolled out, by the word that lifts it where one does."""

    rule: str
    message: str
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """How it is rolled out.

    :ivar services: what a change of the set needs, where the operator of the cloud says so; empty: nobody said.
    :ivar batch: how many hosts at a time; 0: all.
    """

    services: tuple[str, ...] = ()
    batch: int = 0
    full: bool = False


def rollout(
    wanted: Wanted, live: Live, deployments: Iterable[Deployment], options: Options
) -> tuple[list[Step], Blocked | None]:
    """The deployments that are missing, in order, or why there are none."""
    deployments = [item for item in deployments if wanted.name in item.node_sets]
    want, had = wanted.contents(), brought(wanted, live, deployments)
    have = had.contents
    if not have:
        reason = "first deployment of the set"
        return [Step((), (), want, reason, had)], None
    changed = [host for host, content in have.items() if host in want and content.differs(want[host])]
    recreated = [host for host in changed if have[host] == BLANK]
    if recreated:
        # Nothing less than all services is sure to be enough.
        options = replace(options, services=())
    blocked = _recreated(wanted, recreated, options) or _blocked(wanted, live, changed, have, want, options)
    if blocked:
        return [], blocked
    return list(_in_order(wanted, had, _steps(wanted, want, had, changed, options))), None


def _in_order(wanted: Wanted, had: Had, steps: Iterable[Step]) -> Iterator[Step]:
    """Each with what the hosts have when those before it have ended."""
    for step in steps:
        yield replace(step, had=had)
        had = after(wanted, had, step.rolls_out, step.services, step.hosts)


def _steps(
    wanted: Wanted, want: Mapping[str, Content], had: Had, changed: list[str], options: Options
) -> Iterator[Step]:
    have = had.contents
    new = [host for host in want if host not in have]
    nova = [host for host in _with_other_nova(wanted, have, want) if host not in changed]
    all_hosts = list(want)
    if new:
        yield from _batches((), new, all_hosts, want, "new hosts", options.batch)
    if changed:
        services = options.services
        if services and set(changed) & set(_with_other_nova(wanted, have, want)):
            services = tuple(dict.fromkeys([*services, wanted.nova_service]))
        what = "values of its Secrets changed" if _secrets_only(have, want, changed) else "the set changed"
        reason = what if services else f"{what}, all services allowed"
        yield from _batches(services, changed, all_hosts, want, reason, options.batch)
    if nova:
        reason = "nova's configuration changed"
        yield from _batches((wanted.nova_service,), nova, all_hosts, want, reason, options.batch)
    gone = [host for host in have if host not in want]
    keys = KNOWN_HOSTS in wanted.services
    strangers = [host for host in had.strangers if host in want]
    if (keys and (new or strangers)) or gone:
        # A set that lost a host is not ready until something was rolled out; this disturbs no guest.
        reason = "the hosts know each other" if keys else "the set lost hosts"
        yield Step((KNOWN_HOSTS if keys else wanted.nova_service,), (), want, reason)


def _with_other_nova(wanted: Wanted, have: Mapping[str, Content], want: Mapping[str, Content]) -> list[str]:
    """Hosts whose nova is not as it shall be. Networkers have none."""
    return [host for host in want if wanted.nova_service and host in have and have[host].nova != want[host].nova]


def _batches(
    services: Sequence[str],
    hosts: list[str],
    all_hosts: list[str],
    want: Mapping[str, Content],
    reason: str,
    size: int,
) -> Iterator[Step]:
    size = size or len(hosts)
    for begin in range(0, len(hosts), size):
        batch = hosts[begin : begin + size]
        limit = () if len(batch) == len(all_hosts) else tuple(batch)
        yield Step(tuple(services), limit, {host: want[host] for host in batch}, reason)


def _recreated(wanted: Wanted, hosts: Sequence[str], options: Options) -> Blocked | None:
    if not hosts or options.full:
        return None
    message = (
        f"NodeSet {wanted.name} was recreated after its deployments, so it is unknown what is deployed on its hosts ({_listed(hosts)}). "
        f"To deploy all services there, which restarts networks and may reboot hosts with running guests, add to zoneops_allow (option allow): [{FULL}]."
    )
    return Blocked(FULL, message, tuple(hosts))


def _blocked(
    wanted: Wanted,
    live: Live,
    changed: list[str],
    have: Mapping[str, Content],
    want: Mapping[str, Content],
    options: Options,
) -> Blocked | None:
    if options.full:
        return None
    if changed and not options.services:
        what = f"NodeSet {wanted.name} changes on hosts that are deployed"
        if _secrets_only(have, want, changed):
            named = rolled_out_secrets(wanted.node_set)
            which = f"{'Secret' if len(named) == 1 else 'one of the Secrets'} {', '.join(named)}"
            what = f"{which} has values that NodeSet {wanted.name} has not rolled out"
        message = (
            f"{what} ({_listed(changed)}), and only a deployment of all services "
            "is certain to apply every change there, which restarts networks and may reboot hosts with running guests. Name the services "
            f"that the change needs (option services), or add to zoneops_allow (option allow): [{FULL}]."
        )
        return Blocked(FULL, message, tuple(changed))
    nova = _with_other_nova(wanted, have, want)
    ours = changed or set(have) != set(want) or not covers(live.node_set.get("spec"), wanted.node_set["spec"])
    if nova and live.undeployed and not ours:
        message = (
            f"NodeSet {wanted.name} has changes by others that no deployment rolled out. A deployment of nova alone "
            f"would mark them as rolled out. Deploy them first, or add to zoneops_allow (option allow): [{FULL}]."
        )
        return Blocked(FULL, message, tuple(nova))
    return None


def _secrets_only(have: Mapping[str, Content], want: Mapping[str, Content], changed: Iterable[str]) -> bool:
    return not any(replace(have[host], secrets="").differs(want[host]) for host in changed)


def _listed(hosts: Sequence[str]) -> str:
    return first(SHOWN, hosts, of=len(hosts))
