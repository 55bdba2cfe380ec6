package traffic

// Limits of a trace file. Chosen: far above any useful trace, and far below
// a harmful one.
const (
	maxRows     = 10_000_000      // 116 days of single seconds
	maxStep     = 3600            // seconds
	maxTime     = 100_000_000_000 // seconds since 1970, the year 5138
	maxRequests = 1e12
	// maxQuoted is the number of bytes of a line that an error quotes.
	maxQuoted = 40
)

const (
	minute = 60 // seconds
	hour   = 60 * minute
	day    = 24 * hour
)

const (
	// highMinuteQuantile is the quantile of the minutes that scaling refers to.
	// Chosen: the highest half percent of the minutes may be outliers.
	highMinuteQuantile = 0.995
	// peakRate is the highest rate of the generated traces in requests/s. Chosen:
	// 20 tasks of the benchmark's service at full load.
	peakRate = 400.0
	// noiseMemory is the correlation of two neighbouring minutes of the noise trace,
	// and noiseSpread the standard deviation of its logarithm. Chosen: the rate then
	// stays mostly between half and twice its median.
	noiseMemory = 0.9
	noiseSpread = 0.35
	// batchMinutes and pauseMinutes are the mean lengths of the on-off trace.
	// Chosen: the service then works a quarter of the time.
	batchMinutes = 10.0
	pauseMinutes = 30.0
)
