package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
)

func TestAFaultCarriesItsClassItsCodeAndItsHint(t *testing.T) {
	for name, c := range map[string]struct {
		make  func(code, format string, args ...any) *fault.Fault
		class fault.Class
	}{
		"drop":     {fault.Dropf, fault.Drop},
		"retry":    {fault.Retryf, fault.Retry},
		"terminal": {fault.Terminalf, fault.Terminal},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.make("word", "reading %s: %w", "it", io.EOF)
			assert.Equal(t, "reading it: EOF", f.Error())
			require.ErrorIs(t, f, io.EOF)
			assert.Equal(t, c.class, fault.ClassOf(f))
			assert.Equal(t, "word", fault.CodeOf(f))
			assert.Empty(t, f.Hint)
			assert.Same(t, f, f.WithHint("try later"))
			assert.Equal(t, "reading it: EOF (try later)", f.Error())
		})
	}
}

func TestAFaultKeepsItsClassHoweverItIsWrapped(t *testing.T) {
	inner := fault.Terminalf("denied", "no")
	for name, err := range map[string]error{
		"wrapped once":  fmt.Errorf("doing: %w", inner),
		"wrapped twice": fmt.Errorf("more: %w", fmt.Errorf("doing: %w", inner)),
		"joined":        errors.Join(io.EOF, inner),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, fault.Terminal, fault.ClassOf(err))
			assert.Equal(t, "denied", fault.CodeOf(err))
			var f *fault.Fault
			require.ErrorAs(t, err, &f)
			assert.Same(t, inner, f)
		})
	}
}

func TestAnUnclassifiedErrorIsARetry(t *testing.T) {
	assert.Equal(t, fault.Retry, fault.ClassOf(io.EOF))
	assert.Equal(t, "unclassified", fault.CodeOf(io.EOF))
	assert.Equal(t, "unclassified", fault.CodeOf(&fault.Fault{Class: fault.Drop, Err: io.EOF}), "a fault without a word")
	assert.Empty(t, fault.ClassOf(nil))
	assert.Empty(t, fault.CodeOf(nil))
}

func api(code string) error { return &smithy.GenericAPIError{Code: code, Message: "said AWS"} }

func TestErrorsOfAWSAreClassifiedByTheirCode(t *testing.T) {
	for word, c := range map[string]struct {
		class              fault.Class
		notFound, conflict bool
		codes              []string
	}{
		"denied": {class: fault.Terminal, codes: []string{
			"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "UnrecognizedClientException", "InvalidClientTokenId",
			"ExpiredToken", "ExpiredTokenException", "KMSAccessDeniedException",
		}},
		"not-found": {class: fault.Terminal, notFound: true, codes: []string{
			"ServiceNotFoundException", "ClusterNotFoundException", "ServiceNotActiveException", "ServiceDeploymentNotFoundException",
			"RepositoryNotFoundException", "ImageNotFoundException", "ResourceNotFoundException", "ObjectNotFoundException",
			"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "NotFound", "NotFoundException",
		}},
		"invalid": {class: fault.Terminal, codes: []string{
			"InvalidParameterException", "ValidationException", "InvalidParameter", "InvalidParameterValue",
			"InvalidParameterCombination", "SerializationException", "UnsupportedFeatureException", "UnknownOperationException",
			"PlatformUnknownException", "PlatformTaskDefinitionIncompatibilityException",
		}},
		"conflict": {class: fault.Retry, conflict: true, codes: []string{
			"ConflictException", "ConditionalCheckFailedException", "TransactionCanceledException", "TransactionConflictException",
			"TransactionInProgressException", "UpdateInProgressException", "ConcurrentUpdateException", "ResourceInUseException",
		}},
		"throttled": {class: fault.Retry, codes: []string{
			"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
			"ProvisionedThroughputExceededException", "RequestThrottled", "LimitExceededException", "SlowDown", "BandwidthLimitExceeded",
		}},
		"aws-error": {class: fault.Retry, codes: []string{"ServerException", "InternalFailure", "ServiceUnavailable", "NeverHeardOf"}},
	} {
		for _, code := range c.codes {
			t.Run(code+" is "+word, func(t *testing.T) {
				cause := fmt.Errorf("operation error ECS: %w", api(code))
				err := fault.FromAWS("describing service web", cause)
				require.ErrorIs(t, err, cause)
				assert.Equal(t, c.class, fault.ClassOf(err))
				assert.Equal(t, word, fault.CodeOf(err))
				assert.Equal(t, code, fault.AWSCode(err))
				assert.Equal(t, c.notFound, fault.IsNotFound(cause))
				assert.Equal(t, c.conflict, fault.IsConflict(cause))
				var f *fault.Fault
				require.ErrorAs(t, err, &f)
				assert.Equal(t, word == "denied", f.Hint != "", "only a denial can be cured by a person")
				assert.Contains(t, err.Error(), "describing service web: operation error ECS: api error "+code+": said AWS")
			})
		}
	}
}

func TestAnErrorWithoutACodeIsALostConnection(t *testing.T) {
	for name, cause := range map[string]error{"a broken connection": io.ErrUnexpectedEOF, "a deadline": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			err := fault.FromAWS("describing service web", cause)
			require.ErrorIs(t, err, cause)
			assert.Equal(t, fault.Retry, fault.ClassOf(err))
			assert.Equal(t, "aws-unreachable", fault.CodeOf(err))
			assert.Empty(t, fault.AWSCode(err))
			assert.False(t, fault.IsNotFound(cause))
			assert.False(t, fault.IsConflict(cause))
		})
	}
}

func TestAFaultOfAnEarlierStepKeepsItsClass(t *testing.T) {
	inner := fault.Dropf("stale", "too late: %w", api("AccessDenied"))
	err := fault.FromAWS("reading", inner)
	require.EqualError(t, err, "reading: "+inner.Error())
	assert.Equal(t, fault.Drop, fault.ClassOf(err))
	assert.Equal(t, "stale", fault.CodeOf(err))
}

func TestNoErrorStaysNone(t *testing.T) {
	require.NoError(t, fault.FromAWS("reading", nil))
	assert.False(t, fault.IsNotFound(nil))
	assert.False(t, fault.IsConflict(nil))
	assert.Empty(t, fault.AWSCode(nil))
}
