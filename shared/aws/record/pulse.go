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

// Pulses and the census of an account and region are one partition, also of
// the index: there one Query finds the census and the newest pulses.
const (
	skCensus     = "census"
	censusMoment = "~" + skCensus // sorts after every time
	keepPulse    = time.Hour
	keepCensus   = 24 * time.Hour
	// maxPulses are read at most, the newest: more would tell nothing more.
	maxPulses = 200
)

func reportPK(account fleet.ServiceRef) string { return "pulse#" + accountPK(account) }

// SaveFailureReport replaces the service's pulse.
func (s *Store) SaveFailureReport(ctx context.Context, p fleet.FailureReport, now time.Time) error {
	return s.beside(ctx, p.Ref, p.Ref.Key(), stamp(p.Last)+"#"+p.Ref.Key(), p, now.Add(keepPulse))
}

// SaveServiceCounts replaces the count of the services of an account and region.
func (s *Store) SaveServiceCounts(ctx context.Context, account fleet.ServiceRef, c fleet.ServiceCounts) error {
	return s.beside(ctx, account, skCensus, censusMoment, c, c.At.Add(keepCensus))
}

func (s *Store) beside(ctx context.Context, account fleet.ServiceRef, sk, moment string, content any, expires time.Time) error {
	body, err := json.Marshal(content)
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the pulse %s: %w", sk, err)
	}
	put := key(reportPK(account), sk)
	put[attrBody], put[attrExpires] = text(string(body)), num(expires.Unix())
	put[attrDay], put[attrMoment] = text(reportPK(account)), text(moment)
	_, err = s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put})
	return fault.FromAWS("writing the pulse "+sk, err)
}

// FailureReports are the latest of the account and region whose last death was at
// since or later, newest first, with the census; zero where there is none.
func (s *Store) FailureReports(ctx context.Context, account fleet.ServiceRef, since time.Time) (pulses []fleet.FailureReport, c fleet.ServiceCounts, err error) {
	err = s.query(ctx, &dynamodb.QueryInput{
		IndexName:                 aws.String(indexByTime),
		KeyConditionExpression:    aws.String("#day = :day AND #moment >= :since"),
		ExpressionAttributeNames:  map[string]string{"#day": attrDay, "#moment": attrMoment},
		ExpressionAttributeValues: item{":day": text(reportPK(account)), ":since": text(stamp(since))},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(maxPulses + 1),
	}, func(i item) error {
		body := []byte(textOf(i, attrBody))
		if textOf(i, attrSK) == skCensus {
			// One that cannot be read is as if nobody had counted.
			_ = json.Unmarshal(body, &c)
			return nil
		}
		var p fleet.FailureReport
		// What another service wrote must not keep this one from being looked at.
		if json.Unmarshal(body, &p) == nil && len(pulses) < maxPulses {
			pulses = append(pulses, p)
		}
		return nil
	})
	return pulses, c, err
}

// ChangeFreeze replaces a switch if it still is as it was read; zero was asks
// that there is none. Of several that would, one changes it, and is told so.
func (s *Store) ChangeFreeze(ctx context.Context, account fleet.ServiceRef, was, is fleet.Freeze) (changed bool, err error) {
	before, err := json.Marshal(was)
	if err != nil {
		return false, fault.Terminalf("unencodable", "encoding the switch %s: %w", was.Scope, err)
	}
	after, err := json.Marshal(is)
	if err != nil {
		return false, fault.Terminalf("unencodable", "encoding the switch %s: %w", is.Scope, err)
	}
	put := key(accountPK(account), skSwitch+is.Scope)
	put[attrBody] = text(string(after))
	in := &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if was.Scope != "" {
		in.ConditionExpression = aws.String("#body = :was")
		in.ExpressionAttributeNames = map[string]string{"#body": attrBody}
		in.ExpressionAttributeValues = item{":was": text(string(before))}
	}
	_, err = s.DynamoDB.PutItem(ctx, in)
	if refused(err) {
		return false, nil
	}
	return err == nil, fault.FromAWS("changing the switch "+is.Scope, err)
}

// FreezesOf are those that cover the service, widest first, and those of
// further scopes. One read finds them all: there are few in an account.
func (s *Store) FreezesOf(ctx context.Context, ref fleet.ServiceRef, further ...string) ([]fleet.Freeze, error) {
	all, err := s.Freezes(ctx, ref)
	if err != nil {
		return nil, err
	}
	var out []fleet.Freeze
	for _, scope := range append(ref.Scopes(), further...) {
		at := slices.IndexFunc(all, func(sw fleet.Freeze) bool { return sw.Scope == scope })
		if at >= 0 {
			out = append(out, all[at])
		}
	}
	return out, nil
}
