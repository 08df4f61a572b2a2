#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module findings_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: findings_info
short_description: Audit a region's zones by rules, and report what is not as it should be
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Takes a snapshot of the region and evaluates rules on it. A rule is a JMESPath expression over one kind of objects, with a message and a remedy.
  - The collection has about 60 rules, in C(roles/audit/files/rules), on dead hosts, zone names that differ between services, pins to zones that are gone,
    servers and volumes in different zones, the loss of each zone, single copies of images, backups, types, services and defaults. Add your own by O(rules).
  - What could not be read makes the rules that need it unknown, never good. They are in RV(unknown).
  - Changes nothing in the cloud. It only writes the files of O(outputs), and not in check mode.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  rules:
    description: Folders and files with rules of your own, see the page C(audit) of the documentation.
    type: list
    elements: path
    default: []
  builtin:
    description: Whether the rules of the collection are evaluated.
    type: bool
    default: true
  severities:
    description: Other severities by rule, V(critical), V(warning), V(note), or V(off) to leave the rule out.
    type: dict
    default: {}
  parameters:
    description: Other numbers of rules, by rule and parameter, such as V(336) for C(max_hours) of C(host-disabled-for-long).
    type: dict
    default: {}
  mute:
    description: Findings that are accepted for a time. They are reported as muted and fail nothing.
    type: list
    elements: dict
    default: []
    suboptions:
      rule:
        description: Id of the rule. An entry needs it, as O(mute[].reason) and O(mute[].until); all entries that lack one are named in one message.
        type: str
        default: ''
      object:
        description: Name or id of the object. Without it, every finding of the rule is muted.
        type: str
        default: ''
      reason:
        description: Why it is accepted.
        type: str
        default: ''
      until:
        description: The last day on which it is muted, such as V(2030-01-31).
        type: str
        default: ''
  fail_on:
    description:
      - The severity from which on a finding fails its zone, in RV(zones), and one without a zone fills RV(problems).
      - Rules that could not be evaluated fill RV(problems) too, unless it is V(never), which fails nothing, or only an earlier audit is missing.
    type: str
    choices: [critical, warning, note, never]
    default: never
  outputs:
    description: Files to write. An existing file is replaced.
    type: dict
    default: {}
    suboptions:
      json:
        description: Snapshot and findings, for O(previous) and for programs.
        type: path
      junit:
        description: JUnit. A suite is a zone, a case is a rule. Notes and muted findings are no failures.
        type: path
      sarif:
        description: SARIF 2.1.0.
        type: path
      prometheus:
        description: Metrics for the textfile collector of Prometheus' node exporter.
        type: path
      html:
        description:
          - A page for people, in one file that needs no network and runs no script, with its data as JSON inside. It shows the zones and their hosts,
            capacity and the loss of each zone, the findings, the images in each store, and what changed since O(previous).
          - Needs jinja2 where the module runs.
        type: path
  previous:
    description:
      - The file that O(outputs) wrote as C(json) in an earlier run. RV(new) and RV(gone) are compared with it, as far as both
        looked at the same, and what counts is how long something is as it is since the first of these files that shows it.
        A file that does not exist yet counts as empty.
      - Without it, rules that depend on how long a host or a service is as it is are in RV(unknown) if there is one that they might be about.
    type: path
  previous_label:
    description: What messages call the file of O(previous), where it is a copy, such as one of an object that was fetched from an object store.
    type: str
  latency:
    description: Round-trip times to show in C(html) of O(outputs), as RV(zoneops.openstack.latency_info#module:pairs) has them.
    type: list
    elements: dict
    default: []
  pods:
    description:
      - The result of M(zoneops.openstack.pod_placement_info). Without it, rules about pods are in RV(unknown) if the map has a Kubernetes side.
    type: dict
    default: {}
  shared_disks:
    description: See O(zoneops.openstack.zone_capacity_info#module:shared_disks).
    type: bool
    default: false
  storage_reachable:
    description: See O(zoneops.openstack.zone_capacity_info#module:storage_reachable).
    type: bool
    default: false
  files:
    description: The zone files by inventory name, as places of findings in SARIF.
    type: dict
    default: {}
  show:
    description: Print the findings if people read the output. No effect if the module runs in a separate process.
    type: bool
    default: false
notes:
  - Costs the calls of M(zoneops.openstack.zone_capacity_info) and a dozen more, pages apart. Their number grows neither with zones nor with hosts.
  - Where placement has more in use on a host than its servers need, another dozen calls find out whether servers moved while it looked.
  - Needs the right to list what belongs to all projects, which is the admin role unless a policy says otherwise.
seealso:
  - module: zoneops.openstack.zone_capacity_info
  - module: zoneops.openstack.region_info
"""

EXAMPLES = r"""
- name: Audit the region
  zoneops.openstack.findings_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    severities:
      zone-with-one-serving-host: critical
      volume-type-without-zone: "off"
    parameters:
      host-disabled-for-long: {max_hours: 336}
    mute:
      - {rule: host-down, object: compute-az1-7, reason: broken mainboard, until: 2030-01-31}
    outputs:
      json: /var/lib/zoneops/audit.json
      junit: /var/lib/zoneops/audit.xml
      prometheus: /var/lib/node_exporter/zoneops.prom
    previous: /var/lib/zoneops/audit.json
  register: audit

- name: Print what is new since the last audit
  ansible.builtin.debug:
    msg: "{{ audit.new | map(attribute='message') }}"
"""

RETURN = r"""
findings:
  description:
    - The findings, the worst first, each with C(rule), C(severity), C(zone), C(kind), C(name), C(id), C(message), C(remedy), C(page), C(playbook),
      the one of the collection that the remedy names, and C(muted), the reason of its mute.
  returned: success
  type: list
  elements: dict
  sample: [{"rule": "host-down", "severity": "critical", "zone": "az1", "kind": "host", "name": "compute-az1-0", "id": "",
    "message": "nova-compute is down, and the host is still enabled: users see its servers as ACTIVE", "remedy": "start nova-compute",
    "page": "compute-services", "playbook": "zone_evacuate", "muted": ""}]
counts:
  description: How many findings of each severity are not muted.
  returned: success
  type: dict
  sample: {"critical": 1, "warning": 0, "note": 3}
unknown:
  description: Rules that could not be evaluated, with the reason.
  returned: success
  type: dict
  sample: {}
mute_notes:
  description:
    - Entries of O(mute) that have expired, and those that mute nothing, with the reason. An object may be misspelt, or the rule no longer finds it.
    - An entry whose findings were not looked for, because of O(limit) or of what is in RV(unknown), is not reported.
  returned: success
  type: list
  elements: str
  sample:
    - "the mute of rule host-down for compute-az1-O mutes nothing: no host has this name or id (did you mean compute-az1-0?): correct the entry or remove it"
new:
  description: Findings that O(previous) does not have. Empty without it.
  returned: success
  type: list
  elements: dict
  sample: []
gone:
  description: Findings of O(previous) that are no longer there.
  returned: success
  type: list
  elements: dict
  sample: []
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them. It fails by O(fail_on).
  returned: success
  type: dict
problems:
  description: Findings without a zone that fail by O(fail_on), and what could not be evaluated.
  returned: success
  type: list
  elements: str
  sample: []
table:
  description: The findings as lines of at most 80 columns.
  returned: success
  type: list
  elements: str
written:
  description: The files that were written.
  returned: success
  type: list
  elements: str
  sample: []
"""

from datetime import UTC, datetime
from typing import Any

from ..module_utils._capacity.model import Question
from ..module_utils._findings import audit
from ..module_utils._findings.audit import Report
from ..module_utils._findings.compare import compared
from ..module_utils._findings.evaluate import evaluate, refuse_unknown_rules
from ..module_utils._findings.expression import JMESPATH
from ..module_utils._findings.files import earlier, refuse_unfit, rules_in, write
from ..module_utils._findings.model import SEVERITIES, counted
from ..module_utils._findings.mute_notes import expired
from ..module_utils._findings.mutes import mutes_of, severities_of
from ..module_utils._findings.outputs.html.render import JINJA
from ..module_utils._findings.outputs.table import lines
from ..module_utils._findings.parameters import with_parameters
from ..module_utils._findings.rules import YAML
from ..module_utils._findings.verdicts import NEVER, problems, verdicts
from ..module_utils._latency.pairs import pairs_of
from ..module_utils._openstack import module as frame
from ..module_utils._plan.frame import need
from ..module_utils._plan.verdict import call_result

OUTPUTS = ("json", "junit", "sarif", "prometheus", "html")
OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "rules": {"type": "list", "elements": "path", "default": []},
    "builtin": {"type": "bool", "default": True},
    "severities": {"type": "dict", "default": {}},
    "parameters": {"type": "dict", "default": {}},
    "mute": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "rule": {"type": "str", "default": ""},
            "object": {"type": "str", "default": ""},
            "reason": {"type": "str", "default": ""},
            "until": {"type": "str", "default": ""},
        },
    },
    "fail_on": {"type": "str", "choices": [*SEVERITIES, NEVER], "default": NEVER},
    "outputs": {"type": "dict", "default": {}, "options": {name: {"type": "path"} for name in OUTPUTS}},
    "previous": {"type": "path"},
    "previous_label": {"type": "str"},
    "latency": {"type": "list", "elements": "dict", "default": []},
    "pods": {"type": "dict", "default": {}},
    "shared_disks": {"type": "bool", "default": False},
    "storage_reachable": {"type": "bool", "default": False},
    "files": {"type": "dict", "default": {}},
    "show": {"type": "bool", "default": False},
}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params, now = module.params, datetime.now(UTC)
    zone_map, only = frame.zones_asked(params)
    mutes, severities = mutes_of(params["mute"]), severities_of(params["severities"])
    rules = rules_in(params["rules"])
    # All that can be wrong with the options, before anything is asked.
    refuse_unknown_rules(rules, severities, mutes)
    rules = with_parameters(rules, params["parameters"])
    before = earlier(params["previous"], params["previous_label"])
    outputs = params["outputs"] or {}
    refuse_unfit(outputs)
    if outputs.get("html"):
        need(JINJA)
    latency = pairs_of(params["latency"])
    cloud = frame.region_cloud(params, zone_map.region)
    cloud.remember_reads()
    question = Question(shared_disks=params["shared_disks"], storage_reachable=params["storage_reachable"])
    snapshot = audit.snapshot(cloud, zone_map, question, now, before, params["pods"])
    outcome = evaluate(rules, snapshot, severities=severities, mutes=mutes, zones=only)
    changes = compared(outcome, before["findings"], only, before["zones"]) if before else {"new": [], "gone": []}
    report = Report(snapshot, rules, outcome, only, before=before, changes=changes, latency=latency)
    written = [] if module.check_mode else write(report, outputs, params["files"])
    result = call_result(verdicts(outcome, only, params["fail_on"]))
    unknown = (
        [f"{counted(len(outcome.unknown), 'rule')} could not be evaluated, see 'unknown'"] if outcome.unknown else []
    )
    return {
        "changed": False,
        "msg": report.summary,
        "findings": [finding.as_dict() for finding in outcome.findings],
        "counts": outcome.counts(),
        "unknown": dict(outcome.unknown),
        "mute_notes": list(outcome.mute_notes),
        **changes,
        "zones": result["zones"],
        "problems": problems(outcome, params["fail_on"]),
        "table": lines(outcome),
        "written": written,
        "warnings": [*unknown, *expired(mutes, now.date())],
    }


MODULE = frame.module(look, OPTIONS, JMESPATH, YAML)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
