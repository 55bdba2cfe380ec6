package fetch_test

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"homeostat/shared/lab/recording"
	"homeostat/shared/lab/recording/fetch"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cloud is an account in ecssim. Real clients connect to it over a socket.
type cloud struct {
	t      *testing.T
	sim    *ecssim.Sim
	config aws.Config

	mu     sync.Mutex
	calls  map[string]int
	denied string
	// pages counts the responses of a front.
	pages int
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t, calls: map[string]int{}}
	c.sim = ecssim.New(ecssim.Config{Seed: 1, Region: fixture.Region})
	c.sim.Server().Middleware(func(_, operation string) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.calls[operation]++
		if operation == c.denied {
			return &wire.Error{Code: "AccessDeniedException", Message: "not allowed: " + operation, Status: http.StatusBadRequest}
		}
		return nil
	})
	c.config = sdk.OverSocket(t, c.sim.Handler())
	c.sim.AddCluster("shop")
	c.sim.PushImage("web", "good", ecssim.Behaviour{CapacityRPS: 100})
	definition, err := c.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", CPU: 512, Memory: 1024, Containers: []ecssim.ContainerSpec{{Name: "app", Image: "web:good"}},
	})
	require.NoError(t, err)
	c.create("web", definition, true)
	c.create("worker", definition, false)
	return c
}

func (c *cloud) create(name, definition string, balanced bool) {
	_, err := c.sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: name, TaskDefinition: definition, Desired: 2, LoadBalanced: balanced})
	require.NoError(c.t, err)
	// 40 to 80 requests/s, a straight line over each hour.
	require.NoError(c.t, c.sim.SetLoad("shop", name, func(at time.Time) float64 { return 40 + 40*float64(at.Minute())/60 }, time.Minute))
}

func (c *cloud) run(d time.Duration) { c.sim.RunUntil(c.sim.Now().Add(d)) }

func (c *cloud) recorder() *fetch.Recorder {
	return &fetch.Recorder{ECS: ecs.NewFromConfig(c.config), CloudWatch: cloudwatch.NewFromConfig(c.config), Region: c.config.Region}
}

func (c *cloud) record(o fetch.Request) (recording.Recording, error) {
	if o.Cluster == "" {
		o.Cluster = "shop"
	}
	return c.recorder().Record(c.t.Context(), o, c.sim.Now())
}

func TestAWebServiceIsRecordedByItsRequests(t *testing.T) {
	c := newCloud(t)
	c.run(6 * time.Hour)
	r, err := c.record(fetch.Request{Service: "web", Since: 4 * time.Hour})
	require.NoError(t, err)

	assert.Equal(t, 60, r.Step)
	assert.InDelta(t, 4*60, len(r.Requests), 10, "the last minutes may not have arrived")
	for i, n := range r.Requests {
		// Each hour begins at 40 requests/s.
		assert.InDelta(t, 60*(40+40*float64(i%60)/60), n, 60*2, "minute %d", i)
	}
	assert.InDelta(t, 100, r.TaskRate, 5, "one task serves 100 requests/s")
	assert.InDelta(t, 2*float64(len(r.Requests))/60, r.TaskHours, 0.2, "two tasks ran")
	assert.Equal(t, "shop/web", r.Service)
	assert.Equal(t, fixture.Region, r.Region)
	assert.Equal(t, []int{512, 1024}, []int{r.TaskCPU, r.TaskMemory})
	assert.Regexp(t, `^shop/web in eu-central-1 from 2026-01-05T08:00Z to 2026-01-05T1[12]:..Z: RequestCount of targetgroup/web/[0-9a-f]+, each 60 s$`, r.About)
	for operation := range c.calls {
		assert.Contains(t, []string{"DescribeServices", "DescribeServiceRevisions", "DescribeTaskDefinition", "ListMetrics", "GetMetricData"}, operation, "it only reads")
	}

	var file strings.Builder
	require.NoError(t, recording.Write(&file, r))
	again, err := recording.Read("web.csv", strings.NewReader(file.String()))
	require.NoError(t, err)
	assert.Equal(t, r.Requests, again.Requests)
	assert.InEpsilon(t, r.TaskRate, again.TaskRate, 1e-4)
}

func TestAServiceWithoutLoadBalancerIsRecordedByItsDemand(t *testing.T) {
	c := newCloud(t)
	c.run(3 * time.Hour)
	r, err := c.record(fetch.Request{Service: "worker", Since: 2 * time.Hour})
	require.NoError(t, err)
	assert.InDelta(t, 100, r.TaskRate, 0, "hundredths of a busy task")
	assert.Contains(t, r.About, "the average CPU times the running tasks, each 60 s; a request stands for 0.01 s of a busy task")
	// 60 requests/s on average need 0.6 busy tasks with a capacity of 100
	// requests/s.
	sum := 0.0
	for _, n := range r.Requests {
		sum += n
	}
	assert.InDelta(t, 0.6, sum/float64(len(r.Requests))/60/100, 0.05)
	assert.Zero(t, c.calls["ListMetrics"])
}

func TestSamplesOfHighResolutionAreNotTakenForTasks(t *testing.T) {
	c := newCloud(t)
	_, err := c.sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: "fine", TaskDefinition: "web:1", Desired: 3, HighResolution: true})
	require.NoError(t, err)
	c.run(3 * time.Hour)
	r, err := c.record(fetch.Request{Service: "fine", Since: 2 * time.Hour})
	require.NoError(t, err)
	assert.InDelta(t, 3*float64(len(r.Requests))/60, r.TaskHours, 0.1, "three tasks, though each gives three samples a minute")
}

func TestALongHistoryHasTheRetainedPeriod(t *testing.T) {
	for name, c := range map[string]struct {
		since, want time.Duration
		fault       string
	}{
		"a week":              {7 * 24 * time.Hour, time.Minute, ""},
		"fifteen days":        {15 * 24 * time.Hour, time.Minute, ""},
		"a minute too much":   {15*24*time.Hour + time.Minute, 5 * time.Minute, ""},
		"sixty days":          {60 * 24 * time.Hour, 5 * time.Minute, ""},
		"a year":              {365 * 24 * time.Hour, time.Hour, ""},
		"two years":           {730 * 24 * time.Hour, 0, "17520h0m0s is longer than CloudWatch's retention of 455 days: give less"},
		"a minute":            {time.Minute, 0, "1m0s is too short for a statement about scaling: give 10m0s or more"},
		"the future, by typo": {-time.Hour, 0, "-1h0m0s is too short"},
	} {
		t.Run(name, func(t *testing.T) {
			period, err := fetch.Period(c.since)
			assert.Equal(t, c.want, period)
			if c.fault != "" {
				assert.ErrorContains(t, err, c.fault)
			}
		})
	}
	c := newCloud(t)
	c.run(24 * time.Hour)
	r, err := c.record(fetch.Request{Service: "web", Since: 16 * 24 * time.Hour})
	require.NoError(t, err)
	assert.Equal(t, 300, r.Step)
	assert.InDelta(t, 2*24, r.TaskHours, 1, "three periods' samples are two tasks, not ten")
	assert.Contains(t, r.Notes[0], "there is no data before 2026-01-05T06:00Z, ")
}

// front is a proxy for ecssim's CloudWatch. It splits GetMetricData into pages of
// points for each query, as CloudWatch does above 100,800 points. It drops the
// points that lose selects.
func (c *cloud) front(points int, lose func(at time.Time) bool) {
	behind := cloudwatch.NewFromConfig(c.config)
	server := wire.NewServer()
	server.Handle("monitoring", "GetMetricData", func(in wire.Object) (wire.Object, error) {
		out, err := behind.GetMetricData(c.t.Context(), inputOf(in))
		if err != nil {
			return nil, err
		}
		begin, _ := strconv.Atoi(in.String("NextToken"))
		results, more := []wire.Object{}, false
		for _, r := range out.MetricDataResults {
			times, values := []time.Time{}, []float64{}
			for i, at := range r.Timestamps {
				if lose == nil || !lose(at) {
					times, values = append(times, at), append(values, r.Values[i])
				}
			}
			from, to := min(begin, len(times)), min(begin+points, len(times))
			more = more || to < len(times)
			results = append(results, wire.Object{
				"Id": aws.ToString(r.Id), "Label": aws.ToString(r.Label), "Timestamps": times[from:to], "Values": values[from:to], "StatusCode": "PartialData",
			})
		}
		answer := wire.Object{"MetricDataResults": results, "Messages": []wire.Object{}}
		if more {
			answer["NextToken"] = strconv.Itoa(begin + points)
		}
		c.pages++
		return answer, nil
	})
	c.config = sdk.OverSocket(c.t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/operation/GetMetricData") {
			server.ServeHTTP(w, r)
			return
		}
		c.sim.Handler().ServeHTTP(w, r)
	}))
}

// inputOf converts the received call.
func inputOf(in wire.Object) *cloudwatch.GetMetricDataInput {
	from, _ := in.Time("StartTime")
	to, _ := in.Time("EndTime")
	out := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from), EndTime: aws.Time(to), ScanBy: cwtypes.ScanBy(in.String("ScanBy"))}
	for _, q := range in.Objects("MetricDataQueries") {
		stat := q.Object("MetricStat")
		metric, period := stat.Object("Metric"), 0
		if n, ok := stat.Int("Period"); ok {
			period = n
		}
		m := &cwtypes.Metric{Namespace: aws.String(metric.String("Namespace")), MetricName: aws.String(metric.String("MetricName"))}
		for _, d := range metric.Objects("Dimensions") {
			m.Dimensions = append(m.Dimensions, cwtypes.Dimension{Name: aws.String(d.String("Name")), Value: aws.String(d.String("Value"))})
		}
		out.MetricDataQueries = append(out.MetricDataQueries, cwtypes.MetricDataQuery{
			Id: aws.String(q.String("Id")), MetricStat: &cwtypes.MetricStat{Metric: m, Period: aws.Int32(int32(period)), Stat: aws.String(stat.String("Stat"))},
		})
	}
	return out
}

func TestPagesAreReadToTheEnd(t *testing.T) {
	c := newCloud(t)
	c.run(3 * time.Hour)
	whole, err := c.record(fetch.Request{Service: "web", Since: 2 * time.Hour})
	require.NoError(t, err)
	c.front(17, nil)
	pages, err := c.record(fetch.Request{Service: "web", Since: 2 * time.Hour})
	require.NoError(t, err)
	assert.Equal(t, whole, pages)
	assert.Greater(t, c.pages, 6)
}

func TestGapsAreErrorsUnlessFilled(t *testing.T) {
	c := newCloud(t)
	c.run(3 * time.Hour)
	start := c.sim.Now().Add(-2 * time.Hour)
	c.front(math.MaxInt32, func(at time.Time) bool {
		minute := int(at.Sub(start) / time.Minute)
		return minute >= 30 && minute < 33 || minute == 50
	})
	order := fetch.Request{Service: "web", Since: 2 * time.Hour}
	_, err := c.record(order)
	assert.ErrorContains(t, err, "shop/web: there is no data in 4 of its periods of 60 s: 2026-01-05T07:30Z to 2026-01-05T07:33Z, "+
		"2026-01-05T07:50Z to 2026-01-05T07:51Z; missing data is not zero: give --fill-gaps linear")

	order.Fill = fetch.FillLinear
	r, err := c.record(order)
	require.NoError(t, err)
	left, right := r.Requests[29], r.Requests[33]
	assert.InDelta(t, left+(right-left)/4, r.Requests[30], 1)
	assert.InDelta(t, left+(right-left)*3/4, r.Requests[32], 1)
	assert.True(t, slices.ContainsFunc(r.Notes, func(n string) bool {
		return strings.HasPrefix(n, "there is no data in 4 of its periods") && strings.HasSuffix(n, "filled (linear)")
	}), r.Notes)

	order.Fill = fetch.FillZero
	r, err = c.record(order)
	require.NoError(t, err)
	assert.Zero(t, r.Requests[31])
	assert.NotZero(t, r.Requests[34])
}

func TestARecordingThatFailsReportsTheCause(t *testing.T) {
	c := newCloud(t)
	c.run(time.Hour)
	for name, o := range map[string]struct {
		order  fetch.Request
		denied string
		want   string
	}{
		"a service that is not there":  {fetch.Request{Service: "webb", Since: time.Hour}, "", "there is no service webb in the cluster shop, region eu-central-1: check the names"},
		"a cluster that is not there":  {fetch.Request{Cluster: "shopp", Service: "web", Since: time.Hour}, "", "describing the service web of shopp: "},
		"metrics that one may not see": {fetch.Request{Service: "web", Since: time.Hour}, "GetMetricData", "not allowed: GetMetricData"},
		"a span of nothing":            {fetch.Request{Service: "web"}, "", "0s is too short"},
	} {
		t.Run(name, func(t *testing.T) {
			c.denied = o.denied
			_, err := c.record(o.order)
			assert.ErrorContains(t, err, o.want)
		})
	}
	c.denied = "DescribeTaskDefinition"
	r, err := c.record(fetch.Request{Service: "web", Since: 30 * time.Minute})
	require.NoError(t, err, "the size is for the price alone")
	assert.Zero(t, r.TaskCPU)
	assert.Contains(t, r.Notes[0], "the size of the task could not be read: ")
}

func TestAServiceThatNeverRanHasNoHistory(t *testing.T) {
	c := newCloud(t)
	_, err := c.record(fetch.Request{Service: "web", Since: time.Hour})
	assert.ErrorContains(t, err, "shop/web: CloudWatch has no data for this time")
}
