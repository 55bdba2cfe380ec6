package cli

import (
	"context"
	_ "embed" // the fleet
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"homeostat/shared/sim/rehearse"
)

// fleetStory is the scenario without an argument.
//
//go:embed story/fleet.yaml
var fleetStory []byte

type serveVerb struct {
	output
	Scenario string  `arg:"" optional:"" help:"Serve the fleet of this scenario file instead of the built-in one." placeholder:"FILE"`
	Listen   string  `default:"127.0.0.1:4600" help:"Listen on this address; port 0 takes a free one." placeholder:"HOST:PORT"`
	Speed    float64 `default:"60" help:"Let this number of virtual seconds pass in a second; 0 starts with a stopped clock." placeholder:"N"`
	Start    string  `help:"Begin at this time (RFC 3339, or a date), or at \"now\", instead of the start of the scenario." placeholder:"TIME"`
	Seed     uint64  `default:"1" help:"Set the seed; the same seed and requests give the same fleet."`
}

// clockStep is the real time between two steps of the virtual clock.
const clockStep = 50 * time.Millisecond

// Run serves until an interrupt.
func (v *serveVerb) Run(s *session) error {
	scenario, err := v.scenario()
	if err != nil {
		return err
	}
	if v.Speed < 0 || v.Speed > maxSpeed {
		return usageError{fmt.Errorf("--speed is %g, expected 0 to %d", v.Speed, maxSpeed)}
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	st, err := rehearse.NewStage(scenario, rehearse.Options{Seed: v.Seed, Log: log, Installed: true}, v.Speed)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(s.ctx, "tcp", v.Listen)
	if err != nil {
		return usageError{fmt.Errorf("--listen %s: %w", v.Listen, err)}
	}
	server := &http.Server{Handler: st, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-s.ctx.Done()
		_ = server.Close()
	}()
	if err := v.announce(s, "http://"+listener.Addr().String(), st.Now()); err != nil {
		return err
	}
	go st.Tick(s.ctx, clockStep)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return context.Cause(s.ctx)
}

// maxSpeed is the greatest speed of the clock. Chosen: a day in 9 s.
const maxSpeed = 10_000

// scenario reads the scenario with the start of the flags.
func (v *serveVerb) scenario() (*rehearse.Scenario, error) {
	name, data := "story/fleet.yaml", fleetStory
	if v.Scenario != "" {
		read, err := os.ReadFile(v.Scenario)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", v.Scenario, plainPathError(err))}
		}
		name, data = v.Scenario, read
	}
	scenario, err := rehearse.Parse(name, data)
	if err != nil {
		return nil, err
	}
	switch v.Start {
	case "":
		return scenario, nil
	case "now":
		scenario.Start = time.Now().UTC().Truncate(time.Second)
		return scenario, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, v.Start); err == nil {
			scenario.Start = at
			return scenario, nil
		}
	}
	return nil, usageError{fmt.Errorf("--start is %q, expected a time such as 2026-11-02T08:00:00Z, a date, or now", v.Start)}
}

// announcement is the first line of the output in JSON.
type announcement struct {
	URL     string            `json:"url"`
	Now     time.Time         `json:"now"`
	Exports map[string]string `json:"exports"`
}

// announce prints the URL and the exports for clients of AWS.
func (v *serveVerb) announce(s *session, url string, now time.Time) error {
	const key, region = "ecssim", "eu-central-1"
	if v.Output == "json" {
		return writeJSON(s.out, announcement{URL: url, Now: now, Exports: map[string]string{
			"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": key, "AWS_REGION": region, "AWS_DEFAULT_REGION": region,
		}})
	}
	for _, line := range []string{
		"ecssim serves a simulated account at " + url + ", from " + now.UTC().Format(time.RFC3339) + " on. Ctrl-C ends it.",
		"export AWS_ENDPOINT_URL=" + url,
		"export AWS_ACCESS_KEY_ID=" + key + " AWS_SECRET_ACCESS_KEY=" + key,
		"export AWS_REGION=" + region + " AWS_DEFAULT_REGION=" + region,
		"Try: homeostat status, homeostat history, homeostat doctor, or aws ecs list-services --cluster shop",
		"The clock: curl " + url + "/_homeostat/now, curl -X POST '" + url + "/_homeostat/advance?d=2m', and /pause, /resume, /reset",
	} {
		if _, err := fmt.Fprintln(s.out, line); err != nil {
			return err
		}
	}
	return nil
}
