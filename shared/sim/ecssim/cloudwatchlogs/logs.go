// Package cloudwatchlogs is Amazon CloudWatch Logs: groups, streams and their
// events. A Service has no lock: a Sim runs its operations one at a time.
package cloudwatchlogs

import (
	"fmt"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
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
	name    string
	created time.Time
	streams []*logStream
}

// logStream is the stream of one container. It has at least one line.
type logStream struct {
	name  string
	lines []logLine
}

type logLine struct {
	at       time.Time
	id, text string
}

func (l *logStream) last() time.Time { return l.lines[len(l.lines)-1].at }

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
	g := &logGroup{name: name, created: s.account.Now()}
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
