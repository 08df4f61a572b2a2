# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the Kubernetes side beside kubernetes.core, on a real API: `make benchmark ARGS='rhoso …'`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.measure import Failed, Figures, measure, median
from benchmark.rhoso.contenders import CONTENDERS, Contender
from benchmark.rhoso.region import Lab, Wanted

HEAD = ("ZONES", "CASE", "CONTENDER", "WALL s", "CPU s", "CALLS", "MB", "RUNS")


@dataclass(frozen=True)
class Case:
    """What is measured: on a cluster without zones, or on one that has them and where one may differ."""

    name: str
    empty: bool = False
    check: bool = False
    change: bool = False


CASES = (
    Case("check-first", empty=True, check=True),
    Case("first", empty=True),
    Case("no-op"),
    Case("check", check=True),
    Case("change", change=True),
)


def rows(
    lab: Lab, zones: int, repeat: int, cases: Sequence[Case], contenders: Sequence[Contender], folder: Path
) -> Iterator[tuple[str, ...]]:
    """One line for each case and contender; contenders in turn, so that other load on the machine meets all of them."""
    for case in cases:
        runs: dict[str, list[Figures]] = {one.name: [] for one in contenders}
        for turn in range(repeat):
            for one in contenders:
                runs[one.name].append(
                    _run(lab, case, one, Wanted(zones), folder, other=f"pool-{case.name}-{turn}-{one.name}")
                )
        for one in contenders:
            found = median(runs[one.name])
            figures = (f"{found.seconds:.2f}", f"{found.processor:.2f}", str(found.calls), f"{found.megabytes:.0f}")
            yield (str(zones), case.name, one.name, *figures, str(repeat))


def _run(lab: Lab, case: Case, contender: Contender, wanted: Wanted, folder: Path, other: str) -> Figures:
    if case.empty:
        lab.empty()
    elif not case.change and not lab.has(wanted):
        _measured(lab, contender, wanted, folder)
    aim = replace(wanted, pool=other) if case.change else wanted
    return _measured(lab, contender, aim, folder, check=case.check, changed=case.empty or case.change)


def _measured(
    lab: Lab, contender: Contender, wanted: Wanted, folder: Path, *, check: bool = False, changed: bool | None = None
) -> Figures:
    folder.mkdir(parents=True, exist_ok=True)
    before = lab.version()
    finished = measure(contender.command(folder, wanted, check=check), lab.environ, lab.kube)
    if changed not in (None, contender.changed(finished.output)):
        raise Failed(f"{contender.name} said changed={not changed}:\n{finished.output[-3000:]}")
    if not (lab.version() == before if check else lab.has(wanted)):
        raise Failed(f"{contender.name} left the cluster in another state:\n{finished.output[-3000:]}")
    return finished.figures


def table(lines: Sequence[tuple[str, ...]]) -> str:
    """In Markdown."""
    rule = tuple("---" if number < 3 else "---:" for number in range(len(HEAD)))
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEAD, rule, *lines))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make benchmark ARGS='rhoso …'", description=sys.modules["__main__"].__doc__)
    parser.add_argument(
        "--zones", default="3,10,30", help="how many zones, one size after the other (default: %(default)s)"
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median counts (default: %(default)s)")
    parser.add_argument("--cases", default=",".join(one.name for one in CASES), help="default: %(default)s")
    parser.add_argument("--contenders", default=",".join(one.name for one in CONTENDERS), help="default: %(default)s")
    arguments = parser.parse_args()
    chosen = [one for one in CONTENDERS if one.name in arguments.contenders.split(",")]
    cases = [one for one in CASES if one.name in arguments.cases.split(",")]
    lines: list[tuple[str, ...]] = []
    try:
        sizes = [int(text) for text in arguments.zones.split(",")]
        with tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
            lab = Lab(Path(folder, "lab"), max(sizes))
            try:
                lab.empty()
                for one in chosen:
                    # kubernetes.core asks a cluster that it has not met what it serves, and keeps the answer in a file.
                    _measured(lab, one, Wanted(1), Path(folder, "told-before"), check=True)
                for zones in sizes:
                    lab.empty()
                    for line in rows(lab, zones, arguments.repeat, cases, chosen, Path(folder, f"told-{zones}")):
                        lines.append(line)
                        print(" ".join(line), file=sys.stderr, flush=True)
            finally:
                lab.stop()
    except (Failed, ValueError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    print(f"\n{table(lines)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
