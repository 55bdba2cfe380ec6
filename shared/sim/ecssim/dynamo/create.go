package dynamo

import (
	"maps"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// createTable creates a table, which is active at once.
func (db *database) createTable(in wire.Object) (wire.Object, error) {
	if err := checkCreate(in); err != nil {
		return nil, err
	}
	name := tableName(in)
	if db.tables[name] != nil {
		return nil, wire.Errorf("ResourceInUseException", "Table already exists: %s", name)
	}
	db.created++
	t := &table{
		name: name, place: db.place, types: map[string]string{}, indexes: map[string]*index{}, number: db.created, tags: in.Objects("Tags"),
		protected: isTrue(in, "DeletionProtectionEnabled"), given: in, onDemand: in.String("BillingMode") == onDemand,
		throughput: in.Object("ProvisionedThroughput"), warm: in.Object("WarmThroughput"), definitions: in.Objects("AttributeDefinitions"),
	}
	if db.now != nil {
		t.createdAt = db.now()
	}
	t.readTypes()
	t.schema = schemaOf(in)
	t.rows = newCollection(t.schema)
	for _, local := range []bool{false, true} {
		for _, given := range in.Objects(indexMember(local)) {
			t.addIndex(given, local)
		}
	}
	db.tables[name] = t
	return wire.Object{"TableDescription": t.describe()}, nil
}

const (
	onDemand        = "PAY_PER_REQUEST"
	invalidParams   = "One or more parameter values were invalid: "
	localIndexes    = "LocalSecondaryIndexes"
	globalIndexes   = "GlobalSecondaryIndexes"
	maxLocalIndexes = 5
	maxIndexes      = 20
	maxOfKind       = 4
)

func indexMember(local bool) string {
	if local {
		return localIndexes
	}
	return globalIndexes
}

func isTrue(in wire.Object, member string) bool {
	yes, _ := in.Bool(member)
	return yes
}

func (t *table) readTypes() {
	clear(t.types)
	for _, definition := range t.definitions {
		t.types[definition.String("AttributeName")] = definition.String("AttributeType")
	}
}

// checkCreate refuses a table that AWS does not create. AWS: API reference of CreateTable,
// and "Quotas in Amazon DynamoDB".
func checkCreate(in wire.Object) error {
	if n := len(tableName(in)); n < minName || n > maxName {
		return invalid("TableName must be at least %d characters long and at most %d characters long", minName, maxName)
	}
	if in.Object("StreamSpecification") != nil && isTrue(in.Object("StreamSpecification"), "StreamEnabled") {
		return invalid("ecssim does not model the member StreamSpecification of CreateTable")
	}
	if err := checkThroughput(in); err != nil {
		return err
	}
	if err := checkWarm(in, "table"); err != nil {
		return err
	}
	if len(in.Objects("KeySchema")) > len(in.Objects("AttributeDefinitions")) {
		return invalid("Invalid KeySchema: Some index key attribute have no definition")
	}
	if err := checkSchema(in, in); err != nil {
		return err
	}
	if err := checkPair(in); err != nil {
		return err
	}
	names := map[string]bool{}
	for _, local := range []bool{true, false} {
		if err := checkIndexes(in, local, names); err != nil {
			return err
		}
	}
	return checkDefinitions(in)
}

// checkThroughput compares the throughput of a table with its billing mode.
func checkThroughput(in wire.Object) error {
	given := in.Object("ProvisionedThroughput")
	if in.String("BillingMode") == onDemand {
		if given != nil {
			return invalid(invalidParams + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		return nil
	}
	if given == nil {
		return invalid(invalidParams + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return nil
}

// checkWarm compares a warm throughput with the initial one of tables on demand. AWS:
// "Understanding DynamoDB warm throughput".
func checkWarm(given wire.Object, of string) error {
	for _, rule := range []struct {
		member string
		least  int
	}{{"ReadUnitsPerSecond", warmReads}, {"WriteUnitsPerSecond", warmWrites}} {
		if n, ok := given.Object("WarmThroughput").Int(rule.member); ok && n < rule.least {
			return invalid(invalidParams+"Requested %s for WarmThroughput for %s is lower than initial throughput for OnDemand", rule.member, of)
		}
	}
	return nil
}

// checkSchema checks the keys of a table or an index of a request.
func checkSchema(in, given wire.Object) error {
	var keys, defined []string
	elements := given.Objects("KeySchema")
	for _, element := range elements {
		keys = append(keys, element.String("AttributeName"))
	}
	for _, definition := range in.Objects("AttributeDefinitions") {
		defined = append(defined, definition.String("AttributeName"))
	}
	switch {
	case slices.ContainsFunc(keys, func(k string) bool { return !slices.Contains(defined, k) }):
		return invalid(invalidParams+"Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]", strings.Join(keys, ", "), strings.Join(defined, ", "))
	case len(slices.Compact(slices.Sorted(slices.Values(keys)))) < len(keys):
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case elements[0].String("KeyType") != "HASH":
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	return nil
}

// checkPair refuses a key of a table or a local index with more than one attribute of
// each kind.
func checkPair(given wire.Object) error {
	elements := given.Objects("KeySchema")
	switch {
	case len(elements) > 2:
		return invalid("1 validation error detected: Value at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2")
	case len(elements) == 2 && elements[1].String("KeyType") != "RANGE":
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}

// checkMany refuses a key of a global index with more than four attributes of a kind, or
// with a hash key after a range key. AWS: "Multi-attribute keys pattern".
func checkMany(given wire.Object, keys schema) error {
	elements := given.Objects("KeySchema")
	hashes := len(keys.hashes())
	for i, element := range elements {
		if (i < hashes) != (element.String("KeyType") == "HASH") {
			return invalid("Invalid KeySchema: HASH key types must come before RANGE key types")
		}
	}
	if hashes > maxOfKind || len(keys.ranges()) > maxOfKind {
		return invalid(invalidParams+"an index key has at most %d attributes of each key type", maxOfKind)
	}
	return nil
}

// checkIndexes checks the indexes of one kind. It adds their names.
func checkIndexes(in wire.Object, local bool, names map[string]bool) error {
	member := indexMember(local)
	given := in.Objects(member)
	most, limit := maxIndexes, "GlobalSecondaryIndex count exceeds the per-table limit of 20"
	if local {
		most, limit = maxLocalIndexes, "Number of LocalSecondaryIndexes exceeds per-table limit of 5"
	}
	switch {
	case in.Has(member) && in[member] != nil && len(given) == 0:
		return invalid(invalidParams+"List of %s is empty", member)
	case len(given) > most:
		return invalid("%s%s", invalidParams, limit)
	case local && len(given) > 0 && len(in.Objects("KeySchema")) < 2:
		return invalid(invalidParams + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for _, one := range given {
		name := one.String("IndexName")
		if err := checkIndex(in, one, local); err != nil {
			return err
		}
		if names[name] {
			return invalid(invalidParams+"Duplicate index name: %s", name)
		}
		names[name] = true
	}
	return nil
}

func checkIndex(in, given wire.Object, local bool) error {
	if err := checkSchema(in, given); err != nil {
		return err
	}
	name, keys, table := given.String("IndexName"), schemaOf(given), schemaOf(in)
	shape := checkMany(given, keys)
	if local {
		shape = checkPair(given)
	}
	if shape != nil {
		return shape
	}
	switch {
	case local && keys.ranged == "":
		return invalid(invalidParams+"Index KeySchema does not have a range key for index: %s", name)
	case local && keys.hash != table.hash:
		return invalid(invalidParams+"Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s", name, keys.hash, table.hash)
	case !local && in.String("BillingMode") == onDemand && given.Object("ProvisionedThroughput") != nil:
		return invalid(invalidParams+"ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", name)
	}
	if err := checkProjection(given.Object("Projection")); err != nil {
		return err
	}
	return checkWarm(given, "index "+name)
}

func checkProjection(projection wire.Object) error {
	kind := projection.String("ProjectionType")
	switch {
	case kind == "":
		return invalid(invalidParams + "Unknown ProjectionType: null")
	case kind == "INCLUDE" && !projection.Has("NonKeyAttributes"):
		return invalid(invalidParams + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case kind != "INCLUDE" && projection.Has("NonKeyAttributes"):
		return invalid(invalidParams+"ProjectionType is %s, but NonKeyAttributes is specified", kind)
	}
	return nil
}

// checkDefinitions refuses definitions of attributes that are in no key.
func checkDefinitions(in wire.Object) error {
	used := map[string]bool{}
	for _, given := range slices.Concat([]wire.Object{in}, in.Objects(localIndexes), in.Objects(globalIndexes)) {
		for _, element := range given.Objects("KeySchema") {
			used[element.String("AttributeName")] = true
		}
	}
	var keys, defined []string
	for _, definition := range in.Objects("AttributeDefinitions") {
		name := definition.String("AttributeName")
		defined = append(defined, name)
		if used[name] {
			keys = append(keys, name)
		}
	}
	switch {
	case len(keys) == len(defined):
		return nil
	case len(in.Objects(localIndexes))+len(in.Objects(globalIndexes)) == 0:
		return invalid(invalidParams + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return invalid(invalidParams+"Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]", strings.Join(defined, ", "), strings.Join(keys, ", "))
}

// schemaOf returns the keys of a table or an index.
func schemaOf(given wire.Object) schema {
	var out schema
	for _, element := range given.Objects("KeySchema") {
		name := element.String("AttributeName")
		switch hashed := element.String("KeyType") == "HASH"; {
		case hashed && out.hash == "":
			out.hash = name
		case hashed:
			out.moreHash = append(out.moreHash, name)
		case out.ranged == "":
			out.ranged = name
		default:
			out.moreRanged = append(out.moreRanged, name)
		}
	}
	return out
}

// addIndex adds an index with the items of the table that have its keys.
func (t *table) addIndex(given wire.Object, local bool) {
	projection := given.Object("Projection")
	added := &index{
		collection: newCollection(schemaOf(given)), local: local, given: given, throughput: given.Object("ProvisionedThroughput"),
		warm: given.Object("WarmThroughput"), projection: projection.String("ProjectionType"), include: projection.Strings("NonKeyAttributes"),
	}
	t.indexes[given.String("IndexName")] = added
	t.sorted = slices.Sorted(maps.Keys(t.indexes))
	for _, rows := range t.rows.partitions {
		for _, at := range rows {
			if added.holds(at.item) {
				added.put(at.item, at.primary, at.size)
			}
		}
	}
}
