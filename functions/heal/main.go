// Command heal is the Lambda function for ECS task, deployment and service action
// events, Spot warnings and retirements.
package main

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/engine/app"
)

func main() { app.Main(contract.FunctionHeal) }
