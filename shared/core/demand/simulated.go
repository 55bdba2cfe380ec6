package demand

// simulated is a simulated service: tasks that serve, and tasks that start.
type simulated struct {
	// count is the desired count, ready the number of serving tasks.
	count, ready int
	// first and second are batches of starting tasks.
	first, second batch
}

// batch is a number of tasks that start together. They serve from due on, in
// seconds since 1970.
type batch struct {
	count int
	due   int64
}

// arrive turns the batches that are due into ready tasks.
func (v *simulated) arrive(now int64) {
	if v.first.count > 0 && v.first.due <= now {
		v.ready += v.first.count
		v.first, v.second = v.second, batch{}
	}
	if v.first.count > 0 && v.first.due <= now {
		v.ready += v.first.count
		v.first = batch{}
	}
}

// add starts tasks. It keeps two batches; a third one joins the second.
func (v *simulated) add(n int, due int64) {
	v.count += n
	if v.first.count == 0 {
		v.first = batch{n, due}
		return
	}
	v.second = batch{v.second.count + n, due}
}

// remove stops the newest tasks first.
func (v *simulated) remove(n int) {
	v.count -= n
	for _, from := range []*int{&v.second.count, &v.first.count, &v.ready} {
		gone := min(n, *from)
		*from -= gone
		n -= gone
	}
	if v.first.count == 0 {
		v.first, v.second = v.second, batch{}
	}
}
