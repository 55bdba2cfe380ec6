package record

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The failure reports and service counts of an account and region are one
// partition, also of the index. One Query of the index returns the counts and the
// newest reports.
const (
	skCounts     = "census"
	countsMoment = "~" + skCounts // sorts after every time
)

func reportPK(account fleet.Account) string { return "pulse#" + accountPK(account) }

// SaveFailureReport replaces the failure report of the service.
func (s *Store) SaveFailureReport(ctx context.Context, p fleet.FailureReport, now time.Time) error {
	return s.putIndexed(ctx, fleet.AccountOf(p.Ref), p.Ref.Key(), stamp(p.Last)+"#"+p.Ref.Key(), p, now.Add(keepReport))
}

// SaveServiceCounts replaces the service counts of an account and region.
func (s *Store) SaveServiceCounts(ctx context.Context, account fleet.Account, c fleet.ServiceCounts) error {
	return s.putIndexed(ctx, account, skCounts, countsMoment, c, c.At.Add(keepCounts))
}

func (s *Store) putIndexed(ctx context.Context, account fleet.Account, sk, moment string, content any, expires time.Time) error {
	body, err := json.Marshal(content)
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the failure report %s: %w", sk, err)
	}
	put := key(reportPK(account), sk)
	put[attrBody], put[attrExpires] = text(string(body)), num(expires.Unix())
	put[attrDay], put[attrMoment] = text(reportPK(account)), text(moment)
	_, err = s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put})
	return fault.FromAWS("writing the failure report "+sk, err)
}

// FailureReports returns the latest failure reports of the account and region with
// a last failure at since or later, newest first. It also returns the service
// counts, zero before the first count.
func (s *Store) FailureReports(ctx context.Context, account fleet.Account, since time.Time) (reports []fleet.FailureReport, c fleet.ServiceCounts, err error) {
	err = s.query(ctx, &dynamodb.QueryInput{
		IndexName:                 aws.String(indexByTime),
		KeyConditionExpression:    aws.String("#day = :day AND #moment >= :since"),
		ExpressionAttributeNames:  map[string]string{"#day": attrDay, "#moment": attrMoment},
		ExpressionAttributeValues: item{":day": text(reportPK(account)), ":since": text(stamp(since))},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(maxReports + 1),
	}, func(i item) error {
		body := []byte(textOf(i, attrBody))
		if textOf(i, attrSK) == skCounts {
			// Unreadable counts are treated as missing.
			_ = json.Unmarshal(body, &c)
			return nil
		}
		var p fleet.FailureReport
		// An unreadable report of another service must not block this one.
		if json.Unmarshal(body, &p) == nil && len(reports) < maxReports {
			reports = append(reports, p)
		}
		return nil
	})
	return reports, c, err
}

// ChangeFreeze replaces a freeze if it is stored as it was read; a zero was
// requires that there is none. If several invocations try the same change, changed
// is true for one of them only.
func (s *Store) ChangeFreeze(ctx context.Context, account fleet.Account, was, is fleet.Freeze) (changed bool, err error) {
	before, err := json.Marshal(was)
	if err != nil {
		return false, fault.Terminalf("unencodable", "encoding the freeze %s: %w", was.Scope, err)
	}
	after, err := json.Marshal(is)
	if err != nil {
		return false, fault.Terminalf("unencodable", "encoding the freeze %s: %w", is.Scope, err)
	}
	put := key(accountPK(account), skFreeze+is.Scope)
	put[attrBody] = text(string(after))
	in := &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if was.Scope != "" {
		in.ConditionExpression = aws.String("#body = :was")
		in.ExpressionAttributeNames = map[string]string{"#body": attrBody}
		in.ExpressionAttributeValues = item{":was": text(string(before))}
	}
	_, err = s.DynamoDB.PutItem(ctx, in)
	if conditionFailed(err) {
		return false, nil
	}
	return err == nil, fault.FromAWS("changing the freeze "+is.Scope, err)
}

// FreezesOf returns the freezes that cover the service, widest first, and those of
// further scopes. It reads all freezes in one query, because an account has few.
func (s *Store) FreezesOf(ctx context.Context, ref fleet.ServiceRef, further ...string) ([]fleet.Freeze, error) {
	all, err := s.Freezes(ctx, fleet.AccountOf(ref))
	if err != nil {
		return nil, err
	}
	var out []fleet.Freeze
	for _, scope := range append(ref.Scopes(), further...) {
		at := slices.IndexFunc(all, func(freeze fleet.Freeze) bool { return freeze.Scope == scope })
		if at >= 0 {
			out = append(out, all[at])
		}
	}
	return out, nil
}
