package cloudwatchlogs

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// Operations returns the operations of the API.
func (s *Service) Operations() wire.Operations {
	return wire.Operations{
		"CreateLogGroup":     s.createLogGroup,
		"DeleteLogGroup":     s.deleteLogGroup,
		"DescribeLogGroups":  s.describeLogGroups,
		"DescribeLogStreams": s.describeLogStreams,
		"GetLogEvents":       s.getLogEvents,
		"FilterLogEvents":    s.filterLogEvents,
		"CreateLogStream":    s.createLogStream,
		"DeleteLogStream":    s.deleteLogStream,
		"PutLogEvents":       s.putLogEvents,

		"PutRetentionPolicy":    s.putRetentionPolicy,
		"DeleteRetentionPolicy": s.deleteRetentionPolicy,

		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	}
}

func (s *Service) createLogGroup(in wire.Object) (wire.Object, error) {
	name := in.String("logGroupName")
	if name == "" {
		return nil, wire.Errorf("InvalidParameterException", "logGroupName must not be empty.")
	}
	if s.find(name) != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	g := s.open(name)
	g.tag(in.Object("tags"))
	for _, member := range []string{"kmsKeyId", "logGroupClass"} {
		if in.Has(member) {
			g.kept[member] = in[member]
		}
	}
	return wire.Object{}, nil
}

// deleteLogGroup deletes a group with its streams.
func (s *Service) deleteLogGroup(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	s.groups = slices.DeleteFunc(s.groups, func(other *logGroup) bool { return other == g })
	return wire.Object{}, nil
}

func (s *Service) mustLogGroup(in wire.Object) (*logGroup, error) {
	name := in.String("logGroupName")
	if name == "" { // an ARN; some APIs add a star
		_, name, _ = strings.Cut(strings.TrimSuffix(in.String("logGroupIdentifier"), ":*"), ":log-group:")
	}
	if g := s.find(name); g != nil {
		g.expire(s.account.Now())
		return g, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
}

func (s *Service) describeLogGroups(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	for _, g := range s.groups {
		if strings.HasPrefix(g.name, in.String("logGroupNamePrefix")) && g.ofClass(in.String("logGroupClass")) {
			found = append(found, g.with(wire.Object{
				"logGroupName": g.name, "arn": s.account.ARN("logs", "log-group:"+g.name+":*"), "logGroupArn": s.account.ARN("logs", "log-group:"+g.name),
				"creationTime": g.created.UnixMilli(), "storedBytes": 0, "metricFilterCount": 0,
			}))
		}
	}
	found, next, err := wire.Page(found, in, "limit", "nextToken", groupsLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"logGroups": found}, "nextToken", next), nil
}

func (s *Service) describeLogStreams(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	streams := slices.Clone(g.streams)
	if in.String("orderBy") == "LastEventTime" {
		slices.SortStableFunc(streams, func(a, b *logStream) int { return a.last().Compare(b.last()) })
	} else {
		slices.SortFunc(streams, func(a, b *logStream) int { return strings.Compare(a.name, b.name) })
	}
	if down, _ := in.Bool("descending"); down {
		slices.Reverse(streams)
	}
	found := []wire.Object{}
	for _, stream := range streams {
		if strings.HasPrefix(stream.name, in.String("logStreamNamePrefix")) {
			found = append(found, stream.object(s, g))
		}
	}
	found, next, err := wire.Page(found, in, "limit", "nextToken", streamsLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"logStreams": found}, "nextToken", next), nil
}

func (l *logStream) object(s *Service, g *logGroup) wire.Object {
	out := wire.Object{
		"logStreamName": l.name, "arn": s.account.ARN("logs", "log-group:"+g.name+":log-stream:"+l.name), "storedBytes": 0,
	}
	created := l.created
	if len(l.lines) > 0 {
		first := l.lines[0].at
		if created.IsZero() {
			created = first
		}
		out["firstEventTimestamp"], out["lastEventTimestamp"], out["lastIngestionTime"] = first.UnixMilli(), l.last().UnixMilli(), l.last().UnixMilli()
	}
	if !created.IsZero() {
		out["creationTime"] = created.UnixMilli()
	}
	return out
}

// window is the time from startTime to endTime, in milliseconds, without endTime
// itself.
type logWindow struct{ from, to int64 }

func logWindowOf(in wire.Object) logWindow {
	w := logWindow{from: 0, to: 1 << 62}
	if n, ok := in.Int("startTime"); ok {
		w.from = int64(n)
	}
	if n, ok := in.Int("endTime"); ok {
		w.to = int64(n)
	}
	return w
}

func (w logWindow) holds(t time.Time) bool { return t.UnixMilli() >= w.from && t.UnixMilli() < w.to }

// getLogEvents returns the newest events of a page, oldest first, or the oldest
// events with startFromHead. Tokens are positions. At the end it returns the
// token of the request, as CloudWatch Logs does.
func (s *Service) getLogEvents(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	stream, err := g.mustStream(in)
	if err != nil {
		return nil, err
	}
	window := logWindowOf(in)
	var lines []logLine
	for _, line := range stream.lines {
		if window.holds(line.at) {
			lines = append(lines, line)
		}
	}
	from, to, err := logPage(in, len(lines))
	if err != nil {
		return nil, err
	}
	events := []wire.Object{}
	for _, line := range lines[from:to] {
		at := line.at.UnixMilli()
		events = append(events, wire.Object{"timestamp": at, "ingestionTime": at, "message": line.text})
	}
	return wire.Object{
		"events": events, "nextForwardToken": "f/" + strconv.Itoa(to), "nextBackwardToken": "b/" + strconv.Itoa(from),
	}, nil
}

// logPage returns the range of a page within n events.
func logPage(in wire.Object, n int) (from, to int, err error) {
	limit := eventsLimit
	if wanted, ok := in.Int("limit"); ok && wanted > 0 && wanted < limit {
		limit = wanted
	}
	way, text, given := strings.Cut(in.String("nextToken"), "/")
	at, wrong := strconv.Atoi(text)
	switch head, _ := in.Bool("startFromHead"); {
	case !given && head:
		return 0, min(limit, n), nil
	case !given:
		return max(0, n-limit), n, nil
	case wrong != nil || at < 0 || way != "f" && way != "b":
		return 0, 0, wire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
	case way == "f":
		at = min(at, n)
		return at, min(at+limit, n), nil
	}
	at = min(at, n)
	return max(0, at-limit), at, nil
}

// filterLogEvents returns the events of a group, oldest first. It supports
// patterns of terms: an event must have each term and no -term.
func (s *Service) filterLogEvents(in wire.Object) (wire.Object, error) {
	g, err := s.mustLogGroup(in)
	if err != nil {
		return nil, err
	}
	pattern := in.String("filterPattern")
	if strings.ContainsAny(pattern, "{}[]%") {
		return nil, wire.Errorf("InvalidParameterException", "ecssim models filter patterns of plain terms only")
	}
	names, window := in.Strings("logStreamNames"), logWindowOf(in)
	type found struct {
		line   logLine
		stream string
	}
	var hits []found
	for _, stream := range g.streams {
		if len(names) > 0 && !slices.Contains(names, stream.name) || !strings.HasPrefix(stream.name, in.String("logStreamNamePrefix")) {
			continue
		}
		for _, line := range stream.lines {
			if window.holds(line.at) && matchesTerms(line.text, pattern) {
				hits = append(hits, found{line, stream.name})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b found) int { return a.line.at.Compare(b.line.at) })
	hits, next, err := wire.Page(hits, in, "limit", "nextToken", eventsLimit)
	if err != nil {
		return nil, err
	}
	events := []wire.Object{}
	for _, h := range hits {
		at := h.line.at.UnixMilli()
		events = append(events, wire.Object{
			"logStreamName": h.stream, "timestamp": at, "ingestionTime": at, "message": h.line.text, "eventId": h.line.id,
		})
	}
	return wire.SetToken(wire.Object{"events": events, "searchedLogStreams": []wire.Object{}}, "nextToken", next), nil
}

func matchesTerms(text, pattern string) bool {
	for term := range strings.FieldsSeq(pattern) {
		unwanted := strings.HasPrefix(term, "-")
		term = strings.Trim(strings.TrimPrefix(term, "-"), `"`)
		if strings.Contains(text, term) == unwanted {
			return false
		}
	}
	return true
}
