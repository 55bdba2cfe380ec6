// Command infra is Homeostat's AWS CDK app. `cdk deploy` runs it. Each file holds
// one part of the stack, with its test beside it. Context on the command line
// sets the options of an installation; options.go lists them.
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
	// Print the error before Close, because Close may also write to standard error.
	// Without Close, each run would leave the files of the CDK's runtime behind.
	jsii.Close()
	if err != nil {
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// synthesise writes the cloud assembly. On an error it writes nothing and returns
// the cause in one sentence.
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
