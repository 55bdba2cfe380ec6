package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/lab/recording"
	"homeostat/shared/lab/recording/fetch"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// recordFlags holds the flags that write a trace from the metrics of a service.
type recordFlags struct {
	Record   string        `group:"Record:" help:"Write the traffic of this service from CloudWatch to a file and play nothing; see docs/what-if.md." placeholder:"CLUSTER/SERVICE"`
	Since    time.Duration `group:"Record:" default:"168h" help:"Record this far back; up to 360h have one value a minute."`
	FillGaps string        `group:"Record:" enum:"never,linear,zero" default:"never" help:"Fill periods without data: never fails, linear interpolates, zero assumes no requests."`
	Endpoint string        `group:"Record:" help:"Use the base URL of ecssim or an emulator instead of AWS." placeholder:"URL"`
	Region   string        `group:"Record:" help:"Use this region instead of the one of the AWS configuration." placeholder:"NAME"`
	Profile  string        `group:"Record:" help:"Use this profile of the AWS configuration." placeholder:"NAME"`
}

// recordTimeout limits the duration of a recording. Some weeks of metrics take a
// few pages.
const recordTimeout = 2 * time.Minute

// write records the traffic of the service into a file.
func (v *recordFlags) write(s *session, file string) error {
	ref, err := named(fleet.Account{}, v.Record)
	if err != nil {
		return err
	}
	if file == "" {
		return usageError{errors.New("--record needs a file to write to: give --out FILE.csv")}
	}
	if _, err := fetch.Period(v.Since); err != nil {
		return usageError{fmt.Errorf("--since %w", err)}
	}
	ctx, cancel := context.WithTimeout(s.ctx, recordTimeout)
	defer cancel()
	cfg, err := cloud{Endpoint: v.Endpoint, Region: v.Region, Profile: v.Profile}.config(ctx)
	if err != nil {
		return err
	}
	from := &fetch.Recorder{ECS: ecs.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg), Region: cfg.Region}
	found, err := from.Record(ctx, fetch.Request{
		Cluster: ref.Cluster, Service: ref.Service, Since: v.Since, Fill: fetch.Fill(v.FillGaps),
	}, time.Now())
	if err != nil {
		return userError(err)
	}
	return save(s, file, found)
}

// save writes the complete file or none and prints a summary.
func save(s *session, file string, r recording.Recording) error {
	part := file + ".part"
	out, err := os.Create(part)
	if err != nil {
		return fmt.Errorf("%s: %w", file, plainPathError(err))
	}
	err = errors.Join(recording.Write(out, r), out.Close())
	if err == nil {
		err = os.Rename(part, file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", file, err), os.Remove(part))
	}
	fmt.Fprintf(s.out, "%s: %s, %s\n", file, r.About, count(len(r.Requests), "interval"))
	for _, n := range r.Notes {
		fmt.Fprintf(s.out, "  note: %s\n", n)
	}
	if r.TaskRate > 0 {
		fmt.Fprintf(s.out, "  a busy task serves %.4g requests/s\n", r.TaskRate)
	}
	_, err = fmt.Fprintf(s.out, "  next: homeostat rehearse --trace %s --policy homeostat.yaml\n", file)
	return err
}
