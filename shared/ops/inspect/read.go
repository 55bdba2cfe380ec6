package inspect

import (
	"context"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/ops/doctor"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Read reads an installation. It returns an error only if the identity of the
// caller cannot be read. Each other unreadable part is an entry in Unread.
func (r *Reader) Read(ctx context.Context, stack string, now time.Time) (doctor.Installation, error) {
	in := doctor.Installation{Unread: map[string]doctor.Unread{}}
	caller, err := r.Caller(ctx)
	if err != nil {
		return in, err
	}
	in.Home, in.Clock = caller.Home, caller.Clock
	var resources []Resource
	if in.Stack, resources, err = r.Stack(ctx, stack); err != nil {
		in.Unread["stack"] = unread(err)
		return in, nil
	}
	if in.Stack.Status == "" {
		return in, nil
	}
	for _, part := range []struct {
		checks []string
		read   func() error
	}{
		{[]string{"table"}, func() error { return r.table(ctx, &in, resources) }},
		{[]string{"switches"}, func() error { return r.freezes(ctx, &in) }},
		{[]string{"dead-letters"}, func() error { return r.queues(ctx, &in, resources) }},
		{[]string{"topic"}, func() error { return r.topic(ctx, &in, resources) }},
		{[]string{"functions", "event-sources", "policy"}, func() error { return r.functions(ctx, &in, resources) }},
		{[]string{"rules"}, func() error { return r.rules(ctx, &in, resources) }},
		{[]string{"heartbeat"}, func() error { return r.heartbeat(ctx, &in, now) }},
		{[]string{"services"}, func() error { return r.services(ctx, &in) }},
		{[]string{"permissions"}, func() error { return r.permits(ctx, &in) }},
		{[]string{"alarms"}, func() error { return r.alarms(ctx, &in, resources, now) }},
	} {
		err := part.read()
		if ctx.Err() != nil {
			return in, ctx.Err()
		}
		for _, check := range part.checks {
			if err != nil {
				in.Unread[check] = unread(err)
			}
		}
	}
	return in, nil
}

func unread(err error) doctor.Unread {
	return doctor.Unread{Why: ErrorSummary(err), Denied: fault.CodeOf(err) == fault.Denied}
}

func (r *Reader) table(ctx context.Context, in *doctor.Installation, resources []Resource) error {
	in.Table.Name = Table(resources)
	if in.Table.Name == "" {
		return nil
	}
	out, err := r.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(in.Table.Name)})
	if fault.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fault.FromAWS("describing the table "+in.Table.Name, err)
	}
	in.Table.Status = string(out.Table.TableStatus)
	ttl, err := r.DynamoDB.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(in.Table.Name)})
	if err != nil {
		return fault.FromAWS("describing the time to live of "+in.Table.Name, err)
	}
	if d := ttl.TimeToLiveDescription; d != nil {
		in.Table.Expires = d.TimeToLiveStatus == dbtypes.TimeToLiveStatusEnabled || d.TimeToLiveStatus == dbtypes.TimeToLiveStatusEnabling
	}
	return nil
}

func (r *Reader) freezes(ctx context.Context, in *doctor.Installation) (err error) {
	if in.Table.Status != "" {
		in.Freezes, err = r.Freezes(ctx, in.Table.Name, in.Home)
	}
	return err
}

func (r *Reader) queues(ctx context.Context, in *doctor.Installation, resources []Resource) error {
	for _, found := range Of(resources, kindQueue) {
		out, err := r.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl:       aws.String(found.Physical),
			AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn, sqstypes.QueueAttributeNameApproximateNumberOfMessages},
		})
		if fault.IsNotFound(err) {
			continue // its absence is a finding
		}
		if err != nil {
			return fault.FromAWS("reading the queue "+found.Physical, err)
		}
		q := doctor.Queue{URL: found.Physical, ARN: out.Attributes["QueueArn"], Dead: strings.HasSuffix(found.ID, "DeadLetters")}
		q.Name = q.ARN[strings.LastIndexByte(q.ARN, ':')+1:]
		if q.Waiting, err = strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"]); err != nil {
			return fault.Retryf("empty-answer", "reading the queue %s: SQS returned no number of messages", found.Physical)
		}
		for _, function := range contract.Functions() {
			if strings.HasPrefix(found.ID, logical(function)) {
				q.Function = function
			}
		}
		in.Queues = append(in.Queues, q)
	}
	return nil
}

func (r *Reader) topic(ctx context.Context, in *doctor.Installation, resources []Resource) error {
	for _, found := range Of(resources, kindTopic) {
		if found.ID == "Notifications" {
			in.Topic.ARN = found.Physical
		}
	}
	if in.Topic.ARN == "" {
		return nil
	}
	pages := sns.NewListSubscriptionsByTopicPaginator(r.SNS, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(in.Topic.ARN)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fault.FromAWS("listing the subscriptions of "+in.Topic.ARN, err)
		}
		for _, s := range page.Subscriptions {
			switch arn := aws.ToString(s.SubscriptionArn); {
			case strings.HasPrefix(arn, "arn:"):
				in.Topic.Confirmed++
			case arn == "PendingConfirmation":
				in.Topic.Pending++
			}
		}
	}
	return nil
}

func (r *Reader) rules(ctx context.Context, in *doctor.Installation, resources []Resource) error {
	for _, found := range Of(resources, kindRule) {
		name := aws.String(found.Physical)
		out, err := r.Events.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: name})
		if fault.IsNotFound(err) {
			continue
		}
		if err != nil {
			return fault.FromAWS("describing the rule "+found.Physical, err)
		}
		targets, err := r.Events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: name})
		if err != nil {
			return fault.FromAWS("listing the targets of the rule "+found.Physical, err)
		}
		rule := doctor.Rule{ID: found.ID, Name: found.Physical, Enabled: out.State != ebtypes.RuleStateDisabled}
		for _, t := range targets.Targets {
			rule.Targets = append(rule.Targets, aws.ToString(t.Arn))
		}
		in.Rules = append(in.Rules, rule)
	}
	return nil
}
