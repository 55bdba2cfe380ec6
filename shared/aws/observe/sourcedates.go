package observe

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// SourceReader reads the time of the last change of parameters and secrets. It reads
// metadata, never a value.
type SourceReader interface {
	// Parameters returns the last changes of parameters of Systems Manager, by name. A
	// name that is not in the result is unknown. With an error the result holds the
	// changes that were read before it.
	Parameters(ctx context.Context, names []string) (map[string]time.Time, error)
	// Secret returns the last change of a secret of Secrets Manager.
	Secret(ctx context.Context, arn string) (time.Time, error)
}

// SourceDates is the SourceReader of the SDK's configuration.
type SourceDates struct {
	Config aws.Config
	Now    func() time.Time
}

// epoch is a time in the protocol JSON 1.1: seconds since 1970, with a fraction.
type epoch float64

// latestEpoch is the end of the year 9999, the last year that JSON can hold.
const latestEpoch = 253402300799

// time returns the zero time for an absent or impossible value.
func (e epoch) time() time.Time {
	if !(e > 0 && e <= latestEpoch) {
		return time.Time{}
	}
	return time.UnixMilli(int64(math.Round(float64(e) * 1000))).UTC()
}

type parameterFilter struct {
	Key    string
	Option string
	Values []string
}

type parametersInput struct {
	ParameterFilters []parameterFilter
	MaxResults       int
	NextToken        string `json:",omitempty"`
}

type parametersOutput struct {
	Parameters []struct {
		Name             string
		LastModifiedDate epoch
	}
	NextToken string
}

// Parameters implements SourceReader by DescribeParameters.
func (d SourceDates) Parameters(ctx context.Context, names []string) (map[string]time.Time, error) {
	service := jsonService{config: d.Config, now: d.Now, sdkID: "SSM", host: "ssm", target: "AmazonSSM"}
	in := parametersInput{
		ParameterFilters: []parameterFilter{{Key: "Name", Option: "Equals", Values: names}}, MaxResults: parametersLimit,
	}
	changed := map[string]time.Time{}
	for range parameterPages {
		var out parametersOutput
		if err := service.call(ctx, "DescribeParameters", in, &out); err != nil {
			return changed, err
		}
		for _, p := range out.Parameters {
			if at := p.LastModifiedDate.time(); !at.IsZero() {
				changed[p.Name] = at
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == "" || len(changed) == len(names) {
			return changed, nil
		}
	}
	return changed, errors.New("there are more pages of parameters than are read")
}

// Secret implements SourceReader by DescribeSecret. It returns the zero time if Secrets
// Manager names no change.
func (d SourceDates) Secret(ctx context.Context, arn string) (time.Time, error) {
	service := jsonService{config: d.Config, now: d.Now, sdkID: "Secrets Manager", host: "secretsmanager", target: "secretsmanager"}
	var out struct{ LastChangedDate, LastRotatedDate epoch }
	in := struct {
		SecretID string `json:"SecretId"`
	}{arn}
	err := service.call(ctx, "DescribeSecret", in, &out)
	changed, rotated := out.LastChangedDate.time(), out.LastRotatedDate.time()
	if rotated.After(changed) {
		return rotated, err
	}
	return changed, err
}
