package fleet_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// storm returns the task events of a few deployments, in order.
func storm(t *rapid.T) []fleet.Evidence {
	var all []fleet.Evidence
	for d := range rapid.IntRange(1, 10).Draw(t, "deployments") {
		for task := range rapid.IntRange(0, 6).Draw(t, "tasks") {
			cause := rapid.SampledFrom(fleet.Causes()).Draw(t, "cause")
			for version := range int64(rapid.IntRange(0, 3).Draw(t, "versions")) {
				all = append(all, taskEvent(fmt.Sprint("ecs-svc/", d), fmt.Sprint(d, "-", task), version+1, cause))
			}
		}
	}
	return all
}

// shuffled returns all events in any order, some of them several times.
func shuffled(t *rapid.T, all []fleet.Evidence) []fleet.Evidence {
	again := append([]fleet.Evidence(nil), all...)
	if len(all) > 0 {
		again = append(again, rapid.SliceOfN(rapid.SampledFrom(all), 0, 20).Draw(t, "duplicates")...)
	}
	return rapid.Permutation(again).Draw(t, "order")
}

// fold folds all evidence and returns the number of new pieces.
func fold(all []fleet.Evidence) (m fleet.Memory, fresh int) {
	for _, e := range all {
		if m.Fold(e, fixture.Noon()) {
			fresh++
		}
	}
	return m, fresh
}

func TestDuplicatesAndDisorderOfTaskEventsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := storm(t)
		want, _ := fold(all)
		got, _ := fold(shuffled(t, all))
		// A single stopping event sets the end of a failed task. The stopped event
		// replaces it, in any order.
		assert.Equal(t, want.Cohorts, got.Cohorts)
	})
}

func TestTheHighestVersionWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := storm(t)
		highest := map[string]int64{}
		for _, e := range all {
			highest[e.Trigger.Task] = max(highest[e.Trigger.Task], e.Trigger.Version)
		}
		m, _ := fold(shuffled(t, all))
		assert.LessOrEqual(t, len(m.Cohorts), 8)
		for _, cohort := range m.Cohorts {
			for task, life := range cohort.Tasks {
				assert.Equal(t, highest[task], life.Version, task)
			}
		}
	})
}

func TestFoldingEverythingAgainAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []fleet.Evidence
		for _, e := range storm(t) {
			if e.Trigger.Deployment < "ecs-svc/8" { // within the bound of the memory
				all = append(all, e)
			}
		}
		m, _ := fold(all)
		for _, e := range all {
			assert.False(t, m.Fold(e, fixture.Noon()))
		}
	})
}
