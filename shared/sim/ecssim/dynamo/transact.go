package dynamo

import (
	"errors"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// action is one entry of a transaction.
type action struct {
	*request
	plan planner
}

// transactWriteItems plans all writes against the current tables, and applies
// them only if every one is valid and every condition holds.
func (db *database) transactWriteItems(in wire.Object) (wire.Object, error) {
	actions, err := db.actions(in.Objects("TransactItems"))
	if err != nil {
		return nil, err
	}
	planned := make([]change, len(actions))
	reasons := make([]wire.Object, len(actions))
	failed := false
	for i, one := range actions {
		single, err := db.plan(one.request, one.plan)
		reasons[i] = wire.Object{"Code": "None"}
		if err != nil {
			if reasons[i], err = reasonOf(err); err != nil {
				return nil, err
			}
			failed = true
		}
		planned[i] = single
	}
	if failed {
		return nil, canceled(reasons)
	}
	for _, single := range planned {
		single.apply()
	}
	return wire.Object{}, nil
}

// actions reads the entries of a transaction and finds their tables.
func (db *database) actions(entries []wire.Object) ([]action, error) {
	out := make([]action, len(entries))
	for i, entry := range entries {
		one, err := db.action(entry)
		if err != nil {
			return nil, err
		}
		out[i] = one
	}
	seen := map[string]bool{}
	for _, one := range out {
		if err := db.find(one.request); err != nil {
			return nil, err
		}
		if err := one.table.checkEmpty(one.item); err != nil {
			return nil, err
		}
		if len(out) == 1 {
			return out, nil
		}
		id := one.table.name + "\x00" + one.table.primaryKey(one.item)
		if seen[id] {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[id] = true
	}
	return out, nil
}

func (db *database) action(entry wire.Object) (action, error) {
	var out action
	for _, kind := range [...]struct {
		member string
		form   form
		plan   planner
	}{
		{"Put", formPut, planPut}, {"Update", formUpdate, planUpdate}, {"Delete", formPut, planDelete}, {"ConditionCheck", formPut, planCheck},
	} {
		single := entry.Object(kind.member)
		switch {
		case single == nil:
			continue
		case out.plan != nil:
			return out, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
		}
		r, err := db.read(kind.form, single)
		if err != nil {
			return out, err
		}
		out = action{r, kind.plan}
	}
	if out.plan == nil {
		return out, invalid("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
	}
	return out, nil
}

const conflictCode = "TransactionConflictException"

// plan plans a write of an item that no other transaction holds.
func (db *database) plan(r *request, plan planner) (change, error) {
	if err := db.conflict(r); err != nil {
		return change{}, err
	}
	return plan(r)
}

// conflict returns the error for an item of an ongoing transaction.
func (db *database) conflict(r *request) error {
	if db.busy == nil {
		return nil
	}
	k := wire.Object{}
	for _, name := range r.table.schema.names() {
		k[name] = r.item[name]
	}
	if db.busy(r.table.name, k) {
		return wire.Errorf(conflictCode, "Transaction is ongoing for the item")
	}
	return nil
}

// reasonOf returns a failed condition or an invalid write as a reason of the
// cancellation. AWS: TransactWriteItems, "CancellationReasons".
func reasonOf(err error) (wire.Object, error) {
	failed, ok := errors.AsType[*wire.Error](err)
	if !ok {
		return nil, err
	}
	code := map[string]string{
		"ConditionalCheckFailedException": "ConditionalCheckFailed", "ValidationException": "ValidationError",
		conflictCode: "TransactionConflict",
	}[failed.Code]
	if code == "" {
		return nil, err
	}
	reason := wire.Object{"Code": code, "Message": failed.Message}
	if failed.Fields.Has("Item") {
		reason["Item"] = failed.Fields["Item"]
	}
	return reason, nil
}

func canceled(reasons []wire.Object) error {
	codes := make([]string, len(reasons))
	for i, reason := range reasons {
		codes[i] = reason.String("Code")
	}
	message := "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]"
	return &wire.Error{
		Code: "TransactionCanceledException", Message: message,
		Fields: wire.Object{"CancellationReasons": reasons, "Message": message},
	}
}

// transactGetItems reads items. A key that does not fit its table cancels all reads.
func (db *database) transactGetItems(in wire.Object) (wire.Object, error) {
	entries := in.Objects("TransactItems")
	responses := make([]wire.Object, len(entries))
	reasons := make([]wire.Object, len(entries))
	failed := false
	for i, entry := range entries {
		r, err := db.open(formGet, entry.Object("Get"))
		if err != nil {
			return nil, err
		}
		found, err := r.get()
		if err == nil {
			err = db.conflict(r)
		}
		responses[i], reasons[i] = wire.Object{}, wire.Object{"Code": "None"}
		if err != nil {
			if reasons[i], err = reasonOf(err); err != nil {
				return nil, err
			}
			failed = true
		}
		if found != nil {
			responses[i]["Item"] = r.projected(found)
		}
	}
	if failed {
		return nil, canceled(reasons)
	}
	return wire.Object{"Responses": responses}, nil
}
