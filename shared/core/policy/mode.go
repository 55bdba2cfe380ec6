package policy

// Mode is the permission of a service.
type Mode string

// The modes, from the least permission to the most.
const (
	Off     Mode = "off"     // no decisions
	Observe Mode = "observe" // decide and record, change nothing
	Propose Mode = "propose" // ask the operator for approval
	Act     Mode = "act"     // apply decisions
)

func modes() []Mode { return []Mode{Off, Observe, Propose, Act} }

// Valid reports whether the mode is one of the four.
func (m Mode) Valid() bool { return m.rank() >= 0 }

func (m Mode) rank() int {
	switch m {
	case Off:
		return 0
	case Observe:
		return 1
	case Propose:
		return 2
	case Act:
		return 3
	}
	return -1
}

// AtMost returns the lesser of m and limit. An empty limit does not cap.
func (m Mode) AtMost(limit Mode) Mode {
	if limit == "" || m.rank() <= limit.rank() {
		return m
	}
	return limit
}

// modeKind is the kind of the key mode.
type modeKind struct{}

func (k modeKind) check(c *checker, at, name string, v *Mode) {
	if !v.Valid() {
		c.report(at, "%s is %q, expected %s", name, *v, k.expected())
	}
}

func (modeKind) show(v Mode) string { return string(v) }

func (modeKind) expected() string { return "off, observe, propose or act" }

func (modeKind) schema(initial Mode) schema { return schema{"enum": modes(), "default": initial} }

func modeKeys() []row {
	return []row{
		&key[Mode]{
			path: "mode", initial: Observe, kind: modeKind{},
			field: func(e *Effective) *Mode { return &e.Mode },
			help:  "Permission of Homeostat for the service. The service's tag `homeostat:mode` overrides it.",
		},
	}
}
