package wire

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is a modelled service error. Each protocol has its own form of it. Code
// is the name of the shape in the service model.
type Error struct {
	Code, Message string
	Status        int    // 0 is 400
	Fields        Object // further members of the error shape
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// Errorf returns an Error with status 400 and a formatted message.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// asError turns an error of a handler into a modelled error.
func asError(err error) *Error {
	if modelled, ok := errors.AsType[*Error](err); ok {
		return modelled
	}
	return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
}

func unreadable(err error) *Error {
	return &Error{Code: "SerializationException", Message: "the request body cannot be read: " + err.Error()}
}

func unmodelled(p protocol, service, operation string) *Error {
	code := "UnknownOperationException"
	if p == protocolQuery {
		code = "InvalidAction"
	}
	return Errorf(code, "ecssim does not model the operation %s of %s", operation, service)
}

// queryCode returns the code of an error shape for Query clients. Services that
// once had Query still send it, also in the other protocols.
func queryCode(service, code string) string {
	switch service {
	case serviceMonitoring:
		return monitoringQueryCode(code)
	case serviceSQS:
		return sqsQueryCode(code)
	}
	return code
}

func monitoringQueryCode(code string) string {
	switch code {
	case "DashboardInvalidInputError":
		return "InvalidParameterInput"
	case "DashboardNotFoundError":
		return "ResourceNotFound"
	case "InternalServiceFault":
		return "InternalServiceError"
	case "InvalidFormatFault":
		return "InvalidFormat"
	case "InvalidParameterCombinationException":
		return "InvalidParameterCombination"
	case "InvalidParameterValueException":
		return "InvalidParameterValue"
	case "LimitExceededFault":
		return "LimitExceeded"
	case "MissingRequiredParameterException":
		return "MissingParameter"
	}
	return code
}

func sqsQueryCode(code string) string {
	switch code {
	case "QueueDoesNotExist":
		return "AWS.SimpleQueueService.NonExistentQueue"
	case "QueueNameExists":
		return "QueueAlreadyExists"
	case "BatchEntryIdsNotDistinct", "EmptyBatchRequest", "TooManyEntriesInBatchRequest",
		"InvalidBatchEntryId", "BatchRequestTooLong", "MessageNotInflight",
		"PurgeQueueInProgress", "QueueDeletedRecently", "UnsupportedOperation":
		return "AWS.SimpleQueueService." + code
	}
	return code
}
