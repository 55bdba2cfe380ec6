package ecssim

import (
	"time"

	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

// Count is a metric that the application of a service publishes itself: the
// requests that it was sent in each period.
type Count struct {
	Namespace, Metric string
	// Period is a whole number of seconds, above 0.
	Period time.Duration
}

// countDelay is how long after its period a count can be read. Model: AWS
// publishes no figure for PutMetricData.
const countDelay = 10 * time.Second

// CountRequests has a service publish its requests from the next whole period on.
// While no task serves nothing is counted, which is no zero.
func (s *Sim) CountRequests(cluster, name string, c Count) error {
	if c.Namespace == "" || c.Metric == "" || c.Period < time.Second || c.Period%time.Second != 0 {
		return wire.Errorf("InvalidParameterException", "A count needs a namespace, a metric, and a period of whole seconds.")
	}
	return s.withService(cluster, name, func(svc *service) error {
		series := s.cloudwatch.Open(c.Namespace, c.Metric, unitCount)
		s.atModel(s.Now().Truncate(c.Period).Add(c.Period), func() { svc.publishCount(series, c.Period) })
		return nil
	})
}

func (svc *service) publishCount(to *cloudwatch.Series, period time.Duration) {
	if svc.status == statusInactive {
		return
	}
	svc.settle()
	span := int64(period / time.Second)
	if n := svc.load.counted; n > 0 || svc.load.serving > 0 {
		p := cloudwatch.Total(n)
		p.At = svc.sim.Now().Unix() - span
		to.Publish(p, span, countDelay)
	}
	svc.load.counted = 0
	svc.sim.after(period, func() { svc.publishCount(to, period) })
}
