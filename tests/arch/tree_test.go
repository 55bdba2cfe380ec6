package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "homeostat"

// tree is the module's product code, parsed.
type tree struct {
	fset     *token.FileSet
	packages map[string]*pkg // by folder
}

type pkg struct {
	dir   string
	files []*file
}

type file struct {
	name  string
	ast   *ast.File
	lines int
}

// load parses all product code of a module, without tests, testdata and the folder
// tests.
func load(fsys fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), packages: map[string]*pkg{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && skipped(name, d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		return t.add(fsys, name)
	})
	return t, err
}

func skipped(name, base string) bool {
	return name == "tests" || base == "testdata" || base == "node_modules" || base == "dist" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

func (t *tree) add(fsys fs.FS, name string) error {
	source, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	if t.packages[dir] == nil {
		t.packages[dir] = &pkg{dir: dir}
	}
	t.packages[dir].files = append(t.packages[dir].files, &file{name: name, ast: parsed, lines: strings.Count(string(source), "\n")})
	return nil
}

// sorted returns the packages, ordered by folder.
func (t *tree) sorted() []*pkg {
	out := make([]*pkg, 0, len(t.packages))
	for _, p := range t.packages {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *pkg) int { return strings.Compare(a.dir, b.dir) })
	return out
}

// at returns the place of a node as "file:line".
func (t *tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

func imported(spec *ast.ImportSpec) string {
	name, _ := strconv.Unquote(spec.Path.Value)
	return name
}

// folder returns the folder of an import of this module.
func folder(imp string) (string, bool) { return strings.CutPrefix(imp, module+"/") }

// matches reports whether a folder belongs to a pattern.
func matches(pattern, dir string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(below, dir)
	}
	return pattern == dir
}

func matchesAny(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, dir) })
}

func within(parent, name string) bool { return name == parent || strings.HasPrefix(name, parent+"/") }

// covers reports whether an entry of a table stands for an import.
func covers(entry, imp string) bool {
	if dir, ok := folder(imp); ok {
		return within(entry, dir)
	}
	if entry == "std" {
		first, _, _ := strings.Cut(imp, "/")
		return !strings.Contains(first, ".")
	}
	return within(entry, imp)
}

func coveredBy(entries []string, imp string) bool {
	return slices.ContainsFunc(entries, func(e string) bool { return covers(e, imp) })
}
