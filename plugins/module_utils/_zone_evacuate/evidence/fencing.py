# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host is known to be cut off: data that the operator hands in. Nova's `forced_down` is no such evidence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..._plan.errors import ZoneopsError
from ..._plan.text.near import refuse_unknown

#: The clock of who wrote it may be ahead by so much.
AHEAD = timedelta(minutes=5)
EXAMPLE = "{host: NAME, kind: bmc, by: YOUR NAME, at: 2030-01-31T06:00Z, what: power off read back from the BMC}"
KEYS = ("host", "hosts", "kind", "by", "at", "what")


@dataclass(frozen=True)
class Fence:
    """That a host cannot write to its storage or network any more.

    :ivar kind: how that is known, such as attestation or bmc.
    :ivar by: who, or which tool, says so.
    :ivar at: since when, in UTC.
    """

    kind: str
    by: str
    at: datetime
    what: str

    @property
    def text(self) -> str:
        return f"{self.kind} by {self.by} at {self.at:%Y-%m-%dT%H:%M:%SZ}: {self.what}"

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "by": self.by, "at": f"{self.at:%Y-%m-%dT%H:%M:%SZ}", "what": self.what}


def fences(entries: Iterable[Mapping[str, Any]], known: Iterable[str], now: datetime) -> dict[str, Fence]:
    """The evidence by host; the newest of several.

    :param known: all hosts of the map.
    """
    found: dict[str, Fence] = {}
    known = frozenset(known)
    for number, entry in enumerate(entries):
        which = f"'fencing', entry {number + 1}"
        where = f"option {which}"
        refuse_unknown(which, "key", entry, KEYS)
        names = [*([entry["host"]] if entry.get("host") else []), *(entry.get("hosts") or ())]
        if not names:
            raise ZoneopsError(f"{where}: it names no host. Write for example {EXAMPLE}.")
        refuse_unknown(which, "compute host in the zone files", names, known)
        missing = [key for key in ("kind", "by", "at", "what") if not str(entry.get(key) or "").strip()]
        if missing:
            raise ZoneopsError(f"{where}: {', '.join(missing)} is missing. Write for example {EXAMPLE}.")
        fence = Fence(_line(entry["kind"]), _line(entry["by"]), _time(entry["at"], where, now), _line(entry["what"]))
        for name in names:
            if name not in found or found[name].at < fence.at:
                found[name] = fence
    return found


def _line(text: Any) -> str:
    return " ".join(str(text).split())


def _time(value: Any, where: str, now: datetime) -> datetime:
    """YAML reads a time that is not quoted as one already, without its zone where it is UTC."""
    advice = "give a time with its zone, such as 2030-01-31T06:00Z or 2030-01-31T07:00+01:00"
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ZoneopsError(f"{where}: at is '{value}', which is no time: {advice}.") from error
    if found.tzinfo is None:
        raise ZoneopsError(f"{where}: at is '{value}', without a time zone: {advice}.")
    if found > now + AHEAD:
        raise ZoneopsError(f"{where}: at is '{value}', which is still to come: {advice}.")
    return found.astimezone(UTC)
