package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine/app"
	"homeostat/shared/ops/doctor"
	"homeostat/shared/ops/inspect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// connectFlags holds the flags that select an installation.
type connectFlags struct {
	cloud
	Table string `help:"Use this DynamoDB table instead of the one of the stack." placeholder:"NAME"`
}

// installation gives the operator commands access to one installation.
type installation struct {
	cfg       aws.Config
	caller    inspect.Caller
	reader    *inspect.Reader
	resources []inspect.Resource
	store     *record.Store
	observer  *observe.Observer
	// ahead is the lead of this machine's clock over that of an endpoint with a time
	// of its own; else zero.
	ahead time.Duration
}

// now returns the time of the account. An emulator may have a time of its own.
func (d *installation) now() time.Time { return time.Now().Add(-d.ahead) }

// ownTime is the difference from which on the time of an endpoint is its own, and not
// that of a clock that is a little wrong.
const ownTime = time.Minute

// ahead returns the lead of this machine's clock over an endpoint with a time of its
// own. AWS has none: there a difference is a fault of this machine.
func (c cloud) ahead(clock doctor.Clock) time.Duration {
	emulated := c.Endpoint != "" || os.Getenv("AWS_ENDPOINT_URL") != ""
	if !emulated || !clock.Known || clock.Ahead.Abs() < ownTime {
		return 0
	}
	return clock.Ahead
}

// open reads the identity of the caller and the name of the table.
func (h connectFlags) open(ctx context.Context) (*installation, error) {
	d, err := h.approach(ctx)
	if err != nil {
		return nil, err
	}
	table := h.Table
	if table == "" {
		if err := d.stack(ctx, h.Stack); err != nil {
			return nil, err
		}
		if table = inspect.Table(d.resources); table == "" {
			return nil, fmt.Errorf("the stack %s holds no table: run homeostat doctor, or give --table", h.Stack)
		}
	}
	d.store = &record.Store{DynamoDB: dynamodb.NewFromConfig(d.cfg), Table: table}
	return d, nil
}

// approach reads the identity of the caller and does not read the stack.
func (c cloud) approach(ctx context.Context) (*installation, error) {
	cfg, err := c.config(ctx)
	if err != nil {
		return nil, err
	}
	d := &installation{cfg: cfg, reader: reader(cfg), observer: &observe.Observer{ECS: ecs.NewFromConfig(cfg), Region: cfg.Region}}
	if d.caller, err = d.reader.Caller(ctx); err != nil {
		return nil, userError(err)
	}
	d.ahead = c.ahead(d.caller.Clock)
	return d, nil
}

// stack reads the resources of the stack.
func (d *installation) stack(ctx context.Context, name string) error {
	found, resources, err := d.reader.Stack(ctx, name)
	if err != nil {
		return userError(err)
	}
	if found.Status == "" {
		return fmt.Errorf("there is no stack %s in account %s, region %s: give --stack, --region or --profile of the installation, or --table",
			name, d.caller.Home.ID, d.caller.Home.Region)
	}
	d.resources = resources
	return nil
}

// policy returns the given policy file, else the policy of the functions with
// the cap of their mode.
func (d *installation) policy(ctx context.Context, file string) (*policy.Policy, policy.Mode, error) {
	if file != "" {
		chosen, err := app.ReadPolicy(file)
		return chosen, "", err
	}
	if d.resources == nil {
		return policy.Default(), "", nil
	}
	bundled, limit, err := d.reader.Policy(ctx, d.resources)
	switch {
	case err != nil:
		return nil, "", userError(err)
	case bundled.Fault != "":
		return nil, "", errors.New(bundled.Fault)
	case bundled.Parsed != nil:
		return bundled.Parsed, limit, nil
	case bundled.Bundled:
		return nil, "", errors.New("the policy of the functions cannot be fetched: give --policy FILE")
	}
	return policy.Default(), limit, nil
}

// ref returns the service of a name of the form CLUSTER/SERVICE.
func (d *installation) ref(name string) (fleet.ServiceRef, error) {
	return named(d.caller.Home, name)
}

// named parses CLUSTER/SERVICE into a service of the account and region.
func named(home fleet.Account, name string) (fleet.ServiceRef, error) {
	cluster, service, ok := strings.Cut(name, "/")
	if !ok || cluster == "" || service == "" || strings.Contains(service, "/") {
		return fleet.ServiceRef{}, usageError{fmt.Errorf("%q is not a service, expected CLUSTER/SERVICE", name)}
	}
	return home.Ref(cluster, service), nil
}

// exists reports whether the cluster or the service of a scope exists in ECS. It
// returns an error if the call to ECS fails.
func (d *installation) exists(ctx context.Context, scope string) (bool, error) {
	if name, ok := strings.CutPrefix(scope, "service:"); ok {
		ref, err := d.ref(name)
		if err != nil {
			return false, err
		}
		_, found, err := d.observer.Tags(ctx, ref)
		return found, err
	}
	name, ok := strings.CutPrefix(scope, fleet.ScopeCluster(""))
	if !ok {
		return true, nil
	}
	out, err := ecs.NewFromConfig(d.cfg).DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{name}})
	if err != nil {
		return false, fault.FromAWS("describing the cluster "+name, err)
	}
	return len(out.Clusters) == 1 && aws.ToString(out.Clusters[0].Status) == "ACTIVE", nil
}

// parseScope returns the scope of an argument, such as account, cluster:NAME,
// service:CLUSTER/SERVICE or the short form CLUSTER/SERVICE.
func parseScope(text string) (string, error) {
	kind, name, _ := strings.Cut(text, ":")
	switch {
	case text == fleet.ScopeAccount:
		return text, nil
	case kind == "cluster" && name != "" && !strings.Contains(name, "/"):
		return fleet.ScopeCluster(name), nil
	case kind == "zone" && name != "":
		return fleet.ScopeZone(name), nil
	case kind == "dependency" && name != "":
		return fleet.ScopeDependency(name), nil
	case kind == "service":
		text = name
		fallthrough
	case strings.Contains(text, "/"):
		ref, err := named(fleet.Account{}, text)
		return fleet.ScopeService(ref.Cluster, ref.Service), err
	}
	return "", usageError{fmt.Errorf("%q is not a scope, expected account, cluster:NAME, zone:NAME, dependency:WORD or CLUSTER/SERVICE", text)}
}
