package dynamo

import (
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// describe returns the description of an active table.
func (t *table) describe() wire.Object {
	out := wire.Object{
		"TableName": t.name, "TableStatus": statusActive, "TableArn": t.arn(), "TableId": t.id(),
		"KeySchema": t.given["KeySchema"], "AttributeDefinitions": t.definitions,
		"ItemCount": t.count, "TableSizeBytes": t.rows.bytes(), "DeletionProtectionEnabled": t.protected,
		"ProvisionedThroughput": t.described(t.throughput), "WarmThroughput": t.describedWarm(t.warm, t.throughput),
	}
	if !t.createdAt.IsZero() {
		out["CreationDateTime"] = seconds(t.createdAt)
	}
	if t.onDemand || t.switched {
		out["BillingModeSummary"] = wire.Object{"BillingMode": t.billingMode()}
	}
	if class := t.given.String("TableClass"); class != "" {
		out["TableClassSummary"] = wire.Object{"TableClass": class}
	}
	if key := t.given.Object("SSESpecification"); isTrue(key, "Enabled") {
		out["SSEDescription"] = t.describedKey(key)
	}
	for _, name := range t.sorted {
		x := t.indexes[name]
		member := indexMember(x.local)
		list, _ := out[member].([]wire.Object)
		out[member] = append(list, t.describeIndex(name, x))
	}
	return out
}

const statusActive = "ACTIVE"

func (t *table) describeIndex(name string, x *index) wire.Object {
	out := wire.Object{
		"IndexName": name, "KeySchema": x.given["KeySchema"], "Projection": x.given["Projection"],
		"IndexArn": t.arn() + "/index/" + name, "ItemCount": x.items(), "IndexSizeBytes": x.bytes(),
	}
	if !x.local {
		out["IndexStatus"] = statusActive
		out["ProvisionedThroughput"] = t.described(x.throughput)
		out["WarmThroughput"] = t.describedWarm(x.warm, x.throughput)
	}
	return out
}

// described returns a throughput; zero units on demand.
func (t *table) described(given wire.Object) wire.Object {
	out := wire.Object{"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
	if !t.onDemand {
		maps.Copy(out, given)
	}
	return out
}

// describedWarm returns the warm throughput: the given one, that of a new table on demand,
// or the provisioned one.
func (t *table) describedWarm(warm, provisioned wire.Object) wire.Object {
	out := wire.Object{"ReadUnitsPerSecond": warmReads, "WriteUnitsPerSecond": warmWrites, "Status": statusActive}
	if !t.onDemand && provisioned != nil {
		out["ReadUnitsPerSecond"], out["WriteUnitsPerSecond"] = provisioned["ReadCapacityUnits"], provisioned["WriteCapacityUnits"]
	}
	maps.Copy(out, warm)
	return out
}

func (t *table) billingMode() string {
	if t.onDemand {
		return onDemand
	}
	return "PROVISIONED"
}

// describedKey returns the encryption; without a key it is AWS's own one.
func (t *table) describedKey(given wire.Object) wire.Object {
	arn := given.String("KMSMasterKeyId")
	if arn == "" {
		arn = "arn:aws:kms:" + t.place + ":key/00000000-0000-4000-8000-000000000000"
	}
	return wire.Object{"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

func (db *database) named(in wire.Object) (*table, error) {
	if t := db.tables[tableName(in)]; t != nil {
		return t, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", in.String("TableName"))
}

func (db *database) describeTable(in wire.Object) (wire.Object, error) {
	t, err := db.named(in)
	if err != nil {
		return nil, err
	}
	return wire.Object{"Table": t.describe()}, nil
}

func (db *database) deleteTable(in wire.Object) (wire.Object, error) {
	t, err := db.named(in)
	if err != nil {
		return nil, err
	}
	if t.protected {
		return nil, invalid("1 validation error detected: Table '%s' can't be deleted while DeletionProtectionEnabled is set to True", t.name)
	}
	delete(db.tables, t.name)
	out := t.describe()
	out["TableStatus"] = "DELETING"
	return wire.Object{"TableDescription": out}, nil
}

// listTables returns the names in pages, after ExclusiveStartTableName.
func (db *database) listTables(in wire.Object) (wire.Object, error) {
	names := slices.Sorted(maps.Keys(db.tables))
	after := in.String("ExclusiveStartTableName")
	names = slices.DeleteFunc(names, func(name string) bool { return strings.Compare(name, after) <= 0 })
	limit, given := in.Int("Limit")
	if !given {
		limit = maxListed
	}
	if len(names) <= limit {
		return wire.Object{"TableNames": names}, nil
	}
	return wire.Object{"TableNames": names[:limit], "LastEvaluatedTableName": names[limit-1]}, nil
}
