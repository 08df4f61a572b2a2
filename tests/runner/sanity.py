# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test sanity of the release without containers, one leg per core with the Python of that leg.

The release is what a hub tests: the unpacked tarball, outside any repository.
"""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from runner.environments import CORE_216, CORE_218, CORE_220, Environment, ensure, exclusive, newest_leg
from runner.machine import COLLECTION, cache
from runner.process import Failed
from runner.suite import Job, Kind, Suite
from runner.surroundings import home

# Stands in for the script that ansible-test downloads to put pip into its environments, where that host is out of reach.
GET_PIP = """\
import subprocess, sys
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.run([sys.executable, "-m", "ensurepip"], check=True)
subprocess.run([sys.executable, "-m", "pip", "install", *wanted], check=True)
"""


# pylint takes half of the time, and reads the same files on every core: the checks of the newest one are made, those of the others by `make sanity-full`.
FOUND_ELSEWHERE = ("--skip-test", "pylint")


def _of_checkout(job: Job) -> str:
    return _sanity(job, job.collection)


def built(job: Job) -> Path:
    """The release tarball, alone in a folder of the suite."""
    folder = cache() / "tests" / job.layout.name / job.suite.name.replace(":", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    job.run("ansible-galaxy", "collection", "build", "--output-path", folder, job.collection)
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


def _of_release(job: Job, *options: str) -> str:
    tarball = built(job)
    unpacked = tarball.parent / COLLECTION
    unpacked.mkdir(parents=True)
    job.run("tar", "-xzf", tarball, "-C", unpacked)
    return _sanity(job, unpacked, *options)


def _of_release_without_pylint(job: Job) -> str:
    return _of_release(job, *FOUND_ELSEWHERE)


def _sanity(job: Job, collection: Path, *options: str) -> str:
    environment = job.suite.environment
    python = environment.python
    # ansible-test keeps environments in its home, some for several cores: two runs must not make the same one at the same time.
    own = home(f"home-sanity-{environment.name}")
    here = job.environ(HOME=own)
    with exclusive(f"sanity-{environment.name}"):
        _provide_pip(environment, own)
        files = job.run("ansible-test", "env", "--list-files", cwd=collection, env=here).split()
        modules = list((job.collection / "plugins").rglob("*.py"))
        if len(files) < len(modules) + 1:
            raise Failed(f"ansible-test sees {len(files)} files, but there are {len(modules)} in plugins/ alone")
        command = ["ansible-test", "sanity", "--local", "--python", str(python), "--color", "no", "-v"]
        output = job.run(*command, *(job.arguments or options), cwd=collection, env=here)
    ran = re.findall(r"^Running sanity test [\"'](.+?)[\"']", output, re.MULTILINE)
    if not job.arguments and len(ran) < 20:
        raise Failed(f"ansible-test ran only {len(ran)} tests")
    return f"{len(ran)} tests on {len(files)} files"


def _provide_pip(environment: Environment, own: Path) -> None:
    """Download the script as ansible-test would, under the name it looks for; write the stand-in when that fails."""
    (package,) = ensure(environment).glob("lib/python3*/site-packages/ansible_test")
    version = _first(package / "_internal" / "python_requirements.py", r"\bpip='([\d.]+)'")
    address = _first(package / "_util" / "target" / "setup" / "requirements.py", r"'(https://\S+get-pip-%s\.py)'")
    script = own / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    script.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(address % version, timeout=10) as answer:
            content = answer.read()
    except (urllib.error.URLError, TimeoutError) as problem:
        print(f"{address % version}: {problem}; pip comes from ensurepip instead", flush=True)
        content = GET_PIP.encode()
    script.write_bytes(content)


def _first(file: Path, pattern: str) -> str:
    found = re.search(pattern, file.read_text())
    if not found:
        raise Failed(f"{file.name} of this ansible-test has no {pattern}: adapt tests/runner/sanity.py")
    return found[1]


# The cores that certification asks for; the newest is tested besides.
CERTIFIED = (CORE_216, CORE_218, CORE_220)


SUITES = (
    *(Suite(f"sanity:{leg.name}", 110, Kind.MAIN, leg, _of_release_without_pylint) for leg in CERTIFIED),
    Suite(f"sanity:{newest_leg().name}", 200, Kind.MAIN, newest_leg(), _of_release),
    *(Suite(f"sanity-full:{leg.name}", 200, Kind.MAIN, leg, _of_release, on_request=True) for leg in CERTIFIED),
    Suite("sanity-full:checkout", 260, Kind.MAIN, newest_leg(), _of_checkout, on_request=True),
)
