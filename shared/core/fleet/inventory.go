package fleet

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// Member is an enrolled service in the inventory. It is sufficient to select
// services for an evaluation, never to act on them.
type Member struct {
	Cluster    string            `json:"c"`
	Service    string            `json:"s"`
	Tags       map[string]string `json:"t,omitempty"`
	Definition string            `json:"d,omitempty"`
	Desired    int               `json:"n,omitempty"`
	Running    int               `json:"r,omitempty"`
	Pending    int               `json:"p,omitempty"`
	Deploying  bool              `json:"i,omitempty"`
	// Daemon is true if ECS sets the desired count.
	Daemon bool `json:"dm,omitempty"`
	// Alarms are the alarms of the deployment configuration.
	Alarms []string `json:"a,omitempty"`
	// Groups are the target groups, as the service revision names them.
	Groups []TargetGroup `json:"tg,omitempty"`
	// Revision is the id of the running service revision; empty if it is unknown.
	// HighResolution is true if it publishes its utilisation every 20 s.
	Revision       string `json:"v,omitempty"`
	HighResolution bool   `json:"f,omitempty"`
	// Round is the last reading round that found the service.
	Round int64 `json:"o,omitempty"`
}

// Ref returns the name of the member in an account and region.
func (m Member) Ref(account Account) ServiceRef { return account.Ref(m.Cluster, m.Service) }

// Equal reports whether both members would be stored alike.
func (m Member) Equal(other Member) bool {
	same := maps.Equal(m.Tags, other.Tags) && slices.Equal(m.Alarms, other.Alarms)
	m.Tags, m.Alarms, other.Tags, other.Alarms = nil, nil, nil, nil
	return same && reflect.DeepEqual(m, other)
}

// bytes returns the approximate size of the member in the store.
func (m Member) bytes() int {
	n := memberBytes + len(m.Cluster) + len(m.Service) + len(m.Definition)
	for name, value := range m.Tags {
		n += len(name) + len(value)
	}
	for _, name := range m.Alarms {
		n += len(name)
	}
	for _, g := range m.Groups {
		n += len(g.Group) + len(g.LoadBalancer)
	}
	return n
}

// Snapshot returns the stored facts as a snapshot without further reads.
func (m Member) Snapshot(account Account) Snapshot {
	s := Snapshot{
		Ref: m.Ref(account), Found: true, Status: "ACTIVE", Tags: m.Tags, TaskDefinition: m.Definition,
		Desired: m.Desired, Running: m.Running, Pending: m.Pending, Groups: m.Groups, Daemon: m.Daemon,
	}
	if m.Deploying {
		s.Deployments = []Deployment{{Status: "PRIMARY", RolloutState: "IN_PROGRESS"}}
	}
	for _, name := range m.Alarms {
		s.Alarms = append(s.Alarms, WatchedAlarm{Name: name, OfDeployment: true})
	}
	return s
}

// RevisionFacts are the facts of a service revision that the inventory keeps.
type RevisionFacts struct {
	// HighResolution is true if it publishes its utilisation every 20 s.
	HighResolution bool
	Groups         []TargetGroup
}

// Place is a position in reading the account: a cluster and a page token. The
// zero Place is the beginning.
type Place struct {
	Cluster string `json:"cluster,omitempty"`
	Page    string `json:"page,omitempty"`
}

// Inventory is the list of enrolled services of an account and region, in shards.
// It is read part by part.
type Inventory struct {
	// Round is the number of the current reading round, from 1. At is its position.
	Round int64 `json:"round"`
	At    Place `json:"at"`
	// CompletedAt is the end of the last complete round. Before it, a missing
	// service may be one that was not read yet.
	CompletedAt time.Time `json:"whole_at,omitzero"`
	// ChangesReadTo is the time up to which changes were read.
	ChangesReadTo time.Time `json:"heard_to,omitzero"`
	// Count is the number of shards.
	Count  int        `json:"shards"`
	Shards [][]Member `json:"-"`

	index map[[2]string]spot
	bytes []int // approximate size of each shard
}

// spot is the position of a member: shard and index.
type spot struct{ shard, at int }

// Put adds or replaces a member. It fills free positions first, so that the
// number of shards stays low.
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

// Get returns a member as it was last read; ok is false for an unknown service.
func (r *Inventory) Get(cluster, service string) (m Member, ok bool) {
	at, ok := r.find(cluster, service)
	if !ok {
		return Member{}, false
	}
	return r.Shards[at.shard][at.at], true
}

// Drop removes a service. An unknown service is ignored.
func (r *Inventory) Drop(cluster, service string) {
	if at, ok := r.find(cluster, service); ok {
		r.Shards[at.shard] = slices.Delete(r.Shards[at.shard], at.at, at.at+1)
		r.index = nil
	}
}

// End completes a round. It removes and returns the members that the round did
// not find.
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

// Members returns the members of all shards.
func (r *Inventory) Members() []Member { return slices.Concat(r.Shards...) }

// find returns the position of a service. It builds the index if there is none.
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
