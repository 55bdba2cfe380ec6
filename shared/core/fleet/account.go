package fleet

// Account is one AWS account in one region.
type Account struct {
	// Partition is the AWS partition; empty for that of the region.
	Partition string
	// ID is the number of the account, 12 digits.
	ID     string
	Region string
}

// Ref returns a service of the account.
func (a Account) Ref(cluster, service string) ServiceRef {
	return ServiceRef{Partition: a.Partition, Account: a.ID, Region: a.Region, Cluster: cluster, Service: service}
}

// AccountOf returns the account and the region of a service.
func AccountOf(r ServiceRef) Account {
	return Account{Partition: r.Partition, ID: r.Account, Region: r.Region}
}
