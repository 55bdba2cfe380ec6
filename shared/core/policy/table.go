package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// key is one row of the table: a policy key with its type, default, bounds and
// help. Parsing, checks, explain, the JSON Schema and docs/policy.md read it.
type key[T any] struct {
	// path is the position in the file, such as "scale.min".
	path string
	// initial is the built-in default.
	initial T
	// field returns the place of the value.
	field func(*Effective) *T
	// kind checks, shows and describes values.
	kind kind[T]
	// help describes the key in full sentences.
	help string
	// explicit is optional. It returns a flag that records that a file sets the key.
	explicit func(*Effective) *bool
}

// row is a key of any type.
type row interface {
	name() string
	setDefault(e *Effective)
	// decode reads a value of the file.
	decode(into *Effective, decode decoder) error
	// check reports a value outside of the bounds. It replaces a valid value by its
	// normal form, for example an ARN by the name in it.
	check(c *checker, prefix string, values *Effective)
	// apply copies the value of a block over the value of the weaker blocks.
	apply(to, from *Effective)
	// value returns a pointer to the value.
	value(e *Effective) any
	show(e *Effective) string
	describe() description
}

// decoder decodes one value of a file, from YAML or from the compiled form.
type decoder func(into any) error

// description is the documentation of a key.
type description struct {
	initial, expected, help string
	schema                  schema
}

func (k *key[T]) name() string { return k.path }

func (k *key[T]) setDefault(e *Effective) { *k.field(e) = k.initial }

func (k *key[T]) decode(into *Effective, decode decoder) error { return decode(k.field(into)) }

func (k *key[T]) check(c *checker, prefix string, values *Effective) {
	k.kind.check(c, prefix+k.path, k.path, k.field(values))
}

func (k *key[T]) apply(to, from *Effective) {
	*k.field(to) = *k.field(from)
	if k.explicit != nil {
		*k.explicit(to) = true
	}
}

func (k *key[T]) value(e *Effective) any { return k.field(e) }

func (k *key[T]) show(e *Effective) string { return k.kind.show(*k.field(e)) }

func (k *key[T]) describe() description {
	return description{k.kind.show(k.initial), k.kind.expected(), k.help, k.kind.schema(k.initial)}
}

// table holds every key once, in the order of explain. It is built once for each
// policy and does not change.
type table struct {
	rows     []row
	defaults Effective
}

func newTable() *table {
	t := &table{rows: slices.Concat(modeKeys(), healKeys(), scaleKeys(), redeployKeys(), alertKeys(), limitKeys())}
	for _, r := range t.rows {
		r.setDefault(&t.defaults)
	}
	return t
}

// has reports whether the table has the key.
func (t *table) has(path string) bool {
	return slices.ContainsFunc(t.rows, func(r row) bool { return r.name() == path })
}

// isSection reports whether keys begin with the name and a dot.
func (t *table) isSection(name string) bool {
	return slices.ContainsFunc(t.rows, func(r row) bool { return strings.HasPrefix(r.name(), name+".") })
}

// rules are the keys that one block of a policy file sets. An absent key leaves
// the value of the weaker blocks.
type rules struct {
	// set lists the keys in the order of the table.
	set []row
	// values holds the values of these keys only.
	values Effective
}

// read decodes the values of a block, by the path of their key.
func (t *table) read(values map[string]decoder) (rules, error) {
	var r rules
	var errs []error
	for _, row := range t.rows {
		decode, ok := values[row.name()]
		if !ok {
			continue
		}
		if err := row.decode(&r.values, decode); err != nil {
			errs = append(errs, err)
		}
		r.set = append(r.set, row)
	}
	return r, errors.Join(errs...)
}

// has reports whether the block sets the key.
func (r *rules) has(path string) bool {
	return slices.ContainsFunc(r.set, func(row row) bool { return row.name() == path })
}

// hasSection reports whether the block sets a key of the section.
func (r *rules) hasSection(name string) bool {
	return slices.ContainsFunc(r.set, func(row row) bool { return strings.HasPrefix(row.name(), name+".") })
}

func (r *rules) apply(e *Effective) {
	for _, row := range r.set {
		row.apply(e, &r.values)
	}
}

func servicePrefix(i int) string { return fmt.Sprintf("$.services[%d].", i) }
