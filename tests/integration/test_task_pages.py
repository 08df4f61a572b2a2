# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow the pages about an operator's tasks: write their files, type their commands, and compare what they show with what comes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import Dead
from ansible_collections.zoneops.openstack.tests.pages.steps import ROOT, TASKS, Command, File, Prepare, steps
from zonelab.client import LabClient

from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.images import Images
from .harness.lost import Lost
from .harness.play import PATIENCE, PRELOADED, Player, surroundings
from .harness.shares import Shares
from .harness.volumes import Volumes

# A command whose output shows one of these is meant to fail.
FAILURES = ("FAILED", "failed=1")
# A time that the operator writes down.
TIME = re.compile(r'at: "[-0-9]+T[:0-9]+Z"')
# What a shell would do something with.
SHELL = re.compile(r"[|;&<>$`(){}*?~\n]")


@dataclass(frozen=True)
class Operator:
    """Follows a page in an empty folder."""

    folder: Path
    cloud: Cloud
    lab: LabClient
    clouds: Path
    lost: list[Lost] = field(default_factory=list)

    def prepare(self, words: tuple[str, ...]) -> None:
        """What a page's `<!-- lab: ... -->` asks of the lab."""
        known: dict[str, Callable[..., object]] = {
            "add_aggregate": lambda name, zone, *hosts: self.cloud.add_aggregate(name, zone, hosts),
            "add_server": lambda name, zone=None: self.cloud.add_server(name, zone),
            "add_volume": lambda name, zone: Volumes(self.cloud, self.lab).make(name, zone),
            "disable": lambda host, *reason: self.cloud.set_service(
                host, status="disabled", **({"disabled_reason": " ".join(reason)} if reason else {})
            ),
            "die": self._die,
            "lose": self._lose,
            "start": self.lab.start_host,
            "add_default_type": self._add_default_type,
            "empty_shares": lambda: Shares(self.cloud).empty(),
            "add_share": self._add_share,
            "stop_host": lambda host: self.lab.stop_host(host, now=True),
            "start_host": self.lab.start_host,
            "lock": lambda *text: self.cloud.add_aggregate("zoneops:lock", " ".join(text)),
            "age": self.lab.set_age,
            "empty": self.cloud.empty,
            "new_backup_records": lambda: BlockStorage(self.cloud).new_backup_records(self.lab),
            "empty_block_storage": lambda: BlockStorage(self.cloud).empty(),
            "add_typed_volume": lambda name, kind: BlockStorage(self.cloud).add_volume(name, kind),
            "image": lambda name, visibility, *stores: Images(self.cloud).add(
                name, b"raw", stores, visibility=visibility
            ),
            "no_images": Images(self.cloud).empty,
            "inventory": self._inventory,
        }
        known[words[0]](*words[1:])

    def _inventory(self) -> None:
        """The lab's zones, on a cloud without types, which the table counts, and without servers that are gone and still count."""
        self.cloud.until_none_is_counted()
        BlockStorage(self.cloud).empty()
        Shares(self.cloud).empty()
        shutil.copytree(ROOT / "tests" / "integration" / "inventory", self.folder / "inventory")

    def _die(self, host: str, *reason: str) -> None:
        """As zone_evacuate leaves a host that was lost."""
        self.lab.stop_host(host, now=True)
        mark = Dead(" ".join(reason)).text
        self.cloud.set_service(host, status="disabled", disabled_reason=mark, forced_down=True)

    def _add_default_type(self, name: str, *others: str) -> None:
        """Of the user's own project, with other types; each is in the zone that its name begins with."""
        storage = BlockStorage(self.cloud)
        for one in (name, *others):
            storage.add_type(one, {"RESKEY:availability_zones": one.partition("-")[0]})
        storage.set_default(storage.project, name)

    def _lose(self, server: str) -> None:
        """The first zone, with a server that boots from a volume, of which there is a backup."""
        lost = Lost.of(self.cloud, self.lab)
        self.lost.append(lost)
        number = lost.volume("root", b"content", bootable=True)
        lost.add(server, root=number)
        lost.back_up(number)
        lost.die()

    def _add_share(self, name: str, kind: str, zone: str, *sources: str) -> None:
        shares = Shares(self.cloud)
        share = shares.add_share(name, kind, zone)
        for source in sources:
            shares.add_rule(share["id"], "ip", source)

    def write(self, file: File) -> None:
        path = self.folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Evidence that is older than what was heard of a host is refused: what a page has is as old as the page.
        path.write_text(TIME.sub(f'at: "{datetime.now(UTC).isoformat()}"', file.text))

    def type(self, command: Command) -> None:
        environ = surroundings() | {"OS_CLIENT_CONFIG_FILE": str(self.clouds), "COLUMNS": "400"}
        status, output = self._run(command.text, environ)
        print(f"$ {command.text}\n{output}")
        fails = any(word in line for line in command.shown for word in FAILURES)
        assert (status != 0) == fails, f"`{command.text}` ended with exit code {status}"
        rest = output
        for line in command.shown:
            _before, found, rest = rest.partition(line.strip())
            assert found, f"the page shows, after `{command.text}`, a line that does not come (or not there): {line}"

    def _run(self, text: str, environ: dict[str, str]) -> tuple[int, str]:
        """The exit code, and standard output followed by standard error. A playbook without anything for a shell goes the short way."""
        words = shlex.split(text)
        if words[0] != "ansible-playbook" or SHELL.search(text.replace("\\\n", "")):
            done = subprocess.run(
                ["bash", "-c", text], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
            )
            return done.returncode, done.stdout + done.stderr
        with tempfile.TemporaryDirectory(prefix="zoneops-page-") as folder:
            output, errors = Path(folder, "output"), Path(folder, "errors")
            status = PRELOADED.run(
                words[1:], cwd=self.folder, environ=environ, output=output, errors=errors, patience=PATIENCE
            )
            return status, output.read_text() + errors.read_text()


@pytest.mark.pages
@pytest.mark.parametrize("page", TASKS)
def test_page(page: str, tmp_path: Path, cloud: Cloud, lab: LabClient, play: Player) -> None:
    age = os.environ.get("ZONEOPS_CLOUD_AGE", "current")
    operator = Operator(tmp_path, cloud, lab, play.clouds)
    try:
        for step in steps(ROOT / page):
            if isinstance(step, Prepare):
                operator.prepare(step.words)
            elif isinstance(step, File):
                operator.write(step)
            else:
                operator.type(step)
    finally:
        lab.set_age(age)
        for lost in operator.lost:
            lost.clear()
        if "add_volume" in (ROOT / page).read_text():
            Volumes(cloud, lab).empty()
