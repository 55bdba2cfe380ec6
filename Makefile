# Everything that a person or CI runs. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

FUNCTIONS := heal scale redeploy sweep
SOURCES   := $(shell git ls-files '*.go' go.mod go.sum 2>/dev/null || find . -name '*.go')

# How the functions are built. Inlining is off: it makes them a tenth smaller,
# and they wait for AWS nearly all of the time. tests/artefact builds the same way.
LAMBDA_FLAGS := -tags lambda.norpc -trimpath -gcflags=all=-l -ldflags='-s -w -buildid='

GOLANGCI_VERSION := v2.15.0
TOOLS := $(CURDIR)/.tools

.PHONY: help run test build lint check bench fuzz clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: bin/homeostat ## Watch Homeostat through a day of a simulated fleet, in a minute
	@bin/homeostat run

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

test: ## Run the tests (Node runs the CDK for those of infra)
	go test ./...

build: bin/homeostat $(foreach f,$(FUNCTIONS),dist/$(f)/bootstrap dist/local/$(f)/bootstrap) ## Build the command line and the functions: dist/ for AWS (arm64), dist/local/ for this machine (amd64)

bin/homeostat: $(SOURCES)
	@mkdir -p bin
	go build -trimpath -o $@ ./cmd/homeostat

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

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## Run the linters
	$< run ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/golangci-lint $@

fuzz: ## Run every fuzz target for FUZZTIME (default 20s)
	@go list ./... | while read -r p; do \
	  go test -list '^Fuzz' "$$p" | grep '^Fuzz' | while read -r f; do \
	    echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-20s} "$$p"; done || true; done

bench: build ## Measure speed and size, each with its ratio to the aim
	go run ./tests/bench/cmd/report

check: ## Run all that CI runs
	bash .ci/run

clean: ## Remove what was built
	rm -rf bin dist
