# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host after host takes servers in a given order until the next one does not fit. Conservative, and monotone.

A host takes the servers that it may have from the front of the list, and stops at the first for which there is no room: it does not look behind it for
a smaller one. So a shorter list leaves no server over that a longer one leaves placed, a host with more room takes no fewer of the list, and one host
more anywhere shortens the list for all that follow. First fit, which looks further, has none of this: a server that fits into a new host frees
its place for a larger one, which keeps two others out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .model import Bin, Item, Vector, minus, within
from .room import Room
from .sure import Kind


def charges(items: Iterable[Item]) -> dict[str, Vector]:
    """What every member of a group is counted as: the most that one of them needs. So a member can take another one's place unseen."""
    found: dict[str, Vector] = {}
    for item in items:
        if item.group is not None:
            known = found.get(item.group, item.need)
            found[item.group] = tuple(max(pair) for pair in zip(known, item.need, strict=True))
    return found


class Filler:
    """Fills hosts with servers, in one order after the other.

    :param hosts: in the order in which they are filled.
    :param items: of all servers that look for a host, also those that are in no order.
    """

    def __init__(self, kinds: Iterable[Kind], hosts: Sequence[Bin], room: Room, items: Iterable[Item]) -> None:
        self._room = room
        charged = charges(items)
        self._asked: dict[str, _Asked] = {}
        firsts = []
        for number, kind in enumerate(kinds):
            first = kind.items[0]
            need = first.need if first.group is None else charged[first.group]
            self._asked |= {item.name: _Asked(number, need, first.group) for item in kind.items}
            firsts.append(first)
        self._hosts = [(host, self._answers(host, firsts)) for host in hosts]

    def _answers(self, host: Bin, firsts: Sequence[Item]) -> dict[int, bool]:
        """Of each kind that the host may have, whether it takes one while it takes no other."""
        return {
            number: self._room.takes(item, host)
            for number, item in enumerate(firsts)
            # What placement does not offer for another reason than room never goes there.
            if self._room.allows(item, host)
            and (self._room.offered(item, host) or not within(item.need, self._room.of(host)))
        }

    def fill(self, order: Iterable[str]) -> dict[str, str]:
        """The hosts by server; those that are missing found none."""
        placed: dict[str, str] = {}
        waiting = list(order)
        for host, answers in self._hosts:
            if not waiting:
                break
            waiting = self._left_by(host, answers, waiting, placed)
        return placed

    def _left_by(self, host: Bin, answers: Mapping[int, bool], waiting: list[str], placed: dict[str, str]) -> list[str]:
        """What the host leaves of the list."""
        left, members, kept = self._room.of(host), dict[str, int](), list[str]()
        for place, name in enumerate(waiting):
            asked = self._asked[name]
            takes = answers.get(asked.kind)
            group = asked.group
            full = group is not None and members.get(group, 0) >= self._room.groups[group].quota(host.name)
            if takes is None or full:
                kept.append(name)
                continue
            if not takes or not within(asked.need, left):
                return kept + waiting[place:] if place else waiting
            left = minus(left, asked.need)
            placed[name] = host.name
            if group is not None:
                members[group] = members.get(group, 0) + 1
        return kept


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: int
    need: Vector
    group: str | None
