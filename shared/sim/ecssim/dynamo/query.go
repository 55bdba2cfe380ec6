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
