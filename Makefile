# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything works in a fresh clone in a folder of any name, on a machine with python3, make and git.
# Ansible finds the collection through a link below .cache; ansible-test, which does not follow links, gets a copy there.

PYTHON ?= python3
# Tests at once: they wait for other processes now and then, so one more than the cores that a small machine has.
JOBS ?= 3
FAULTS_JOBS ?= 2
MINUTES ?= 52
SAMPLE ?= 4
SEED ?= 20260704
LINK := .cache/link
COPY := .cache/tree/ansible_collections/nasops/nas
READY := .venv/ready
GATES := .venv-gates
# The lines of ansible-core that `make matrix` tests; all when empty.
CORES ?=
# What is released; when empty, `make release-check` tries the next minor version.
VERSION ?=
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/$(LINK)
# Both parts of the code share what mypy knows of Python and of libraries.
export MYPY_CACHE_DIR := $(CURDIR)/.cache/mypy
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint sanity sanity-pylint sanity-others units molecule matrix browser bench faults tree clean \
	gates reuse docs-lint docs nox importer ansible-units execution-environment libraries release-check release package scale

demo: $(READY)
	@python -m tests.demo

# What mostly goes one step after another runs side by side; the tests then have the machine for themselves.
test: $(READY)
	$(MAKE) -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) sanity lint molecule
	$(MAKE) units

# make_environment(folder, requirements): says first what to install where Python cannot make one.
define make_environment
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or later with venv \
	(python3 and python3-venv on Debian and Ubuntu), or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) tests/check_python.py
	$(PYTHON) -m venv $(1)
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check -r $(2)
endef

$(READY): requirements.txt requirements-dev.txt
	$(call make_environment,.venv,requirements-dev.txt)
	mkdir -p $(LINK)/ansible_collections/nasops
	ln -sfn "$(CURDIR)" $(LINK)/ansible_collections/nasops/nas
	touch $@

lint: $(READY)
	ruff check .
	ruff format --check .
	cd $(LINK) && MYPYPATH=. mypy --config-file ../../pyproject.toml -p ansible_collections.nasops.nas.plugins
	mypy tests/simulator tests/support tests/browser/check_report.py tests/trials tests/coverage.py tests/demo tests/docsite.py tests/vendors_page.py tests/matrix.py tests/bench.py tests/bench_work.py tests/bare.py tests/scale.py tests/release_check.py
	antsibull-changelog lint
	ansible-lint --offline --profile production --exclude changelogs/changelog.yaml

tree: $(READY)
	rm -rf $(COPY)
	mkdir -p $(COPY)
	git ls-files -z --cached --others --exclude-standard \
		| tar --null -T - --ignore-failed-read -cf - 2>/dev/null | tar -xf - -C $(COPY)
	git -C $(COPY) init -q
	python tests/seed_get_pip.py

# ansible-test takes one test after another; pylint is half of it.
sanity: sanity-pylint sanity-others

sanity-pylint: ARGUMENTS := --test pylint
sanity-others: ARGUMENTS := --skip-test pylint
sanity-pylint sanity-others: tree
	cd $(COPY) && LC_ALL=C.UTF-8 ansible-test sanity --local $(ARGUMENTS) \
		--python $$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# Also writes docs/coverage.md, and fails for a documented call that no task made. What is tested on generations of
# devices is so on the oldest and the newest of each vendor, what takes longest on the newest; `make faults` has the rest.
units: $(READY)
	rm -rf .cache/calls
	NASOPS_CALLS="$(CURDIR)/.cache/calls" python -m pytest -n $(JOBS) --dist worksteal --ignore=tests/gates \
		-m "not for_faults" tests
	python -m tests.coverage .cache/calls

# Every scenario, on simulated devices that are started once; the first line ends those of a run that was killed.
molecule: export MOLECULE_EPHEMERAL_DIRECTORY := $(CURDIR)/.cache/molecule
molecule: $(READY)
	mkdir -p $(MOLECULE_EPHEMERAL_DIRECTORY)
	molecule destroy
	molecule test --all

# Sanity, unit and playbook tests and the package alone, on every line of ansible-core for which a Python is here.
matrix: tree
	JOBS=$(JOBS) python -m tests.matrix $(CORES)

# What is slow or needs more tools, each in an environment apart from that of `make test`. See CONTRIBUTING.md.
gates: reuse docs-lint docs nox importer execution-environment release-check browser libraries matrix

$(GATES)/ready: requirements.txt requirements-dev.txt requirements-gates.txt
	$(call make_environment,$(GATES),requirements-gates.txt)
	mkdir -p $(LINK)/ansible_collections/nasops
	ln -sfn "$(CURDIR)" $(LINK)/ansible_collections/nasops/nas
	touch $@

reuse docs-lint docs nox importer execution-environment scale: export PATH := $(CURDIR)/$(GATES)/bin:$(PATH)

reuse: $(GATES)/ready
	reuse lint --quiet || { reuse lint; exit 1; }

# Twice where the first time fails: it takes the name of its own temporary folder for a reference when that ends in "_".
docs-lint: $(GATES)/ready
	$(LINT_DOCS) || $(LINT_DOCS)
docs-lint: LINT_DOCS := antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .

# The documentation's site, in .cache/docs/html.
docs: $(GATES)/ready
	python -m tests.docsite

nox: $(GATES)/ready
	nox -e license-check docs-check extra-checks

importer: $(GATES)/ready
	nox -e build-import-check

execution-environment: $(GATES)/ready
	python -m pytest tests/gates/test_execution_environment.py

# The transport by versions of requests and urllib3 that users have: the oldest, each that is made differently inside.
libraries: $(READY)
	set -e; for pair in $(LIBRARIES); do \
		place=.cache/libraries/$$pair; requests=$${pair%-*}; urllib3=$${pair#*-}; echo ">>> requests $$requests, urllib3 $$urllib3"; \
		test -e $$place/ready || { python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
			--target $$place "requests==$$requests" "urllib3==$$urllib3" && touch $$place/ready; }; \
		PYTHONPATH=$$place python -m pytest -q -n $(JOBS) tests/unit/plugins/module_utils/_transport; \
	done
libraries: LIBRARIES := 2.28.0-1.26.0 2.31.0-1.26.20 2.32.0-2.0.0 2.32.2-2.2.0 2.32.5-2.7.0

# The unit tests as ansible-test runs them: each in a process, those of modules without the controller's ansible-core.
ansible-units: tree
	cd $(COPY) && LC_ALL=C.UTF-8 ansible-test units --local \
		--python $$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

package: $(READY)
	rm -rf dist
	ansible-galaxy collection build --output-path dist

# Whether VERSION could be released: tried in a copy of its own, so that the fragments stay.
release-check: tree
	rm -rf .cache/release
	cp -R .cache/tree .cache/release
	cd $(COPY:.cache/tree/%=.cache/release/%) && python -m tests.release_check $(VERSION)

# Makes VERSION in galaxy.yml and in the changelog, for a commit and a tag; CONTRIBUTING.md has what follows.
release: release-check
	@test -n "$(VERSION)" || { echo "Say which version: make release VERSION=1.2.0" >&2; exit 1; }
	python -m tests.release_check $(VERSION) --keep
	git add galaxy.yml CHANGELOG.rst changelogs

# The fleet report in Chromium; says which package is missing. REPORT_SCREENSHOT=docs/images/report.png keeps a picture.
browser: $(READY)
	python -m pytest tests/browser/check_report.py

# What `make test` leaves out: the generations between the oldest and the newest of each vendor, and all but the
# newest for what takes longest. Then faults at the requests of every module that writes, which writes docs/reliability.md.
# It takes an hour on two cores, and goes on where it was stopped: MINUTES, SAMPLE, SEED and FAULTS_JOBS choose how much.
faults: $(READY)
	python -m pytest -n $(FAULTS_JOBS) --dist worksteal -m for_faults tests/contract tests/integration
	python -m tests.trials.everything --jobs $(FAULTS_JOBS) --minutes $(MINUTES) --sample $(SAMPLE) --seed $(SEED)

# An inventory in slices, side by side, as AWX runs them; says what that costs beside one run of all. SCALE has more of the
# command line, such as SCALE="--hosts 60 --workers 3". See docs/scale.md.
scale: $(GATES)/ready
	python -m tests.scale $(SCALE)

# Writes docs/benchmarks.md. PARTS chooses some of it, BENCH has more of the command line: `python -m tests.bench --help`.
bench: $(READY)
	python -m tests.bench $(foreach part,$(PARTS),--part $(part)) $(BENCH)

clean:
	rm -rf .venv $(GATES) .nox .cache .ansible .mypy_cache .ruff_cache .pytest_cache dist collections tests/output
