package act

import (
	"context"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// ECR is the part of Amazon ECR that actions need.
type ECR interface {
	UpdateImageStorageClass(context.Context, *ecr.UpdateImageStorageClassInput, ...func(*ecr.Options)) (*ecr.UpdateImageStorageClassOutput, error)
}

// restoreImage moves an archived image back to the standard storage class. ECR then
// shows it as ACTIVATING, and later as ACTIVE.
func (a *Actor) restoreImage(ctx context.Context, action fleet.Action) (fleet.Result, error) {
	if len(action.Images) != 1 || action.Images[0].Image.Digest == "" {
		return fleet.Result{}, fault.Terminalf("restore-impossible", "a restoration needs one image with a digest, found %d", len(action.Images))
	}
	image := action.Images[0].Image
	account, _, ok := image.ECR()
	if !ok {
		return fleet.Result{}, fault.Terminalf("foreign-registry", "the image %s is not in ECR", image)
	}
	_, err := a.ECR.UpdateImageStorageClass(ctx, &ecr.UpdateImageStorageClassInput{
		RegistryId: aws.String(account), RepositoryName: aws.String(image.Repository),
		ImageId: &ecrtypes.ImageIdentifier{ImageDigest: aws.String(image.Digest)}, TargetStorageClass: ecrtypes.TargetStorageClassStandard,
	})
	if err != nil {
		return fleet.Result{}, fault.FromAWS("restoring the image "+image.String(), err)
	}
	return fleet.Result{Status: fleet.Done, Text: "restores " + image.String()}, nil
}
