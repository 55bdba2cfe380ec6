package decode

import (
	"strconv"

	"homeostat/shared/core/fleet"
)

// event is one EventBridge event. base holds the fields of the envelope.
type event struct {
	root   object
	detail object
	base   fleet.Trigger
}

// reader makes the trigger of one kind of event.
type reader func(event) fleet.Trigger

// entry is one detail-type with its source and its reader.
type entry struct {
	detailType string
	source     string
	read       reader
}

// registry lists every known event. A detail-type without an entry is ignored, and so
// is one from another source. Several sources may send one detail-type.
func registry() [20]entry {
	return [20]entry{
		{"ECS Task State Change", "aws.ecs", task},
		{"ECS Service Action", "aws.ecs", serviceAction},
		{"ECS Deployment State Change", "aws.ecs", deploymentChange},
		{"ECS Hook State Change", "aws.ecs", hook},
		{"ECS Container Instance State Change", "aws.ecs", containerInstance},
		{"ECS Daemon Service Action", "aws.ecs", daemon},
		{"ECS Daemon Deployment State Change", "aws.ecs", daemon},
		{"ECR Image Action", "aws.ecr", imageAction},
		{"ECR Replication Action", "aws.ecr", replication},
		{"ECR Image Scan", "aws.ecr", basicScan},
		{"ECR Pull Through Cache Action", "aws.ecr", pullThrough},
		{"ECR Referrer Action", "aws.ecr", referrer},
		{"Inspector2 Scan", "aws.inspector2", inspectorScan},
		{"CloudWatch Alarm State Change", "aws.cloudwatch", alarmChange},
		{"CloudWatch Alarm Contributor State Change", "aws.cloudwatch", contributorChange},
		{"EC2 Spot Instance Interruption Warning", "aws.ec2", spotWarning},
		{"EC2 Instance Rebalance Recommendation", "aws.ec2", rebalance},
		{healthEvent, "aws.health", nil}, // gives several triggers
		{"Application Auto Scaling Scaling Activity State Change", "aws.application-autoscaling", scalingActivity},
		{scheduledEvent, "aws.events", scheduled}, // or aws.scheduler
	}
}

const (
	healthEvent     = "AWS Health Event"
	scheduledEvent  = "Scheduled Event"
	schedulerSource = "aws.scheduler"
)

// bridged reads an event from an EventBridge bus.
func bridged(root object, source, detailType string, record *int) []fleet.Trigger {
	// EventBridge Scheduler writes detail as the text "{}", so the detail of a
	// schedule is not read.
	if detailType == scheduledEvent && source == schedulerSource {
		return []fleet.Trigger{scheduled(newEvent(root, record))}
	}
	e := newEvent(root, record)
	e.detail = root.object("detail")
	entries, sender := registry(), ""
	for i := range entries {
		switch {
		case entries[i].detailType != detailType:
		case entries[i].source == source && detailType == healthEvent:
			return health(e)
		case entries[i].source == source:
			return []fleet.Trigger{entries[i].read(e)}
		default:
			sender = entries[i].source
		}
	}
	if sender != "" {
		return []fleet.Trigger{ignored(e.base, "forged: "+quote(detailType)+" comes from "+sender+", not from "+quote(source))}
	}
	if detailType == "" {
		return []fleet.Trigger{ignored(e.base, "the event of "+quote(source)+" has no detail-type")}
	}
	return []fleet.Trigger{ignored(e.base, quote(detailType)+" of "+quote(source)+" is not a known event")}
}

// newEvent reads the envelope.
func newEvent(root object, record *int) event {
	e := event{root: root, detail: object{doc: root.doc, at: absent}}
	e.base = fleet.Trigger{
		ID:      root.text("id"),
		At:      root.time("time"),
		Account: root.text("account"),
		Region:  root.text("region"),
		Record:  record,
	}
	e.base.Partition = fleet.PartitionOf(e.base.Region)
	for text := range root.list("resources").texts() {
		if arn, ok := parseARN(text); ok {
			e.base.Partition = arn.partition
		}
	}
	return e
}

// quote returns a word of the event for a reason, short and on one line.
func quote(word string) string {
	if runes := []rune(word); len(runes) > maxQuoted {
		word = string(runes[:maxQuoted]) + "…"
	}
	return strconv.Quote(word)
}
