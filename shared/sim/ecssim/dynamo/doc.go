// Package dynamo is DynamoDB in memory: tables with secondary indexes,
// conditions, updates, queries with paging, and transactions. An operation takes
// microseconds, even on a large table, because a simulated day makes hundreds of
// thousands of them.
//
// It is as strict as AWS. For example, it refuses unused placeholders, reserved
// words, updates of keys, redundant parentheses, filters on keys, and numbers out of
// range. It does not model capacity, streams, PartiQL, backups, the deletion of expired
// items and the idempotency tokens of transactions. Indexes
// are always up to date. Requests run one after the other, so that no two of them
// conflict: Config.Busy simulates the transaction of another client.
package dynamo

import (
	"cmp"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// TargetPrefix is the prefix for mounting New with wire.Server.Mount.
const TargetPrefix = "DynamoDB_20120810"

// Config places DynamoDB in an account.
type Config struct {
	// Account and Region are parts of ARNs; the zero values are 123456789012 and us-east-1.
	Account, Region string
	// Now is the clock for the dates of tables; nil leaves the dates out.
	Now func() time.Time
	// Busy reports whether a transaction of somebody else holds an item. A single write of
	// it then fails with TransactionConflictException, and a transaction with it is
	// canceled for TransactionConflict. AWS: "Transaction conflict handling in DynamoDB".
	// nil means never.
	Busy func(table string, key wire.Object) bool
	// Models are AWS's service models, which other servers may share; nil reads them anew.
	Models *wire.Models
}

// New returns DynamoDB without tables. It is safe for concurrent use. See NewIn.
func New() *wire.Server { return NewIn(Config{}) }

// NewIn returns DynamoDB without tables, in an account.
func NewIn(c Config) *wire.Server {
	s := wire.NewServer()
	if c.Models != nil {
		s.Share(c.Models)
	}
	db := &database{tables: map[string]*table{}, parsed: map[parsedKey]*expression{}, now: c.Now, busy: c.Busy}
	db.place = cmp.Or(c.Region, "us-east-1") + ":" + cmp.Or(c.Account, "123456789012")
	for operation, handle := range map[string]wire.Handler{
		"CreateTable":               db.createTable,
		"DescribeTable":             db.describeTable,
		"UpdateTable":               db.updateTable,
		"DeleteTable":               db.deleteTable,
		"ListTables":                db.listTables,
		"UpdateTimeToLive":          db.updateTimeToLive,
		"DescribeTimeToLive":        db.describeTimeToLive,
		"TagResource":               db.tagResource,
		"UntagResource":             db.untagResource,
		"ListTagsOfResource":        db.listTagsOfResource,
		"DescribeLimits":            db.describeLimits,
		"DescribeContinuousBackups": db.describeContinuousBackups,
		"UpdateContinuousBackups":   db.updateContinuousBackups,
		"PutItem":                   db.putItem,
		"GetItem":                   db.getItem,
		"UpdateItem":                db.updateItem,
		"DeleteItem":                db.deleteItem,
		"Query":                     db.query,
		"Scan":                      db.scan,
		"BatchWriteItem":            db.batchWriteItem,
		"BatchGetItem":              db.batchGetItem,
		"TransactWriteItems":        db.transactWriteItems,
		"TransactGetItems":          db.transactGetItems,
	} {
		s.Handle("dynamodb", operation, db.locked(handle))
	}
	return s
}

func (db *database) locked(handle wire.Handler) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		db.mu.Lock()
		defer db.mu.Unlock()
		return handle(in)
	}
}
