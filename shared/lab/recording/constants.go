package recording

const (
	// maxBytes is the largest file in bytes. Chosen: a year of single seconds takes
	// half of it.
	maxBytes = 1 << 29
	// minCPU and maxCPU limit the periods that show the cost of a request, in
	// percent. Chosen: below 10 % idling dominates the CPU, and above 80 % requests
	// may queue unseen.
	minCPU = 10
	maxCPU = 80
	// minPeriods is the smallest number of such periods for an estimate. Chosen: a
	// median of fewer values depends on single periods.
	minPeriods = 10
)
