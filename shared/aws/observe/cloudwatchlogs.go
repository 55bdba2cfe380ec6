package observe

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// CloudWatchLogs reads log events.
type CloudWatchLogs struct {
	Config aws.Config
	Now    func() time.Time
}

type eventsInput struct {
	Group  string `json:"logGroupName"`
	Stream string `json:"logStreamName"`
	Limit  int    `json:"limit"`
	Head   bool   `json:"startFromHead"`
	Token  string `json:"nextToken,omitempty"`
}

type eventsOutput struct {
	Events []struct {
		Message string `json:"message"`
	} `json:"events"`
	Older string `json:"nextBackwardToken"`
}

// Events implements Logs. CloudWatch Logs may return no events although there are
// older ones. Events then reads the older page once.
func (c CloudWatchLogs) Events(ctx context.Context, group, stream string, limit int) ([]string, error) {
	in := eventsInput{Group: group, Stream: stream, Limit: limit}
	out, err := c.getLogEvents(ctx, in)
	if err == nil && len(out.Events) == 0 && out.Older != "" {
		in.Token = out.Older
		out, err = c.getLogEvents(ctx, in)
	}
	messages := make([]string, 0, len(out.Events))
	for _, e := range out.Events {
		messages = append(messages, e.Message)
	}
	return messages, err
}

func (c CloudWatchLogs) getLogEvents(ctx context.Context, in eventsInput) (out eventsOutput, err error) {
	service := jsonService{config: c.Config, now: c.Now, sdkID: "CloudWatch Logs", host: "logs", target: "Logs_20140328"}
	return out, service.call(ctx, "GetLogEvents", in, &out)
}
