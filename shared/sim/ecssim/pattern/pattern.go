// Package pattern matches events as EventBridge does: exact values, prefix,
// suffix, equals-ignore-case, wildcard, anything-but, numeric, exists, cidr and
// $or. Within a list any element may match. A nested pattern has to match within
// one element of a list of objects.
package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Pattern is a compiled event pattern. It is safe for concurrent use.
type Pattern struct{ root *node }

// node is one object of a pattern: every field and every $or has to match.
type node struct {
	fields       []field
	alternatives [][]*node
}

// field is a name with a nested pattern, or with the tests of its value.
type field struct {
	name   string
	nested *node
	tests  []test
	absent bool // one of the tests is exists: false

	path []string // names from the root to this field; set for absent
}

// test is one element of a leaf. It gets present values only.
type test func(value any) bool

// Compile reads a pattern. Unknown operators, and patterns that EventBridge
// refuses, are errors.
func Compile(raw []byte) (*Pattern, error) {
	tree, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("event pattern: %w", err)
	}
	root, err := compileNode(tree, nil)
	if err != nil {
		return nil, fmt.Errorf("event pattern: %w", err)
	}
	return &Pattern{root: root}, nil
}

// Event is a parsed event, for matching against many patterns.
type Event struct{ tree map[string]any }

// Parse reads an event. An event is a JSON object.
func Parse(event []byte) (Event, error) {
	tree, err := parse(event)
	if err != nil {
		return Event{}, fmt.Errorf("event: %w", err)
	}
	return Event{tree: tree}, nil
}

// Matches reports whether the event, as JSON, matches. Only a JSON object can
// match.
func (p *Pattern) Matches(event []byte) bool {
	parsed, err := Parse(event)
	return err == nil && p.MatchesEvent(parsed)
}

// MatchesEvent is Matches for a parsed event.
func (p *Pattern) MatchesEvent(event Event) bool {
	return event.tree != nil && p.root.matches(event.tree, event.tree)
}

// parse keeps the text of numbers, because EventBridge compares numbers as text.
func parse(raw []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if tree == nil {
		return nil, errors.New("it is not an object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the object")
	}
	return tree, nil
}

func compileNode(tree map[string]any, path []string) (*node, error) {
	if len(tree) == 0 {
		return nil, errors.New("an object may not be empty")
	}
	if len(path) > maxDepth {
		return nil, errors.New("it is nested too deep")
	}
	out := &node{}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if err := out.add(name, tree[name], path); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

func (n *node) add(name string, value any, path []string) error {
	if name == "$or" {
		alternatives, err := compileOr(value, path)
		n.alternatives = append(n.alternatives, alternatives)
		return err
	}
	path = append(slices.Clone(path), name)
	switch v := value.(type) {
	case map[string]any:
		nested, err := compileNode(v, path)
		n.fields = append(n.fields, field{name: name, nested: nested})
		return err
	case []any:
		leaf, err := compileLeaf(path, v)
		n.fields = append(n.fields, leaf)
		return err
	}
	return errors.New("a value has to be an object or a list")
}

func compileOr(value any, path []string) ([]*node, error) {
	list, ok := value.([]any)
	if !ok || len(list) < 2 {
		return nil, errors.New("it has to be a list of at least two objects")
	}
	out := make([]*node, 0, len(list))
	for _, element := range list {
		tree, ok := element.(map[string]any)
		if !ok {
			return nil, errors.New("each of its elements has to be an object")
		}
		alternative, err := compileNode(tree, path)
		if err != nil {
			return nil, err
		}
		out = append(out, alternative)
	}
	return out, nil
}

func compileLeaf(path []string, list []any) (field, error) {
	out := field{name: path[len(path)-1], path: path}
	if len(list) == 0 {
		return out, errors.New("a list may not be empty")
	}
	for _, element := range list {
		if absent(element) {
			out.absent = true
			continue
		}
		compiled, err := compileTest(element)
		if err != nil {
			return out, err
		}
		out.tests = append(out.tests, compiled)
	}
	return out, nil
}

func absent(element any) bool {
	operator, ok := element.(map[string]any)
	return ok && len(operator) == 1 && operator["exists"] == false
}

// matches reports whether one object of an event matches. exists: false is about
// the whole event. AWS: event-ruler 1.8.1.
func (n *node) matches(event, object map[string]any) bool {
	for i := range n.fields {
		if !n.fields[i].matches(event, object) {
			return false
		}
	}
	for _, alternatives := range n.alternatives {
		if !slices.ContainsFunc(alternatives, func(a *node) bool { return a.matches(event, object) }) {
			return false
		}
	}
	return true
}

func (f *field) matches(event, object map[string]any) bool {
	value, there := object[f.name]
	if f.nested != nil {
		objects := appendObjects(nil, value)
		if len(objects) == 0 { // only exists: false can match
			return f.nested.matches(event, nil)
		}
		return slices.ContainsFunc(objects, func(o map[string]any) bool { return f.nested.matches(event, o) })
	}
	var leaves []any
	if there {
		leaves = appendLeaves(nil, value)
	}
	if len(leaves) == 0 {
		return f.absent && !hasLeaf(event, f.path)
	}
	return slices.ContainsFunc(leaves, func(leaf any) bool {
		return slices.ContainsFunc(f.tests, func(t test) bool { return t(leaf) })
	})
}

// hasLeaf reports whether an object has a scalar at the path, in any element of its lists.
func hasLeaf(object map[string]any, path []string) bool {
	value := object[path[0]]
	if len(path) == 1 {
		_, there := object[path[0]]
		return there && len(appendLeaves(nil, value)) > 0
	}
	return slices.ContainsFunc(appendObjects(nil, value), func(o map[string]any) bool { return hasLeaf(o, path[1:]) })
}

// appendObjects collects the objects of a value: the value itself, or those in
// its lists.
func appendObjects(out []map[string]any, value any) []map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return append(out, v)
	case []any:
		for _, element := range v {
			out = appendObjects(out, element)
		}
	}
	return out
}

// appendLeaves collects the scalars of a value. An object is not a leaf.
func appendLeaves(out []any, value any) []any {
	switch v := value.(type) {
	case map[string]any:
		return out
	case []any:
		for _, element := range v {
			out = appendLeaves(out, element)
		}
		return out
	}
	return append(out, value)
}
