# Each target is one or two commands; README.md spells out what a newcomer without make needs.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test lab notebooks source book bench backends matrix

run: .venv/run.stamp
	$(BIN)/python -m segutils run

test: .venv/test.stamp
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --nbval --nbval-current-env \
		--nbval-cell-timeout=600 --nbval-sanitize-with=tests/sanitize.cfg tests notebooks assignments/source \
		--ignore=notebooks/08_training_run.ipynb --ignore=notebooks/09_segmentation_run.ipynb \
		--ignore=notebooks/11_your_images.ipynb

lab: .venv/run.stamp
	JUPYTER_CONFIG_PATH=$(CURDIR)/tools/lab $(BIN)/jupyter lab notebooks/00_start.ipynb

notebooks: .venv/test.stamp
	$(BIN)/python tools/build.py $(NOTEBOOKS)

source: .venv/test.stamp
	$(BIN)/python tools/build.py --to-source $(NOTEBOOKS)

book: .venv/test.stamp
	$(BIN)/python -m sphinx -q -W --keep-going -c book . runs/book
	@echo "open runs/book/index.html"

bench: .venv/test.stamp .venv-bench/stamp
	$(BIN)/python benchmarks/run.py $(ONLY)

backends: .venv/test.stamp
	$(BIN)/python -m pip install -q -e ".[test,backends]"
	$(BIN)/python -m pytest -q tests/core/test_backends.py -k tensorflow_s

matrix:
	$(PYTHON) tools/matrix.py $(ONLY)

.venv/run.stamp: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -r requirements.txt
	touch $@

.venv-bench/stamp: benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q -r $<
	touch $@

.venv/test.stamp: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -e ".[test]"
	touch $@ .venv/run.stamp
