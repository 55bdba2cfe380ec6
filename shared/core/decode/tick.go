package decode

import (
	"slices"

	"homeostat/shared/core/fleet"
)

// scheduled reads a tick of an EventBridge rule or of EventBridge Scheduler.
func scheduled(e event) fleet.Trigger {
	t := e.base
	t.Kind = fleet.Tick
	return t
}

// timer reads a message that Homeostat sent to itself.
func timer(e event) fleet.Trigger {
	d, t := e.root.object("detail"), e.base
	t.Kind = fleet.Tick
	t.Cluster, t.Service = d.text("cluster"), d.text("service")
	t.Timer = d.text("why")
	if n, ok := d.integer("shard"); ok {
		t.Shard = new(int(n))
	}
	if n, ok := d.integer("shards"); ok {
		t.Shards = int(n)
	}
	t.Only = slices.Collect(d.list("only").texts())
	t.Reason = t.Timer
	return t
}
