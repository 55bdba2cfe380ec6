package cause_test

import (
	"testing"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"
)

func BenchmarkOf(b *testing.B) {
	for name, trigger := range map[string]fleet.Trigger{
		"scale-in":     stop(scheduler, "Scaling activity initiated by (deployment ecs-svc/1)", exit(137)),
		"oom":          stop(exited, essential, both(137, "OutOfMemoryError: Container killed due to memory usage")),
		"pull-network": stop(start, pull+`failed to resolve ref docker.io/library/web:1: failed to do request: Head "https://registry-1.docker.io/v2/": dial tcp 44.205.64.79:443: i/o timeout`),
		"exit":         stop(exited, essential, exit(1), exit(137)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cause.Of(trigger)
			}
		})
	}
}
