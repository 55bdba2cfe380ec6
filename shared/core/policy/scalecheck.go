package policy

import (
	"regexp"
	"strconv"
	"time"
)

// scale checks what one block says by itself.
func (c *checker) scale(prefix string, s *ScaleRules) {
	before := len(c.faults)
	defer func() { c.scaleFaults += len(c.faults) - before }()
	c.count(prefix+"min", "scale.min", s.Min, 0)
	c.count(prefix+"max", "scale.max", s.Max, 1)
	c.targets(prefix, s)
	c.places(prefix, s)
	c.pace(prefix, s)
	c.names(prefix+"wake", s.Wake)
	if s.Metric != nil {
		c.metric(prefix+"metric", s.Metric)
	}
	if s.Schedules != nil {
		c.schedules(prefix, *s.Schedules)
	}
}

func (c *checker) count(at, what string, n *int, least int) {
	if n == nil || (*n >= least && *n <= maxTasks) {
		return
	}
	zero := ""
	if least == 0 {
		least, zero = 1, ", or 0 with scale.to_zero"
	}
	c.fault(at, "%s is %d, expected %d to %d%s", what, *n, least, maxTasks, zero)
}

func (c *checker) targets(prefix string, s *ScaleRules) {
	if s.CPU != nil && !(*s.CPU >= 1 && *s.CPU <= 100) {
		c.fault(prefix+"cpu", "scale.cpu is %v, expected a percentage from 1 to 100", *s.CPU)
	}
	if s.Memory != nil && *s.Memory != 0 && !(*s.Memory >= 1 && *s.Memory <= 100) {
		c.fault(prefix+"memory", "scale.memory is %v, expected a percentage from 1 to 100, or 0 to leave memory out", *s.Memory)
	}
	for _, n := range []struct {
		key, what string
		value     *float64
	}{
		{"requests_per_task", "the requests a minute that one task may serve", s.RequestsPerTask},
		{"backlog_per_task", "the messages that one task may have waiting", s.BacklogPerTask},
	} {
		if n.value != nil && (!finite(*n.value) || *n.value < 0) {
			c.fault(prefix+n.key, "scale.%s is %v, expected %s, or 0 to leave them out", n.key, *n.value, n.what)
		}
	}
	if p := s.ViolationPrice; p != nil && (!finite(*p) || *p <= 0) {
		c.fault(prefix+"violation_price", "scale.violation_price is %v, expected a number above 0: 0.1 says that one percent of violating requests is as bad as a tenth more cost; "+
			"for fewer violations give more, such as 0.3, for fewer tasks less, such as 0.03", *p)
	}
}

// places checks where work is counted, and cuts ARNs to what metrics call them.
func (c *checker) places(prefix string, s *ScaleRules) {
	const arn = `^(?:arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:`
	c.place(prefix+"target_group", s.TargetGroup, arn+`)?(targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16})$`,
		"scale.target_group is %q, expected targetgroup/NAME/ID or the ARN that ends so")
	c.place(prefix+"load_balancer", s.LoadBalancer, arn+`loadbalancer/)?(app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16})$`,
		"scale.load_balancer is %q, expected app/NAME/ID of an Application Load Balancer or the ARN that ends so")
	c.place(prefix+"queue", s.Queue, `^([A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$`,
		"scale.queue is %q, expected the name of an SQS queue, which is the last part of its URL")
}

func (c *checker) place(at string, value *string, pattern, format string) {
	if value == nil || *value == "" {
		return
	}
	found := regexp.MustCompile(pattern).FindStringSubmatch(*value)
	if found == nil {
		c.fault(at, format, *value)
		return
	}
	*value = found[1]
}

// maxChanges is how many changes of the desired count are remembered.
const maxChanges = 60

// pace checks how fast and how often the count may change.
func (c *checker) pace(prefix string, s *ScaleRules) {
	for _, n := range []struct {
		key   string
		value *int
		most  int
	}{{"step_out", s.StepOut, maxTasks}, {"step_in", s.StepIn, maxTasks}, {"changes_per_hour", s.ChangesPerHour, maxChanges}} {
		if n.value != nil && (*n.value < 0 || *n.value > n.most) {
			c.fault(prefix+n.key, "scale.%s is %d, expected 0 to %d", n.key, *n.value, n.most)
		}
	}
	if s.RateIn != nil && !(*s.RateIn > 0 && *s.RateIn <= 1) {
		c.fault(prefix+"rate_in", "scale.rate_in is %v, expected a share of the tasks above 0 and up to 1, which is no limit", *s.RateIn)
	}
	c.pauses(prefix, s)
}

func (c *checker) pauses(prefix string, s *ScaleRules) {
	for _, d := range []struct {
		key   string
		value *time.Duration
	}{{"cooldown_out", s.CooldownOut}, {"cooldown_in", s.CooldownIn}} {
		if d.value != nil && (*d.value < 0 || *d.value > 24*time.Hour) {
			c.fault(prefix+d.key, "scale.%s is %s, expected 0s to 24h", d.key, *d.value)
		}
	}
	const least, most = time.Minute, 31 * 24 * time.Hour
	if z := s.ToZero; z != nil && *z != 0 && (*z < least || *z > most) {
		c.fault(prefix+"to_zero", "scale.to_zero is %s, expected %s to %s, or 0s for never", *z, least, most)
	}
}

// combination is what holds only in common: the file's own rules, with those of
// service entries over them, the later over the earlier.
type combination struct {
	Effective
	// entries is how many there are.
	entries int
	// prefix is of the last entry, schedules of the block that they come from.
	prefix, schedules string
}

func (c *checker) combine(entries ...int) combination {
	all := combination{Effective: builtIn(), entries: len(entries), prefix: "$.", schedules: "$."}
	all.add(&c.policy.Rules)
	for _, entry := range entries {
		all.prefix = servicePrefix(entry)
		all.add(&c.policy.Services[entry].Rules)
	}
	return all
}

func (all *combination) add(r *Rules) {
	for _, s := range settings() {
		s.apply(r, &all.Effective)
	}
	if r.Scale != nil && r.Scale.Schedules != nil {
		all.schedules = all.prefix
	}
}

// at is where a key of a schedule stands.
func (all *combination) at(schedule int, key string) string {
	return all.schedules + "scale.schedules[" + strconv.Itoa(schedule) + "]." + key
}

func (c *checker) together(entries ...int) {
	all := c.combine(entries...)
	if all.Min > all.Max {
		c.fault(all.prefix+"scale.min", "scale.min is %d, above scale.max, which is %d", all.Min, all.Max)
	}
	for i, s := range all.Schedules {
		if s.Max == nil && s.Min != nil && *s.Min > all.Max {
			c.fault(all.at(i, "min"), "the schedule's min is %d, above scale.max, which is %d: give the schedule a max of its own", *s.Min, all.Max)
		}
		if s.Min == nil && s.Max != nil && *s.Max < all.Min {
			c.fault(all.at(i, "max"), "the schedule's max is %d, below scale.min, which is %d: give the schedule a min of its own", *s.Max, all.Min)
		}
	}
	c.zero(all)
	c.backlog(all)
	c.requests(all)
}

// zero keeps services from having no tasks by accident, or for ever.
func (c *checker) zero(all combination) {
	const cure = "expected 1 to %d; with scale.to_zero, such as 15m, it may be 0"
	zero, more := all.Min == 0, all.Min > 0
	if zero && all.ToZero == 0 {
		c.fault(all.prefix+"scale.min", "scale.min is 0, "+cure, maxTasks)
	}
	for i, s := range all.Schedules {
		if s.Min == nil {
			continue
		}
		zero, more = zero || *s.Min == 0, more || *s.Min > 0
		if *s.Min == 0 && all.ToZero == 0 {
			c.fault(all.at(i, "min"), "the schedule's min is 0, "+cure, maxTasks)
		}
	}
	if all.ToZero > 0 {
		c.woken(all, zero, more)
	}
}

func (c *checker) woken(all combination, zero, more bool) {
	switch {
	case !zero && (all.entries > 0 || !c.anywhere(func(s *ScaleRules) bool { return s.Min != nil && *s.Min == 0 })):
		c.fault(all.prefix+"scale.to_zero", "scale.to_zero is %s, but scale.min is %d, so there are always tasks: set scale.min to 0", all.ToZero, all.Min)
	case zero && !more && all.Queue == "" && len(all.Wake) == 0 && all.Metric == nil:
		c.fault(all.prefix+"scale.to_zero", "nothing would start the service again: name its scale.queue, alarms in scale.wake, a scale.metric, or a schedule with a min")
	}
}

func (c *checker) backlog(all combination) {
	if all.Queue != "" && all.BacklogPerTask == 0 {
		c.fault(all.prefix+"scale.queue", "scale.queue is %q without scale.backlog_per_task: say how many messages one task may have waiting", all.Queue)
	}
	if all.entries == 0 && all.BacklogPerTask > 0 && !c.anywhere(func(s *ScaleRules) bool { return s.Queue != nil && *s.Queue != "" }) {
		c.fault("$.scale.backlog_per_task", "scale.backlog_per_task without scale.queue: name the SQS queue whose messages are counted")
	}
}

// requests checks that they are counted where they are asked for.
func (c *checker) requests(all combination) {
	group, balancer := all.TargetGroup != "", all.LoadBalancer != ""
	switch {
	case group && !balancer && (all.entries > 0 || !c.anywhere(func(s *ScaleRules) bool { return s.LoadBalancer != nil })):
		c.fault(all.prefix+"scale.target_group", "scale.target_group without scale.load_balancer: requests are counted for both, so name the load balancer too")
	case balancer && !group && (all.entries > 0 || !c.anywhere(func(s *ScaleRules) bool { return s.TargetGroup != nil })):
		c.fault(all.prefix+"scale.load_balancer", "scale.load_balancer without scale.target_group: requests are counted for both, so name the target group too")
	case all.entries == 0 && all.RequestsPerTask > 0 && !group && !c.anywhere(func(s *ScaleRules) bool { return s.TargetGroup != nil }):
		c.fault("$.scale.requests_per_task", "scale.requests_per_task without scale.target_group and scale.load_balancer: name where requests are counted")
	}
}

// anywhere reports whether the file or one of its entries says so.
func (c *checker) anywhere(says func(*ScaleRules) bool) bool {
	if s := c.policy.Scale; s != nil && says(s) {
		return true
	}
	for _, entry := range c.policy.Services {
		if entry.Scale != nil && says(entry.Scale) {
			return true
		}
	}
	return false
}
