package style

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// longSentence stands in allow.txt for the words of a sentence that is too long.
const longSentence = "long sentence"

// Kind is a kind of text.
type Kind string

// The kinds of texts.
const (
	Comments Kind = "comments"
	Docs     Kind = "docs"
	Help     Kind = "help"
	Text     Kind = "text"
)

// Finding is a place that breaks a rule.
type Finding struct {
	Kind    Kind
	File    string
	Line    int
	Message string
}

func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message) }

// Report holds everything that was found in a tree.
type Report struct {
	Findings  []Finding
	Sentences []Sentence // of comments and docs
}

// Rules holds the word lists and expressions of the check.
type Rules struct {
	grammar grammar
	words   wordList
	verbs   map[string]bool
	allow   []exception
	target  *regexp.Regexp // a target of a Makefile with its help
}

// Folder is the folder of the data files, seen from the root of the tree.
const Folder = "tests/style"

// LoadRules reads words.txt, verbs.txt and allow.txt of a tree.
func LoadRules(fsys fs.FS) (*Rules, error) {
	var texts [3]string
	for i, name := range []string{"words.txt", "verbs.txt", "allow.txt"} {
		text, err := fs.ReadFile(fsys, path.Join(Folder, name))
		if err != nil {
			return nil, err
		}
		texts[i] = string(text)
	}
	r, err := newRules(texts[0], texts[1], texts[2])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Folder, err)
	}
	return r, nil
}

func newRules(words, verbs, allow string) (*Rules, error) {
	list, err := parseWords(words)
	if err != nil {
		return nil, fmt.Errorf("words.txt: %w", err)
	}
	exceptions, err := parseAllow(allow)
	if err != nil {
		return nil, fmt.Errorf("allow.txt: %w", err)
	}
	return &Rules{
		grammar: newGrammar(),
		words:   list,
		verbs:   parseVerbs(verbs),
		allow:   exceptions,
		target:  regexp.MustCompile(`^[a-z-]+:.*## (.*)$`),
	}, nil
}

// Check reads the files of a tree and returns the findings.
func (r *Rules) Check(fsys fs.FS, files []string) (*Report, error) {
	report := &Report{}
	for _, name := range files {
		if !checked(name) {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		c := &checker{rules: r, file: name, report: report}
		if err := c.check(string(text)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(report.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return report, nil
}

// checked reports whether a file belongs to the check by its name.
func checked(name string) bool {
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		if folder == "testdata" || folder == "vendor" || folder == "node_modules" {
			return false
		}
	}
	switch path.Ext(name) {
	case ".go":
		return true
	case ".md":
		return !strings.HasPrefix(name, "CHANGELOG")
	}
	return isMakefile(name)
}

func isMakefile(name string) bool {
	return path.Base(name) == "Makefile" || path.Ext(name) == ".mk"
}

// checker checks one file.
type checker struct {
	rules  *Rules
	file   string
	report *Report
}

func (c *checker) check(text string) error {
	switch {
	case isMakefile(c.file):
		c.makefile(text)
	case path.Ext(c.file) == ".md":
		c.markdown(text)
	case !isGenerated(text):
		return c.goFile(text)
	}
	return nil
}

func (c *checker) makefile(text string) {
	for n, line := range strings.Split(text, "\n") {
		if m := c.rules.target.FindStringSubmatch(line); m != nil {
			c.helpText(oneLine(m[1], n+1))
		}
	}
}

func (c *checker) markdown(text string) {
	paragraphs, rows := c.rules.grammar.prose(newPassage(text, 1))
	for _, p := range paragraphs {
		c.banned(Docs, p)
		c.count(Docs, p)
	}
	for _, row := range rows {
		c.banned(Docs, row)
	}
}

// goFile checks a Go file. Of tests only the words of comments count.
func (c *checker) goFile(text string) error {
	s, err := readGo(c.file, text)
	if err != nil {
		return err
	}
	test := strings.HasSuffix(c.file, "_test.go")
	for _, block := range s.blocks {
		c.banned(Comments, block)
		if !test {
			c.count(Comments, block)
		}
	}
	for _, aside := range s.asides {
		c.banned(Comments, aside)
	}
	if test {
		return nil
	}
	for _, help := range s.help {
		c.helpText(help)
	}
	for _, text := range s.texts {
		c.literal(text)
	}
	return nil
}

// banned finds the words of the old dialect.
func (c *checker) banned(kind Kind, p passage) {
	for _, m := range c.rules.words.find(p.text) {
		if !c.rules.allowed(c.file, m.found) {
			c.add(kind, p.lineAt(m.at), fmt.Sprintf("word %q: write %q", m.found, m.better))
		}
	}
}

func (r *Rules) allowed(place, words string) bool {
	for _, e := range r.allow {
		if e.covers(place, words) {
			return true
		}
	}
	return false
}

// count collects the sentences of a passage and reports the long ones.
func (c *checker) count(kind Kind, p passage) {
	for _, s := range c.rules.grammar.sentences(p) {
		s.Kind, s.File = kind, c.file
		c.report.Sentences = append(c.report.Sentences, s)
		c.length(kind, s)
	}
}

func (c *checker) length(kind Kind, s Sentence) {
	if s.Long() && !c.rules.allowed(c.file, longSentence) {
		c.add(kind, s.Line, fmt.Sprintf("sentence of %d words, expected at most %d: %s", s.Words, maxWords, quote(s.Text)))
	}
}

// helpText checks a help text: its words, and that it begins with a verb.
func (c *checker) helpText(p passage) {
	c.banned(Help, p)
	if !c.rules.verb(p.text) {
		c.add(Help, p.lineAt(0), fmt.Sprintf(`help %s: begin with a verb such as "Print", "Write", "Set"`, quote(p.text)))
	}
}

// verb reports whether a text begins with a verb of the list.
func (r *Rules) verb(text string) bool {
	words := strings.Fields(text)
	return len(words) > 0 && r.verbs[strings.ToLower(strings.TrimRight(words[0], ".,;:"))]
}

// literal checks a text for people.
func (c *checker) literal(p passage) {
	paragraphs, rows := c.rules.grammar.prose(p)
	for _, row := range rows {
		c.banned(Text, row)
	}
	for _, paragraph := range paragraphs {
		c.banned(Text, paragraph)
		for _, s := range c.rules.grammar.sentences(paragraph) {
			c.length(Text, s)
		}
	}
}

func (c *checker) add(kind Kind, line int, message string) {
	c.report.Findings = append(c.report.Findings, Finding{Kind: kind, File: c.file, Line: line, Message: message})
}
