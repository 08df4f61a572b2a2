# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field manager would do to an object: one GET of it, and a dry run of what is not in place. The server itself predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..client import Body, Cluster
from ..errors import ApiError, Conflict
from ..objects import Applied, is_ours
from . import fields
from .fields import Tree


@dataclass(frozen=True)
class Seen:
    """One part against the cluster.

    :ivar live: the object as it is, None where there is none.
    :ivar base: as it will be when the shared parts before this one are applied; else the live one.
    :ivar after: as it will be with this part, None where nothing would be sent.
    :ivar was: the live object where this one is simulated.
    :ivar conflicts: fields of others that it would change.
    :ivar kept: managers whose fields are taken over where this one is simulated.
    :ivar rejected: why the server would not take it, or why it is not sent.
    """

    applied: Applied
    live: Body | None = None
    base: Body | None = None
    after: Body | None = None
    was: Body | None = None
    conflicts: tuple[Conflict, ...] = ()
    rejected: str = ""
    kept: frozenset[str] = frozenset()

    @property
    def uid(self) -> str | None:
        return None if self.live is None else str(self.live["metadata"]["uid"])

    @property
    def version(self) -> str | None:
        """Of the object as it was read."""
        return None if self.live is None else self.live["metadata"].get("resourceVersion")

    @property
    def tree(self) -> Tree:
        """The fields that this part is about: those it wants, and those it had and gives up."""
        return fields.shape(self.applied, self.live)

    @property
    def before(self) -> dict[str, Any]:
        return fields.view(self.base, self.tree)

    @property
    def wanted(self) -> dict[str, Any]:
        return fields.view(self.after, self.tree)

    @property
    def new(self) -> bool:
        """Whether the manager has nothing in the object yet."""
        return not fields.owned(self.live, self.applied.manager)

    @property
    def changes(self) -> bool:
        """Whether the apply would do anything, and be it to own what is there already."""
        if self.after is None:
            return False
        if self.base is None or not fields.same(self.before, self.wanted):
            return True
        if self.base is not self.live:
            return self.new
        manager = self.applied.manager
        return _generation(self.live) != _generation(self.after) or not fields.same(
            fields.owned(self.live, manager), fields.owned(self.after, manager)
        )

    @property
    def shared(self) -> dict[str, Tree]:
        """Fields of this part that others own as well, by manager: they outlive a removal."""
        # With shared parts before it, the dry run was of those fields, too.
        mine = fields.within(fields.owned(self.after, self.applied.manager), self.applied.body)
        found: dict[str, Tree] = {}
        for entry in fields.entries(self.live):
            manager = str(entry.get("manager"))
            if manager not in self.kept and not entry.get("subresource") and not is_ours(manager):
                common = fields.both(dict(entry.get("fieldsV1") or {}), mine)
                if common:
                    found[manager] = common
        return found


@dataclass
class _Pending:
    """The shared parts of an object that are not applied yet: what zones ask for may only be right with them."""

    body: dict[str, Any] = field(default_factory=dict)
    after: Body | None = None
    conflicts: tuple[Conflict, ...] = ()


def look(
    cluster: Cluster,
    parts: Iterable[Applied],
    *,
    force: bool,
    lives: Mapping[str, Body | None] | None = None,
    fitted: Callable[[Applied, Body], Applied] = lambda part, _live: part,
) -> tuple[Seen, ...]:
    """All parts against the cluster: one GET per object, one dry run per part that is not in place.

    :param force: predict with the fields of others taken over; conflicts are named all the same.
    :param lives: objects that are known already, by path; None for one that does not exist.
    :param fitted: a part as it is asked for in view of the object as it is.
    """
    known = dict(lives or {})
    firsts: dict[str, Seen] = {}
    pending: dict[str, _Pending] = {}
    found: list[Seen] = []
    for part in parts:
        path = part.ref.path
        if path not in firsts:
            firsts[path] = Seen(part, known[path], known[path]) if path in known else _get(cluster, part)
        first = firsts[path]
        if first.live is not None:
            part = fitted(part, first.live)
        seen = replace(first, applied=part)
        if not seen.rejected:
            seen = _predict(cluster, seen, pending.get(path), force=force)
        if not part.zones and seen.after is not None and seen.changes:
            before = pending.get(path, _Pending())
            pending[path] = _Pending(
                fields.merged(before.body, part.body), seen.after, (*before.conflicts, *seen.conflicts)
            )
        found.append(seen)
    return tuple(found)


def _get(cluster: Cluster, part: Applied) -> Seen:
    try:
        live = cluster.get(part.ref)
    except ApiError as error:
        if not error.refused:
            raise
        return Seen(part, rejected=error.message)
    return Seen(part, live, live)


def _predict(cluster: Cluster, seen: Seen, pending: _Pending | None, *, force: bool) -> Seen:
    part = seen.applied
    if pending is not None:
        seen = replace(seen, base=pending.after)
    if seen.live is None and not part.may_create and pending is None:
        return seen if part.removes else replace(seen, rejected=_missing(part))
    if pending is None and fields.in_place(seen.live, part):
        return replace(seen, after=seen.live)
    body = sent(part.body if pending is None else fields.merged(pending.body, part.body), seen.uid)
    try:
        return replace(seen, after=cluster.apply(part.ref, body, part.manager, dry_run=True))
    except ApiError as error:
        if not error.refused:
            raise
        # What belongs to this collection's other managers is only in the body because they come first, and so is what was named there.
        named = pending.conflicts if pending is not None else ()
        conflicts = tuple(
            item for item in error.conflicts if pending is None or not (is_ours(item.manager) or item in named)
        )
        if not error.conflicts:
            return replace(seen, rejected=error.message)
    seen = replace(seen, conflicts=conflicts)
    if conflicts and not force:
        return seen
    try:
        return replace(seen, after=cluster.apply(part.ref, body, part.manager, dry_run=True, force=True))
    except ApiError as error:
        if not error.refused:
            raise
        return replace(seen, rejected=error.message)


def sent(body: dict[str, Any], uid: str | None, version: str | None = None) -> dict[str, Any]:
    """The body with the uid of the live object: an apply makes what is missing, and this is how it is kept from it.

    :param version: of the object that the body was made for: the server takes it for no other.
    """
    marks = {name: value for name, value in (("uid", uid), ("resourceVersion", version)) if value is not None}
    return {**body, "metadata": {**body["metadata"], **marks}} if marks else body


def _missing(part: Applied) -> str:
    where = f" in namespace {part.ref.namespace}" if part.ref.namespace else ""
    return f"{part.ref} does not exist{where}, and this run does not create it: create it first, or correct its name in the zone map."


def _generation(obj: Body | None) -> Any:
    return ((obj or {}).get("metadata") or {}).get("generation")
