package wire

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is the place of a value in a tree. It is written as a text only for a problem,
// because most values have none.
type place struct {
	parent *place
	// name is the member or key. index is the position of an element, from 1 on; 0 for
	// a member.
	name  string
	index int
	key   bool // the key of a map itself
	entry bool // a value of a map; name is its key
}

func (p *place) member(name string) *place { return &place{parent: p, name: name} }

// String returns the place as in Go: services[0].name.
func (p *place) String() string {
	var b strings.Builder
	p.write(&b)
	if b.Len() == 0 {
		return "it"
	}
	return b.String()
}

func (p *place) write(b *strings.Builder) {
	if p == nil {
		return
	}
	p.parent.write(b)
	switch {
	case p.index > 0:
		b.WriteString("[" + strconv.Itoa(p.index-1) + "]")
	case b.Len() > 0:
		b.WriteString("." + p.name)
	default:
		b.WriteString(p.name)
	}
	if p.key {
		b.WriteString(" (key)")
	}
}

// aws returns the place as AWS's error messages do: services.1.member.name, and
// requestItems.Table.member.keys for a map.
func (p *place) aws() string {
	if p == nil {
		return ""
	}
	var parts []string
	for ; p != nil; p = p.parent {
		if p.index > 0 {
			parts = append([]string{strconv.Itoa(p.index), "member"}, parts...)
			continue
		}
		if p.entry {
			parts = append([]string{p.name, "member"}, parts...)
			continue
		}
		first, size := utf8.DecodeRuneInString(p.name)
		parts = append([]string{string(unicode.ToLower(first)) + p.name[size:]}, parts...)
	}
	return strings.Join(parts, ".")
}
