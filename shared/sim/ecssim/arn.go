package ecssim

import "strings"

// arn builds an ARN of this account and Region.
func (s *Sim) arn(service, resource string) string {
	c := &s.config
	return "arn:" + c.Partition + ":" + service + ":" + c.Region + ":" + c.Account + ":" + resource
}

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

// registryHost is the account's private registry.
func (s *Sim) registryHost() string {
	host := s.config.Account + ".dkr.ecr." + s.config.Region + ".amazonaws.com"
	if s.config.Partition == "aws-cn" {
		host += ".cn"
	}
	return host
}
