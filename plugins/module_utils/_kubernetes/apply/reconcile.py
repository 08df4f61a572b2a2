# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the Kubernetes API in the flow of a writer: observe, plan, apply, look again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, Union

from ..._plan.apply import Undo
from ..._plan.change import Note, Plan, Refusal
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._zones.overrides import FORCE, TAKEOVER
from ..client import Body, Cluster
from ..display import shown
from ..errors import ApiError
from ..objects import Applied
from . import fields
from .bookkeeping import Bookkeeping
from .changes import ApplyFields, Await, TakeOver, Write, some
from .observe import Seen, look, sent
from .takeover import take_over

# How often a part is built again from the object as it is now, where others write it at the same time. Each time one of them has succeeded.
TRIES = 20

# What a reconciler of a service has to say about what is seen.
Finding = Union[Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes


@dataclass(frozen=True)
class Observed:
    """What is there. Reconcilers that read more than their parts bring a subclass with a field for it.

    :ivar seen: the parts against the cluster.
    """

    seen: tuple[Seen, ...] = ()


O = TypeVar("O", bound=Observed)  # noqa: E741 - what is observed


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the objects are applied.

    :ivar allow: `force_conflicts` takes fields from their owners, `takeover` makes shared fields this collection's own.
    :ivar known: conflicts that are expected the first time, by field, each with why.
    :ivar one_by_one: no further zone is begun after one that failed.
    """

    allow: frozenset[str] = frozenset()
    known: Mapping[str, str] = field(default_factory=dict)
    one_by_one: bool = False


class AppliedReconciler(Reconciler[O, Write]):
    """The reconciler that `_plan.converge` works in. Subclasses bring `guard` and `settled` where they have something to say.

    A no-op costs one GET per object.

    :param zones: inventory names of the zones of this call, in order.
    :param parts: what is wanted, in the order in which it is applied. Shared parts have to come before what needs them.
    :param nothing: what is observed before anything is read.
    :ivar start: what was observed when writing began, for the writes; `nothing` until then.
    :ivar begun: whether it has begun.
    """

    def __init__(
        self, cluster: Cluster, zones: Sequence[str], parts: Sequence[Applied], options: Options, nothing: O
    ) -> None:
        self.cluster = cluster
        self._zones = tuple(zones)
        self.parts = tuple(parts)
        # What is shared is shared by the zones that have something here; others are in the call without a Kubernetes side.
        having = {zone for part in parts for zone in part.zones}
        self.sharing = tuple(zone for zone in self._zones if zone in having) or self._zones
        self.options = options
        self.nothing = self.start = nothing
        self.begun = False
        self.book = Bookkeeping()
        twice = len(self.parts) - len({part.key for part in self.parts})
        if twice:
            raise ValueError(f"{twice} parts of one manager are for an object that it has another part for")

    @property
    def zones(self) -> Sequence[str]:
        return self._zones

    def guard(self, _observed: O) -> Iterable[Finding]:
        """What else blocks, or is worth knowing. Pure."""
        return ()

    def settled(self, _part: str) -> None:
        """Called when the last change of a zone is written, or with an empty name of what zones share; may wait for it. What it raises fails that."""

    def observe(self) -> O:
        return replace(self.nothing, seen=self.looked_at(self.parts, self.nothing))

    def looked_at(
        self, parts: Sequence[Applied], known: O, lives: Mapping[str, Body | None] | None = None
    ) -> tuple[Seen, ...]:
        """Some of the parts against the cluster.

        :param known: what is observed besides.
        :param lives: objects that are known already, by path.
        """

        def fitted(part: Applied, live: Body) -> Applied:
            return self.fitted(part, live, known)

        return look(self.cluster, parts, force=self.takes_all, lives=lives, fitted=fitted)

    def read_first(self, _part: Applied) -> bool:
        """Whether a part is made of what others have in the object, so that it is right for the object as it was seen and for no other."""
        return False

    def fitted(self, part: Applied, _live: Body, _known: O) -> Applied:
        """A part as it is asked for in view of the object as it is. Pure."""
        return part

    def observe_details(self, _observed: O, _plan: Plan[Write]) -> O | None:
        return None

    def plan(self, observed: O) -> Plan[Write]:
        findings = [*self._findings(observed), *self.guard(observed)]
        return Plan.of(
            self._changes(observed),
            [found for found in findings if isinstance(found, Refusal)],
            [found for found in findings if isinstance(found, Note)],
        )

    def start_from(self, observed: O, plan: Plan[Write]) -> None:
        self.start, self.begun = observed, True
        self.book.start(plan.changes)

    @property
    def latest(self) -> O:
        """What was observed when writing began, with what the writes have looked at again."""
        return replace(self.start, seen=self.book.latest(self.start.seen))

    def simulate(self, observed: O, change: Write) -> O:
        if isinstance(change, Await):
            return observed

        def after(seen: Seen) -> Seen:
            mine = seen.applied.key == change.applied.key
            if not mine:
                return seen
            if isinstance(change, TakeOver):
                return replace(seen, kept=seen.kept | {change.manager})
            made = fields.narrowed(seen.after, seen.applied)
            return replace(seen, live=made, base=made, was=seen.live)

        return replace(observed, seen=tuple(after(seen) for seen in observed.seen))

    def write(self, change: Write) -> Undo | None:
        """There is no way back, and none is needed: the next run goes on from here."""
        self._stop_where_others_failed(change)
        self.book.begin(change)
        try:
            self.carry_out(change)
            if self.book.done(change):
                for step in self.book.owed(change.part):
                    step()
                self.settled(change.part)
                self.book.settle(change.part)
        except ZoneopsError:
            self.book.fail(change)
            raise
        return None

    def carry_out(self, change: Write) -> None:
        """The requests of one change."""
        if isinstance(change, TakeOver):
            take_over(self.cluster, change)
        elif not isinstance(change, Await):
            self._apply(change)

    def describe(self, observed: O, zone: str) -> Mapping[str, Any]:
        return {
            f"{seen.applied.ref} ({seen.applied.manager})": self._described(seen)
            for seen in observed.seen
            if seen.live is not None and zone in (seen.applied.zones or self.sharing)
        }

    @property
    def takes_all(self) -> bool:
        return FORCE in self.options.allow or TAKEOVER in self.options.allow

    def _described(self, seen: Seen) -> dict[str, Any]:
        state = shown(
            seen.live, fields.view(seen.live, seen.tree), fields.view(seen.was, seen.tree) if seen.was else None
        )
        count = len(set(fields.paths(fields.owned(seen.live, seen.applied.manager))))
        others = sorted(seen.shared) if count else []
        return {
            **state,
            **({"fields owned": count} if count else {}),
            **({"owned by others as well": others} if others else {}),
        }

    def _changes(self, observed: O) -> Iterator[Write]:
        # A refused shared part refuses all zones, so nothing else that they share is written for them either.
        shared_refused = any(self._refused(seen) for seen in observed.seen if not seen.applied.zones)
        for seen in observed.seen:
            if not self._zones or self._refused(seen) or (shared_refused and not seen.applied.zones):
                continue
            zone = (seen.applied.zones or self.sharing)[0]
            if seen.changes:
                yield ApplyFields(zone, seen, self.sharing)
            if TAKEOVER in self.options.allow and not seen.applied.removes:
                for manager in seen.shared:
                    yield TakeOver(zone, seen, self.sharing, manager)

    def _refused(self, seen: Seen) -> bool:
        """Whether it is not sent."""
        return bool(seen.rejected or (seen.conflicts and not self.takes_all))

    def _findings(self, observed: O) -> Iterator[Finding]:
        said: set[tuple[str, str]] = set()
        for seen in observed.seen:
            for zone in seen.applied.zones or self.sharing:
                # A control plane that is not there is missing for the shared part and for the zone.
                if (zone, seen.rejected) not in said:
                    yield from self._of(zone, seen)
                said |= {(zone, seen.rejected)} if seen.rejected else set()

    def _of(self, zone: str, seen: Seen) -> Iterator[Finding]:
        step = seen.applied.step
        if seen.rejected:
            yield Refusal(zone, "rejected", f"{step}: {seen.rejected}")
        if seen.conflicts:
            named = "; ".join(f"{conflict}{self._why(conflict.field)}" for conflict in seen.conflicts)
            if self.takes_all:
                yield Note(zone, f"{step}: taken over from others: {named} ({seen.applied.ref})", mended=True)
            else:
                yield Refusal(
                    zone,
                    "conflicts",
                    f"{step}: {seen.applied.ref}: {named}. Undo that change there, or take these fields over: add to zoneops_allow (option allow): [{FORCE}].",
                    tuple(conflict.as_dict() for conflict in seen.conflicts),
                )
        # Also in every later run: as long as it is so, a removal of the zone does not take them out.
        if TAKEOVER not in self.options.allow and seen.applied.zones and not seen.applied.removes:
            for manager, shared in seen.shared.items():
                yield Note(
                    zone,
                    f"{step}: {seen.applied.ref}: {some(fields.top(shared))} also belong to manager {manager}: they would be "
                    f"kept when the zone is removed. To make them {seen.applied.manager}'s alone, add to zoneops_allow (option allow): [{TAKEOVER}].",
                )

    def _why(self, name: str) -> str:
        return f" (known: {self.options.known[name]})" if name in self.options.known else ""

    def _apply(self, change: Write) -> None:
        seen, answer = self._sent(change.seen)
        part = seen.applied
        left = list(fields.remaining(fields.owned(seen.live, part.manager), answer)) if part.removes else []
        if left:
            owners = sorted({str(entry.get("manager")) for entry in fields.entries(answer)})
            raise ZoneopsError(
                f"{part.ref}: {some(left)} were kept, since another manager owns them as well (managers there: {', '.join(owners)}). "
                "Remove them at their source, for example in the repository that GitOps applies."
            )

    def _sent(self, seen: Seen, tries: int = TRIES) -> tuple[Seen, Body]:
        """Send a part; one that was made of what is there is made again where another run, or a person, was faster."""
        part = seen.applied
        exact = self.read_first(part)
        if exact and (tries < TRIES or self.book.has_written(part.ref.path)):
            seen = self._seen_again(seen)
        if exact and seen.live is not None and not seen.changes:
            return seen, seen.live
        body = sent(seen.applied.body, seen.uid, seen.version if exact else None)
        try:
            answer = self.cluster.apply(part.ref, body, part.manager, dry_run=False, force=bool(seen.conflicts))
        except ApiError as error:
            if not (exact and error.outdated and tries > 1):
                raise
        else:
            self.book.wrote(part.ref.path)
            return seen, answer
        self.cluster.deadline.check(part.step)
        time.sleep(random.uniform(0.05, 0.3))  # so that two runs do not meet again
        return self._sent(seen, tries - 1)

    def _seen_again(self, before: Seen) -> Seen:
        (seen,) = self.looked_at([part for part in self.parts if part.key == before.applied.key], self.start)
        self.book.saw(seen)
        if seen.uid != before.uid:
            raise ZoneopsError(
                f"{seen.applied.ref} was deleted or recreated during this run: find out by whom, then run it again."
            )
        if self._refused(seen):
            found = [finding.message for finding in self._of(self.sharing[0], seen) if isinstance(finding, Refusal)]
            raise ZoneopsError(" ".join(found))
        return seen

    def _stop_where_others_failed(self, change: Write) -> None:
        failed = self.book.failed
        shared = failed.startswith("the shared part")
        if failed and not change.shared and (shared or self.options.one_by_one):
            raise ZoneopsError(f"not begun, since {failed} failed")


class AppliedObjects(AppliedReconciler[Observed]):
    """Objects of which nothing has to be known but themselves."""

    def __init__(self, cluster: Cluster, zones: Sequence[str], parts: Sequence[Applied], options: Options) -> None:
        super().__init__(cluster, zones, parts, options, Observed())
