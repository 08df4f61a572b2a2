# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of the lab's own, and one certificate for all that serves; made by openssl."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from zonelab.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path

KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
DAYS = 365
EXTENSIONS = """\
subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc
basicConstraints=critical,CA:FALSE
extendedKeyUsage=serverAuth
keyUsage=critical,digitalSignature
authorityKeyIdentifier=keyid
"""
AUTHORITY = f"req -x509 {KEY} -days {DAYS} -subj /CN=zonelab-ca -addext keyUsage=critical,keyCertSign,cRLSign"
SIGNED = f"x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days {DAYS} -extfile extensions"
STEPS = (
    f"{AUTHORITY} -keyout ca.key -out ca.crt",
    f"req {KEY} -subj /CN=zonelab -keyout server.key -out server.csr",
    f"{SIGNED} -in server.csr -out server.crt",
)


def make(folder: Path) -> None:
    """ca.crt, server.crt and server.key, aside and then renamed. The key also signs the tokens of service accounts."""
    if folder.exists():
        return
    aside = folder.with_suffix(".new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    (aside / "extensions").write_text(EXTENSIONS)
    for step in STEPS:
        try:
            done = subprocess.run(["openssl", *step.split()], cwd=aside, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise LabError(
                "no openssl on PATH: the Kubernetes lab makes its certificates with it; install it"
            ) from None
        if done.returncode:
            raise LabError(f"openssl {step}: failed with {done.returncode}\n{done.stderr}")
    aside.rename(folder)
