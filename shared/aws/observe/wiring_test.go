package observe

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestEveryMetricOfALoadHasAQuery(t *testing.T) {
	var s fleet.Source
	fixture.Fill(&s)
	s.Steady, s.CustomOnly, s.Arms = false, false, false // they leave metrics out, or sum them up
	var load fleet.Load
	queries := queriesOf(s, &load, "1")
	for field, value := range reflect.ValueOf(&load).Elem().Fields() {
		list, ok := reflect.TypeAssert[*[]fleet.Sample](value.Addr())
		if !ok {
			continue
		}
		read := slices.ContainsFunc(queries, func(q metricRead) bool { return q.into == list })
		assert.True(t, read, "queriesOf has no query for Load.%s", field.Name)
	}
}
