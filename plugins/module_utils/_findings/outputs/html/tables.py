# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the report: capacity and the loss of each zone, images in stores, round-trip times."""

from __future__ import annotations

_CAPACITY = """{% macro used(total, free, unit, scale) %}
{% if total is none %}<span class="soft">not known</span>
{% elif not total %}<span class="soft">none usable</span>
{% else %}{{ ((total - free) / scale) | amount }} of {{ (total / scale) | amount }}{{ unit }}
<svg class="bar" aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none"><rect class="track" width="100" height="8" rx="2"/><rect
 class="fill" width="{{ (100 * (total - free) / total) | percent }}" height="8" rx="2"/></svg>
{% endif %}
{% endmacro %}
<section id="capacity" aria-labelledby="h-capacity">
<h2 id="h-capacity">Capacity, and the loss of each zone</h2>
<p>What servers use on hosts that are up and enabled, and what becomes of a zone's servers when it is lost with its storage.</p>
<div class="scroll" role="region" aria-labelledby="c-capacity" tabindex="0">
<table>
<caption id="c-capacity">Each row asks about the loss of one zone, with all others as they are now</caption>
<thead><tr><th scope="col">Zone</th><th scope="col">vCPUs used</th><th scope="col">Memory used</th><th scope="col">If it is lost</th>
<th scope="col" class="number">Move</th><th scope="col" class="number">Wait</th><th scope="col" class="number">Restore</th>
<th scope="col" class="number">No room</th><th scope="col" class="number">Free then</th></tr></thead>
<tbody>
{% for zone in v.zones %}
<tr><th scope="row"><bdi>{{ zone.name }}</bdi></th>
<td class="num">{{ used(zone.vcpus, zone.vcpus_free, "", 1) }}</td>
<td class="num">{{ used(zone.memory_mb, zone.memory_free_mb, " GiB", 1024) }}</td>
{% if zone.loss_fits is none %}
<td colspan="6" class="soft">not known</td>
{% else %}
<td><span class="badge {{ "good" if zone.loss_fits else "bad" }}">{{ "fits" if zone.loss_fits else "does not fit" }}</span></td>
<td class="number">{{ zone.loss_moves }}</td><td class="number">{{ zone.loss_waits }}</td><td class="number">{{ zone.loss_restore }}</td>
<td class="number{% if zone.loss_no_room %} bad-text{% endif %}">{{ zone.loss_no_room }}</td><td class="number">{{ zone.loss_headroom_percent }} %</td>
{% endif %}
</tr>
{% endfor %}
</tbody>
</table>
</div>
</section>
"""

_IMAGES = """{% if v.images %}
<section id="images" aria-labelledby="h-images">
<h2 id="h-images">Images</h2>
<p>{{ v.images.everywhere }} of {{ v.images.number }} images are in every store{% if v.images.number > v.images.rows | length %}; the first {{
 v.images.rows | length }} of all are shown, those that are missing somewhere before the others{% endif %}.</p>
{% if v.images.rows and v.images.stores %}
<div class="scroll" role="region" aria-labelledby="c-images" tabindex="0">
<table class="matrix">
<caption id="c-images">Which image is in which store</caption>
<thead><tr><th scope="col">Image</th>{% for store in v.images.stores %}<th scope="col"><bdi>{{ store }}</bdi></th>{% endfor %}</tr></thead>
<tbody>
{% for image in v.images.rows %}
<tr><th scope="row"><bdi>{{ image.name }}</bdi></th>
{% for there in image["in"] %}{% if there %}<td>yes</td>{% else %}<td class="no">no</td>{% endif %}{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
</section>
{% endif %}
"""

_LATENCY = """{% if v.latency %}
<section id="latency" aria-labelledby="h-latency">
<h2 id="h-latency">Round-trip times</h2>
<p>The longest round trip between two zones in milliseconds. More than {{ v.latency.limit | amount }} ms is too long.</p>
<div class="scroll" role="region" aria-labelledby="c-latency" tabindex="0">
<table class="matrix heat">
<caption id="c-latency">From the zone of the row to that of the column</caption>
<thead><tr><th scope="col">Zone</th>{% for zone in v.latency.zones %}<th scope="col"><bdi>{{ zone }}</bdi></th>{% endfor %}</tr></thead>
<tbody>
{% for row in v.latency.rows %}
{% set from = v.latency.zones[loop.index0] %}
<tr><th scope="row"><bdi>{{ from }}</bdi></th>{% for time in row %}{% if from == v.latency.zones[loop.index0] %}<td aria-label="itself">{%
 elif time is none %}<td class="soft">not measured{% elif time is string %}<td class="no">{{ time }}{% else %}<td class="{{ time | heat(v.latency.limit) }}">{{
 time | amount }}{% if time > v.latency.limit %}, too long{% endif %}{% endif %}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
</div>
</section>
{% endif %}
"""

TABLES = {"capacity": _CAPACITY, "images": _IMAGES, "latency": _LATENCY}
