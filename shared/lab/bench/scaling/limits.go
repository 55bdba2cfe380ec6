package scaling

import (
	"context"
	"runtime"
	"sync"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// limits are what nobody can have better, with one seed: the task-hours of the
// optimum without violations, and the least J at the three prices.
type limits struct {
	hours  float64
	bounds [3]float64
}

// optimum is the cost of the oracle's plan from a second on, in task-hours.
func optimum(t traffic.Trace, service workload.Service, seed uint64, from int) float64 {
	known := truthOf(t, service, seed).after(from)
	cost, _ := levels(known.needed, known.restart)
	return float64(cost) / hour
}

// limits are those of the second half, for each seed.
func (m Matrix) limits(ctx context.Context, t traffic.Trace) ([]limits, error) {
	cut, from := Second.Cut(t)
	out := make([]limits, len(m.Seeds))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				known := truthOf(cut, m.Service, m.Seeds[i]).after(from)
				cost, _ := levels(known.needed, known.restart)
				out[i].hours = float64(cost) / hour
				for k, price := range [3]float64{PriceLow, PriceMid, PriceHigh} {
					out[i].bounds[k] = known.bound(price, m.Service.Min)
				}
			}
		})
	}
	defer workers.Wait()
	defer close(next)
	for i := range out {
		select {
		case next <- i:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return out, nil
}
