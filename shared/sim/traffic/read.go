package traffic

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Header is the line above the rows of a trace file.
const Header = "t_s,requests"

// Read reads a trace: comment lines with #, the header, and a row for each
// interval. A row holds the first second of the interval and the number of requests
// in it. The first comment above the header describes the trace. The times may
// begin anywhere and must be one interval apart. The name is used in the trace and
// in errors.
func Read(name string, from io.Reader) (Trace, error) {
	r := reader{trace: Trace{Name: name}}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		r.line++
		if err := r.read(strings.TrimSpace(lines.Text())); err != nil {
			return Trace{}, fmt.Errorf("%s:%d: %w", name, r.line, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return Trace{}, fmt.Errorf("%s:%d: the line is longer than %d bytes: a row is two numbers, such as 60,1250", name, r.line+1, bufio.MaxScanTokenSize)
	case err != nil:
		return Trace{}, fmt.Errorf("reading %s: %w", name, err)
	case !r.headed:
		return Trace{}, fmt.Errorf("%s:%d: there is no header: write %s above the rows", name, r.line+1, Header)
	case len(r.trace.Requests) < 2:
		return Trace{}, fmt.Errorf("%s:%d: a trace needs two rows or more, because the first two give the length of an interval: add rows", name, r.line+1)
	}
	return r.trace, nil
}

// reader holds a file up to a line.
type reader struct {
	trace       Trace
	line        int
	headed      bool
	first, last int // times
	lastLine    int // of the last row
}

func (r *reader) read(line string) error {
	if r.line == 1 {
		line = strings.TrimPrefix(line, "\uFEFF")
	}
	comment, isComment := strings.CutPrefix(line, "#")
	switch {
	case isComment:
		if !r.headed && r.trace.About == "" {
			r.trace.About = oneLine(comment)
		}
		return nil
	case line == "":
		return nil
	case !r.headed:
		r.headed = strings.ReplaceAll(line, " ", "") == Header
		if !r.headed {
			return fmt.Errorf("expected the header %s, got %q: write it above the rows, and # before comments", Header, shortened(line))
		}
		return nil
	}
	return r.row(line)
}

func (r *reader) row(line string) error {
	left, right, ok := strings.Cut(line, ",")
	if !ok || strings.Contains(right, ",") {
		return fmt.Errorf("expected two numbers with a comma between them, such as 60,1250, got %q", shortened(line))
	}
	at, err := strconv.Atoi(strings.TrimSpace(left))
	if err != nil {
		return fmt.Errorf("t_s is %q, expected whole seconds such as 60: write the first second of the interval", shortened(left))
	}
	n, err := countOf(strings.TrimSpace(right))
	if err != nil {
		return err
	}
	if err := r.follows(at); err != nil {
		return err
	}
	if len(r.trace.Requests) == maxRows {
		return fmt.Errorf("more than %d rows: cut the trace, or sum it over longer intervals", maxRows)
	}
	if len(r.trace.Requests) == 0 {
		r.first = at
	}
	r.last, r.lastLine = at, r.line
	r.trace.Requests = append(r.trace.Requests, n)
	return nil
}

// countOf parses the number of requests in a row.
func countOf(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		return 0, errors.New("requests is empty: write 0 if nothing arrived, or the mean of the neighbours if the count was lost")
	case math.IsNaN(n) || math.IsInf(n, 0):
		return 0, fmt.Errorf("requests is %q: write 0 if nothing arrived, or the mean of the neighbours if the count was lost", shortened(text))
	case err != nil:
		return 0, fmt.Errorf("requests is %q, expected a number such as 1250", shortened(text))
	case n < 0:
		return 0, fmt.Errorf("requests is %s, expected a number from 0: write 0 if nothing arrived", shortened(text))
	case n > maxRequests:
		return 0, fmt.Errorf("requests is %s, expected at most %g: check the column's unit", shortened(text), maxRequests)
	}
	return n + 0, nil // -0 is 0
}

// follows returns an error if a time is not one interval after the previous one.
func (r *reader) follows(at int) error {
	rows := len(r.trace.Requests)
	apart := at - r.last
	switch {
	case at < 0 || at > maxTime:
		return fmt.Errorf("t_s is %d, expected 0 to %d: write seconds, not milliseconds, from the start or from 1970", at, maxTime)
	case rows == 0:
		return nil
	case apart == 0:
		return fmt.Errorf("t_s %d is on line %d already: add the two counts, or remove one", at, r.lastLine)
	case apart < 0:
		return fmt.Errorf("t_s %d comes after %d: sort the rows by t_s", at, r.last)
	case rows == 1 && apart > maxStep:
		return fmt.Errorf("the first two rows are %d s apart, expected at most %d: longer intervals show no scaling", apart, maxStep)
	case rows == 1:
		r.trace.Step = apart
	case apart%r.trace.Step == 0 && apart > r.trace.Step:
		return fmt.Errorf("between t_s %d and %d rows are missing (%d): fill them with 0 if nothing arrived, or with the mean of the neighbours if counts were lost",
			r.last, at, apart/r.trace.Step-1)
	case apart != r.trace.Step:
		return fmt.Errorf("t_s %d comes %d s after the row before, and the first two rows are %d s apart: sum the counts over intervals of one length", at, apart, r.trace.Step)
	}
	return nil
}

// Write writes a trace in the format of Read, from second 0.
func Write(to io.Writer, t Trace) error {
	if err := t.valid(); err != nil {
		return fmt.Errorf("writing the trace %s: %w", t.Name, err)
	}
	w := bufio.NewWriter(to)
	if about := oneLine(t.About); about != "" {
		fmt.Fprintf(w, "# %s\n", about)
	}
	fmt.Fprintln(w, Header)
	for i, n := range t.Requests {
		fmt.Fprintf(w, "%d,%s\n", i*t.Step, strconv.FormatFloat(n, 'f', -1, 64))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the trace %s: %w", t.Name, err)
	}
	return nil
}

// valid returns an error for a trace that Read would reject.
func (t Trace) valid() error {
	if t.Step < 1 || t.Step > maxStep {
		return fmt.Errorf("an interval lasts %d s, expected 1 to %d", t.Step, maxStep)
	}
	if len(t.Requests) < 2 || len(t.Requests) > maxRows {
		return fmt.Errorf("it has %d intervals, expected 2 to %d", len(t.Requests), maxRows)
	}
	for i, n := range t.Requests {
		if !(n >= 0 && n <= maxRequests) {
			return fmt.Errorf("interval %d has %g requests, expected 0 to %g", i, n, maxRequests)
		}
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// shortened cuts a long text.
func shortened(text string) string {
	if len(text) <= maxQuoted {
		return text
	}
	return strings.ToValidUTF8(text[:maxQuoted], "") + "…"
}
