package peers

import "homeostat/shared/sim/workload"

// When what is measured can be seen, in seconds. Scrapes and syncs of a real
// cluster have no fixed distance, so each scrape comes here at the middle of
// what may be.
const (
	syncPeriod = 15 // of the controller, by default

	// metrics-server: --metric-resolution is 15 s, and a scrape can be read some
	// 10 s later: the kubelet's own figures are that old. A sample is then between
	// 10 and 25 s old at a sync.
	resourceScrape  = 15
	resourceDelay   = 10
	resourceOffset  = 12 // so that it is 18 s old
	resourceMinimum = 10 // a container that ran for less has no sample

	// Prometheus: a scrape can be read at once. It is up to 15 s old at a sync.
	prometheusScrape = 15
	prometheusOffset = 8 // so that it is 7 s old

	// Homeostat's own signal: requests counted in buckets of 10 s, to be seen
	// 10 s after a bucket's end.
	bucket      = 10
	bucketDelay = 10
)

// last is the latest second, not after now, that lies offset seconds after a
// multiple of the period.
func last(now, period, offset int) int {
	return now - ((now-offset)%period+period)%period
}

// prometheusRate is what rate(http_requests_total[window]) says now, summed
// over the pods: Prometheus takes the difference of the first and the last
// sample of the window and carries it on to the window's ends. Requests are
// counted as they arrive, as at an ingress, so that a full service hides none.
func prometheusRate(s *workload.Sim, window int) (perSecond float64, known bool) {
	to := last(s.Second(), prometheusScrape, prometheusOffset)
	samples := (to-(s.Second()-window)-1)/prometheusScrape + 1
	from := to - (samples-1)*prometheusScrape
	return rate(s, from, to)
}

// bucketRate is the mean rate of the latest bucket of Homeostat's own signal.
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
