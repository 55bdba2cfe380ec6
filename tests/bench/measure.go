package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/tests/artefact"
)

// The targets. Chosen: docs/benchmarks/speed.md explains them.
const (
	targetSpeed          = 20_000 // virtual seconds per second
	targetNS             = 50_000
	targetAllocs         = 120
	targetBytes          = 13_500_000
	targetColdStartRatio = 0.2 // of a cold start of Python
	daysPlayed           = 5
	bareDays             = 20
	benchmarkRuns        = 3 // benchmarks of one second each
	bytesInMB            = 1e6
	nsInMS               = 1e6
	medianOf             = "median of %d"
)

// Days returns the figures of the virtual clock.
func Days(ctx context.Context) ([]Figure, error) {
	var full, bare []float64
	var last Played
	for seed := range uint64(daysPlayed) {
		played, err := Play(ctx, seed+1)
		if err != nil {
			return nil, err
		}
		if missing := played.Missing(); len(missing) > 0 {
			return nil, fmt.Errorf("the day of seed %d has no %v", seed+1, missing)
		}
		full, last = append(full, played.Speed()), played
	}
	for seed := range uint64(bareDays) {
		played, err := PlayBare(seed + 1)
		if err != nil {
			return nil, err
		}
		bare = append(bare, played.Speed())
	}
	note := fmt.Sprintf(medianOf+" days, %d CPUs; the last had %d episodes", len(full), runtime.NumCPU(), last.Episodes)
	return []Figure{
		{Name: "virtual clock, 10 services, reacting", Value: median(full), Unit: "×", Target: targetSpeed, AtLeast: true, Note: note},
		{Name: "virtual clock, 10 services, simulator only", Value: median(bare), Unit: "×", Note: fmt.Sprintf(medianOf+" days", len(bare))},
	}, nil
}

// Steps returns the figures of one event in the pure packages.
func Steps(ctx context.Context) ([]Figure, error) {
	reactions, err := Reactions(ctx)
	if err != nil {
		return nil, err
	}
	var out []Figure
	for _, r := range reactions {
		var ns, allocs []float64
		for range benchmarkRuns {
			result := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					r.React()
				}
			})
			ns, allocs = append(ns, float64(result.NsPerOp())), append(allocs, float64(result.AllocsPerOp()))
		}
		out = append(out,
			Figure{
				Name: r.Name, Value: median(ns) / 1000, Unit: "µs", Target: targetNS / 1000,
				Note: fmt.Sprintf("decode, cause, decide, guard; "+medianOf+" benchmarks", len(ns)),
			},
			Figure{Name: r.Name, Value: median(allocs), Unit: "allocations", Target: targetAllocs},
		)
	}
	return out, nil
}

// Sizes returns the sizes of the deployed binaries.
func Sizes(ctx context.Context) ([]Figure, error) {
	dir, err := os.MkdirTemp("", "homeostat-bench-")
	if err != nil {
		return nil, fmt.Errorf("creating a folder for the functions: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binaries, err := artefact.Build(ctx, dir, "arm64")
	if err != nil {
		return nil, err
	}
	var out []Figure
	for _, function := range contract.Functions() {
		info, err := os.Stat(binaries[function])
		if err != nil {
			return nil, fmt.Errorf("measuring %s: %w", function, err)
		}
		out = append(out, Figure{
			Name: "size of " + function, Value: float64(info.Size()) / bytesInMB, Unit: "MB", Target: targetBytes / bytesInMB, Note: "arm64",
		})
	}
	return out, nil
}

// Starts returns the figures of the cold starts, side by side with Python's.
func Starts(ctx context.Context, runs int) ([]Figure, error) {
	ours, python, err := ColdStarts(ctx, runs)
	if err != nil && !errors.Is(err, ErrNoPython) {
		return nil, err
	}
	out := start("cold start to first answer, ours", ours)
	if err != nil {
		out[0].Note += "; no comparison: " + err.Error()
		return out, nil
	}
	out = append(out, start("cold start to first answer, Python", python)...)
	return append(out, Figure{
		Name: "cold start, ours by Python's", Value: float64(ours.Median()) / float64(python.Median()), Unit: "×", Target: targetColdStartRatio,
		Note: "ours handles the complete event, Python makes two calls",
	}), nil
}

func start(name string, c ColdStart) []Figure {
	out := []Figure{{
		Name: name, Value: float64(c.Median()) / nsInMS, Unit: "ms",
		Note: fmt.Sprintf(medianOf+", 90 %% within %s", len(c.Times), c.P90().Round(time.Millisecond)),
	}}
	if c.Memory > 0 {
		out = append(out, Figure{
			Name: strings.Replace(name, "cold start to first answer", "most memory", 1), Value: float64(c.Memory) / bytesInMB, Unit: "MB",
			Note: "resident, highest of all runs",
		})
	}
	return out
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
