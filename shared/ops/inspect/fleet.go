package inspect

import (
	"context"
	"strconv"
	"time"

	"homeostat/shared/aws/observe"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/ops/doctor"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// describeLimit is the number of services that one DescribeServices accepts.
const describeLimit = 10

// services reads all services, because the doctor also reports services with a
// misspelt tag.
func (r *Reader) services(ctx context.Context, in *doctor.Installation) error {
	scaling, err := r.scaling(ctx)
	if err != nil {
		in.Unread["scaling"] = unread(err)
	}
	clusters := ecs.NewListClustersPaginator(r.ECS, &ecs.ListClustersInput{})
	for clusters.HasMorePages() {
		page, err := clusters.NextPage(ctx)
		if err != nil {
			return fault.FromAWS("listing clusters", err)
		}
		for _, arn := range page.ClusterArns {
			cluster := fleet.NameOf(arn)
			in.Clusters = append(in.Clusters, cluster)
			if err := r.servicesOf(ctx, in, cluster); err != nil {
				return err
			}
		}
	}
	for i := range in.Services {
		if scaling != nil {
			found := scaling["service/"+in.Services[i].Ref.String()]
			in.Services[i].Scaling = &found
		}
	}
	return nil
}

func (r *Reader) servicesOf(ctx context.Context, in *doctor.Installation, cluster string) error {
	services := ecs.NewListServicesPaginator(r.ECS, &ecs.ListServicesInput{Cluster: aws.String(cluster), MaxResults: aws.Int32(describeLimit)})
	for services.HasMorePages() {
		page, err := services.NextPage(ctx)
		if err != nil {
			return fault.FromAWS("listing services of "+cluster, err)
		}
		if len(page.ServiceArns) == 0 {
			continue
		}
		out, err := r.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
			Cluster: aws.String(cluster), Services: page.ServiceArns, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
		})
		if err != nil {
			return fault.FromAWS("describing services of "+cluster, err)
		}
		for _, s := range out.Services {
			service := serviceFrom(s, in.Home, cluster)
			if _, enrolled := service.Tags[contract.TagMode]; enrolled && s.TaskDefinition != nil {
				if err := r.define(ctx, &service, aws.ToString(s.TaskDefinition)); err != nil {
					return err
				}
			}
			in.Services = append(in.Services, service)
		}
	}
	return nil
}

// define reads the task definition of a service. Only an interrupted reading is an
// error: an unreadable definition is a property of its service.
func (r *Reader) define(ctx context.Context, s *doctor.Service, name string) error {
	read, err := (&observe.Observer{ECS: r.ECS}).Definition(ctx, name)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.Definition = read
	if err != nil {
		s.DefinitionUnread = unread(err)
	}
	return nil
}

func serviceFrom(s ecstypes.Service, home fleet.Account, cluster string) doctor.Service {
	out := doctor.Service{
		Ref: home.Ref(cluster, aws.ToString(s.ServiceName)), Tags: map[string]string{}, Controller: "ECS", Desired: int(s.DesiredCount), Running: int(s.RunningCount),
	}
	for _, t := range s.Tags {
		out.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	if s.DeploymentController != nil {
		out.Controller = string(s.DeploymentController.Type)
	}
	if c := s.DeploymentConfiguration; c != nil && c.Alarms != nil && c.Alarms.Enable {
		out.Alarms = c.Alarms.AlarmNames
	}
	return out
}

// scaling reads the targets and policies of Application Auto Scaling by resource
// id. Two listings replace two calls for each service.
func (r *Reader) scaling(ctx context.Context) (map[string]fleet.Scaling, error) {
	found := map[string]fleet.Scaling{}
	targets := applicationautoscaling.NewDescribeScalableTargetsPaginator(r.Scaling, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: aastypes.ServiceNamespaceEcs})
	for targets.HasMorePages() {
		page, err := targets.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("describing scalable targets", err)
		}
		for _, t := range page.ScalableTargets {
			s := fleet.Scaling{Registered: true, Min: int(aws.ToInt32(t.MinCapacity)), Max: int(aws.ToInt32(t.MaxCapacity))}
			if u := t.SuspendedState; u != nil {
				s.Suspended = aws.ToBool(u.DynamicScalingInSuspended) && aws.ToBool(u.DynamicScalingOutSuspended)
			}
			found[aws.ToString(t.ResourceId)] = s
		}
	}
	policies := applicationautoscaling.NewDescribeScalingPoliciesPaginator(r.Scaling, &applicationautoscaling.DescribeScalingPoliciesInput{ServiceNamespace: aastypes.ServiceNamespaceEcs})
	for policies.HasMorePages() {
		page, err := policies.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("describing scaling policies", err)
		}
		for _, p := range page.ScalingPolicies {
			s := found[aws.ToString(p.ResourceId)]
			s.Policies = append(s.Policies, aws.ToString(p.PolicyName))
			found[aws.ToString(p.ResourceId)] = s
		}
	}
	return found, nil
}

const (
	// window is the age of the oldest metric values that are read.
	window = 3 * time.Hour
	// maxQueries is the number of queries that one GetMetricData accepts.
	maxQueries = 500
)

// heartbeat reads the time of the last invocation of the sweep and its longest
// duration from the metrics of Lambda.
func (r *Reader) heartbeat(ctx context.Context, in *doctor.Installation, now time.Time) error {
	for _, f := range in.Functions {
		if f.Name != contract.FunctionSweep {
			continue
		}
		sweep := map[string]string{"FunctionName": f.Physical}
		found, err := r.metrics(ctx, []cwtypes.MetricDataQuery{
			query("calls", "AWS/Lambda", "Invocations", "Sum", sweep), query("took", "AWS/Lambda", "Duration", "Maximum", sweep),
		}, now)
		if err != nil {
			return err
		}
		in.Heartbeat = doctor.Heartbeat{Known: true, At: found["calls"].at, Longest: time.Duration(found["took"].most * float64(time.Millisecond))}
	}
	return nil
}

func query(id, namespace, metric, stat string, dimensions map[string]string) cwtypes.MetricDataQuery {
	m := &cwtypes.Metric{Namespace: aws.String(namespace), MetricName: aws.String(metric)}
	for name, value := range dimensions {
		m.Dimensions = append(m.Dimensions, cwtypes.Dimension{Name: aws.String(name), Value: aws.String(value)})
	}
	return cwtypes.MetricDataQuery{Id: aws.String(id), MetricStat: &cwtypes.MetricStat{Metric: m, Period: aws.Int32(60), Stat: aws.String(stat)}}
}

// measured holds the time of the last value above zero and the highest value of a
// metric.
type measured struct {
	at   time.Time
	most float64
}

// metrics reads each metric of the last hours, by the id of its query.
func (r *Reader) metrics(ctx context.Context, queries []cwtypes.MetricDataQuery, now time.Time) (map[string]measured, error) {
	found := map[string]measured{}
	pages := cloudwatch.NewGetMetricDataPaginator(r.CloudWatch, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-window).Truncate(time.Minute)), EndTime: aws.Time(now), MetricDataQueries: queries,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("reading metrics", err)
		}
		for _, result := range page.MetricDataResults {
			id := aws.ToString(result.Id)
			for i := range min(len(result.Timestamps), len(result.Values)) {
				m := found[id]
				m.most = max(m.most, result.Values[i])
				if at := result.Timestamps[i]; result.Values[i] > 0 && at.After(m.at) {
					m.at = at
				}
				found[id] = m
			}
		}
	}
	return found, nil
}

func (r *Reader) alarms(ctx context.Context, in *doctor.Installation, resources []Resource, now time.Time) error {
	own := map[string]bool{}
	for _, found := range Of(resources, kindAlarm) {
		own[found.Physical] = true
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(r.CloudWatch, &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm, cwtypes.AlarmTypeLogAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fault.FromAWS("describing alarms", err)
		}
		for _, a := range page.MetricAlarms {
			in.Alarms = append(in.Alarms, alarmFrom(a, own[aws.ToString(a.AlarmName)]))
		}
		for _, a := range page.CompositeAlarms {
			in.Alarms = append(in.Alarms, doctor.Alarm{
				Name: aws.ToString(a.AlarmName), State: string(a.StateValue), Since: aws.ToTime(a.StateUpdatedTimestamp),
				Own: own[aws.ToString(a.AlarmName)], Enabled: aws.ToBool(a.ActionsEnabled), Actions: len(a.AlarmActions), About: aws.ToString(a.AlarmDescription),
			})
		}
		for _, a := range page.LogAlarms {
			in.Alarms = append(in.Alarms, doctor.Alarm{
				Name: aws.ToString(a.AlarmName), State: string(a.StateValue), Evaluation: string(a.EvaluationState), Since: aws.ToTime(a.StateUpdatedTimestamp),
				Own: own[aws.ToString(a.AlarmName)], Enabled: aws.ToBool(a.ActionsEnabled), Actions: len(a.AlarmActions), About: aws.ToString(a.AlarmDescription),
			})
		}
	}
	if err := r.measure(ctx, in.Alarms, now); err != nil {
		in.Unread["alarm-data"] = unread(err)
	}
	return nil
}

func alarmFrom(a cwtypes.MetricAlarm, own bool) doctor.Alarm {
	out := doctor.Alarm{
		Name: aws.ToString(a.AlarmName), State: string(a.StateValue), Evaluation: string(a.EvaluationState), Since: aws.ToTime(a.StateTransitionedTimestamp),
		Own: own, Enabled: aws.ToBool(a.ActionsEnabled), Actions: len(a.AlarmActions), About: aws.ToString(a.AlarmDescription),
		Namespace: aws.ToString(a.Namespace), Metric: aws.ToString(a.MetricName), Comparison: string(a.ComparisonOperator),
		Dimensions: map[string]string{}, Threshold: a.Threshold, Period: time.Duration(aws.ToInt32(a.Period)) * time.Second,
	}
	if out.Since.IsZero() {
		out.Since = aws.ToTime(a.StateUpdatedTimestamp)
	}
	for _, d := range a.Dimensions {
		out.Dimensions[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	return out
}

// measure reads the time of the last value of each alarm's metric, for alarms on
// services.
func (r *Reader) measure(ctx context.Context, alarms []doctor.Alarm, now time.Time) error {
	var queries []cwtypes.MetricDataQuery
	queried := map[string]int{}
	for i, a := range alarms {
		if a.Metric == "" || a.Dimensions["ServiceName"] == "" || len(queries) == maxQueries {
			continue
		}
		id := "m" + strconv.Itoa(i)
		queried[id] = i
		queries = append(queries, query(id, a.Namespace, a.Metric, "SampleCount", a.Dimensions))
	}
	if len(queries) == 0 {
		return nil
	}
	found, err := r.metrics(ctx, queries, now)
	if err != nil {
		return err
	}
	for id, i := range queried {
		alarms[i].Data = doctor.Heartbeat{Known: true, At: found[id].at}
	}
	return nil
}
