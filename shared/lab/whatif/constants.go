package whatif

// Fargate's list prices for Linux on demand, in USD per vCPU-hour and per GB-hour,
// from PriceSource. Other regions differ; Spot and savings plans cost less.
const (
	x86VCPUHour = 0.04048
	x86GBHour   = 0.004445
	armVCPUHour = 0.03238
	armGBHour   = 0.00356

	PriceRegion = "us-east-1"
	PriceSource = "https://aws.amazon.com/fargate/pricing/"
	// PriceSeen is the month of the newest quotation of PriceSource that the prices
	// were compared with.
	PriceSeen = "2026-06"
)

// The modelled metrics, in seconds.
const (
	// tick is the period of a metric and of an evaluation. The sweep runs once a
	// minute, and ECS's default metric has one-minute periods.
	tick = 60
	// metricDelay is the time from the end of a period until its value is readable.
	// Calibrated, see standardDelay in shared/lab/baseline.
	metricDelay = 153
	// metricPoints is the number of points that one evaluation reads. The functions
	// read the last six minutes, and the newest points are still missing.
	metricPoints = 4
	// countDelay is the delay of a request count of the application. Chosen: one
	// period of 10 s, as in the scaling benchmark.
	countDelay = 10
	// countSpan is the time before that one evaluation reads. Chosen: two minutes.
	countSpan = 120
	// taskMemory is the time that an evaluation remembers a task after its start.
	// Chosen: 20 minutes, longer than a start-up.
	taskMemory = 1200
)

const (
	// maxTasks is ECS's quota of tasks in a service, see
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTasks = 5000
	// maxPeakFactor limits the modelled tasks to a multiple of the need of the
	// busiest second. Chosen: the tables of the model grow with its maximum, and no
	// plan requests more tasks.
	maxPeakFactor = 4
	// negligible is the relative cost difference, or the difference of violating
	// requests in percent, that counts as no difference. Chosen: a thousandth.
	negligible = 0.001
	// chartPoints is the number of points of a chart. Chosen: one for 1.5 of
	// the 900 units of its width.
	chartPoints = 600
)
