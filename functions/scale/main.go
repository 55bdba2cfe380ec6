// Command scale is the Lambda function for CloudWatch alarms.
package main

import (
	"homeostat/shared/core/contract"
	"homeostat/shared/engine/app"
)

func main() { app.Main(contract.FunctionScale) }
