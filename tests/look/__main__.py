# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the picture of the report: `make report-picture`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.html.render import html
from ansible_collections.zoneops.openstack.tests.look.browser import browser
from ansible_collections.zoneops.openstack.tests.look.picture import HEIGHT, PICTURE, WIDTH, marked, source
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._findings.sample import sample


def main() -> None:
    root = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, browser() as page:
        report, shot = Path(folder, "report.html"), Path(folder, "report.png")
        report.write_text(html(sample()), encoding="utf-8")
        page.open(report)
        page.show(WIDTH)
        page.picture(shot, HEIGHT)
        (root / PICTURE).write_bytes(marked(shot.read_bytes(), source(root)))
    print(f"{PICTURE}: {(root / PICTURE).stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
