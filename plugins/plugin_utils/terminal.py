# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be printed beside the callback of the run."""

from __future__ import annotations

from ansible.constants import config

# Callbacks whose output another program reads, by the end of their name: of the collection ansible.posix, and of others by the format they are named for.
# The callback null asks for silence.
FORMATS = ("json", "jsonl", "ndjson", "json_lines", "xml", "csv", "null")


def stdout_is_for_people() -> bool:
    """Whether more lines than the callback's own do no harm. They would break what a program reads; the results have all there is to say."""
    name = str(config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2].lower()
    return not name.endswith(FORMATS)
