// Command sweep is the Lambda function for the schedule and timers: it reconciles what events missed, and looks again after an action.
package main

import (
	"homeostat/functions/boot"
	"homeostat/shared/contract"
)

func main() { boot.Main(contract.FunctionSweep) }
