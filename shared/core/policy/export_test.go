package policy

// Share is share, for tests.
func Share(a, b string) bool { return share(a, b) }
