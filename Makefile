# The tasks of a checkout. `make help` prints them with the comments behind `##`.
# Paths are relative, so that the checkout's own path may have spaces. macOS has make 3.81, so nothing newer is used.

.DEFAULT_GOAL := help
.PHONY: help run demo-data bench-accuracy test check format requirements clean

python := .venv/bin/python
# The folder or file of the tests to run: make test TESTS=tests/api
TESTS ?=

help: ## Print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Settings are environment variables, or follow the verb: make run PORT=8001 DATA_DIR=/srv/whograph"

run: ## Set up and start everything in the foreground: Neo4j, the service, tenant demo; Ctrl-C stops it
	@sh bin/setup run
	@exec $(python) -m app run --with-parent

# Options of the population, such as --people 500 --seed 2; --help lists them.
POPULATION ?=

demo-data: ## Send a made-up population to the running service (make run TRUSTED_PROXIES=1), and check its answers
	@sh bin/setup run
	@exec $(python) -m bench.population $(POPULATION)

bench-accuracy: ## Measure how right the service is, on the data in ACCURACY_DATA or on made-up ones
	@sh bin/setup run
	@exec $(python) -m bench.accuracy

test: ## Set up and run all tests, or a part: TESTS=tests/api; NEO4J_VERSION=5.26.30 for the other Neo4j; empties that of NEO4J_URI
	@sh bin/setup test
	@case "$(TESTS)" in "" | tests | tests/ | *browser*) sh bin/setup browser ;; esac
	@exec $(python) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(TESTS)

check: ## Lint, formatting, types, and who may import whom
	@sh bin/setup test
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	.venv/bin/python -c 'from importlinter.cli import lint_imports_command as check; check()' --no-cache

format: ## Let ruff format the code and mend what it can
	@sh bin/setup test
	$(python) -m ruff check --fix
	$(python) -m ruff format

requirements: ## Pin the newest versions of requirements*.in, with hashes, in requirements*.txt
	@sh bin/setup test
	$(python) -m pip install --quiet uv==0.13.9
	for set in requirements requirements-embedded requirements-parquet requirements-test requirements-node requirements-bench; do \
	    $(python) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	        --no-emit-index-url --custom-compile-command "make requirements" $$set.in --output-file $$set.txt || exit; \
	done

clean: ## Remove the virtual environment and caches; your data (.data) stays
	rm -rf .venv __pycache__ .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	find app bench graph migrations tests -name __pycache__ -prune -exec rm -rf {} +
