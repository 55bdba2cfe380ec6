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

// Ledger is what was used.
type Ledger struct {
	// Calls are AWS calls, by "service operation".
	Calls map[string]float64
	// Reads and Writes are DynamoDB's request units.
	Reads, Writes float64
	// MetricReads are the metrics that were asked for.
	MetricReads, LogBytes float64
	// Series are the custom metrics that were written.
	Series map[string]bool
	// Invocations of functions.
	Invocations float64
}

func newLedger() *Ledger { return &Ledger{Calls: map[string]float64{}, Series: map[string]bool{}} }

// of is the number of calls whose name begins with the prefix.
func (l *Ledger) of(prefix string) (n float64) {
	for call, count := range l.Calls {
		if strings.HasPrefix(call, prefix) {
			n += count
		}
	}
	return n
}

// calls is the number of all calls.
func (l *Ledger) calls() float64 { return l.of("") }

// times is the ledger of n times as much.
func (l *Ledger) times(n float64) *Ledger {
	out := newLedger()
	for call, count := range l.Calls {
		out.Calls[call] = n * count
	}
	out.Reads, out.Writes, out.MetricReads, out.LogBytes, out.Invocations = n*l.Reads, n*l.Writes, n*l.MetricReads, n*l.LogBytes, n*l.Invocations
	maps.Copy(out.Series, l.Series)
	return out
}

// plus is what both ledgers hold.
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

// series are the names of the custom metrics, in order.
func (l *Ledger) series() []string { return slices.Sorted(maps.Keys(l.Series)) }

// counting is an http.RoundTripper that counts what passes.
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

// metricMeter counts the metrics that are asked for: each query of a metric is
// one, also where several ask for one metric's statistics.
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

// nameOf is the call that a request makes, as its protocol says it.
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

// Write counts what a function writes to its log, and the metric series in it.
// It is an io.Writer.
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

// meter weighs what the store asks of DynamoDB as AWS would bill it.
type meter struct {
	inner  *dynamodb.Client
	ledger func() *Ledger
}

const (
	readUnit, writeUnit = 4096, 1024
	// twice is what a transaction costs: each item is prepared and written.
	twice = 2
)

func units(size, unit int) float64 { return math.Max(1, math.Ceil(float64(size)/float64(unit))) }

// GetItem reads whole or half units, for strongly or eventually consistent reads.
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

// PutItem writes the item, and its copy where it stands in the index.
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

// UpdateItem writes the whole item, however small the change.
func (m meter) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	out, err := m.inner.UpdateItem(ctx, in, o...)
	m.ledger().Writes += units(m.stored(ctx, in.TableName, in.Key), writeUnit)
	return out, err
}

// stored is the size of an item as the table holds it, looked up beside the ledger.
func (m meter) stored(ctx context.Context, table *string, key map[string]types.AttributeValue) int {
	defer m.beside()()
	out, err := m.inner.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key})
	if err != nil {
		return 0
	}
	return sizeOf(out.Item)
}

// beside makes what is called until its answer is called count for nothing.
func (m meter) beside() (end func()) {
	ledger := m.ledger()
	before := maps.Clone(ledger.Calls)
	return func() { ledger.Calls = before }
}

// Query is billed for what it looked at, also for what a filter leaves out.
func (m meter) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	whole := *in
	whole.FilterExpression = nil
	end := m.beside()
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

// TransactWriteItems costs each of its items twice, checks like writes.
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

// BatchGetItem costs what each of its items would alone.
func (m meter) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	out, err := m.inner.BatchGetItem(ctx, in, o...)
	if err != nil {
		return out, err
	}
	for name, asked := range in.RequestItems {
		for _, i := range out.Responses[name] {
			m.read(sizeOf(i), asked.ConsistentRead)
		}
		for range len(asked.Keys) - len(out.Responses[name]) {
			m.read(0, asked.ConsistentRead) // what is not there is looked for all the same
		}
	}
	return out, err
}

// BatchWriteItem costs what each of its writes would alone.
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

// sizeOf is an item's size as DynamoDB counts it: names and values in UTF-8;
// a number takes a byte for two digits, and one more.
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
