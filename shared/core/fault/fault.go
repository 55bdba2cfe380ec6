// Package fault classifies errors by the outcome of the event: dropped, retried or
// ended. Each fault carries a Hint, the fix for an operator.
package fault

import (
	"errors"
	"fmt"
)

// Class is the outcome of the event.
type Class string

const (
	// Drop is for foreign, unknown and stale events. They are recorded and
	// acknowledged.
	Drop Class = "drop"
	// Retry is for a throttle, a timeout, a lost lease or a conflict. It is
	// returned, so that SQS delivers the event again.
	Retry Class = "retry"
	// Terminal is for errors that no later try can avoid. They are recorded,
	// alarmed and acknowledged.
	Terminal Class = "terminal"
)

// Fault is an error with the outcome of the event.
type Fault struct {
	Class Class
	// Code is a short stable word for metrics, such as "throttled".
	Code string
	// Hint is the fix for an operator; empty if there is none.
	Hint string
	Err  error
}

// Error returns the text of the wrapped error, then the hint.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Err.Error()
	}
	return f.Err.Error() + " (" + f.Hint + ")"
}

// Unwrap returns the wrapped error to errors.Is and errors.As.
func (f *Fault) Unwrap() error { return f.Err }

// Dropf returns a Drop fault with a message.
func Dropf(code, format string, args ...any) *Fault {
	return &Fault{Class: Drop, Code: code, Err: fmt.Errorf(format, args...)}
}

// Retryf returns a Retry fault with a message.
func Retryf(code, format string, args ...any) *Fault {
	return &Fault{Class: Retry, Code: code, Err: fmt.Errorf(format, args...)}
}

// Terminalf returns a Terminal fault with a message.
func Terminalf(code, format string, args ...any) *Fault {
	return &Fault{Class: Terminal, Code: code, Err: fmt.Errorf(format, args...)}
}

// WithHint sets the fix for an operator and returns the same fault.
func (f *Fault) WithHint(hint string) *Fault {
	f.Hint = hint
	return f
}

// ClassOf returns the class of err. An unclassified error is a Retry: it may pass.
// After five receives the event moves to the dead-letter queue, for an operator to
// see. A nil error has no class.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Class
	}
	return Retry
}

// CodeOf returns the code of err for metrics; "unclassified" for an error without
// one, and an empty string for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*Fault](err); ok && f.Code != "" {
		return f.Code
	}
	return "unclassified"
}
