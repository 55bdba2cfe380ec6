package fleet_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

func TestCurrentIsTheRevisionOfNewTasks(t *testing.T) {
	good, bad := fleet.Revision{ARN: "good"}, fleet.Revision{ARN: "bad"}
	tests := map[string]struct {
		history []fleet.Rollout
		want    fleet.Revision
		ok      bool
	}{
		"the target of the newest rollout": {
			history: []fleet.Rollout{{Target: bad, Status: "SUCCESSFUL"}, {Target: good, Status: "SUCCESSFUL"}}, want: bad, ok: true,
		},
		"the target of a rollback": {
			history: []fleet.Rollout{{Target: bad, Status: "ROLLBACK_SUCCESSFUL", RollbackTo: "good"}, {Target: good, Status: "SUCCESSFUL"}},
			want:    good, ok: true,
		},
		"unknown for a rollback target outside of the history": {
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
