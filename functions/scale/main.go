// Command scale is the Lambda function for CloudWatch alarms.
package main

import (
	"homeostat/functions/boot"
	"homeostat/shared/contract"
)

func main() { boot.Main(contract.FunctionScale) }
