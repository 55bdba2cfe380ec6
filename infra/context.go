package main

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reader reads context values, which are text on the command line and may be
// anything in a file. It keeps the first error.
type reader struct {
	context map[string]any
	// asked are the names that were read: all that there are.
	asked []string
	err   error
}

func (r *reader) text(name string) string {
	r.asked = append(r.asked, name)
	switch v := r.context[name].(type) {
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

// refused is a flag that is on where nothing is said.
func (r *reader) refused(name string) bool {
	return r.text(name) != "" && !r.flag(name)
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

// checkNames finds what was misspelled. The flags of the CDK and what its tools
// leave behind are told apart by the signs in their names.
func (r *reader) checkNames() {
	for _, name := range slices.Sorted(maps.Keys(r.context)) {
		if r.err == nil && regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(name) && !slices.Contains(r.asked, name) {
			slices.Sort(r.asked)
			r.err = fmt.Errorf("there is no context %s, it is one of: %s", name, strings.Join(r.asked, ", "))
		}
	}
}
