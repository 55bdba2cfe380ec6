package installed

import (
	"errors"
	"strings"

	"homeostat/shared/fault"

	"github.com/aws/smithy-go"
)

// Brief is what a person needs of an error of an AWS call: what was being done,
// AWS's own code and words, and the cure where there is one. The SDK's text
// also holds request ids, attempts and endpoints.
func Brief(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return err.Error()
	}
	doing, _, _ := strings.Cut(err.Error(), ": operation error ")
	text := doing + ": " + api.ErrorCode()
	if message := api.ErrorMessage(); message != "" {
		text += ": " + message
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}
