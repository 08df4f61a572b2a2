# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All suites. A suite that is not named here does not run, and a folder of tests without a suite is an error."""

from __future__ import annotations

from runner import documentation, events, importer, kubernetes, lab, linters, look, molecule, operators, sanity, unit
from runner.suite import Suite

SUITES: tuple[Suite, ...] = (
    *linters.SUITES,
    *sanity.SUITES,
    *importer.SUITES,
    *documentation.SUITES,
    *events.SUITES,
    *unit.SUITES,
    *operators.SUITES,
    *kubernetes.SUITES,
    *lab.SUITES,
    *molecule.SUITES,
    *look.SUITES,
)
