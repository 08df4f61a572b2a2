# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that moves servers takes, see `_servers.options`."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  live_per_host:
    description:
      - How many live migrations run at a time from one host. More than nova's C(max_concurrent_live_migrations), by default 1, only wait in its queue.
    type: int
    default: 1
  moves_per_target:
    description:
      - How many servers move at a time to one host that this run chooses. Where nova's scheduler chooses it, as for servers that are pinned to their zone,
        its own weighing spreads them.
    type: int
    default: 2
  moves_per_back_end:
    description: How many servers with volumes of one cinder back end move at a time. Each move attaches and detaches them there.
    type: int
    default: 10
  moves_at_once:
    description: How many servers of a zone move at a time in total. One that is stopped or started counts as well.
    type: int
    default: 10
  canary:
    description: Whether the first server of a zone moves, stops or starts alone. If that fails, no further one is begun.
    type: bool
    default: true
  max_failed:
    description: How many servers may fail to move, stop or start before no further one is begun. Those under way are awaited.
    type: int
    default: 0
  progress:
    description:
      - File to which a line is appended when a server begins to move, stop or start, and when that ends. Where its name ends in C(.json) or C(.jsonl), each
        line is an object, and how many have moved, are moving, are left and have failed is added every 15 seconds.
    type: path
"""

    PHASE = r"""
options:
  phase:
    description:
      - How far O(state=begin) goes. V(move) does all of it.
      - V(prepare) looks at everything that V(move) would do, and refuses what that would refuse. It disables what V(move) would disable, and leaves the servers
        to a later call.
    type: str
    choices: [prepare, move]
    default: move
"""
