// Command heal is the Lambda function for ECS task, deployment, service action, Spot and retirement events.
package main

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/engine/app"
)

func main() { app.Main(contract.FunctionHeal) }
