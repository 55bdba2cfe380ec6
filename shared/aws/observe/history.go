package observe

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// history returns the latest rollouts of the service, newest first. Forced deployments
// have equal content, so it reads on until a completed rollout of other content.
func (o *Observer) history(ctx context.Context, ref fleet.ServiceRef, needs fleet.Needs) ([]fleet.Rollout, error) {
	var history []fleet.Rollout
	var token *string
	for range historyPages {
		page, next, err := o.historyPage(ctx, ref, token)
		if err != nil {
			return nil, err
		}
		history = append(history, page...)
		if token = next; token == nil || hasOtherContent(history) {
			break
		}
	}
	sort.SliceStable(history, func(i, j int) bool { return history[i].CreatedAt.After(history[j].CreatedAt) })
	o.checkTargets(ctx, history, needs)
	return history, nil
}

// hasOtherContent reports whether a completed rollout differs from the newest one.
func hasOtherContent(history []fleet.Rollout) bool {
	return slices.ContainsFunc(history, func(r fleet.Rollout) bool {
		return r.Status == string(ecstypes.ServiceDeploymentStatusSuccessful) && !fleet.Same(r.Target, history[0].Target)
	})
}

// historyPage returns one page of rollouts, and the token of the next one; nil for none.
func (o *Observer) historyPage(ctx context.Context, ref fleet.ServiceRef, token *string) ([]fleet.Rollout, *string, error) {
	list, err := o.ECS.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String(ref.Cluster), Service: aws.String(ref.Service), MaxResults: aws.Int32(historyDepth), NextToken: token,
	})
	if err != nil {
		return nil, nil, fault.FromAWS("listing service deployments of "+ref.String(), err)
	}
	arns := make([]string, 0, len(list.ServiceDeployments))
	for _, d := range list.ServiceDeployments {
		arns = append(arns, aws.ToString(d.ServiceDeploymentArn))
	}
	if len(arns) == 0 {
		return nil, nil, nil
	}
	out, err := o.ECS.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: arns})
	if err != nil {
		return nil, nil, fault.FromAWS("describing service deployments of "+ref.String(), err)
	}
	revisions, err := o.revisions(ctx, ref, out.ServiceDeployments)
	if err != nil {
		return nil, nil, err
	}
	history := make([]fleet.Rollout, 0, len(out.ServiceDeployments))
	for _, d := range out.ServiceDeployments {
		history = append(history, rollout(d, revisions))
	}
	return history, list.NextToken, nil
}

func (o *Observer) revisions(ctx context.Context, ref fleet.ServiceRef, deployments []ecstypes.ServiceDeployment) (map[string]fleet.Revision, error) {
	found := map[string]fleet.Revision{}
	var arns []string
	for _, d := range deployments {
		if d.TargetServiceRevision == nil {
			continue
		}
		arn := aws.ToString(d.TargetServiceRevision.Arn)
		if _, known := found[arn]; !known && arn != "" {
			found[arn] = fleet.Revision{ARN: arn}
			arns = append(arns, arn)
		}
	}
	if len(arns) == 0 {
		return found, nil
	}
	out, err := o.ECS.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
	if err != nil {
		return nil, fault.FromAWS("describing service revisions of "+ref.String(), err)
	}
	for _, r := range out.ServiceRevisions {
		found[aws.ToString(r.ServiceRevisionArn)] = revision(r)
	}
	return found, nil
}

func revision(r ecstypes.ServiceRevision) fleet.Revision {
	out := fleet.Revision{
		ARN:            aws.ToString(r.ServiceRevisionArn),
		TaskDefinition: fleet.NameOf(aws.ToString(r.TaskDefinition)),
		CreatedAt:      aws.ToTime(r.CreatedAt),
		Parts:          revisionParts(r),
	}
	if c := r.NetworkConfiguration; c != nil && c.AwsvpcConfiguration != nil {
		vpc := c.AwsvpcConfiguration
		out.Network = &fleet.Network{Subnets: vpc.Subnets, SecurityGroups: vpc.SecurityGroups, PublicIP: string(vpc.AssignPublicIp)}
	}
	if r.Monitoring != nil {
		for _, m := range r.Monitoring.MetricConfigurations {
			if slices.Contains(m.MetricNames, "CPUUtilization") {
				out.HighResolution = aws.ToInt32(m.ResolutionSeconds) == highResolutionSeconds
			}
		}
	}
	addTargetGroups(&out, &r)
	for _, c := range r.ContainerImages {
		image := fleet.ParseImage(aws.ToString(c.Image))
		// ECS records the resolved digest beside the reference as written.
		if d := aws.ToString(c.ImageDigest); d != "" {
			image.Digest = d
		}
		out.Containers = append(out.Containers, fleet.ContainerImage{Name: aws.ToString(c.ContainerName), Image: image})
	}
	return out
}

func rollout(d ecstypes.ServiceDeployment, revisions map[string]fleet.Revision) fleet.Rollout {
	r := fleet.Rollout{
		ARN:        aws.ToString(d.ServiceDeploymentArn),
		Status:     string(d.Status),
		CreatedAt:  aws.ToTime(d.CreatedAt),
		FinishedAt: aws.ToTime(d.FinishedAt),
	}
	if d.TargetServiceRevision != nil {
		r.Target = revisions[aws.ToString(d.TargetServiceRevision.Arn)]
	}
	if len(d.SourceServiceRevisions) > 0 {
		r.Source = aws.ToString(d.SourceServiceRevisions[0].Arn)
	}
	if d.DeploymentCircuitBreaker != nil {
		r.BreakerStatus = string(d.DeploymentCircuitBreaker.Status)
	}
	if d.Alarms != nil {
		r.AlarmStatus = string(d.Alarms.Status)
	}
	if d.Rollback != nil {
		r.RollbackTo = aws.ToString(d.Rollback.ServiceRevisionArn)
	}
	return r
}

// checkTargets reads whether the possible targets of a rollback can still run: their
// task definition, and their images. An unreadable part belongs to its target only.
// Rollouts of equal content are one target.
func (o *Observer) checkTargets(ctx context.Context, history []fleet.Rollout, needs fleet.Needs) {
	current, _ := fleet.Snapshot{History: history}.Current()
	seen := []fleet.Revision{current}
	usable := 0
	for i := range history {
		r := &history[i]
		if i == 0 || r.Status != string(ecstypes.ServiceDeploymentStatusSuccessful) || r.Target.TaskDefinition == "" {
			continue
		}
		if slices.ContainsFunc(seen, func(other fleet.Revision) bool { return fleet.Same(other, r.Target) }) {
			continue
		}
		if usable >= maxTargets || len(seen) > maxChecked {
			return
		}
		seen = append(seen, r.Target)
		if o.checkTarget(ctx, &r.Target, needs); canRun(r.Target) {
			usable++
		}
	}
}

// shareReadings copies the readings of a target to the other rollouts of its task
// definition and images.
func shareReadings(history []fleet.Rollout) {
	for i := range history {
		r := &history[i].Target
		for _, other := range history {
			from := other.Target
			if !alike(from, *r) {
				continue
			}
			if read := from.Status != "" || from.Unread != ""; read && r.Status == "" && r.Unread == "" {
				r.Status, r.Unread, r.Images, r.AsWritten = from.Status, from.Unread, from.Images, from.AsWritten
			}
			if r.Definition == nil {
				r.Definition = from.Definition
			}
		}
	}
}

// alike reports whether two revisions have the same task definition and digests.
func alike(a, b fleet.Revision) bool {
	return a.ARN == b.ARN || a.TaskDefinition == b.TaskDefinition && slices.Equal(a.Containers, b.Containers)
}

// canRun reports whether all parts of a target were read, and none prevents its start.
func canRun(r fleet.Revision) bool {
	return r.Pinned() && r.Status != "" && r.Status != fleet.Deleted && len(r.Images) == 0
}

// checkTarget reads the task definition of a target and the states of its images.
func (o *Observer) checkTarget(ctx context.Context, r *fleet.Revision, needs fleet.Needs) {
	out, err := o.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(r.TaskDefinition)})
	switch {
	case fault.IsNoTaskDefinition(err):
		r.Status = fleet.Deleted
	case err != nil:
		r.Unread = fault.FromAWS("describing task definition "+r.TaskDefinition, err).Error()
	default:
		r.Status = string(out.TaskDefinition.Status)
		if needs.Definitions {
			r.Definition = definition(out.TaskDefinition)
		}
	}
	tags := o.checkImages(ctx, r)
	r.AsWritten = err == nil && asWritten(out.TaskDefinition, *r, tags)
}

// asWritten reports whether the task definition, deployed without a change, runs the
// digests of the revision. tags are the tags that point to each digest.
func asWritten(t *ecstypes.TaskDefinition, r fleet.Revision, tags map[string][]string) bool {
	for _, c := range r.Containers {
		i := slices.IndexFunc(t.ContainerDefinitions, func(d ecstypes.ContainerDefinition) bool { return aws.ToString(d.Name) == c.Name })
		if i < 0 || c.Image.Digest == "" {
			return false
		}
		written := fleet.ParseImage(aws.ToString(t.ContainerDefinitions[i].Image))
		if written.Digest != c.Image.Digest && (written.Digest != "" || !slices.Contains(tags[c.Image.Digest], cmp.Or(written.Tag, "latest"))) {
			return false
		}
	}
	return len(r.Containers) > 0
}
