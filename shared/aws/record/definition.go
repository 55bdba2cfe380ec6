package record

import (
	"context"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// skDefinition is the sort key of a stored task definition, before its name.
const skDefinition = "definition#"

// Definition returns the stored body of a task definition; nil if none is stored.
func (s *Store) Definition(ctx context.Context, ref fleet.ServiceRef, name string) ([]byte, error) {
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.Table), Key: key(ref.Key(), skDefinition+name), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fault.FromAWS("reading the stored task definition "+name, err)
	}
	return bytesOf(out.Item, attrBody), nil
}

// SaveDefinition stores the body of a task definition, and removes the dropped ones.
func (s *Store) SaveDefinition(ctx context.Context, ref fleet.ServiceRef, name string, body []byte, dropped []string) error {
	put := key(ref.Key(), skDefinition+name)
	put[attrBody] = &types.AttributeValueMemberB{Value: body}
	if err := s.put(ctx, put, "storing the task definition "+name); err != nil || len(dropped) == 0 {
		return err
	}
	writes := make([]types.WriteRequest, 0, len(dropped))
	for _, old := range dropped {
		writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key(ref.Key(), skDefinition+old)}})
	}
	// A write that stays unprocessed leaves an unused item behind.
	_, err := s.DynamoDB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{s.Table: writes}})
	return fault.FromAWS("removing stored task definitions of "+ref.String(), err)
}
