package staffing

const (
	// exactTasks is the largest number of tasks with an exact value in a Curve.
	// Beyond it the headroom in units of the square root of the servers hardly
	// changes (Halfin and Whitt, "Heavy-Traffic Limits for Queues with Many
	// Exponential Servers", 1981).
	exactTasks = 64
	// maxLoad is the largest load that is computed, in busy tasks. Chosen: far above
	// the load of any service, and far below the largest int.
	maxLoad = 1e6
	// bisections is the number of steps that find the highest load. Chosen: each step
	// halves the error, and 50 are near the precision of a float64.
	bisections = 50
)
