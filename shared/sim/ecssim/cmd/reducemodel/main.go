// Command reducemodel writes the reduced service models. Tests check ecssim's
// answers against them. A reduced model has the operations that ecssim serves and
// the shapes that they reach. It has no documentation.
//
//	go run ./shared/sim/ecssim/cmd/reducemodel -from DIR
//
// The folder DIR holds AWS's models in the layout of botocore: NAME.json, or
// NAME/VERSION/service-2.json, or service-2.json.gz. The command takes the newest
// version. The command `pip download botocore --no-deps` downloads a wheel, a zip
// file; DIR is its folder botocore/data.
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"
)

// models is the folder of the reduced models, from the root of the module.
const models = "shared/sim/ecssim/wire/models"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the whole command. Exit codes: 0 success, 2 usage error, 3 runtime
// error.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("reducemodel", flag.ContinueOnError)
	flags.SetOutput(stderr)
	from := flags.String("from", "", "folder of AWS's models, as botocore publishes them")
	to := flags.String("to", models, "folder to write the reduced models to")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *from == "" {
		_, _ = fmt.Fprintln(stderr, "reducemodel: -from is needed: the folder botocore/data of a botocore wheel")
		return 2
	}
	if err := reduceAll(*from, *to, served(), stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "reducemodel:", err)
		return 3
	}
	return 0
}

// served returns the operations that ecssim serves, by service.
func served() map[string][]string {
	out := ecssim.New(ecssim.Config{}).Server().Operations()
	maps.Copy(out, dynamo.New().Operations())
	return out
}

// reduceAll reduces the models of all services with operations.
func reduceAll(from, to string, operations map[string][]string, log io.Writer) error {
	for _, service := range slices.Sorted(maps.Keys(operations)) {
		name, ok := wire.ModelFiles()[service]
		if !ok {
			return fmt.Errorf("wire.ModelFiles has no name for the service %s", service)
		}
		raw, err := readModel(from, name)
		if err != nil {
			return err
		}
		reduced, err := reduce(raw, operations[service])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		file := filepath.Join(to, name+".json")
		if err := os.WriteFile(file, reduced, 0o644); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(log, "%s: %d operations, %d bytes\n", file, len(operations[service]), len(reduced))
	}
	return nil
}
