# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's process: started and ended by the lab's supervisor, it talks to the API server past the proxy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from zonelab.kube.api import KubeApi
from zonelab.kube.folder import KubeFolder
from zonelab.operators.controller import Controller
from zonelab.operators.informers import Informers
from zonelab.operators.webhooks import Webhooks


def main() -> int:
    """Work until it is killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", type=Path, required=True)
    folder = KubeFolder(parser.parse_args().state)
    record = folder.read()
    if record is None:
        print(f"{folder.path}: no lab was ever started here", file=sys.stderr)
        return 1
    api = KubeApi(record.direct, record.token, folder.authority, "operators")
    informers = Informers(api)
    informers.start()
    Webhooks(folder, informers).start(api)
    controller = Controller(api, informers, folder)
    folder.operating_file.touch()
    controller.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
