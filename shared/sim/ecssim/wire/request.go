package wire

import (
	"fmt"
	"strings"
)

// checkRequest compares a request with AWS's model of its operation, as AWS does
// before it reads anything else. The error has AWS's code and words.
func (s *Server) checkRequest(x *exchange, in Object) error {
	model, err := s.models.Of(x.service)
	if err != nil || model == nil {
		return err
	}
	op, known := model.operations[x.operation]
	if !known {
		return nil
	}
	v := &validation{model: model, request: true, quick: true, text: x.protocol == protocolQuery, optional: x.service == "ecs"}
	v.root(op.Input, in)
	if v.wrong == "" && len(v.problems) == 0 {
		return nil
	}
	v.quick, v.wrong, v.problems = false, "", nil
	v.root(op.Input, in)
	if v.wrong != "" {
		return &Error{Code: "SerializationException", Message: v.wrong}
	}
	return violation(x.service, x.operation, v.problems)
}

// violation returns the error of a service for violated constraints. The codes are
// those of errors that users of the services quote.
func violation(service, operation string, problems []string) *Error {
	count := "1 validation error"
	if n := len(problems); n > 1 {
		count = fmt.Sprintf("%d validation errors", n)
	}
	message := count + " detected: " + strings.Join(problems, "; ")
	switch service {
	case "ecs":
		if operation == "RegisterTaskDefinition" {
			return &Error{Code: "ClientException", Message: message}
		}
		return &Error{Code: "InvalidParameterException", Message: message}
	case "ecr":
		return &Error{Code: "InvalidParameterException", Message: inECRsWords(problems[0])}
	case "logs":
		return &Error{Code: "InvalidParameterException", Message: message}
	case serviceMonitoring, "sns", "sts":
		return &Error{Code: "ValidationError", Message: message}
	case serviceSQS:
		return &Error{Code: "InvalidParameterValue", Message: message}
	}
	return &Error{Code: "ValidationException", Message: message}
}

// inECRsWords turns a violated constraint into the words of ECR, without the value.
func inECRsWords(problem string) string {
	_, rest, _ := strings.Cut(problem, "at '")
	place, constraint, _ := strings.Cut(rest, "' failed to satisfy constraint: Member ")
	constraint = strings.Replace(constraint, "must satisfy regular expression pattern: ", "must satisfy regular expression '", 1)
	if strings.Contains(constraint, "regular expression '") {
		constraint += "'"
	}
	return "Invalid parameter at '" + place + "' failed to satisfy constraint: '" + constraint + "'"
}
