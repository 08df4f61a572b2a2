# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page makes its reader do: files to write and commands to type, in the order of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Pages that test_pages.py follows from top to bottom. The commands of other pages: tests/packaging/commands.yml.
FOLLOWED = ("README.md",)
# Pages about one task of an operator, which tests/integration/test_task_pages.py follows.
TASKS = (
    "docs/new-zones.md",
    "docs/flat-cloud.md",
    "docs/move-a-host.md",
    "docs/rename.md",
    "docs/remove.md",
    "docs/refusals.md",
    "docs/compute-services.md",
    "docs/verify.md",
    "docs/audit.md",
    "docs/report.md",
    "docs/capacity.md",
    "docs/host-maintenance.md",
    "docs/zone-drain.md",
    "docs/zone-evacuate.md",
    "docs/zone-restore-servers.md",
    "docs/zone-return.md",
    "docs/zone-drill.md",
    "docs/zone-maintenance.md",
    "docs/saved-plan.md",
    "docs/volume-backups.md",
    "docs/volume-relocate.md",
    "docs/block-storage.md",
    "docs/shared-file-systems.md",
    "docs/share-access.md",
    "docs/older-clouds.md",
    "docs/concurrency.md",
    "docs/recovery.md",
    "docs/images.md",
    "docs/inventory.md",
)

BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```|^<!-- lab: (.*?) -->", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class File:
    """A YAML block whose first line is a comment with a file name."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line of a console block after `$ `, and the lines of its output that the page shows; "..." stands for others."""

    text: str
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepare:
    """What the lab needs before the page goes on, unseen by the reader: `<!-- lab: add_server web az1 -->`."""

    words: tuple[str, ...]


def steps(page: Path) -> Iterator[File | Command | Prepare]:
    for language, text, prepare in BLOCK.findall(page.read_text()):
        if prepare:
            yield Prepare(tuple(prepare.split()))
        elif language == "console":
            for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, *shown = typed.splitlines()
                yield Command(command, tuple(line for line in shown if line.strip() not in ("", "...")))
        elif name := re.match(r"# (\S+\.yml)\n", text):
            yield File(name[1], text)


def commands(page: Path) -> list[str]:
    return [step.text for step in steps(page) if isinstance(step, Command)]
