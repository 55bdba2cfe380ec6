package main

import (
	"homeostat/infra/workload"

	"github.com/aws/constructs-go/constructs/v10"
)

// newSample adds the stack of sample services if the options request it.
func newSample(scope constructs.Construct, o options) {
	if o.Sample {
		workload.New(scope, stackID+sampleSuffix, workload.Options{Name: o.Name + sampleSuffix, Image: o.SampleImage})
	}
}

// sampleSuffix is the suffix of the name of the sample's stack.
const sampleSuffix = "Sample"
