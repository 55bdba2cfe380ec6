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
	if v.wrong == "" && len(v.problems) == 0 && len(v.unread) == 0 {
		return nil
	}
	v.quick, v.wrong, v.problems, v.unread = false, "", nil, nil
	v.root(op.Input, in)
	switch {
	case v.wrong != "":
		return &Error{Code: "SerializationException", Message: v.wrong}
	case len(v.problems) > 0:
		return violation(x.service, x.operation, v.problems)
	}
	return s.refuseUnread(x, v.unread)
}

// refuseUnread refuses members that no handler reads: an error on a socket, where a
// client of somebody else asks, and a warning in memory.
func (s *Server) refuseUnread(x *exchange, members []string) error {
	verb := "member"
	if len(members) > 1 {
		verb = "members"
	}
	text := "ecssim does not model the " + verb + " " + strings.Join(members, ", ") + " of " + x.operation
	if x.r != nil && x.r.RemoteAddr != "" {
		return &Error{Code: codeOf(x.service, x.operation), Message: text}
	}
	if s.warn != nil {
		s.warn(text)
	}
	return nil
}

// violation returns the error of a service for violated constraints.
func violation(service, operation string, problems []string) *Error {
	if service == "ecr" {
		return &Error{Code: codeOf(service, operation), Message: inECRsWords(problems[0])}
	}
	count := "1 validation error"
	if n := len(problems); n > 1 {
		count = fmt.Sprintf("%d validation errors", n)
	}
	return &Error{Code: codeOf(service, operation), Message: count + " detected: " + strings.Join(problems, "; ")}
}

// codeOf returns the code of a refused request. The codes are those of errors that
// users of the services quote.
func codeOf(service, operation string) string {
	switch service {
	case "ecs":
		if operation == "RegisterTaskDefinition" {
			return "ClientException"
		}
		return "InvalidParameterException"
	case "ecr", "logs":
		return "InvalidParameterException"
	case serviceMonitoring, "sns", "sts", "cloudformation", "elasticloadbalancing":
		return "ValidationError"
	case serviceSQS:
		return "InvalidParameterValue"
	}
	return "ValidationException"
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
