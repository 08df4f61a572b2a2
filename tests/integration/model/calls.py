# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that change aggregates, compute services and servers, as data: drawn at random, made on the model and on a real nova."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

ZONES = ("a", "b", "c")
NO_HOST = "nosuch"
NO_AGGREGATE = 0  # no aggregate of the test, and no number that nova gives
KEYS = ("tier", "rack")


@dataclass(frozen=True)
class Call:
    """One call. `aggregate` counts the aggregates in the order in which they were made, from 1; those that are gone keep their number."""

    kind: str
    aggregate: int = NO_AGGREGATE
    name: str = ""
    host: str = ""
    zone: str | None = None
    values: Mapping[str, str | None] | None = None

    def __str__(self) -> str:
        words = (f"aggregate {self.aggregate}" if self.aggregate else "", self.name, self.host, self.zone, self.values)
        return " ".join([self.kind, *(str(word) for word in words if word)])


class Draw:
    """Draws calls. Most of them make sense, some do not.

    :param hosts: the compute hosts.
    """

    def __init__(self, random: Random, hosts: list[str]) -> None:
        self.random = random
        self.hosts = hosts

    def call(self, made: int, alive: list[int], servers: list[str]) -> Call:
        """The next call.

        :param made: how many aggregates were ever made.
        :param alive: numbers of those that are there.
        :param servers: names of those that may go.
        """
        # Few aggregates meet each other more often, and cost less to list.
        weights = {
            "create": 0 if len(alive) > 7 else 8,
            "delete": 16 if len(alive) > 7 else 5,
            "rename": 5,
            "set_zone": 8,
            "set_metadata": 5,
            "add_host": 24,
            "remove_host": 14,
            "set_service": 6,
            "add_server": 0 if len(servers) > 1 else 0.6,
            "delete_server": 0.6 if servers else 0,
        }
        (kind,) = self.random.choices(list(weights), list(weights.values()))
        return self._of(kind, self._aggregate(made, alive), servers)

    def _of(self, kind: str, aggregate: int, servers: list[str]) -> Call:
        name = self.random.choice("stuvwxyz")
        match kind:
            case "create":
                return Call(kind, name=self.random.choice((name, name, name, "")), zone=self._zone((None, "", "x:y")))
            case "rename":
                return Call(kind, aggregate, name)
            case "set_zone":
                return Call(kind, aggregate, zone=self._zone((None, "")))
            case "set_metadata":
                values = {key: self.random.choice(("1", "2", None)) for key in self.random.sample(KEYS, 1)}
                if self.random.random() < 0.2:
                    values["availability_zone"] = self._zone((None, ""))
                return Call(kind, aggregate, values=values)
            case "set_service":
                bodies: tuple[dict[str, str | None], ...] = (
                    {"status": "enabled"},
                    {"status": "disabled"},
                    {"status": "disabled", "disabled_reason": "zoneops:a->b"},
                    {"disabled_reason": "alone"},
                )
                return Call(kind, host=self._host(), values=self.random.choice(bodies))
            case "delete_server":
                return Call(kind, name=self.random.choice(servers))
            case "add_server":
                return Call(kind, name=f"server-{self.random.randrange(10**9)}", host=self.random.choice(self.hosts))
        return Call(kind, aggregate, host=self._host())

    def _aggregate(self, made: int, alive: list[int]) -> int:
        if not alive or self.random.random() < 0.1:
            return self.random.randint(NO_AGGREGATE, made)
        return self.random.choice(alive)

    def _zone(self, odd: tuple[str | None, ...]) -> str | None:
        return self.random.choice(odd) if self.random.random() < 0.25 else self.random.choice(ZONES)

    def _host(self) -> str:
        return NO_HOST if self.random.random() < 0.08 else self.random.choice(self.hosts)
