package fleet

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// ShardSize is how many services a shard of the roster holds at most, so that
// one invocation is done with it in seconds; shardBytes what they take at most,
// however long their names are: the store's items hold 400 kB.
const (
	ShardSize   = 500
	shardBytes  = 300_000
	memberBytes = 120 // beside its names
)

// Member is an enrolled service as the roster knows it: enough to tell whether
// it needs a look, and never enough to act on.
type Member struct {
	Cluster    string            `json:"c"`
	Service    string            `json:"s"`
	Tags       map[string]string `json:"t,omitempty"`
	Definition string            `json:"d,omitempty"`
	Desired    int               `json:"n,omitempty"`
	Running    int               `json:"r,omitempty"`
	Pending    int               `json:"p,omitempty"`
	Deploying  bool              `json:"i,omitempty"`
	// Alarms are those that its deployments watch.
	Alarms []string `json:"a,omitempty"`
	// TargetGroup is "targetgroup/NAME/ID".
	TargetGroup string `json:"g,omitempty"`
	// Revision is the id of the service revision that runs, Fine whether that
	// publishes its utilisation every 20 s. Empty where that is not known.
	Revision       string `json:"v,omitempty"`
	HighResolution bool   `json:"f,omitempty"`
	// Round is the round of reading in which it was last seen.
	Round int64 `json:"o,omitempty"`
}

// Ref is the member's name in an account and region.
func (m Member) Ref(account ServiceRef) ServiceRef {
	account.Cluster, account.Service = m.Cluster, m.Service
	return account
}

// Equal reports whether nothing is to be written anew.
func (m Member) Equal(other Member) bool {
	same := maps.Equal(m.Tags, other.Tags) && slices.Equal(m.Alarms, other.Alarms)
	m.Tags, m.Alarms, other.Tags, other.Alarms = nil, nil, nil, nil
	return same && reflect.DeepEqual(m, other)
}

// bytes is about what the member takes in the store.
func (m Member) bytes() int {
	n := memberBytes + len(m.Cluster) + len(m.Service) + len(m.Definition) + len(m.TargetGroup)
	for name, value := range m.Tags {
		n += len(name) + len(value)
	}
	for _, name := range m.Alarms {
		n += len(name)
	}
	return n
}

// Snapshot is what the roster knows, as a snapshot without its surroundings.
func (m Member) Snapshot(account ServiceRef) Snapshot {
	s := Snapshot{
		Ref: m.Ref(account), Found: true, Status: "ACTIVE", Tags: m.Tags, TaskDefinition: m.Definition,
		Desired: m.Desired, Running: m.Running, Pending: m.Pending,
	}
	if m.Deploying {
		s.Deployments = []Deployment{{Status: "PRIMARY", RolloutState: "IN_PROGRESS"}}
	}
	for _, name := range m.Alarms {
		s.Alarms = append(s.Alarms, WatchedAlarm{Name: name, OfDeployment: true})
	}
	return s
}

// Place is where reading the account goes on: in which cluster, and after which
// page of it. The zero Place is the beginning.
type Place struct {
	Cluster string `json:"cluster,omitempty"`
	Page    string `json:"page,omitempty"`
}

// Inventory is the enrolled services of an account and region, in shards, as they
// were read part by part.
type Inventory struct {
	// Round counts the rounds of reading, from 1; At is where this one goes on.
	Round int64 `json:"round"`
	At    Place `json:"at"`
	// CompletedAt is when the last round was whole: until then nothing is known, and
	// a service that is not in the roster may be one that was not read yet.
	CompletedAt time.Time `json:"whole_at,omitzero"`
	// ChangesReadTo is until when news was read.
	ChangesReadTo time.Time `json:"heard_to,omitzero"`
	// Count is how many shards there are.
	Count  int        `json:"shards"`
	Shards [][]Member `json:"-"`

	index map[[2]string]spot
	bytes []int // of each shard, about
}

// spot is where a member stands.
type spot struct{ shard, at int }

// Put adds a member as it was read now, or brings it up to date. A place that
// somebody left is filled first, so that shards stay few.
func (r *Inventory) Put(m Member) {
	m.Round = r.Round
	if at, ok := r.find(m.Cluster, m.Service); ok {
		r.Shards[at.shard][at.at] = m
		return
	}
	shard := 0
	for shard < len(r.Shards) && (len(r.Shards[shard]) >= ShardSize || r.bytes[shard]+m.bytes() > shardBytes) {
		shard++
	}
	if shard == len(r.Shards) {
		r.Shards, r.bytes = append(r.Shards, nil), append(r.bytes, 0)
		r.Count = len(r.Shards)
	}
	r.bytes[shard] += m.bytes()
	r.index[[2]string{m.Cluster, m.Service}] = spot{shard, len(r.Shards[shard])}
	r.Shards[shard] = append(r.Shards[shard], m)
}

// Get is a member as it was read last.
func (r *Inventory) Get(cluster, service string) (m Member, ok bool) {
	at, ok := r.find(cluster, service)
	if !ok {
		return Member{}, false
	}
	return r.Shards[at.shard][at.at], true
}

// Drop takes a service out that is gone, or is enrolled no longer.
func (r *Inventory) Drop(cluster, service string) {
	if at, ok := r.find(cluster, service); ok {
		r.Shards[at.shard] = slices.Delete(r.Shards[at.shard], at.at, at.at+1)
		r.index = nil
	}
}

// End ends a round that came to its end: what was not seen in it is gone, and
// is returned.
func (r *Inventory) End(now time.Time) (gone []Member) {
	for i := range r.Shards {
		r.Shards[i] = slices.DeleteFunc(r.Shards[i], func(m Member) bool {
			if m.Round == r.Round {
				return false
			}
			gone = append(gone, m)
			return true
		})
	}
	r.index = nil
	r.Round, r.At, r.CompletedAt = r.Round+1, Place{}, now
	return gone
}

// Members are those of all shards.
func (r *Inventory) Members() []Member { return slices.Concat(r.Shards...) }

func (r *Inventory) find(cluster, service string) (at spot, ok bool) {
	if r.index == nil {
		r.index, r.bytes = map[[2]string]spot{}, make([]int, len(r.Shards))
		for i := range r.Shards {
			for j, m := range r.Shards[i] {
				r.bytes[i] += m.bytes()
				r.index[[2]string{m.Cluster, m.Service}] = spot{i, j}
			}
		}
	}
	at, ok = r.index[[2]string{cluster, service}]
	return at, ok
}
