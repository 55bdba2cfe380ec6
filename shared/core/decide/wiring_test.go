package decide

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// pointsOf returns the values of all points in an observation.
func pointsOf(o demand.Observation) (values []float64) {
	for _, value := range reflect.ValueOf(o).Fields() {
		switch field := value.Interface().(type) {
		case []demand.Point:
			for _, p := range field {
				values = append(values, p.Value)
			}
		case *demand.Point:
			if field != nil {
				values = append(values, field.Value)
			}
		}
	}
	return values
}

func TestEveryMetricOfALoadReachesTheController(t *testing.T) {
	lists := 0
	kind := reflect.TypeFor[fleet.Load]()
	for i := range kind.NumField() {
		if kind.Field(i).Type != reflect.TypeFor[[]fleet.Sample]() {
			continue
		}
		lists++
		var s fleet.Snapshot
		sample := fleet.Sample{At: fixture.Noon(), Period: time.Minute, Value: 37}
		reflect.ValueOf(&s.Load).Elem().Field(i).Set(reflect.ValueOf([]fleet.Sample{sample}))
		o := observed(s, fleet.Memory{}, fixture.Noon(), 100)
		assert.True(t, slices.Contains(pointsOf(o), 37), "observed does not copy Load.%s", kind.Field(i).Name)
	}
	assert.Positive(t, lists)
}

func TestEverySettingOfTheControllerHasASource(t *testing.T) {
	in := Input{Now: fixture.Noon()}
	fixture.Fill(&in.Policy)
	assert.Empty(t, fixture.ZeroFields(settings(in)), "settings sets no such field of Settings")
}
