.PHONY: run test setup check bench clean

run:        # set everything up, start the switch with a sample application, print how to call it
	@.ci/setup
	@.venv/bin/python -m samples

test:       # set everything up, run every test
	@DEV=1 .ci/setup
	@$(MAKE) --no-print-directory check
	@.venv/bin/pytest -q -n 2 tests

check:      # formatting, lint and types
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy

setup:      # .venv, server build of pjsua2; DEV=1 adds the test tools
	@.ci/setup

bench:      # measure against the budgets on real SIP load
	@DEV=1 .ci/setup
	@.venv/bin/python -m tests.bench

clean:
	rm -rf .venv data build *.egg-info
