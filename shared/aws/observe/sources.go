package observe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

// source is a parameter or a secret that a task definition names. Exactly one of names,
// secret and unread is set.
type source struct {
	// names are the possible names of a parameter. The ARN parameter/db may belong to db
	// and to /db.
	names []string
	// secret is the ARN of a secret, without key, stage and version.
	secret string
	// unread is the reason that the source is not read.
	unread string
}

// The reasons for an unknown change.
const (
	sourceElsewhere = "in another account or region"
	sourceVersion   = "a fixed version"
	sourceUnclear   = "neither a parameter nor a secret"
	sourceTooMany   = "more than are read at once"
	sourceMissing   = "not found"
)

// sourceOf parses the source of a secret in the forms that ECS accepts. They are the name
// or the ARN of a parameter, and the ARN of a secret. Key, stage and version may follow
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html).
func sourceOf(from string, ref fleet.ServiceRef) source {
	if !strings.HasPrefix(from, "arn:") {
		return parameterOf(from)
	}
	parts := strings.SplitN(from, ":", 6)
	if len(parts) < 6 {
		return source{unread: sourceUnclear}
	}
	service, rest := parts[2], parts[5]
	name, isParameter := strings.CutPrefix(rest, "parameter/")
	switch {
	case service != "ssm" && service != "secretsmanager":
		return source{unread: sourceUnclear}
	case parts[3] != ref.Region || parts[4] != ref.Account:
		return source{unread: sourceElsewhere}
	case service == "secretsmanager":
		return secretOf(strings.Join(parts[:5], ":"), strings.Split(rest, ":"))
	case !isParameter || name == "":
		return source{unread: sourceUnclear}
	case strings.Contains(name, "/"):
		return parameterOf("/" + name)
	}
	s := parameterOf(name)
	if s.unread == "" {
		s.names = append(s.names, "/"+name)
	}
	return s
}

// parameterOf parses the name of a parameter. A name with a selector is a fixed version.
// One impossible name would make AWS refuse the request for all
// (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html).
func parameterOf(name string) source {
	name, _, fixed := strings.Cut(name, ":")
	strange := strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("_.-/", r)
	})
	switch {
	case name == "" || strange || len(name) > parameterLength:
		return source{unread: sourceUnclear}
	case fixed:
		return source{unread: sourceVersion}
	}
	return source{names: []string{name}}
}

// secretOf parses the end of the ARN of a secret: secret, name, key, stage, version.
func secretOf(begin string, rest []string) source {
	const version = 4
	switch {
	case rest[0] != "secret" || len(rest) < 2 || rest[1] == "" || len(rest) > version+1:
		return source{unread: sourceUnclear}
	case len(rest) > version && rest[version] != "":
		return source{unread: sourceVersion}
	}
	return source{secret: begin + ":secret:" + rest[1]}
}

// sourceChanges reads the last changes of the parameters and secrets that the running
// definition names. A source is in Snapshot.SourceChanges, or the reason for its absence
// is in Snapshot.Unread.
func (o *Observer) sourceChanges(ctx context.Context, s *fleet.Snapshot) {
	if o.Sources == nil {
		return
	}
	current, _ := s.Current()
	if current.Definition == nil {
		markUnread(s, "sources", errors.New("the task definition was not read"))
		return
	}
	sources := sourcesOf(current.Definition, s.Ref)
	ctx, cancel := context.WithTimeout(ctx, sourcesTimeout)
	defer cancel()
	r := sourceRead{reader: o.Sources, changed: map[string]time.Time{}, unread: map[string]string{}}
	r.parameters(ctx, sources)
	r.secrets(ctx, sources)
	if len(r.changed) > 0 {
		s.SourceChanges = r.changed
	}
	if len(r.unread) > 0 {
		markUnread(s, "sources", errors.New(r.reasons()))
	}
}

// sourcesOf returns the sources that a definition names, by their text.
func sourcesOf(d *fleet.Definition, ref fleet.ServiceRef) map[string]source {
	sources := map[string]source{}
	for _, from := range d.SecretSources() {
		sources[from] = sourceOf(from, ref)
	}
	return sources
}

// sourceRead is one read of the sources. changed and unread are by the source as the
// definition names it.
type sourceRead struct {
	reader  SourceReader
	changed map[string]time.Time
	unread  map[string]string
}

// parameters reads all parameters at once.
func (r *sourceRead) parameters(ctx context.Context, sources map[string]source) {
	var wanted []string
	read := map[string][]string{}
	for _, from := range slices.Sorted(maps.Keys(sources)) {
		switch names := sources[from].names; {
		case sources[from].unread != "":
			r.unread[from] = sources[from].unread
		case names == nil:
		case len(wanted)+len(names) > parametersLimit:
			r.unread[from] = sourceTooMany
		default:
			read[from] = names
			wanted = append(wanted, names...)
		}
	}
	if len(wanted) == 0 {
		return
	}
	slices.Sort(wanted)
	found, err := r.reader.Parameters(ctx, slices.Compact(wanted))
	for from, names := range read {
		var last time.Time
		for _, name := range names {
			if at := found[name]; at.After(last) {
				last = at
			}
		}
		r.note(from, last, err)
	}
}

// secrets reads each secret once. It ends at a throttle.
func (r *sourceRead) secrets(ctx context.Context, sources map[string]source) {
	by := map[string][]string{}
	for from, s := range sources {
		if s.secret != "" {
			by[s.secret] = append(by[s.secret], from)
		}
	}
	var throttled error
	for i, arn := range slices.Sorted(maps.Keys(by)) {
		var at time.Time
		err := throttled
		if err == nil && i < secretsRead {
			at, err = r.reader.Secret(ctx, arn)
		}
		if fault.CodeOf(fault.FromAWS("", err)) == "throttled" {
			throttled = err
		}
		for _, from := range by[arn] {
			if i >= secretsRead && err == nil {
				r.unread[from] = sourceTooMany
				continue
			}
			r.note(from, at, err)
		}
	}
}

// note keeps a time, or the reason for a zero time.
func (r *sourceRead) note(from string, at time.Time, err error) {
	if !at.IsZero() {
		r.changed[from] = at
		return
	}
	r.unread[from] = sourceMissing
	switch code := fault.CodeOf(fault.FromAWS("reading", err)); code {
	case "", "not-found":
	case fault.Denied:
		r.unread[from] = "not permitted"
	case "throttled":
		r.unread[from] = code
	default:
		r.unread[from] = err.Error()
	}
}

// reasons returns the unread sources by reason, as one text.
func (r *sourceRead) reasons() string {
	by := map[string][]string{}
	for _, from := range slices.Sorted(maps.Keys(r.unread)) {
		by[r.unread[from]] = append(by[r.unread[from]], from)
	}
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(by)) {
		names := by[reason]
		text := reason + ": " + strings.Join(names[:min(len(names), sourcesNamed)], ", ")
		if more := len(names) - sourcesNamed; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}
