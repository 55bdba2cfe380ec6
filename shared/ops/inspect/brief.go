package inspect

import (
	"errors"
	"strings"

	"homeostat/shared/core/fault"

	"github.com/aws/smithy-go"
)

// ErrorSummary is what a person needs of an error of an AWS call: what was being done,
// AWS's own code and words, and the cure where there is one. The SDK's text
// also holds request ids, attempts and endpoints.
func ErrorSummary(err error) string {
	doing, cause, ofAWS := strings.Cut(err.Error(), ": operation error ")
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok && ofAWS && strings.Contains(cause, "deserialization failed"):
		call, _, _ := strings.Cut(cause, ",")
		return doing + ": the answer to " + call + " is not what AWS answers"
	case !ok:
		return err.Error()
	}
	text := doing + ": " + api.ErrorCode()
	if message := api.ErrorMessage(); message != "" {
		text += ": " + message
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}
