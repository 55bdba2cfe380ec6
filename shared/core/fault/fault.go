// Package fault says what an error does to the event that met it: dropped,
// retried, or ended. Each fault carries a Hint, the cure in a person's words.
package fault

import (
	"errors"
	"fmt"
)

// Class is what becomes of the event.
type Class string

const (
	// Drop is for what is not ours, unknown or stale. Recorded and acknowledged.
	Drop Class = "drop"
	// Retry is for a throttle, timeout, lost lease or conflict. Returned, so that
	// SQS delivers the event again.
	Retry Class = "retry"
	// Terminal is for what cannot succeed, now or later. Recorded, alarmed, acknowledged.
	Terminal Class = "terminal"
)

// Fault is an error with its outcome.
type Fault struct {
	Class Class
	// Code is a short stable word for metrics, "throttled" say.
	Code string
	// Hint is what a person can do about it; empty where nothing can be done.
	Hint string
	Err  error
}

// Error is the wrapped error's text, then the hint.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Err.Error()
	}
	return f.Err.Error() + " (" + f.Hint + ")"
}

// Unwrap gives the wrapped error to errors.Is and errors.As.
func (f *Fault) Unwrap() error { return f.Err }

// Dropf is a Drop fault with a message.
func Dropf(code, format string, args ...any) *Fault {
	return &Fault{Class: Drop, Code: code, Err: fmt.Errorf(format, args...)}
}

// Retryf is a Retry fault with a message.
func Retryf(code, format string, args ...any) *Fault {
	return &Fault{Class: Retry, Code: code, Err: fmt.Errorf(format, args...)}
}

// Terminalf is a Terminal fault with a message.
func Terminalf(code, format string, args ...any) *Fault {
	return &Fault{Class: Terminal, Code: code, Err: fmt.Errorf(format, args...)}
}

// WithHint adds the cure and returns the same fault.
func (f *Fault) WithHint(hint string) *Fault {
	f.Hint = hint
	return f
}

// ClassOf is the class of err. An error that nobody classified is a Retry: it
// may be passing, and after five receives it waits in the dead-letter queue
// where a person sees it. A nil error has no class.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Class
	}
	return Retry
}

// CodeOf is the short word of err for metrics; "unclassified" where it has none.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*Fault](err); ok && f.Code != "" {
		return f.Code
	}
	return "unclassified"
}
