// Command sweep is the Lambda function for the schedule and timers. It reconciles
// services after missed events, and evaluates them again after an action.
package main

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/engine/app"
)

func main() { app.Main(contract.FunctionSweep) }
