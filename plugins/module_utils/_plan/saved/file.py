# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a saved plan: YAML that a person reads before it is carried out, and that only its owner can read."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import ZoneopsError
from ..files.folder import replace
from ..files.paths import missing, unreadable
from ..text.yaml_problem import problem_of
from ..user import user
from .model import SavedPlan, as_entries, digest

# Whatever reads or writes a plan has it: Ansible itself, and both clients.
with suppress(ImportError):
    import yaml

FORMAT = 1
KEY = "zoneops_plan"
HEADER = """\
---
# To carry it out, run the same command without --check.
# If it has zoneops_phase=plan, set prepare or move in place of plan (finish, if this is the plan of an end).
"""


def read(path: str) -> SavedPlan:
    """The plan in a file. Raises ZoneopsError where there is none that can be carried out."""
    if missing(path):
        raise ZoneopsError(f"plan {path} does not exist. Save one with --check.")
    found = _loaded(path)
    if found is None:
        raise ZoneopsError(f"file {path} is not a plan. Save one with --check.")
    if found[KEY] != FORMAT:
        raise ZoneopsError(
            f"plan {path} has format {found[KEY]}; this version reads {FORMAT}. Save a new one with --check."
        )
    try:
        zones = {str(name): zone for name, zone in found["zones"].items()}
        digests = {"": str(found["region_digest"]), **{name: str(zone["digest"]) for name, zone in zones.items()}}
        changes = {name: [dict(one) for one in zone["changes"]] for name, zone in zones.items()}
        # YAML has more types than JSON, by which changes are compared: a date that was typed without quotes.
        json.dumps(changes, sort_keys=True)
        return SavedPlan(path, str(found["saved"]), found["playbook"], digests, changes)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ZoneopsError(
            f"plan {path} is damaged ({type(error).__name__}: {error}). Save a new one with --check."
        ) from error


def identifier(playbook: str | None, verdicts: Mapping[str, Mapping[str, Any]], digests: Mapping[str, str]) -> str:
    """The same for the same changes of the same zone map: who approves a plan and who carries it out can compare it.

    That a zone is refused counts, and not the message: it may name a request.
    """
    zones = {name: {**zone, "refused": "refused" in zone} for name, zone in _zones(verdicts, digests).items()}
    return digest([playbook, digests.get("", ""), zones])


def save(path: str, playbook: str | None, verdicts: Mapping[str, Mapping[str, Any]], digests: Mapping[str, str]) -> int:
    """Write the plan of a run; the number of its changes. It replaces an earlier plan, and no other file.

    :param verdicts: of each zone, as data: its changes, and why it is refused.
    :param digests: of the zone map, see `digests_of`.
    """
    if not missing(path) and _loaded(path) is None:
        raise ZoneopsError(f"file {path} is not a plan, so it is not overwritten. Name another file.")
    zones = _zones(verdicts, digests)
    plan = {
        KEY: FORMAT,
        "id": identifier(playbook, verdicts, digests),
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": f"{user()} on {socket.gethostname()}",
        "playbook": playbook,
        "region_digest": digests.get("", ""),
        "zones": zones,
    }
    text = yaml.safe_dump(plan, sort_keys=False, allow_unicode=True, width=160)
    try:
        replace(Path(path), HEADER + text, mode=0o600)
    except OSError as error:
        raise ZoneopsError(f"plan {path} cannot be written ({error.strerror}).") from error
    return sum(len(zone["changes"]) for zone in zones.values())


def forget(path: str) -> None:
    """Remove an earlier plan, so that nobody carries it out when a new one could not be saved. Raises ZoneopsError for any other file."""
    if missing(path):
        return
    if _loaded(path) is None:
        raise ZoneopsError(f"file {path} is not a plan, so it is not overwritten. Name another file.")
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as error:
        raise ZoneopsError(f"the earlier plan {path} cannot be removed ({error.strerror}).") from error


def _loaded(path: str) -> dict[str, Any] | None:
    """What is in the file; None where that is no plan."""
    if reason := unreadable(path):
        raise ZoneopsError(f"plan {path} {reason}.")
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None
    except yaml.YAMLError as error:
        raise ZoneopsError(
            f"plan {path} is damaged: {problem_of(error)}. Save one with --check to another file."
        ) from error
    return found if isinstance(found, dict) and KEY in found else None


def _zones(verdicts: Mapping[str, Mapping[str, Any]], digests: Mapping[str, str]) -> dict[str, Any]:
    return {name: _zone(verdict, digests.get(name, "")) for name, verdict in verdicts.items()}


def _zone(verdict: Mapping[str, Any], of_map: str) -> dict[str, Any]:
    if verdict.get("failed"):
        return {"digest": of_map, "refused": str(verdict.get("msg") or "").splitlines(), "changes": []}
    return {"digest": of_map, "changes": as_entries(verdict.get("plan") or ())}
