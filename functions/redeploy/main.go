// Command redeploy is the Lambda function for ECR push, replication and scan events.
package main

import (
	"homeostat/functions/boot"
	"homeostat/shared/contract"
)

func main() { boot.Main(contract.FunctionRedeploy) }
