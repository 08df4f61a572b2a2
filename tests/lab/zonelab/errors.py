# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error a user of the lab is meant to read: its text says what is wrong and what to do."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot do what was asked."""
