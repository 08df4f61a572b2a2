# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 -m runner COMMAND: see `--help`. Started by the Makefile with PYTHONPATH=tests."""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType

from runner import benchmark, demo, drill, environments, kubernetes, layout, look, machine
from runner.catalogue import SUITES
from runner.report import Result, Verdict, closing, table
from runner.schedule import Run
from runner.surroundings import surroundings


def run(arguments: argparse.Namespace) -> int:
    chosen = [suite for suite in SUITES if suite.chosen_by(arguments.suites)]
    known = {suite.name for suite in SUITES} | {suite.name.partition(":")[0] for suite in SUITES}
    if unknown := sorted(set(arguments.suites) - known):
        raise machine.Problem(f"No suite is called {', '.join(unknown)}; `list` shows them")
    start = time.monotonic()
    with kubernetes.building(chosen):
        for environment in dict.fromkeys(suite.environment for suite in chosen if not suite.environment.missing):
            environments.ensure(environment)
        print(f"environments ready after {time.monotonic() - start:.1f} s", flush=True)
        with layout.laid_out() as folder:
            results: list[Result] = Run(folder, tuple(arguments.arguments), show=arguments.verbose).suites(chosen)
    print(f"\n{table(results)}\n\n{time.monotonic() - start:.0f} s altogether\n{closing(results)}")
    return int(any(result.verdict is Verdict.FAILED for result in results))


def list_suites(_arguments: argparse.Namespace) -> int:
    for suite in SUITES:
        when = "on request" if suite.on_request else ""
        print(f"{suite.name:24} {suite.budget:4} s  {when}{suite.missing}")
    return 0


def lay_out(_arguments: argparse.Namespace) -> int:
    with layout.laid_out() as folder:
        print(folder)
    return 0


def build(_arguments: argparse.Namespace) -> int:
    """The tarball for a release, from the copy: the build packs whatever lies in the folder, ignored or not."""
    program = environments.ensure(environments.TOOLS) / "bin" / "ansible-galaxy"
    with layout.laid_out() as folder:
        target = folder / machine.COLLECTION
        return machine.call([program, "collection", "build", "--force", "--output-path", machine.ROOT], target)


def generate(_arguments: argparse.Namespace) -> int:
    """What repeats the schema and the roles' argument specifications, written into the checkout."""
    with layout.laid_out() as folder:
        environ = surroundings(environments.TOOLS, folder, PYTHONPATH=folder)
        done = [
            subprocess.run(["python", machine.ROOT / "docs" / name], env=environ, check=False).returncode
            for name in (
                "generate_settings.py",
                "generate_playbooks.py",
                "generate_zone_map.py",
                "generate_json_schema.py",
            )
        ]
    return max(done)


def run_benchmark(arguments: argparse.Namespace) -> int:
    return benchmark.benchmark(arguments.arguments)


def run_demo(arguments: argparse.Namespace) -> int:
    return demo.demo(arguments.playbook, arguments.arguments)


def stop_demo(_arguments: argparse.Namespace) -> int:
    return demo.demo_down()


def run_drill(_arguments: argparse.Namespace) -> int:
    return drill.drill()


def make_picture(_arguments: argparse.Namespace) -> int:
    return look.picture()


def locks(_arguments: argparse.Namespace) -> int:
    environments.compile_locks()
    return 0


def clean(_arguments: argparse.Namespace) -> int:
    if machine.cache().exists():
        demo.demo_down()
        shutil.rmtree(machine.cache())
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python3 -m runner", description=sys.modules["runner"].__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    test = commands.add_parser("run", help="run suites, all when none is named; what follows -- goes to the tool")
    test.add_argument("suites", nargs="*", metavar="SUITE", help="a suite (unit:core-2.19) or a group (unit)")
    test.add_argument("-v", "--verbose", action="store_true", help="show the output while it runs")
    test.set_defaults(function=run)
    show = commands.add_parser("demo", help="bring the demo's lab up and run a playbook on examples/lab")
    show.add_argument("playbook", nargs="?", default="site", help="site (the default) or another of the collection")
    show.set_defaults(function=run_demo)
    for name, function, text in (
        ("benchmark", run_benchmark, "measure the collection; what follows -- goes to it (--help shows it)"),
        ("demo-down", stop_demo, "stop the demo's lab"),
        ("drill", run_drill, "lose a zone of the demo, evacuate it, and bring it back"),
        ("list", list_suites, "name the suites and their budgets"),
        ("layout", lay_out, "lay the collection out and print where"),
        ("build", build, "build the release tarball"),
        ("generate", generate, "write the generated files and tables anew"),
        ("picture", make_picture, "make the README's picture of the report anew"),
        ("locks", locks, "resolve the lock files of the environments anew"),
        ("clean", clean, "remove everything that was made outside the checkout"),
    ):
        commands.add_parser(name, help=text).set_defaults(function=function)
    return top


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    signal.signal(signal.SIGTERM, _stop)
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    arguments = parser().parse_args(words[:end])
    arguments.arguments = words[end + 1 :]
    try:
        return int(arguments.function(arguments))
    except machine.Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
