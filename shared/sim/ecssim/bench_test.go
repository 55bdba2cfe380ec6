package ecssim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkDay runs a day of ten stable services with changing traffic, each with
// a target-tracking policy.
func BenchmarkDay(b *testing.B) {
	for b.Loop() {
		s := New(Config{Seed: 1})
		s.AddCluster("shop")
		s.PushImage("web", "1", Behaviour{})
		definition, err := s.RegisterTaskDefinition(TaskDefinitionSpec{
			Family: "web", Containers: []ContainerSpec{{Name: "app", Image: "web:1"}},
		})
		require.NoError(b, err)
		for i := range 10 {
			name := fmt.Sprint("web-", i)
			_, err := s.CreateService(ServiceSpec{
				Cluster: "shop", Name: name, TaskDefinition: definition, Desired: 3, LoadBalanced: true,
			})
			require.NoError(b, err)
			quiet := func(t time.Time) float64 { return 165 + float64(t.Minute()%10) }
			require.NoError(b, s.SetLoad("shop", name, quiet, time.Minute))
			require.NoError(b, s.RegisterScalableTarget("shop", name, 1, 10))
			require.NoError(b, s.PutTargetTracking("shop", name, "cpu", 60))
		}
		s.RunUntil(s.Now().Add(24 * time.Hour))
		require.Equal(b, 3, s.findCluster("shop").services[0].desired)
	}
	b.ReportMetric(24*3600*float64(b.N)/b.Elapsed().Seconds(), "virtual-s/s")
}

// BenchmarkCrashLoops runs an hour of ten services whose tasks all fail a minute
// after they start. It measures a busy simulation.
func BenchmarkCrashLoops(b *testing.B) {
	for b.Loop() {
		s := New(Config{Seed: 1})
		events := 0
		s.Events(func([]byte) { events++ })
		s.AddCluster("shop")
		s.PushImage("web", "1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), Code: 1}})
		definition, err := s.RegisterTaskDefinition(TaskDefinitionSpec{
			Family: "web", Containers: []ContainerSpec{{Name: "app", Image: "web:1"}},
		})
		require.NoError(b, err)
		for i := range 10 {
			_, err := s.CreateService(ServiceSpec{Cluster: "shop", Name: fmt.Sprint("web-", i), TaskDefinition: definition, Desired: 3})
			require.NoError(b, err)
		}
		s.RunUntil(s.Now().Add(time.Hour))
		require.Greater(b, events, 4000)
	}
	b.ReportMetric(3600*float64(b.N)/b.Elapsed().Seconds(), "virtual-s/s")
}
