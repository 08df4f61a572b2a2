# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole zone of the demo is lost, evacuated, and comes back: `make drill`.

What is not as it has to be ends it with exit code 1. It can be ended at any time: the next one first brings back what this one had taken away.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.integration.harness.maintenance import fenced
from zonelab.client import LabClient
from zonelab.kube.client import KubeClient

from .play import Played, Player
from .power import Power
from .servers import LOST, NAME, Failed, Kind, Servers, kinds
from .show import Screen, servers, short

ZONE, OTHERS = "az2", ("az1", "az3")
#: Of the lab's cinder, which enables no cinder-volume otherwise.
RETURN = {"zoneops_allow": ["thaw"]}
LOCK = "zoneops:lock"


class Drill:
    """One drill."""

    def __init__(self, state: Path, inventory: Path, folder: Path, *, kubernetes: bool) -> None:
        self.screen = Screen(lambda line: print(line, flush=True))
        cloud = Cloud(LabClient(state).clouds_file)
        self.power = Power(LabClient(state), KubeClient(state) if kubernetes else None, cloud, ZONE)
        self.servers = Servers(cloud)
        # Short to read: beside the files that are handed in.
        (folder / inventory.parent.name).symlink_to(inventory.parent)
        self.play = Player(Path(inventory.parent.name, inventory.name), folder, self.screen)
        self.kinds = kinds(ZONE, OTHERS[0])
        self.seen: dict[str, dict[str, tuple[str, str]]] = {}
        self.wrong: list[str] = []

    def run(self) -> int:
        self._prepare()
        self._lose()
        self._evacuate()
        self._return()
        return self._close()

    def _prepare(self) -> None:
        """A region that works, with a server of each kind in the zone, whatever an earlier drill had left."""
        self.screen.step(
            "prepare", "BEFORE. What an earlier drill left is cleared away; the zones are as their files say."
        )
        if self.power.hosts:
            self.servers.settle()
            self.power.on()
        else:
            self.screen.say("The demo has not run yet: its zones are created, which takes a minute.")
        # A run that was killed leaves the region's lock.
        values = {**RETURN, "zoneops_break_lock": True} if LOCK in self.servers.cloud.aggregates() else RETURN
        options = self.play.hand_in("back.yml", **values)
        if self.power.marked:
            self.screen.say(f"An earlier drill was interrupted: zone {ZONE} comes back first.")
            self.power.new_backup_records()
            self._expect(self._back(options), "an interrupted drill is ended")
        self.servers.clear()
        self._expect(self.play("site", "-e", options, shown=False), "the zones are as their files say")
        self.servers.create(self.kinds, ZONE, self.power.hosts)
        self.seen["BEFORE"] = self.servers.seen()
        self.screen.lines(self._verify().zones)

    def _lose(self) -> None:
        halves = "hosts and storage" if self.power.kube is None else "hosts, storage and nodes"
        self.screen.step("lost", f"DURING. Zone {ZONE} loses its power: its {halves} are gone.")
        self.power.off()
        seen = self._verify()
        self.screen.lines(seen.zones)
        for zone in (ZONE, OTHERS[0]):
            self.screen.say(
                next((line for line in seen.wrong if line.startswith(f"{zone}: ")), f"{zone}: nothing is wrong")
            )
        if not any(line.startswith(f"{ZONE}: ") for line in seen.wrong):
            self.wrong.append("verify did not notice the loss")

    def _evacuate(self) -> None:
        self.screen.step(
            "refused", "Nobody has said yet that the hosts are cut off. If they still ran, servers would run twice:"
        )
        options = self.play.hand_in(
            "drill.yml", zoneops_evacuate_to=list(OTHERS), zoneops_capacity_storage_reachable=True
        )
        refused = self.play("zone_evacuate", "--limit", ZONE, "-e", options)
        rules = {one["rule"] for one in refused.of("zone_evacuate").get("zones", {}).get(ZONE, {}).get("refusals", ())}
        self.screen.say(f"refused: {', '.join(sorted(rules))}")
        if rules != {"fencing"}:
            self.wrong.append(f"without evidence the evacuation was refused for {sorted(rules)}: {refused.failures}")

        self.screen.step("evacuate", "Their power is off. Somebody has seen that, and written it down (fencing.yml):")
        evidence = self.play.hand_in("fencing.yml", zoneops_fencing=[fenced(*self.power.hosts)])
        ran = self.play("zone_evacuate", "--limit", ZONE, "-e", options, "-e", evidence)
        self._expect(ran, "the servers that can be evacuated are evacuated")
        self.seen["DURING"] = self.servers.seen()
        self._account(ran)

    def _account(self, ran: Played) -> None:
        """Every server once: evacuated, or left with the reason that it has to have."""
        result = ran.of("zone_evacuate")
        moved = {str(one["name"]).removeprefix(NAME): str(one["outcome"]) for one in result.get("moves", ())}
        left = {str(one["name"]).removeprefix(NAME): str(one["reason"]) for one in result.get("left", ())}
        self.screen.say(f"{len(moved)} servers are evacuated, {len(left)} are left:")
        for kind in self.kinds:
            said = left.get(kind.name, "")
            if kind.why:
                self.screen.say(f"{kind.name}: {short(said)}")
            stays = bool(said) and kind.why in said and kind.name not in moved
            goes = moved.get(kind.name) == "moved" and not said
            if not (stays if kind.why else goes):
                self.wrong.append(f"server {kind.name}: evacuation {moved.get(kind.name)}, left: {said or 'no'}")
            self._placed(kind)

    def _placed(self, kind: Kind) -> None:
        host, status = self.seen["DURING"].get(kind.name, ("no host", "no server"))
        wanted = LOST if kind.why else "ACTIVE" if kind.runs else "SHUTOFF"
        stays = host == self.seen["BEFORE"][kind.name][0]
        if status != wanted or stays != bool(kind.why):
            self.wrong.append(f"server {kind.name} is {status} on {host}")

    def _return(self) -> None:
        self.screen.step("power", f"AFTER. The power of zone {ZONE} is back.")
        self.power.on()
        self.power.new_backup_records()
        self.screen.say(
            "Nodes, pods and services run. cinder-backup has new records ('cinder-manage service remove' and a start). Hosts are still out of service:"
        )
        options = self.play.hand_in("return.yml", **RETURN)
        self._expect(self._back(options), f"zone {ZONE} is back")
        self.screen.step("again", "The same once more:")
        again = self._back(options)
        self._expect(again, "a second run changes nothing")
        self.screen.say("nothing changed" if not again.changed else "something changed")
        if again.changed:
            self.wrong.append("the second run of zone_return changed something")
        self.screen.step("works", "Everything is as before, but for the servers that moved:")
        after = self._verify()
        self.screen.lines(after.zones)
        self._expect(after, "the zones are as their files say again")
        self.seen["AFTER"] = self.servers.seen()
        for kind in self.kinds:
            before = self.seen["BEFORE" if kind.why else "DURING"][kind.name]
            if self.seen["AFTER"].get(kind.name) != before:
                self.wrong.append(f"server {kind.name} is {self.seen['AFTER'].get(kind.name)}, and was {before}")

    def _back(self, options: str) -> Played:
        return self.play("zone_return", "--limit", ZONE, "-e", options)

    def _close(self) -> int:
        shown = {
            moment: {name: f"{short(host)} {status}" for name, (host, status) in seen.items()}
            for moment, seen in self.seen.items()
        }
        self.screen.step("end", f"The servers of zone {ZONE}:")
        self.screen.lines(servers({kind.name: kind.text for kind in self.kinds}, shown))
        away, back = self.screen.between("lost", "power"), self.screen.between("lost", "works")
        self.screen.say(f"Those that could be evacuated worked again after {away}, the zone after {back} (minutes).")
        for text in self.wrong:
            self.screen.say(f"NOT AS IT HAS TO BE: {text}")
        self.screen.say(f"What the playbooks printed: {self.play.folder}")
        return int(bool(self.wrong))

    def _verify(self) -> Played:
        return self.play("verify")

    def _expect(self, ran: Played, what: str) -> None:
        if ran.code:
            said = "; ".join(dict.fromkeys(ran.failures)) or ran.output[-2000:]
            raise Failed(f"{what}: it did not come to that. {said}")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the folder of the demo's lab")
    parser.add_argument("--inventory", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="for files that are handed in, and logs")
    parser.add_argument("--kubernetes", action="store_true", help="the lab has this half as well")
    chosen = parser.parse_args(arguments)
    shutil.rmtree(chosen.folder, ignore_errors=True)
    chosen.folder.mkdir(parents=True)
    drill = Drill(chosen.state, chosen.inventory, chosen.folder, kubernetes=chosen.kubernetes)
    try:
        return drill.run()
    except Failed as problem:
        drill.screen.say(f"The drill ends here: {problem}")
        drill.screen.say("Run `make drill` again: it first brings back what this one has taken away.")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
