// Command heal is the Lambda function for ECS task, deployment, service action, Spot and retirement events.
package main

import (
	"homeostat/functions/boot"
	"homeostat/shared/contract"
)

func main() { boot.Main(contract.FunctionHeal) }
