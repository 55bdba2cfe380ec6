package dynamo

import (
	"errors"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// transactWriteItems plans all writes against the current tables, and applies
// them only if every condition holds.
func (db *database) transactWriteItems(in wire.Object) (wire.Object, error) {
	items := in.Objects("TransactItems")
	if len(items) == 0 || len(items) > maxTransaction {
		return nil, invalid("Member must have length less than or equal to %d, greater than or equal to 1", maxTransaction)
	}
	planned := make([]change, len(items))
	reasons := make([]wire.Object, len(items))
	seen := map[string]bool{}
	failed := false
	for i, entry := range items {
		single, err := db.planTransact(entry)
		reasons[i] = wire.Object{"Code": "None"}
		if err != nil {
			var conditional bool
			if reasons[i], conditional = reasonOf(err); !conditional {
				return nil, err
			}
			failed = true
		}
		id := single.table.name + "\x00" + single.primary
		if seen[id] {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[id] = true
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

func (db *database) planTransact(entry wire.Object) (change, error) {
	for member, plan := range map[string]func(wire.Object) (change, *request, error){
		"Put": db.planPut, "Update": db.planUpdate, "Delete": db.planDelete, "ConditionCheck": db.planCheck,
	} {
		if single := entry.Object(member); single != nil {
			planned, _, err := plan(single)
			return planned, err
		}
	}
	return change{}, invalid("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
}

// reasonOf returns a failed condition as a reason of the cancellation.
func reasonOf(err error) (reason wire.Object, conditional bool) {
	failed, ok := errors.AsType[*wire.Error](err)
	if !ok || failed.Code != "ConditionalCheckFailedException" {
		return nil, false
	}
	reason = wire.Object{"Code": "ConditionalCheckFailed", "Message": failed.Message}
	if failed.Fields.Has("Item") {
		reason["Item"] = failed.Fields["Item"]
	}
	return reason, true
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

func (db *database) transactGetItems(in wire.Object) (wire.Object, error) {
	responses := []wire.Object{}
	for _, entry := range in.Objects("TransactItems") {
		out, err := db.getItem(entry.Object("Get"))
		if err != nil {
			return nil, err
		}
		responses = append(responses, out)
	}
	return wire.Object{"Responses": responses}, nil
}
