# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The orders in which servers are offered to the hosts. They rest on the servers alone, never on the hosts: that keeps the result monotone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from .model import Item, Vector

# Of the smallest servers, those that are mixed; the larger ones follow by size, so that one that fits nowhere keeps no other out.
PARTS = (1.0, 0.6)
# How many servers are looked at for all shuffled orders together.
EFFORT = 1500
MOST_SHUFFLES = 10
LEAST_SHUFFLES = 2


def by_size(items: Sequence[Item]) -> list[Item]:
    """The smallest first: by the greatest share that a server has of all that is needed of a resource."""
    total = [sum(column) or 1 for column in zip(*(item.need for item in items), strict=True)]
    shares: dict[Vector, tuple[float, float]] = {}

    def key(item: Item) -> tuple[tuple[float, float], Vector, int, str]:
        if item.need not in shares:
            parts = [wanted / whole for wanted, whole in zip(item.need, total, strict=True)]
            shares[item.need] = (max(parts, default=0.0), sum(parts))
        # Of the same size those first that may go to fewer kinds of hosts.
        return shares[item.need], item.need, len(item.labels), item.name

    return sorted(items, key=key)


def orders(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The smallest first, then mixtures of small and large ones.

    :param items: by size.
    """
    yield list(items)
    yield sorted(items, key=lambda item: len(item.labels))
    for part in PARTS:
        count = round(len(items) * part)
        mixed, rest = list(items[:count]), list(items[count:])
        yield [*reversed(mixed), *rest]
        yield [*_ends(mixed), *rest]
        yield [*_interleaved(mixed), *rest]
    for seed in range(max(LEAST_SHUFFLES, min(MOST_SHUFFLES, EFFORT // max(1, len(items))))):
        shuffled = list(items)
        random.Random(seed).shuffle(shuffled)
        yield shuffled


def _ends(items: Sequence[Item]) -> list[Item]:
    """The largest, the smallest, the next largest, and so on."""
    half = len(items) // 2
    large, small = list(reversed(items[half:])), items[:half]
    pairs = [one for pair in zip(large, small, strict=False) for one in pair]
    return pairs + large[len(small) :]


def _interleaved(items: Sequence[Item]) -> list[Item]:
    """Every size at every place in proportion to how many of it there are."""
    alike: dict[Vector, list[Item]] = {}
    for item in items:
        alike.setdefault(item.need, []).append(item)
    placed = [
        ((index + 0.5) / len(same), number, index, item)
        for number, same in enumerate(alike.values())
        for index, item in enumerate(same)
    ]
    return [item for _share, _number, _index, item in sorted(placed, key=lambda one: one[:3])]
