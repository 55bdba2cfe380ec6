package arch_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// checkImports compares every import with the table.
func checkImports(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		row := slices.IndexFunc(rules(), func(r rule) bool { return matches(r.pattern, p.dir) })
		if row < 0 {
			problems = append(problems, p.dir+" stands in no row of the import table; add it with its reason")
			continue
		}
		r := rules()[row]
		t.imports(p, func(at, imp string) {
			if !coveredBy(r.allow, imp) {
				problems = append(problems, fmt.Sprintf("%s: %s must not import %s: %s", at, p.dir, imp, r.why))
			}
			for _, b := range bans() {
				if matchesAny(b.patterns, p.dir) && coveredBy(b.imports, imp) {
					problems = append(problems, fmt.Sprintf("%s: %s must never import %s: %s", at, p.dir, imp, b.why))
				}
			}
		})
	}
	return problems
}

func (t *tree) imports(p *pkg, each func(at, imp string)) {
	for _, f := range p.files {
		for _, spec := range f.ast.Imports {
			each(t.at(spec.Pos()), imported(spec))
		}
	}
}

// checkClosures follows the imports of every package of the ban's patterns. It
// reports the path of a banned package.
func checkClosures(t *tree, b ban) (problems []string) {
	for _, p := range t.sorted() {
		if matchesAny(b.patterns, p.dir) {
			problems = append(problems, t.follow([]string{p.dir}, map[string]bool{}, b)...)
		}
	}
	return problems
}

func (t *tree) follow(way []string, seen map[string]bool, b ban) (problems []string) {
	here := t.packages[way[len(way)-1]]
	if here == nil {
		return nil
	}
	t.imports(here, func(_, imp string) {
		if seen[imp] {
			return
		}
		seen[imp] = true
		if coveredBy(b.imports, imp) {
			problems = append(problems, fmt.Sprintf("%s → %s: %s", strings.Join(way, " → "), imp, b.why))
		} else if dir, ok := folder(imp); ok {
			problems = append(problems, t.follow(append(slices.Clone(way), dir), seen, b)...)
		}
	})
	return problems
}

// checkSelectors compares the used names of other packages with the rules.
func checkSelectors(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		for _, r := range selectorRules() {
			if !matchesAny(r.patterns, p.dir) || matchesAny(r.except, p.dir) {
				continue
			}
			for _, f := range p.files {
				problems = append(problems, t.selectors(p, f, r)...)
			}
		}
	}
	return problems
}

func (t *tree) selectors(p *pkg, f *file, r selectorRule) (problems []string) {
	known := map[string]string{}
	for _, spec := range f.ast.Imports {
		imp := imported(spec)
		name := imp[strings.LastIndexByte(imp, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		known[name] = imp
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of, ok := s.X.(*ast.Ident)
		if !ok || known[of.Name] == "" || (r.of != "" && known[of.Name] != r.of) {
			return true
		}
		if slices.Contains(r.none, s.Sel.Name) || (r.only != nil && !slices.Contains(r.only, s.Sel.Name)) {
			problems = append(problems, fmt.Sprintf("%s: %s must not use %s.%s: %s", t.at(s.Pos()), p.dir, of.Name, s.Sel.Name, r.why))
		}
		return true
	})
	return problems
}

// checkState finds package-level variables and init functions.
func checkState(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		for _, f := range p.files {
			for _, d := range f.ast.Decls {
				problems = append(problems, t.state(d)...)
			}
		}
	}
	return problems
}

func (t *tree) state(d ast.Decl) (problems []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name == "init" {
			problems = append(problems, t.at(d.Pos())+": func init runs before main can say what is wrong: call it instead")
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if ok && d.Tok.String() == "var" && !assertion(v) && !sentinel(v) && !embedded(d.Doc) && !embedded(v.Doc) {
				problems = append(problems, fmt.Sprintf("%s: the package-level variable %s is state that every test shares: make it a constant, a function or a field",
					t.at(v.Pos()), v.Names[0].Name))
			}
		}
	}
	return problems
}

// assertion reports "var _ Interface = …".
func assertion(v *ast.ValueSpec) bool { return len(v.Names) == 1 && v.Names[0].Name == "_" }

// sentinel reports "var ErrX = errors.New(…)".
func sentinel(v *ast.ValueSpec) bool {
	for i, name := range v.Names {
		if !strings.HasPrefix(strings.ToLower(name.Name), "err") || i >= len(v.Values) {
			return false
		}
		call, ok := v.Values[i].(*ast.CallExpr)
		if !ok {
			return false
		}
		s, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || (s.Sel.Name != "New" && s.Sel.Name != "Errorf") {
			return false
		}
	}
	return true
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// checkSize reports files and functions that are too long, and packages without a
// package comment.
func checkSize(t *tree) (problems []string) {
	for _, p := range t.sorted() {
		said := false
		for _, f := range p.files {
			said = said || strings.HasPrefix(f.ast.Doc.Text(), "Package ") || strings.HasPrefix(f.ast.Doc.Text(), "Command ")
			if f.lines > maxFileLines {
				problems = append(problems, fmt.Sprintf("%s has %d lines, expected at most %d", f.name, f.lines, maxFileLines))
			}
			for _, d := range f.ast.Decls {
				problems = append(problems, t.length(d)...)
			}
		}
		if !said {
			problems = append(problems, p.dir+" has no package comment that says what it is for")
		}
	}
	return problems
}

func (t *tree) length(d ast.Decl) []string {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	lines := t.fset.Position(f.End()).Line - t.fset.Position(f.Pos()).Line + 1 - t.tableLines(f)
	if lines <= maxFunctionLines {
		return nil
	}
	return []string{fmt.Sprintf("%s: func %s has %d lines, expected at most %d", t.at(f.Pos()), f.Name.Name, lines, maxFunctionLines)}
}

// tableLines returns the lines of the table that a function returns. A table may have
// any number of rows.
func (t *tree) tableLines(f *ast.FuncDecl) int {
	if f.Body == nil || len(f.Body.List) == 0 {
		return 0
	}
	last, ok := f.Body.List[len(f.Body.List)-1].(*ast.ReturnStmt)
	if !ok || len(last.Results) != 1 {
		return 0
	}
	table, ok := last.Results[0].(*ast.CompositeLit)
	if !ok {
		return 0
	}
	if _, list := table.Type.(*ast.ArrayType); !list {
		return 0
	}
	return t.fset.Position(table.End()).Line - t.fset.Position(table.Pos()).Line
}
