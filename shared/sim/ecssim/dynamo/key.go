package dynamo

import "slices"

// checkKey refuses a key that is not exactly the key of the table.
func (t *table) checkKey(k item) error {
	const unfit = "The provided key element does not match the schema"
	want := 1
	if t.schema.ranged != "" {
		want = 2
	}
	if len(k) != want {
		return invalid(unfit)
	}
	for _, name := range t.schema.names() {
		if kind, _ := typed(k[name]); kind != t.types[name] {
			return invalid(unfit)
		}
	}
	return t.schema.checkValues(k)
}

// names returns the attributes of a key.
func (s schema) names() []string {
	if s.ranged == "" && s.moreHash == nil {
		return []string{s.hash}
	}
	if s.moreHash == nil && s.moreRanged == nil {
		return []string{s.hash, s.ranged}
	}
	return slices.Concat(s.hashes(), s.ranges())
}

func (s schema) hashes() []string { return append([]string{s.hash}, s.moreHash...) }

// ranges returns the attributes of the range key; nil without one.
func (s schema) ranges() []string {
	if s.ranged == "" {
		return nil
	}
	return append([]string{s.ranged}, s.moreRanged...)
}

// checkValues refuses empty and long values of a key.
func (s schema) checkValues(k item) error {
	for _, name := range s.names() {
		if kind, content := typed(k[name]); content == "" {
			return emptyKey(kind, name)
		}
	}
	return s.checkSizes(k)
}

// checkSizes refuses long values of a key. AWS: "Quotas in Amazon DynamoDB".
func (s schema) checkSizes(k item) error {
	switch {
	case keySize(k[s.hash]) > maxHashKey:
		return invalid(invalidParams+"Size of hashkey has exceeded the maximum size limit of%d bytes", maxHashKey)
	case s.ranged != "" && keySize(k[s.ranged]) > maxRangeKey:
		return invalid(invalidParams+"Aggregated size of all range keys has exceeded the size limit of %d bytes", maxRangeKey)
	}
	return nil
}

// keySize returns the bytes of a value; zero for a missing one.
func keySize(value any) int {
	kind, content := typed(value)
	text, _ := content.(string)
	if kind == "B" {
		return len(decoded(text))
	}
	return len(text)
}

// emptyKey returns the error for an empty key attribute.
func emptyKey(kind, name string) error {
	return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", kindName(kind), name)
}

// checkStored refuses an item that the table or one of its indexes cannot store. reason
// is a sentence for an empty key of an index.
func (t *table) checkStored(i item, reason string) error {
	for _, name := range t.schema.names() {
		kind, _ := typed(i[name])
		switch kind {
		case t.types[name]:
		case "":
			return invalid(invalidParams+"Missing the key %s in the item", name)
		default:
			return invalid(invalidParams+"Type mismatch for key %s expected: %s actual: %s", name, t.types[name], kind)
		}
	}
	if err := t.schema.checkValues(i); err != nil {
		return err
	}
	for _, name := range t.sorted {
		if err := t.checkIndexed(name, t.indexes[name], i, reason); err != nil {
			return err
		}
	}
	if sizeOf(i) > maxItem {
		return invalid("Item size has exceeded the maximum allowed size")
	}
	return nil
}

// checkEmpty refuses empty values of keys in the table and its indexes, as AWS does for
// all entries of a transaction at once.
func (t *table) checkEmpty(i item) error {
	for _, name := range t.schema.names() {
		if kind, content := typed(i[name]); content == "" {
			return emptyKey(kind, name)
		}
	}
	for _, index := range t.sorted {
		for _, name := range t.indexes[index].schema.names() {
			if kind, content := typed(i[name]); content == "" {
				return emptyIndexKey(unfitValue, kind, index, name)
			}
		}
	}
	return nil
}

// The reasons against an empty key of an index.
const (
	unfitValue  = "A value specified for a secondary index key is not supported."
	unfitUpdate = "The update expression attempted to update a secondary index key to a value that is not supported."
)

func emptyIndexKey(reason, kind, index, name string) error {
	if reason == unfitUpdate {
		return invalid("One or more parameter values are not valid. %s The AttributeValue for a key attribute cannot contain an empty %s value.", reason, kindName(kind))
	}
	return invalid("One or more parameter values are not valid. %s The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", reason, kindName(kind), index, name)
}

func kindName(kind string) string {
	if kind == "B" {
		return "binary"
	}
	return "string"
}

// checkIndexed refuses an item with an unfit key of an index.
func (t *table) checkIndexed(index string, x *index, i item, reason string) error {
	for _, name := range x.schema.names() {
		kind, content := typed(i[name])
		switch {
		case kind == "":
			continue
		case kind != t.types[name]:
			return invalid(invalidParams+"Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", name, t.types[name], kind, index)
		case content == "":
			return emptyIndexKey(reason, kind, index, name)
		}
	}
	return x.schema.checkSizes(i)
}
