package peers

import "homeostat/shared/sim/workload"

// The times at which a measurement is readable, in seconds. In a cluster the
// distance between a scrape and a sync varies. Here each scrape has the middle of
// the possible distances.
const (
	syncPeriod = 15 // of the controller, by default

	// metrics-server: --metric-resolution is 15 s, and a scrape is readable about
	// 10 s later, because the kubelet's figures are that old. At a sync a sample is
	// then 10 to 25 s old.
	resourceScrape  = 15
	resourceDelay   = 10
	resourceOffset  = 12 // so that it is 18 s old
	resourceMinimum = 10 // a container needs this age for a sample

	// Prometheus: a scrape is readable at once, and up to 15 s old at a sync.
	prometheusScrape = 15
	prometheusOffset = 8 // so that it is 7 s old

	// Homeostat's signal: requests counted in buckets of 10 s, readable 10 s after
	// the end of a bucket.
	bucket      = 10
	bucketDelay = 10
)

// last returns the latest second up to now with an offset from a multiple of the
// period.
func last(now, period, offset int) int {
	return now - ((now-offset)%period+period)%period
}

// prometheusRate returns rate(http_requests_total[window]) summed over the pods.
// Prometheus takes the difference between the first and the last sample of the
// window, and extrapolates it to the window. Requests are counted at their arrival,
// as at an ingress, so a full service hides none.
func prometheusRate(s *workload.Sim, window int) (perSecond float64, known bool) {
	to := last(s.Second(), prometheusScrape, prometheusOffset)
	samples := (to-(s.Second()-window)-1)/prometheusScrape + 1
	from := to - (samples-1)*prometheusScrape
	return rate(s, from, to)
}

// bucketRate returns the mean rate of the latest bucket of Homeostat's signal.
func bucketRate(s *workload.Sim) (perSecond float64, known bool) {
	to := last(s.Second()-bucketDelay, bucket, 0)
	return rate(s, to-bucket, to)
}

func rate(s *workload.Sim, from, to int) (perSecond float64, known bool) {
	w := s.Window(from, to)
	if w.Seconds <= 0 {
		return 0, false
	}
	return w.Arrived / w.Seconds, true
}
