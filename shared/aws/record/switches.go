package record

import (
	"context"
	"encoding/json"
	"strings"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Freezes are those of the account and region of ref, by scope, for a
// person to see. One that cannot be read is shown as what it does: it freezes.
func (s *Store) Freezes(ctx context.Context, ref fleet.ServiceRef) ([]fleet.Freeze, error) {
	var out []fleet.Freeze
	err := s.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(accountPK(ref)), ":sk": text(skSwitch)},
		ConsistentRead:            aws.Bool(true),
	}, func(i item) error {
		var sw fleet.Freeze
		if err := json.Unmarshal([]byte(textOf(i, attrBody)), &sw); err != nil {
			sw = fleet.Freeze{Frozen: true, Why: "the switch cannot be read"}
		}
		// Where it lies counts, also of one that somebody wrote by hand.
		sw.Scope = strings.TrimPrefix(textOf(i, attrSK), skSwitch)
		out = append(out, sw)
		return nil
	})
	return out, err
}
