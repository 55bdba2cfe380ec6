// Package cloudwatchlogs is Amazon CloudWatch Logs: groups, streams and their
// events. A Service has no lock: a Sim runs its operations one at a time.
package cloudwatchlogs

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Service is CloudWatch Logs of one account in one Region.
type Service struct {
	account *account.Account
	groups  []*logGroup
	lines   int // lines so far, for ids
}

// New returns CloudWatch Logs without groups.
func New(of *account.Account) *Service { return &Service{account: of} }

type logGroup struct {
	name      string
	created   time.Time
	retention int         // days; 0 keeps events for ever
	kept      wire.Object // members without effect, from the request
	tags      map[string]string
	streams   []*logStream
}

// logStream is the stream of one container, or of another writer.
type logStream struct {
	name    string
	created time.Time // zero for a stream that its first line made
	lines   []logLine // by time
}

type logLine struct {
	at       time.Time
	id, text string
}

// last returns the time of the newest line; zero without lines.
func (l *logStream) last() time.Time {
	if len(l.lines) == 0 {
		return time.Time{}
	}
	return l.lines[len(l.lines)-1].at
}

// expire forgets the lines that are older than the retention of the group.
func (g *logGroup) expire(now time.Time) {
	if g.retention == 0 {
		return
	}
	oldest := now.AddDate(0, 0, -g.retention)
	for _, l := range g.streams {
		l.lines = slices.DeleteFunc(l.lines, func(line logLine) bool { return line.at.Before(oldest) })
	}
}

func (s *Service) find(name string) *logGroup {
	for _, g := range s.groups {
		if g.name == name {
			return g
		}
	}
	return nil
}

func (s *Service) open(name string) *logGroup {
	if g := s.find(name); g != nil {
		return g
	}
	g := &logGroup{name: name, created: s.account.Now(), kept: wire.Object{}, tags: map[string]string{}}
	s.groups = append(s.groups, g)
	return g
}

func (g *logGroup) stream(name string) *logStream {
	for _, stream := range slices.Backward(g.streams) { // callers mostly read new streams
		if stream.name == name {
			return stream
		}
	}
	return nil
}

// Line is a log event.
type Line struct {
	At   time.Time
	Text string
}

// Write adds lines to a stream. It makes the group and the stream if necessary.
func (s *Service) Write(group, stream string, lines []Line) {
	if len(lines) == 0 {
		return
	}
	g := s.open(group)
	l := g.stream(stream)
	if l == nil {
		l = &logStream{name: stream}
		g.streams = append(g.streams, l)
	}
	for _, line := range lines {
		s.lines++
		l.lines = append(l.lines, logLine{at: line.At, id: fmt.Sprintf("%056d", s.lines), text: line.Text})
	}
}

// Forget removes a stream.
func (s *Service) Forget(group, stream string) {
	if g := s.find(group); g != nil {
		g.streams = slices.DeleteFunc(g.streams, func(s *logStream) bool { return s.name == stream })
	}
}
