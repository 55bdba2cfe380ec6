package arch_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// wing is one of the six folders of shared. uses names the wings that its packages
// may import beside their own.
type wing struct {
	name string
	uses []string
	why  string
}

func wings() []wing {
	return []wing{
		{"core", nil, "the core is pure, so it depends on nothing that does I/O"},
		{"aws", []string{"core"}, "an adapter depends on the nouns and AWS, never on decisions"},
		{"engine", []string{"core", "aws"}, "the engine owns the order of the steps and the deployed wiring"},
		{"sim", []string{"core", "aws", "engine"}, "a rehearsal runs the deployed engine on a simulated AWS"},
		{"lab", []string{"core", "aws", "engine", "sim"}, "measurements run rehearsals and models"},
		{"ops", []string{"core", "aws", "engine", "sim", "lab"}, "the tools of an operator may use everything"},
	}
}

const (
	// maxPackageFiles is the largest number of product files in a package. Chosen:
	// a folder that fits one screen.
	maxPackageFiles = 25
	// maxEngineFields is the largest number of fields of a type of the engine. The
	// central types of six other projects have 4 to 10.
	maxEngineFields = 12
)

// larger holds the packages that may have more files, with the reason.
func larger() map[string]int {
	return map[string]int{
		"shared/sim/ecssim": 55, // ECS, its faults and the clock share one lock
	}
}

// wingOf returns the wing of a folder; ok is false outside of shared.
func wingOf(dir string) (name string, ok bool) {
	below, ok := strings.CutPrefix(dir, "shared/")
	name, _, _ = strings.Cut(below, "/")
	return name, ok
}

// checkWings reports packages outside of the six wings, imports against their
// order, and imports of shared that leave it.
func checkWings(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		name, ok := wingOf(p.dir)
		if !ok {
			continue
		}
		at := slices.IndexFunc(wings(), func(w wing) bool { return w.name == name })
		if at < 0 {
			problems = append(problems, p.dir+" stands in none of the six wings")
			continue
		}
		w := wings()[at]
		t.imports(p, func(pos, imp string) {
			dir, ours := folder(imp)
			if !ours {
				return
			}
			switch other, in := wingOf(dir); {
			case !in:
				problems = append(problems, fmt.Sprintf("%s: %s imports %s, which is outside of shared", pos, p.dir, dir))
			case other != name && !slices.Contains(w.uses, other):
				problems = append(problems, fmt.Sprintf("%s: the wing %s must not import %s: %s", pos, name, dir, w.why))
			}
		})
	}
	return problems
}

// checkShapes reports packages with too many files, and types of the engine with
// too many fields.
func checkShapes(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		most := max(maxPackageFiles, larger()[p.dir])
		if len(p.files) > most {
			problems = append(problems, fmt.Sprintf("%s has %d files, expected at most %d", p.dir, len(p.files), most))
		}
		if !within("shared/engine", p.dir) {
			continue
		}
		for _, f := range p.files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if s, ok := spec.Type.(*ast.StructType); ok && s.Fields.NumFields() > maxEngineFields {
					problems = append(problems, fmt.Sprintf("%s: the type %s has %d fields, expected at most %d", t.at(spec.Pos()), spec.Name.Name, s.Fields.NumFields(), maxEngineFields))
				}
				return true
			})
		}
	}
	return problems
}

func TestTheWingsOfSharedAreInOrder(t *testing.T) { none(t, checkWings(product(t))) }

func TestPackagesAndTypesKeepTheirSize(t *testing.T) { none(t, checkShapes(product(t))) }

func TestFunctionsAreTheirFourMainsOnly(t *testing.T) {
	for dir := range product(t).packages {
		if within("functions", dir) && strings.Count(dir, "/") > 1 {
			t.Errorf("%s: functions holds one main a function and nothing else", dir)
		}
	}
}
