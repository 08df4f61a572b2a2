# Copyright (c) zoneops.openstack contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Names for commands, nothing else. One suite of a group, or a tool's own options: see CONTRIBUTING.md.
RUNNER := PYTHONPATH=tests python3 -m runner
SUITES := lint unit sanity docs integration kubernetes faults events molecule pages

.PHONY: test packaging benchmark demo demo-down drill lab-test build generate list locks clean faults-full fleet-full molecule-full sanity-full report-look report-picture $(SUITES)
test: ; @$(RUNNER) run
$(SUITES): ; @$(RUNNER) run $@
# Two suites, of which the second is no part of the first: files that are named after -- are those of one.
packaging: ; @$(RUNNER) run packaging event-query
faults-full: ; @$(RUNNER) run -v faults-full
fleet-full: ; @$(RUNNER) run -v fleet-full
molecule-full: ; @$(RUNNER) run -v molecule-full
sanity-full: ; @$(RUNNER) run sanity sanity-full
report-look: ; @$(RUNNER) run -v report-full
report-picture: ; @$(RUNNER) picture
lab-test: ; @$(RUNNER) run lab lab-full
benchmark: ; @$(RUNNER) benchmark -- $(ARGS)
demo: ; @$(RUNNER) demo $(PLAYBOOK) -- $(ARGS)
demo-down: ; @$(RUNNER) demo-down
drill: ; @$(RUNNER) drill
build: ; @$(RUNNER) build
generate: ; @$(RUNNER) generate
list: ; @$(RUNNER) list
locks: ; @$(RUNNER) locks
clean: ; @$(RUNNER) clean
