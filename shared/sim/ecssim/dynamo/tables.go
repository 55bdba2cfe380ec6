package dynamo

import (
	"maps"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

func (db *database) createTable(in wire.Object) (wire.Object, error) {
	name := in.String("TableName")
	if name == "" {
		return nil, invalid("TableName must be at least 3 characters long and at most 255 characters long")
	}
	if db.tables[name] != nil {
		return nil, wire.Errorf("ResourceInUseException", "Table already exists: %s", name)
	}
	t := &table{name: name, types: map[string]string{}, indexes: map[string]*index{}}
	for _, definition := range in.Objects("AttributeDefinitions") {
		t.types[definition.String("AttributeName")] = definition.String("AttributeType")
	}
	keys, err := t.readSchema(in)
	if err != nil {
		return nil, err
	}
	t.schema, t.rows = keys, newCollection(keys)
	for _, member := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		for _, given := range in.Objects(member) {
			if err := t.addIndex(given); err != nil {
				return nil, err
			}
		}
	}
	t.description = describeCreated(name, in)
	db.tables[name] = t
	return wire.Object{"TableDescription": t.describe()}, nil
}

func (t *table) readSchema(in wire.Object) (schema, error) {
	var out schema
	for _, element := range in.Objects("KeySchema") {
		name := element.String("AttributeName")
		if t.types[name] == "" {
			return out, invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", name)
		}
		if element.String("KeyType") == "HASH" {
			out.hash = name
		} else {
			out.ranged = name
		}
	}
	if out.hash == "" {
		return out, invalid("No Hash Key specified in schema.  All Dynamo DB tables must have exactly one hash key")
	}
	return out, nil
}

func (t *table) addIndex(given wire.Object) error {
	keys, err := t.readSchema(given)
	if err != nil {
		return err
	}
	projection := given.Object("Projection")
	t.indexes[given.String("IndexName")] = &index{
		collection: newCollection(keys), projection: projection.String("ProjectionType"),
		include: projection.Strings("NonKeyAttributes"),
	}
	return nil
}

// describeCreated returns the constant part of a description.
func describeCreated(name string, in wire.Object) wire.Object {
	out := wire.Object{
		"TableName": name, "TableStatus": "ACTIVE",
		"TableArn":  "arn:aws:dynamodb:us-east-1:123456789012:table/" + name,
		"KeySchema": in["KeySchema"], "AttributeDefinitions": in["AttributeDefinitions"],
		"BillingModeSummary": wire.Object{"BillingMode": in["BillingMode"]},
	}
	for _, member := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		var indexes []wire.Object
		for _, given := range in.Objects(member) {
			described := wire.Object{
				"IndexName": given["IndexName"], "KeySchema": given["KeySchema"], "Projection": given["Projection"],
			}
			if member == "GlobalSecondaryIndexes" {
				described["IndexStatus"] = "ACTIVE"
			}
			indexes = append(indexes, described)
		}
		if indexes != nil {
			out[member] = indexes
		}
	}
	return out
}

func (t *table) describe() wire.Object {
	out := maps.Clone(t.description)
	out["ItemCount"] = t.count
	return out
}

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
	delete(db.tables, t.name)
	out := t.describe()
	out["TableStatus"] = "DELETING"
	return wire.Object{"TableDescription": out}, nil
}

func (db *database) listTables(wire.Object) (wire.Object, error) {
	return wire.Object{"TableNames": slices.Sorted(maps.Keys(db.tables))}, nil
}

func (db *database) updateTimeToLive(in wire.Object) (wire.Object, error) {
	t, err := db.named(in)
	if err != nil {
		return nil, err
	}
	given := in.Object("TimeToLiveSpecification")
	t.ttl = ""
	if enabled, _ := given.Bool("Enabled"); enabled {
		t.ttl = given.String("AttributeName")
	}
	return wire.Object{"TimeToLiveSpecification": given}, nil
}

func (db *database) describeTimeToLive(in wire.Object) (wire.Object, error) {
	t, err := db.named(in)
	if err != nil {
		return nil, err
	}
	out := wire.Object{"TimeToLiveStatus": "DISABLED"}
	if t.ttl != "" {
		out = wire.Object{"TimeToLiveStatus": "ENABLED", "AttributeName": t.ttl}
	}
	return wire.Object{"TimeToLiveDescription": out}, nil
}
