package observe

import (
	"context"

	"homeostat/shared/core/fleet"
)

// past reads the load from before the running deployment, and the memory since then.
// Both compare the running revision with itself or with the one before. A deployment
// older than the needed age is not compared.
func (o *Observer) past(ctx context.Context, s *fleet.Snapshot, needs fleet.Needs) {
	primary, ok := s.Primary()
	if !ok || primary.CreatedAt.IsZero() || s.At.Sub(primary.CreatedAt) > needs.Young {
		return
	}
	if needs.Before {
		source := needs.Load
		source.Ref, source.Custom, source.CustomOnly, source.Queue, source.HighResolution = s.Ref, nil, false, "", false
		loads, err := o.Loads(ctx, []fleet.Source{source}, primary.CreatedAt.Add(-beforeWindow), primary.CreatedAt)
		s.Before = loads[0]
		markUnread(s, "before", err)
	}
	if needs.MemoryTrend {
		var load fleet.Load
		metric := fleet.Metric{
			Namespace: namespaceECS, Name: "MemoryUtilization", Stat: average, Period: trendPeriod,
			Dimensions: map[string]string{"ClusterName": s.Ref.Cluster, "ServiceName": s.Ref.Service},
		}
		read := metricRead{query: metricQuery("trend", metric), period: trendPeriod, into: &load.Memory, load: &load}
		err := o.readMetrics(ctx, []metricRead{read}, primary.CreatedAt, s.At)
		s.MemoryTrend = load.Memory
		markUnread(s, "memory-trend", err)
	}
}
