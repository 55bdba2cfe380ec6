package dynamo

import (
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// page reads rows after the start key, up to the limit or one megabyte, and
// filters them. It keeps the order of the rows.
func (s *search) page(rows []row, order func(a, b row) int) (wire.Object, error) {
	rows = s.after(rows, order)
	limit, limited := s.in.Int("Limit")
	items := []any{}
	out := wire.Object{}
	scanned, size := 0, 0
	for _, at := range rows {
		scanned++
		size += at.size
		seen := s.indexed(at.item)
		fits, err := s.fits(seen)
		if err != nil {
			return nil, err
		}
		if fits {
			items = append(items, s.projected(seen))
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

// checkStart refuses a start key that does not fit the table, the index or the
// conditions. hash is nil for a scan.
func (s *search) checkStart(hash, ranged []keyPart) error {
	if !s.in.Has("ExclusiveStartKey") {
		return nil
	}
	start, err := checkItem(s.in.Object("ExclusiveStartKey"))
	if err != nil {
		return err
	}
	const unfit = "The provided starting key is invalid"
	names := s.table.schema.names()
	for _, name := range s.source.schema.names() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	wrong := func(name string) bool {
		kind, content := typed(start[name])
		return kind != s.table.types[name] || content == ""
	}
	switch {
	case len(start) != len(names) || slices.ContainsFunc(names, wrong):
		return invalid(unfit)
	case hash == nil:
		return nil
	}
	return s.checkWithin(start, hash, ranged)
}

// checkWithin refuses a start key outside of the conditions of a query.
func (s *search) checkWithin(start item, hash, ranged []keyPart) error {
	within := holdAll(hash, start)
	switch {
	case ranged == nil && !within:
		return invalid("The provided starting key is outside query boundaries based on provided conditions")
	case ranged != nil && !holdAll(ranged, start):
		return invalid("The provided starting key does not match the range key predicate")
	case ranged != nil && !within:
		return invalid("The query can return at most one row and cannot be restarted")
	}
	return nil
}

// after drops the rows before the start key. The start key need not exist.
func (s *search) after(rows []row, order func(a, b row) int) []row {
	start := s.in.Object("ExclusiveStartKey")
	if start == nil {
		return rows
	}
	checked, err := checkItem(start)
	if err != nil {
		return rows // checkStart refuses it
	}
	_, from := s.source.place(checked, s.table.primaryKey(checked))
	n, found := slices.BinarySearchFunc(rows, from, order)
	if found {
		n++
	}
	return rows[n:]
}

func (s *search) fits(i item) (bool, error) {
	filter := s.parsed["FilterExpression"]
	if filter == nil {
		return true, nil
	}
	return s.scope(i).holds(filter.root)
}

// indexed returns the part of an item in the index. A local index reads the whole item
// for attributes that it lacks.
func (s *search) indexed(i item) item {
	if s.index == nil || s.index.projection == "ALL" {
		return i
	}
	if s.index.local && (s.in.String("Select") == allAttributes || s.parsed[projectionMember] != nil) {
		return i
	}
	shown := s.startKey(i)
	for _, name := range s.index.include {
		if value := i[name]; value != nil {
			shown[name] = value
		}
	}
	return shown
}

// startKey returns the keys of an item, in the table and in the index.
func (s *search) startKey(i item) item {
	out := item{}
	for _, name := range s.table.schema.names() {
		out[name] = i[name]
	}
	for _, name := range s.source.schema.names() {
		out[name] = i[name]
	}
	return out
}
