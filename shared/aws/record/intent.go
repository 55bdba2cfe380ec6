package record

import (
	"context"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The states of an intent.
const (
	intentInProgress = "INPROGRESS"
	intentCompleted  = "COMPLETED"
)

// Begin writes the intent before its call. done is true if the intent was carried
// out before: then there is nothing to call. An intent that an earlier owner of the
// lease began and did not finish is taken over. The precondition of the action then
// shows whether the call arrived. A failed or skipped intent may be tried again.
func (s *Store) Begin(ctx context.Context, lease Lease, intent string, now time.Time) (done bool, err error) {
	put := key(lease.Ref.Key(), skIntent+intent)
	put[attrState], put[attrToken] = text(intentInProgress), num(lease.Token)
	put[attrMoment], put[attrExpires] = text(stamp(now)), expiry(now, keepIntent)
	_, err = s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.Table), Item: put,
		ConditionExpression:      aws.String("attribute_not_exists(pk) OR (#state = :open AND #token <= :token) OR (#state = :closed AND #body <> :done)"),
		ExpressionAttributeNames: map[string]string{"#state": attrState, "#token": attrToken, "#body": attrBody},
		ExpressionAttributeValues: item{
			":open": text(intentInProgress), ":token": num(lease.Token), ":closed": text(intentCompleted), ":done": text(fleet.Done),
		},
	})
	if !conditionFailed(err) {
		return false, fault.FromAWS("beginning the intent "+intent, err)
	}
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.Table), Key: key(lease.Ref.Key(), skIntent+intent), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return false, fault.FromAWS("reading the intent "+intent, err)
	}
	if textOf(out.Item, attrState) == intentCompleted {
		return true, nil
	}
	return false, fault.Retryf("lease-lost", "the intent %q belongs to a later holder of the lease", intent)
}

// Complete marks the intent as carried out, with its status.
func (s *Store) Complete(ctx context.Context, lease Lease, intent, status string) error {
	_, err := s.DynamoDB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: aws.String(s.Table), Key: key(lease.Ref.Key(), skIntent+intent),
		UpdateExpression:         aws.String("SET #state = :done, #body = :status"),
		ConditionExpression:      aws.String("#token = :token"),
		ExpressionAttributeNames: map[string]string{"#state": attrState, "#token": attrToken, "#body": attrBody},
		ExpressionAttributeValues: item{
			":done": text(intentCompleted), ":token": num(lease.Token), ":status": text(status),
		},
	})
	return fault.FromAWS("completing the intent "+intent, err)
}
