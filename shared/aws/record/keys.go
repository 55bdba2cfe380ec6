// Package record keeps the state that outlives an event in one DynamoDB table:
// evidence, leases, intents, memories, freezes and episodes. It also sends metrics,
// notifications and timers.
//
// One service is one partition. Times are stored as text in RFC 3339 with
// nanoseconds, expiries as epoch seconds for DynamoDB's TTL.
package record

import (
	"strconv"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Names of the table's attributes and of its index.
const (
	attrPK        = "pk"
	attrSK        = "sk"
	attrBody      = "body"
	attrVersion   = "version"
	attrExpires   = "expires" // epoch seconds, for TTL
	attrOwner     = "owner"   // of the lease
	attrUntil     = "until"   // epoch milliseconds, of the lease
	attrToken     = "token"   // fencing token, of the lease
	attrPending   = "pending" // evidence appended so far, of the lease
	attrDone      = "done"    // evidence handled so far, of the lease
	attrRequeueAt = "look_at" // epoch milliseconds of the next timer, of the lease
	attrFolded    = "folded"  // evidence that the memory holds
	attrState     = "state"   // of an intent
	attrDay       = "day"     // partition of the index: account/region#day
	attrMoment    = "moment"  // sort key of the index: time#id
	indexByTime   = "by-time" // episodes across the account, by time
	skMemory      = "memory"  // sort keys
	skLease       = "lease"   //
	skEvidence    = "evidence#"
	skIntent      = "intent#"
	skEpisode     = "episode#"
	skFreeze      = "switch#"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func key(pk, sk string) item { return item{attrPK: text(pk), attrSK: text(sk)} }

func textOf(i item, name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func numOf(i item, name string) int64 {
	v, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// stamp returns a time as text. The order of the texts is the order of the times.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func expiry(now time.Time, keep time.Duration) types.AttributeValue {
	return num(now.Add(keep).Unix())
}

// accountPK returns the partition of the items of an account and region.
func accountPK(a fleet.Account) string { return a.ID + "/" + a.Region }
