.PHONY: run test setup check bench clean

run:        # set everything up, start the switch with a sample application, print how to call it
	@.ci/setup
	@.venv/bin/python -m samples

STORED = tests/voice/store tests/voice/api tests/voice/web/test_callbacks.py tests/voice/calls/test_recovery.py

test:       # set everything up, run every test; those of the store on PostgreSQL as well
	@DEV=1 .ci/setup
	@$(MAKE) --no-print-directory check
	@.venv/bin/pytest -q -n 3 --dist worksteal tests
	@STROWGER_TESTS_DATABASE=postgresql .venv/bin/pytest -q -n 3 --dist worksteal $(STORED)

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
