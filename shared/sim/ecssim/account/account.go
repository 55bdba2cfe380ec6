// Package account holds the common parts of the services of a simulated AWS
// account. They are its identity and ARNs, the virtual clock, the random names, the
// tags of its resources, and the way to EventBridge.
//
// The package has no lock. A Sim runs handlers and steps under its own lock, one at
// a time, so a service needs no lock either.
package account

import (
	"math/rand/v2"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// Account is the environment of a service. Each service keeps a pointer to it.
type Account struct {
	Identity
	Clock
	Publisher
	Tags Tags
	Sequence
	// Names is the random stream of ids, ARNs and digests. EventIDs is the random
	// stream of the ids in events.
	Names, EventIDs *rand.Rand
}

// Clock is the virtual clock. Steps run under the lock of the Sim. Steps of equal
// time run in the order of their scheduling.
type Clock interface {
	Now() time.Time
	// At runs do at t, or as the next step if t has passed.
	At(t time.Time, do func())
	// After runs do after d.
	After(d time.Duration, do func())
}

// Publisher passes events to EventBridge when the step or the request is over.
type Publisher interface {
	Publish(source, detailType string, resources []string, detail any)
}

// EventTime is the format of an instant in EventBridge and several services.
const EventTime = "2006-01-02T15:04:05Z"

// Tags are the tags of resources, by ARN.
type Tags map[string][]wire.Object

// Of returns the tags of an ARN, or an empty list.
func (t Tags) Of(arn string) []wire.Object {
	if tags := t[arn]; tags != nil {
		return tags
	}
	return []wire.Object{}
}

// Add adds tags to those of an ARN, as Merged does.
func (t Tags) Add(arn, key string, tags []wire.Object) { t[arn] = Merged(key, t[arn], tags) }

// Remove removes the tags of an ARN with these names.
func (t Tags) Remove(arn, key string, names []string) {
	t[arn] = slices.DeleteFunc(slices.Clone(t[arn]), func(tag wire.Object) bool { return slices.Contains(names, tag.String(key)) })
}

// Merged returns the tags of both lists. A tag of the second list replaces the one of the
// same name. key is the member with the name: "key" in ECS, and "Key" elsewhere.
func Merged(key string, first, second []wire.Object) []wire.Object {
	out := slices.Clone(first)
	for _, tag := range second {
		same := func(other wire.Object) bool { return other.String(key) == tag.String(key) }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i] = tag
			continue
		}
		out = append(out, tag)
	}
	return out
}

// Put sets the tags of a new resource, if the request has some.
func (t Tags) Put(arn string, tags []wire.Object) {
	if len(tags) > 0 {
		t[arn] = tags
	}
}
