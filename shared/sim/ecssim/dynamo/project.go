package dynamo

import (
	"maps"
	"slices"
)

// branch is the set of wanted paths below a value.
type branch struct {
	whole   bool
	names   map[string]*branch
	indexes map[int]*branch
}

// project returns the parts of an item at the paths. The elements of a list keep their
// order, without gaps, as in "Using projection expressions in DynamoDB".
func (s *scope) project(paths []*node) item {
	root := &branch{}
	for _, wanted := range paths {
		at := root
		for _, level := range wanted.path {
			at = at.child(s.name(level.name), level.index)
		}
		at.whole = true
	}
	return root.pickMembers(s.item)
}

func (b *branch) child(name string, index int) *branch {
	if name == "" {
		if b.indexes == nil {
			b.indexes = map[int]*branch{}
		}
		if b.indexes[index] == nil {
			b.indexes[index] = &branch{}
		}
		return b.indexes[index]
	}
	if b.names == nil {
		b.names = map[string]*branch{}
	}
	if b.names[name] == nil {
		b.names[name] = &branch{}
	}
	return b.names[name]
}

func (b *branch) pickMembers(from map[string]any) item {
	out := item{}
	for name, below := range b.names {
		if value := below.pick(from[name]); value != nil {
			out[name] = value
		}
	}
	return out
}

// pick returns the wanted part of a value; nil without one.
func (b *branch) pick(value any) any {
	if b.whole || value == nil {
		return value
	}
	kind, content := typed(value)
	switch kind {
	case "M":
		if members := b.pickMembers(content.(map[string]any)); len(members) > 0 {
			return attribute{"M": members}
		}
	case "L":
		if elements := b.pickElements(content.([]any)); len(elements) > 0 {
			return attribute{"L": elements}
		}
	}
	return nil
}

func (b *branch) pickElements(from []any) []any {
	var out []any
	for _, index := range slices.Sorted(maps.Keys(b.indexes)) {
		if index >= len(from) {
			break
		}
		if value := b.indexes[index].pick(from[index]); value != nil {
			out = append(out, value)
		}
	}
	return out
}
