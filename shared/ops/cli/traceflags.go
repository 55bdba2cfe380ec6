package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/traffic"
)

// defaultPeak is the default of --peak.
const defaultPeak = 20

// traceFlags choose the traffic of a benchmark.
type traceFlags struct {
	Trace     []string `sep:"none" help:"Play this traffic (CSV: t_s,requests) or the generated trace of this name; may be repeated." placeholder:"FILE"`
	Traces    string   `help:"Play all files *.csv of this folder." placeholder:"DIR"`
	Generated bool     `help:"Play the generated traces."`
	Peak      int      `default:"20" help:"Scale each trace so that its high minutes need this number of tasks."`
	Days      int      `help:"Play only this number of days from the start of each trace." placeholder:"N"`
}

// check returns an error for flags that are not possible. orElse names another way
// out of missing traffic.
func (v *traceFlags) check(orElse string) error {
	switch {
	case len(v.Trace) == 0 && v.Traces == "" && !v.Generated:
		return errors.New("nothing to do: give --trace FILE, --traces DIR or --generated to play" + orElse)
	case v.Peak < 1 || v.Peak > scaling.MaxPeak:
		return fmt.Errorf("--peak is %d, expected 1 to %d tasks", v.Peak, scaling.MaxPeak)
	case v.Days < 0:
		return fmt.Errorf("--days is %d, expected 1 or more", v.Days)
	}
	return nil
}

// traces returns the traces of the flags: files, folders, generated ones.
func (v *traceFlags) traces() (out []traffic.Trace, err error) {
	generated := traffic.Generated()
	files := v.Trace
	if v.Traces != "" {
		found, err := filepath.Glob(filepath.Join(v.Traces, "*.csv"))
		if err != nil || len(found) == 0 {
			return nil, usageError{fmt.Errorf("--traces %s: there are no files *.csv: give a folder with traces", v.Traces)}
		}
		files = slices.Concat(files, found)
	}
	for _, file := range files {
		if i := slices.IndexFunc(generated, func(t traffic.Trace) bool { return t.Name == file }); i >= 0 {
			out = append(out, generated[i])
			continue
		}
		t, err := readTrace(file, generated)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	if v.Generated {
		out = append(out, generated...)
	}
	return out, nil
}

// readTrace reads a file. The name of the trace is that of the file, without the
// folder.
func readTrace(name string, generated []traffic.Trace) (traffic.Trace, error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		var names []string
		for _, t := range generated {
			names = append(names, t.Name)
		}
		return traffic.Trace{}, usageError{fmt.Errorf("--trace %s: there is no such file, and no generated trace of that name; those are: %s", name, strings.Join(names, ", "))}
	}
	if err != nil {
		return traffic.Trace{}, fmt.Errorf("%s: %w", name, plainPathError(err))
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return traffic.Trace{}, usageError{fmt.Errorf("%s: it is a folder: give --traces %s", name, name)}
	}
	t, err := traffic.Read(name, file)
	t.Name = strings.TrimSuffix(filepath.Base(name), ".csv")
	return t, err
}
