package record

import (
	"context"
	"encoding/json"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Journal writes the episode. Its id is derived from the event and the memory, so
// an evaluation that is repeated after a crash writes the same item again.
func (s *Store) Journal(ctx context.Context, e fleet.Episode) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the episode %s: %w", e.ID, err)
	}
	moment := stamp(e.At) + "#" + e.ID
	put := key(e.Ref.Key(), skEpisode+moment)
	put[attrBody], put[attrExpires] = text(string(body)), expiry(e.At, keepEpisode)
	put[attrDay], put[attrMoment] = text(accountPK(fleet.AccountOf(e.Ref))+"#"+e.At.UTC().Format(time.DateOnly)), text(moment)
	_, err = s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put})
	return fault.FromAWS("writing the episode "+e.ID, err)
}

// Episodes returns the latest episodes of the service, newest first, at most limit.
func (s *Store) Episodes(ctx context.Context, ref fleet.ServiceRef, limit int) ([]fleet.Episode, error) {
	in := &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": text(ref.Key()), ":sk": text(skEpisode)},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(int32(limit)),
	}
	return s.episodes(ctx, in)
}

// EpisodesOfDay returns the episodes of all services of the account and region on
// the day of t (UTC), oldest first.
func (s *Store) EpisodesOfDay(ctx context.Context, account fleet.Account, t time.Time) ([]fleet.Episode, error) {
	return s.episodes(ctx, &dynamodb.QueryInput{
		IndexName:                 aws.String(indexByTime),
		KeyConditionExpression:    aws.String("#day = :day"),
		ExpressionAttributeNames:  map[string]string{"#day": attrDay},
		ExpressionAttributeValues: item{":day": text(accountPK(account) + "#" + t.UTC().Format(time.DateOnly))},
	})
}

func (s *Store) episodes(ctx context.Context, in *dynamodb.QueryInput) ([]fleet.Episode, error) {
	var out []fleet.Episode
	err := s.query(ctx, in, func(i item) error {
		var e fleet.Episode
		if err := json.Unmarshal([]byte(textOf(i, attrBody)), &e); err != nil {
			return fault.Terminalf("unreadable", "reading an episode: %w", err)
		}
		out = append(out, e)
		return nil
	})
	return out, err
}
