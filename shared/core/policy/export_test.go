package policy

// PatternsOverlap exports patternsOverlap for tests.
func PatternsOverlap(a, b string) bool { return patternsOverlap(a, b) }
