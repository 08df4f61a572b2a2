# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's frame, its head and its end. A value is escaped wherever it stands, and set apart from its surroundings where people chose it."""

from __future__ import annotations

from .tables import TABLES
from .zone_cards import ZONE_CARDS

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Zones of {{ v.region or "the region" }}</title>
<style>{{ style }}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
{% include "symbols" %}
<header>
{% include "head" %}
</header>
<main id="content">
{% include "zones" %}
{% include "capacity" %}
{% include "findings" %}
{% include "changes" %}
{% include "images" %}
{% include "latency" %}
</main>
<footer>
<p>Made by zoneops.openstack from an audit of {{ v.rules }} rules. This file needs no network and runs no script; the data that it shows is in it as JSON,
in the element <code>data</code>.</p>
</footer>
<script type="application/json" id="data">{{ data }}</script>
</body>
</html>
"""

_HEAD = """<h1>Zones of <bdi>{{ v.region or "the region" }}</bdi></h1>
<p class="soft">As seen on <time datetime="{{ v.taken }}">{{ v.taken | moment }}</time></p>
<ul class="counts" aria-label="Findings">
{% for severity, word in (("critical", "critical"), ("warning", "warnings"), ("note", "notes")) %}
<li class="{{ severity }}{% if v.counts[severity] %} some{% endif %}"><strong>{{ v.counts[severity] }}</strong> {{ word }}</li>
{% endfor %}
<li><strong>{{ v.muted }}</strong> muted</li>
<li class="{% if v.not_evaluated %}warning some{% endif %}"><strong>{{ v.not_evaluated }}</strong> not evaluated</li>
</ul>
{% if v.unread %}
<div class="notice" role="note">
{% for section, reason in v.unread | dictsort %}
<p>Not known: {{ section | words }}, because <bdi>{{ reason }}</bdi></p>
{% endfor %}
</div>
{% endif %}
<nav aria-label="Sections"><ul>
<li><a href="#zones">Zones</a></li>
<li><a href="#capacity">Capacity</a></li>
<li><a href="#findings">Findings</a></li>
{% if v.changes %}<li><a href="#changes">Changes</a></li>{% endif %}
{% if v.images %}<li><a href="#images">Images</a></li>{% endif %}
{% if v.latency %}<li><a href="#latency">Round-trip times</a></li>{% endif %}
</ul></nav>
"""

_FINDINGS = """{% macro rules(listed) %}
<ul class="rules">
{% for rule in listed %}
<li class="rule {{ rule.severity }}" id="{{ rule.severity }}-{{ rule.rule }}">
<div class="head"><h3>{{ rule.title }}</h3><span class="badge {{ rule.severity }}">{{ rule.severity }}</span>
<span class="soft small">{{ rule.rule }}</span></div>
<ul>
{% for one in rule.objects %}
<li>{% if one.zone %}<span class="where"><bdi>{{ one.zone }}</bdi></span>{% endif %}{% if one.kind != "zone" %}{{ one.kind | words }} <bdi>{{ one.name }}</bdi>:
{% endif %}<bdi>{{ one.message }}</bdi>{% if one.muted %} <span class="soft">(muted: <bdi>{{ one.muted }}</bdi>)</span>{% endif %}</li>
{% endfor %}
{% if rule.number > rule.objects | length %}
<li class="soft">and {{ rule.number - rule.objects | length }} more, in the audit's JSON</li>
{% endif %}
</ul>
<p class="remedy"><strong>What to do:</strong> {{ rule.remedy }}{% if rule.page %} <span class="soft small">(page {{ rule.page }})</span>{% endif %}</p>
</li>
{% endfor %}
</ul>
{% endmacro %}
<section id="findings" aria-labelledby="h-findings">
<h2 id="h-findings">Findings</h2>
{% if v.findings %}
<p>What is not as it should be, the worst first.</p>
{{ rules(v.findings) }}
{% else %}
<p class="good-text">Nothing found{% if v.not_evaluated %} by the rules that could be evaluated{% endif %}.</p>
{% endif %}
{% for one in v.unknown %}
<div class="notice"><p>{{ one.rules | length }} rules could not be evaluated: <bdi>{{ one.reason }}</bdi></p>
<p class="small">{{ one.rules | join(", ") }}</p></div>
{% endfor %}
{% for one in v.mute_notes %}
<div class="notice"><p><bdi>{{ one }}</bdi></p></div>
{% endfor %}
</section>
{% if v.accepted %}
<section id="accepted" aria-labelledby="h-accepted">
<h2 id="h-accepted">Muted findings</h2>
<p>Somebody accepted these for a time, and said why.</p>
{{ rules(v.accepted) }}
</section>
{% endif %}
"""

_CHANGES = """{% if v.changes %}
<section id="changes" aria-labelledby="h-changes">
<h2 id="h-changes">Changes</h2>
<p>Since the audit of {% if v.changes.since %}<time datetime="{{ v.changes.since }}">{{ v.changes.since | moment }}</time>{% else %}before{% endif %}.</p>
{% if v.changes.lines %}
<div class="scroll" role="region" aria-labelledby="c-changes" tabindex="0">
<table class="changes">
<caption id="c-changes">{{ v.changes.new }} new findings, {{ v.changes.gone }} that are gone, and what of zones and hosts differs</caption>
<thead><tr><th scope="col">What</th><th scope="col">Change</th><th scope="col">Where</th></tr></thead>
<tbody>
{% for one in v.changes.lines %}
<tr><th scope="row">{% if one.severity %}<span class="badge {{ one.severity }}">{{ one.severity }}</span> {% endif %}{{ one.what }}</th>
<td class="num">{{ one.change }}</td><td><bdi>{{ one.names | join(", ") }}</bdi>{%
 if one.number > one.names | length %} and {{ one.number - one.names | length }} more{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
</div>
{% if v.changes.number > v.changes.lines | length %}
<p>and {{ v.changes.number - v.changes.lines | length }} more</p>{% endif %}
{% else %}
<p>Nothing changed.</p>
{% endif %}
</section>
{% endif %}
"""

TEMPLATES = {"page": _PAGE, "head": _HEAD, "findings": _FINDINGS, "changes": _CHANGES, **ZONE_CARDS, **TABLES}
