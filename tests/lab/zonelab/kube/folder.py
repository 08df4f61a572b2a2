# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the Kubernetes half of a lab: `kubernetes` in the lab's folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from zonelab.folder import LabFolder, replace_file
from zonelab.kube.options import KubeOptions

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class KubeRecord:
    """What kubernetes.json says: enough to talk to the lab, to stop it and to start it again.

    :ivar port: of the proxy, which clients talk to.
    :ivar direct: of the API server itself, which the lab's own parts talk to.
    """

    options: KubeOptions
    pid: int
    port: int
    direct: int
    control: int
    token: str
    schema: str = ""
    processes: dict[str, int] = field(default_factory=dict)
    ready: bool = False

    def to_json(self) -> str:
        """For the file."""
        return json.dumps({**asdict(self), "options": self.options.as_dict()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> KubeRecord:
        """From the file."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "options": KubeOptions.from_dict(values["options"])})


class KubeFolder(LabFolder):
    """Paths in the folder."""

    def __init__(self, state: Path) -> None:
        """No file is touched yet."""
        super().__init__(state / "kubernetes")
        self.state = state.absolute()
        self.data = self.path / "etcd"
        self.pki = self.path / "pki"
        self.users = self.path / "users"
        self.kubeconfig = self.path / "kubeconfig"
        self.direct_kubeconfig = self.path / "kubeconfig-direct"
        self.tokens_file = self.path / "tokens.csv"
        self.record_file = self.path / "kubernetes.json"
        self.complete_file = self.path / "complete"  # it has served once
        self.switches_file = self.path / "operators.json"
        self.operating_file = self.path / "operating"  # the stand-in for the operators works

    @property
    def authority(self) -> Path:
        """The certificate that signed the API server's and the proxy's."""
        return self.pki / "ca.crt"

    def wipe(self) -> None:
        """Forget what the lab holds, except its ports."""
        for folder in (self.data, self.pki, self.users, self.log):
            shutil.rmtree(folder, ignore_errors=True)
        files = (self.kubeconfig, self.direct_kubeconfig, self.tokens_file, self.complete_file)
        for file in (*files, self.switches_file, self.operating_file):
            file.unlink(missing_ok=True)

    def read(self) -> KubeRecord | None:
        """The lab's record; None when no lab was ever started here."""
        try:
            return KubeRecord.from_json(self.record_file.read_text())
        except FileNotFoundError:
            return None

    def write(self, record: KubeRecord) -> None:
        """Replace the record."""
        replace_file(self.record_file, record.to_json())
        self.record_file.chmod(0o600)
