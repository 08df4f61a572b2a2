# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control plane declares and runs, as the OpenStack half of the lab is to serve it: names from the services' own configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonelab.declared import Declared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from zonelab.operators.world import Object, World


def declared(world: World, silent: Collection[str]) -> Declared:
    """A service is there while one of its pods runs; a store as soon as the API of all of them, which is in the catalog, names it.

    :param silent: nodes that do not report: nothing runs there.
    """

    def running(kind: str) -> list[Object]:
        return [configuration(one) for one in world.all(kind) if runs(one, world, silent)]

    apis = [
        configuration(one) for one in world.all("GlanceAPI") if one["spec"].get("apiType") in ("external", "single")
    ]
    backends = {
        # The operator makes the list of enabled back ends of these sections.
        section
        for one in running("CinderVolume")
        for section, options in one.items()
        if "volume_backend_name" in options
    }
    return Declared(
        stores=names(default(one, "enabled_backends") for one in apis),
        backends=tuple(sorted(backends)),
        backups=names(default(one, "storage_availability_zone") for one in running("CinderBackup")),
        share_backends=names(default(one, "enabled_share_backends") for one in running("ManilaShare")),
        hosts=tuple(sorted(hosts(world))),
    )


def names(lists: Iterator[str]) -> tuple[str, ...]:
    """The names in lists with commas; of `name:driver` the name."""
    found = {name.partition(":")[0].strip() for text in lists for name in text.split(",")}
    return tuple(sorted(found - {""}))


def runs(own: Object, world: World, silent: Collection[str]) -> bool:
    """Whether a pod of it runs."""
    pods = [pod for one in world.owned("StatefulSet", own) for pod in world.owned("Pod", one)]
    return any(
        (pod.get("status") or {}).get("phase") == "Running"
        and not pod["metadata"].get("deletionTimestamp")
        and pod["spec"].get("nodeName") not in silent
        for pod in pods
    )


def configuration(own: Object) -> dict[str, dict[str, str]]:
    """Sections and options; of an option that stands twice the last one counts, as in the services."""
    found: dict[str, dict[str, str]] = {"DEFAULT": {}}
    section = "DEFAULT"
    for line in str(own["spec"].get("customServiceConfig") or "").splitlines():
        text = line.strip()
        name, assigned, value = text.partition("=")
        if text.startswith("["):
            section = text.strip("[]")
        elif assigned and not text.startswith("#"):
            found.setdefault(section, {})[name.strip()] = value.strip()
    return found


def default(sections: dict[str, dict[str, str]], name: str) -> str:
    """An option of the section that is for all."""
    return sections["DEFAULT"].get(name, "")


def hosts(world: World) -> Iterator[str]:
    """The compute hosts of what has been deployed, as nova names them."""
    for one in world.all("OpenStackDataPlaneNodeSet"):
        status = one.get("status") or {}
        if status.get("deployedConfigHash"):
            yield from (name["ctlplane"] for name in (status.get("allHostnames") or {}).values())
