package decode

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"homeostat/shared/core/fault"

	"github.com/go-json-experiment/json/jsontext"
)

// node is one value of a document. Nodes link by index, so that a document needs
// two allocations. Index 0 is the root, and means "none" in first and next.
type node struct {
	key    string // the member's name, if the parent is an object
	text   string // a text unescaped; a number or literal as written
	parent int32
	first  int32
	next   int32
	kind   jsontext.Kind
}

// document is a parsed JSON text. err keeps the first wrong type that a getter
// found.
type document struct {
	text  string
	nodes []node
	err   *fault.Fault
}

// parser builds a document from the tokens of jsontext.
type parser struct {
	document
	buffer  bytes.Buffer
	decoder jsontext.Decoder
}

// parse reads text. It must be exactly one JSON value: valid UTF-8, no duplicate
// key in an object, nested no deeper than MaxDepth. Otherwise it accepts the same
// texts as encoding/json.Valid.
func parse(text string) (*document, *fault.Fault) {
	if strings.TrimSpace(text) == "" {
		return nil, fault.Dropf("invalid-json", "decoding the event: expected a JSON object, got nothing")
	}
	if !utf8.ValidString(text) {
		return nil, fault.Dropf("invalid-utf8", "decoding the event: expected UTF-8, got an invalid byte at %d", invalidAt(text))
	}
	raw := []byte(text)
	// The bytes are valid here. This option is about escapes: half a surrogate is
	// read as the replacement character, as encoding/json does. AWS cuts long
	// texts, and an event must not be lost for the last letter of a text.
	halves := jsontext.AllowInvalidUTF8(true)
	p := &parser{document: document{text: text, nodes: make([]node, 0, len(text)/bytesPerNode+spareNodes)}, buffer: *bytes.NewBuffer(raw)}
	// The parser itself finds duplicate keys: jsontext would allocate for each object.
	p.decoder.Reset(&p.buffer, halves, jsontext.AllowDuplicateNames(true))
	if err := p.value(0, ""); err != nil {
		return nil, err
	}
	if rest := strings.TrimLeft(text[p.decoder.InputOffset():], " \t\r\n"); rest != "" {
		r, _ := utf8.DecodeRuneInString(rest)
		return nil, fault.Dropf("invalid-json", "decoding the event: expected the end of the text, got %q at byte %d", r, len(text)-len(rest))
	}
	return &p.document, nil
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

// value reads one value and appends its nodes, the value itself first.
func (p *parser) value(parent int32, key string) *fault.Fault {
	kind := p.decoder.PeekKind()
	self := int32(len(p.nodes))
	p.nodes = append(p.nodes, node{key: key, parent: parent, kind: kind})
	if kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
		return p.nested(self, kind)
	}
	text, err := p.scalar()
	p.nodes[self].text = text
	if err != nil {
		return p.fail(self, err)
	}
	return nil
}

// nested reads a list or an object with its content.
func (p *parser) nested(self int32, kind jsontext.Kind) *fault.Fault {
	if _, err := p.decoder.ReadToken(); err != nil {
		return p.fail(self, err)
	}
	if p.decoder.StackDepth() > MaxDepth {
		return fault.Dropf("too-deep", "decoding the event: expected at most %d nested lists and objects, got more at byte %d", MaxDepth, p.decoder.InputOffset()-1)
	}
	closing := jsontext.KindEndArray
	if kind == jsontext.KindBeginObject {
		closing = jsontext.KindEndObject
	}
	keys := keySet{nodes: &p.nodes, parent: self}
	for last := int32(0); p.decoder.PeekKind() != closing; {
		key := ""
		if kind == jsontext.KindBeginObject {
			var err error
			if key, err = p.scalar(); err != nil {
				return p.fail(self, err)
			}
			if !keys.add(key) {
				return fault.Dropf("duplicate-key", "decoding the event: %s: expected the key once, got it twice", path(p.nodes, self, key))
			}
		}
		child := int32(len(p.nodes))
		if err := p.value(self, key); err != nil {
			return err
		}
		if last == 0 {
			p.nodes[self].first = child
		} else {
			p.nodes[last].next = child
		}
		last = child
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return p.fail(self, err)
	}
	return nil
}

// keySet finds duplicate keys of one object. It compares few keys one by one, and
// keeps many in a map.
type keySet struct {
	nodes  *[]node
	parent int32
	count  int
	// seen has a bit for each key, by its length and ends. A key with a new bit needs
	// no comparison.
	seen uint64
	many map[string]bool
}

// add adds a key, before its node is appended. The result is false for a duplicate.
func (s *keySet) add(key string) bool {
	s.count++
	if s.count > fewKeys {
		if s.many == nil {
			s.many = make(map[string]bool, 2*fewKeys)
			for i := (*s.nodes)[s.parent].first; i != 0; i = (*s.nodes)[i].next {
				s.many[(*s.nodes)[i].key] = true
			}
		}
		if s.many[key] {
			return false
		}
		s.many[key] = true
		return true
	}
	bit := uint64(1)
	if n := len(key); n > 0 {
		bit = 1 << ((uint(n)*5 + uint(key[0])*3 + uint(key[n-1])) % 64)
	}
	if s.seen&bit == 0 {
		s.seen |= bit
		return true
	}
	for i := (*s.nodes)[s.parent].first; i != 0; i = (*s.nodes)[i].next {
		if (*s.nodes)[i].key == key {
			return false
		}
	}
	return true
}

// scalar reads a text, a number, a literal or a key. Without an escape the result
// shares the document's memory.
func (p *parser) scalar() (string, error) {
	raw, err := p.decoder.ReadValue()
	if err != nil {
		return "", err
	}
	end := int(p.decoder.InputOffset())
	start := end - len(raw)
	if raw[0] != '"' {
		return p.text[start:end], nil
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return p.text[start+1 : end-1], nil
	}
	// The decoder checked the text: half a surrogate is the only error left.
	unescaped, _ := jsontext.AppendUnquote(nil, raw)
	return string(unescaped), nil
}

// fail returns the error with its place: the path of the value, and the byte.
func (p *parser) fail(at int32, err error) *fault.Fault {
	wrong, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		wrong = &jsontext.SyntacticError{ByteOffset: p.decoder.InputOffset(), Err: err}
	}
	where := path(p.nodes, at, "")
	if where != "" {
		where += ": "
	}
	return fault.Dropf("invalid-json", "decoding the event: %s%w, at byte %d", where, wrong.Err, wrong.ByteOffset)
}
