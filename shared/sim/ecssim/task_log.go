package ecssim

import (
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/cloudwatchlogs"
)

// logTarget is the destination of a container's awslogs options.
type logTarget struct{ group, prefix string }

// streamOf returns the log group and the stream, "prefix/container/task".
func (t *task) streamOf(i int) (group, stream string) {
	c := t.td.containers[i]
	return c.log.group, c.log.prefix + "/" + c.name + "/" + t.id
}

// write adds lines to the container's stream, a tenth of a second apart. The last
// line is of now. A container without awslogs has no stream.
func (t *task) write(i int, lines []string) {
	group, stream := t.streamOf(i)
	if group == "" || t.td.containers[i].log.prefix == "" || len(lines) == 0 {
		return
	}
	now := t.sim.Now()
	events := make([]cloudwatchlogs.Line, len(lines))
	for n, text := range lines {
		at := now.Add(-time.Duration(len(lines)-1-n) * lineGap)
		if at.Before(t.started) {
			at = t.started
		}
		events[n] = cloudwatchlogs.Line{At: at, Text: text}
	}
	t.sim.logs.Write(group, stream, events)
}

// writeLastLines writes the last lines of a failing container: the lines of the
// image, or a stack that matches its end. An out-of-memory kill leaves no lines.
func (t *task) writeLastLines() {
	main := t.td.main()
	lines := t.behaviour.Logs
	if len(lines) == 0 {
		lines = t.usualLines()
	}
	t.write(main, lines)
	if group, stream := t.streamOf(main); group != "" {
		t.sim.after(logsFor, func() { t.sim.logs.Forget(group, stream) })
	}
}

func (t *task) usualLines() []string {
	image := t.td.containers[t.td.main()].image
	lines := []string{"level=INFO msg=\"starting\" image=" + image}
	for _, secret := range t.td.containers[t.td.main()].secrets { // like careless applications
		lines = append(lines, "level=DEBUG msg=\"environment\" "+secret.name+"="+t.sim.SecretValue(secret.from))
	}
	lines = append(lines, "level=INFO msg=\"listening\" addr=:80")
	switch {
	case t.unhealthy != nil:
		return append(lines, "level=ERROR msg=\"GET /health timed out\"")
	case t.exitReason == oomReason:
		return append(lines, "level=WARN msg=\"memory is almost exhausted\"")
	case t.wrongSecret:
		return append(lines, "level=ERROR msg=\"authentication failed: password rejected\"", "level=ERROR msg=\"giving up\"")
	case t.hit != "":
		return append(lines, "level=ERROR msg=\"cannot reach "+t.hit+": connection refused\"", "level=ERROR msg=\"giving up\"")
	case t.exitCode != nil && *t.exitCode == 0:
		return append(lines, "level=INFO msg=\"nothing left to do\"")
	}
	return append(lines, "level=ERROR msg=\"panic: runtime error\"", "goroutine 1 [running]:", "main.main()")
}

// SecretValue returns the value of a secret by its name or ARN. Tasks that read
// it write it to their logs. No output may show it.
func (s *Sim) SecretValue(secret string) string {
	return "hunter2-" + account.Digest("secret " + s.secretARN(secret))[7:23]
}

// parseLog reads a container's logConfiguration.
func parseLog(driver string, options map[string]any) logTarget {
	if driver != "awslogs" {
		return logTarget{}
	}
	text := func(key string) string {
		s, _ := options[key].(string)
		return strings.TrimSpace(s)
	}
	return logTarget{group: text("awslogs-group"), prefix: text("awslogs-stream-prefix")}
}
