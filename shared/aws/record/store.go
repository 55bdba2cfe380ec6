package record

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DynamoDB is the part of Amazon DynamoDB that the store uses.
type DynamoDB interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
}

// Store is the state of Homeostat in one DynamoDB table.
type Store struct {
	DynamoDB DynamoDB
	Table    string
}

// conditionFailed reports whether a condition did not hold.
func conditionFailed(err error) bool {
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return true
	}
	return fault.AWSCode(err) == "ConditionalCheckFailedException"
}

// Append stores a piece of evidence. fresh is false if it was stored before: a
// duplicate, or the same version of the same task.
func (s *Store) Append(ctx context.Context, ref fleet.ServiceRef, e fleet.Evidence, now time.Time) (fresh bool, err error) {
	body, err := json.Marshal(e)
	if err != nil {
		return false, fault.Terminalf("unencodable", "encoding evidence: %w", err)
	}
	in := key(ref.Key(), skEvidence+evidenceID(e))
	in[attrBody], in[attrExpires] = text(string(body)), expiry(now, keepEvidence)
	_, err = s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.Table), Item: in, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	if conditionFailed(err) {
		return false, nil
	}
	return err == nil, fault.FromAWS("appending evidence", err)
}

// evidenceID returns the task and version for task events, because duplicates share
// them. For all other events it returns the event id.
func evidenceID(e fleet.Evidence) string {
	if e.Trigger.Task != "" && e.Trigger.Version > 0 {
		return e.Trigger.Task + "#" + itoa(e.Trigger.Version)
	}
	if e.Trigger.Task != "" { // one event may name several tasks
		return e.Trigger.ID + "#" + e.Trigger.Task
	}
	return e.Trigger.ID
}

// Pending returns the evidence that is not yet in the memory, ordered by time.
func (s *Store) Pending(ctx context.Context, ref fleet.ServiceRef) ([]fleet.Evidence, error) {
	var out []fleet.Evidence
	err := s.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		FilterExpression:       aws.String("attribute_not_exists(folded)"),
		ExpressionAttributeValues: item{
			":pk": text(ref.Key()), ":sk": text(skEvidence),
		},
		ConsistentRead: aws.Bool(true),
	}, func(i item) error {
		var e fleet.Evidence
		if err := json.Unmarshal([]byte(textOf(i, attrBody)), &e); err != nil {
			return fault.Terminalf("unreadable", "reading evidence: %w", err)
		}
		out = append(out, e)
		return nil
	})
	sortEvidence(out)
	return out, err
}

func (s *Store) query(ctx context.Context, in *dynamodb.QueryInput, each func(item) error) error {
	in.TableName = aws.String(s.Table)
	for {
		page, err := s.DynamoDB.Query(ctx, in)
		if err != nil {
			return fault.FromAWS("querying the table "+s.Table, err)
		}
		for _, i := range page.Items {
			if err := each(i); err != nil {
				return err
			}
		}
		if len(page.LastEvaluatedKey) == 0 || (in.Limit != nil && len(page.Items) >= int(*in.Limit)) {
			return nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

// Folded marks evidence as contained in the memory.
func (s *Store) Folded(ctx context.Context, ref fleet.ServiceRef, evidence []fleet.Evidence, now time.Time) error {
	for _, e := range evidence {
		_, err := s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(s.Table), Key: key(ref.Key(), skEvidence+evidenceID(e)),
			UpdateExpression:          aws.String("SET folded = :now"),
			ConditionExpression:       aws.String("attribute_exists(pk)"),
			ExpressionAttributeValues: item{":now": text(stamp(now))},
		})
		if err != nil && !conditionFailed(err) {
			return fault.FromAWS("marking evidence", err)
		}
	}
	return nil
}

// Memory returns the memory of the service; the zero Memory if there is none.
func (s *Store) Memory(ctx context.Context, ref fleet.ServiceRef) (fleet.Memory, error) {
	var m fleet.Memory
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.Table), Key: key(ref.Key(), skMemory), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return m, fault.FromAWS("reading the memory of "+ref.String(), err)
	}
	if len(out.Item) == 0 {
		return m, nil
	}
	if err := json.Unmarshal([]byte(textOf(out.Item, attrBody)), &m); err != nil {
		return fleet.Memory{}, fault.Terminalf("unreadable", "reading the memory of %s: %w", ref, err).
			WithHint("Homeostat cannot act on this service until the item is repaired or deleted")
	}
	m.Version = numOf(out.Item, attrVersion)
	return m, nil
}

// SaveMemory writes the memory as version m.Version+1. It returns a Retry fault if
// another invocation wrote the memory since it was read, or if the lease has
// another owner.
func (s *Store) SaveMemory(ctx context.Context, lease Lease, m fleet.Memory) error {
	was := m.Version
	m.Version++
	body, err := json.Marshal(m)
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the memory of %s: %w", lease.Ref, err)
	}
	put := key(lease.Ref.Key(), skMemory)
	put[attrBody], put[attrVersion], put[attrToken] = text(string(body)), num(m.Version), num(lease.Token)
	write := &types.Put{TableName: aws.String(s.Table), Item: put}
	if was == 0 {
		write.ConditionExpression = aws.String("attribute_not_exists(pk)")
	} else {
		write.ConditionExpression = aws.String("#v = :was")
		write.ExpressionAttributeNames = map[string]string{"#v": attrVersion}
		write.ExpressionAttributeValues = item{":was": num(was)}
	}
	_, err = s.DynamoDB.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: write}, {ConditionCheck: s.holdsLease(lease)}},
	})
	return fault.FromAWS("saving the memory of "+lease.Ref.String(), err)
}

// SetFreeze writes a freeze of the account.
func (s *Store) SetFreeze(ctx context.Context, account fleet.Account, freeze fleet.Freeze) error {
	body, err := json.Marshal(freeze)
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the freeze %s: %w", freeze.Scope, err)
	}
	put := key(accountPK(account), skFreeze+freeze.Scope)
	put[attrBody] = text(string(body))
	_, err = s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put})
	return fault.FromAWS("writing the freeze "+freeze.Scope, err)
}
