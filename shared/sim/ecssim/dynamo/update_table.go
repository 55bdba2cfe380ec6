package dynamo

import (
	"maps"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// updateTable changes a table at once: the billing mode, the throughput, the protection,
// and its global indexes. AWS: API reference of UpdateTable.
func (db *database) updateTable(in wire.Object) (wire.Object, error) {
	t, err := db.named(in)
	if err != nil {
		return nil, err
	}
	if err := t.checkUpdate(in); err != nil {
		return nil, err
	}
	if mode := in.String("BillingMode"); mode != "" {
		t.onDemand, t.switched = mode == onDemand, true
	}
	if given := in.Object("ProvisionedThroughput"); given != nil {
		t.throughput = given
	}
	if given := in.Object("WarmThroughput"); given != nil {
		t.warm = given
	}
	if in.Has("DeletionProtectionEnabled") {
		t.protected = isTrue(in, "DeletionProtectionEnabled")
	}
	t.updateSettings(in)
	t.define(t.withDefinitions(in))
	for _, one := range in.Objects("GlobalSecondaryIndexUpdates") {
		t.updateIndex(one)
	}
	t.define(t.usedDefinitions())
	return wire.Object{"TableDescription": t.describe()}, nil
}

// withDefinitions returns the definitions of the table and those of a request.
func (t *table) withDefinitions(in wire.Object) []wire.Object {
	out := slices.Clone(t.definitions)
	for _, given := range in.Objects("AttributeDefinitions") {
		name := given.String("AttributeName")
		if !slices.ContainsFunc(out, func(known wire.Object) bool { return known.String("AttributeName") == name }) {
			out = append(out, given)
		}
	}
	return out
}

// usedDefinitions returns the definitions of attributes in keys.
func (t *table) usedDefinitions() []wire.Object {
	used := t.schema.names()
	for _, x := range t.indexes {
		used = append(used, x.schema.names()...)
	}
	return slices.DeleteFunc(slices.Clone(t.definitions), func(known wire.Object) bool {
		return !slices.Contains(used, known.String("AttributeName"))
	})
}

func (t *table) define(definitions []wire.Object) {
	t.definitions = definitions
	t.readTypes()
}

// updateSettings changes the members that only the description shows.
func (t *table) updateSettings(in wire.Object) {
	for _, member := range []string{"SSESpecification", "TableClass"} {
		if in.Has(member) {
			t.given = maps.Clone(t.given)
			t.given[member] = in[member]
		}
	}
}

func (t *table) checkUpdate(in wire.Object) error {
	for _, member := range []string{"StreamSpecification", "ReplicaUpdates", "MultiRegionConsistency"} {
		if in.Has(member) {
			return invalid("ecssim does not model the member %s of UpdateTable", member)
		}
	}
	given, mode := in.Object("ProvisionedThroughput"), in.String("BillingMode")
	switch {
	case mode == "PROVISIONED" && given == nil && t.onDemand:
		return invalid(invalidParams + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	case given != nil && (mode == onDemand || mode == "" && t.onDemand):
		return invalid(invalidParams + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case given != nil && mode == "" && sameThroughput(given, t.throughput):
		return invalid("The provisioned throughput for the table will not change. The requested value equals the current value.")
	}
	changed := map[string]bool{}
	for _, one := range in.Objects("GlobalSecondaryIndexUpdates") {
		if err := t.checkIndexUpdate(in, one, changed); err != nil {
			return err
		}
	}
	return nil
}

func sameThroughput(a, b wire.Object) bool {
	for _, member := range []string{"ReadCapacityUnits", "WriteCapacityUnits"} {
		x, _ := a.Int(member)
		if y, ok := b.Int(member); !ok || x != y {
			return false
		}
	}
	return true
}

func (t *table) checkIndexUpdate(in, one wire.Object, changed map[string]bool) error {
	action, given := indexAction(one)
	if given == nil {
		return invalid(invalidParams + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
	}
	name := given.String("IndexName")
	if changed[name] {
		return invalid(invalidParams+"Only one global secondary index update per index is allowed simultaneously. Index: %s", name)
	}
	changed[name] = true
	known := t.indexes[name]
	if action != "Create" {
		if known == nil || known.local {
			return wire.Errorf("ResourceNotFoundException", "Requested resource not found")
		}
		return nil
	}
	if known != nil {
		return invalid(invalidParams+"Duplicate index name: %s", name)
	}
	merged := wire.Object{
		"AttributeDefinitions": t.withDefinitions(in), "KeySchema": t.given["KeySchema"], "BillingMode": t.billingMode(),
	}
	return checkIndex(merged, given, false)
}

// indexAction returns the change of an index and its kind; nil without one.
func indexAction(one wire.Object) (action string, given wire.Object) {
	for _, action := range []string{"Create", "Update", "Delete"} {
		if given := one.Object(action); given != nil {
			return action, given
		}
	}
	return "", nil
}

func (t *table) updateIndex(one wire.Object) {
	action, given := indexAction(one)
	name := given.String("IndexName")
	switch action {
	case "Create":
		t.addIndex(given, false)
	case "Delete":
		delete(t.indexes, name)
		t.sorted = slices.Sorted(maps.Keys(t.indexes))
	case "Update":
		if throughput := given.Object("ProvisionedThroughput"); throughput != nil {
			t.indexes[name].throughput = throughput
		}
		if warm := given.Object("WarmThroughput"); warm != nil {
			t.indexes[name].warm = warm
		}
	}
}
