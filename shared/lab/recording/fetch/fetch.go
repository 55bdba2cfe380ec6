// Package fetch reads the history of a service from CloudWatch as a recording. It
// only reads: DescribeServices, DescribeServiceRevisions, DescribeTaskDefinition,
// ListMetrics and GetMetricData.
package fetch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/lab/recording"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS is the used part of the ECS client.
type ECS interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	DescribeServiceRevisions(context.Context, *ecs.DescribeServiceRevisionsInput, ...func(*ecs.Options)) (*ecs.DescribeServiceRevisionsOutput, error)
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
}

// CloudWatch is the used part of the CloudWatch client.
type CloudWatch interface {
	ListMetrics(context.Context, *cloudwatch.ListMetricsInput, ...func(*cloudwatch.Options)) (*cloudwatch.ListMetricsOutput, error)
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
}

// Recorder reads the history of services.
type Recorder struct {
	ECS        ECS
	CloudWatch CloudWatch
	// Region is the region of the clients.
	Region string
}

// Request selects the service and the time of a recording.
type Request struct {
	Cluster, Service string
	// Since is the length of the recording.
	Since time.Duration
	// Fill selects the treatment of periods without data.
	Fill Fill
}

// Period returns the finest period that CloudWatch still keeps for the whole time.
func Period(since time.Duration) (time.Duration, error) {
	switch {
	case since < minSpan:
		return 0, fmt.Errorf("%s is too short for a statement about scaling: give %s or more", since, minSpan)
	case since <= minutesRetention:
		return time.Minute, nil
	case since <= fiveMinutesRetention:
		return 5 * time.Minute, nil
	case since <= hoursRetention:
		return time.Hour, nil
	}
	return 0, fmt.Errorf("%s is longer than CloudWatch's retention of %d days: give less", since, int(hoursRetention/day))
}

// Record reads the history until now.
func (r *Recorder) Record(ctx context.Context, o Request, now time.Time) (recording.Recording, error) {
	period, err := Period(o.Since)
	if err != nil {
		return recording.Recording{}, err
	}
	service, err := r.service(ctx, o)
	if err != nil {
		return recording.Recording{}, err
	}
	out := recording.Recording{Facts: recording.Facts{Service: o.Cluster + "/" + o.Service, Region: r.Region}}
	out.Name, out.Step = out.Service, int(period/time.Second)
	// The size serves the price alone, so a caller without the permission still
	// gets the recording.
	if err := r.size(ctx, service, &out.Facts); err != nil {
		if ctx.Err() != nil {
			return out, err
		}
		out.Notes = append(out.Notes, "the size of the task could not be read: "+firstLine(err))
	}
	groups, err := r.groups(ctx, targetGroups(service))
	if err != nil {
		return out, err
	}
	samples, err := r.samples(ctx, service)
	if err != nil {
		return out, err
	}
	end := now.Truncate(period)
	h, err := r.history(ctx, o, groups, samples, span{end.Add(-o.Since.Truncate(period)), end, period})
	if err != nil {
		return out, err
	}
	return h.recording(out, o)
}

func (r *Recorder) service(ctx context.Context, o Request) (ecstypes.Service, error) {
	answer, err := r.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(o.Cluster), Services: []string{o.Service}})
	if err != nil {
		return ecstypes.Service{}, fault.FromAWS("describing the service "+o.Service+" of "+o.Cluster, err)
	}
	if len(answer.Services) == 0 {
		return ecstypes.Service{}, fmt.Errorf("there is no service %s in the cluster %s, region %s: check the names, --region and --profile", o.Service, o.Cluster, r.Region)
	}
	return answer.Services[0], nil
}

func (r *Recorder) size(ctx context.Context, service ecstypes.Service, facts *recording.Facts) error {
	answer, err := r.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: service.TaskDefinition})
	if err != nil {
		return fault.FromAWS("describing the task definition", err)
	}
	if answer.TaskDefinition == nil {
		return fmt.Errorf("ECS returned no task definition")
	}
	definition := answer.TaskDefinition
	facts.TaskCPU, facts.TaskMemory = units(definition.Cpu), units(definition.Memory)
	if p := definition.RuntimePlatform; p != nil {
		facts.Architecture = string(p.CpuArchitecture)
	}
	return nil
}

// samples returns the number of CPU samples of one task per minute: one, or more
// with metrics of high resolution.
func (r *Recorder) samples(ctx context.Context, service ecstypes.Service) (float64, error) {
	if len(service.CurrentServiceRevisions) == 0 {
		return 1, nil
	}
	answer, err := r.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{aws.ToString(service.CurrentServiceRevisions[0].Arn)},
	})
	if err != nil {
		return 0, fault.FromAWS("describing the service's revision", err)
	}
	for _, revision := range answer.ServiceRevisions {
		if revision.Monitoring == nil {
			continue
		}
		for _, m := range revision.Monitoring.MetricConfigurations {
			if seconds := aws.ToInt32(m.ResolutionSeconds); seconds > 0 && slices.Contains(m.MetricNames, utilization) {
				return 60 / float64(seconds), nil
			}
		}
	}
	return 1, nil
}

// units parses a size in a response of ECS, or returns 0.
func units(text *string) int {
	n := 0
	if _, err := fmt.Sscanf(aws.ToString(text), "%d", &n); err != nil || n < 0 {
		return 0
	}
	return n
}

// targetGroups returns the target groups of the service by their CloudWatch names,
// including the alternate ones of a blue/green deployment.
func targetGroups(service ecstypes.Service) []string {
	var names []string
	add := func(arn *string) {
		_, name, ok := strings.Cut(aws.ToString(arn), ":targetgroup/")
		if name = "targetgroup/" + name; ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, b := range service.LoadBalancers {
		add(b.TargetGroupArn)
		if b.AdvancedConfiguration != nil {
			add(b.AdvancedConfiguration.AlternateTargetGroupArn)
		}
	}
	return names
}

// group is a target group behind a load balancer, by their CloudWatch names.
type group struct{ balancer, target string }

// groups finds the load balancers of target groups by their metrics, because that
// needs no permission beyond CloudWatch's.
func (r *Recorder) groups(ctx context.Context, targets []string) ([]group, error) {
	var found []group
	for _, target := range targets {
		pages := cloudwatch.NewListMetricsPaginator(r.CloudWatch, &cloudwatch.ListMetricsInput{
			Namespace: aws.String(balancerSpace), MetricName: aws.String(requestCount), Dimensions: filters(targetGroup, target),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fault.FromAWS("listing the metrics of "+target, err)
			}
			for _, m := range page.Metrics {
				// The metrics of single zones have a third dimension and would
				// count twice.
				if balancer := dimension(m, loadBalancer); balancer != "" && len(m.Dimensions) == 2 {
					found = append(found, group{balancer, target})
				}
			}
		}
	}
	return found, nil
}

// firstLine returns the first line of an error.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}
