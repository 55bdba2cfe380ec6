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

// reader reads context values. They are text on the command line and may have any
// type in a file. It keeps the first error.
type reader struct {
	context map[string]any
	// names holds the names of all values read so far.
	names []string
	err   error
}

// text returns a value as text, and an empty string if it is not set.
func (r *reader) text(name string) string {
	r.names = append(r.names, name)
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

// refused reports whether a flag with the default true is set to false.
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

// checkNames rejects misspelt names. The context of the CDK and its tools has
// punctuation in its names and is skipped.
func (r *reader) checkNames() {
	for _, name := range slices.Sorted(maps.Keys(r.context)) {
		if r.err == nil && regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(name) && !slices.Contains(r.names, name) {
			slices.Sort(r.names)
			r.err = fmt.Errorf("the context %s is unknown, expected one of: %s", name, strings.Join(r.names, ", "))
		}
	}
}
