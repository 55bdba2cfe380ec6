// Command redeploy is the Lambda function for ECR push, replication and scan events.
package main

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/engine/app"
)

func main() { app.Main(contract.FunctionRedeploy) }
