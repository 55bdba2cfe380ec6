package dynamo

import (
	"maps"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// batchWriteItem plans all writes, and applies them if every request is valid.
func (db *database) batchWriteItem(in wire.Object) (wire.Object, error) {
	if err := checkBatch(in, maxBatchWrite); err != nil {
		return nil, err
	}
	var planned []change
	seen := map[string]bool{}
	given := in.Object("RequestItems")
	for _, name := range slices.Sorted(maps.Keys(given)) {
		for _, entry := range given.Objects(name) {
			single, err := db.planBatch(name, entry)
			if err != nil {
				return nil, err
			}
			id := single.table.name + "\x00" + single.primary
			if seen[id] {
				return nil, invalid("Provided list of item keys contains duplicates")
			}
			seen[id] = true
			planned = append(planned, single)
		}
	}
	for _, single := range planned {
		single.apply()
	}
	return wire.Object{"UnprocessedItems": wire.Object{}}, nil
}

// checkBatch refuses more requests than a batch may have, in all its tables.
func checkBatch(in wire.Object, most int) error {
	total := 0
	given := in.Object("RequestItems")
	for name := range given {
		total += len(given.Objects(name))
	}
	if total > most {
		return invalid("Too many items requested for the BatchWriteItem call")
	}
	return nil
}

func (db *database) planBatch(name string, entry wire.Object) (change, error) {
	single, plan := wire.Object{"TableName": name}, planDelete
	put, remove := entry.Object("PutRequest"), entry.Object("DeleteRequest")
	switch {
	case put != nil && remove != nil:
		return change{}, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case put != nil:
		single["Item"], plan = put["Item"], planPut
	case remove != nil:
		single["Key"] = remove["Key"]
	default:
		return change{}, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	r, err := db.open(formPut, single)
	if err != nil {
		return change{}, err
	}
	return plan(r)
}

// batchGetItem reads items up to 16 MB and returns the other keys as unprocessed.
func (db *database) batchGetItem(in wire.Object) (wire.Object, error) {
	total := 0
	given := in.Object("RequestItems")
	for name := range given {
		total += len(given.Object(name).Objects("Keys"))
	}
	if total > maxBatchGet {
		return nil, invalid("Too many items requested for the BatchGetItem call")
	}
	responses, left := wire.Object{}, wire.Object{}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(given)) {
		found, rest, err := db.batchGetTable(name, given.Object(name), &size)
		if err != nil {
			return nil, err
		}
		responses[name] = found
		if rest != nil {
			left[name] = rest
		}
	}
	return wire.Object{"Responses": responses, "UnprocessedKeys": left}, nil
}

// batchGetTable reads the keys of a table. It returns the request of the keys that are
// too much for the answer, or nil.
func (db *database) batchGetTable(name string, asked wire.Object, size *int) (found []any, rest wire.Object, err error) {
	found = []any{}
	seen := map[string]bool{}
	keys := asked.Objects("Keys")
	shared := maps.Clone(asked)
	delete(shared, "Keys")
	shared["TableName"] = name
	r, err := db.open(formGet, shared)
	if err != nil {
		return nil, nil, err
	}
	for n, k := range keys {
		if r.item, err = checkItem(k); err != nil {
			return nil, nil, err
		}
		stored, err := r.get()
		if err != nil {
			return nil, nil, err
		}
		id := r.table.primaryKey(r.item)
		if seen[id] {
			return nil, nil, invalid("Provided list of item keys contains duplicates")
		}
		seen[id] = true
		if stored == nil {
			continue
		}
		if *size += sizeOf(stored); *size > maxBatchBytes {
			rest = maps.Clone(asked)
			rest["Keys"] = keys[n:]
			return found, rest, nil
		}
		found = append(found, r.projected(stored))
	}
	return found, nil, nil
}
