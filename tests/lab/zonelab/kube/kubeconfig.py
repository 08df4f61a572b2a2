# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubeconfig files: self-contained, written as JSON, which is YAML too."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from zonelab.folder import replace_file
from zonelab.ports import ADDRESS

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = "lab"
NAMESPACE = "openstack"  # where RHOSO's objects are


def write(file: Path, *, port: int, authority: Path, user: str, token: str) -> None:
    """One cluster, one user, one context."""
    trusted = base64.b64encode(authority.read_bytes()).decode()
    cluster = {"server": f"https://{ADDRESS}:{port}", "certificate-authority-data": trusted}
    context = {"cluster": CONTEXT, "user": user, "namespace": NAMESPACE}
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": CONTEXT, "context": context}],
    }
    replace_file(file, json.dumps(content, indent=2) + "\n")
    file.chmod(0o600)
