package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

func TestCurrentIsWhatNewTasksRun(t *testing.T) {
	good, bad := fleet.Revision{ARN: "good"}, fleet.Revision{ARN: "bad"}
	tests := map[string]struct {
		history []fleet.Rollout
		want    fleet.Revision
		ok      bool
	}{
		"the newest rollout's target, as a rule": {
			history: []fleet.Rollout{{Target: bad, Status: "SUCCESSFUL"}, {Target: good, Status: "SUCCESSFUL"}}, want: bad, ok: true,
		},
		"what a rollback went back to": {
			history: []fleet.Rollout{{Target: bad, Status: "ROLLBACK_SUCCESSFUL", RollbackTo: "good"}, {Target: good, Status: "SUCCESSFUL"}},
			want:    good, ok: true,
		},
		"unknown where the rollback's target is not among the latest": {
			history: []fleet.Rollout{{Target: bad, Status: "ROLLBACK_SUCCESSFUL", RollbackTo: "older"}},
		},
		"unknown without a rollout": {},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := fleet.Snapshot{History: tt.history}.Current()
			assert.Equal(t, tt.ok, ok)
			assert.Equal(t, tt.want, got)
		})
	}
}
