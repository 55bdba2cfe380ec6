package observe

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

const (
	// linesLimit is how many log events are asked for.
	linesLimit = 50
	// logPatience is how long a look waits for log lines: they explain a
	// decision, and no decision waits for them.
	logPatience = 2 * time.Second
)

// Logs is the part of CloudWatch Logs that is read.
type Logs interface {
	// Events are the newest messages of a stream, oldest first.
	Events(ctx context.Context, group, stream string, limit int) ([]string, error)
}

// LogReader reads what a container wrote before it died.
type LogReader struct {
	Logs Logs
	// Patterns are taken out of the lines besides those that always are.
	Patterns []*regexp.Regexp
}

// Tail are the last n lines, at most 50, that the container of the task
// wrote, redacted. The error says in words why there are none to be had: it is
// a reason to be recorded, never one to end a look.
func (r *LogReader) Tail(ctx context.Context, d *fleet.Definition, container, task string, n int) ([]string, error) {
	group, stream, err := streamOf(d, container, task)
	if err != nil || n <= 0 {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, logPatience)
	defer cancel()
	messages, err := r.Logs.Events(ctx, group, stream, linesLimit)
	if err != nil {
		return nil, fault.FromAWS("reading the log stream "+stream+" of "+group, err)
	}
	var lines []string
	for _, m := range messages {
		lines = append(lines, strings.Split(strings.TrimRight(m, "\r\n"), "\n")...)
	}
	// Redacted before they are counted: a private key that is cut in half is
	// harder to know.
	lines = Redact(lines, append(assignments(d), r.Patterns...)...)
	return lines[max(0, len(lines)-min(n, linesLimit)):], nil
}

// streamOf is where the awslogs driver writes what the container of the task
// says.
func streamOf(d *fleet.Definition, container, task string) (group, stream string, err error) {
	if d == nil {
		return "", "", fmt.Errorf("the task definition was not read, so it is not known where %s logs to", container)
	}
	at := slices.IndexFunc(d.Containers, func(c fleet.ContainerDefinition) bool { return c.Name == container })
	if at < 0 {
		return "", "", fmt.Errorf("the task definition has no container %q", container)
	}
	switch c := d.Containers[at]; {
	case c.Log == "":
		return "", "", fmt.Errorf("the container %s has no log driver", container)
	case c.Log != "awslogs":
		return "", "", fmt.Errorf("the container %s logs by %s, and only awslogs is read", container, c.Log)
	case c.LogGroup == "" || c.LogPrefix == "":
		return "", "", fmt.Errorf("the container %s needs awslogs-group and awslogs-stream-prefix for its stream to be known", container)
	default:
		return c.LogGroup, c.LogPrefix + "/" + container + "/" + task, nil
	}
}

// assignments find the values that tasks of this definition were given by
// secrets and variables, wherever a line tells one with its name.
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
