package dynamo

import (
	"maps"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// rangeCondition is the condition of a query on the range key.
type rangeCondition struct {
	op     string
	values []any
}

// search is a query or a scan: rows in the order of reading.
type search struct {
	*request
	source *collection
	index  *index // nil for the table
}

// search finds the table or the index of a request.
func (db *database) search(in wire.Object) (*search, error) {
	r, err := db.open(in)
	if err != nil {
		return nil, err
	}
	s := &search{request: r, source: r.table.rows}
	name := in.String("IndexName")
	if name == "" {
		return s, nil
	}
	s.index = r.table.indexes[name]
	if s.index == nil {
		return nil, invalid("The table does not have the specified index: %s", name)
	}
	if consistent, _ := in.Bool("ConsistentRead"); consistent {
		return nil, invalid("Consistent reads are not supported on global secondary indexes")
	}
	s.source = s.index.collection
	return s, nil
}

func (db *database) query(in wire.Object) (wire.Object, error) {
	s, err := db.search(in)
	if err != nil {
		return nil, err
	}
	condition := s.parsed["KeyConditionExpression"]
	if condition == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	hash, ranged, err := s.keys(condition.root)
	if err != nil {
		return nil, err
	}
	rows := s.source.partitions[key(hash)]
	low, high := bounds(rows, ranged)
	rows = rows[low:high]
	forward, given := in.Bool("ScanIndexForward")
	if given && !forward {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
		return s.page(rows, func(a, b row) int { return before(b, a) })
	}
	return s.page(rows, before)
}

// keys splits a key condition: hash = value, and one condition on the range key.
func (s *search) keys(n *node) (hash any, ranged *rangeCondition, err error) {
	parts := []*node{n}
	if n.op == "AND" {
		parts = n.args
	}
	for _, part := range parts {
		name, values, err := s.keyPart(part)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case name == s.source.schema.hash && part.op == "=" && hash == nil:
			hash = values[0]
		case name == s.source.schema.ranged && ranged == nil && isRangeOperator(part.op):
			ranged = &rangeCondition{part.op, values}
		default:
			return nil, nil, invalid("Query condition missed key schema element: %s", s.source.schema.hash)
		}
	}
	return hash, ranged, s.checkKeys(hash, ranged)
}

// keyPart returns the attribute and the operands of a part of a key condition.
func (s *search) keyPart(part *node) (name string, values []any, err error) {
	if len(part.args) == 0 || len(part.args[0].path) != 1 {
		return "", nil, invalid("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: %s", part.op)
	}
	scope := s.scope(nil)
	for _, argument := range part.args[1:] {
		value, err := scope.value(argument)
		if err != nil {
			return "", nil, err
		}
		values = append(values, value)
	}
	return scope.name(part.args[0].path[0].name), values, nil
}

func isRangeOperator(op string) bool {
	return slices.Contains([]string{"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}, op)
}

func (s *search) checkKeys(hash any, ranged *rangeCondition) error {
	if hash == nil {
		return invalid("Query condition missed key schema element: %s", s.source.schema.hash)
	}
	kind, _ := typed(hash)
	fits := kind == s.table.types[s.source.schema.hash]
	if ranged != nil {
		for _, value := range ranged.values {
			kind, _ := typed(value)
			fits = fits && kind == s.table.types[s.source.schema.ranged]
		}
	}
	if !fits {
		return invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
	}
	return nil
}

// scan reads the partitions in the order of their keys.
func (db *database) scan(in wire.Object) (wire.Object, error) {
	s, err := db.search(in)
	if err != nil {
		return nil, err
	}
	if in.Has("TotalSegments") {
		return nil, invalid("ecssim does not model parallel scans")
	}
	names := slices.Sorted(maps.Keys(s.source.partitions))
	var rows []row
	for _, name := range names {
		rows = append(rows, s.source.partitions[name]...)
	}
	return s.page(rows, func(a, b row) int {
		x, y := key(a.item[s.source.schema.hash]), key(b.item[s.source.schema.hash])
		if x != y {
			return slices.Compare([]string{x}, []string{y})
		}
		return before(a, b)
	})
}

// page reads rows after the start key, up to the limit or one megabyte, and
// filters them. It keeps the order of the rows.
func (s *search) page(rows []row, order func(a, b row) int) (wire.Object, error) {
	rows, err := s.after(rows, order)
	if err != nil {
		return nil, err
	}
	limit, limited := s.in.Int("Limit")
	if limited && limit < 1 {
		return nil, invalid("Limit must be greater than or equal to 1")
	}
	items := []any{}
	out := wire.Object{}
	scanned, size := 0, 0
	for _, at := range rows {
		scanned++
		size += at.size
		fits, err := s.fits(at.item)
		if err != nil {
			return nil, err
		}
		if fits {
			items = append(items, s.visible(at.item))
		}
		if limited && scanned == limit || size > maxPage {
			out["LastEvaluatedKey"] = s.startKey(at.item)
			break
		}
	}
	out["Count"], out["ScannedCount"] = len(items), scanned
	if s.in.String("Select") != "COUNT" {
		out["Items"] = items
	}
	return out, nil
}

// after drops the rows before the start key. The start key need not exist.
func (s *search) after(rows []row, order func(a, b row) int) ([]row, error) {
	if s.in.Object("ExclusiveStartKey") == nil {
		return rows, nil
	}
	start, err := checkItem(s.in.Object("ExclusiveStartKey"))
	if err != nil {
		return nil, err
	}
	if !s.source.holds(start) || s.table.checkPrimary(start, "x") != nil {
		return nil, invalid("The provided starting key is invalid")
	}
	_, from := s.source.place(start, s.table.primaryKey(start))
	n, found := slices.BinarySearchFunc(rows, from, order)
	if found {
		n++
	}
	return rows[n:], nil
}

func (s *search) fits(i item) (bool, error) {
	filter := s.parsed["FilterExpression"]
	if filter == nil {
		return true, nil
	}
	return s.scope(i).holds(filter.root)
}

// visible returns the part of an item that the index and the projection show.
func (s *search) visible(i item) item {
	if s.index != nil && s.index.projection != "ALL" {
		shown := s.startKey(i)
		for _, name := range s.index.include {
			if value := i[name]; value != nil {
				shown[name] = value
			}
		}
		i = shown
	}
	return s.projected(i)
}

// startKey returns the keys of an item, in the table and in the index.
func (s *search) startKey(i item) item {
	out := item{}
	for _, name := range []string{s.table.schema.hash, s.table.schema.ranged, s.source.schema.hash, s.source.schema.ranged} {
		if name != "" {
			out[name] = i[name]
		}
	}
	return out
}
