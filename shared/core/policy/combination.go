package policy

import "strconv"

// combination is the effective result of the file's own rules and of service
// entries, the later over the earlier. Its checks concern several keys.
type combination struct {
	Effective
	// entries is the number of service entries.
	entries int
	// prefix is the path of the last entry, and schedules that of the block with the
	// effective schedules.
	prefix, schedules string
}

func (c *checker) combine(entries ...int) combination {
	all := combination{Effective: c.policy.table.defaults, entries: len(entries), prefix: "$.", schedules: "$."}
	all.add(&c.policy.rules)
	for _, entry := range entries {
		all.prefix = servicePrefix(entry)
		all.add(&c.policy.services[entry].rules)
	}
	return all
}

func (all *combination) add(r *rules) {
	r.apply(&all.Effective)
	if r.has("scale.schedules") {
		all.schedules = all.prefix
	}
}

// at returns the path of a key of a schedule.
func (all *combination) at(schedule int, key string) string {
	return all.schedules + "scale.schedules[" + strconv.Itoa(schedule) + "]." + key
}

// checkCombination checks the keys of the combined entries against one another.
func (c *checker) checkCombination(entries ...int) {
	all := c.combine(entries...)
	if all.Min > all.Max {
		c.report(all.prefix+"scale.min", "scale.min is %d, above scale.max, which is %d", all.Min, all.Max)
	}
	for i, s := range all.Schedules {
		if s.Max == nil && s.Min != nil && *s.Min > all.Max {
			c.report(all.at(i, "min"), "the schedule's min is %d, above scale.max, which is %d: give the schedule a max of its own", *s.Min, all.Max)
		}
		if s.Min == nil && s.Max != nil && *s.Max < all.Min {
			c.report(all.at(i, "max"), "the schedule's max is %d, below scale.min, which is %d: give the schedule a min of its own", *s.Max, all.Min)
		}
	}
	c.checkZero(all)
	c.checkBacklog(all)
	c.checkRequests(all)
}

// checkZero prevents zero tasks without scale.to_zero, and zero tasks without a
// signal to start again.
func (c *checker) checkZero(all combination) {
	const expected = "expected 1 to %d; with scale.to_zero, such as 15m, it may be 0"
	zero, more := all.Min == 0, all.Min > 0
	if zero && all.ToZero == 0 {
		c.report(all.prefix+"scale.min", "scale.min is 0, "+expected, maxTasks)
	}
	for i, s := range all.Schedules {
		if s.Min == nil {
			continue
		}
		zero, more = zero || *s.Min == 0, more || *s.Min > 0
		if *s.Min == 0 && all.ToZero == 0 {
			c.report(all.at(i, "min"), "the schedule's min is 0, "+expected, maxTasks)
		}
	}
	if all.ToZero > 0 {
		c.checkWake(all, zero, more)
	}
}

// checkWake checks that a service with scale.to_zero reaches zero tasks, and that
// a signal starts it again.
func (c *checker) checkWake(all combination, zero, more bool) {
	switch {
	case !zero && (all.entries > 0 || !c.anyBlock(func(r *rules) bool { return r.has("scale.min") && r.values.Min == 0 })):
		c.report(all.prefix+"scale.to_zero", "scale.to_zero is %s, but scale.min is %d, so there are always tasks: set scale.min to 0", all.ToZero, all.Min)
	case zero && !more && all.Queue == "" && len(all.Wake) == 0 && all.Metric == nil:
		c.report(all.prefix+"scale.to_zero", "nothing would start the service again: name its scale.queue, alarms in scale.wake, a scale.metric, or a schedule with a min")
	}
}

func (c *checker) checkBacklog(all combination) {
	if all.Queue != "" && all.BacklogPerTask == 0 {
		c.report(all.prefix+"scale.queue", "scale.queue is %q without scale.backlog_per_task: set the number of waiting messages for one task", all.Queue)
	}
	if all.entries == 0 && all.BacklogPerTask > 0 && !c.anyBlock(func(r *rules) bool { return r.values.Queue != "" }) {
		c.report("$.scale.backlog_per_task", "scale.backlog_per_task without scale.queue: name the SQS queue with the messages")
	}
}

// checkRequests checks that the target group and the load balancer are complete.
func (c *checker) checkRequests(all combination) {
	group, balancer := all.TargetGroup != "", all.LoadBalancer != ""
	anyGroup := func(r *rules) bool { return r.has("scale.target_group") }
	anyBalancer := func(r *rules) bool { return r.has("scale.load_balancer") }
	switch {
	case group && !balancer && (all.entries > 0 || !c.anyBlock(anyBalancer)):
		c.report(all.prefix+"scale.target_group", "scale.target_group without scale.load_balancer: requests are counted for both, so name the load balancer too")
	case balancer && !group && (all.entries > 0 || !c.anyBlock(anyGroup)):
		c.report(all.prefix+"scale.load_balancer", "scale.load_balancer without scale.target_group: requests are counted for both, so name the target group too")
	}
}

// anyBlock reports whether a condition is true for the file's own rules or for
// one of its entries.
func (c *checker) anyBlock(condition func(*rules) bool) bool {
	if condition(&c.policy.rules) {
		return true
	}
	for i := range c.policy.services {
		if condition(&c.policy.services[i].rules) {
			return true
		}
	}
	return false
}
