# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the collection beside a bare script and beside openstack.cloud, on real services: `make benchmark`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from benchmark.cases import CASES, Measurement
from benchmark.cloud import Cloud
from benchmark.contenders import CONTENDERS, Contender
from benchmark.measure import Failed
from benchmark.size import Size
from benchmark.table import cells, table

SIZES = "3x2,10x10,30x30"
# With more zones openstack.cloud takes an hour for what says nothing new.
MOST_ZONES_OF_OTHERS = 30

Named = TypeVar("Named")


def _chosen(all_of_them: Sequence[Named], names: str) -> list[Named]:
    """Those with the names, separated by commas; all when there is none."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    known = {str(getattr(one, "name", "")): one for one in all_of_them}
    if unknown := sorted(set(wanted) - set(known)):
        raise ValueError(f"{', '.join(unknown)}: choose from {', '.join(known)}")
    return [one for name, one in known.items() if not wanted or name in wanted]


def _for_size(contenders: Sequence[Contender], size: Size) -> list[Contender]:
    if size.zones <= MOST_ZONES_OF_OTHERS:
        return list(contenders)
    return [contender for contender in contenders if not contender.name.startswith("openstack.cloud")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make benchmark ARGS=…", description=sys.modules["__main__"].__doc__)
    parser.add_argument("--sizes", default=SIZES, help="zones x hosts per zone (default: %(default)s; also 100x100)")
    parser.add_argument("--cases", default="", help=f"of {', '.join(case.name for case in CASES)} (default: all)")
    parser.add_argument("--contenders", default="", help=f"of {', '.join(one.name for one in CONTENDERS)}")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median counts (default: %(default)s)")
    arguments = parser.parse_args()
    lines: list[tuple[str, ...]] = []
    try:
        sizes = [Size.parse(text) for text in arguments.sizes.split(",")]
        cases, contenders = _chosen(CASES, arguments.cases), _chosen(CONTENDERS, arguments.contenders)
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
                cloud = Cloud(Path(folder, "lab"), size)
                try:
                    cloud.empty()
                    measurement = Measurement(cloud, Path(folder, "told"), arguments.repeat)
                    for case in cases:
                        rows = list(measurement.rows(case, _for_size(contenders, size)))
                        lines += cells(size, rows)
                        print(f"{size} {case.name}: measured", file=sys.stderr, flush=True)
                finally:
                    cloud.stop()
    except (Failed, ValueError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    finally:
        # Also of a run that is interrupted: it has taken its time.
        if lines:
            print(f"\n{table(lines)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
