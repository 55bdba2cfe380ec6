package decode

import (
	"strconv"
	"strings"

	"homeostat/shared/core/fleet"
)

// scalingActivity reads the event of Application Auto Scaling for a target at its
// maximum: "service/shop/web" is a service.
func scalingActivity(e event) fleet.Trigger {
	d, t := e.detail, e.base
	namespace, id := d.text("serviceNamespace"), d.text("resourceId")
	most, known := d.integer("maxCapacity")
	atMax := d.boolean("scaledToMax")
	parts := strings.Split(id, "/")
	if namespace != "" && namespace != "ecs" || len(parts) != 3 || parts[0] != "service" {
		return ignored(t, "the scaling activity is not of an ECS service: "+quote(id))
	}
	t.Cluster, t.Service = parts[1], parts[2]
	if !atMax {
		return ignored(t, "the scaling activity did not end at the maximum")
	}
	t.Kind, t.Reason = fleet.ScaledToMax, "the service is scaled to its maximum"
	if known {
		t.Reason += " of " + strconv.FormatInt(most, 10)
	}
	return t
}
