package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/decode"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/engine/app"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/rehearse"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type reactVerb struct {
	output
	Files    []string      `arg:"" name:"file" help:"Read these event files; - reads standard input."`
	Endpoint string        `help:"Use the base URL of ecssim or an emulator instead of AWS." placeholder:"URL"`
	Table    string        `help:"Store the memory in this DynamoDB table. Without it, the memory lasts for this call only." placeholder:"NAME"`
	Policy   string        `help:"Use this policy file instead of the built-in default." placeholder:"FILE"`
	Mode     policy.Mode   `enum:"observe,propose,act" default:"observe" help:"Limit the mode of every service: ${enum}. Only act permits changes."`
	Now      string        `help:"Use this time (RFC 3339) as the current time, or \"event\" for one second after the event. Homeostat does not act on events older than one hour." placeholder:"TIME"`
	Timeout  time.Duration `default:"1m" help:"Limit the duration of one event."`
}

// Run sends each event through the pipeline and prints the episodes. The exit code is 1
// if an event fails and may succeed later, and 3 if the pipeline gives it up.
func (v *reactVerb) Run(s *session) error {
	chosen, err := app.ReadPolicy(v.Policy)
	if err != nil {
		return err
	}
	var faults []error
	for _, file := range v.Files {
		raw, err := readEvent(s.in, file)
		if err == nil {
			err = v.react(s, raw, chosen)
		}
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", file, err))
		}
	}
	return joinFaults(faults)
}

func (v *reactVerb) react(s *session, raw []byte, chosen *policy.Policy) error {
	home, at, err := homeOf(raw)
	if err != nil {
		return err
	}
	clock, err := v.clock(at)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	deps, options, err := v.engine(ctx, s, home)
	if err != nil {
		return err
	}
	options.Policy, options.Now = chosen, clock
	var printed, givenUp error
	episodes := 0
	options.OnGivenUp = func(_ fleet.Trigger, err error) { givenUp = errors.Join(givenUp, err) }
	options.OnEpisode = func(e fleet.Episode) {
		episodes++
		if err := v.print(s.out, e); err != nil {
			printed = err
		}
	}
	e, err := engine.New(deps, options)
	if err != nil {
		return err
	}
	if err := e.Handle(ctx, raw); err != nil {
		return err
	}
	if givenUp != nil {
		return failedError{fmt.Errorf("the event was given up: %w", givenUp)}
	}
	if episodes == 0 && printed == nil && v.Output == "text" {
		_, printed = fmt.Fprintln(s.out, "no decision: the event requires none, or its service is not enrolled")
	}
	return printed
}

// afterEvent is the delay between an event and its function.
const afterEvent = time.Second

// clock returns the clock of the pipeline.
func (v *reactVerb) clock(event time.Time) (func() time.Time, error) {
	switch v.Now {
	case "":
		return time.Now, nil
	case "event":
		if event.IsZero() {
			return nil, usageError{errors.New("--now event: the event has no time")}
		}
		return func() time.Time { return event.Add(afterEvent) }, nil
	}
	at, err := time.Parse(time.RFC3339, v.Now)
	if err != nil {
		return nil, usageError{fmt.Errorf("--now is %q, expected a time such as 2026-11-02T08:00:00Z, or event", v.Now)}
	}
	return func() time.Time { return at }, nil
}

// homeOf returns the account, the region and the time of the first event that
// names an account and a region.
func homeOf(raw []byte) (home fleet.Account, at time.Time, err error) {
	for _, o := range decode.Events(raw) {
		if o.Err != nil {
			return home, at, o.Err
		}
		if t := o.Trigger; t.Account != "" && t.Region != "" {
			return fleet.Account{Partition: t.Partition, ID: t.Account, Region: t.Region}, t.At, nil
		}
	}
	return home, at, fault.Dropf("no-home", "the event names no account and region")
}

func (v *reactVerb) engine(ctx context.Context, s *session, home fleet.Account) (engine.Deps, engine.Options, error) {
	cfg, err := v.config(ctx, home)
	if err != nil {
		return engine.Deps{}, engine.Options{}, err
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	deps, options := app.Assemble(cfg, app.Settings{Function: "react", Home: home, Table: v.Table, Limit: v.Mode, Namespace: "Homeostat"}, io.Discard, log)
	if v.Table == "" {
		deps.Store, err = temporaryStore(ctx)
	}
	return deps, options, err
}

func (v *reactVerb) config(ctx context.Context, home fleet.Account) (aws.Config, error) {
	if v.Endpoint == "" {
		cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(home.Region))
		if err != nil {
			return cfg, fmt.Errorf("reading the AWS configuration: %w", err)
		}
		return cfg, nil
	}
	return app.Config(func(name string) string {
		value := os.Getenv(name)
		switch {
		case name == "AWS_REGION":
			return home.Region
		case name == "AWS_ENDPOINT_URL":
			return v.Endpoint
		case value == "" && (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY"):
			return "emulator" // an emulator accepts every signature
		}
		return value
	}), nil
}

// temporaryStore returns a store in the memory of this process, in the DynamoDB of
// ecssim.
func temporaryStore(ctx context.Context) (*record.Store, error) {
	cfg := app.Config(func(string) string { return "local" })
	cfg.BaseEndpoint = aws.String("http://dynamodb.local")
	cfg.HTTPClient = &http.Client{Transport: wire.Transport(dynamo.New())}
	db := dynamodb.NewFromConfig(cfg)
	return &record.Store{DynamoDB: db, Table: "homeostat"}, record.MakeTable(ctx, db, "homeostat")
}

func (v *reactVerb) print(out io.Writer, e fleet.Episode) error {
	if v.Output == "json" {
		return writeJSON(out, e)
	}
	return printEpisode(out, e)
}

// printEpisode prints the trigger, the decision and the reasons of an episode.
func printEpisode(out io.Writer, e fleet.Episode) error {
	fmt.Fprintf(out, "%s %s%s → %s, %s\n", e.Ref, e.Trigger.Kind, inParentheses(string(e.Cause)), e.Decision.Kind, e.Verdict.Outcome)
	if e.Verdict.Action != nil {
		fmt.Fprintf(out, "  action: %s%s\n", rehearse.Describe(*e.Verdict.Action), inParentheses(e.Result.Status))
	}
	if e.Result.Text != "" {
		fmt.Fprintf(out, "  result: %s\n", e.Result.Text)
	}
	for _, why := range e.Why() {
		fmt.Fprintf(out, "  because %s: %s\n", why.Name, why.Full())
	}
	_, err := fmt.Fprintf(out, "  episode %s\n", e.ID)
	return err
}

func inParentheses(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
