package autoscaling

import "time"

// TargetHealthInterval is the time between two probes of a load balancer's target
// by default. AWS: user guide of Application Load Balancers, "Health checks for
// your target groups", HealthCheckIntervalSeconds.
const TargetHealthInterval = 30 * time.Second

// The example of the step scaling user guide: changes in percent by the distance
// from the threshold in percentage points, see
// https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
const (
	guideFirstBound   = 10
	guideSecondBound  = 20
	guideFirstChange  = 10
	guideSecondChange = 30
)

// roundingError keeps a product such as 2*0.7/0.7 from rounding up to 3.
// Chosen: far above the error of a float64 and far below one task.
const roundingError = 1e-9
