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

// The doctor uses the logical ids of the stack and simulates the needs of the
// functions. The tests compare both with the template.
func TestTheDoctorSimulatesTheGrantedActions(t *testing.T) {
	t.Run("by default", func(t *testing.T) { simulatesGranted(t, options{}, "") })
	t.Run("with the dates of sources", func(t *testing.T) { simulatesGranted(t, options{SourceDates: true}, contract.EnvSourceDates) })
}

// simulatesGranted compares the needs with the permissions of the options. The variable
// is set in the functions; empty sets none.
func simulatesGranted(t *testing.T, o options, variable string) {
	t.Helper()
	in := doctor.Installation{Queues: []doctor.Queue{{Function: contract.FunctionSweep}}}
	for _, function := range contract.Functions() {
		in.Functions = append(in.Functions, doctor.Function{Name: function, Environment: map[string]string{variable: "true"}})
	}
	for _, function := range contract.Functions() {
		var simulated, granted []string
		for _, need := range doctor.Needs(in, function) {
			simulated = append(simulated, need.Actions...)
		}
		for _, row := range permissions(arns{}, o) {
			for _, action := range row.actions {
				// A function also works without its log.
				if row.appliesTo(function) && !strings.HasPrefix(action, "logs:") {
					granted = append(granted, action)
				}
			}
		}
		assert.ElementsMatch(t, granted, simulated, function)
		for _, need := range doctor.Needs(in, function) {
			for _, row := range permissions(arns{}, o) {
				if slices.Contains(row.actions, need.Actions[0]) {
					assert.Equal(t, row.byTag(), need.Tag != nil, "%v is simulated with the service's tag", need.Actions)
				}
			}
		}
	}
}

func TestTheDoctorFindsTheResourcesOfTheStack(t *testing.T) {
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
