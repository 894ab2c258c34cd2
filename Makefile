# Two commands do everything on a machine that has Python 3.11 (with venv), git and make:
#   make train    set up, run the main job, say where the results are
#   make test     set up, run the test suite

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup train test test-slow check ui notebooks data-report codebook seeds agreement benchmark benchmark-loading benchmark-prediction benchmark-models benchmark-fine-tuning benchmark-tfidf benchmark-evaluation benchmark-lexicon headlines verdict

help:               ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 20

setup: $(READY)     ## make .venv from the pinned constraints

# torch goes first: pip must not take a newer build that another package would admit.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

train: $(READY)     ## learn, score, record: make train ARGS="model.C=10"
	$(BIN)/python -m framing.train $(ARGS)

test: $(READY)      ## the default test suite, with coverage
	$(BIN)/python -m pytest -m "not slow" -n auto --cov --cov-report=term $(ARGS)

test-slow: $(READY) ## the slow tests
	$(BIN)/python -m pytest -m slow $(ARGS)

check: $(READY)     ## ruff, mypy --strict, import-linter, then the tests: all that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

ui: $(READY)        ## open the MLflow UI on the project's store (PORT=5000)
	$(BIN)/mlflow ui --backend-store-uri sqlite:///$(CURDIR)/mlruns/mlflow.db --port $(or $(PORT),5000)

notebooks: $(READY) ## run the notebooks and write them as .ipynb with their pictures
	cd notebooks && ../$(BIN)/jupytext --to ipynb --execute *.py

data-report: $(READY) ## count and check the corpus: make data-report ARGS="data=seeds"
	$(BIN)/python -m framing.data_report $(ARGS)

codebook: $(READY)  ## write the readable page of the codebook
	$(BIN)/python -m framing.codebook $(ARGS)

seeds: $(READY)     ## cut the seed documents into sentences again
	$(BIN)/python -m framing.seeds

agreement: $(READY) ## Krippendorff's alpha of the two labelling passes
	$(BIN)/python -m framing.agreement $(ARGS)

benchmark: $(READY) ## what the framework costs beside a bare script
	$(BIN)/python experiments/001-overhead/run.py

benchmark-loading: $(READY) ## load and validate a million rows
	$(BIN)/python experiments/003-loading/run.py

benchmark-prediction: $(READY) ## sentences a second beside the pipeline of transformers
	$(BIN)/python experiments/004-prediction-speed/run.py $(ARGS)

benchmark-models: $(READY) ## the models beside each other: quality, time, speed, size (ARGS="evaluate=FILE")
	$(BIN)/python experiments/005-models/run.py $(ARGS)

benchmark-evaluation: $(READY) ## what the evaluation of 10,000 sentences costs
	$(BIN)/python experiments/009-evaluation-cost/run.py $(ARGS)

benchmark-lexicon: $(READY) ## what the lexicon report costs beside Scattertext and ConvoKit (ARGS="headlines=FILE")
	$(BIN)/python experiments/010-lexicon-speed/run.py $(ARGS)

headlines: $(READY) ## what the lexicon finds in war headlines (ARGS="headlines=FILE")
	$(BIN)/python experiments/011-war-headlines/run.py $(ARGS)

verdict: $(READY)   ## does the transformer beat the others? (ARGS="evaluate=FILE")
	$(BIN)/python experiments/008-verdict/run.py $(ARGS)

benchmark-fine-tuning: $(READY) ## fine-tuning beside a plain Trainer script
	$(BIN)/python experiments/006-fine-tuning-speed/run.py $(ARGS)

benchmark-tfidf: $(READY) ## model=tfidf beside the same pipeline by scikit-learn alone
	$(BIN)/python experiments/007-tfidf-overhead/run.py $(ARGS)
