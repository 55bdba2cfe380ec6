package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

func TestATriggerAlarmIsNamedAfterItsService(t *testing.T) {
	long := strings.Repeat("x", 200)
	name := func(cluster, service string) string {
		return fleet.TriggerAlarm{Cluster: cluster, Service: service}.Name()
	}
	assert.Equal(t, "homeostat/arm/shop/web", name("shop", "web"))
	assert.Len(t, name(long, long), 255, "the limit of CloudWatch")
	assert.NotEqual(t, name(long, long+"a"), name(long, long+"b"), "the hash keeps long names different")
	assert.True(t, strings.HasPrefix(name(long, long), fleet.TriggerAlarmPrefix))
}

func TestTheIndexHasOnlyEqualAlarms(t *testing.T) {
	web := fleet.TriggerAlarm{Cluster: "shop", Service: "web", Threshold: 70, Period: time.Minute}
	index := fleet.NewAlarmIndex(time.Time{}, []uint64{web.Print()})
	assert.True(t, index.Has(web))
	assert.False(t, fleet.AlarmIndex{}.Has(web), "an empty index")
	for name, change := range map[string]func(*fleet.TriggerAlarm){
		"another cluster":   func(a *fleet.TriggerAlarm) { a.Cluster = "bar" },
		"another service":   func(a *fleet.TriggerAlarm) { a.Service = "api" },
		"another threshold": func(a *fleet.TriggerAlarm) { a.Threshold = 70.5 },
		"another period":    func(a *fleet.TriggerAlarm) { a.Period = 20 * time.Second },
	} {
		other := web
		change(&other)
		assert.False(t, index.Has(other), name)
	}
}
