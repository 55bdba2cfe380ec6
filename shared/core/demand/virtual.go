package demand

// virtual is a fleet that is only thought: tasks that serve, and tasks on their
// way.
type virtual struct {
	// count is its desired count, ready how many of these serve.
	count, ready int
	// late and later are tasks on their way, with when they are ready.
	late, later batch
}

type batch struct {
	count int
	due   int64
}

func (v *virtual) arrive(now int64) {
	if v.late.count > 0 && v.late.due <= now {
		v.ready += v.late.count
		v.late, v.later = v.later, batch{}
	}
	if v.late.count > 0 && v.late.due <= now {
		v.ready += v.late.count
		v.late = batch{}
	}
}

// add starts tasks. Two batches are told apart; a third joins the second.
func (v *virtual) add(n int, due int64) {
	v.count += n
	if v.late.count == 0 {
		v.late = batch{n, due}
		return
	}
	v.later = batch{v.later.count + n, due}
}

// remove stops the newest first.
func (v *virtual) remove(n int) {
	v.count -= n
	for _, from := range []*int{&v.later.count, &v.late.count, &v.ready} {
		gone := min(n, *from)
		*from -= gone
		n -= gone
	}
	if v.late.count == 0 {
		v.late, v.later = v.later, batch{}
	}
}
