package dynamo

import (
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

func (db *database) updateTimeToLive(in wire.Object) (wire.Object, error) {
	t, err := db.named(in)
	if err != nil {
		return nil, err
	}
	given := in.Object("TimeToLiveSpecification")
	enabled, name := isTrue(given, "Enabled"), given.String("AttributeName")
	switch {
	case enabled && t.ttl != "":
		return nil, invalid("TimeToLive is already enabled")
	case !enabled && t.ttl == "":
		return nil, invalid("TimeToLive is already disabled")
	case !enabled && t.ttl != name:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.ttl)
	}
	t.ttl = ""
	if enabled {
		t.ttl = name
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

// tagged returns the table of a ResourceArn.
func (db *database) tagged(in wire.Object) (*table, error) {
	arn := in.String("ResourceArn")
	if t := db.tables[tableName(wire.Object{"TableName": arn})]; t != nil && t.arn() == arn {
		return t, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Requested resource not found: ResourcArn: %s not found", arn)
}

func (db *database) tagResource(in wire.Object) (wire.Object, error) {
	t, err := db.tagged(in)
	if err != nil {
		return nil, err
	}
	tags := slices.Clone(t.tags)
	for _, tag := range in.Objects("Tags") {
		n := slices.IndexFunc(tags, func(known wire.Object) bool { return known.String("Key") == tag.String("Key") })
		if n < 0 {
			tags = append(tags, tag)
		} else {
			tags[n] = tag
		}
	}
	if len(tags) > maxTags {
		return nil, invalid("One or more parameter values were invalid: Too many tags: a table has at most %d", maxTags)
	}
	t.tags = tags
	return wire.Object{}, nil
}

func (db *database) untagResource(in wire.Object) (wire.Object, error) {
	t, err := db.tagged(in)
	if err != nil {
		return nil, err
	}
	keys := in.Strings("TagKeys")
	t.tags = slices.DeleteFunc(slices.Clone(t.tags), func(tag wire.Object) bool { return slices.Contains(keys, tag.String("Key")) })
	return wire.Object{}, nil
}

// listTagsOfResource returns the tags in pages of ten.
func (db *database) listTagsOfResource(in wire.Object) (wire.Object, error) {
	t, err := db.tagged(in)
	if err != nil {
		return nil, err
	}
	from := 0
	if token := in.String("NextToken"); token != "" {
		from, err = strconv.Atoi(strings.TrimPrefix(token, tokenPrefix))
		if err != nil || from < 0 || from > len(t.tags) {
			return nil, invalid("The provided NextToken is invalid: %s", token)
		}
	}
	to := min(from+tagPage, len(t.tags))
	out := wire.Object{"Tags": slices.Concat([]wire.Object{}, t.tags[from:to])}
	if to < len(t.tags) {
		out["NextToken"] = tokenPrefix + strconv.Itoa(to)
	}
	return out, nil
}

const tokenPrefix = "tags-"

// describeLimits returns the initial quotas of an account. AWS: "Quotas in Amazon
// DynamoDB" has 80,000 units an account and 40,000 a table.
func (db *database) describeLimits(wire.Object) (wire.Object, error) {
	return wire.Object{
		"AccountMaxReadCapacityUnits": accountUnits, "AccountMaxWriteCapacityUnits": accountUnits,
		"TableMaxReadCapacityUnits": tableUnits, "TableMaxWriteCapacityUnits": tableUnits,
	}, nil
}

// recovery returns the description of the backups of a table.
func (db *database) recovery(t *table) wire.Object {
	point := wire.Object{"PointInTimeRecoveryStatus": "DISABLED"}
	if t.recoveryDays > 0 {
		point = wire.Object{"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": t.recoveryDays}
		if db.now != nil {
			point["EarliestRestorableDateTime"] = seconds(t.recoverable)
			point["LatestRestorableDateTime"] = seconds(db.now())
		}
	}
	return wire.Object{"ContinuousBackupsDescription": wire.Object{
		"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": point,
	}}
}

func (db *database) backedUp(in wire.Object) (*table, error) {
	if t := db.tables[tableName(in)]; t != nil {
		return t, nil
	}
	return nil, wire.Errorf("TableNotFoundException", "Table not found: %s", in.String("TableName"))
}

func (db *database) describeContinuousBackups(in wire.Object) (wire.Object, error) {
	t, err := db.backedUp(in)
	if err != nil {
		return nil, err
	}
	return db.recovery(t), nil
}

// updateContinuousBackups keeps the setting. ecssim does not model the restoration.
func (db *database) updateContinuousBackups(in wire.Object) (wire.Object, error) {
	t, err := db.backedUp(in)
	if err != nil {
		return nil, err
	}
	given := in.Object("PointInTimeRecoverySpecification")
	if !isTrue(given, "PointInTimeRecoveryEnabled") {
		t.recoveryDays = 0
		return db.recovery(t), nil
	}
	if t.recoveryDays == 0 && db.now != nil {
		t.recoverable = db.now()
	}
	t.recoveryDays = recoveryDays
	if days, ok := given.Int("RecoveryPeriodInDays"); ok {
		t.recoveryDays = days
	}
	return db.recovery(t), nil
}
