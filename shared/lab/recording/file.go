package recording

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/traffic"
)

// Optional columns after those of a trace.
const (
	columnCPU   = "cpu"
	columnTasks = "tasks"
)

// Read reads a recording or a plain trace. A file may have two more columns: cpu
// (the average of the running tasks, in percent) and tasks (the number of running
// tasks). Read estimates the capacity of a task from them. An empty value is
// unknown.
func Read(name string, from io.Reader) (Recording, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxBytes+1))
	if err != nil {
		return Recording{}, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(data) > maxBytes {
		return Recording{}, fmt.Errorf("%s has more than %d bytes: cut it, or sum the counts over longer intervals", name, maxBytes)
	}
	r := reader{name: name}
	plain, err := r.split(data)
	if err != nil {
		return Recording{}, err
	}
	if r.Trace, err = traffic.Read(name, bytes.NewReader(plain)); err != nil {
		return Recording{}, err
	}
	r.deriveFacts()
	return r.Recording, nil
}

type reader struct {
	Recording
	name       string
	columns    []string // after t_s and requests; nil before the header
	headed     bool
	cpu, tasks []float64
}

// split takes the facts and the optional columns. It keeps the lines of the trace,
// so that errors name the right line.
func (r *reader) split(data []byte) ([]byte, error) {
	plain := make([]byte, 0, len(data))
	number := 0
	for raw := range bytes.Lines(data) {
		number++
		line := strings.TrimSpace(string(raw))
		if number == 1 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		kept, err := r.splitLine(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", r.name, number, err)
		}
		plain = append(append(plain, kept...), '\n')
	}
	return plain, nil
}

// splitLine returns the trace's part of a line.
func (r *reader) splitLine(line string) (string, error) {
	comment, ok := strings.CutPrefix(line, "#")
	switch {
	case ok && !r.headed:
		return line, r.comment(strings.TrimSpace(comment))
	case ok || line == "":
		return line, nil
	case !r.headed:
		r.headed = true
		return r.header(line)
	case len(r.columns) == 0:
		return line, nil
	}
	return r.row(line)
}

// header records the optional columns. The reader of the trace rejects an unknown
// header.
func (r *reader) header(line string) (string, error) {
	fields := strings.Split(strings.ReplaceAll(line, " ", ""), ",")
	if len(fields) <= 2 || strings.Join(fields[:2], ",") != traffic.Header {
		return line, nil
	}
	for i, column := range fields[2:] {
		switch {
		case column != columnCPU && column != columnTasks:
			return "", fmt.Errorf("there is no column %q: after %s come %s (percent) and %s, or nothing", column, traffic.Header, columnCPU, columnTasks)
		case i == 1 && column == fields[2]:
			return "", fmt.Errorf("the column %s stands twice: remove one", column)
		}
	}
	r.columns = fields[2:]
	return traffic.Header, nil
}

func (r *reader) row(line string) (string, error) {
	fields := strings.Split(line, ",")
	if len(fields) != 2+len(r.columns) {
		return "", fmt.Errorf("expected %d values as the header says, got %d", 2+len(r.columns), len(fields))
	}
	for i, column := range r.columns {
		v, err := optional(column, strings.TrimSpace(fields[2+i]))
		if err != nil {
			return "", err
		}
		if column == columnCPU {
			r.cpu = append(r.cpu, v)
		} else {
			r.tasks = append(r.tasks, v)
		}
	}
	return fields[0] + "," + fields[1], nil
}

// optional parses a value that may be unknown.
func optional(column, text string) (float64, error) {
	if text == "" {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, fmt.Errorf("%s is %q, expected a number from 0, or nothing where it is not known", column, text)
	}
	return v, nil
}

// comment takes a fact and ignores any other comment.
func (r *reader) comment(text string) error {
	key, value, ok := strings.Cut(text, ": ")
	if !ok {
		return nil
	}
	value = strings.TrimSpace(value)
	switch key {
	case "service":
		r.Service = value
	case "region":
		r.Region = value
	case "architecture":
		r.Architecture = value
	case "note":
		r.Notes = append(r.Notes, value)
	case "begin":
		return moment(value, &r.Begin)
	case "task_rate":
		return positive(key, value, &r.TaskRate)
	case "task_hours":
		return positive(key, value, &r.TaskHours)
	case "task_cpu":
		return positiveInt(key, value, &r.TaskCPU)
	case "task_memory":
		return positiveInt(key, value, &r.TaskMemory)
	}
	return nil
}

func positive(key, text string, into *float64) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is %q, expected a number above 0: mend the comment, or remove it", key, text)
	}
	*into = v
	return nil
}

func moment(text string, into *time.Time) error {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.IsZero() {
		return fmt.Errorf("begin is %q, expected a time such as 2026-11-16T00:00:00Z: mend the comment, or remove it", text)
	}
	*into = at
	return nil
}

func positiveInt(key, text string, into *int) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return fmt.Errorf("%s is %q, expected a whole number above 0: mend the comment, or remove it", key, text)
	}
	*into = v
	return nil
}

// deriveFacts computes facts from the columns that no comment gives.
func (r *reader) deriveFacts() {
	if r.TaskRate == 0 {
		r.TaskRate, _ = TaskRate(r.Requests, r.cpu, r.tasks, r.Step)
	}
	if r.TaskHours == 0 && len(r.tasks) > 0 {
		r.TaskHours = TaskHours(r.tasks, r.Step)
	}
}

// TaskHours returns the task-hours of the running tasks, by periods of a length in
// seconds. An unknown period counts as the mean of the known ones. Without a known
// period it returns 0.
func TaskHours(tasks []float64, seconds int) float64 {
	sum, known := 0.0, 0
	for _, n := range tasks {
		if !math.IsNaN(n) {
			sum, known = sum+n, known+1
		}
	}
	if known == 0 {
		return 0
	}
	return sum / float64(known) * float64(len(tasks)*seconds) / 3600
}

// Write writes a recording in the format of Read.
func Write(to io.Writer, r Recording) error {
	fmt.Fprintf(to, "# %s\n", strings.Join(strings.Fields(r.About), " "))
	for _, fact := range []struct {
		key   string
		known bool
		value string
	}{
		{"service", r.Service != "", r.Service},
		{"region", r.Region != "", r.Region},
		{"begin", !r.Begin.IsZero(), r.Begin.UTC().Format(time.RFC3339)},
		{"task_rate", r.TaskRate > 0, number(r.TaskRate)},
		{"task_hours", r.TaskHours > 0, number(r.TaskHours)},
		{"task_cpu", r.TaskCPU > 0, strconv.Itoa(r.TaskCPU)},
		{"task_memory", r.TaskMemory > 0, strconv.Itoa(r.TaskMemory)},
		{"architecture", r.Architecture != "", r.Architecture},
	} {
		if fact.known {
			fmt.Fprintf(to, "# %s: %s\n", fact.key, fact.value)
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(to, "# note: %s\n", strings.Join(strings.Fields(note), " "))
	}
	trace := r.Trace
	trace.About = ""
	return traffic.Write(to, trace)
}

// number formats a figure with six significant digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
