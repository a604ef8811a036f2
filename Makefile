# Two commands do everything: `make course` and `make test`. Both set themselves up first, each with what it needs.
PYTHON ?= python3
BIN = .venv/bin
# Two more than there are processors, because many checks wait.
WORKERS = $$(($$(getconf _NPROCESSORS_ONLN) + 2))

# Hundreds of processes start in the tests: each would have to compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-test tccli course run site test check bench notebooks messages lock clean

help:
	@echo "make setup      make .venv for the course, from locked versions; .venv/bin/drill is the tool"
	@echo "make course     open the course in JupyterLab (ARGS='--lang en --no-browser')"
	@echo "make run        run every notebook headless, without a browser"
	@echo "make site       build the course for a browser tab, and its pages, into _site; needs npm (ARGS=--no-lite: does not)"
	@echo "make test       every check this machine can make; adds its tools to .venv"
	@echo "make bench      print the measured ratios that the docs quote"
	@echo "make tccli      add the vendor's command line, in an environment of its own, for drill cloud"
	@echo "make notebooks  build notebooks/zh and notebooks/en from notebooks/source"
	@echo "make messages   bring drilllib/views/locale up to date with the code, and compile it"

setup:
	@PYTHON="$(PYTHON)" sh .ci/setup

setup-test:
	@PYTHON="$(PYTHON)" sh .ci/setup test

course: setup
	@$(BIN)/drill course $(ARGS)

run: setup
	@$(BIN)/drill run --out .run $(ARGS)

site: setup
	@$(BIN)/drill site _site $(ARGS)

test: setup-test
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

tccli:
	@TCCLI=1 PYTHON="$(PYTHON)" sh .ci/setup

bench: setup-test
	@$(BIN)/python -m bench $(ARGS)

notebooks: setup
	@$(BIN)/python notebooks/build.py

messages: setup-test
	@$(BIN)/python -m tests.messages

# Keeps the versions that it can; ARGS=--upgrade renews all.
lock: setup
	@sh .ci/lock $(ARGS)

clean:
	rm -rf .venv .run _site build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
