# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tags and a limit may leave of a playbook of this collection: a run that would do nothing is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..._plan.text.near import nearest
from ..managed_parts import BLOCK_STORAGE, COMPUTE, IMAGES, KUBERNETES, SHARED_FILE_SYSTEMS

# Tags that Ansible gives a meaning to.
OF_ANSIBLE = ("all", "tagged", "untagged", "always", "never")
# Molecule skips these in every run of its own; they are no misspelt step.
OF_MOLECULE = ("notest", "molecule-notest", "molecule-idempotence-notest")
NEVER = "preflight"
# The part of the map that each tag works on.
OPENSTACK = {
    "availability_zones": COMPUTE,
    "block_storage": BLOCK_STORAGE,
    "shared_file_systems": SHARED_FILE_SYSTEMS,
    "images": IMAGES,
}
OF_KUBERNETES = dict.fromkeys(("node_zones", "topologies", "control_plane", "data_plane", "pods"), KUBERNETES)
EVERY = {**OF_KUBERNETES, **OPENSTACK}


@dataclass(frozen=True)
class Playbook:
    """One playbook.

    :ivar tags: those that choose steps, with the part of the map that they work on.
    :ivar localhost: whether it works on the controller, and not zone by zone.
    :ivar plans: whether it saves its plan in check mode, and carries out a saved one.
    :ivar reports: whether it ends with the table, which says once what is wrong in several zones.
    :ivar confirms: whether it asks on the terminal before its first write, where that is wanted.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    localhost: bool = False
    plans: bool = False
    reports: bool = False
    confirms: bool = False


PLAYBOOKS = {
    "audit": Playbook(),
    "host_maintenance": Playbook(plans=True, confirms=True),
    "images_sync": Playbook({"images": IMAGES}, plans=True, reports=True, confirms=True),
    "import": Playbook(localhost=True),
    "render": Playbook(localhost=True),
    "report": Playbook(),
    "site": Playbook(EVERY, plans=True, reports=True, confirms=True),
    "verify": Playbook({**EVERY, NEVER: KUBERNETES}, reports=True),
    "volume_relocate_test": Playbook(),
    "zone_capacity": Playbook(),
    "zone_drain": Playbook(plans=True, confirms=True),
    "zone_drill": Playbook(plans=True, confirms=True),
    "zone_evacuate": Playbook(plans=True, confirms=True),
    "zone_maintenance": Playbook(plans=True, confirms=True),
    "zone_remove": Playbook(plans=True, reports=True, confirms=True),
    "zone_restore_servers": Playbook(plans=True, confirms=True),
    "zone_return": Playbook(plans=True, confirms=True),
}


def wrong_tags(name: str, run: Sequence[str], skip: Sequence[str]) -> str:
    """Why the tags cannot be taken, nothing where they can: one that is misspelt would silently leave its steps out, or do them."""
    tags = PLAYBOOKS[name].tags
    known = [*tags, *([KUBERNETES] if KUBERNETES in tags.values() else ())]
    for option, given in (("--tags", run), ("--skip-tags", skip)):
        wrong = [tag for tag in given if tag not in (*known, *OF_ANSIBLE, *OF_MOLECULE)]
        if wrong:
            has = f"its tags are {', '.join(known)}" if known else "it has no tags and always runs completely"
            return f"{option}: the playbook {name} has no tag {wrong[0]}{nearest(wrong[0], known)}; {has}"
    return "" if not tags or _chosen(tags, run, skip) else f"the tags leave nothing of the playbook {name} to run"


def not_in_map(name: str, run: Sequence[str], skip: Sequence[str], parts: Iterable[str]) -> str:
    """Why nothing would be done of what the tags choose, nothing where something would."""
    tags = PLAYBOOKS[name].tags
    chosen = _chosen(tags, run, skip)
    spoken_of = set(parts)
    if not chosen or any(tags[tag] in spoken_of for tag in chosen):
        return ""
    return (
        f"the tags choose {', '.join(chosen)}, which the zone map does not have; it has {', '.join(sorted(spoken_of))}"
    )


def chosen_parts(name: str, run: Sequence[str], skip: Sequence[str], parts: Iterable[str]) -> list[str]:
    """The parts of the map that the tags leave; all of them for a playbook without tags."""
    tags = PLAYBOOKS[name].tags
    left = {tags[tag] for tag in _chosen(tags, run, skip)}
    return [part for part in parts if not tags or part in left]


def wrong_limit(name: str, hosts: Sequence[str], zones: Sequence[str]) -> str:
    """Why the limit leaves nothing to work on.

    :param hosts: that the play works on.
    :param zones: all zones of the map.
    """
    if PLAYBOOKS[name].localhost:
        return (
            ""
            if "localhost" in hosts
            else f"--limit excludes localhost, on which the playbook {name} runs; remove the limit"
        )
    if any(zone in hosts for zone in zones):
        return ""
    return f"--limit leaves no zone to work on; the zones are {', '.join(zones)}"


def wrong_plan(name: str) -> str:
    """Why no plan can be saved or carried out: one that is left out in silence would be believed."""
    if PLAYBOOKS[name].plans:
        return ""
    able = ", ".join(other for other, playbook in PLAYBOOKS.items() if playbook.plans)
    return f"zoneops_plan: the playbook {name} has no plan to save; leave it out. Those that have one are {able}"


def reports(name: str) -> bool:
    """Whether a playbook of this collection ends with the table; one of the user's own does not."""
    return name in PLAYBOOKS and PLAYBOOKS[name].reports


def wrong_confirm(name: str) -> str:
    """Why nobody can be asked: a question that is left out in silence would be taken for a yes."""
    if PLAYBOOKS[name].confirms:
        return ""
    able = ", ".join(other for other, playbook in PLAYBOOKS.items() if playbook.confirms)
    return (
        f"zoneops_confirm: the playbook {name} asks nothing before it begins; leave it out. Those that ask are {able}"
    )


def only_preflight(run: Sequence[str]) -> bool:
    """Whether the cluster is only looked at before there are zones."""
    return NEVER in run and not {*EVERY, KUBERNETES, "all", "tagged"} & set(run)


def _chosen(tags: Mapping[str, str], run: Sequence[str], skip: Sequence[str]) -> list[str]:
    return [tag for tag, part in tags.items() if _runs(tag, part, run) and not _skipped(tag, part, skip)]


def _runs(tag: str, part: str, run: Sequence[str]) -> bool:
    if tag in run or (tag != NEVER and part == KUBERNETES and KUBERNETES in run):
        return True
    return tag != NEVER and ("all" in run or "tagged" in run)


def _skipped(tag: str, part: str, skip: Sequence[str]) -> bool:
    return tag in skip or "all" in skip or "tagged" in skip or (part == KUBERNETES and KUBERNETES in skip)
