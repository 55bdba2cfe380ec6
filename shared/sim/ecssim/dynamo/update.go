package dynamo

import (
	"maps"
	"slices"
)

// apply returns the item after an update. Every value is computed from the old
// item.
func (s *scope) apply(n *node) (item, error) {
	out := maps.Clone(s.item)
	removed := []*node{}
	for _, clause := range n.sets {
		if clause.verb == "REMOVE" {
			removed = append(removed, clause.target)
			continue
		}
		value, err := s.result(clause)
		if err != nil {
			return nil, err
		}
		if err := s.set(out, clause.target.path, value); err != nil {
			return nil, err
		}
	}
	// The removal starts at the end, so that the indexes of a list stay valid.
	slices.SortStableFunc(removed, func(a, b *node) int { return b.path[len(b.path)-1].index - a.path[len(a.path)-1].index })
	for _, target := range removed {
		if err := s.set(out, target.path, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// result returns the new value of a clause; nil removes the attribute.
func (s *scope) result(clause setter) (any, error) {
	value, err := s.value(clause.value)
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, invalid("The provided expression refers to an attribute that does not exist in the item")
	}
	if clause.verb == "SET" {
		return value, nil
	}
	return adjust(clause.verb, s.lookup(clause.target.path), value)
}

// adjust applies ADD and DELETE: arithmetic on a number, union and difference of
// sets.
func adjust(verb string, old, value any) (any, error) {
	kind, content := typed(value)
	had, before := typed(old)
	isSet := kind == "SS" || kind == "NS" || kind == "BS"
	if !isSet && (kind != "N" || verb == "DELETE") {
		return nil, invalid("An operand in the update expression has an incorrect data type")
	}
	if old != nil && had != kind {
		return nil, invalid("An operand in the update expression has an incorrect data type")
	}
	if kind == "N" {
		if old == nil {
			return value, nil
		}
		sum, err := addNumbers(before.(string), content.(string), 1)
		return attribute{"N": sum}, err
	}
	members, _ := before.([]any)
	return adjustSet(verb, kind, members, content.([]any)), nil
}

// adjustSet returns a union or a difference, or nil for an empty set.
func adjustSet(verb, kind string, members, given []any) any {
	if verb == "ADD" {
		added := slices.DeleteFunc(slices.Clone(given), func(e any) bool { return slices.Contains(members, e) })
		return attribute{kind: slices.Concat(members, added)}
	}
	left := slices.DeleteFunc(slices.Clone(members), func(e any) bool { return slices.Contains(given, e) })
	if len(left) == 0 {
		return nil
	}
	return attribute{kind: left}
}

// set writes a value at a path of out and copies the containers on the path; nil
// removes.
func (s *scope) set(out item, path []step, value any) error {
	name := s.name(path[0].name)
	if len(path) == 1 {
		if value == nil {
			delete(out, name)
		} else {
			out[name] = value
		}
		return nil
	}
	changed, err := s.descend(out[name], path[1:], value)
	if err == nil {
		out[name] = changed
	}
	return err
}

func (s *scope) descend(at any, path []step, value any) (any, error) {
	kind, content := typed(at)
	switch {
	case kind == "M" && path[0].name != "":
		members := maps.Clone(content.(map[string]any))
		err := s.set(members, path, value)
		return attribute{"M": members}, err
	case kind == "L" && path[0].name == "":
		list, err := s.element(slices.Clone(content.([]any)), path, value)
		return attribute{"L": list}, err
	}
	return nil, invalid("The document path provided in the update expression is invalid for update")
}

// element writes one element of a list. An index beyond the end appends it.
func (s *scope) element(list []any, path []step, value any) ([]any, error) {
	i := path[0].index
	if len(path) > 1 {
		if i >= len(list) {
			return nil, invalid("The document path provided in the update expression is invalid for update")
		}
		changed, err := s.descend(list[i], path[1:], value)
		list[i] = changed
		return list, err
	}
	switch {
	case value == nil && i < len(list):
		return slices.Delete(list, i, i+1), nil
	case value == nil:
		return list, nil
	case i >= len(list):
		return append(list, value), nil
	}
	list[i] = value
	return list, nil
}
