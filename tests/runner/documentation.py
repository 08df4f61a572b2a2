# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation: plugin and role pages by antsibull-docs, with the Markdown pages, built by Sphinx without a warning."""

from __future__ import annotations

import shutil

from runner.environments import TOOLS
from runner.machine import cache
from runner.process import Failed
from runner.suite import Job, Kind, Suite


def _docs(job: Job) -> str:
    checks = ["--plugin-docs", "--validate-collection-refs=all", "--check-extra-docs-refs"]
    job.run("antsibull-docs", "lint-collection-docs", *checks, ".")

    source, built = (cache() / "docs" / job.layout.name / name for name in ("source", "html"))
    shutil.rmtree(source.parent, ignore_errors=True)
    for pattern in ("*.md", "docs/*.md", "docs/*.png", "roles/*/README.md"):
        for page in job.collection.glob(pattern):
            target = source / page.relative_to(job.collection)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, target)
    shutil.copy(job.collection / "docs" / "docsite" / "contents.md", source)
    plugins = source / "docs" / "collection"
    plugins.mkdir(parents=True)
    options = ["--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(plugins)]
    job.run("antsibull-docs", "collection", *options, "zoneops.openstack")
    job.run(
        "sphinx-build", "-W", "--keep-going", "-b", "html", "-c", job.collection / "docs" / "docsite", source, built
    )

    modules = [path.stem for path in (job.collection / "plugins" / "modules").glob("*.py")]
    if missing := [name for name in modules if not (built / f"docs/collection/{name}_module.html").exists()]:
        raise Failed(f"no page for {', '.join(missing)}")
    return f"{len(list(built.rglob('*.html')))} pages: {built}/contents.html"


SUITES = (Suite("docs", 60, Kind.MAIN, TOOLS, _docs),)
