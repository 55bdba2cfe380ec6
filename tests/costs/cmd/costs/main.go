// Command costs measures the usage of Homeostat and prints docs/costs.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"homeostat/tests/costs"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	figures, err := costs.Measure(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "costs: "+err.Error())
		cancel()
		os.Exit(1)
	}
	fmt.Print(figures.Page())
}
