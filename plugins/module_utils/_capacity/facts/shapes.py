# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server asks placement for, by its flavor and its image, as nova asks (nova.scheduler.utils.ResourceRequest)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VCPU, MEMORY, DISK = "VCPU", "MEMORY_MB", "DISK_GB"
TRAIT = "trait:"
# Resource classes that one host has and another has not got in the same way: a person decides.
ACCELERATORS = ("VGPU", "PGPU", "FPGA")
# Extra specs of a flavor, and the properties of an image that mean the same.
BY_HAND: Mapping[str, str] = {
    "hw:tpm_version": "a vTPM",
    "hw:numa_nodes": "a NUMA topology",
    "hw:mem_page_size": "a NUMA topology (huge pages)",
    "hw:cpu_policy": "dedicated CPUs",
    "hw:mem_encryption": "encrypted memory",
    "hw:pmem": "persistent memory",
    "pci_passthrough:alias": "PCI devices",
    "accel:device_profile": "accelerators",
}
# Values that ask for nothing.
NOTHING = {("hw:cpu_policy", "shared"), ("hw:mem_page_size", "any"), ("hw:mem_encryption", "false")}


@dataclass(frozen=True)
class Shape:
    """What servers of one flavor, image and kind of disk need.

    :ivar need: amounts by resource class, sorted.
    :ivar specs: extra specs that aggregates may have to match.
    :ivar image: properties of the image that aggregates may have to match.
    :ivar by_hand: what keeps it from being moved by itself.
    :ivar local: gigabytes that are on no volume; the root disk of a server that boots from an image counts also where it is 0.
    """

    flavor: str
    need: tuple[tuple[str, int], ...]
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    specs: tuple[tuple[str, str], ...] = ()
    image: tuple[tuple[str, str], ...] = ()
    by_hand: tuple[str, ...] = ()
    local: bool = False

    def amount(self, resource: str) -> int:
        return dict(self.need).get(resource, 0)

    @property
    def request(self) -> tuple[tuple[tuple[str, int], ...], frozenset[str], frozenset[str]]:
        """What placement is asked: one call for all servers with the same."""
        return self.need, self.required, self.forbidden


def shape_of(flavor: Mapping[str, Any], image: Mapping[str, str], *, from_volume: bool) -> Shape:
    """The shape.

    :param flavor: as it is embedded in the server (2.47).
    :param image: the properties of the server's image.
    """
    specs = {str(key): str(value) for key, value in (flavor.get("extra_specs") or {}).items()}
    root = 0 if from_volume else _number(flavor.get("disk"))
    swap, ephemeral = _number(flavor.get("swap")), _number(flavor.get("ephemeral"))
    need = {
        VCPU: _number(flavor.get("vcpus")),
        MEMORY: _number(flavor.get("ram")),
        DISK: root + ephemeral + -(-swap // 1024),
        **{key.removeprefix("resources:"): _number(value) for key, value in specs.items() if _is(key, "resources:")},
    }
    traits = [*_traits(specs), *_traits(image)]
    return Shape(
        flavor=str(flavor.get("original_name") or ""),
        need=tuple(sorted((resource, amount) for resource, amount in need.items() if amount > 0)),
        required=frozenset(trait for trait, how in traits if how == "required"),
        forbidden=frozenset(trait for trait, how in traits if how == "forbidden"),
        specs=tuple(sorted(specs.items())),
        image=tuple(sorted(image.items())),
        by_hand=tuple(dict.fromkeys(_by_hand(specs, image, need))),
        local=not from_volume or ephemeral > 0,
    )


def _by_hand(specs: Mapping[str, str], image: Mapping[str, str], need: Mapping[str, int]) -> Iterator[str]:
    for key, what in BY_HAND.items():
        for value in (specs.get(key), image.get(key.replace(":", "_", 1))):
            if value is not None and (key, value.lower()) not in NOTHING:
                yield what
    for resource in ACCELERATORS:
        if need.get(resource):
            yield f"accelerators ({resource})"
    # resources1:VGPU and the like: several requests, each of one provider.
    if any(map(_granular, specs)):
        yield "resources in groups"


def _granular(key: str) -> bool:
    head = key.partition(":")[0]
    return ":" in key and any(head.startswith(word) and head != word for word in ("resources", "trait"))


def _traits(properties: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in properties.items():
        if _is(key, TRAIT):
            yield key.removeprefix(TRAIT), value


def _is(key: str, prefix: str) -> bool:
    return key.startswith(prefix) and len(key) > len(prefix)


def _number(value: Any) -> int:
    """nova gives an empty text for no swap."""
    return int(value or 0)
