package style

import (
	"fmt"
	"iter"
	"strings"
)

// dataLines yields the lines of a data file with their numbers, without empty
// lines and comments.
func dataLines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.SplitSeq(text, "\n") {
			n++
			line = strings.TrimRight(line, space)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(n, line) {
				return
			}
		}
	}
}

// parseVerbs reads verbs.txt: verbs in the base form, any number in a line.
func parseVerbs(text string) map[string]bool {
	out := map[string]bool{}
	for _, line := range dataLines(text) {
		for verb := range strings.FieldsSeq(line) {
			out[verb] = true
		}
	}
	return out
}

// exception is a line of allow.txt.
type exception struct{ place, words string }

// parseAllow reads allow.txt: a place, a tab, the words found there, a tab and
// the reason.
func parseAllow(text string) ([]exception, error) {
	var out []exception
	for n, line := range dataLines(text) {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || strings.TrimSpace(fields[2]) == "" {
			return nil, fmt.Errorf("line %d: expected a place, a tab, words, a tab and a reason: %q", n, line)
		}
		out = append(out, exception{place: fields[0], words: strings.ToLower(fields[1])})
	}
	return out, nil
}

// covers reports whether the exception allows the words in a file.
func (e exception) covers(file, words string) bool {
	if e.words != strings.ToLower(words) && (e.words != "*" || words == longSentence) {
		return false
	}
	return e.place == file || (strings.HasSuffix(e.place, "/") && strings.HasPrefix(file, e.place))
}
