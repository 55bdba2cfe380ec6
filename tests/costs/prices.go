// Package costs computes the monthly cost of Homeostat. The pipeline runs in
// ecssim with the real SDK. The package counts every call, every stored or logged
// byte and every metric series, and multiplies them by published prices with their
// dates.
package costs

// Price is one published unit price.
type Price struct {
	Name string
	USD  float64
	// Per is the unit: "1,000,000 requests", "GB-month".
	Per    string
	Units  float64
	Source string
	// Seen is the month of the newest copy of the source, or of a page that quotes
	// it.
	Seen string
}

// of returns the price of n units.
func (p Price) of(n float64) float64 { return n / p.Units * p.USD }

const million = 1e6

// tariff holds the prices of us-east-1, without any free allowance.
type tariff struct {
	lambdaTime, lambdaCalls, sqs, reads, writes, storage, recovery, logs, logStorage, series, alarms, dashboards, metricReads, publishes Price
}

// prices returns the published prices.
func prices() tariff {
	const cloudwatch, dynamodb = "https://aws.amazon.com/cloudwatch/pricing/", "https://aws.amazon.com/dynamodb/pricing/on-demand/"
	return tariff{
		lambdaTime:  Price{"Lambda on arm64", 0.0000133334, "GB-second", 1, "https://aws.amazon.com/lambda/pricing/", "2026-05"},
		lambdaCalls: Price{"Lambda invocations", 0.20, "1,000,000", million, "https://aws.amazon.com/lambda/pricing/", "2026-09"},
		sqs:         Price{"SQS standard requests", 0.40, "1,000,000", million, "https://aws.amazon.com/sqs/pricing/", "2026-03"},
		reads:       Price{"DynamoDB read request units", 0.125, "1,000,000", million, dynamodb, "2025-07"},
		writes:      Price{"DynamoDB write request units", 0.625, "1,000,000", million, dynamodb, "2025-07"},
		storage:     Price{"DynamoDB storage", 0.25, "GB-month", 1, "https://aws.amazon.com/dynamodb/pricing/", "undated"},
		recovery:    Price{"DynamoDB point-in-time recovery", 0.20, "GB-month", 1, "https://aws.amazon.com/dynamodb/pricing/", "undated"},
		logs:        Price{"CloudWatch Logs, ingested", 0.50, "GB", 1, cloudwatch, "2026-06"},
		logStorage:  Price{"CloudWatch Logs, kept", 0.03, "GB-month", 1, cloudwatch, "none"},
		series:      Price{"CloudWatch custom metrics", 0.30, "series and month", 1, cloudwatch, "2026-02"},
		alarms:      Price{"CloudWatch alarms", 0.10, "alarm and month", 1, cloudwatch, "2026-06"},
		dashboards:  Price{"CloudWatch dashboards", 3.00, "dashboard and month", 1, cloudwatch, "2026-06"},
		metricReads: Price{"CloudWatch GetMetricData", 0.01, "1,000 metrics", 1000, cloudwatch, "2022-04"},
		publishes:   Price{"SNS publishes", 0.50, "1,000,000", million, "https://aws.amazon.com/sns/pricing/", "2026-06"},
	}
}

// all returns the prices in the order of the page.
func (t tariff) all() []Price {
	return []Price{
		t.lambdaTime, t.lambdaCalls, t.sqs, t.reads, t.writes, t.storage, t.recovery, t.logs, t.logStorage, t.series, t.alarms,
		t.dashboards, t.metricReads, t.publishes,
	}
}
