package ecssim

import (
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// defaultProtection is how long a task is protected where nobody says.
const defaultProtection = 2 * time.Hour

// isProtected reports whether scale-in must leave the task alone.
func (t *task) isProtected() bool { return t.sim.Now().Before(t.protected) }

func (s *Sim) getTaskProtection(in wire.Object) (wire.Object, error) {
	return s.protection(in, func(*task) {})
}

func (s *Sim) updateTaskProtection(in wire.Object) (wire.Object, error) {
	on, _ := in.Bool("protectionEnabled")
	return s.protection(in, func(t *task) {
		t.protected = time.Time{}
		if on {
			t.protected = s.Now().Add(defaultProtection)
			if minutes, ok := in.Int("expiresInMinutes"); ok && minutes > 0 {
				t.protected = s.Now().Add(time.Duration(minutes) * time.Minute)
			}
		}
	})
}

// protection tells of each task of a service, after a change to it.
func (s *Sim) protection(in wire.Object, change func(*task)) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	told, failures := []wire.Object{}, []wire.Object{}
	for _, name := range in.Strings("tasks") {
		t := c.tasks[nameOf(name)]
		if t == nil || t.service == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "task/"+c.name+"/"+nameOf(name))))
			continue
		}
		change(t)
		object := wire.Object{"taskArn": t.arn, "protectionEnabled": t.isProtected()}
		if t.isProtected() {
			object["expirationDate"] = t.protected
		}
		told = append(told, object)
	}
	return wire.Object{"protectedTasks": told, "failures": failures}, nil
}
