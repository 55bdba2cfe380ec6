//go:build !race

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheSampleIsASeparateStack(t *testing.T) {
	for name, c := range map[string]struct {
		o    options
		want []string
	}{
		"by default there is none":     {options{Name: stackID}, nil},
		"with the option":              {options{Name: stackID, Sample: true}, []string{"HomeostatSample"}},
		"it has the name of its stack": {options{Name: "Steward", Sample: true}, []string{"StewardSample"}},
	} {
		t.Run(name, func(t *testing.T) {
			app := newApp(t)
			newSample(app, c.o)
			var names []string
			for _, stack := range *app.Synth(nil).Stacks() {
				names = append(names, *stack.StackName())
			}
			assert.Equal(t, c.want, names)
		})
	}
}
