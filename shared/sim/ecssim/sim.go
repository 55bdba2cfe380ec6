package ecssim

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/cloudformation"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/cloudwatchlogs"
	"homeostat/shared/sim/ecssim/ecr"
	"homeostat/shared/sim/ecssim/elb"
	"homeostat/shared/sim/ecssim/secretsmanager"
	"homeostat/shared/sim/ecssim/ssm"
	"homeostat/shared/sim/ecssim/wire"
)

// Config sets up a Sim. Zero fields take the defaults of New.
type Config struct {
	Seed  uint64
	Start time.Time // default: 2026-01-05T06:00:00Z, a Monday
	// Account, Region and Partition default to 123456789012, eu-central-1 and the
	// partition of the region.
	Account, Region, Partition string

	// MetricDelay is the time from the end of a minute until a metric of ECS can
	// be read, also by alarms; default 150 s. HighResolutionDelay is the same for
	// metrics with a period of 20 s; default 14 s. BalancerDelay is the same for
	// the metrics of the load balancer; default 60 s. constants.go names the
	// sources.
	MetricDelay, HighResolutionDelay, BalancerDelay time.Duration
	// MinimumBill is the least billed time of a task on Fargate; default 60 s.
	MinimumBill time.Duration
	// DrainDelay is the time that a stopped task of a load balanced service waits
	// in DEACTIVATING for its connections: the target group's deregistration
	// delay. Default 30 s (AWS's own default is 300 s). ServiceSpec can set it
	// for one service.
	DrainDelay time.Duration
	// Model changes numbers that AWS does not publish.
	Model Model
	// BriefTaskEvents emits task events for RUNNING, STOPPING and STOPPED only.
	BriefTaskEvents bool
	// Models are AWS's service models, for the checks of requests. Many simulators
	// share them; nil reads them anew.
	Models *wire.Models
	// Quotas throttles calls beyond AWS's request quotas for an account, measured
	// on the virtual clock; see the function Quotas.
	Quotas bool
}

func (c Config) withDefaults() Config {
	c.Model = c.Model.withDefaults()
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	}
	if c.Account == "" {
		c.Account = "123456789012"
	}
	if c.Region == "" {
		c.Region = "eu-central-1"
	}
	if c.Partition == "" {
		c.Partition = fleet.PartitionOf(c.Region)
	}
	if c.MetricDelay <= 0 {
		c.MetricDelay = standardDelay
	}
	if c.HighResolutionDelay <= 0 {
		c.HighResolutionDelay = highResolutionDelay
	}
	if c.BalancerDelay <= 0 {
		c.BalancerDelay = balancerDelay
	}
	if c.MinimumBill <= 0 {
		c.MinimumBill = minimumBill
	}
	if c.DrainDelay <= 0 {
		c.DrainDelay = defaultDrain
	}
	return c
}

// Sim is one account in one Region. Any goroutine, any function of At and any
// subscriber of the bus may call its methods. RunUntil is the exception: it must
// not run twice at once, nor within itself.
//
// Locking: mu guards the model and is not held while foreign code runs. Events
// are collected and delivered afterwards. The bus has no lock of its own.
// Requests over Handler hold the gate. Once Subscribe is used, the steps of the
// bus hold the gate too, and open it while a function runs.
type Sim struct {
	config  Config
	clock   *clock
	bus     *bus.Bus
	server  *wire.Server
	handler http.Handler
	gate    sync.Mutex
	gates   atomic.Bool // the steps of the bus hold the gate

	mu       sync.Mutex
	entropy  *entropy
	account  *account.Account
	outbox   [][]byte
	taps     []func([]byte)
	requests requests
	faults   faults

	clusters   []*cluster
	families   []*family
	behaviours map[string]Behaviour     // by digest; it outlives the image
	parts      map[string]Behaviour     // by task definition or security group; they precede those of images
	drains     map[string]time.Duration // deregistration delays, by target group
	firstRuns  map[firstRun]time.Time   // time of an image's first run in a service
	subnets    []string                 // in the order of their first use
	providers  []wire.Object            // capacity providers of the account
	settings   map[string]string        // account settings that were changed
	tokens     map[clientToken]tokenUse // client tokens of RunTask and CreateService
	ticking    bool

	cloudwatch *cloudwatch.Service
	scaling    *appautoscaling.Service
	ecr        *ecr.Service
	logs       *cloudwatchlogs.Service
	stacks     *cloudformation.Service
	elb        *elb.Service
	ssm        *ssm.Service
	secrets    *secretsmanager.Service
}

// New returns an empty Sim.
func New(config Config) *Sim {
	config = config.withDefaults()
	s := &Sim{
		config:     config,
		clock:      newClock(config.Start),
		server:     wire.NewServer(),
		entropy:    newEntropy(config.Seed),
		requests:   requests{calls: map[[2]string]*Calls{}},
		behaviours: map[string]Behaviour{},
		parts:      map[string]Behaviour{},
		firstRuns:  map[firstRun]time.Time{},
		drains:     map[string]time.Duration{},
		settings:   map[string]string{},
		tokens:     map[clientToken]tokenUse{},
	}
	if config.Models != nil {
		s.server.Share(config.Models)
	}
	if config.Quotas {
		s.requests.buckets = newBuckets(config.Start)
	}
	ids := account.Identity{Account: config.Account, Region: config.Region, Partition: config.Partition}
	s.account = &account.Account{
		Identity: ids, Clock: modelClock{s.clock}, Publisher: publisher{s}, Tags: account.Tags{},
		Names: s.entropy.names, EventIDs: s.entropy.events,
	}
	s.addServices()
	s.bus = bus.New(busClock{s.clock}, config.Seed)
	s.server.Middleware(s.throttled)
	s.register()
	bus.Register(s.server, s.bus, ids)
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A client of a socket may be slow. Its request is read before it takes the gate.
		if r.RemoteAddr != "" && !wire.ReadWhole(r) {
			return
		}
		s.gate.Lock()
		defer s.gate.Unlock()
		s.server.ServeHTTP(w, r)
	})
	return s
}

// addServices makes the services beside ECS and connects them.
func (s *Sim) addServices() {
	s.ecr, s.logs = ecr.New(s.account), cloudwatchlogs.New(s.account)
	s.stacks, s.elb = cloudformation.New(s.account), elb.New(s.account, balancers{s})
	s.ssm, s.secrets = ssm.New(s.account, stores{s}), secretsmanager.New(s.account, stores{s})
	s.cloudwatch = cloudwatch.New(s.account, cloudwatch.Delays{
		Standard: s.config.MetricDelay, HighResolution: s.config.HighResolutionDelay, Balancer: s.config.BalancerDelay,
	})
	s.scaling = appautoscaling.New(s.account, s.cloudwatch, scalables{s})
	s.cloudwatch.Connect(s.scaling, s.alarmRaised)
}

// Now returns the virtual time.
func (s *Sim) Now() time.Time { return s.clock.Now() }

// At schedules do on the virtual clock. Calls of equal time keep the order of
// their scheduling. do runs without the model's lock and may use the whole API.
func (s *Sim) At(t time.Time, do func()) { s.clock.At(t, do) }

// Next returns the time of the next step; false if there is none.
func (s *Sim) Next() (time.Time, bool) { return s.clock.next() }

// RunUntil runs all steps that are due by t, then sets the clock to t.
func (s *Sim) RunUntil(t time.Time) {
	limit := t.UnixNano()
	for {
		e, ok := s.clock.pop(limit)
		if !ok {
			break
		}
		switch e.owner {
		case ownerModel:
			s.locked(e.do)
		case ownerBus:
			s.gated(e.do)
		default:
			e.do()
		}
	}
	s.clock.advance(limit)
}

func (s *Sim) gated(do func()) {
	if !s.gates.Load() {
		do()
		return
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	do()
}

// Subscribe passes the messages of a queue to a function, as Bus().Subscribe
// does. It also blocks the SQS, EventBridge and SNS requests of other goroutines
// while the bus runs. The function may call the API in memory or over a socket.
// Use it for all queues or for none, before RunUntil.
func (s *Sim) Subscribe(queue string, function func(batch []bus.Message) (failed []string)) {
	s.gates.Store(true)
	s.bus.Subscribe(queue, func(batch []bus.Message) []string {
		s.gate.Unlock()
		defer s.gate.Lock()
		return function(batch)
	})
}

// Bus returns the account's EventBridge and SQS. Use it before RunUntil begins,
// or from the goroutine that runs the clock.
func (s *Sim) Bus() *bus.Bus { return s.bus }

// Server returns the wire server. More services can be mounted on it before the
// first request.
func (s *Sim) Server() *wire.Server { return s.server }

// Handler returns the handler of the AWS APIs for other goroutines and for
// sockets.
func (s *Sim) Handler() http.Handler { return s.handler }

// Client returns an HTTP client that calls the APIs in memory, for any host. Use
// it on the goroutine that runs the clock: in functions, and between runs.
func (s *Sim) Client() *http.Client { return &http.Client{Transport: wire.Transport(s.server)} }

// Events calls tap with every event of an AWS service, in order, as soon as it is
// emitted. The bus gets the event as the next step of that instant. The tap runs
// on the goroutine of the emitting call or step. It may use the API, and must not
// change the bytes.
func (s *Sim) Events(tap func(event []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taps = append(s.taps, tap)
}

// locked runs do under the model's lock and then delivers the emitted events.
func (s *Sim) locked(do func()) {
	events, taps := s.lockedRun(do)
	if len(events) == 0 {
		return
	}
	for _, event := range events {
		for _, tap := range taps {
			tap(event)
		}
	}
	s.clock.push(s.clock.now.Load(), func() {
		for _, event := range events {
			s.bus.Publish(event)
		}
	}, ownerBus)
}

func (s *Sim) lockedRun(do func()) (events [][]byte, taps []func([]byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	events, s.outbox = s.outbox, nil
	return events, s.taps
}

// after schedules a step of the model.
func (s *Sim) after(d time.Duration, do func()) {
	s.clock.push(s.clock.now.Load()+int64(d), do, ownerModel)
}

// atModel schedules a step of the model at an instant.
func (s *Sim) atModel(t time.Time, do func()) { s.clock.push(t.UnixNano(), do, ownerModel) }
