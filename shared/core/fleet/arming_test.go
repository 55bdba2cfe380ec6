package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

func TestAnArmingAlarmIsNamedAfterItsService(t *testing.T) {
	long := strings.Repeat("x", 200)
	name := func(cluster, service string) string {
		return fleet.ArmingAlarm{Cluster: cluster, Service: service}.Name()
	}
	assert.Equal(t, "homeostat/arm/shop/web", name("shop", "web"))
	assert.Len(t, name(long, long), 255, "CloudWatch takes no more")
	assert.NotEqual(t, name(long, long+"a"), name(long, long+"b"), "what is cut off still tells them apart")
	assert.True(t, strings.HasPrefix(name(long, long), fleet.ArmPrefix))
}

func TestArmedIsOnlyWhatStandsAsItShould(t *testing.T) {
	web := fleet.ArmingAlarm{Cluster: "shop", Service: "web", Threshold: 70, Period: time.Minute}
	standing := fleet.NewArming(time.Time{}, []uint64{web.Print()})
	assert.True(t, standing.Has(web))
	assert.False(t, fleet.Arming{}.Has(web), "nothing is known")
	for name, change := range map[string]func(*fleet.ArmingAlarm){
		"another cluster":   func(a *fleet.ArmingAlarm) { a.Cluster = "bar" },
		"another service":   func(a *fleet.ArmingAlarm) { a.Service = "api" },
		"another threshold": func(a *fleet.ArmingAlarm) { a.Threshold = 70.5 },
		"another period":    func(a *fleet.ArmingAlarm) { a.Period = 20 * time.Second },
	} {
		other := web
		change(&other)
		assert.False(t, standing.Has(other), name)
	}
}
