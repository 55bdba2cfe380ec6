package rehearse

import (
	"context"
	"net"
	"net/http"
	"strings"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Endpoint serves a handler somewhere and returns its URL.
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

// open is the URL and the client by which functions reach the simulator.
func open(e Endpoint, sim *ecssim.Sim) (url string, client aws.HTTPClient, err error) {
	if e == nil {
		return "http://ecssim.internal", sim.Client(), nil
	}
	url, err = e(sim.Handler())
	return url, wire.SocketClient(), err
}

// update is a person's UpdateService; change says what of it.
func (r *Run) update(service string, change func(*ecs.UpdateServiceInput)) error {
	cluster, name, _ := strings.Cut(service, "/")
	in := &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(name)}
	change(in)
	_, err := r.ecs.UpdateService(context.Background(), in)
	return err
}

// flip freezes or thaws a scope.
func (r *Run) flip(f Freeze, on bool) error {
	now := r.sim.Now()
	if on {
		r.frozen = append(r.frozen, frozen{scope: f.Scope, from: now})
	}
	for i := range r.frozen {
		if !on && r.frozen[i].scope == f.Scope && r.frozen[i].until.IsZero() {
			r.frozen[i].until = now
		}
	}
	home := fleet.ServiceRef{Account: account, Region: region}
	return r.store.SetFreeze(context.Background(), home, fleet.Freeze{Scope: f.Scope, Frozen: on, Who: f.Who, Why: f.Why, At: now})
}
