# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab with `--declared` serves: what its Kubernetes half tells its OpenStack half."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zonelab.options import Options


@dataclass(frozen=True)
class Declared:
    """By name; hosts only ever come.

    :ivar stores: image stores, which the lab has one of for each zone.
    :ivar backends: cinder's back ends.
    :ivar backups: zones with a backup service.
    :ivar share_backends: manila's back ends, one for each zone.
    :ivar hosts: compute hosts.
    """

    stores: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    share_backends: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def known_to(self, options: Options) -> Declared:
        """What of it a lab has."""
        has = has_of(options)
        return Declared(
            **{
                one.name: tuple(
                    name for name in getattr(self, one.name) if one.name == "hosts" or name in has[one.name]
                )
                for one in fields(self)
            }
        )

    def unknown_to(self, options: Options) -> list[str]:
        """What it lacks, in words: what nobody serves has to be told."""
        known = self.known_to(options)
        return [
            f"{one.name.replace('_', ' ')}: {name}"
            for one in fields(self)
            for name in getattr(self, one.name)
            if name not in getattr(known, one.name)
        ]


def has_of(options: Options) -> dict[str, tuple[str, ...]]:
    """What can be declared; any name will do for a host."""
    return {
        "stores": options.zones,
        "backends": tuple(options.volume_backend_zones),
        "backups": tuple(dict.fromkeys(options.backup_hosts.values())),
        "share_backends": options.backend_zones,
    }
