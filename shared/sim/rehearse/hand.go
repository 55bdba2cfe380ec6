package rehearse

import (
	"context"
	"net"
	"net/http"
	"strings"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Endpoint serves a handler and returns its URL.
type Endpoint func(http.Handler) (url string, err error)

// Loopback serves on a free port of the loopback interface until ctx ends.
func Loopback(ctx context.Context) Endpoint {
	return func(h http.Handler) (string, error) {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		server := &http.Server{Handler: h, ReadHeaderTimeout: readTimeout}
		go func() { _ = server.Serve(listener) }()
		go func() {
			<-ctx.Done()
			_ = server.Close()
		}()
		return "http://" + listener.Addr().String(), nil
	}
}

// open returns the URL and the HTTP client of the functions for the simulator.
func (r *Run) open(e Endpoint) (url string, client aws.HTTPClient, err error) {
	if e == nil {
		return "http://ecssim.internal", r.sim.Client(), nil
	}
	url, err = e(http.HandlerFunc(r.serve))
	return url, wire.SocketClient(), err
}

// update calls UpdateService as an operator does. change sets the parameters.
func (r *Run) update(service string, change func(*ecs.UpdateServiceInput)) error {
	cluster, name, _ := strings.Cut(service, "/")
	in := &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(name)}
	change(in)
	_, err := r.ecs.UpdateService(context.Background(), in)
	return err
}

// setFreeze freezes a scope, or ends its freeze.
func (r *Run) setFreeze(f Freeze, on bool) error {
	now := r.sim.Now()
	if on {
		r.frozen = append(r.frozen, frozen{scope: f.Scope, from: now})
	}
	for i := range r.frozen {
		if !on && r.frozen[i].scope == f.Scope && r.frozen[i].until.IsZero() {
			r.frozen[i].until = now
		}
	}
	home := fleet.Account{ID: account, Region: region}
	return r.store.SetFreeze(context.Background(), home, fleet.Freeze{Scope: f.Scope, Frozen: on, Who: f.Who, Why: f.Why, At: now})
}
