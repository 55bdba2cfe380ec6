package decode

import (
	"strings"
	"unicode/utf8"

	"homeostat/shared/core/fault"
)

// kind is the JSON type of a node.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindText
	kindList
	kindObject
)

// node is one value of a document. Nodes link by index, so that a document is
// two allocations; index 0 is the root and means "none" in first and next.
type node struct {
	key    string // the member's name, where the parent is an object
	text   string // a text unescaped; a number or literal as written
	parent int32
	first  int32
	next   int32
	kind   kind
}

// document is a parsed JSON text. The first wrong type that a getter meets
// sticks in err.
type document struct {
	text  string
	nodes []node
	err   *fault.Fault
}

// mapFrom is the size from which an object's keys are kept in a map, so that
// an object of a hundred thousand keys stays linear.
const mapFrom = 64

type parser struct {
	text  string
	at    int
	depth int
	nodes []node
	err   *fault.Fault
}

// parse reads text, which must be exactly one JSON value: valid UTF-8, no key
// twice in one object, nested no deeper than MaxDepth. Else it accepts what
// encoding/json.Valid accepts.
func parse(text string) (*document, *fault.Fault) {
	if strings.TrimSpace(text) == "" {
		return nil, fault.Dropf("invalid-json", "decoding the event: expected a JSON object, got nothing")
	}
	if !utf8.ValidString(text) {
		return nil, fault.Dropf("invalid-utf8", "decoding the event: expected UTF-8, got an invalid byte at %d", invalidAt(text))
	}
	p := parser{text: text, nodes: make([]node, 0, len(text)/28+8)}
	p.space()
	if !p.value(0, "") {
		return nil, p.err
	}
	if p.space(); p.at < len(p.text) {
		p.fail("the end of the text")
		return nil, p.err
	}
	return &document{text: text, nodes: p.nodes}, nil
}

func invalidAt(text string) int {
	for i, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
			return i
		}
	}
	return len(text)
}

// fail notes the first error; it returns false for the caller to pass on.
func (p *parser) fail(expected string) bool {
	if p.err != nil {
		return false
	}
	if p.at >= len(p.text) {
		p.err = fault.Dropf("invalid-json", "decoding the event: expected %s, got the end at byte %d", expected, p.at)
		return false
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	p.err = fault.Dropf("invalid-json", "decoding the event: expected %s, got %q at byte %d", expected, r, p.at)
	return false
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek is the next byte, 0 at the end; no JSON syntax contains a 0 byte.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// value reads one value and appends its nodes, itself first.
func (p *parser) value(parent int32, key string) bool {
	self := int32(len(p.nodes))
	p.nodes = append(p.nodes, node{key: key, parent: parent})
	switch c := p.peek(); {
	case c == '{' || c == '[':
		return p.nested(self, c)
	case c == '"':
		text, ok := p.string()
		p.nodes[self].kind, p.nodes[self].text = kindText, text
		return ok
	case c == 't':
		return p.literal(self, kindBool, "true")
	case c == 'f':
		return p.literal(self, kindBool, "false")
	case c == 'n':
		return p.literal(self, kindNull, "null")
	case c == '-' || digit(c):
		return p.number(self)
	}
	return p.fail("a value")
}

func (p *parser) literal(self int32, k kind, word string) bool {
	if !strings.HasPrefix(p.text[p.at:], word) {
		return p.fail(word)
	}
	p.at += len(word)
	p.nodes[self].kind, p.nodes[self].text = k, word
	return true
}

func (p *parser) nested(self int32, open byte) bool {
	if p.depth++; p.depth > MaxDepth {
		p.err = fault.Dropf("too-deep", "decoding the event: expected at most %d nested lists and objects, got more at byte %d", MaxDepth, p.at)
		return false
	}
	p.at++
	var ok bool
	if open == '{' {
		p.nodes[self].kind = kindObject
		ok = p.members(self)
	} else {
		p.nodes[self].kind = kindList
		ok = p.elements(self)
	}
	p.depth--
	return ok
}

func (p *parser) elements(self int32) bool {
	p.space()
	if p.peek() == ']' {
		p.at++
		return true
	}
	for last := int32(0); ; {
		child := int32(len(p.nodes))
		if !p.value(self, "") {
			return false
		}
		last = p.link(self, last, child)
		if done, ok := p.separator(']', "a comma or the end of the list"); done || !ok {
			return ok
		}
	}
}

func (p *parser) members(self int32) bool {
	p.space()
	if p.peek() == '}' {
		p.at++
		return true
	}
	keys := keys{parser: p, self: self}
	for last := int32(0); ; {
		if p.peek() != '"' {
			return p.fail("a key")
		}
		key, ok := p.string()
		if !ok || !keys.add(key) {
			return false
		}
		if p.space(); p.peek() != ':' {
			return p.fail("a colon")
		}
		p.at++
		p.space()
		child := int32(len(p.nodes))
		if !p.value(self, key) {
			return false
		}
		last = p.link(self, last, child)
		if done, ok := p.separator('}', "a comma or the end of the object"); done || !ok {
			return ok
		}
	}
}

func (p *parser) link(self, last, child int32) int32 {
	if last == 0 {
		p.nodes[self].first = child
	} else {
		p.nodes[last].next = child
	}
	return child
}

// separator reads a comma, or the closing byte and says done.
func (p *parser) separator(closing byte, expected string) (done, ok bool) {
	p.space()
	switch p.peek() {
	case ',':
		p.at++
		p.space()
		return false, true
	case closing:
		p.at++
		return true, true
	}
	return false, p.fail(expected)
}

// keys finds a key that one object has twice.
type keys struct {
	parser *parser
	self   int32
	count  int
	bloom  uint64
	seen   map[string]struct{}
}

func (k *keys) add(key string) bool {
	bit := uint64(1) << (fingerprint(key) & 63)
	twice := false
	switch {
	case k.seen != nil:
		_, twice = k.seen[key]
		k.seen[key] = struct{}{}
	case k.bloom&bit != 0:
		twice = k.among(key)
	}
	k.bloom |= bit
	if k.count++; k.count == mapFrom {
		k.fill(key)
	}
	if twice {
		where := path(k.parser.nodes, k.self, key)
		k.parser.err = fault.Dropf("duplicate-key", "decoding the event: %s: expected the key once, got it twice", where)
	}
	return !twice
}

func (k *keys) among(key string) bool {
	nodes := k.parser.nodes
	for at := nodes[k.self].first; at != 0; at = nodes[at].next {
		if nodes[at].key == key {
			return true
		}
	}
	return false
}

func (k *keys) fill(key string) {
	nodes := k.parser.nodes
	k.seen = make(map[string]struct{}, 2*mapFrom)
	for at := nodes[k.self].first; at != 0; at = nodes[at].next {
		k.seen[nodes[at].key] = struct{}{}
	}
	k.seen[key] = struct{}{}
}

func fingerprint(key string) uint {
	if key == "" {
		return 0
	}
	return uint(len(key)) + 7*uint(key[0]) + 13*uint(key[len(key)-1]) + 31*uint(key[len(key)/2])
}
