package artefact

import (
	"context"
	"fmt"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/route"
	"homeostat/shared/engine/app"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/rehearse"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/tests/runtimeapi"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// The account of the functions: AWS's own example account.
const (
	AccountID = fixture.Account
	Region    = fixture.Region
	Table     = "homeostat"
)

// Account is an ecssim with Homeostat's table, rules and queues, served over a
// loopback socket. The messages of the rules for a function wait in its inbox.
// The owner of the Account moves the clock and delivers them.
type Account struct {
	Sim *ecssim.Sim
	// URL is the URL of the socket. Store and ECS call the simulator in memory.
	URL   string
	Store *record.Store
	ECS   *ecs.Client

	inbox map[string][]string
}

// NewAccount makes an account with its virtual clock at start. It is served until
// ctx ends.
func NewAccount(ctx context.Context, start time.Time) (*Account, error) {
	a := &Account{
		Sim:   ecssim.New(ecssim.Config{Seed: 1, Start: start, Account: AccountID, Region: Region, BriefTaskEvents: true}),
		inbox: map[string][]string{},
	}
	a.Sim.Server().Mount(dynamo.TargetPrefix, dynamo.New())
	if err := a.install(); err != nil {
		return nil, err
	}
	var err error
	if a.URL, err = rehearse.Loopback(ctx)(a.Sim.Handler()); err != nil {
		return nil, fmt.Errorf("serving the account: %w", err)
	}
	cfg := app.Config(func(name string) string { return credentials()[name] })
	cfg.Region, cfg.HTTPClient = Region, a.Sim.Client()
	cfg.BaseEndpoint = aws.String("http://ecssim.internal")
	db := dynamodb.NewFromConfig(cfg)
	a.Store, a.ECS = &record.Store{DynamoDB: db, Table: Table}, ecs.NewFromConfig(cfg)
	return a, record.MakeTable(ctx, db, Table)
}

// install makes a queue for each function and the rules that fill it.
func (a *Account) install() error {
	for _, function := range contract.Functions() {
		a.Sim.Bus().AddQueue(bus.QueueConfig{Name: "homeostat-" + function})
		a.Sim.Subscribe("homeostat-"+function, func(batch []bus.Message) []string {
			for _, m := range batch {
				a.inbox[function] = append(a.inbox[function], m.Body)
			}
			return nil
		})
	}
	for _, rule := range route.Rules(AccountID) {
		pattern, err := rule.Pattern.JSON()
		if err != nil {
			return fmt.Errorf("encoding the rule %s: %w", rule.Name, err)
		}
		if err := a.Sim.Bus().AddRule(bus.Rule{Name: rule.Name, Pattern: pattern, Queue: "homeostat-" + rule.Function}); err != nil {
			return fmt.Errorf("adding the rule %s: %w", rule.Name, err)
		}
	}
	return nil
}

// Take empties the inbox of a function and returns its messages from rules and
// timers.
func (a *Account) Take(function string) (bodies []string) {
	bodies, a.inbox[function] = a.inbox[function], nil
	return bodies
}

// Service returns the reference of a service of this account.
func (a *Account) Service(cluster, service string) fleet.ServiceRef {
	return fleet.ServiceRef{Account: AccountID, Region: Region, Cluster: cluster, Service: service}
}

// Function returns a function as the stack deploys it, with the policy file at
// that path ("" is none).
func (a *Account) Function(function, binary, policy string) runtimeapi.Spec {
	name := "homeostat-" + function
	env := credentials()
	env["AWS_REGION"], env["AWS_DEFAULT_REGION"] = Region, Region
	env["AWS_ENDPOINT_URL"] = a.URL
	env[contract.EnvAccount] = AccountID
	env[contract.EnvTable] = Table
	env[contract.EnvTimerQueue] = "https://sqs." + Region + ".amazonaws.com/" + AccountID + "/homeostat-" + contract.FunctionSweep
	if policy != "" {
		env[contract.EnvPolicy] = policy
	}
	return runtimeapi.Spec{
		Name: name, ARN: "arn:aws:lambda:" + Region + ":" + AccountID + ":function:" + name,
		Command: []string{binary}, Environment: env,
	}
}

// credentials returns any credentials, because ecssim accepts all.
func credentials() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_SESSION_TOKEN": "example",
	}
}
