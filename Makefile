# Everything that a person or CI runs. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

FUNCTIONS := heal scale redeploy sweep
BUNDLES   := $(foreach f,$(FUNCTIONS),dist/$(f)/bootstrap dist/local/$(f)/bootstrap)
SOURCES   := $(shell git ls-files '*.go' go.mod go.sum 2>/dev/null || find . -name '*.go')

# How the functions are built. Inlining is off: it makes them a tenth smaller,
# and they wait for AWS nearly all of the time. HTTP/2 is out: no call needs it. tests/artefact builds the same way.
LAMBDA_FLAGS := -tags lambda.norpc,nethttpomithttp2 -trimpath -gcflags=all=-l -ldflags='-s -w -buildid='

GOLANGCI_VERSION := v2.15.0
CFN_LINT_VERSION := 1.58.0
CDK_VERSION := 2.1148.1
TOOLS := $(CURDIR)/.tools

.PHONY: help run test build lint style cfn-lint check bench bench-heal bench-scale picture peers costs fuzz e2e judges clean rie

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

run: bin/homeostat ## Play a day of a simulated fleet in a minute
	@bin/homeostat run

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

test: ## Run the tests (Node runs the CDK for those of infra)
	go test ./...

build: bin/homeostat $(BUNDLES) ## Build the command line and the functions, in dist/ for AWS (arm64) and in dist/local/ for this machine (amd64)

bin/homeostat: $(SOURCES)
	@mkdir -p bin
	go build -trimpath -ldflags='-s -w' -o $@ ./cmd/homeostat

# The CDK app, which cdk.json has made and then run: `go run` would link it anew
# at each synthesis. Without -trimpath it shares the compiled CDK with the tests.
bin/infra: $(SOURCES)
	@mkdir -p bin
	go build -o $@ ./infra

dist/local/%/bootstrap: $(SOURCES)
	@mkdir -p $(@D)
	GOOS=linux GOARCH=amd64 CGO_ENABLED=0 go build $(LAMBDA_FLAGS) -o $@ ./functions/$*

dist/%/bootstrap: $(SOURCES)
	@mkdir -p $(@D)
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build $(LAMBDA_FLAGS) -o $@ ./functions/$*

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## Run the linters and the style check
	$< run ./...
	@$(MAKE) --no-print-directory style

# STYLE_FLAGS=-update lowers the budget; CONTRIBUTING.md describes the flags.
style: ## Check words, sentences, help texts and commit subjects
	@go run ./tests/style/cmd/style $(STYLE_FLAGS)

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/golangci-lint $@

# The variants that differ in resources: by default, all that can be turned on,
# what is thrown away, and the sample. W3005 is off: the CDK writes dependencies
# that CloudFormation would find by itself.
cfn-lint: $(BUNDLES) bin/infra $(TOOLS)/cfn-lint-$(CFN_LINT_VERSION)/bin/cfn-lint ## Synthesise the stacks and check their templates (Python 3 and Node)
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	synth() { mkdir "$$out/$$1"; CDK_OUTDIR="$$out/$$1" CDK_CONTEXT_JSON="$$(CONTEXT="$$2" python3 -c \
	  'import json, os; print(json.dumps({**json.load(open("cdk.json"))["context"], **json.loads(os.environ["CONTEXT"])}))')" bin/infra; }; \
	synth default '{}'; \
	synth all '{"pin":true,"passRoles":"arn:aws:iam::123456789012:role/web","tracing":true,"concurrency":4,"accounts":"222222222222","mode":"act"}'; \
	synth ephemeral '{"ephemeral":true,"x86":true}'; \
	synth sample '{"sample":true}'; \
	ls "$$out"/*/*.template.json | wc -l | grep -qx 5 || { echo "expected five templates" >&2; exit 1; }; \
	$(TOOLS)/cfn-lint-$(CFN_LINT_VERSION)/bin/cfn-lint --ignore-checks W3005 -- "$$out"/*/*.template.json && echo "cfn-lint: five templates are clean"

$(TOOLS)/cfn-lint-$(CFN_LINT_VERSION)/bin/cfn-lint:
	python3 -m venv $(TOOLS)/cfn-lint-$(CFN_LINT_VERSION)
	$(TOOLS)/cfn-lint-$(CFN_LINT_VERSION)/bin/pip install --quiet --disable-pip-version-check cfn-lint==$(CFN_LINT_VERSION)

fuzz: ## Run every fuzz target for FUZZTIME (default 20s)
	@go list ./... | while read -r p; do \
	  go test -list '^Fuzz' "$$p" | grep '^Fuzz' | while read -r f; do \
	    echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-20s} "$$p"; done || true; done

# The emulator is built from its source, in a module of its own that pins it.
rie: $(foreach f,$(FUNCTIONS),dist/local/$(f)/bootstrap) $(TOOLS)/aws-lambda-rie ## Run the functions under AWS's own Runtime Interface Emulator (Linux on amd64)
	go test -tags rie -count=1 -v -run '^TestUnderTheEmulatorOfAWS$$' ./tests/artefact

$(TOOLS)/aws-lambda-rie: tests/artefact/rie/go.mod tests/artefact/rie/go.sum
	@mkdir -p $(TOOLS)
	cd tests/artefact/rie && CGO_ENABLED=0 go build -o $@ github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie

# Emulators, the CDK's command line and DynamoDB Local, each made again when the file
# that pins it changes.
E2E := $(TOOLS)/e2e

e2e: build bin/infra $(E2E)/python.done $(E2E)/cdk-$(CDK_VERSION).done $(E2E)/dynamodb.done ## Install the stack on an emulated AWS and test it (Python 3, Node; Java and Maven for one part)
	@go test -tags e2e -count=1 -timeout 30m -v ./tests/e2e $(E2E_FLAGS) | tee $(E2E)/last.log
	@grep -q '^--- PASS' $(E2E)/last.log || { echo 'e2e: no test ran' >&2; exit 1; }

$(E2E)/python.done: tests/e2e/requirements.txt
	@rm -rf $(E2E)/python && mkdir -p $(E2E)
	python3 -m venv $(E2E)/python
	$(E2E)/python/bin/pip install --quiet --disable-pip-version-check --no-deps --no-compile -r $<
	@touch $@

$(E2E)/cdk-$(CDK_VERSION).done:
	@rm -rf $(E2E)/cdk && mkdir -p $(E2E)
	npm install --silent --no-fund --no-audit --prefix $(E2E)/cdk aws-cdk@$(CDK_VERSION)
	@touch $@

# Without Java the contract of the store is tried on one DynamoDB less, and the test says so.
$(E2E)/dynamodb.done: tests/e2e/dynamodb-local.xml
	@rm -rf $(E2E)/dynamodb && mkdir -p $(E2E)
	@if command -v java >/dev/null && command -v mvn >/dev/null; then \
	  mvn --quiet --batch-mode --file $< org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
	    -DoutputDirectory=$(E2E)/dynamodb -DincludeScope=runtime && touch $@; \
	else echo 'no Java or no Maven: the store is not tried on DynamoDB Local'; fi

# Other people's programs, each made again when the file that pins it changes. tests/judges/README.md describes them.
J := $(TOOLS)/judges
JUDGES ?=

judges: bin/homeostat $(J)/python.done $(J)/js.done $(J)/patterns.done $(J)/patterns/patterns ## Judge the simulator by other people's programs: all, or JUDGES="NAME…" (Python 3, Node, Java, Maven)
	@cp tests/judges/js/flows.mjs $(J)/js/
	@$(J)/python/bin/python tests/judges/all.py $(JUDGES)

# moto's tests are in its source archive, so that is taken too.
$(J)/python.done: tests/judges/requirements.txt
	@rm -rf $(J)/python $(J)/moto && mkdir -p $(J)/moto
	python3 -m venv $(J)/python
	$(J)/python/bin/pip install --quiet --disable-pip-version-check --no-deps --no-compile -r $<
	$(J)/python/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary moto --dest $(J)/moto $$(grep '^moto==' $<)
	@touch $@

$(J)/js.done: tests/judges/js/package.json tests/judges/js/package-lock.json
	@rm -rf $(J)/js && mkdir -p $(J)/js
	@cp $^ $(J)/js/
	npm ci --silent --no-fund --no-audit --prefix $(J)/js
	@touch $@

$(J)/patterns.done: tests/judges/patterns/pom.xml
	@rm -rf $(J)/patterns && mkdir -p $(J)
	mvn --quiet --batch-mode --file $< org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
	  -DoutputDirectory=$(J)/patterns/jars -DincludeScope=runtime
	@touch $@

$(J)/patterns/patterns: $(SOURCES) $(J)/patterns.done
	go build -o $@ ./tests/judges/patterns

picture: bin/homeostat ## Draw the picture of the README from a run: docs/run.svg
	@bin/homeostat run --headless --svg docs/run.svg > /dev/null && echo 'docs/run.svg is drawn'

bench: build ## Measure speed and size, each with its ratio to the aim
	go run ./tests/bench/cmd/report

bench-heal: bin/homeostat ## Play the healing benchmark and write dist/healing.jsonl, dist/healing.html and docs/benchmarks/healing.md
	@mkdir -p dist
	bin/homeostat bench heal --output json > dist/healing.jsonl
	bin/homeostat bench heal --from dist/healing.jsonl --html dist/healing.html --markdown docs/benchmarks/healing.md

TRACES ?=
OUT    ?= dist
SEEDS  ?= 20
# Of the long public traces two weeks are played, which is all that predictive
# scaling looks back. TUNED=FILE takes the settings of an earlier run.
DAYS   ?= $(if $(TRACES),0,14)
TUNED  ?=
PUBLIC := ../shared/traces
FOUND   = $(wildcard $(PUBLIC)/*.csv)

# The page in docs/ shows all traces, so it is written only where all were played.
bench-scale: bin/homeostat dist/peers.test ## Play the scaling benchmark on TRACES="FILE…" (default: public and generated traces) and write OUT/scaling.jsonl, OUT/scaling.html and docs/benchmarks/scaling.md
	$(if $(TRACES)$(FOUND),,@echo 'there are no traces in $(PUBLIC): only the generated ones are played, and docs/benchmarks/scaling.md stays as it is')
	bin/homeostat bench scale $(if $(TRACES),$(foreach t,$(TRACES),--trace $(t)),$(if $(FOUND),--traces $(PUBLIC)) --generated) \
	  --seeds $(SEEDS) --days $(DAYS) $(if $(TRACES),,--sensitivity) $(if $(TUNED),--tuned $(TUNED)) --peers dist/peers.test \
	  --out $(OUT) --html $(OUT)/scaling.html $(if $(TRACES),,$(if $(FOUND),--markdown docs/benchmarks/scaling.md))

peers: dist/peers.test ## Build the scalers of Kubernetes, KEDA and Knative, for the scaling benchmark (some minutes at first)

# A module of its own, whose program is a test; see tests/bench/peers/doc.go. Without
# -trimpath it shares what is compiled with that module's tests.
dist/peers.test: $(SOURCES) tests/bench/peers/go.mod tests/bench/peers/go.sum
	@mkdir -p dist
	cd tests/bench/peers && go test -c -o $(CURDIR)/$@ .

costs: ## Measure the monthly costs of Homeostat and write docs/costs.md
	go run ./tests/costs/cmd/costs > docs/.costs.md && mv docs/.costs.md docs/costs.md

check: ## Run all checks of CI
	bash .ci/run

clean: ## Remove the built files
	rm -rf bin dist
