package style

import (
	"sort"
	"strings"
)

// passage is a piece of text that maps each byte to its line in a file.
type passage struct {
	text  string
	marks []mark
}

// mark says that the bytes from an offset on belong to a line.
type mark struct{ at, line int }

// newPassage returns a text that begins in a line of a file and has the line
// breaks of the file.
func newPassage(text string, line int) passage {
	p := passage{text: text, marks: []mark{{0, line}}}
	for at := 0; ; {
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			return p
		}
		at += next + 1
		line++
		p.marks = append(p.marks, mark{at, line})
	}
}

// oneLine returns a text of one source line, whatever breaks its value has.
func oneLine(text string, line int) passage {
	return passage{text: text, marks: []mark{{0, line}}}
}

// lineAt returns the line of the byte at an offset.
func (p passage) lineAt(at int) int {
	after := sort.Search(len(p.marks), func(i int) bool { return p.marks[i].at > at })
	if after == 0 {
		return 0
	}
	return p.marks[after-1].line
}

// slice returns the bytes from one offset to another, with their lines.
func (p passage) slice(from, to int) passage {
	out := passage{text: p.text[from:to], marks: []mark{{0, p.lineAt(from)}}}
	for _, m := range p.marks {
		if m.at > from && m.at < to {
			out.marks = append(out.marks, mark{m.at - from, m.line})
		}
	}
	return out
}

// trim returns the passage without the white space around it.
func (p passage) trim() passage {
	from := len(p.text) - len(strings.TrimLeft(p.text, space))
	to := len(strings.TrimRight(p.text, space))
	if from > to {
		return p.slice(to, to)
	}
	return p.slice(from, to)
}

const space = " \t\r\n\f\v"

// split cuts the passage at the given ranges and drops them.
func (p passage) split(cuts [][]int) []passage {
	var out []passage
	from := 0
	for _, cut := range cuts {
		out = append(out, p.slice(from, cut[0]))
		from = cut[1]
	}
	return append(out, p.slice(from, len(p.text)))
}

// join concatenates passages with a separator between them.
func join(parts []passage, separator string) passage {
	var text strings.Builder
	var marks []mark
	for i, part := range parts {
		if i > 0 {
			text.WriteString(separator)
		}
		for _, m := range part.marks {
			marks = append(marks, mark{m.at + text.Len(), m.line})
		}
		text.WriteString(part.text)
	}
	return passage{text: text.String(), marks: marks}
}
