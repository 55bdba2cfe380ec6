package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"homeostat/shared/contract"
	"homeostat/shared/policy"
)

// options are what differs between installations, each given by context:
// `cdk deploy -c NAME=VALUE`.
type options struct {
	// Ephemeral lets the stack be deleted with all that it remembers: for tests.
	Ephemeral bool
	// Policy is the policy file that is shipped with the functions; empty ships
	// none, and the functions observe.
	Policy string
	// Mode caps every service's mode; empty caps nothing.
	Mode string
	// Accounts are further accounts whose events count.
	Accounts []string
	// Concurrency is reserved for each function; zero reserves nothing.
	Concurrency int
	// Tracing turns X-Ray on.
	Tracing bool
	// Pin permits registering task definitions with images pinned by digest.
	// The roles of such a task definition must be among PassRoles.
	Pin       bool
	PassRoles []string
	// Endpoints send the functions to an emulator instead of AWS, by the name of
	// the environment variable that says so: AWS_ENDPOINT_URL, or
	// AWS_ENDPOINT_URL_<SERVICE> for one service.
	Endpoints map[string]string
	// X86 deploys what `make build` made for this machine, for emulators that
	// run functions as processes.
	X86 bool
	// Dist is the folder of the built functions.
	Dist string
	// Staging is the folder in which bundles are put together.
	Staging string
}

// leastConcurrency is what SQS accepts as a maximum concurrency.
const leastConcurrency = 2

// readOptions reads the context. An error says which value is wrong, and what
// was expected of it.
func readOptions(context func(*string) any) (options, error) {
	c := reader{context: context}
	o := options{
		Ephemeral: c.flag("ephemeral"), Policy: c.text("policy"), Mode: c.text("mode"), Accounts: c.list("accounts"),
		Concurrency: c.number("concurrency"), Tracing: c.flag("tracing"), Pin: c.flag("pin"), PassRoles: c.list("passRoles"),
		Endpoints: c.endpoints("endpoint"), X86: c.flag("x86"), Dist: "dist",
	}
	if o.X86 {
		o.Dist = filepath.Join(o.Dist, "local")
	}
	switch {
	case c.err != nil:
		return o, c.err
	case o.Mode != "" && !policy.Mode(o.Mode).Valid():
		return o, fmt.Errorf("the context mode is %q, expected off, observe, propose or act", o.Mode)
	case o.Concurrency != 0 && o.Concurrency < leastConcurrency:
		return o, fmt.Errorf("the context concurrency is %d, expected at least %d", o.Concurrency, leastConcurrency)
	case o.Pin && len(o.PassRoles) == 0:
		return o, fmt.Errorf("the context pin needs the roles of the pinned task definitions: -c passRoles=ARN,ARN")
	case !o.Pin && len(o.PassRoles) > 0:
		return o, fmt.Errorf("the context passRoles does nothing without -c pin=true")
	}
	for _, role := range o.PassRoles {
		if !strings.HasPrefix(role, "arn:") || !strings.Contains(role, ":role/") || strings.ContainsAny(role, "*?") {
			return o, fmt.Errorf("the context passRoles holds %q, expected the ARN of one role", role)
		}
	}
	return o, o.checkFiles()
}

// checkFiles says what is missing before AWS's own tools say it at length.
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

// reader reads context values, which are text on the command line and may be
// anything in a file. It keeps the first error.
type reader struct {
	context func(*string) any
	err     error
}

func (r *reader) text(name string) string {
	switch v := r.context(&name).(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	default:
		return fmt.Sprint(v)
	}
}

func (r *reader) flag(name string) bool {
	switch v := r.text(name); v {
	case "true":
		return true
	case "", "false":
		return false
	default:
		r.fail(name, v, "true or false")
		return false
	}
}

func (r *reader) number(name string) int {
	v := r.text(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		r.fail(name, v, "a whole number")
	}
	return n
}

func (r *reader) list(name string) []string {
	var out []string
	for part := range strings.SplitSeq(r.text(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// endpoints reads "URL" for every service, and "SERVICE=URL" for one.
func (r *reader) endpoints(name string) map[string]string {
	out := map[string]string{}
	for _, part := range r.list(name) {
		variable, address := "AWS_ENDPOINT_URL", part
		if service, rest, found := strings.Cut(part, "="); found {
			variable += "_" + strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToUpper(service))
			address = rest
		}
		if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			r.fail(name, part, "an http or https URL, or SERVICE=URL")
		}
		out[variable] = address
	}
	return out
}

func (r *reader) fail(name, value, expected string) {
	if r.err == nil {
		r.err = fmt.Errorf("the context %s is %q, expected %s", name, value, expected)
	}
}
