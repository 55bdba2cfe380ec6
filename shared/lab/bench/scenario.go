package bench

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"homeostat/shared/sim/rehearse"
)

// files are the scenarios, in the format of docs/scenarios.md. The first word
// of a file's name says what is true of it: in "bad" the images called bad are
// bad; in "good" every revision is good; in "incident" too, and something fails
// that no rollback cures.
//
//go:embed heal/*.yaml
var files embed.FS

// badImage is what the images of bad revisions are called.
const badImage = "bad"

// The groups of scenarios.
const (
	groupBad      = "bad"
	groupGood     = "good"
	groupIncident = "incident"
)

// scenario is a file of the benchmark.
type scenario struct {
	name, group string
	data        []byte
}

// Scenarios are the names of all scenarios.
func Scenarios() []string {
	entries, err := files.ReadDir("heal")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Description is what a scenario is about, in its own words; empty for none of
// this name.
func Description(name string) string {
	found, err := scenariosOf([]string{name})
	if err != nil {
		return ""
	}
	parsed, err := rehearse.Parse(name, found[0].data)
	if err != nil {
		return ""
	}
	return parsed.Scenario
}

// scenariosOf reads the scenarios of these names; none are all.
func scenariosOf(names []string) ([]scenario, error) {
	known := Scenarios()
	if len(names) == 0 {
		names = known
	}
	out := make([]scenario, len(names))
	for i, name := range names {
		if !slices.Contains(known, name) {
			return nil, UnknownError{"scenario", name, known}
		}
		data, err := files.ReadFile(path.Join("heal", name+".yaml"))
		if err != nil {
			return nil, fmt.Errorf("reading the scenario %s: %w", name, err)
		}
		group, _, _ := strings.Cut(name, "-")
		out[i] = scenario{name: name, group: group, data: data}
	}
	return out, nil
}

// UnknownError is a name that nothing is called.
type UnknownError struct {
	What, Name string
	Known      []string
}

// Error names what there is.
func (e UnknownError) Error() string {
	return fmt.Sprintf("there is no %s %q, expected one of %s", e.What, e.Name, strings.Join(e.Known, ", "))
}
