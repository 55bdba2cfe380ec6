package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"homeostat/shared/core/fault"

	"github.com/go-json-experiment/json/jsontext"
)

// acceptable is the reference for parse. encoding/json must accept the text, and it
// must be valid UTF-8. No object may have a duplicate key, and the nesting must be
// within the limit.
func acceptable(raw []byte) bool {
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return false
	}
	type frame struct {
		keys  map[string]bool // nil for a list
		value bool            // the next text is a value
	}
	var stack []frame
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			stack = stack[:len(stack)-1]
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].keys != nil {
			top := &stack[n-1]
			if top.value = !top.value; top.value {
				if top.keys[token.(string)] {
					return false
				}
				top.keys[token.(string)] = true
				continue
			}
		}
		if delim, ok := token.(json.Delim); ok {
			next := frame{}
			if delim == '{' {
				next.keys = map[string]bool{}
			}
			if stack = append(stack, next); len(stack) > MaxDepth {
				return false
			}
		}
	}
}

func seed(f *testing.F) {
	files, err := filepath.Glob("../../../events/*/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("finding the samples: ", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, text := range []string{
		"", "{}", "[]", "null", "-0", "-", "01", "1.", "1e", "1E+5", `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\x"`, "\"\x01\"", "\"\xff\"",
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"\ud800":1,"\ufffd":2}`, `[1,]`, `{"a"}`, `{"a":}`, "[1 2]", "tru", "nul", "true false", `{"":{"":[]}}`,
		strings.Repeat("[", 512) + strings.Repeat("]", 512), strings.Repeat("[", 513) + strings.Repeat("]", 513),
		`{"source":"aws.ecs","detail-type":"ECS Task State Change","detail":{"containers":[{"exitCode":1e400}]}}`,
	} {
		f.Add([]byte(text))
	}
}

func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := parse(string(raw))
		if accepted := err == nil; accepted != acceptable(raw) {
			t.Fatalf("parse accepted: %t (%v), the reference says %t: %q", accepted, err, !accepted, raw)
		}
		if err != nil {
			return
		}
		var want any
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		wantText, _ := json.Marshal(want)
		gotText, _ := json.Marshal(value(doc, 0))
		if !bytes.Equal(wantText, gotText) {
			t.Fatalf("parse read %s, encoding/json %s", gotText, wantText)
		}
	})
}

// value returns a node as encoding/json would.
func value(doc *document, at int32) any {
	n := doc.nodes[at]
	switch n.kind {
	case jsontext.KindTrue, jsontext.KindFalse:
		return n.text == "true"
	case jsontext.KindNumber:
		return json.Number(n.text)
	case jsontext.KindString:
		return n.text
	case jsontext.KindBeginArray:
		out := []any{}
		for i := n.first; i != 0; i = doc.nodes[i].next {
			out = append(out, value(doc, i))
		}
		return out
	case jsontext.KindBeginObject:
		out := map[string]any{}
		for i := n.first; i != 0; i = doc.nodes[i].next {
			out[doc.nodes[i].key] = value(doc, i)
		}
		return out
	}
	return nil
}

func FuzzEvents(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		outcomes := Events(raw)
		for _, o := range outcomes {
			checkOutcome(t, o)
		}
		if !acceptable(raw) && (len(outcomes) != 1 || outcomes[0].Err == nil) {
			t.Fatalf("text that the reference refuses gave a trigger: %q", raw)
		}
		if again := Events(raw); len(again) != len(outcomes) {
			t.Fatalf("the same bytes gave %d outcomes, then %d", len(outcomes), len(again))
		}
	})
}

func checkOutcome(t *testing.T, o Outcome) {
	t.Helper()
	if o.Err != nil {
		if o.Trigger.Kind != "" || fault.ClassOf(o.Err) != fault.Drop || fault.CodeOf(o.Err) == "unclassified" {
			t.Fatalf("not a plain drop: %+v", o)
		}
		if message := o.Err.Error(); strings.ContainsAny(message, "\n\r") || !strings.HasPrefix(message, "decoding ") {
			t.Fatalf("not a clear line: %q", message)
		}
		return
	}
	if o.Trigger.Kind == "" || o.Trigger.ID == "" {
		t.Fatalf("neither error nor kind and id: %+v", o)
	}
	if o.Trigger.Kind == "ignored" && o.Trigger.Reason == "" {
		t.Fatalf("ignored without a reason: %+v", o)
	}
	if _, err := json.Marshal(o.Trigger); err != nil {
		t.Fatalf("a trigger that cannot be stored: %v", err)
	}
}
