# Each target is a thin line: everything also runs without make.
PYTHON ?= python3
RUN := $(PYTHON) scripts/bootstrap.py
DEV := $(RUN) --dev

.PHONY: up down clean test check fix bench faults migrations docs

up:          ; @$(RUN) manage.py up
down:        ; @$(RUN) manage.py down
clean:       ; @$(RUN) manage.py down --remove-data
test:        ; @$(DEV) scripts/run_tests.py
check:       ; @$(DEV) scripts/check.py
fix:         ; @$(DEV) scripts/check.py --fix
bench:       ; @$(DEV) manage.py bench
faults:      ; @$(DEV) manage.py faults
migrations:  ; @$(DEV) manage.py makemigrations
docs:        ; @$(RUN) manage.py reference
