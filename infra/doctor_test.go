//go:build !race

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/ops/doctor"

	"github.com/stretchr/testify/assert"
)

// The doctor knows the stack by its logical ids and asks IAM about what the
// functions need: both are compared with what is deployed.
func TestTheDoctorAsksAboutWhatIsGranted(t *testing.T) {
	in := doctor.Installation{Queues: []doctor.Queue{{Function: contract.FunctionSweep}}}
	for _, function := range contract.Functions() {
		var asked, granted []string
		for _, need := range doctor.Needs(in, function) {
			asked = append(asked, need.Actions...)
		}
		for _, row := range permissions(arns{}, options{}) {
			for _, action := range row.actions {
				// Without a log the function still works.
				if row.holdsFor(function) && !strings.HasPrefix(action, "logs:") {
					granted = append(granted, action)
				}
			}
		}
		assert.ElementsMatch(t, granted, asked, function)
		for _, need := range doctor.Needs(in, function) {
			for _, row := range permissions(arns{}, options{}) {
				if slices.Contains(row.actions, need.Actions[0]) {
					assert.Equal(t, row.byTag(), need.Tag != nil, "%v is asked about with the service's tag", need.Actions)
				}
			}
		}
	}
}

func TestTheDoctorFindsWhatTheStackHolds(t *testing.T) {
	made := synthesised(t, options{})
	bare := func(kind string) (ids []string) {
		for id := range made.of(kind) {
			ids = append(ids, id[:len(id)-8])
		}
		slices.Sort(ids)
		return ids
	}
	assert.Contains(t, bare("AWS::DynamoDB::Table"), "Memory")
	assert.Contains(t, bare("AWS::SNS::Topic"), "Notifications")
	for _, function := range contract.Functions() {
		assert.Contains(t, bare("AWS::Lambda::Function"), title(function)+"Function")
		assert.Contains(t, bare("AWS::SQS::Queue"), title(function)+"Queue")
		assert.Contains(t, bare("AWS::SQS::Queue"), title(function)+"DeadLetters")
	}
	var in doctor.Installation
	in.Stack.Status = "CREATE_COMPLETE"
	for _, id := range bare("AWS::Events::Rule") {
		in.Rules = append(in.Rules, doctor.Rule{ID: id, Name: id, Enabled: true, Targets: []string{"any"}})
	}
	for _, f := range doctor.Examine(in, time.Time{}) {
		if f.Check == "rules" {
			assert.Equal(t, doctor.Fine, f.Severity, "%s %s", f.Subject, f.What)
		}
	}
}
