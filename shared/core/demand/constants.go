package demand

import (
	"time"

	"homeostat/shared/core/staffing"
)

// Sizes of the kept state. They are chosen. `go test ./shared/core/demand -run
// Small -v` prints the bytes of a stored state.
const (
	// pastForecasts is the number of kept forecasts, in samples. A forecast reaches
	// at most one sample less ahead.
	pastForecasts = 32
	// errorBins is the number of bins of an error histogram: 12 standard deviations
	// of binsPerUnit bins each.
	errorBins = 96
	// binsPerUnit is the number of bins of one standard deviation.
	binsPerUnit = 8
	// lowestUnit is the lower end of an error histogram, in standard deviations.
	lowestUnit = -4
	// hourBins is the number of bins of the hourly profile, 20 s each.
	hourBins = 180
	// dayBins is the number of bins of the daily profile, 5 min each.
	dayBins = 288
	// startupsKept is the number of the latest start-up times, for the horizon.
	startupsKept = 16
	// requestsKept is the number of the latest request counts, for the cost of a
	// request.
	requestsKept = 32
	// usualBytes is the size, in bytes, of the first buffer of an encoded state: a
	// little above the 4 kB of a state of some days.
	usualBytes = 6000
	// usualText is the size, in bytes, of the first buffer of a headline.
	usualText = 160
)

// Bounds of the input. They are chosen far beyond real values and detect values
// of another unit or corrupt bytes.
const (
	// maxPercent bounds an average utilisation, in percent. Tasks that burst exceed
	// 100 %, never this.
	maxPercent = 10_000
	// maxCount bounds a count of requests or items in a period.
	maxCount = 1e12
	// maxSeconds bounds stored times, in seconds since 1970: about 35,000 years.
	maxSeconds = 1 << 40
	// maxTotal bounds stored numbers of samples.
	maxTotal = 1 << 40
	// maxPeriod bounds the stored length of a sample.
	maxPeriod = 366 * 24 * time.Hour
	// maxDelay bounds the delay of a metric in the forecast horizon, in seconds.
	maxDelay = 300
)

// Ages of metric values. They are chosen.
const (
	// maxAge is the highest age of a usable value.
	maxAge = 6 * time.Minute
	// catchUp is the highest age of a missed value to learn from. Without it, the
	// controller of a service with an evaluation each quarter of an hour would start
	// anew each time.
	catchUp = 20 * time.Minute
)

// The cost of a request is learned from CPU and requests of the same time
// (docs/designs/0007, step 1). The numbers are chosen.
const (
	// costHalfLife is the half-life of a cost: it drifts, and changes with a new
	// revision.
	costHalfLife = 30 * time.Minute
	// costKnownAfter is the shortest observed time of a usable cost.
	costKnownAfter = 3 * time.Minute
	// unsaturated is the highest CPU, in percent, to learn a cost from. Above it
	// requests queue, and a queued request uses no CPU yet.
	unsaturated = 85
)

// Limits of the CPU signal. They are chosen.
const (
	// saturated is the CPU, in percent, of a saturated signal: more demand does not
	// show.
	saturated = 95
	// unitLeast and unitMost bound the factor of a sudden fall that looks like another
	// unit. A fraction of 1 in place of percent is a factor of 100.
	unitLeast, unitMost = 60, 170
	// suspectFor is the time without use of such a value. Idle tasks for an
	// hour cost little; a scale-in under load costs requests.
	suspectFor = time.Hour
	// cpuNoise is the square of a CPU demand, divided by its variance: a standard
	// deviation of 1 %.
	cpuNoise = 1e4
	// panicFactor multiplies the ready tasks at a saturated CPU. Knative's panic
	// mode is the model: the demand is unknown, so the count nearly doubles.
	panicFactor = 1.8
	// panicFor is the time without a scale-in after a saturated CPU.
	panicFor = time.Minute
)

// rounding is subtracted from a number of tasks before it is rounded up. A demand
// exactly at the target must not need one more task for the last bit. Chosen.
const rounding = 1e-9

// Start-up times. They are chosen.
const (
	// unseenStartup is the start-up time of a service without an observed start.
	unseenStartup = 60 * time.Second
	// leastStartup and mostStartup bound the 90th percentile of start-up times.
	leastStartup, mostStartup = 10 * time.Second, 15 * time.Minute
	// maxStartup is the longest start-up time that counts as one.
	maxStartup = time.Hour
)

// often is the number of samples of a usable bin of the hour. More are not counted.
// Chosen: the codec stores it in two bits.
const often = 2

// The grid of the shadows and the strategy before the first choice.
const (
	// margins and delays are the sizes of the grid. They are chosen: 160 shadows take
	// about 10 µs a sample.
	margins, delays = 8, 5
	// defaultMargin and defaultDelay are the strategy before the first choice, with
	// the trend: the 0.9 quantile of the errors, and 150 s. They are chosen.
	defaultMargin, defaultDelay = 4, 2
	// defaultPrice is the price of one percentage point of violating requests, as a
	// share of the cost. It is the default of scale.violation_price. Chosen.
	defaultPrice = 0.1
)

// Fitted returns the tuning in use. The numbers were fitted by hand on the traces of
// docs/benchmarks/scaling.md (docs/designs/0007, Consequences, with the values before
// and the effect on the cost score). `homeostat bench fit` fits them anew.
func Fitted() Tuning {
	return Tuning{
		Additive: 0.3, BriefTime: 300, LastingTime: 7200, BriefShare: 0.5, ErrorHalfLife: 43200, LeastSpread: 1e-4,
		FirstSpread: 0.03, MostSquare: 4, PriorErrors: 30,
		SlopeTime: 40, SurpriseTime: 60, LeastGain: 0.05, JumpSquare: 9,
		SteadyFrom: 6, SteadyMost: 60, DriftShare: 0.25, DriftLimit: 2.5, JumpLimit: 3.5,
		HourWeight: 0.35, DayTime: 400, ProfileTrust: 2, LateStart: 15,
		LossHalfLife: 21600, SwitchMargin: 0.02, LeastWatched: 600, ActionPrice: 30, ActionShare: 5,
		NearMiss: 0.15, NearMost: 0.5, Drain: 30, PriorTime: 900,
	}
}

// marginGrid returns the margins of the shadows. They are chosen; the table of
// `homeostat bench fit --prior` shows the loss of each.
func marginGrid() [margins]margin {
	return [margins]margin{
		{0.5, 0.5},
		{1.06, 1.03},
		{0.75, 0.5},
		{1.15, 1.075},
		{0.9, 0.75},
		{0.96, 0.9},
		{0.985, 0.96},
		{0.997, 0.985},
	}
}

// delayGrid returns the scale-in delays of the shadows, in seconds. They are chosen,
// as the margins are.
func delayGrid() [delays]float64 { return [delays]float64{0, 60, 150, 300, 600} }

// quantiles is the number of different quantiles of the grid.
const quantiles = 6

// quantileGrid returns the quantiles of the grid, ascending. It follows from
// marginGrid.
func quantileGrid() [quantiles]float64 {
	return [quantiles]float64{0.5, 0.75, 0.9, 0.96, 0.985, 0.997}
}

// priorLoss returns the relative loss of a strategy above the best one, for a
// service without history. The table is the mean over the first halves of the
// public traces of docs/benchmarks/scaling.md. Rows are margins, columns are
// scale-in delays. `homeostat bench fit --prior` measures the table anew.
func priorLoss(strategy int) float64 {
	return [margins][delays]float64{
		{0.97, 0.60, 0.24, 0.19, 0.20},
		{0.41, 0.31, 0.15, 0.16, 0.19},
		{0.58, 0.38, 0.23, 0.20, 0.18},
		{0.31, 0.25, 0.15, 0.18, 0.19},
		{0.25, 0.19, 0.19, 0.24, 0.26},
		{0.18, 0.19, 0.24, 0.29, 0.32},
		{0.24, 0.29, 0.35, 0.39, 0.45},
		{0.33, 0.39, 0.44, 0.48, 0.54},
	}[strategy/delays%margins][strategy%delays]
}

// Usual returns the objective of a service without a known one. A task serves two
// requests at once. Nine of ten requests wait at most one service time. At most
// 80 % of the tasks are busy. The numbers are chosen.
func Usual() staffing.Objective {
	return staffing.Objective{Slots: 2, Wait: 1, Late: 0.1, Busy: 0.8}
}
