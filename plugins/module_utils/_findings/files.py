# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of an audit: rules and earlier reports are read, reports are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.files.folder import replace
from .._plan.files.paths import irreplaceable, missing, unreadable
from .audit import Report
from .compare import KEYS
from .model import Rule
from .outputs.html.render import html
from .outputs.junit import junit
from .outputs.prometheus import prometheus
from .outputs.sarif import sarif
from .rules import parsed, refuse_twice
from .snapshot.build import REMEMBERED, SINCE, TIME
from .snapshot.kinds import FIELDS, FORMAT, SECTIONS

_SUFFIXES = (".yml", ".yaml")
#: Everybody may read a report: collectors run as users of their own.
_MODE = 0o644


def rules_in(paths: Sequence[str]) -> list[Rule]:
    """The rules of all files, and of all YAML files of the folders. Raises ZoneopsError where there are none, or one cannot be used."""
    found: list[Rule] = []
    for path in paths:
        for file in _files(Path(path)):
            found += parsed(_text(file, f"file {file}"), str(file), FIELDS, SECTIONS)
    if not found:
        raise ZoneopsError("there is no rule to evaluate: set 'builtin', or give files with rules in 'rules'.")
    refuse_twice(found)
    return found


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        found = sorted(one for one in path.iterdir() if one.suffix in _SUFFIXES)
    except OSError as error:
        raise ZoneopsError(f"folder {path} in 'rules' cannot be read ({error.strerror}).") from error
    if not found:
        raise ZoneopsError(f"folder {path} in 'rules' has no files that end in {' or '.join(_SUFFIXES)}.")
    return found


def _text(path: Path, named: str) -> str:
    if reason := unreadable(str(path)):
        raise ZoneopsError(f"{named} {reason}.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ZoneopsError(f"{named} is not UTF-8 text.") from error


def earlier(path: str | None, label: str | None = None) -> dict[str, Any] | None:
    """The report that an earlier audit wrote; None where there is none yet.

    :param label: what users know the file as, where it is a copy. They cannot do anything about the copy.
    """
    if path is None or missing(path):
        return None
    named, remedy = (
        label or f"file {path}",
        "delete it, or name another one" if label else "name another file in 'previous'",
    )
    try:
        found = json.loads(_text(Path(path), named))
        if found["snapshot"]["format"] > FORMAT:
            raise ZoneopsError(
                f"{named} has format {found['snapshot']['format']}; this version reads up to {FORMAT}: {remedy}."
            )
        unread = dict(found["snapshot"].get("unread") or {})
        return {
            "unread": unread,
            "taken": str(found["snapshot"].get("taken") or ""),
            "snapshot": {
                "unread": unread,
                "objects": _by_kind(found["snapshot"]["objects"]),
                REMEMBERED: _by_kind(found["snapshot"].get(REMEMBERED, {})),
            },
            "findings": [{**one, **{key: str(one[key]) for key in KEYS}} for one in found["findings"]],
            "zones": [str(zone) for zone in found["zones"]] if "zones" in found else None,
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ZoneopsError(f"{named} is no report of an audit: {remedy}.") from error


def _by_kind(found: Any) -> dict[str, list[dict[str, Any]]]:
    return {kind: _objects(listed) for kind, listed in found.items()}


def _objects(listed: Any) -> list[dict[str, Any]]:
    """Those of a snapshot, each with a name, and with times that can be read."""
    found = [{**one, "name": one["name"]} for one in listed]
    for one in found:
        if SINCE in one:
            datetime.strptime(one[SINCE], TIME)
    return found


def refuse_unfit(outputs: Mapping[str, str | None]) -> None:
    """Raise ZoneopsError where a report cannot be written: before anything is asked, and in check mode as well."""
    named = [path for path in outputs.values() if path]
    for path in named:
        if reason := irreplaceable(path):
            raise ZoneopsError(f"report {path} {reason}.")
    if twice := [path for path in named if named.count(path) > 1]:
        raise ZoneopsError(f"report {twice[0]} is named twice in 'outputs': give each its own file.")


def write(report: Report, outputs: Mapping[str, str | None], zone_files: Mapping[str, str]) -> list[str]:
    """The files that were written, in the order of `outputs`."""
    makers: Mapping[str, Callable[[], str]] = {
        "json": lambda: as_json(report),
        "junit": lambda: junit(report.outcome, report.rules, report.snapshot, report.zones),
        "sarif": lambda: sarif(report.outcome, report.rules, zone_files, _texts(zone_files)),
        "prometheus": lambda: prometheus(report.outcome, report.snapshot),
        "html": lambda: html(report),
    }
    written = []
    for kind, path in outputs.items():
        if path:
            try:
                # The file that a link leads to; the link stays.
                replace(Path(path).resolve(), makers[kind](), mode=_MODE)
            except OSError as error:
                raise ZoneopsError(f"report {path} cannot be written ({error.strerror}).") from error
            written.append(path)
    return written


def _texts(files: Mapping[str, str]) -> dict[str, str]:
    """What is in the files. One that cannot be read, as on another machine, only costs the lines in it."""
    found = {}
    for zone, path in files.items():
        if not unreadable(path):
            found[zone] = Path(path).read_text(encoding="utf-8", errors="replace")
    return found


def as_json(report: Report) -> str:
    found = {
        "summary": report.summary,
        "zones": list(report.zones),
        "counts": report.outcome.counts(),
        "findings": [finding.as_dict() for finding in report.outcome.findings],
        "unknown": dict(report.outcome.unknown),
        "mute_notes": list(report.outcome.mute_notes),
        "snapshot": report.snapshot,
    }
    return f"{json.dumps(found, indent=1)}\n"
