package runtime

import "time"

// ScalingFor is the maximum age of a reading of Application Auto Scaling. Chosen:
// 15 minutes, because its targets and policies change by hand or by a deployment.
const ScalingFor = 15 * time.Minute

// idBytes is the number of bytes of a SHA-256 sum in the id of an episode. Chosen: 6.
const idBytes = 6
