# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of several zones, for people: each sentence once, with the zones that it is about. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def by_sentence(said: Mapping[str, Iterable[str]], zones: Collection[str]) -> list[tuple[str, str]]:
    """Whom a sentence is about, and the sentence, in the order in which they are first said.

    :param said: sentences by zone; what is empty or said twice of a zone counts once.
    :param zones: all zones there are: what is said of each of three and more is said of "all 3 zones".
    """
    about: dict[str, list[str]] = {}
    for zone, sentences in said.items():
        for sentence in dict.fromkeys(filter(None, sentences)):
            about.setdefault(sentence, []).append(zone)
    return [(_named(names, zones), sentence) for sentence, names in about.items()]


def by_reason(reasons: Mapping[str, str]) -> list[tuple[str, str]]:
    """What could not be had, and why: each reason once, with all that it is the reason of."""
    about: dict[str, list[str]] = {}
    for what, reason in reasons.items():
        about.setdefault(reason, []).append(what)
    return [(", ".join(names), reason) for reason, names in about.items()]


def _named(names: Collection[str], zones: Collection[str]) -> str:
    return f"all {len(zones)} zones" if len(names) > 2 and set(names) >= set(zones) else ", ".join(names)
