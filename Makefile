# Two commands do everything: `make course` and `make test`. Both set themselves up first.
PYTHON ?= python3
BIN = .venv/bin
# One more than there are processors, because many checks wait.
WORKERS = $$(($$(getconf _NPROCESSORS_ONLN) + 1))

# Hundreds of processes start in the tests: each would have to compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup tccli course run test check bench notebooks lock clean

help:
	@echo "make setup      make .venv from the locked versions; .venv/bin/drill is the tool"
	@echo "make course     open the course in JupyterLab (ARGS='--lang en --no-browser')"
	@echo "make run        run every notebook headless, without a browser"
	@echo "make test       every check this machine can make"
	@echo "make bench      print the measured ratios that the docs quote"
	@echo "make tccli      add the vendor's command line, in an environment of its own, for drill cloud"
	@echo "make notebooks  build notebooks/zh and notebooks/en from notebooks/source"

setup:
	@PYTHON="$(PYTHON)" sh .ci/setup

course: setup
	@$(BIN)/drill course $(ARGS)

run: setup
	@$(BIN)/drill run --out .run $(ARGS)

test: setup
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

tccli:
	@TCCLI=1 PYTHON="$(PYTHON)" sh .ci/setup

bench: setup
	@$(BIN)/python -m bench

notebooks: setup
	@$(BIN)/python notebooks/build.py

# Rewrites requirements.lock (names and versions only). Needs uv; rfc3987-syntax is left out because it slows the
# start of every Jupyter process and nothing here needs it.
lock:
	uv pip compile --universal --python-version 3.11 --no-annotate --no-header --no-emit-index-url --upgrade \
	  --no-emit-package rfc3987-syntax --extra course --extra cloud --extra local --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .run build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
