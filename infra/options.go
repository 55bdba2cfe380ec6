package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/policy"
)

// options holds the options of an installation, set by context:
// `cdk deploy -c NAME=VALUE`.
type options struct {
	// Name is the stack's name in CloudFormation.
	Name string
	// Sample adds a stack of sample services. SampleImage replaces their public
	// image.
	Sample      bool
	SampleImage string
	// Ephemeral deletes the stored data with the stack, for tests.
	Ephemeral bool
	// Policy is the policy file for the functions. Without one, the functions
	// observe.
	Policy string
	// Mode caps every service's mode; empty caps nothing.
	Mode string
	// Accounts lists further accounts that may send events.
	Accounts []string
	// Concurrency is the reserved concurrency of each function; zero means none.
	Concurrency int
	// Tracing turns X-Ray on.
	Tracing bool
	// Pin permits registering task definitions with images pinned by digest.
	// The roles of such a task definition must be among PassRoles.
	Pin       bool
	PassRoles []string
	// DrainHosts permits draining container instances.
	DrainHosts bool
	// RestoreImages permits restoring archived images.
	RestoreImages bool
	// LogGroups lists the log groups of tasks for log tails, by name or with a * at
	// the end.
	LogGroups []string
	// SourceDates permits reading the last changes of the parameters and secrets that
	// task definitions name. It permits no value.
	SourceDates bool
	// NoDashboard omits the dashboard. It costs money beyond the free dashboards of
	// the account.
	NoDashboard bool
	// Endpoints redirects the functions from AWS to an emulator. Its keys are
	// environment variables: AWS_ENDPOINT_URL, or AWS_ENDPOINT_URL_<SERVICE> for one
	// service.
	Endpoints map[string]string
	// X86 deploys the local build of `make build`, for emulators that run functions
	// as processes.
	X86 bool
	// Dist is the folder of the built functions.
	Dist string
	// Staging is the folder for bundles during the synthesis.
	Staging string
}

// leastConcurrency is the lowest maximum concurrency that SQS accepts.
const leastConcurrency = 2

// maxStackName leaves room for the suffix of the sample within CloudFormation's
// limit of 128 characters.
const maxStackName = 100

// readOptions reads the context. An error names the wrong value and the expected
// one.
func readOptions(context map[string]any) (options, error) {
	c := reader{context: context}
	o := c.options()
	c.checkNames()
	if c.err != nil {
		return o, c.err
	}
	if err := o.check(); err != nil {
		return o, err
	}
	return o, o.checkFiles()
}

// options reads all values of the context.
func (r *reader) options() options {
	o := options{
		Name: cmp.Or(r.text("name"), stackID), Sample: r.flag("sample"), SampleImage: r.text("sampleImage"),
		Ephemeral: r.flag("ephemeral"), Policy: r.text("policy"), Mode: r.text("mode"), Accounts: r.list("accounts"),
		Concurrency: r.number("concurrency"), Tracing: r.flag("tracing"), Pin: r.flag("pin"), PassRoles: r.list("passRoles"), DrainHosts: r.flag("drainHosts"),
		RestoreImages: r.flag("restoreImages"), SourceDates: r.flag("sourceDates"),
		LogGroups: r.list("logGroups"), NoDashboard: r.refused("dashboard"),
		Endpoints: r.endpoints("endpoint"), X86: r.flag("x86"), Dist: "dist",
	}
	if o.X86 {
		o.Dist = filepath.Join(o.Dist, "local")
	}
	return o
}

// check validates the values against the limits of AWS and against each other.
func (o options) check() error {
	switch {
	case !stackName(o.Name):
		return fmt.Errorf("the context name is %q, expected a letter and then letters, digits and hyphens", o.Name)
	case o.SampleImage != "" && !o.Sample:
		return fmt.Errorf("the context sampleImage requires -c sample=true")
	case o.Mode != "" && !policy.Mode(o.Mode).Valid():
		return fmt.Errorf("the context mode is %q, expected off, observe, propose or act", o.Mode)
	case o.Concurrency != 0 && o.Concurrency < leastConcurrency:
		return fmt.Errorf("the context concurrency is %d, expected at least %d", o.Concurrency, leastConcurrency)
	case o.Pin && len(o.PassRoles) == 0:
		return fmt.Errorf("the context pin requires the roles of the pinned task definitions: -c passRoles=ARN,ARN")
	case !o.Pin && len(o.PassRoles) > 0:
		return fmt.Errorf("the context passRoles requires -c pin=true")
	}
	return o.checkLists()
}

// checkLists validates the values that are lists.
func (o options) checkLists() error {
	for _, role := range o.PassRoles {
		if !strings.HasPrefix(role, "arn:") || !strings.Contains(role, ":role/") || strings.ContainsAny(role, "*?") {
			return fmt.Errorf("the context passRoles holds %q, expected the ARN of one role", role)
		}
	}
	for _, group := range o.LogGroups {
		if !regexp.MustCompile(`^[A-Za-z0-9_/.#-]+\*?$`).MatchString(group) {
			return fmt.Errorf("the context logGroups holds %q, expected the name of a log group, or its beginning and *", group)
		}
	}
	for _, account := range o.Accounts {
		if !isAccount(account) {
			return fmt.Errorf("the context accounts holds %q, expected the twelve digits of an account", account)
		}
	}
	return nil
}

// stackName reports whether CloudFormation accepts the name.
func stackName(name string) bool {
	return len(name) <= maxStackName && regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`).MatchString(name)
}

func isAccount(account string) bool { return regexp.MustCompile(`^[0-9]{12}$`).MatchString(account) }

// checkFiles reports missing files with a short message, before the AWS tools
// fail on them.
func (o options) checkFiles() error {
	for _, function := range contract.Functions() {
		if _, err := os.Stat(filepath.Join(o.Dist, function, "bootstrap")); err != nil {
			return fmt.Errorf("the function %s is not built: run `make build`", function)
		}
	}
	if o.Policy == "" {
		return nil
	}
	data, err := os.ReadFile(o.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy: %w", err)
	}
	_, err = policy.Parse(o.Policy, data)
	return err
}
