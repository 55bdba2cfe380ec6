// Command style checks the language of the tree against tests/style/budget.txt.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"homeostat/tests/style"
)

// Exit codes, as for every verb of homeostat.
const (
	clean = iota
	findings
	usage
	failed
)

type options struct {
	root, list string
	folders    []string
}

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var o options
	flags := flag.NewFlagSet("style", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.root, "root", ".", "read the tree of this folder")
	flags.StringVar(&o.list, "list", "", "print the places of `KIND`: findings, relative, long or begin; folders as arguments limit the list")
	if err := flags.Parse(args); err != nil {
		return usage
	}
	o.folders = flags.Args()
	if !slices.Contains([]string{"", "findings", "relative", "long", "begin"}, o.list) || (len(o.folders) > 0 && o.list == "") {
		fmt.Fprintln(errs, "style: -list takes findings, relative, long or begin; folders go with -list")
		return usage
	}
	code, err := o.run(ctx, out)
	if err != nil {
		fmt.Fprintln(errs, "style: "+err.Error())
		return failed
	}
	return code
}

func (o *options) run(ctx context.Context, out io.Writer) (int, error) {
	tree := os.DirFS(o.root)
	rules, err := style.LoadRules(tree)
	if err != nil {
		return 0, err
	}
	files, err := style.Files(ctx, o.root)
	if err != nil {
		return 0, err
	}
	report, err := rules.Check(tree, files)
	if err != nil {
		return 0, err
	}
	if o.list != "" {
		o.print(out, report)
		return clean, nil
	}
	commits, note := style.Log(ctx, o.root)
	problems := append(report.Problems(), rules.CheckSubjects(commits)...)
	for _, line := range append(problems, report.Summary()...) {
		fmt.Fprintln(out, line)
	}
	if note == "" {
		note = fmt.Sprintf("commit subjects: %d", len(commits))
	}
	fmt.Fprintln(out, note)
	if len(problems) > 0 {
		return findings, nil
	}
	return clean, nil
}

// print lists findings or sentences of the folders.
func (o *options) print(out io.Writer, report *style.Report) {
	if o.list == "findings" {
		for _, f := range report.Findings {
			if o.in(f.File) {
				fmt.Fprintln(out, f)
			}
		}
		return
	}
	for _, s := range report.Having(o.list) {
		if o.in(s.File) {
			fmt.Fprintf(out, "%s:%d: %s\n", s.File, s.Line, s.Text)
		}
	}
}

func (o *options) in(file string) bool {
	for _, folder := range o.folders {
		if folder = filepath.ToSlash(filepath.Clean(folder)); file == folder || strings.HasPrefix(file, folder+"/") {
			return true
		}
	}
	return len(o.folders) == 0
}
