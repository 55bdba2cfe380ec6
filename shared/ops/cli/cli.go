// Package cli is the command line: one file for each verb.
//
// Every verb exits with 0 where all is fine, 1 where it found something, and 2
// where it was called wrongly; a person never sees a stack trace.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes of every verb.
const (
	exitFine  = 0
	exitFound = 1
	exitUsage = 2
)

// verbs is the command line. kong reads the tags.
type verbs struct {
	Run      runVerb      `cmd:"" help:"Watch Homeostat at work on a simulated fleet: a day in a minute."`
	Decode   decodeVerb   `cmd:"" help:"Say what each event file is about: trigger, service, cause."`
	React    reactVerb    `cmd:"" help:"Send one real event through the whole pipeline against an endpoint."`
	Rehearse rehearseVerb `cmd:"" help:"Play scenarios on the virtual clock and check what was expected of them."`
	Bench    benchVerb    `cmd:"" help:"Measure against rivals: bench heal, bench scale."`
	Lint     lintVerb     `cmd:"" help:"Check policy files, with line numbers."`
	Explain  explainVerb  `cmd:"" help:"What holds for a service, and where each value comes from."`
	Status   statusVerb   `cmd:"" help:"The fleet now: modes, tasks, freezes, last decisions."`
	History  historyVerb  `cmd:"" help:"What was decided and why, newest first."`
	Freeze   freezeVerb   `cmd:"" help:"Change nothing any more in the account, a cluster or a service."`
	Thaw     unfreezeVerb `cmd:"" help:"End a freeze."`

	Quarantine quarantineVerb `cmd:"" help:"Images that were rolled back from, and letting them come back."`

	Doctor  doctorVerb  `cmd:"" help:"Is it installed, permitted, receiving, alive? Each finding with its cure."`
	Version versionVerb `cmd:"" help:"Print the version."`
}

// Output is the form of what a verb prints.
type output struct {
	Output string `enum:"text,json" default:"text" help:"Form of the answer: ${enum}."`
}

// session is what a verb works with.
type session struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer
}

// errFound is an error that says that the verb did its work and found something:
// exit code 1, without more words.
var errFound = errors.New("found something")

// Main runs the command line and returns the exit code. Ctrl-C and SIGTERM end
// the verb at once.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, in, out, errs)
}

// Run is Main with a context of the caller's.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (code int) {
	defer func() {
		switch broken := recover().(type) {
		case nil:
		case exitRequest:
			code = int(broken)
		default:
			fmt.Fprintf(errs, "homeostat: this should not have happened: %v\n", broken)
			code = exitFound
		}
	}()
	parser, err := kong.New(&verbs{},
		kong.Name("homeostat"),
		kong.Description("Keeps Amazon ECS services healthy, sized and up to date, and says why.\n\n"+
			"Exit code 0: fine. 1: found something. 2: called wrongly."),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { panic(exitRequest(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(errs, "homeostat:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	call, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errs, "homeostat: %v\nTry: homeostat --help\n", err)
		return exitUsage
	}
	return exitCode(call.Run(&session{ctx: ctx, in: in, out: out, err: errs}), errs)
}

// exitRequest is how kong's --help leaves.
type exitRequest int

// usageError is a call that cannot be carried out as written.
type usageError struct{ error }

func exitCode(err error, errs io.Writer) int {
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errFound):
		return exitFound
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errs, "homeostat: interrupted")
		return 130
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(errs, "homeostat:", line)
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFound
}
