package decode

import (
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fault"

	"github.com/go-json-experiment/json/jsontext"
)

// absent is the place of a missing list or object. Its getters return empty values
// and no error.
const absent = int32(-1)

// object reads the members of one JSON object by their exact keys. Null and the
// empty text count as absent. A member of the wrong type sets the document's error
// and reads as absent.
type object struct {
	doc *document
	at  int32
}

// list reads the elements of one JSON list.
type list struct {
	doc *document
	at  int32
}

// root returns the outermost object of the document.
func (d *document) root() (object, *fault.Fault) {
	if d.nodes[0].kind != jsontext.KindBeginObject {
		d.wrong(0, "an object")
		return object{}, d.err
	}
	return object{doc: d}, nil
}

// find returns the place of a member that exists and is not null.
func (o object) find(key string) int32 {
	if o.at == absent {
		return absent
	}
	nodes := o.doc.nodes
	for at := nodes[o.at].first; at != 0; at = nodes[at].next {
		if nodes[at].key == key {
			if nodes[at].kind == jsontext.KindNull {
				return absent
			}
			return at
		}
	}
	return absent
}

func (o object) has(key string) bool { return o.find(key) != absent }

// get returns the place of a member of kind k.
func (o object) get(key string, k jsontext.Kind, expected string) int32 {
	at := o.find(key)
	if at == absent || o.doc.nodes[at].kind == k {
		return at
	}
	o.doc.wrong(at, expected)
	return absent
}

func (o object) text(key string) string {
	if at := o.get(key, jsontext.KindString, "a text"); at != absent {
		return o.doc.nodes[at].text
	}
	return ""
}

func (o object) object(key string) object {
	return object{doc: o.doc, at: o.get(key, jsontext.KindBeginObject, "an object")}
}

func (o object) list(key string) list {
	return list{doc: o.doc, at: o.get(key, jsontext.KindBeginArray, "a list")}
}

func (o object) boolean(key string) bool {
	at := o.find(key)
	if at == absent {
		return false
	}
	kind := o.doc.nodes[at].kind
	if kind != jsontext.KindTrue && kind != jsontext.KindFalse {
		o.doc.wrong(at, "true or false")
	}
	return kind == jsontext.KindTrue
}

// integer returns a whole number: 3.0 is one, 3.5 and "3" are not.
func (o object) integer(key string) (n int64, ok bool) {
	at := o.find(key)
	if at == absent {
		return 0, false
	}
	return o.doc.whole(at)
}

// whole returns the whole number at a place.
func (d *document) whole(at int32) (n int64, ok bool) {
	if d.nodes[at].kind != jsontext.KindNumber {
		d.wrong(at, "a whole number")
		return 0, false
	}
	text := d.nodes[at].text
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExact {
		d.wrong(at, "a whole number")
		return 0, false
	}
	return int64(f), true
}

// time returns a timestamp. An unreadable timestamp is zero and no error, because
// no decision depends on it alone.
func (o object) time(key string) time.Time {
	text := o.text(key)
	if text == "" {
		return time.Time{}
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05Z0700", "Mon, 2 Jan 2006 15:04:05 MST"} {
		t, err := time.Parse(layout, text)
		// A year beyond four digits would not survive a second encoding.
		if t = t.UTC(); err == nil && t.Year() >= 0 && t.Year() <= 9999 {
			return t
		}
	}
	return time.Time{}
}

// members returns the names and places of the members of an object that are not
// null.
func (o object) members() iter.Seq2[string, int32] {
	return func(yield func(string, int32) bool) {
		if o.at == absent {
			return
		}
		nodes := o.doc.nodes
		for at := nodes[o.at].first; at != 0; at = nodes[at].next {
			if nodes[at].kind != jsontext.KindNull && !yield(nodes[at].key, at) {
				return
			}
		}
	}
}

func (l list) len() int {
	count := 0
	for range l.elements() {
		count++
	}
	return count
}

// elements returns the index and place of every element, also of null elements.
func (l list) elements() iter.Seq2[int, int32] {
	return func(yield func(int, int32) bool) {
		if l.at == absent {
			return
		}
		nodes := l.doc.nodes
		for i, at := 0, nodes[l.at].first; at != 0; i, at = i+1, nodes[at].next {
			if !yield(i, at) {
				return
			}
		}
	}
}

// objects returns the elements; each must be an object.
func (l list) objects() iter.Seq[object] {
	return func(yield func(object) bool) {
		for _, at := range l.elements() {
			if l.doc.nodes[at].kind != jsontext.KindBeginObject {
				l.doc.wrong(at, "an object")
				return
			}
			if !yield(object{doc: l.doc, at: at}) {
				return
			}
		}
	}
}

// texts returns the elements without empty ones; each must be a text.
func (l list) texts() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, at := range l.elements() {
			n := l.doc.nodes[at]
			if n.kind == jsontext.KindNull {
				continue
			}
			if n.kind != jsontext.KindString {
				l.doc.wrong(at, "a text")
				return
			}
			if n.text != "" && !yield(n.text) {
				return
			}
		}
	}
}

// wrong records that the node at a place has the wrong type. The first error
// counts.
func (d *document) wrong(at int32, expected string) {
	if d.err != nil {
		return
	}
	got := named(d.nodes[at].kind)
	if d.nodes[at].kind == jsontext.KindNumber && expected == "a whole number" {
		got = d.nodes[at].text
	}
	where := "the event"
	if at != 0 {
		where = path(d.nodes, at, "")
	}
	d.err = fault.Dropf("wrong-type", "decoding the event: %s: expected %s, got %s", where, expected, got)
}

// named returns the noun of a JSON type.
func named(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindString:
		return "a text"
	case jsontext.KindBeginArray:
		return "a list"
	case jsontext.KindBeginObject:
		return "an object"
	}
	return "a boolean"
}

// path returns the name of the node at a place, such as
// "detail.containers[0].name". A key that is not empty is added.
func path(nodes []node, at int32, key string) string {
	var parts []string
	if key != "" {
		parts = append(parts, label(key))
	}
	for ; at != 0; at = nodes[at].parent {
		parent := nodes[at].parent
		if nodes[parent].kind == jsontext.KindBeginObject {
			parts = append(parts, label(nodes[at].key))
			continue
		}
		index := 0
		for i := nodes[parent].first; i != at && i != 0; i = nodes[i].next {
			index++
		}
		parts = append(parts, "["+strconv.Itoa(index)+"]")
	}
	var out strings.Builder
	for _, part := range slices.Backward(parts) {
		if out.Len() > 0 && part[:min(1, len(part))] != "[" {
			out.WriteByte('.')
		}
		out.WriteString(part)
	}
	return out.String()
}

// label returns a key for a message of one line.
func label(key string) string {
	if len(key) > maxLabel {
		key = strings.ToValidUTF8(key[:maxLabel], "") + "…"
	}
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(key)
	}
	return key
}
