# Everything works in a fresh clone in a folder of any name, on a machine with python3, make and git.
# Ansible finds the collection through a link below .cache; ansible-test, which does not follow links, gets a copy there.

PYTHON ?= python3
# Tests at once: they wait for other processes now and then, so one more than the cores that a small machine has.
JOBS ?= 3
FAULTS_JOBS ?= 2
MINUTES ?= 58
SAMPLE ?= 4
SEED ?= 20260704
LINK := .cache/link
COPY := .cache/tree/ansible_collections/nasops/nas
READY := .venv/ready
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/$(LINK)
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint sanity units molecule matrix browser bench faults tree clean

demo: $(READY)
	@python -m tests.demo

test: lint sanity units molecule

$(READY): requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	mkdir -p $(LINK)/ansible_collections/nasops
	ln -sfn "$(CURDIR)" $(LINK)/ansible_collections/nasops/nas
	touch $@

lint: $(READY)
	ruff check .
	ruff format --check .
	cd $(LINK) && MYPYPATH=. mypy --config-file ../../pyproject.toml -p ansible_collections.nasops.nas.plugins
	mypy tests/simulator tests/support tests/browser/check_report.py tests/trials tests/coverage.py tests/demo.py tests/matrix.py tests/bench.py
	antsibull-changelog lint
	ansible-lint --offline --profile production

tree: $(READY)
	rm -rf $(COPY)
	mkdir -p $(COPY)
	git ls-files -z --cached --others --exclude-standard \
		| tar --null -T - --ignore-failed-read -cf - 2>/dev/null | tar -xf - -C $(COPY)
	git -C $(COPY) init -q
	python tests/seed_get_pip.py

sanity: tree
	cd $(COPY) && LC_ALL=C.UTF-8 ansible-test sanity --local \
		--python $$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# Also writes docs/coverage.md, and fails for a documented call that no task made.
units: $(READY)
	rm -rf .cache/calls
	NASOPS_CALLS="$(CURDIR)/.cache/calls" python -m pytest -n $(JOBS) --dist worksteal tests
	python -m tests.coverage .cache/calls

molecule: $(READY)
	molecule test

matrix: $(READY)
	JOBS=$(JOBS) python -m tests.matrix

# The fleet report in Chromium; says which package is missing. REPORT_SCREENSHOT=docs/images/report.png keeps a picture.
browser: $(READY)
	python -m pytest tests/browser/check_report.py

# Faults at the requests of every module that writes; writes docs/reliability.md. It takes an hour on two cores, and
# goes on where it was stopped: MINUTES, SAMPLE, SEED and FAULTS_JOBS choose how much of it.
faults: $(READY)
	python -m tests.trials.everything --jobs $(FAULTS_JOBS) --minutes $(MINUTES) --sample $(SAMPLE) --seed $(SEED)

bench: $(READY)
	python -m tests.bench

clean:
	rm -rf .venv .cache .ansible .mypy_cache .ruff_cache .pytest_cache dist collections tests/output
