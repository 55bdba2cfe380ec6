package observe

import (
	"context"
	"slices"
	"sort"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
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
	return history, o.checkTargets(ctx, history, needs)
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

// checkTargets reads whether the possible targets of a rollback can still run:
// their task definition is ACTIVE, and their images exist. A forced deployment of the
// newest content is no target.
func (o *Observer) checkTargets(ctx context.Context, history []fleet.Rollout, needs fleet.Needs) error {
	checked := 0
	for i := range history {
		r := &history[i]
		if i == 0 || r.Status != string(ecstypes.ServiceDeploymentStatusSuccessful) || fleet.Same(r.Target, history[0].Target) {
			continue
		}
		if checked++; checked > maxTargets {
			return nil
		}
		if err := o.checkTarget(ctx, &r.Target, needs); err != nil {
			return err
		}
	}
	return nil
}

func (o *Observer) checkTarget(ctx context.Context, r *fleet.Revision, needs fleet.Needs) error {
	out, err := o.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(r.TaskDefinition)})
	if err != nil {
		return fault.FromAWS("describing task definition "+r.TaskDefinition, err)
	}
	r.Status = string(out.TaskDefinition.Status)
	if needs.Definitions {
		r.Definition = definition(out.TaskDefinition)
	}
	r.Missing, err = o.missing(ctx, *r)
	return err
}

// currentImages reads whether the images of the current revision still exist.
func (o *Observer) currentImages(ctx context.Context, s *fleet.Snapshot) error {
	current, ok := s.Current()
	if !ok {
		return nil
	}
	missing, err := o.missing(ctx, current)
	for i := range s.History {
		if r := &s.History[i].Target; r.ARN == current.ARN {
			r.Missing = missing
		}
	}
	return err
}

// missing returns the images of a revision that the registry no longer holds.
func (o *Observer) missing(ctx context.Context, r fleet.Revision) (images []string, err error) {
	for _, c := range r.Containers {
		deleted, err := o.isMissing(ctx, c.Image)
		if err != nil {
			return images, err
		}
		if deleted {
			images = append(images, c.Image.Pinned().String())
		}
	}
	return images, nil
}

// isMissing reports whether ECR no longer holds the image. Images of other
// registries and regions are not looked up: ECS pulls them by digest or fails.
func (o *Observer) isMissing(ctx context.Context, i fleet.Image) (bool, error) {
	account, region, ok := i.ECR()
	if !ok || region != o.Region || i.Digest == "" {
		return false, nil
	}
	_, err := o.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RegistryId: aws.String(account), RepositoryName: aws.String(i.Repository),
		ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: aws.String(i.Digest)}},
	})
	if fault.IsNotFound(err) {
		return true, nil
	}
	return false, fault.FromAWS("describing image "+i.String(), err)
}

// watched returns the image that the watched tag points to, and the time of its
// push.
func (o *Observer) watched(ctx context.Context, s fleet.Snapshot, needs fleet.Needs) (*fleet.Image, time.Time, error) {
	current, ok := s.Current()
	if !ok {
		return nil, time.Time{}, nil
	}
	for _, c := range current.Containers {
		_, _, inECR := c.Image.ECR()
		if c.Image.Repository == needs.Repository || (needs.Repository == "" && inECR) {
			return o.tagged(ctx, c.Image, needs.Tag)
		}
	}
	return &fleet.Image{Repository: needs.Repository, Tag: needs.Tag}, time.Time{}, nil
}

func (o *Observer) tagged(ctx context.Context, i fleet.Image, tag string) (*fleet.Image, time.Time, error) {
	account, region, ok := i.ECR()
	if !ok || region != o.Region {
		return nil, time.Time{}, fault.Terminalf("foreign-registry", "the repository %s is not an ECR repository of %s", i.Repository, o.Region)
	}
	out, err := o.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RegistryId: aws.String(account), RepositoryName: aws.String(i.Repository),
		ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: aws.String(tag)}},
	})
	if err != nil {
		return nil, time.Time{}, fault.FromAWS("describing image "+i.Repository+":"+tag, err)
	}
	if len(out.ImageDetails) != 1 || aws.ToString(out.ImageDetails[0].ImageDigest) == "" {
		return nil, time.Time{}, fault.Retryf("empty-answer", "describing image %s:%s: ECR named no digest", i.Repository, tag)
	}
	found := out.ImageDetails[0]
	image := fleet.Image{Registry: i.Registry, Repository: i.Repository, Tag: tag, Digest: aws.ToString(found.ImageDigest)}
	return &image, aws.ToTime(found.ImagePushedAt), nil
}
