package inspect

import (
	"errors"
	"strings"

	"homeostat/shared/core/fault"

	"github.com/aws/smithy-go"
)

// ErrorSummary returns the operation of a failed AWS call, the code and message
// of AWS, and a hint if there is one. The text of the SDK also holds request
// ids, attempts and endpoints.
func ErrorSummary(err error) string {
	doing, cause, ofAWS := strings.Cut(err.Error(), ": operation error ")
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok && ofAWS && strings.Contains(cause, "deserialization failed"):
		call, _, _ := strings.Cut(cause, ",")
		return doing + ": the answer to " + call + " is not a response of AWS"
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
