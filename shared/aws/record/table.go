package record

import (
	"context"

	"homeostat/shared/core/fault"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TableMaker is the part that makes a table without the stack.
type TableMaker interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
}

// MakeTable makes the table for rehearsals, demonstrations and tests. In AWS the
// stack makes it. An existing table stays as it is.
func MakeTable(ctx context.Context, db TableMaker, name string) error {
	attribute := func(n string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(n), AttributeType: types.ScalarAttributeTypeS}
	}
	keys := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
		}
	}
	_, err := db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute(attrPK), attribute(attrSK), attribute(attrDay), attribute(attrMoment)},
		KeySchema:            keys(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(indexByTime), KeySchema: keys(attrDay, attrMoment),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if fault.AWSCode(err) == "ResourceInUseException" {
		return nil
	}
	return fault.FromAWS("making the table "+name, err)
}
