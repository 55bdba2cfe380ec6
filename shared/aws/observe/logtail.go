package observe

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

// Logs is the part of CloudWatch Logs that is read.
type Logs interface {
	// Events returns the newest messages of a stream, oldest first.
	Events(ctx context.Context, group, stream string, limit int) ([]string, error)
}

// LogReader reads the log tail of a stopped container.
type LogReader struct {
	Logs Logs
	// Patterns are redacted in addition to the built-in ones.
	Patterns []*regexp.Regexp
}

// Tail returns the last n lines, at most 50, of the container of the task,
// redacted. The error is the reason for missing lines, as a text for the episode.
// It must not end an evaluation.
func (r *LogReader) Tail(ctx context.Context, d *fleet.Definition, container, task string, n int) ([]string, error) {
	group, stream, err := streamOf(d, container, task)
	if err != nil || n <= 0 {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	messages, err := r.Logs.Events(ctx, group, stream, linesLimit)
	if err != nil {
		return nil, fault.FromAWS("reading the log stream "+stream+" of "+group, err)
	}
	var lines []string
	for _, m := range messages {
		lines = append(lines, strings.Split(strings.TrimRight(m, "\r\n"), "\n")...)
	}
	// Redact before the lines are counted: a private key that is cut in half is
	// harder to detect.
	lines = Redact(lines, append(assignments(d), r.Patterns...)...)
	return lines[max(0, len(lines)-min(n, linesLimit)):], nil
}

// streamOf returns the stream that the awslogs driver writes for the container of
// the task.
func streamOf(d *fleet.Definition, container, task string) (group, stream string, err error) {
	if d == nil {
		return "", "", fmt.Errorf("the task definition was not read, so the log stream of %s is unknown", container)
	}
	at := slices.IndexFunc(d.Containers, func(c fleet.ContainerDefinition) bool { return c.Name == container })
	if at < 0 {
		return "", "", fmt.Errorf("the task definition has no container %q", container)
	}
	switch c := d.Containers[at]; {
	case c.Log == "":
		return "", "", fmt.Errorf("the container %s has no log driver", container)
	case c.Log != "awslogs":
		return "", "", fmt.Errorf("the container %s uses the log driver %s, only awslogs is read", container, c.Log)
	case c.LogGroup == "" || c.LogPrefix == "":
		return "", "", fmt.Errorf("the container %s has no awslogs-group or no awslogs-stream-prefix", container)
	default:
		return c.LogGroup, c.LogPrefix + "/" + container + "/" + task, nil
	}
}

// assignments returns patterns for the values of the secrets and variables of this
// definition, beside their names.
func assignments(d *fleet.Definition) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, c := range d.Containers {
		names := slices.Sorted(maps.Keys(c.Secrets))
		for _, name := range append(names, c.Environment...) {
			find, err := regexp.Compile(`(?:^|[^A-Za-z0-9_])` + regexp.QuoteMeta(name) + `["']?\s*[=:]\s*(?:"[^"]*"|'[^']*'|[^\s,;]+)`)
			if err == nil {
				out = append(out, find)
			}
		}
	}
	return out
}
