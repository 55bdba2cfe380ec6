package style

import (
	"fmt"
	"strings"
)

// share is a limit for the part of all sentences of a kind that have a
// property, in percent.
type share struct {
	kind  Kind
	name  string
	says  string
	limit float64
	has   func(Sentence) bool
}

// shares returns all limits.
func shares() []share {
	relative := func(s Sentence) bool { return s.Relative }
	begin := func(s Sentence) bool { return s.Begin }
	return []share{
		{Comments, "relative", "have a relative clause", 10, relative},
		{Comments, "long", "have over 30 words", 4, Sentence.Long},
		{Comments, "begin", "begin with What, Who, Where or One that", 0.3, begin},
		{Docs, "relative", "have a relative clause", 10, relative},
		{Docs, "long", "have over 30 words", 8, Sentence.Long},
		{Docs, "begin", "begin with What, Who, Where or One that", 0.3, begin},
	}
}

// of returns the share in percent.
func (s share) of(sentences []Sentence) float64 {
	all, found := 0, 0
	for _, sentence := range sentences {
		if sentence.Kind != s.kind {
			continue
		}
		all++
		if s.has(sentence) {
			found++
		}
	}
	return 100 * float64(found) / float64(max(1, all))
}

// Summary returns one line for each kind of sentences, with its shares.
func (r *Report) Summary() []string {
	var out []string
	for _, kind := range []Kind{Comments, Docs} {
		n := 0
		for _, s := range r.Sentences {
			if s.Kind == kind {
				n++
			}
		}
		parts := []string{fmt.Sprintf("%s: %d sentences", kind, n)}
		for _, s := range shares() {
			if s.kind == kind {
				parts = append(parts, fmt.Sprintf("%.1f %% %s (limit %g %%)", s.of(r.Sentences), s.says, s.limit))
			}
		}
		out = append(out, strings.Join(parts, ", "))
	}
	return out
}

// Problems returns one line for each finding, and for each share above its limit.
func (r *Report) Problems() []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.String())
	}
	for _, s := range shares() {
		if found := s.of(r.Sentences); found > s.limit {
			out = append(out, fmt.Sprintf("%.1f %% of the sentences of %s %s, the limit is %g %%: make style STYLE_FLAGS='-list %s' shows them",
				found, s.kind, s.says, s.limit, s.name))
		}
	}
	return out
}

// Having returns the sentences of a property: "relative", "long" or "begin".
func (r *Report) Having(name string) []Sentence {
	var out []Sentence
	for _, s := range r.Sentences {
		for _, share := range shares() {
			if share.kind == s.Kind && share.name == name && share.has(s) {
				out = append(out, s)
			}
		}
	}
	return out
}
