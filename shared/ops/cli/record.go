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

// recordFlags write a trace from a service's own history.
type recordFlags struct {
	Record   string        `group:"Record:" help:"Write the traffic of this service from CloudWatch's history, and play nothing; docs/what-if.md." placeholder:"CLUSTER/SERVICE"`
	Since    time.Duration `group:"Record:" default:"168h" help:"How far back; up to 360h by the minute."`
	FillGaps string        `group:"Record:" enum:"never,linear,zero" default:"never" help:"What becomes of periods without data: an error (never), a line between the neighbours (linear), or nothing came (zero)."`
	Endpoint string        `group:"Record:" help:"Base URL of ecssim or an emulator; AWS itself where it is left out." placeholder:"URL"`
	Region   string        `group:"Record:" help:"Region; that of the AWS configuration where it is left out." placeholder:"NAME"`
	Profile  string        `group:"Record:" help:"Profile of the AWS configuration." placeholder:"NAME"`
}

// recordTimeout is how long a recording may take: weeks are some pages.
const recordTimeout = 2 * time.Minute

// write records the service into a file.
func (v *recordFlags) write(s *session, file string) error {
	ref, err := named(fleet.ServiceRef{}, v.Record)
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
	found, err := from.Record(ctx, fetch.Order{
		Cluster: ref.Cluster, Service: ref.Service, Since: v.Since, Fill: fetch.Fill(v.FillGaps),
	}, time.Now())
	if err != nil {
		return userError(err)
	}
	return save(s, file, found)
}

// save writes the file whole or not at all, and says what is in it.
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
