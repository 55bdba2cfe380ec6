package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Issue is an operational issue that AWS Health reports in the Region.
type Issue struct {
	// Service is the affected service in the spelling of AWS Health, such as ECS.
	Service string `yaml:"service"`
	// Closed is true for the end of the issue.
	Closed bool `yaml:"closed"`
}

func (i *Issue) valid(*Scenario, map[string]bool) error {
	if !slices.Contains(fleet.IssueServices(), i.Service) {
		return fmt.Errorf("aws_issue.service is %q, expected one of %s", i.Service, strings.Join(fleet.IssueServices(), ", "))
	}
	return nil
}

// play publishes the event of the issue.
// Source: AWS Health user guide, aws-health-events-eventbridge-schema.html.
func (i *Issue) play(r *Run) error {
	status, now := "open", r.sim.Now().UTC()
	if i.Closed {
		status = "closed"
	}
	r.note("AWS Health reports an issue of %s: %s", i.Service, status)
	code := "AWS_" + i.Service + "_OPERATIONAL_ISSUE"
	return r.publish("aws.health", "AWS Health Event", map[string]any{
		"eventArn": "arn:aws:health:" + region + "::event/" + i.Service + "/" + code + "/" + code + "_1",
		"service":  i.Service, "eventTypeCode": code, "eventTypeCategory": "issue", "eventScopeCode": "PUBLIC",
		"eventRegion": region, "startTime": now.Format(time.RFC1123), "statusCode": status,
		"eventDescription": []any{map[string]any{"language": "en_US", "latestDescription": "increased error rates"}},
	})
}

// Impair makes a managed daemon fail on the EC2 instance of the oldest task of a service.
type Impair struct {
	Daemon  string `yaml:"daemon"`
	Service string `yaml:"service"`
}

func (i *Impair) valid(_ *Scenario, known map[string]bool) error {
	if i.Daemon == "" {
		return fmt.Errorf("impair_daemon has no daemon")
	}
	return isKnown(known, i.Service)
}

// play publishes the event of the daemon.
// Source: ECS developer guide, managed-daemons-events.html.
func (i *Impair) play(r *Run) error {
	cluster, _, _ := strings.Cut(i.Service, "/")
	host, err := r.hostOf(i.Service)
	if err != nil {
		return err
	}
	instance, err := r.containerInstance(cluster, host)
	if err != nil {
		return err
	}
	r.note("the daemon %s fails on the instance %s", i.Daemon, host)
	prefix := "arn:aws:ecs:" + region + ":" + account + ":"
	return r.publish("aws.ecs", "ECS Daemon Service Action", map[string]any{
		"eventType": "WARNING", "eventName": "DAEMON_TASK_START_IMPAIRED", "failureType": "TASK_CREATION_FAILED",
		"clusterArn": prefix + "cluster/" + cluster, "daemonArn": prefix + "daemon/" + cluster + "/" + i.Daemon,
		"containerInstanceArn": instance, "reason": "the daemon task stopped",
	})
}

// containerInstance returns the ARN of the container instance on an EC2 instance.
func (r *Run) containerInstance(cluster, host string) (string, error) {
	ctx := context.Background()
	listed, err := r.ecs.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{Cluster: aws.String(cluster)})
	if err != nil {
		return "", err
	}
	out, err := r.ecs.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{Cluster: aws.String(cluster), ContainerInstances: listed.ContainerInstanceArns})
	if err != nil {
		return "", err
	}
	for _, c := range out.ContainerInstances {
		if aws.ToString(c.Ec2InstanceId) == host {
			return aws.ToString(c.ContainerInstanceArn), nil
		}
	}
	return "", fmt.Errorf("no container instance of %s is %s", cluster, host)
}

// publish sends an event of AWS to the bus.
func (r *Run) publish(source, detailType string, detail map[string]any) error {
	now := r.sim.Now().UTC()
	raw, err := json.Marshal(map[string]any{
		"version": "0", "id": fmt.Sprintf("%s-%d", source, now.UnixNano()), "source": source, "detail-type": detailType,
		"account": account, "region": region, "time": now.Format(time.RFC3339), "resources": []string{}, "detail": detail,
	})
	if err != nil {
		return err
	}
	r.sim.Bus().Publish(raw)
	return nil
}
