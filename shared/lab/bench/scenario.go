package bench

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"homeostat/shared/sim/rehearse"
)

// files holds the scenarios, in the format of docs/scenarios.md. The first word of
// a file name states the truth. In a bad scenario the images with the name bad are
// bad. In a good or incident scenario every revision is good; an incident adds a
// failure that no rollback fixes.
//
//go:embed heal/*.yaml
var files embed.FS

// badImage is the name of the images of bad revisions.
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

// Scenarios returns the names of all scenarios.
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

// Description returns the scenario's own description, or an empty string for an
// unknown name.
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

// scenariosOf reads the named scenarios. No names means all.
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

// UnknownError reports an unknown name.
type UnknownError struct {
	What, Name string
	Known      []string
}

// Error lists the known names.
func (e UnknownError) Error() string {
	return fmt.Sprintf("there is no %s %q, expected one of %s", e.What, e.Name, strings.Join(e.Known, ", "))
}
