# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""galaxy-importer with the settings of certified content, as a hub runs it on an upload: the release must pass without a warning."""

from __future__ import annotations

import json
import re

from runner.environments import IMPORTER
from runner.process import Failed
from runner.sanity import built
from runner.suite import Job, Kind, Suite

# Those that are off are checked elsewhere: ansible-lint by lint:ansible, ansible-test by sanity:core-…, flake8 below, started once where the importer
# starts it for every file. All are set, as the importer reads those missing from /etc.
SETTINGS = {
    "CHECK_CHANGELOG": "true",
    "CHECK_REQUIRED_TAGS": "true",
    "REQUIRE_V1_OR_GREATER": "true",
    "RUN_ANSIBLE_DOC": "true",
    "RUN_ANSIBLE_LINT": "false",
    "RUN_ANSIBLE_TEST": "false",
    "RUN_FLAKE8": "false",
    "LOG_LEVEL_MAIN": "INFO",
}
# The importer ends with 0 after a warning, and not every warning has a prefix: any other line is a failure.
EXPECTED = re.compile(
    r"Importing with galaxy-importer |Getting doc strings via ansible-doc$|Finding content inside collection$"
    r"|Loading \S+ \S+$|Collection loading complete$|Importer processing completed successfully$"
)
# The importer's own flags, without two style rules that contradict the formatter (ruff) and, W503, their own opposite W504.
FLAKE8 = ("--isolated", "--select", "E,F,W", "--max-line-length", "160", "--extend-ignore", "E402,E203,W503")


def _importer(job: Job) -> str:
    known = job.run("python", "-c", "from galaxy_importer.config import Config; print(*Config.DEFAULTS)").split()
    if renamed := [name for name in SETTINGS if name.lower() not in known]:
        raise Failed(f"this galaxy-importer ignores {', '.join(renamed)}: adapt tests/runner/importer.py")
    tarball = built(job)
    settings = {f"GALAXY_IMPORTER_{name}": value for name, value in SETTINGS.items()}
    output = job.run("python", "-m", "galaxy_importer.main", tarball, cwd=tarball.parent, env=job.environ(**settings))
    if warnings := [line for line in output.splitlines() if not EXPECTED.match(line)]:
        raise Failed(f"galaxy-importer warns: {'; '.join(warnings)}")
    contents = json.loads((tarball.parent / "importer_result.json").read_text())["docs_blob"]["contents"]
    modules = {path.stem for path in (job.collection / "plugins" / "modules").glob("*.py")}
    documented = {one["content_name"] for one in contents if one["content_type"] == "module" and one["doc_strings"]}
    if modules - documented:
        raise Failed(f"galaxy-importer finds no documentation of {', '.join(sorted(modules - documented))}")

    counts = job.run("flake8", *FLAKE8, "--jobs", "1", "--benchmark", "plugins")
    counted = re.search(r"^(\d+) +total files processed", counts, re.MULTILINE)
    files = list((job.collection / "plugins").rglob("*.py"))
    if not counted or int(counted[1]) < len(files):
        raise Failed(
            f"flake8 must check at least {len(files)} files: {counted[0] if counted else 'it named no number'}"
        )
    return f"{len(contents)} contents, {counted[1]} files without a warning"


SUITES = (Suite("sanity:importer", 30, Kind.MAIN, IMPORTER, _importer),)
