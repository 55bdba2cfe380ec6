package dynamo

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// search is a query or a scan: rows in the order of reading.
type search struct {
	*request
	source *collection
	index  *index // nil for the table
	name   string // of the index
}

// search finds the table or the index of a request.
func (db *database) search(r *request) (*search, error) {
	if err := db.find(r); err != nil {
		return nil, err
	}
	s := &search{request: r, source: r.table.rows, name: r.in.String("IndexName")}
	if s.name == "" {
		return s, nil
	}
	s.index = r.table.indexes[s.name]
	if s.index == nil {
		return nil, invalid("The table does not have the specified index: %s", s.name)
	}
	if !s.index.local && isTrue(r.in, "ConsistentRead") {
		return nil, invalid("Consistent reads are not supported on global secondary indexes")
	}
	if !s.index.local && s.index.projection != "ALL" && r.in.String("Select") == allAttributes {
		return nil, invalid(invalidParams+"Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", s.name)
	}
	s.source = s.index.collection
	return s, nil
}

const allAttributes = "ALL_ATTRIBUTES"

// checkSelect refuses attributes that do not go together. AWS: Query, "Select".
func (r *request) checkSelect() error {
	chosen, names := r.in.String("Select"), projectionMember
	if r.in.Has(attributesMember) {
		names = attributesMember
	}
	projected := r.in.Has(names)
	switch {
	case chosen == "ALL_PROJECTED_ATTRIBUTES" && !r.in.Has("IndexName"):
		return invalid("1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case chosen == "SPECIFIC_ATTRIBUTES" && !projected:
		return invalid("1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case chosen == "" || chosen == "SPECIFIC_ATTRIBUTES" || !projected:
		return nil
	case chosen == "COUNT":
		chosen = "only the Count"
	}
	return invalid("1 validation error detected: Cannot specify the %s when choosing to get %s", names, chosen)
}

func (db *database) query(in wire.Object) (wire.Object, error) {
	r, err := db.read(formQuery, in)
	if err != nil {
		return nil, err
	}
	if err := r.checkSelect(); err != nil {
		return nil, err
	}
	condition := r.parsed["KeyConditionExpression"]
	if condition == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	parts, err := (&checker{r.scope(nil), condition.member}).keyParts(condition.root)
	if err != nil {
		return nil, err
	}
	s, err := db.search(r)
	if err != nil {
		return nil, err
	}
	hash, ranged, err := s.keys(parts)
	if err != nil {
		return nil, err
	}
	if err := s.checkFilter(); err != nil {
		return nil, err
	}
	if err := s.checkStart(hash, ranged); err != nil {
		return nil, err
	}
	rows := s.partition(hash, ranged)
	forward, given := in.Bool("ScanIndexForward")
	if given && !forward {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
		return s.page(rows, func(a, b row) int { return before(b, a) })
	}
	return s.page(rows, before)
}

// checkFilter refuses a filter on a key. AWS: Query, "FilterExpression".
func (s *search) checkFilter() error {
	filter := s.parsed["FilterExpression"]
	if filter == nil {
		return nil
	}
	for _, name := range s.source.schema.names() {
		if s.mentions(filter.root, name) {
			return invalid("%s can only contain non-primary key attributes: Primary key attribute: %s", filterName(s.in), name)
		}
	}
	return nil
}

// filterName returns the name of the filter in messages.
func filterName(in wire.Object) string {
	if in.Has("QueryFilter") {
		return "QueryFilter"
	}
	return "Filter Expression"
}

// mentions reports whether a path of a condition begins with an attribute.
func (r *request) mentions(n *node, name string) bool {
	if n.op == "path" {
		return r.scope(nil).name(n.path[0].name) == name
	}
	return slices.ContainsFunc(n.args, func(argument *node) bool { return r.mentions(argument, name) })
}

// scan reads the partitions in the order of their keys.
func (db *database) scan(in wire.Object) (wire.Object, error) {
	r, err := db.read(formScan, in)
	if err != nil {
		return nil, err
	}
	if err := r.checkSelect(); err != nil {
		return nil, err
	}
	segment, segments, err := r.segment()
	if err != nil {
		return nil, err
	}
	s, err := db.search(r)
	if err != nil {
		return nil, err
	}
	if err := s.checkStart(nil, nil); err != nil {
		return nil, err
	}
	var rows []row
	for _, name := range slices.Sorted(maps.Keys(s.source.partitions)) {
		if segments == 0 || segmentOf(name, segments) == segment {
			rows = append(rows, s.source.partitions[name]...)
		}
	}
	return s.page(rows, func(a, b row) int {
		if order := strings.Compare(s.source.schema.partition(a.item), s.source.schema.partition(b.item)); order != 0 {
			return order
		}
		return before(a, b)
	})
}

// segment returns the part of a parallel scan; zero segments are a whole scan.
func (r *request) segment() (segment, segments int, err error) {
	segment, one := r.in.Int("Segment")
	segments, all := r.in.Int("TotalSegments")
	switch {
	case one && !all:
		return 0, 0, invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case all && !one:
		return 0, 0, invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case all && segment >= segments:
		return 0, 0, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", segment, segments)
	}
	return segment, segments, nil
}

// segmentOf returns the segment of a partition.
func segmentOf(partition string, segments int) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(partition))
	return int(sum.Sum32() % uint32(segments))
}

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
