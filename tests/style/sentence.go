package style

import (
	"regexp"
	"strings"
)

const (
	maxWords  = 30 // words of a sentence, above which it is a finding
	minWords  = 4  // words below which a text is no sentence: a label, a name or a number
	quotedLen = 60 // characters of a text that a message quotes
)

// Sentence is a sentence of comments or docs, with the properties that the
// shares count.
type Sentence struct {
	Kind     Kind
	File     string
	Line     int
	Text     string
	Words    int
	Relative bool // has a relative clause
	Begin    bool // begins with What, Who, Where or One that
}

// Long reports whether the sentence has more than 30 words.
func (s Sentence) Long() bool { return s.Words > maxWords }

// grammar holds the compiled expressions that find and classify sentences.
type grammar struct {
	relative, begin, code, stop, blank, item *regexp.Regexp
}

func newGrammar() grammar {
	return grammar{
		relative: regexp.MustCompile(`(?i)\b(what|who|whom|whose|which|whoever|where|one that|ones that|those that|that which)\b`),
		begin:    regexp.MustCompile(`(?i)^(what|who|where|whoever|one that|one who|those who)\b`),
		code:     regexp.MustCompile("`[^`]*`"),
		stop:     regexp.MustCompile(`[.!?:](\s+)[A-Z]`),
		blank:    regexp.MustCompile(`\n\s*\n`),
		item:     regexp.MustCompile(`^\s*([-*]|\d+\.)\s+`),
	}
}

// sentences splits a text into its sentences of at least four words. A code
// span counts as one word.
func (g grammar) sentences(text passage) []Sentence {
	text = join(text.split(g.code.FindAllStringIndex(text.text, -1)), "x")
	var out []Sentence
	for _, part := range text.split(g.stops(text.text)) {
		words := strings.Fields(part.text)
		if len(words) < minWords {
			continue
		}
		s := strings.Join(words, " ")
		out = append(out, Sentence{
			Line:     part.trim().lineAt(0),
			Text:     s,
			Words:    len(words),
			Relative: g.relative.MatchString(s),
			Begin:    g.begin.MatchString(s),
		})
	}
	return out
}

// stops returns the ranges of white space between two sentences: after a full
// stop, an exclamation mark, a question mark or a colon, and before a capital.
func (g grammar) stops(text string) [][]int {
	var out [][]int
	for from := 0; ; {
		m := g.stop.FindStringSubmatchIndex(text[from:])
		if m == nil {
			return out
		}
		out = append(out, []int{from + m[2], from + m[3]})
		from += m[3]
	}
}

// quote shortens a text for a message.
func quote(text string) string {
	runes := []rune(text)
	if len(runes) <= quotedLen {
		return `"` + text + `"`
	}
	return `"` + string(runes[:quotedLen]) + `…"`
}
