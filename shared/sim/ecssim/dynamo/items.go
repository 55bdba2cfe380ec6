package dynamo

import (
	"errors"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// change is a planned write: the item before it and after it.
type change struct {
	table      *table
	old, fresh item
	primary    string
}

func (c change) apply() { c.table.replace(c.old, c.fresh) }

// planner plans a write of a request whose table is known.
type planner func(*request) (change, error)

func planPut(r *request) (change, error) {
	if err := r.table.checkStored(r.item, unfitValue); err != nil {
		return change{}, err
	}
	old := r.table.get(r.item)
	return change{r.table, old, r.item, r.table.primaryKey(r.item)}, r.permitted(old)
}

func planDelete(r *request) (change, error) {
	if err := r.table.checkKey(r.item); err != nil {
		return change{}, err
	}
	old := r.table.get(r.item)
	return change{r.table, old, nil, r.table.primaryKey(r.item)}, r.permitted(old)
}

// planCheck plans the condition check of a transaction. It changes nothing.
func planCheck(r *request) (change, error) {
	planned, err := planDelete(r)
	planned.fresh = planned.old
	return planned, err
}

func planUpdate(r *request) (change, error) {
	if err := r.table.checkKey(r.item); err != nil {
		return change{}, err
	}
	if err := r.checkTargets(); err != nil {
		return change{}, err
	}
	old := r.table.get(r.item)
	planned := change{r.table, old, nil, r.table.primaryKey(r.item)}
	if err := r.permitted(old); err != nil {
		return planned, err
	}
	planned.fresh = old
	if old == nil {
		planned.fresh = r.item
	}
	update := r.parsed["UpdateExpression"]
	if update == nil {
		return planned, nil
	}
	var err error
	planned.fresh, err = r.update(planned.fresh, update.root)
	return planned, err
}

// checkTargets refuses an update of the key.
func (r *request) checkTargets() error {
	update := r.parsed["UpdateExpression"]
	if update == nil {
		return nil
	}
	s := r.scope(nil)
	for _, clause := range update.root.sets {
		if name := s.name(clause.target.path[0].name); name == r.table.schema.hash || name == r.table.schema.ranged {
			return invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	return nil
}

func (r *request) update(start item, root *node) (item, error) {
	fresh, err := r.scope(start).apply(root)
	if err != nil {
		return nil, err
	}
	if sizeOf(fresh) > maxItem {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	return fresh, r.table.checkStored(fresh, unfitUpdate)
}

func (db *database) putItem(in wire.Object) (wire.Object, error) {
	if wanted := in.String("ReturnValues"); wanted != "" && wanted != "NONE" && wanted != "ALL_OLD" {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	return db.write(formPut, in, planPut)
}

func (db *database) deleteItem(in wire.Object) (wire.Object, error) {
	if wanted := in.String("ReturnValues"); wanted != "" && wanted != "NONE" && wanted != "ALL_OLD" {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	return db.write(formPut, in, planDelete)
}

func (db *database) updateItem(in wire.Object) (wire.Object, error) {
	return db.write(formUpdate, in, planUpdate)
}

// write applies a single write and returns the values that the request wants.
func (db *database) write(f form, in wire.Object, plan planner) (wire.Object, error) {
	r, err := db.read(f, in)
	if err != nil {
		return nil, detected(err)
	}
	if err := db.find(r); err != nil {
		return nil, err
	}
	planned, err := db.plan(r, plan)
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

// detected returns an error of a request of PutItem, UpdateItem or DeleteItem. AWS begins
// some with a count of errors: moto's tests recorded them from AWS.
func detected(err error) error {
	refused, ok := errors.AsType[*wire.Error](err)
	if !ok {
		return err
	}
	for _, counted := range []string{
		"Value provided in ", "ExpressionAttributeValues must", "ExpressionAttributeNames must", "One or more parameter values were invalid: An ",
		"Invalid UpdateExpression: The expression can not", "Invalid UpdateExpression: The \"", "Invalid UpdateExpression: Two ",
	} {
		if strings.HasPrefix(refused.Message, counted) {
			return invalid("1 validation error detected: %s", refused.Message)
		}
	}
	return err
}

// touched returns the parts of an item that an update names.
func (r *request) touched(i item) item {
	update := r.parsed["UpdateExpression"]
	if update == nil {
		return nil
	}
	targets := make([]*node, len(update.root.sets))
	for n, clause := range update.root.sets {
		targets[n] = clause.target
	}
	return r.scope(i).project(targets)
}

func (db *database) getItem(in wire.Object) (wire.Object, error) {
	r, err := db.open(formGet, in)
	if err != nil {
		return nil, err
	}
	found, err := r.get()
	if err != nil || found == nil {
		return wire.Object{}, err
	}
	return wire.Object{"Item": r.projected(found)}, nil
}

// get returns the item of the key; nil without one.
func (r *request) get() (item, error) {
	if err := r.table.checkKey(r.item); err != nil {
		return nil, err
	}
	return r.table.get(r.item), nil
}
