# Each target is a thin line: everything also runs without make.
PYTHON ?= python3
RUN := $(PYTHON) scripts/bootstrap.py
DEV := $(RUN) --dev

.PHONY: up down clean test check fix docs bench faults teeth migrations

up:          ; @$(RUN) manage.py up
down:        ; @$(RUN) manage.py down
clean:       ; @$(RUN) manage.py down --remove-data
test:        ; @$(DEV) scripts/run_tests.py
check:       ; @$(DEV) scripts/check.py
fix:         ; @$(DEV) scripts/check.py --fix
docs:        ; @$(DEV) manage.py reference
bench:       ; @$(DEV) -m tests.bench
faults:      ; @$(DEV) -m tests.faults
teeth:       ; @$(DEV) -m tests.teeth $(PROMISES)
migrations:  ; @$(DEV) manage.py makemigrations
