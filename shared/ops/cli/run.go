package cli

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/ops/report"
	"homeostat/shared/sim/rehearse"

	"golang.org/x/term"
)

//go:embed story/day.yaml
var day []byte

type runVerb struct {
	output
	Headless bool          `help:"Print plain lines without pauses, also on a terminal."`
	Seed     uint64        `default:"7" help:"Set the seed; the same seed gives the same output."`
	Pace     time.Duration `default:"1m" help:"Set the duration of the day on a terminal."`
	SVG      string        `name:"svg" placeholder:"FILE" help:"Write a picture of the day to this file."`
}

// Run plays the built-in day. It runs ecssim and the four functions in this
// process and connects them over the loopback interface with the deployed SDK.
func (v *runVerb) Run(s *session) error {
	if v.Pace < time.Second {
		return usageError{fmt.Errorf("--pace is %s, expected 1s or more", v.Pace)}
	}
	scenario, err := rehearse.Parse("the built-in scenario", day)
	if err != nil {
		return err
	}
	// The endpoint serves until the end of the run, also after an interrupt.
	serving, stop := context.WithCancel(context.WithoutCancel(s.ctx))
	defer stop()
	out := &checkedWriter{out: s.out}
	if v.Output == "json" { // print only the result, as rehearse does
		v.Headless, out.out = true, io.Discard
	}
	lines, err := v.timeline(s, out)
	if err != nil {
		return err
	}
	run, err := rehearse.New(scenario, rehearse.Options{
		Seed: v.Seed, Endpoint: rehearse.Loopback(serving), Installed: true,
		Log:     slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Episode: lines.episode, Note: lines.note, Pace: lines.pace(s.ctx, v.Pace),
	})
	if err != nil {
		return err
	}
	lines.begin(run)
	defer rehearse.CollectLess()()
	if err := run.Play(s.ctx); err != nil {
		lines.clear()
		return err
	}
	lines.clear()
	result := run.Result()
	if v.Output == "json" {
		if err := writeJSON(s.out, result); err != nil {
			return err
		}
	}
	if v.SVG != "" {
		if err := lines.picture(v.SVG, result); err != nil {
			return err
		}
	}
	return errors.Join(lines.end(result), out.err)
}

// checkedWriter keeps the first write error, so that a full disk or a closed
// pipe fails the run.
type checkedWriter struct {
	out io.Writer
	err error
}

// Write implements io.Writer.
func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("writing the timeline: %w", err)
	}
	return n, err
}

// timeline prints the run as plain lines. On a terminal it adds a progress line
// below them.
type timeline struct {
	out         io.Writer
	live        bool
	coloured    bool
	width       int
	run         *rehearse.Run
	noOps       int
	episodes    int
	kinds       map[fleet.DecisionKind]int
	actions     int
	quarantined int
	status      string
	began       time.Time
	moments     []report.Moment
}

// minWidth is the smallest width of a terminal for the live timeline, in columns.
const minWidth = 60

func (v *runVerb) timeline(s *session, out io.Writer) (*timeline, error) {
	sh := &timeline{out: out, kinds: map[fleet.DecisionKind]int{}}
	file, ok := s.out.(*os.File)
	if v.Headless || !ok || !term.IsTerminal(int(file.Fd())) {
		return sh, nil
	}
	width, height, err := term.GetSize(int(file.Fd()))
	if err == nil && (width < minWidth || height < 5) {
		return nil, fmt.Errorf("the terminal has %d columns and %d lines, the live timeline needs %d and 5; widen it, or use --headless", width, height, minWidth)
	}
	sh.live, sh.width = err == nil, width
	sh.coloured = sh.live && os.Getenv("NO_COLOR") == ""
	return sh, nil
}

func (s *timeline) begin(run *rehearse.Run) {
	s.run = run
	s.began = time.Now()
	fmt.Fprintln(s.out, "A day of a simulated fleet under the deployed code of Homeostat. Each line: time, service, trigger, cause, decision, reasons, result.")
	if s.live { // the port differs in each run, and plain output must not
		fmt.Fprintf(s.out, "Query the fleet meanwhile: homeostat status --endpoint %[1]s --region eu-central-1, or aws ecs describe-services --cluster shop --services web --endpoint-url %[1]s\n", run.URL())
	}
	fmt.Fprintln(s.out, "shop/web: 1 to 5 tasks, 70 % CPU, behind a load balancer with /health, image shop/web:stable")
}

// pace waits on a terminal so that the day takes the given duration.
func (s *timeline) pace(ctx context.Context, whole time.Duration) func(time.Time) error {
	if !s.live {
		return func(time.Time) error { return ctx.Err() }
	}
	return func(t time.Time) error {
		share := t.Sub(s.run.Start()).Seconds() / s.run.End().Sub(s.run.Start()).Seconds()
		s.progress(t, share)
		wait := time.Until(s.began.Add(time.Duration(share * float64(whole))))
		if wait <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}
}

func (s *timeline) note(at time.Time, text string) {
	if at.Before(s.run.Start()) {
		return
	}
	s.noteMoment(at, text)
	s.line("%s  %s", at.Format("15:04:05"), text)
}

// episode prints an evaluation with an action or with a task failure. It counts
// the no-op evaluations.
func (s *timeline) episode(e fleet.Episode) {
	s.episodes++
	s.episodeMoment(e)
	s.kinds[e.Decision.Kind]++
	if e.Decision.Kind == fleet.DoNothing && e.Cause == "" {
		s.noOps++
		return
	}
	if e.Decision.Kind == fleet.DoNothing && e.Family == fleet.FamilyNormal {
		s.noOps++
		return
	}
	what := string(e.Decision.Kind)
	if a := e.Verdict.Action; a != nil {
		what += " (" + rehearse.Describe(*a) + ")"
	}
	result := e.Result.Status
	if result == "" {
		result = string(e.Verdict.Outcome)
	}
	if e.Result.Status == fleet.Done {
		s.actions++
		s.quarantined += len(e.Decision.Quarantine)
	}
	why := make([]string, 0, len(e.Why()))
	for _, r := range e.Why() {
		why = append(why, string(r.Name)+": "+r.Text)
	}
	s.line(s.colour(e)+"%s  %s  %s  %s  %s  %s  → %s"+s.plain(), e.At.Format("15:04:05"), e.Ref, e.Trigger.Kind, orDash(string(e.Cause)), what, strings.Join(why, "; "), result)
}

// Colours of the live timeline for actions, rollbacks, suppressed actions and
// the rest.
const (
	green, red, yellow, grey = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[2m"
	reset                    = "\x1b[0m"
)

// colour returns the colour of an episode on a terminal, unless NO_COLOR is set.
func (s *timeline) colour(e fleet.Episode) string {
	switch {
	case !s.coloured:
		return ""
	case e.Decision.Kind == fleet.RollBack:
		return red
	case e.Result.Status == fleet.Done:
		return green
	case e.Verdict.Outcome == fleet.Hold:
		return yellow
	}
	return grey
}

func (s *timeline) plain() string {
	if !s.coloured {
		return ""
	}
	return reset
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (s *timeline) line(format string, args ...any) {
	s.clear()
	fmt.Fprintf(s.out, format+"\n", args...)
	if s.live {
		fmt.Fprint(s.out, s.status)
	}
}

// clear removes the progress line.
func (s *timeline) clear() {
	if s.live {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
}

const barWidth = 24

func (s *timeline) progress(t time.Time, share float64) {
	full := min(barWidth, max(0, int(share*barWidth)))
	stats := s.run.Sim().Stats("shop", "web")
	counts := ""
	if n := len(stats.History); n > 0 {
		last := stats.History[n-1]
		counts = fmt.Sprintf("desired %d running %d healthy %d", last.Desired, last.Running, last.Healthy)
	}
	status := fmt.Sprintf("%s [%s%s] %s", t.Format("15:04"), strings.Repeat("█", full), strings.Repeat("·", barWidth-full), counts)
	if runes := []rune(status); len(runes) > s.width-1 {
		status = string(runes[:s.width-1])
	}
	if status != s.status {
		s.status = status
		s.clear()
		fmt.Fprint(s.out, status)
	}
}

// end prints the summary. It returns an error for each failed expectation.
func (s *timeline) end(r rehearse.Result) error {
	service := r.Services[0]
	rows := [][2]string{
		{"evaluations", fmt.Sprintf("%d, of which %d no-op", s.episodes, s.noOps)},
		{"decisions", fmt.Sprintf("%d scale-out, %d scale-in, %d redeploy, %d rollback", s.kinds[fleet.ScaleOut], s.kinds[fleet.ScaleIn], s.kinds[fleet.Redeploy], s.kinds[fleet.RollBack])},
		{"carried out", count(s.actions, "action")},
		{"in quarantine", count(s.quarantined, "image")},
		{"tasks failed", fmt.Sprint(service.TasksFailed)},
		{"without a healthy task", fmt.Sprintf("%.0f s", service.DowntimeS)},
		{"task-hours", fmt.Sprintf("%.1f (five tasks all day: 120)", service.TaskHours)},
		{"invariants", fmt.Sprintf("%d of %d held", countHeld(r), len(r.Invariants))},
	}
	if service.DetectS != nil && service.RecoverS != nil {
		rows = append(rows, [2]string{"bad image", fmt.Sprintf("rolled back %.0f s after its first task failure, recovered after %.0f s", *service.DetectS, *service.RecoverS)})
	}
	fmt.Fprintln(s.out, "\nThe day in numbers")
	for _, row := range rows {
		fmt.Fprintf(s.out, "  %-24s %s\n", row[0], row[1])
	}
	var broken []error
	for _, i := range r.Invariants {
		if !i.Held {
			broken = append(broken, fmt.Errorf("an expectation of the built-in scenario failed: %s: %s", i.Name, i.Detail))
		}
	}
	return errors.Join(broken...)
}
