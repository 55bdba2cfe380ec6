package main

import (
	"homeostat/infra/workload"

	"github.com/aws/constructs-go/constructs/v10"
)

// newSample adds the services to learn on, where they are asked for.
func newSample(scope constructs.Construct, o options) {
	if o.Sample {
		workload.New(scope, stackID+sampleEnding, workload.Options{Name: o.Name + sampleEnding, Image: o.SampleImage})
	}
}

// sampleEnding ends the name of the sample's stack.
const sampleEnding = "Sample"
