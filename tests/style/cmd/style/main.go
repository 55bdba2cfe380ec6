// Command style checks the language of the tree against tests/style/budget.txt.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
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
	root, list    string
	update, raise bool
	folders       []string
}

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var o options
	flags := flag.NewFlagSet("style", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.root, "root", ".", "read the tree of this folder")
	flags.StringVar(&o.list, "list", "", "print what there is of `KIND`, within the budget or not: findings, relative, long or begin; folders as arguments limit the list")
	flags.BoolVar(&o.update, "update", false, "write the numbers found to budget.txt; totals may only shrink")
	flags.BoolVar(&o.raise, "raise", false, "let -update raise totals, after an addition to words.txt")
	if err := flags.Parse(args); err != nil {
		return usage
	}
	o.folders = flags.Args()
	if !slices.Contains([]string{"", "findings", "relative", "long", "begin"}, o.list) || (o.raise && !o.update) || (len(o.folders) > 0 && o.list == "") {
		fmt.Fprintln(errs, "style: -list takes findings, relative, long or begin; -raise goes with -update, folders go with -list")
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
	budget, err := o.budget()
	if err != nil {
		return 0, err
	}
	if o.update {
		return o.write(out, budget, style.BudgetOf(report))
	}
	commits, note := style.Log(ctx, o.root)
	problems := append(budget.Compare(report), rules.CheckSubjects(commits)...)
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

func (o *options) budgetFile() string { return filepath.Join(o.root, style.Folder, "budget.txt") }

func (o *options) budget() (style.Budget, error) {
	text, err := os.ReadFile(o.budgetFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return style.Budget{}, err
	}
	return style.ParseBudget(string(text))
}

// write replaces budget.txt, or removes it when every number is zero.
func (o *options) write(out io.Writer, before, after style.Budget) (int, error) {
	if grows := before.Grows(after); len(grows) > 0 && !o.raise {
		for _, line := range grows {
			fmt.Fprintln(out, line)
		}
		fmt.Fprintln(out, "budget.txt is not changed: it may only shrink")
		return findings, nil
	}
	if after.Empty() {
		if err := os.Remove(o.budgetFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		return clean, nil
	}
	return clean, os.WriteFile(o.budgetFile(), []byte(after.Format()), 0o644)
}
