package account

// Identity is the account, its Region and its partition.
type Identity struct{ Account, Region, Partition string }

// ARN returns the ARN of a resource in this account and Region.
func (i Identity) ARN(service, resource string) string {
	return "arn:" + i.Partition + ":" + service + ":" + i.Region + ":" + i.Account + ":" + resource
}

// Root returns the ARN of the account's root user. Every caller in ecssim is the
// root user.
func (i Identity) Root() string {
	return "arn:" + i.Partition + ":iam::" + i.Account + ":root"
}

// Role returns the ARN of an IAM role, by its name with its path.
func (i Identity) Role(name string) string {
	return "arn:" + i.Partition + ":iam::" + i.Account + ":role/" + name
}
