# Two commands for a newcomer: `make run` shows it, `make test` proves it. `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help run setup test test-system check mutants fuzz lock sbom licences model bundles clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: $(VENV)/.device ## install what the device needs and show the demo at http://127.0.0.1:8080
	$(BIN)/edge-engage demo

setup: $(VENV)/.dev ## prepare .venv with everything for development

test: $(VENV)/.dev ## install what the tests need and run all of them
	@tests/setup.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-system: $(VENV)/.dev ## kill, starve and cut off real sensors and brokers (four minutes)
	@tests/setup.sh
	$(BIN)/python -m pytest -m system tests/faults

check: $(VENV)/.dev ## style and types, as CI does
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

mutants: $(VENV)/.dev ## make small faults in the code and see whether the tests notice (ONLY=path SAMPLE=n SEED=n)
	$(BIN)/python bench/mutants $(ONLY) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

SECONDS ?= 60
fuzz: $(VENV)/.dev ## feed every reader with anything, each for SECONDS=n (60), steered by coverage (ONLY='card npy')
	@$(INSTALL) 'atheris>=2.3'
	$(BIN)/python tests/fuzz --seconds $(SECONDS) $(if $(ONLY),--only $(ONLY))

LOCK := uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links
lock: $(VENV)/.dev ## write constraints.txt and the device's hashes anew, for every supported Python and processor
	$(BIN)/$(LOCK) --all-extras pyproject.toml -o constraints.txt
	$(BIN)/$(LOCK) --generate-hashes --constraint constraints.txt pyproject.toml -o deploy/requirements-device.txt
	echo 'setuptools>=77' | $(BIN)/$(LOCK) --generate-hashes --constraint constraints.txt - -o deploy/requirements-build.txt

DEVICE := .cache/device
sbom: $(VENV)/.dev ## bill of materials (CycloneDX) of what a device gets, in build/sbom.json
	$(BIN)/uv venv --quiet --clear $(DEVICE)
	$(BIN)/uv pip sync --quiet --python $(DEVICE) --require-hashes deploy/requirements-device.txt
	mkdir -p build
	$(BIN)/cyclonedx-py environment $(DEVICE) --pyproject pyproject.toml --output-reproducible -o build/sbom.json

licences: sbom ## the licences of the same, in build/licences.md
	$(BIN)/pip-licenses --python $(DEVICE)/bin/python --from mixed --with-urls --format markdown \
	  --output-file build/licences.md

model: $(VENV)/.dev ## train both shipped networks anew from DATA=folder (hours on two cores; a killed run goes on)
	@test -n "$(DATA)" || { echo "Say where the data sets are: make model DATA=folder" >&2; exit 2; }
	$(BIN)/python -m train.shipped $(DATA)

# Probabilities in 256 steps would cost the int8 networks a tenth more than scores: the device takes the softmax.
INT8 := --int8 --edgetpu --softmax outside --tune 1800
bundles: $(VENV)/.dev ## make the shipped bundles anew from train/weights and DATA=folder
	@test -n "$(DATA)" || { echo "Say where the data sets are: make bundles DATA=folder" >&2; exit 2; }
	mkdir -p .cache
	$(BIN)/train arrays $(DATA)/wacv2016 --far 0.5 -o .cache/wacv.npz
	$(BIN)/train arrays $(DATA)/fer2013.csv --far 0.5 -o .cache/fer.npz
	rm -rf $(addprefix edge/bundles/,engagement expressions detector detector-blazeface)
	$(BIN)/convert quantize train/weights/engagement $(INT8) --calibration .cache/wacv.npz -o edge/bundles/engagement
	$(BIN)/convert quantize train/weights/expressions $(INT8) --calibration .cache/fer.npz -o edge/bundles/expressions
	$(BIN)/convert detector centerface -o edge/bundles/detector
	$(BIN)/convert detector blazeface -o edge/bundles/detector-blazeface

clean: ## remove everything made here
	rm -rf $(VENV) .cache build dist *.egg-info

$(BIN)/python:
	@deploy/check-python.sh $(PYTHON)
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.device: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what the device and its dashboard need (one or two minutes the first time)"
	@$(INSTALL) --editable '.[dashboard]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing everything for development (about 2 GB, some minutes the first time)"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/.device
