package dynamo

import (
	"maps"

	"homeostat/shared/sim/ecssim/wire"
)

// change is a planned write: the item before it and after it.
type change struct {
	table      *table
	old, fresh item
	primary    string
}

func (c change) apply() { c.table.replace(c.old, c.fresh) }

func (db *database) planPut(in wire.Object) (change, *request, error) {
	r, err := db.open(in)
	if err != nil {
		return change{}, nil, err
	}
	fresh, err := checkItem(in.Object("Item"))
	if err == nil {
		err = r.table.checkStored(fresh)
	}
	if err != nil {
		return change{}, nil, err
	}
	old := r.table.get(fresh)
	return change{r.table, old, fresh, r.table.primaryKey(fresh)}, r, r.permitted(old)
}

func (db *database) planDelete(in wire.Object) (change, *request, error) {
	r, k, err := db.openKey(in)
	if err != nil {
		return change{}, nil, err
	}
	old := r.table.get(k)
	return change{r.table, old, nil, r.table.primaryKey(k)}, r, r.permitted(old)
}

// planCheck plans the condition check of a transaction. It changes nothing.
func (db *database) planCheck(in wire.Object) (change, *request, error) {
	planned, r, err := db.planDelete(in)
	planned.fresh = planned.old
	return planned, r, err
}

func (db *database) openKey(in wire.Object) (*request, item, error) {
	r, err := db.open(in)
	if err != nil {
		return nil, nil, err
	}
	k, err := r.key()
	return r, k, err
}

func (db *database) planUpdate(in wire.Object) (change, *request, error) {
	r, k, err := db.openKey(in)
	if err != nil {
		return change{}, nil, err
	}
	old := r.table.get(k)
	planned := change{r.table, old, nil, r.table.primaryKey(k)}
	if err := r.permitted(old); err != nil {
		return planned, r, err
	}
	start := old
	if start == nil {
		start = k
	}
	planned.fresh = start
	if update := r.parsed["UpdateExpression"]; update != nil {
		planned.fresh, err = r.update(start, update.root)
	}
	return planned, r, err
}

func (r *request) update(start item, root *node) (item, error) {
	s := r.scope(start)
	for _, clause := range root.sets {
		if name := s.name(clause.target.path[0].name); name == r.table.schema.hash || name == r.table.schema.ranged {
			return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	fresh, err := s.apply(root)
	if err != nil {
		return nil, err
	}
	return fresh, r.table.checkStored(fresh)
}

func (db *database) putItem(in wire.Object) (wire.Object, error) {
	return finish(db.planPut(in))
}

func (db *database) deleteItem(in wire.Object) (wire.Object, error) {
	return finish(db.planDelete(in))
}

func (db *database) updateItem(in wire.Object) (wire.Object, error) {
	return finish(db.planUpdate(in))
}

// finish applies a single write and returns the values that the request wants.
func finish(planned change, r *request, err error) (wire.Object, error) {
	if err != nil {
		return nil, err
	}
	planned.apply()
	attributes := item(nil)
	switch r.in.String("ReturnValues") {
	case "ALL_OLD":
		attributes = planned.old
	case "ALL_NEW":
		attributes = planned.fresh
	case "UPDATED_OLD":
		attributes = r.touched(planned.old)
	case "UPDATED_NEW":
		attributes = r.touched(planned.fresh)
	}
	if len(attributes) == 0 {
		return wire.Object{}, nil
	}
	return wire.Object{"Attributes": attributes}, nil
}

// touched returns the attributes that an update names.
func (r *request) touched(i item) item {
	out := item{}
	update := r.parsed["UpdateExpression"]
	if update == nil {
		return out
	}
	for _, clause := range update.root.sets {
		name := r.scope(nil).name(clause.target.path[0].name)
		if value := i[name]; value != nil {
			out[name] = value
		}
	}
	return out
}

func (db *database) getItem(in wire.Object) (wire.Object, error) {
	r, k, err := db.openKey(in)
	if err != nil {
		return nil, err
	}
	found := r.projected(r.table.get(k))
	if found == nil {
		return wire.Object{}, nil
	}
	return wire.Object{"Item": found}, nil
}

func (db *database) batchWriteItem(in wire.Object) (wire.Object, error) {
	var planned []change
	seen := map[string]bool{}
	for name, list := range in.Object("RequestItems") {
		for _, entry := range (wire.Object{"list": list}).Objects("list") {
			single, err := db.planBatch(name, entry)
			if err != nil {
				return nil, err
			}
			id := name + "\x00" + single.primary
			if seen[id] {
				return nil, invalid("Provided list of item keys contains duplicates")
			}
			seen[id] = true
			planned = append(planned, single)
		}
	}
	if len(planned) == 0 || len(planned) > 25 {
		return nil, invalid("Member must have length less than or equal to 25, greater than or equal to 1")
	}
	for _, single := range planned {
		single.apply()
	}
	return wire.Object{"UnprocessedItems": wire.Object{}}, nil
}

func (db *database) planBatch(name string, entry wire.Object) (change, error) {
	single := wire.Object{"TableName": name}
	if put := entry.Object("PutRequest"); put != nil {
		single["Item"] = put["Item"]
		planned, _, err := db.planPut(single)
		return planned, err
	}
	single["Key"] = entry.Object("DeleteRequest")["Key"]
	planned, _, err := db.planDelete(single)
	return planned, err
}

func (db *database) batchGetItem(in wire.Object) (wire.Object, error) {
	responses := wire.Object{}
	for name := range in.Object("RequestItems") {
		asked := in.Object("RequestItems").Object(name)
		found := []any{}
		for _, k := range asked.Objects("Keys") {
			single := maps.Clone(asked)
			delete(single, "Keys")
			single["TableName"], single["Key"] = name, map[string]any(k)
			out, err := db.getItem(single)
			if err != nil {
				return nil, err
			}
			if out.Has("Item") {
				found = append(found, out["Item"])
			}
		}
		responses[name] = found
	}
	return wire.Object{"Responses": responses, "UnprocessedKeys": wire.Object{}}, nil
}
