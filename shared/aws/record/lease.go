package record

import (
	"context"
	"sort"
	"strconv"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Lease is the right to decide about one service. Token grows with each owner, so
// that a write of an earlier owner is refused.
type Lease struct {
	Ref     fleet.ServiceRef
	Owner   string
	Token   int64
	Expires time.Time
	// Seen is the number of announced pieces of evidence when the lease was taken
	// or last read. Done is the number of pieces that were handled by then.
	Seen, Done int64
	// RequeueAt is the time of the next evaluation by a timer; zero without a
	// timer.
	RequeueAt time.Time
}

// Announce counts one more piece of evidence on the lease. It reports whether the
// lease is held: then its owner evaluates again before the release, and the caller
// is done. The evidence is announced before the lease is tried, so that none is
// lost between two owners.
func (s *Store) Announce(ctx context.Context, ref fleet.ServiceRef, now time.Time) (held bool, err error) {
	out, err := s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(ref.Key(), skLease),
		UpdateExpression:          aws.String("ADD pending :one"),
		ExpressionAttributeValues: item{":one": num(1)},
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return false, fault.FromAWS("announcing evidence of "+ref.String(), err)
	}
	return numOf(out.Attributes, attrUntil) > now.UnixMilli(), nil
}

// Acquire takes the lease. ok is false if another owner holds it.
func (s *Store) Acquire(ctx context.Context, ref fleet.ServiceRef, owner string, now time.Time) (lease Lease, ok bool, err error) {
	until := now.Add(leaseFor)
	out, err := s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(ref.Key(), skLease),
		UpdateExpression:         aws.String("SET #owner = :owner, #until = :until ADD #token :one"),
		ConditionExpression:      aws.String("attribute_not_exists(#until) OR #until <= :now"),
		ExpressionAttributeNames: map[string]string{"#owner": attrOwner, "#until": attrUntil, "#token": attrToken},
		ExpressionAttributeValues: item{
			":owner": text(owner), ":until": num(until.UnixMilli()), ":one": num(1), ":now": num(now.UnixMilli()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if conditionFailed(err) {
		return Lease{}, false, nil
	}
	if err != nil {
		return Lease{}, false, fault.FromAWS("taking the lease of "+ref.String(), err)
	}
	return Lease{
		Ref: ref, Owner: owner, Expires: until,
		Token: numOf(out.Attributes, attrToken), Seen: numOf(out.Attributes, attrPending), Done: numOf(out.Attributes, attrDone),
		RequeueAt: moment(numOf(out.Attributes, attrRequeueAt)),
	}, true, nil
}

// Release releases the lease, unless evidence was announced since lease.Seen. In
// that case more is true, the lease is kept, and Seen is updated. A lease with
// another owner by now gives false.
func (s *Store) Release(ctx context.Context, lease *Lease) (more bool, err error) {
	_, err = s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(lease.Ref.Key(), skLease),
		UpdateExpression:    aws.String("SET #until = :none, #done = :seen, #look = :look"),
		ConditionExpression: aws.String("#token = :token AND (attribute_not_exists(#pending) OR #pending = :seen)"),
		ExpressionAttributeNames: map[string]string{
			"#until": attrUntil, "#token": attrToken, "#pending": attrPending, "#done": attrDone, "#look": attrRequeueAt,
		},
		ExpressionAttributeValues: item{
			":none": num(0), ":token": num(lease.Token), ":seen": num(lease.Seen), ":look": num(millis(lease.RequeueAt)),
		},
	})
	if err == nil || !conditionFailed(err) {
		return false, fault.FromAWS("releasing the lease of "+lease.Ref.String(), err)
	}
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.Table), Key: key(lease.Ref.Key(), skLease), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return false, fault.FromAWS("reading the lease of "+lease.Ref.String(), err)
	}
	if numOf(out.Item, attrToken) != lease.Token {
		return false, nil
	}
	lease.Seen = numOf(out.Item, attrPending)
	return true, nil
}

// Abandon releases the lease without a check for new evidence, after an evaluation
// that ended in an error. The event is delivered again and finds its evidence.
func (s *Store) Abandon(ctx context.Context, lease Lease) error {
	_, err := s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(lease.Ref.Key(), skLease),
		UpdateExpression:          aws.String("SET #until = :none"),
		ConditionExpression:       aws.String("#token = :token"),
		ExpressionAttributeNames:  map[string]string{"#until": attrUntil, "#token": attrToken},
		ExpressionAttributeValues: item{":none": num(0), ":token": num(lease.Token)},
	})
	if conditionFailed(err) {
		return nil
	}
	return fault.FromAWS("abandoning the lease of "+lease.Ref.String(), err)
}

// millis returns a time as the table stores it; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// holdsLease returns the condition of every write of the owner.
func (s *Store) holdsLease(lease Lease) *types.ConditionCheck {
	return &types.ConditionCheck{
		TableName: aws.String(s.Table), Key: key(lease.Ref.Key(), skLease),
		ConditionExpression:       aws.String("#token = :token"),
		ExpressionAttributeNames:  map[string]string{"#token": attrToken},
		ExpressionAttributeValues: item{":token": num(lease.Token)},
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// sortEvidence sorts by the time of the event, then by id, so that the order of
// items in the table never matters.
func sortEvidence(all []fleet.Evidence) {
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i].Trigger, all[j].Trigger
		if a.At.Equal(b.At) {
			return evidenceID(all[i]) < evidenceID(all[j])
		}
		return a.At.Before(b.At)
	})
}
