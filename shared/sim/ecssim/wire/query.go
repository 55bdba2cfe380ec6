package wire

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// decodeForm reads a Query request. Dots nest, member.N and plain numbers are
// lists, and entry.N with a key and a value is a map. All values stay text.
func decodeForm(body string) (Object, error) {
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, err
	}
	if len(values) > maxFormFields {
		return nil, errors.New("too many fields")
	}
	root := &formNode{}
	for name, all := range values {
		if err := root.put(strings.Split(name, "."), all[len(all)-1]); err != nil {
			return nil, err
		}
	}
	out := make(Object, len(root.children))
	for name, child := range root.children {
		out[name] = child.value()
	}
	return out, nil
}

// formNode is a value or a level of a dotted name.
type formNode struct {
	text     string
	children map[string]*formNode
}

func (n *formNode) put(path []string, text string) error {
	if len(path) > maxFormDepth {
		return errors.New("a field is nested too deep")
	}
	for _, name := range path {
		if n.children == nil {
			n.children = map[string]*formNode{}
		}
		child := n.children[name]
		if child == nil {
			child = &formNode{}
			n.children[name] = child
		}
		n = child
	}
	n.text = text
	return nil
}

func (n *formNode) value() any {
	if n.children == nil {
		return n.text
	}
	if list, ok := n.list(); ok {
		return list
	}
	if dictionary, ok := n.dictionary(); ok {
		return dictionary
	}
	out := make(map[string]any, len(n.children))
	for name, child := range n.children {
		out[name] = child.value()
	}
	return out
}

// list returns the elements of member.N, or of N in a flattened list.
func (n *formNode) list() ([]any, bool) {
	if only := n.only("member"); only != nil {
		n = only
	}
	ordered, ok := n.numbered()
	if !ok {
		return nil, false
	}
	out := make([]any, len(ordered))
	for i, child := range ordered {
		out[i] = child.value()
	}
	return out, true
}

// dictionary returns the pairs of entry.N.key and entry.N.value.
func (n *formNode) dictionary() (map[string]any, bool) {
	entry := n.only("entry")
	if entry == nil {
		return nil, false
	}
	ordered, ok := entry.numbered()
	if !ok {
		return nil, false
	}
	out := make(map[string]any, len(ordered))
	for _, pair := range ordered {
		key, value := pair.either("key", "Name"), pair.either("value", "Value")
		if key == nil || value == nil {
			return nil, false
		}
		out[key.text] = value.value()
	}
	return out, true
}

// either returns a child by one of its two names: SNS has Name and Value.
func (n *formNode) either(name, other string) *formNode {
	if child := n.children[name]; child != nil {
		return child
	}
	return n.children[other]
}

func (n *formNode) only(name string) *formNode {
	if len(n.children) != 1 {
		return nil
	}
	child := n.children[name]
	if child == nil || child.children == nil {
		return nil
	}
	return child
}

// numbered returns the children in the order of their numbers, if all have one.
func (n *formNode) numbered() ([]*formNode, bool) {
	numbers := make([]int, 0, len(n.children))
	byNumber := make(map[int]*formNode, len(n.children))
	for name, child := range n.children {
		number, err := strconv.Atoi(name)
		if err != nil || number < 0 {
			return nil, false
		}
		numbers = append(numbers, number)
		byNumber[number] = child
	}
	slices.Sort(numbers)
	out := make([]*formNode, 0, len(numbers))
	for _, number := range slices.Compact(numbers) {
		out = append(out, byNumber[number])
	}
	return out, len(out) > 0
}
