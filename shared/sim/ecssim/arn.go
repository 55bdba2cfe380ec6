package ecssim

import "strings"

// nameOf is the last part of an ARN's path, or the name itself.
func nameOf(arnOrName string) string {
	return arnOrName[strings.LastIndexByte(arnOrName, '/')+1:]
}

// clusterOf is the cluster's name in the ARN of a service, a task or a service
// deployment; "" if it is no such ARN.
func clusterOf(arn string) string {
	parts := strings.Split(arn, "/")
	if !strings.HasPrefix(arn, "arn:") || len(parts) < 3 {
		return ""
	}
	return parts[1]
}
