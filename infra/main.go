// Command infra is Homeostat's AWS CDK app: `cdk deploy` runs it. One file is
// one part of the stack, its test beside it. Context on the command line sets
// what differs between installations; options.go lists it.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	err := synthesise()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	// After the sentence: Close waits for the CDK's runtime twice, and may
	// complain on standard error that it is gone. Without it, each run would
	// leave its files behind.
	jsii.Close()
	if err != nil {
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// synthesise writes the cloud assembly. Where the installation cannot be built
// it writes nothing and the error is the sentence that says why.
func synthesise() error {
	app := awscdk.NewApp(nil)
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	o, err := readOptions(context)
	if err != nil {
		return err
	}
	if err := checkRegion(os.Getenv(regionVariable)); err != nil {
		return err
	}
	if o.Staging, err = os.MkdirTemp("", "homeostat-synth-"); err != nil {
		return fmt.Errorf("making a folder for bundles: %w", err)
	}
	defer func() { _ = os.RemoveAll(o.Staging) }()
	if _, err := newStack(app, o); err != nil {
		return err
	}
	newSample(app, o)
	app.Synth(nil)
	return nil
}
