package dynamo

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

type database struct {
	mu      sync.Mutex
	tables  map[string]*table
	parsed  map[parsedKey]*expression
	created int              // tables so far
	place   string           // region:account
	now     func() time.Time // nil without a clock
	busy    func(table string, key wire.Object) bool
}

// parsedKey is an expression of a member of a request.
type parsedKey struct{ member, text string }

// schema is the key of a table or an index; ranged is empty without a range key. The key
// of a global index may have up to four attributes of each kind.
type schema struct {
	hash, ranged         string
	moreHash, moreRanged []string
}

type table struct {
	name        string
	place       string // region:account
	number      int    // of the tables, for the id
	given       wire.Object
	schema      schema
	types       map[string]string // of key attributes
	definitions []wire.Object
	rows        *collection
	indexes     map[string]*index
	sorted      []string // the names of the indexes
	ttl         string
	count       int
	tags        []wire.Object
	createdAt   time.Time // zero without a clock
	protected   bool
	onDemand    bool
	switched    bool // the billing mode changed
	throughput  wire.Object
	warm        wire.Object
	// recoveryDays is the period of point-in-time recovery; 0 is off.
	recoveryDays int
	recoverable  time.Time
}

func (t *table) arn() string { return "arn:aws:dynamodb:" + t.place + ":table/" + t.name }

// id returns a constant id, so that the same run has the same ids.
func (t *table) id() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", t.number) }

type index struct {
	*collection
	local      bool
	given      wire.Object
	throughput wire.Object
	warm       wire.Object
	projection string
	include    []string
}

// collection holds items by hash key, each partition in the order of its range
// key.
type collection struct {
	schema     schema
	partitions map[string][]row
}

// row is an item in its place. Items of an index may share a place; their primary
// key orders them.
type row struct {
	order   any // the range attribute
	primary string
	item    item
	size    int
}

func newCollection(s schema) *collection {
	return &collection{schema: s, partitions: map[string][]row{}}
}

// key formats an attribute as text, for use as a key of a map.
func key(a any) string {
	kind, content := typed(a)
	text, _ := content.(string)
	return kind + ":" + text
}

// primaryKey returns the whole key of an item as text.
func (t *table) primaryKey(i item) string {
	if t.schema.ranged == "" {
		return key(i[t.schema.hash])
	}
	return key(i[t.schema.hash]) + "\x00" + key(i[t.schema.ranged])
}

func before(a, b row) int {
	if a.order != nil && b.order != nil {
		if order, _ := compare(a.order, b.order); order != 0 {
			return order
		}
	}
	return strings.Compare(a.primary, b.primary)
}

func (c *collection) place(i item, primary string) (partition string, at row) {
	at = row{primary: primary, item: i}
	if c.schema.ranged != "" {
		at.order = c.schema.order(i)
	}
	return c.schema.partition(i), at
}

// partition returns the hash key of an item as text.
func (s schema) partition(i item) string {
	if len(s.moreHash) == 0 {
		return key(i[s.hash])
	}
	names := []string{key(i[s.hash])}
	for _, more := range s.moreHash {
		names = append(names, key(i[more]))
	}
	return strings.Join(names, "\x00")
}

// order returns the range key of an item: a value, or the kind "KEY" with the values of
// several attributes.
func (s schema) order(i item) any {
	if len(s.moreRanged) == 0 {
		return i[s.ranged]
	}
	values := []any{i[s.ranged]}
	for _, more := range s.moreRanged {
		values = append(values, i[more])
	}
	return attribute{"KEY": values}
}

// holds reports whether an item has the keys of the collection.
func (c *collection) holds(i item) bool {
	if i == nil || i[c.schema.hash] == nil || c.schema.ranged != "" && i[c.schema.ranged] == nil {
		return false
	}
	missing := func(name string) bool { return i[name] == nil }
	return !slices.ContainsFunc(c.schema.moreHash, missing) && !slices.ContainsFunc(c.schema.moreRanged, missing)
}

// items returns the number of items.
func (c *collection) items() int {
	total := 0
	for _, rows := range c.partitions {
		total += len(rows)
	}
	return total
}

// bytes returns the size of all items.
func (c *collection) bytes() int {
	total := 0
	for _, rows := range c.partitions {
		for _, at := range rows {
			total += at.size
		}
	}
	return total
}

func (c *collection) put(i item, primary string, size int) {
	name, at := c.place(i, primary)
	at.size = size
	rows := c.partitions[name]
	n, found := slices.BinarySearchFunc(rows, at, before)
	if found {
		rows[n] = at
		return
	}
	c.partitions[name] = slices.Insert(rows, n, at)
}

func (c *collection) remove(i item, primary string) {
	name, at := c.place(i, primary)
	rows := c.partitions[name]
	n, found := slices.BinarySearchFunc(rows, at, before)
	if !found {
		return
	}
	if len(rows) == 1 {
		delete(c.partitions, name)
		return
	}
	c.partitions[name] = slices.Delete(rows, n, n+1)
}

// get returns the item of a primary key, or nil.
func (t *table) get(k item) item {
	name, at := t.rows.place(k, t.primaryKey(k))
	rows := t.rows.partitions[name]
	if n, found := slices.BinarySearchFunc(rows, at, before); found {
		return rows[n].item
	}
	return nil
}

// replace puts the new item in the place of the old one. Either may be nil.
func (t *table) replace(old, fresh item) {
	if old == nil && fresh == nil {
		return
	}
	known := fresh
	if known == nil {
		known = old
	}
	primary, size := t.primaryKey(known), sizeOf(fresh)
	switch fresh {
	case nil:
		t.rows.remove(old, primary)
		t.count--
	default:
		t.rows.put(fresh, primary, size)
		if old == nil {
			t.count++
		}
	}
	for _, x := range t.indexes {
		if x.holds(old) {
			x.remove(old, primary)
		}
		if x.holds(fresh) {
			x.put(fresh, primary, size)
		}
	}
}

// bounds returns the rows of a partition that match a condition on the range key; all
// without one.
func bounds(rows []row, conditions []keyPart) (low, high int) {
	if len(conditions) == 0 {
		return 0, len(rows)
	}
	condition := conditions[0]
	from := func(v any) int {
		return sort.Search(len(rows), func(i int) bool { return ordered(">=", rows[i].order, v) })
	}
	after := func(v any) int {
		return sort.Search(len(rows), func(i int) bool { return ordered(">", rows[i].order, v) })
	}
	v := condition.values[0]
	switch condition.op {
	case "=":
		return from(v), after(v)
	case "<":
		return 0, from(v)
	case "<=":
		return 0, after(v)
	case ">":
		return after(v), len(rows)
	case ">=":
		return from(v), len(rows)
	case "BETWEEN":
		return from(v), max(from(v), after(condition.values[1]))
	}
	low = from(v) // begins_with
	return low, low + sort.Search(len(rows)-low, func(i int) bool { return !beginsWith(rows[low+i].order, v) })
}
