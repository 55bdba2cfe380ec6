// Package cli implements the command line, with one file for each verb.
//
// Every verb exits with 0 on success, with 1 on findings, failed checks or a
// runtime error, and with 2 on a usage error. It never prints a stack trace.
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
	exitOK       = 0
	exitFindings = 1
	exitUsage    = 2
	exitFailed   = 3
)

// verbs declares the command line. kong reads the tags.
type verbs struct {
	Run      runVerb      `cmd:"" help:"Run Homeostat on a simulated fleet and print one day in a minute."`
	Serve    serveVerb    `cmd:"" help:"Serve a simulated account to any client of AWS until Ctrl-C."`
	Decode   decodeVerb   `cmd:"" help:"Print the trigger, the service and the cause of each event file."`
	React    reactVerb    `cmd:"" help:"Send event files through the whole pipeline against an endpoint."`
	Rehearse rehearseVerb `cmd:"" help:"Play scenarios on the virtual clock and check their expectations."`
	Bench    benchVerb    `cmd:"" help:"Measure healing or scaling against the baselines."`
	Lint     lintVerb     `cmd:"" help:"Check policy files and print each fault with its line."`
	Explain  explainVerb  `cmd:"" help:"Print the effective policy of a service, with the origin of each value."`
	Status   statusVerb   `cmd:"" help:"Print the mode, the tasks, the freezes and the last decision of each service."`
	History  historyVerb  `cmd:"" help:"Print the recorded decisions and their reasons, newest first."`
	Freeze   freezeVerb   `cmd:"" help:"Suspend all automated changes for an account, cluster, zone, dependency or service."`
	Unfreeze unfreezeVerb `cmd:"" aliases:"thaw" help:"End a freeze."`

	Quarantine quarantineVerb `cmd:"" help:"List the quarantined images, or lift one of them."`

	Doctor  doctorVerb  `cmd:"" help:"Check an installation and print a fix for each finding."`
	Version versionVerb `cmd:"" help:"Print the version."`
}

// output selects the format of the output.
type output struct {
	Output string `enum:"text,json" default:"text" help:"Set the output format: ${enum}."`
}

// session holds the context and the streams of one call.
type session struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer
}

// errFound reports that a verb completed with findings. The exit code is 1, and
// no error message is printed.
var errFound = errors.New("findings")

// Main runs the command line and returns the exit code. Ctrl-C and SIGTERM end
// the verb at once.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, in, out, errs)
}

// Run runs the command line under the caller's context.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (code int) {
	defer func() {
		switch broken := recover().(type) {
		case nil:
		case exitRequest:
			code = int(broken)
		default:
			fmt.Fprintf(errs, "homeostat: internal error: %v\n", broken)
			code = exitFindings
		}
	}()
	parser, err := kong.New(&verbs{},
		kong.Name("homeostat"),
		kong.Description("Keeps Amazon ECS services healthy, sized and up to date, and says why.\n\n"+
			"Exit codes: 0 success, 1 findings, failed checks or a runtime error, 2 usage error."),
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
	note, err := checkVerb(args[0], renamedVerbs())
	if err != nil {
		return exitCode(err, errs)
	}
	if note != "" {
		fmt.Fprintln(errs, "homeostat:", note)
	}
	call, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errs, "homeostat: %v\nTry: homeostat --help\n", err)
		return exitUsage
	}
	return exitCode(call.Run(&session{ctx: ctx, in: in, out: out, err: errs}), errs)
}

// exitRequest is the panic value by which kong's --help ends the call.
type exitRequest int

// usageError marks an error in the arguments of the call.
type usageError struct{ error }

// failedError marks work that could not be done, and would fail again.
type failedError struct{ error }

// exitCode prints the error and returns its exit code.
func exitCode(err error, errs io.Writer) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitFindings
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
	if _, ok := errors.AsType[failedError](err); ok {
		return exitFailed
	}
	return exitFindings
}
