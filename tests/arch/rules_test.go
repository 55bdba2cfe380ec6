package arch_test

// rule holds the allowed imports of the packages of a pattern. A pattern is a
// folder, or a folder with everything below it ("infra/..."). allow holds "std",
// folders of the module, and import paths of others with everything below them.
type rule struct {
	pattern string
	allow   []string
	why     string
}

const sdk = "github.com/aws/aws-sdk-go-v2"

// rules is the import table of the design; the first match counts. Imports run
// upward only: from a row to rows above it.
func rules() []rule {
	nouns := []string{"std", "shared/core/reason", "shared/core/fleet", "shared/core/fault", "shared/core/contract"}
	inner := append([]string{"shared/core/policy", "shared/core/decode", "shared/core/cause", "shared/core/judge", "shared/core/demand", "shared/core/staffing", "shared/core/route"}, nouns...)
	outer := append([]string{sdk, "github.com/aws/smithy-go"}, nouns...)
	whole := []string{
		"std", "shared", "shared/engine/app", "shared/core/route", sdk, "github.com/aws/smithy-go", "github.com/aws/aws-lambda-go",
		"github.com/alecthomas/kong", "golang.org/x/term", "golang.org/x/sync/errgroup",
	}
	const alone = "a service of the simulator must not depend on the ECS core: the core connects the services"
	service := func(more ...string) []string {
		return append([]string{"std", "shared/sim/ecssim/account", "shared/sim/ecssim/wire"}, more...)
	}
	return []rule{
		{"shared/core/contract", []string{"std"}, "names that two sides agree on depend on neither side"},
		{"shared/core/reason", []string{"std"}, "the names of reasons are stored, measured and alarmed on: they depend on nothing"},
		{"shared/core/fleet", []string{"std", "shared/core/reason"}, "nouns are stored and replayed: they depend on nothing that may change under them"},
		{"shared/core/fault", []string{"std"}, "the outcome of an error does not depend on the place of the error"},
		{"shared/core/calendar", []string{"std", "github.com/netresearch/go-cron"}, "a clock is a database and arithmetic: the machine's zones must not matter; go-cron parses expressions, in UTC only"},
		{"shared/core/strictyaml", []string{"std", "github.com/goccy/go-yaml"}, "strict reading of YAML serves policies and scenarios alike, so it depends on neither"},
		{"shared/core/policy", append([]string{"shared/core/strictyaml", "shared/core/calendar"}, nouns...), "tests, the CLI and the stack read the same policy; only strictyaml knows the YAML library"},
		{"shared/core/decode", append([]string{"github.com/go-json-experiment/json/jsontext"}, nouns...), "bytes become a trigger without any other input; jsontext reads JSON strictly and is independent of AWS"},
		{"shared/core/route", nouns, "the route table is data: every step reads it, and it depends on none"},
		{"shared/core/cause", append([]string{"shared/core/route"}, nouns...), "a cause is read from the event alone"},
		{"shared/core/judge", nouns, "a revision is judged by its evidence alone"},
		{"shared/core/staffing", []string{"std"}, "a formula is a formula"},
		{"shared/sim/traffic", []string{"std"}, "a trace is read and shaped independently of the scaler"},
		{"shared/lab/recording", []string{"std", "shared/sim/traffic"}, "a recording is a file, whatever program wrote it"},
		{"shared/lab/recording/fetch", append([]string{"shared/lab/recording"}, outer...), "recording a history changes nothing and judges nothing"},
		{"shared/sim/workload", []string{"std", "shared/core/staffing", "shared/sim/autoscaling"}, "the model of a service depends on AWS's figures and on no measured scaler"},
		{"shared/sim/autoscaling", []string{"std"}, "the figures of AWS's documentation are kept in one place without dependencies"},
		{"shared/lab/baseline", []string{"std", "shared/sim/workload", "shared/core/staffing", "shared/sim/autoscaling"}, "a baseline must see the model of a service only, like every other scaler"},
		{"shared/core/demand", append([]string{"shared/core/staffing"}, nouns...), "demand is measured against baselines, so it stands alone"},
		{"shared/core/massfailure", nouns, "a mass failure is detected from the failure reports of services alone"},
		{"shared/core/state", nouns, "a memory follows from the one before and an episode, and from nothing else"},
		{
			"shared/core/polling", append([]string{"shared/core/policy", "shared/core/demand", "shared/core/route"}, nouns...),
			"when a service is read follows from its policy, its memory and the clock",
		},
		{"shared/core/decide", append([]string{"shared/core/state", "shared/core/polling"}, inner...), "a decision is pure: it is replayed, rehearsed and tested against a changed policy"},
		{"shared/core/guard", inner, "the last check before a call must be the same on a laptop and in production"},
		{"shared/aws/observe", outer, "reading depends on AWS and on nouns, never on decisions"},
		{"shared/aws/act", outer, "acting depends on AWS and on nouns, never on decisions"},
		{"shared/aws/record", outer, "recording depends on AWS and on nouns, never on decisions"},
		{
			"shared/engine/runtime", append([]string{"shared/core/policy", "shared/core/demand"}, nouns...),
			"the packages of the engine share the policy, the clock and the log",
		},
		{
			"shared/engine/massfailure", append([]string{"shared/core/decide", "shared/core/massfailure", "shared/core/route", "shared/engine/runtime"}, nouns...),
			"services see each other's failures through the store only",
		},
		{
			"shared/engine/event",
			append([]string{"shared/core/state", "shared/core/polling", "shared/core/decide", "shared/core/guard", "shared/aws/record", "shared/engine/runtime", "shared/engine/massfailure"}, inner...),
			"an evaluation owns the order of the steps and reaches AWS through its own interfaces",
		},
		{
			"shared/engine/sweep", append([]string{"shared/core/polling", "shared/core/decide", "shared/core/guard", "shared/aws/record", "shared/engine/runtime"}, inner...),
			"a sweep finds the services that need an evaluation, and makes none itself",
		},
		{
			"shared/engine/dispatch",
			append([]string{"shared/core/polling", "shared/core/decode", "shared/core/route", "shared/engine/runtime", "github.com/aws/aws-lambda-go/events"}, nouns...),
			"an event is passed on by its content, not by a decision",
		},
		{
			"shared/engine", append([]string{"shared/engine/runtime", "shared/engine/massfailure", "shared/engine/event", "shared/engine/sweep", "shared/engine/dispatch"}, nouns...),
			"the engine assembles its packages and adds nothing",
		},
		{
			"infra/workload",
			[]string{"std", "shared/core/contract", "github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go", "github.com/aws/constructs-go"},
			"the sample workload knows Homeostat by its tag only, like every enrolled service",
		},
		{"infra/...", append([]string{
			"shared/core/contract", "shared/core/policy", "shared/core/route", "infra/workload", "github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go",
			"github.com/aws/constructs-go",
		}, "std"), "the stack is never linked into a function"},
		{"shared/engine/app", []string{
			"std", "shared/core/contract", "shared/core/fleet", "shared/core/policy", "shared/aws/observe", "shared/aws/act", "shared/aws/record",
			"shared/engine", sdk, "github.com/aws/aws-lambda-go",
		}, "deployed code is wired in one place"},
		{"functions/...", []string{"shared/engine/app", "shared/core/contract"}, "a function is its name and its wiring"},
		{
			"shared/sim/ecssim/cmd/reducemodel",
			[]string{"std", "shared/sim/ecssim"},
			"the command needs the operations of ecssim, and nothing of the product",
		},
		{"shared/sim/ecssim/expression", []string{"std"}, "metric math is arithmetic"},
		{"shared/sim/ecssim/ledger", []string{"std"}, "the ledger is a table about the code, and the code does not know it"},
		{"shared/sim/ecssim/placement", []string{"std"}, "the choice of an instance depends on its instances and rules alone"},
		{"shared/sim/ecssim/schedule", []string{"std"}, "the times of a schedule depend on its text alone"},
		{"shared/sim/ecssim/pattern", []string{"std"}, "the match of an event and a pattern depends on these two alone"},
		{"shared/sim/ecssim/flow", []string{"std", "shared/core/staffing"}, "the wait of requests is a formula"},
		{"shared/sim/ecssim/stopreason", nouns, "the texts of ECS are data"},
		{"shared/sim/ecssim/wire", []string{"std", "github.com/fxamacker/cbor/v2"}, "a protocol is independent of services"},
		{"shared/sim/ecssim/account", []string{"std", "shared/sim/ecssim/wire"}, "code that the services share must depend on none of them"},
		{"shared/sim/ecssim/dynamo", []string{"std", "shared/sim/ecssim/wire"}, "the simulator must not depend on the product that it tests"},
		{"shared/sim/ecssim/events", service("shared/sim/ecssim/pattern", "shared/sim/ecssim/schedule"), alone},
		{"shared/sim/ecssim/sqs", service(), alone},
		{"shared/sim/ecssim/sns", service(), alone},
		{"shared/sim/ecssim/sts", service(), alone},
		{
			"shared/sim/ecssim/bus", service("shared/sim/ecssim/events", "shared/sim/ecssim/sqs", "shared/sim/ecssim/sns", "shared/sim/ecssim/sts"),
			"the delivery of events must not depend on their senders",
		},
		{"shared/sim/ecssim/ecr", service(), alone},
		{"shared/sim/ecssim/cloudformation", service(), alone},
		{"shared/sim/ecssim/elb", service(), alone},
		{"shared/sim/ecssim/ssm", service(), alone},
		{"shared/sim/ecssim/secretsmanager", service(), alone},
		{"shared/sim/ecssim/ecsrule", service(), alone},
		{"shared/sim/ecssim/cloudwatchlogs", service(), alone},
		{"shared/sim/ecssim/cloudwatch", service("shared/sim/ecssim/expression"), alone},
		{"shared/sim/ecssim/appautoscaling", service("shared/sim/ecssim/cloudwatch", "shared/sim/ecssim/schedule", "shared/sim/autoscaling"), alone},
		{
			"shared/sim/ecssim", append([]string{"shared/sim/ecssim", "shared/sim/autoscaling"}, nouns...),
			"the simulator must not depend on the product that it tests",
		},
		{"shared/sim/simtest/fixture", []string{"std", "shared/core/fleet"}, "tests of the core share these values, so they need no simulator"},
		{
			"shared/sim/simtest/sdk",
			[]string{"std", "shared/sim/ecssim/wire", "shared/sim/simtest/fixture", sdk},
			"tests of the simulator's services share these clients, so they must not need the simulator",
		},
		{
			"shared/sim/simtest", append([]string{"shared/sim/simtest", "shared/sim/ecssim", "shared/aws/observe", "shared/aws/record", sdk, "github.com/stretchr/testify"}, nouns...),
			"the world of the tests consists of the simulator and of adapters; the steps under test are added by each test",
		},
		{
			"shared/sim/rehearse",
			[]string{
				"std", "shared/core/reason", "shared/sim/ecssim", "shared/sim/traffic", "shared/engine/app", "shared/core/route", "shared/engine", "shared/core/policy", "shared/core/strictyaml", "shared/core/fleet",
				"shared/aws/record", "shared/core/contract", sdk, "github.com/aws/aws-lambda-go/events", "github.com/agnivade/levenshtein",
			},
			"rehearsed code is wired like deployed code",
		},
		{
			"shared/ops/doctor", append([]string{"shared/core/policy", "shared/core/route"}, nouns...),
			"an installation is judged by its reading alone, so that each finding is a table test",
		},
		{
			"shared/ops/inspect", append([]string{"shared/ops/doctor", "shared/core/policy", "shared/aws/observe"}, outer...),
			"reading an installation changes nothing and judges nothing",
		},
		{
			"shared/lab/bench/scaling",
			[]string{"std", "shared/sim/traffic", "shared/sim/workload", "shared/core/staffing", "shared/core/demand", "shared/lab/baseline"},
			"scalers of others are measured by it too, in a module of their own, so it has few dependencies",
		},
		{
			"shared/lab/bench",
			[]string{"std", "shared/lab/bench/scaling", "shared/sim/rehearse", "shared/sim/ecssim", "shared/core/fleet", sdk + "/aws", sdk + "/service/ecs"},
			"baselines are measured from outside: by the simulator, never by a part of the product",
		},
		{"shared/ops/report", []string{"std", "shared/lab/bench", "shared/sim/traffic", "shared/sim/workload", "shared/sim/rehearse", "shared/sim/ecssim", "shared/core/fleet", "shared/lab/whatif"}, "a report shows a run, and runs nothing of its own"},
		{
			"shared/lab/whatif",
			[]string{"std", "shared/lab/bench/scaling", "shared/lab/recording", "shared/sim/workload", "shared/lab/baseline", "shared/core/policy", "shared/core/demand", "shared/core/polling", "shared/core/decide", "shared/core/guard", "shared/core/fleet"},
			"a what-if is computed from a file, and changes nothing",
		},
		{"shared/ops/console", whole, "the web page is a place that builds real clients"},
		{"shared/ops/cli", whole, "the command line is a place that builds real clients"},
		{"cmd/homeostat", []string{"std", "shared/ops/cli"}, "main is os.Exit(cli.Run(...)), nothing else"},
	}
}

// ban is a list of imports that a pattern must never have, whatever the table
// allows.
type ban struct {
	patterns, imports []string
	why               string
}

func bans() []ban {
	return []ban{
		{
			[]string{"shared/core/decide", "shared/core/guard", "shared/core/state", "shared/core/polling"},
			[]string{"context", "log", "os", "math/rand", "net", "io", "syscall", "runtime", "sync", "database"},
			"a decision has no input but its arguments and no effect but its result",
		},
		{
			[]string{"shared/core/judge", "shared/core/demand", "shared/core/cause", "shared/core/massfailure", "shared/core/calendar"},
			[]string{"context", "log", "os", "math/rand", "net"},
			"the packages below a decision are as pure as the decision",
		},
		{
			[]string{"shared/ops/doctor"},
			[]string{"context", "log", "os", "math/rand", "net"},
			"a finding follows from the reading alone",
		},
		{[]string{"shared/core/fleet", "shared/core/contract", "shared/core/fault"}, []string{"net", "os", "log"}, "nouns do no I/O"},
	}
}

// closures lists the packages that a deployed function must not contain, on any
// path. A function starts cold, so it should contain nothing of tests.
func closures() ban {
	return ban{
		patterns: []string{"functions/...", "shared/engine/..."},
		imports: []string{
			"shared/sim/ecssim", "shared/sim/rehearse", "shared/sim/simtest", "shared/ops/cli", "shared/ops/doctor", "shared/ops/inspect", sdk + "/service/cloudformation",
			sdk + "/service/lambda", sdk + "/service/iam", sdk + "/service/eventbridge", sdk + "/service/sts", "github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go",
			"github.com/truora/minidyn", "github.com/alecthomas/kong", "github.com/stretchr/testify", "testing",
		},
		why: "a deployed function holds neither the simulator, nor the stack, nor the command line, nor tests",
	}
}

// selectorRule limits the names of a package that a pattern may use.
type selectorRule struct {
	patterns []string
	// except holds patterns without this rule.
	except []string
	// of is the import; empty stands for any import.
	of         string
	only, none []string
	why        string
}

func selectorRules() []selectorRule {
	return []selectorRule{
		{
			patterns: []string{"shared/engine/event", "shared/engine/sweep"}, of: "homeostat/shared/aws/record", only: []string{"Lease"},
			why: "the engine reaches the store through its interfaces; only the type of the lease is shared",
		},
		{
			patterns: []string{"shared/engine/dispatch"}, of: "github.com/aws/aws-lambda-go/events", only: []string{"SQSEvent", "SQSEventResponse", "SQSBatchItemFailure"},
			why: "of Lambda, only the batch's shape is needed",
		},
		{
			patterns: []string{"shared/core/decide", "shared/core/guard", "shared/core/state", "shared/core/polling", "shared/core/judge", "shared/core/demand", "shared/core/massfailure", "shared/core/fleet", "shared/sim/ecssim/..."}, of: "time",
			none: []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"},
			why:  "time is an argument, so that a decision can be replayed and a day simulated in seconds",
		},
		{
			patterns: []string{"shared/core/..."}, of: "time", none: []string{"LoadLocation", "Local"},
			why: "the machine's zones are not the function's: a rehearsal on a laptop reads the clocks that package calendar carries",
		},
		{
			patterns: []string{"..."}, except: []string{"shared/engine/app", "shared/ops/cli", "shared/ops/console", "shared/sim/rehearse", "shared/sim/simtest"},
			none: []string{"NewFromConfig", "LoadDefaultConfig"}, why: "real clients are built in few places, so that a test can never reach AWS by accident",
		},
	}
}

// Bounds of one file and one function of product code. Chosen: a file and a
// function that can be read at once.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)
