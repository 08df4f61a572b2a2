# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From looks to changes that are worth an event: what only one look sees is not. Pure.

Everything is taken for good at first, so what is not good at the start is reported like what happens later: an activation that is restarted during an
outage reports it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .judge import state_of_zone
from .model import Look, Sight, State


@dataclass(frozen=True)
class Patience:
    """How many looks in a row have to agree.

    :ivar confirm: that it is worse than what was reported.
    :ivar recover: that it is better.
    """

    confirm: int
    recover: int


@dataclass(frozen=True)
class Change:
    """What is different now from what was reported.

    :ivar zone: None for the looks themselves.
    :ivar since: the first look that saw it, in seconds since 1970.
    :ivar lasted: for how many seconds it was as it was before; None where nothing was reported before.
    :ivar at_start: it was so at the first look of all.
    :ivar services: the state of each service in the zone, as it was reported.
    """

    zone: str | None
    state: str
    before: str
    since: float
    lasted: float | None
    at_start: bool
    services: Mapping[str, State] = field(default_factory=dict)


class Window:
    """The last looks at one thing. It is reported as at least as bad as all of the last `confirm`, at most as bad as all of the last `recover`.

    :param reported: what was reported of it last.
    """

    def __init__(self, patience: Patience, reported: int = 0) -> None:
        self.reported = reported
        self.since: float | None = None
        self._patience = patience
        self._looks: deque[tuple[int, float]] = deque(maxlen=max(patience.confirm, patience.recover))

    def see(self, value: int, at: float) -> float | None:
        """Since when what is to be reported is another than before; None where this look changes nothing."""
        self._looks.append((value, at))
        for count, agreed, worse in ((self._patience.confirm, min, True), (self._patience.recover, max, False)):
            last = list(self._looks)[-count:]
            found = agreed(seen for seen, _at in last)
            if len(last) == count and (found > self.reported if worse else found < self.reported):
                self.reported, self.since = found, last[0][1]
                return self.since
        return None

    def forget(self) -> None:
        """The looks before now say nothing about what comes."""
        self._looks.clear()


class _Zone:
    """What was reported of one zone."""

    def __init__(self) -> None:
        self.windows: dict[str, Window] = {}
        self.since: float | None = None

    @property
    def services(self) -> dict[str, State]:
        return {name: State(window.reported) for name, window in sorted(self.windows.items())}


class Watch:
    """All zones of a region, from look to look."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._sight = Window(patience)
        # What each service is worth by itself: one that follows another is news.
        self._services: dict[str, Window] = {}
        self._zones: dict[str, _Zone] = {}
        self._began: float | None = None

    @property
    def zones(self) -> tuple[str, ...]:
        """Those that were seen so far."""
        return tuple(self._zones)

    def step(self, look: Look, at: float) -> list[Change]:
        """What to report after a look, the looks themselves first.

        :param at: when it began, in seconds since 1970.
        """
        began = self._began = at if self._began is None else self._began
        changes = list(self._of_sight(look, at, began))
        # Of a list that is not complete it is unknown whether a zone is gone.
        complete = not look.unread and look.sight is not Sight.BLIND
        for zone in sorted({*look.states, *self._zones}):
            if zone in look.states or complete:
                changes += self._of_zone(zone, self._states(zone, look), look, at, began)
        return changes

    def _of_sight(self, look: Look, at: float, began: float) -> Iterator[Change]:
        before, since = Sight(self._sight.reported), self._sight.since
        now = self._sight.see(look.sight, at)
        changed = [found for name in self._troubled(look) if (found := self._of_service(name, look, at)) is not None]
        if now is not None:
            lasted = None if since is None else now - since
            yield Change(None, Sight(self._sight.reported).text, before.text, now, lasted, now <= began)
        elif changed and before is not Sight.SEES:
            yield Change(None, before.text, before.text, min(changed), None, min(changed) <= began)

    def _troubled(self, look: Look) -> list[str]:
        return sorted({*self._services, *look.unread, *look.suspects})

    def _of_service(self, name: str, look: Look, at: float) -> float | None:
        unread = Sight.BLIND if look.sight is Sight.BLIND else Sight.PARTLY
        trouble = Sight.ALL_DOWN if name in look.suspects else unread if name in look.unread else Sight.SEES
        return self._services.setdefault(name, Window(self._patience)).see(trouble, at)

    def _states(self, zone: str, look: Look) -> Mapping[str, State]:
        """With what was reported of the zone and is no longer listed."""
        windows = self._zones[zone].windows if zone in self._zones else {}
        if zone not in look.states:
            return dict.fromkeys(windows, State.GONE)
        silent = {*look.states[zone], *look.suspects, *look.unread}
        return {**dict.fromkeys((name for name in windows if name not in silent), State.UP), **look.states[zone]}

    def _of_zone(self, zone: str, states: Mapping[str, State], look: Look, at: float, began: float) -> Iterator[Change]:
        kept = self._zones.setdefault(zone, _Zone())
        for name in look.suspects:
            if name in kept.windows:
                # Hosts go down one by one, too, where nova no longer hears of any.
                kept.windows[name].forget()
        before = state_of_zone(kept.services)
        changed = []
        for name, state in states.items():
            window = kept.windows.setdefault(name, Window(self._patience))
            found = window.see(state, at)
            if found is not None:
                changed.append(found)
        for name in [name for name in states if name not in look.states.get(zone, states)]:
            if kept.windows[name].reported == State.UP:
                del kept.windows[name]
        if not changed:
            return
        after, since = state_of_zone(kept.services), kept.since
        if after is not before:
            kept.since = min(changed)
        now = kept.since if kept.since is not None else min(changed)
        lasted = None if since is None or after is before else now - since
        yield Change(zone, after.text, before.text, now, lasted, now <= began, kept.services)
        if after is State.GONE:
            del self._zones[zone]
