package cloudwatchlogs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

func (g *logGroup) mustStream(in wire.Object) (*logStream, error) {
	if stream := g.stream(in.String("logStreamName")); stream != nil {
		return stream, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
}

func (s *Service) createLogStream(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	name := in.String("logStreamName")
	if g.stream(name) != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	g.streams = append(g.streams, &logStream{name: name, created: s.account.Now()})
	return wire.Object{}, nil
}

func (s *Service) deleteLogStream(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	stream, err := g.mustStream(in)
	if err != nil {
		return nil, err
	}
	g.streams = slices.DeleteFunc(g.streams, func(other *logStream) bool { return other == stream })
	return wire.Object{}, nil
}

// putLogEvents adds events. Events that are too old, too new or beyond the retention
// are rejected, as CloudWatch Logs does.
func (s *Service) putLogEvents(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	stream, err := g.mustStream(in)
	if err != nil {
		return nil, err
	}
	events := in.Objects("logEvents")
	if err := checkEvents(events); err != nil {
		return nil, err
	}
	rejected := wire.Object{}
	for i, event := range events {
		n, _ := event.Int("timestamp")
		at := time.UnixMilli(int64(n)).UTC()
		if reason := g.rejects(at, s.account.Now()); reason != "" {
			rejected[reason] = rejectedIndex(rejected, reason, i)
			continue
		}
		s.lines++
		stream.add(logLine{at: at, id: fmt.Sprintf("%056d", s.lines), text: event.String("message")})
	}
	out := wire.Object{"nextSequenceToken": fmt.Sprintf("%056d", s.lines)}
	if len(rejected) > 0 {
		out["rejectedLogEventsInfo"] = rejected
	}
	return out, nil
}

// checkEvents refuses a batch out of order, or longer than a day.
func checkEvents(events []wire.Object) error {
	first := 0
	for i, event := range events {
		n, _ := event.Int("timestamp")
		if i == 0 {
			first = n
			continue
		}
		if before, _ := events[i-1].Int("timestamp"); n < before {
			return wire.Errorf("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.")
		}
		if n-first > int(maxSpan/time.Millisecond) {
			return wire.Errorf("InvalidParameterException", "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
		}
	}
	return nil
}

// rejects returns the member of RejectedLogEventsInfo for an event that is not
// accepted, or "".
func (g *logGroup) rejects(at, now time.Time) string {
	switch {
	case at.After(now.Add(maxAhead)):
		return "tooNewLogEventStartIndex"
	case at.Before(now.Add(-maxAge)):
		return "tooOldLogEventEndIndex"
	case g.retention > 0 && at.Before(now.AddDate(0, 0, -g.retention)):
		return "expiredLogEventEndIndex"
	}
	return ""
}

// rejectedIndex returns the first index of events that are too new, and the index
// after the last one of events that are too old.
func rejectedIndex(rejected wire.Object, reason string, i int) int {
	if first, known := rejected.Int(reason); known && strings.HasSuffix(reason, "StartIndex") {
		return first
	}
	if strings.HasSuffix(reason, "EndIndex") {
		return i + 1
	}
	return i
}

// add keeps the lines in the order of their times.
func (l *logStream) add(line logLine) {
	i, _ := slices.BinarySearchFunc(l.lines, line, func(a, b logLine) int {
		if a.at.After(b.at) {
			return 1
		}
		return -1
	})
	l.lines = slices.Insert(l.lines, i, line)
}

func (s *Service) putRetentionPolicy(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	days, _ := in.Int("retentionInDays")
	if !slices.Contains(retentionDays(), days) {
		return nil, wire.Errorf("InvalidParameterException", "1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %v", days, retentionDays())
	}
	g.retention = days
	return wire.Object{}, nil
}

func (s *Service) deleteRetentionPolicy(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	g.retention = 0
	return wire.Object{}, nil
}

// with adds the settings of the group to an answer.
func (g *logGroup) with(out wire.Object) wire.Object {
	maps.Copy(out, g.kept)
	if g.retention > 0 {
		out["retentionInDays"] = g.retention
	}
	return out
}

// ofClass reports whether the group has a class; "" is every class. AWS: API reference
// of CreateLogGroup, the default is STANDARD.
func (g *logGroup) ofClass(class string) bool {
	return class == "" || class == cmp.Or(g.kept.String("logGroupClass"), "STANDARD")
}
