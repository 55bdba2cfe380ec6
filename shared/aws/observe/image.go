package observe

import (
	"context"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// currentImages reads the states of the images of the current revision.
func (o *Observer) currentImages(ctx context.Context, s *fleet.Snapshot) {
	current, ok := s.Current()
	if !ok {
		return
	}
	o.checkImages(ctx, &current)
	for i := range s.History {
		if r := &s.History[i].Target; r.ARN == current.ARN {
			r.Images = current.Images
		}
	}
}

// checkImages reads the states of the images of a revision, and returns the tags that
// point to each digest.
func (o *Observer) checkImages(ctx context.Context, r *fleet.Revision) map[string][]string {
	tags := map[string][]string{}
	r.Images = nil
	for _, c := range r.Containers {
		if _, done := tags[c.Image.Digest]; done || !o.inRegion(c.Image) || c.Image.Digest == "" {
			continue
		}
		found, err := o.describeImage(ctx, c.Image, ecrtypes.ImageIdentifier{ImageDigest: aws.String(c.Image.Digest)})
		checked := fleet.CheckedImage{Image: c.Image.Pinned(), State: found.state}
		if err != nil {
			checked.Why = err.Error()
		}
		if tags[c.Image.Digest] = found.tags; checked.State != fleet.ImageRunnable {
			r.Images = append(r.Images, checked)
		}
	}
	return tags
}

// inRegion reports whether the image belongs to ECR in the region of the clients.
// Other images are not looked up: ECS pulls them by digest or fails.
func (o *Observer) inRegion(i fleet.Image) bool {
	_, region, ok := i.ECR()
	return ok && region == o.Region
}

// foundImage is an image as the registry describes it.
type foundImage struct {
	state    fleet.ImageState
	digest   string
	tags     []string
	pushedAt time.Time
}

// describeImage returns an image of a repository. The state of a missing image is
// ImageGone, without an error. With an error it is ImageUnknown.
func (o *Observer) describeImage(ctx context.Context, i fleet.Image, id ecrtypes.ImageIdentifier) (foundImage, error) {
	account, _, _ := i.ECR()
	out, err := o.ECR.DescribeImages(ctx, &ecr.DescribeImagesInput{
		RegistryId: aws.String(account), RepositoryName: aws.String(i.Repository), ImageIds: []ecrtypes.ImageIdentifier{id},
	})
	switch {
	case fault.IsNotFound(err):
		return foundImage{state: fleet.ImageGone}, nil
	case err != nil:
		return foundImage{state: fleet.ImageUnknown}, fault.FromAWS("describing image "+i.String(), err)
	case len(out.ImageDetails) != 1 || aws.ToString(out.ImageDetails[0].ImageDigest) == "":
		return foundImage{state: fleet.ImageUnknown}, fault.Retryf("empty-answer", "describing image %s: ECR named no digest", i)
	}
	image := out.ImageDetails[0]
	return foundImage{
		state: stateOf(image.ImageStatus), digest: aws.ToString(image.ImageDigest), tags: image.ImageTags, pushedAt: aws.ToTime(image.ImagePushedAt),
	}, nil
}

// stateOf returns the state of an image from its status. Registries without the status
// report none, and their images are runnable.
func stateOf(status ecrtypes.ImageStatus) fleet.ImageState {
	switch status {
	case "", ecrtypes.ImageStatusActive:
		return fleet.ImageRunnable
	case ecrtypes.ImageStatusArchived:
		return fleet.ImageArchived
	case ecrtypes.ImageStatusActivating:
		return fleet.ImageActivating
	}
	return fleet.ImageUnknown
}

// watched reads the image that the watched tag points to.
func (o *Observer) watched(ctx context.Context, s *fleet.Snapshot, needs fleet.Needs) error {
	current, ok := s.Current()
	if !ok {
		return nil
	}
	for _, c := range current.Containers {
		_, _, inECR := c.Image.ECR()
		if c.Image.Repository == needs.Repository || (needs.Repository == "" && inECR) {
			return o.tagged(ctx, s, c.Image, needs.Tag)
		}
	}
	s.Watched = &fleet.Image{Repository: needs.Repository, Tag: needs.Tag}
	return nil
}

func (o *Observer) tagged(ctx context.Context, s *fleet.Snapshot, i fleet.Image, tag string) error {
	if !o.inRegion(i) {
		return fault.Terminalf("foreign-registry", "the repository %s is not an ECR repository of %s", i.Repository, o.Region)
	}
	i.Tag, i.Digest = tag, ""
	found, err := o.describeImage(ctx, i, ecrtypes.ImageIdentifier{ImageTag: aws.String(tag)})
	switch {
	case err != nil:
		return err
	case found.state == fleet.ImageGone:
		return fault.Terminalf("not-found", "describing image %s: the registry has no such tag (ImageNotFoundException)", i)
	}
	i.Digest = found.digest
	s.Watched, s.WatchedAt, s.WatchedState = &i, found.pushedAt, found.state
	return nil
}
