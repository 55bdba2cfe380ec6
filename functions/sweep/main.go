// Command sweep is the Lambda function for the schedule and timers: it reconciles what events missed, and looks again after an action.
package main

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/engine/app"
)

func main() { app.Main(contract.FunctionSweep) }
