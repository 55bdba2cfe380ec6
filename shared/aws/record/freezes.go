package record

import (
	"context"
	"encoding/json"
	"strings"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Freezes returns the freezes of the account, by scope. An
// unreadable freeze is returned as an active one.
func (s *Store) Freezes(ctx context.Context, account fleet.Account) ([]fleet.Freeze, error) {
	var out []fleet.Freeze
	err := s.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(accountPK(account)), ":sk": text(skFreeze)},
		ConsistentRead:            aws.Bool(true),
	}, func(i item) error {
		var freeze fleet.Freeze
		if err := json.Unmarshal([]byte(textOf(i, attrBody)), &freeze); err != nil {
			freeze = fleet.Freeze{Frozen: true, Why: "the stored freeze is unreadable"}
		}
		// The key decides the scope, also of a freeze that was written by hand.
		freeze.Scope = strings.TrimPrefix(textOf(i, attrSK), skFreeze)
		out = append(out, freeze)
		return nil
	})
	return out, err
}
