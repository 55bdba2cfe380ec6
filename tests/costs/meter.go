package costs

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Ledger counts the usage of AWS.
type Ledger struct {
	// Calls counts AWS calls, by "service operation".
	Calls map[string]float64
	// Reads and Writes count DynamoDB's request units.
	Reads, Writes float64
	// MetricReads counts the metrics read, and LogBytes the bytes logged.
	MetricReads, LogBytes float64
	// Series holds the names of the published custom metrics.
	Series map[string]bool
	// Invocations counts the invocations of functions.
	Invocations float64
}

func newLedger() *Ledger { return &Ledger{Calls: map[string]float64{}, Series: map[string]bool{}} }

// of returns the number of calls with a prefix of their name.
func (l *Ledger) of(prefix string) (n float64) {
	for call, count := range l.Calls {
		if strings.HasPrefix(call, prefix) {
			n += count
		}
	}
	return n
}

// calls returns the number of all calls.
func (l *Ledger) calls() float64 { return l.of("") }

// times returns a ledger with n times the usage.
func (l *Ledger) times(n float64) *Ledger {
	out := newLedger()
	for call, count := range l.Calls {
		out.Calls[call] = n * count
	}
	out.Reads, out.Writes, out.MetricReads, out.LogBytes, out.Invocations = n*l.Reads, n*l.Writes, n*l.MetricReads, n*l.LogBytes, n*l.Invocations
	maps.Copy(out.Series, l.Series)
	return out
}

// plus returns the sum of two ledgers.
func (l *Ledger) plus(m *Ledger) *Ledger {
	out := l.times(1)
	for call, count := range m.Calls {
		out.Calls[call] += count
	}
	out.Reads, out.Writes = out.Reads+m.Reads, out.Writes+m.Writes
	out.MetricReads, out.LogBytes, out.Invocations = out.MetricReads+m.MetricReads, out.LogBytes+m.LogBytes, out.Invocations+m.Invocations
	maps.Copy(out.Series, m.Series)
	return out
}

// series returns the names of the custom metrics in order.
func (l *Ledger) series() []string { return slices.Sorted(maps.Keys(l.Series)) }

// counting is an http.RoundTripper that counts the calls.
type counting struct {
	next   http.RoundTripper
	ledger func() *Ledger
}

// RoundTrip implements http.RoundTripper.
func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	name := nameOf(r)
	c.ledger().Calls[name]++
	return c.next.RoundTrip(r)
}

// metricMeter counts the metrics read. Each query counts, also if several queries
// read statistics of the same metric.
type metricMeter struct {
	observe.CloudWatch
	ledger func() *Ledger
}

// GetMetricData counts the call's queries.
func (m metricMeter) GetMetricData(ctx context.Context, in *cloudwatch.GetMetricDataInput, o ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	for _, q := range in.MetricDataQueries {
		if q.MetricStat != nil {
			m.ledger().MetricReads++
		}
	}
	return m.CloudWatch.GetMetricData(ctx, in, o...)
}

// nameOf returns the service and the operation of a request.
func nameOf(r *http.Request) string {
	service, _, _ := strings.Cut(r.URL.Host, ".")
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return service + " " + operation
	}
	if _, operation, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return service + " " + operation
	}
	return service
}

// Write counts the bytes of a function's log and the metric series in it. It
// implements io.Writer.
func (l *Ledger) Write(p []byte) (int, error) {
	l.LogBytes += float64(len(p))
	var line struct {
		AWS struct {
			CloudWatchMetrics []struct {
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		} `json:"_aws"`
	}
	var values map[string]any
	if json.Unmarshal(p, &line) != nil || json.Unmarshal(p, &values) != nil {
		return len(p), nil
	}
	for _, set := range line.AWS.CloudWatchMetrics {
		for _, dimensions := range set.Dimensions {
			name := []string{set.Metrics[0].Name}
			for _, d := range dimensions {
				if value, ok := values[d].(string); ok {
					name = append(name, value)
				}
			}
			l.Series[strings.Join(name, " ")] = true
		}
	}
	return len(p), nil
}

// meter counts the DynamoDB requests of the store as AWS bills them.
type meter struct {
	inner  *dynamodb.Client
	ledger func() *Ledger
}

const (
	readUnit, writeUnit = 4096, 1024
	// twice is the factor of a transaction, because it prepares and writes each item.
	twice = 2
)

func units(size, unit int) float64 { return math.Max(1, math.Ceil(float64(size)/float64(unit))) }

// GetItem counts whole units for consistent reads and half units for others.
func (m meter) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out, err := m.inner.GetItem(ctx, in, o...)
	if err == nil {
		m.read(sizeOf(out.Item), in.ConsistentRead)
	}
	return out, err
}

func (m meter) read(size int, consistent *bool) {
	n := units(size, readUnit)
	if consistent == nil || !*consistent {
		n /= 2
	}
	m.ledger().Reads += n
}

// PutItem counts the item, and its copy in the index.
func (m meter) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	m.ledger().Writes += writes(in.Item)
	return m.inner.PutItem(ctx, in, o...)
}

func writes(i map[string]types.AttributeValue) float64 {
	n := units(sizeOf(i), writeUnit)
	if _, indexed := i["day"]; indexed {
		n *= 2
	}
	return n
}

// UpdateItem counts the whole item for each change.
func (m meter) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := m.inner.UpdateItem(ctx, in, o...)
	m.ledger().Writes += units(m.stored(ctx, in.TableName, in.Key), writeUnit)
	return out, err
}

// stored returns the size of an item in the table. Its read does not count.
func (m meter) stored(ctx context.Context, table *string, key map[string]types.AttributeValue) int {
	defer m.pause()()
	out, err := m.inner.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key})
	if err != nil {
		return 0
	}
	return sizeOf(out.Item)
}

// pause stops the count of calls until the returned function runs.
func (m meter) pause() (end func()) {
	ledger := m.ledger()
	before := maps.Clone(ledger.Calls)
	return func() { ledger.Calls = before }
}

// Query counts all items that it reads, also those that a filter excludes.
func (m meter) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	whole := *in
	whole.FilterExpression = nil
	end := m.pause()
	all, err := m.inner.Query(ctx, &whole, o...)
	end()
	if err == nil {
		size := 0
		for _, i := range all.Items {
			size += sizeOf(i)
		}
		m.read(size, in.ConsistentRead)
	}
	return m.inner.Query(ctx, in, o...)
}

// TransactWriteItems counts each of its items twice, and checks like writes.
func (m meter) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	for _, part := range in.TransactItems {
		switch {
		case part.Put != nil:
			m.ledger().Writes += twice * writes(part.Put.Item)
		case part.ConditionCheck != nil:
			m.ledger().Writes += twice * units(m.stored(ctx, part.ConditionCheck.TableName, part.ConditionCheck.Key), writeUnit)
		}
	}
	return m.inner.TransactWriteItems(ctx, in, o...)
}

// BatchGetItem counts its items as single reads.
func (m meter) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	out, err := m.inner.BatchGetItem(ctx, in, o...)
	if err != nil {
		return out, err
	}
	for name, request := range in.RequestItems {
		for _, i := range out.Responses[name] {
			m.read(sizeOf(i), request.ConsistentRead)
		}
		for range len(request.Keys) - len(out.Responses[name]) {
			m.read(0, request.ConsistentRead) // a missing item still costs a read
		}
	}
	return out, err
}

// BatchWriteItem counts its writes as single writes.
func (m meter) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	for _, requests := range in.RequestItems {
		for _, r := range requests {
			if r.PutRequest != nil {
				m.ledger().Writes += writes(r.PutRequest.Item)
			}
		}
	}
	return m.inner.BatchWriteItem(ctx, in, o...)
}

var _ record.DynamoDB = meter{}

// sizeOf returns the size of an item as DynamoDB counts it: names and values in
// UTF-8. A number takes one byte for two digits and one more byte.
func sizeOf(i map[string]types.AttributeValue) (n int) {
	for name, value := range i {
		n += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n += len(v.Value)
		case *types.AttributeValueMemberN:
			n += (len(v.Value)+1)/2 + 1
		case *types.AttributeValueMemberB:
			n += len(v.Value)
		default:
			n++
		}
	}
	return n
}
