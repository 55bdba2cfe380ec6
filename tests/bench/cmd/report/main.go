// Command report measures Homeostat and prints each figure with its ratio to
// the target. It must be run from within the module.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"homeostat/tests/bench"
)

func main() {
	out := flag.String("out", "", "file to write the figures to, as JSON")
	starts := flag.Int("starts", 21, "cold starts of each kind")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := report(ctx, *out, *starts); err != nil {
		fmt.Fprintln(os.Stderr, "report: "+err.Error())
		cancel()
		os.Exit(1)
	}
}

// report measures one thing after the other, so that none disturbs another. A
// target that is missed is a figure and no error.
func report(ctx context.Context, out string, starts int) error {
	var figures []bench.Figure
	for _, part := range []struct {
		name    string
		measure func() ([]bench.Figure, error)
	}{
		{"the virtual clock", func() ([]bench.Figure, error) { return bench.Days(ctx) }},
		{"one event", func() ([]bench.Figure, error) { return bench.Steps(ctx) }},
		{"a tick over many services", func() ([]bench.Figure, error) { return bench.Ticks(ctx) }},
		{"scaling", func() ([]bench.Figure, error) { return bench.Scalings(ctx) }},
		{"the size of the functions", func() ([]bench.Figure, error) { return bench.Sizes(ctx) }},
		{"cold starts", func() ([]bench.Figure, error) { return bench.Starts(ctx, starts) }},
	} {
		fmt.Fprintln(os.Stderr, "measuring "+part.name+" …")
		found, err := part.measure()
		if err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
		figures = append(figures, found...)
	}
	if err := bench.Print(os.Stdout, figures); err != nil {
		return err
	}
	if out == "" {
		return nil
	}
	raw, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(raw, '\n'), 0o644)
}
