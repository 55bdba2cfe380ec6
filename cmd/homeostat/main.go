// Command homeostat is the operator's side of Homeostat.
package main

import (
	"os"

	"homeostat/shared/ops/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
