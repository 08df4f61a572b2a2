# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules, what they find, and what is muted. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: The worst first.
CRITICAL, WARNING, NOTE = "critical", "warning", "note"
SEVERITIES = (CRITICAL, WARNING, NOTE)
Object = Mapping[str, Any]


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True)
class Rule:
    """A rule.

    :ivar of: the kind of objects that it looks at, see `snapshot.build.KINDS`.
    :ivar when: JMESPath over such an object: a value that is true is a finding.
    :ivar message: what is wrong with the object, with JMESPath in braces.
    :ivar remedy: what to do.
    :ivar page: of the documentation, without its ending.
    :ivar playbook: of the collection, that does it or shows more; the remedy names it.
    :ivar source: where the rule comes from.
    :ivar parameters: numbers by name that the expressions read beside the fields of the object, as users can set them.
    :ivar needs: sections of the snapshot that it needs besides those of its kind.
    :ivar file: where it stands, with `line`.
    """

    id: str
    title: str
    severity: str
    of: str
    when: str
    message: str
    remedy: str
    source: str
    page: str = ""
    playbook: str = ""
    needs: tuple[str, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)
    good: tuple[Object, ...] = ()
    bad: tuple[Object, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.line}"

    def view(self, about: Object) -> Object:
        """An object as the expressions see it."""
        return {**about, **self.parameters} if self.parameters else about


@dataclass(frozen=True)
class Mute:
    """A finding that somebody accepts.

    :ivar object: name or id; every object where it is empty.
    :ivar until: the last day, as in 2030-01-31.
    """

    rule: str
    reason: str
    until: str
    object: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that a rule found.

    :ivar zone: inventory name of the zone that the object belongs to; empty for none.
    :ivar name: the object, as people know it.
    :ivar muted: why it is accepted; empty where it is not.
    """

    rule: Rule
    severity: str
    zone: str
    kind: str
    name: str
    id: str
    message: str
    muted: str = ""

    @property
    def about(self) -> str:
        """The object, in words."""
        return f"{self.kind.replace('_', ' ')} {self.name}"

    def with_mute(self, mute: Mute) -> Finding:
        return replace(self, muted=f"{mute.reason} (until {mute.until})")

    def as_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule.id,
            "severity": self.severity,
            "zone": self.zone,
            "kind": self.kind,
            "name": self.name,
            "id": self.id,
            "message": self.message,
            "remedy": self.rule.remedy,
            "page": self.rule.page,
            "playbook": self.rule.playbook,
            "muted": self.muted,
        }


@dataclass(frozen=True)
class Outcome:
    """What an audit found.

    :ivar findings: the worst first, muted ones included.
    :ivar unknown: rules that could not be evaluated, by id, with the reason.
    :ivar evaluated: how many objects each other rule looked at.
    :ivar undated: those of `unknown` that only lack an earlier audit, which says since when something is as it is.
    :ivar mute_notes: mutes that have expired, and those that mute nothing, in words.
    """

    findings: tuple[Finding, ...]
    unknown: Mapping[str, str] = field(default_factory=dict)
    evaluated: Mapping[str, int] = field(default_factory=dict)
    mute_notes: tuple[str, ...] = ()
    undated: frozenset[str] = frozenset()

    @property
    def open(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.muted)

    def counts(self) -> dict[str, int]:
        """How many findings of each severity are not muted."""
        return {severity: sum(one.severity == severity for one in self.open) for severity in SEVERITIES}
