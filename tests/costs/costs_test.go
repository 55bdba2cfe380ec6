//go:build measure

package costs

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/costs.md")

const page = "../../docs/costs.md"

// tolerance is the tolerated error of a figure. A longer reason in an episode must
// not fail the test.
const tolerance = 0.1

// differences returns the lines of the page that differ from the printed ones, in
// words or by more than a tenth in a figure.
func differences(page, printed string) (lines []string) {
	number := regexp.MustCompile(`\d[\d,]*(\.\d+)?`)
	was, is := strings.Split(page, "\n"), strings.Split(printed, "\n")
	if len(was) != len(is) {
		return []string{fmt.Sprintf("the page has %d lines, expected %d", len(was), len(is))}
	}
	for i := range is {
		old, now := number.FindAllString(was[i], -1), number.FindAllString(is[i], -1)
		same := number.ReplaceAllString(was[i], "#") == number.ReplaceAllString(is[i], "#") && len(old) == len(now)
		for k := 0; same && k < len(now); k++ {
			a, b := value(old[k]), value(now[k])
			same = math.Abs(a-b) <= max(tolerance*math.Abs(b), 0.02)
		}
		if !same {
			lines = append(lines, was[i]+" → "+is[i])
		}
	}
	return lines
}

func value(digits string) float64 {
	v, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func TestThePageMayBeOffByATenth(t *testing.T) {
	for name, c := range map[string]struct {
		page, printed string
		same          bool
	}{
		"the same":                          {"a 1,200 b", "a 1,200 b", true},
		"a figure within a tenth":           {"a 1,200 b", "a 1,150 b", true},
		"a figure off by more than a tenth": {"a 1,200 b", "a 1,500 b", false},
		"a tiny figure":                     {"a 0.00 b", "a 0.02 b", true},
		"other words":                       {"a 1 b", "a 1 c", false},
		"an additional line":                {"a", "a\nb", false},
		"an additional figure":              {"a 1", "a 1 1", false},
		"a figure instead of a dash":        {"a -", "a 1", false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.same, len(differences(c.page, c.printed)) == 0) })
	}
}

func TestThePageMatchesTheProgram(t *testing.T) {
	figures, err := Measure(t.Context())
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(figures.Page()), 0o644))
	}
	was, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Empty(t, differences(string(was), figures.Page()), "the usage of Homeostat has changed: run `make costs` and read the new figures")

	t.Run("the figures are plausible", func(t *testing.T) {
		for _, r := range figures.Rates {
			assert.GreaterOrEqual(t, r.Used.Invocations, r.Events, "every event invokes a function")
			assert.Positive(t, r.Used.Writes)
			assert.Positive(t, r.Used.MetricReads, "an alarm causes the read of a metric")
			assert.NotEmpty(t, r.Used.series())
		}
		assert.Less(t, figures.Stable.Added.of("dynamodb"), 0.1, "stable services share their requests to the table")
		assert.Positive(t, figures.Tagged.Added.of("dynamodb"))
		assert.Positive(t, figures.Above.Added.MetricReads)
	})
	t.Run("an installation without services costs less than 5 USD besides the dashboard", func(t *testing.T) {
		idle := figures.Idle()
		assert.Less(t, idle.Total()-prices().dashboards.of(Dashboards), 5.0)
		assert.Less(t, figures.idleWithAllowance(), 5.0)
	})
	t.Run("more services and more events never cost less", func(t *testing.T) {
		last := 0.0
		for _, services := range []float64{10, 100, 1000, 10000} {
			total := figures.Of(services, figures.Rates[2]).Total()
			assert.Greater(t, total, last)
			assert.GreaterOrEqual(t, total, figures.Of(services, figures.Rates[0]).Total())
			last = total
		}
	})
}

func TestItemSizesMatchDynamoDB(t *testing.T) {
	text := func(n int) types.AttributeValue {
		return &types.AttributeValueMemberS{Value: strings.Repeat("x", n)}
	}
	for name, c := range map[string]struct {
		item   map[string]types.AttributeValue
		size   int
		writes float64
	}{
		"names and texts count in bytes":       {map[string]types.AttributeValue{"pk": text(3), "body": text(5)}, 2 + 3 + 4 + 5, 1},
		"two digits are a byte, with one more": {map[string]types.AttributeValue{"n": &types.AttributeValueMemberN{Value: "12345"}}, 1 + 3 + 1, 1},
		"a kilobyte is one unit":               {map[string]types.AttributeValue{"body": text(1020)}, 1024, 1},
		"a byte more is two":                   {map[string]types.AttributeValue{"body": text(1021)}, 1025, 2},
		"the index is written too":             {map[string]types.AttributeValue{"body": text(1021), "day": text(1)}, 1029, 4},
		"an empty item is still a request":     {nil, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.size, sizeOf(c.item))
			assert.Equal(t, c.writes, writes(c.item))
		})
	}
}

func TestTheLedgerReadsTheMetricsInALog(t *testing.T) {
	l := newLedger()
	line := `{"_aws":{"CloudWatchMetrics":[{"Namespace":"H","Dimensions":[["Function","Reason"]],"Metrics":[{"Name":"Events"}]}]},"Function":"heal","Reason":"tick","Events":1}` + "\n"
	for range 2 {
		_, err := l.Write([]byte(line))
		require.NoError(t, err)
	}
	_, err := l.Write([]byte("no metric\n"))
	require.NoError(t, err)
	assert.Equal(t, []string{"Events heal tick"}, l.series(), "a series counts once")
	assert.Equal(t, float64(2*len(line)+10), l.LogBytes)
}

func TestTheLineThroughTwoFleets(t *testing.T) {
	at := func(services float64) *Ledger {
		l := newLedger()
		l.Calls["ecs ListServices"], l.Writes, l.Invocations = 1+services/10, 2*services, 1
		return l
	}
	fixed, added := line(at(10), 10, at(30), 30)
	assert.InDelta(t, 1, fixed.of("ecs"), 1e-9)
	assert.InDelta(t, 0.1, added.of("ecs"), 1e-9)
	assert.InDelta(t, 2, added.Writes, 1e-9)
	assert.InDelta(t, 0, fixed.Writes, 1e-9)
	assert.InDelta(t, 1, fixed.Invocations, 1e-9)
}

func TestAmountsHaveTwoSignificantDigits(t *testing.T) {
	for want, v := range map[string]float64{"0.00": 0, "1.05": 1.049, "9.99": 9.99, "16": 16.4, "1,200": 1234, "13,000": 12999, "1,000,000": 1e6} {
		assert.Equal(t, want, usd(v))
	}
}
