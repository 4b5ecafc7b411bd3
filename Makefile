# `make demo` and `make test` do all their own set-up; a second run starts at once.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
# Three a core, for most tests wait for a browser; twelve at most.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 4 ] || n=4; echo $$((3 * n)))
TESTS = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not speed"
# Only the files that hold such tests: to gather all of them takes longer than most of these tests do.
TIMED = $(shell grep -rl --include="*.py" "mark[.]speed" tests)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test coverage check bench bench-calls bench-effort bench-replays scenarios clean

demo: .venv/.ready .venv/.browser
	@$(BIN)/operator-agent demo $(ARGS)

test: .venv/.ready .venv/.browser .venv/.test-machine check
	@$(TESTS) $(ARGS) || sh .ci/again $(BIN)/python $$?
	@$(BIN)/python -m pytest -m speed $(TIMED) $(ARGS) || sh .ci/again $(BIN)/python $$? -m speed

# Half as long again as `test`, so by itself.
coverage: .venv/.ready .venv/.browser .venv/.test-machine
	@$(TESTS) --cov --cov-report= $(ARGS)
	@$(BIN)/python -m coverage report --fail-under=90 --format=total | sed 's/^/coverage with branches: /; s/$$/ %/'

check: .venv/.ready
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: .venv/.ready .venv/.browser
	@$(BIN)/python benchmarks/overhead.py $(ARGS)

bench-calls: .venv/.ready .venv/.browser
	@$(BIN)/python benchmarks/model_calls.py $(ARGS)

bench-effort: .venv/.ready .venv/.browser
	@$(BIN)/python benchmarks/effort.py $(ARGS)

bench-replays: .venv/.ready .venv/.browser
	@$(BIN)/python benchmarks/replays/run.py $(ARGS)

# The library, each scenario proved three ways: its solution passes, doing nothing fails, a false proof fails.
scenarios: export OPERATOR_SECRET_READER := correct horse
scenarios: export OPERATOR_SECRET_CARD := 4242 4242 4242 4242
scenarios: .venv/.ready .venv/.browser
	@$(BIN)/python -m pip install -q --group apps
	@$(BIN)/operator-agent scenarios run scenarios/ --prove $(ARGS)

# A bare Debian has no ensurepip: its package is fetched when we may, else virtualenv serves.
.venv/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11"; exit 2; }
	@test -x $(BIN)/python || { echo "Setting up .venv (once) ..."; \
	  $(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; sh .ci/packages python3-venv && $(PYTHON) -m venv .venv; } \
	  || $(PYTHON) -m virtualenv -q .venv; }
	@$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install -q --editable . --group dev
	@touch $@

# Whatever browser the product itself finds will do; else the system's package manager, else Playwright's own download.
.venv/.browser: .venv/.ready
	@$(BIN)/operator-agent doctor --only browser >/dev/null 2>&1 || { echo "Getting a browser (once) ..."; \
	  sh .ci/packages chromium-headless-shell chromium || $(BIN)/python -m playwright install --with-deps chromium; }
	@$(BIN)/operator-agent doctor --only browser
	@touch $@

.venv/.test-machine: .venv/.ready
	@echo "Getting what the tests drive (once) ..."
	@sh .ci/packages chromium chromium-headless-shell xvfb fonts-noto-cjk || echo "not all test packages could be installed; going on"
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov dist build
