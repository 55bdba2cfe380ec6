package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Denied is the code of a call that AWS refused because a permission is missing.
const Denied = "denied"

// coded is implemented by every modeled error of the AWS SDK.
type coded interface {
	error
	ErrorCode() string
}

// AWSCode returns the service's error code in err. It is empty for an error without
// one: a timeout, a broken connection, a canceled context.
func AWSCode(err error) string {
	if c, ok := errors.AsType[coded](err); ok {
		return c.ErrorCode()
	}
	return ""
}

// IsNotFound reports whether AWS did not find the resource.
func IsNotFound(err error) bool { return slices.Contains(notFoundCodes(), AWSCode(err)) }

// IsNoTaskDefinition reports whether ECS does not know the task definition: it never
// existed, or its deletion is complete. ECS answers a ClientException with that text.
func IsNoTaskDefinition(err error) bool {
	return AWSCode(err) == "ClientException" && strings.Contains(strings.ToLower(err.Error()), "unable to describe task definition")
}

// IsConflict reports whether AWS refused a call because the resource has changed or
// is being changed.
func IsConflict(err error) bool { return slices.Contains(conflictCodes(), AWSCode(err)) }

// FromAWS classifies an error of an AWS call. doing is a gerund with its object:
// "describing service web". A nil err stays nil.
func FromAWS(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Fault](err); ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	f := &Fault{Class: Retry, Code: "aws-unreachable", Err: fmt.Errorf("%s: %w", doing, err)}
	code := AWSCode(err)
	switch {
	case code == "":
	case slices.Contains(deniedCodes(), code):
		f.Class, f.Code, f.Hint = Terminal, Denied, "the role lacks the permission in the message"
	case slices.Contains(notFoundCodes(), code):
		f.Class, f.Code = Terminal, "not-found"
	case code == "ClientException" && strings.Contains(strings.ToLower(err.Error()), "concurrent"):
		f.Code = "conflict" // two registrations of one family at once: a retry succeeds
	case slices.Contains(invalidCodes(), code):
		f.Class, f.Code = Terminal, "invalid"
	case slices.Contains(conflictCodes(), code):
		f.Code = "conflict"
	case slices.Contains(throttleCodes(), code):
		f.Code = "throttled"
	default:
		f.Code = "aws-error"
	}
	return f
}

func deniedCodes() []string {
	return []string{
		"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "UnrecognizedClientException",
		"InvalidClientTokenId", "ExpiredToken", "ExpiredTokenException", "KMSAccessDeniedException",
	}
}

func notFoundCodes() []string {
	return []string{
		"ServiceNotFoundException", "ClusterNotFoundException", "ServiceNotActiveException",
		"ServiceDeploymentNotFoundException", "RepositoryNotFoundException", "ImageNotFoundException",
		"ResourceNotFoundException", "ObjectNotFoundException", "QueueDoesNotExist",
		"AWS.SimpleQueueService.NonExistentQueue", "NotFound", "NotFoundException",
	}
}

func invalidCodes() []string {
	return []string{
		"InvalidParameterException", "ValidationException", "ClientException", "InvalidParameter",
		"InvalidParameterValue", "InvalidParameterCombination", "SerializationException", "UnsupportedFeatureException",
		"UnknownOperationException", "PlatformUnknownException", "PlatformTaskDefinitionIncompatibilityException",
	}
}

func conflictCodes() []string {
	return []string{
		"ConflictException", "ConditionalCheckFailedException", "TransactionCanceledException",
		"TransactionConflictException", "TransactionInProgressException", "UpdateInProgressException",
		"ConcurrentUpdateException", "ResourceInUseException",
	}
}

func throttleCodes() []string {
	return []string{
		"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException",
		"RequestLimitExceeded", "ProvisionedThroughputExceededException", "RequestThrottled", "LimitExceededException",
		"SlowDown", "BandwidthLimitExceeded",
	}
}
