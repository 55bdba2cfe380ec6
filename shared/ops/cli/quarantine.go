package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/ops/inspect"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// quarantineVerb lists and lifts the quarantine of images.
type quarantineVerb struct {
	List quarantineListVerb `cmd:"" default:"withargs" help:"List the images that Homeostat does not deploy again."`
	Lift quarantineLiftVerb `cmd:"" help:"Allow Homeostat to deploy an image again."`
}

type quarantineListVerb struct {
	output
	connectFlags
	Services []string `arg:"" optional:"" name:"service" help:"Select CLUSTER/SERVICE instead of every enrolled service."`
}

// quarantineLine is one image in quarantine.
type quarantineLine struct {
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	fleet.Quarantined
}

// Run prints a line for each image in quarantine.
func (v *quarantineListVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	refs, err := v.refs(ctx, d)
	if err != nil {
		return err
	}
	printed := 0
	for _, ref := range refs {
		memory, err := d.store.Memory(ctx, ref)
		if err != nil {
			return userError(err)
		}
		for _, q := range memory.Quarantine {
			printed++
			if err := v.print(s.out, quarantineLine{ref.Cluster, ref.Service, q}); err != nil {
				return err
			}
		}
	}
	if printed == 0 && v.Output == "text" {
		_, err = fmt.Fprintln(s.out, "no image is in quarantine")
	}
	return err
}

func (v *quarantineListVerb) refs(ctx context.Context, d *installation) (refs []fleet.ServiceRef, err error) {
	for _, name := range v.Services {
		ref, err := d.ref(name)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	if len(v.Services) > 0 {
		return refs, nil
	}
	all, err := d.observer.Enrolled(ctx, d.caller.Home)
	for _, s := range all {
		refs = append(refs, s.Ref)
	}
	return refs, userError(err)
}

func (v *quarantineListVerb) print(out io.Writer, l quarantineLine) error {
	if v.Output == "json" {
		return writeJSON(out, l)
	}
	_, err := fmt.Fprintf(out, "%s/%s: %s since %s: %s (episode %s)\n", l.Cluster, l.Service, l.Image, l.At.UTC().Format(time.RFC3339), l.Why, l.Episode)
	return err
}

type quarantineLiftVerb struct {
	output
	connectFlags
	Service string `arg:"" help:"Select CLUSTER/SERVICE."`
	Digest  string `arg:"" help:"Select the image by its digest, or by at least the first 12 digits."`
}

// lifted is the result of a lift.
type lifted struct {
	Cluster string        `json:"cluster"`
	Service string        `json:"service"`
	Lifted  []fleet.Image `json:"lifted"`
	Who     string        `json:"who"`
}

// Run removes the image from the quarantine of the service, under its lease.
func (v *quarantineLiftVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	digits := strings.TrimPrefix(v.Digest, "sha256:")
	if len(digits) < shortestDigest {
		return usageError{fmt.Errorf("the digest %q is too short, expected at least %d digits", v.Digest, shortestDigest)}
	}
	d, err := v.open(ctx)
	if err != nil {
		return err
	}
	ref, err := d.ref(v.Service)
	if err != nil {
		return err
	}
	if d.resources == nil {
		// The timer needs the queue of the stack. Most lifts need no timer.
		_ = d.stack(ctx, v.Stack)
	}
	out := lifted{Cluster: ref.Cluster, Service: ref.Service, Who: d.caller.ARN}
	if out.Lifted, err = d.lift(ctx, ref, digits); err != nil {
		return userError(err)
	}
	if v.Output == "json" {
		return writeJSON(s.out, out)
	}
	for _, image := range out.Lifted {
		fmt.Fprintf(s.out, "%s: %s may be deployed again; push its tag again, or deploy it\n", ref, image)
	}
	return nil
}

const (
	shortestDigest = 12
	// leaseTries and leasePause outlast an evaluation of the service.
	leaseTries = 20
	leasePause = 500 * time.Millisecond
)

// lift changes the memory under the lease, as the functions do, so that no
// function decides meanwhile.
func (d *installation) lift(ctx context.Context, ref fleet.ServiceRef, digits string) (gone []fleet.Image, err error) {
	lease, err := d.lease(ctx, ref)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.release(ctx, lease)) }()
	memory, err := d.store.Memory(ctx, ref)
	if err != nil {
		return nil, err
	}
	memory.Quarantine = slices.DeleteFunc(memory.Quarantine, func(q fleet.Quarantined) bool {
		hit := strings.HasPrefix(strings.TrimPrefix(q.Image.Digest, "sha256:"), digits)
		if hit {
			gone = append(gone, q.Image)
		}
		return hit
	})
	if len(gone) == 0 {
		return nil, fmt.Errorf("%s has no such image in quarantine: homeostat quarantine %s lists them", ref, ref)
	}
	return gone, d.store.SaveMemory(ctx, lease, memory)
}

func (d *installation) lease(ctx context.Context, ref fleet.ServiceRef) (record.Lease, error) {
	for range leaseTries {
		lease, ok, err := d.store.Acquire(ctx, ref, "person/"+d.caller.ARN, d.now())
		if err != nil || ok {
			return lease, err
		}
		select {
		case <-ctx.Done():
			return lease, ctx.Err()
		case <-time.After(leasePause):
		}
	}
	return record.Lease{}, fmt.Errorf("a function is evaluating %s: try again in a minute", ref)
}

// release ends the lease. If evidence arrived meanwhile, release sets a timer so
// that a function evaluates the service.
func (d *installation) release(ctx context.Context, lease record.Lease) error {
	more, err := d.store.Release(ctx, &lease)
	if err != nil || !more {
		return err
	}
	if err := d.store.Abandon(ctx, lease); err != nil {
		return err
	}
	timers := &record.Timers{SQS: sqs.NewFromConfig(d.cfg), Queue: inspect.TimerQueue(d.resources)}
	now := d.now()
	return timers.After(ctx, lease.Ref, 0, "quarantine-lifted", fmt.Sprint("person-", now.UnixNano()), now)
}
