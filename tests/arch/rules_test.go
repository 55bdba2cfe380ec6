package arch_test

// rule says what the packages of a pattern may import. A pattern is a folder,
// or a folder with everything below it ("infra/..."). allow holds "std",
// folders of the module, and import paths of others with all below them.
type rule struct {
	pattern string
	allow   []string
	why     string
}

const sdk = "github.com/aws/aws-sdk-go-v2"

// rules is the import table of the design, the first match counts. Imports run
// upward only: from a row to rows above it.
func rules() []rule {
	nouns := []string{"std", "shared/fleet", "shared/fault", "shared/contract"}
	inner := append([]string{"shared/policy", "shared/decode", "shared/cause", "shared/judge", "shared/demand", "shared/staffing"}, nouns...)
	outer := append([]string{sdk, "github.com/aws/smithy-go"}, nouns...)
	whole := []string{
		"std", "shared", "functions/boot", "infra/rules", sdk, "github.com/aws/smithy-go", "github.com/aws/aws-lambda-go",
		"github.com/alecthomas/kong", "github.com/truora/minidyn", "golang.org/x/term",
	}
	return []rule{
		{"shared/contract", []string{"std"}, "names that two sides agree on lean on neither side"},
		{"shared/fleet", []string{"std"}, "nouns are stored and replayed: they depend on nothing that may change under them"},
		{"shared/fault", []string{"std"}, "an error's outcome is decided without knowing who met it"},
		{"shared/calendar", []string{"std"}, "a clock is a table and arithmetic: what a machine thinks of zones must not matter"},
		{"shared/policy", append([]string{"github.com/goccy/go-yaml", "shared/calendar"}, nouns...), "a policy is read in tests, the CLI and the stack alike"},
		{"shared/decode", nouns, "bytes become a trigger without any other knowledge"},
		{"shared/cause", nouns, "a cause is read from the event alone"},
		{"shared/judge", nouns, "a revision is judged by its evidence alone"},
		{"shared/staffing", []string{"std"}, "a formula is a formula"},
		{"shared/traffic", []string{"std"}, "a trace is read and shaped without knowing who scales for it"},
		{"shared/recording", []string{"std", "shared/traffic"}, "a recording is a file, whoever wrote it"},
		{"shared/recorder", append([]string{"shared/recording"}, outer...), "recording a history changes nothing and judges nothing"},
		{"shared/workload", []string{"std", "shared/staffing"}, "the model of a service must not know who is measured on it"},
		{"shared/autoscaling", []string{"std"}, "what AWS's documentation says is said once, and leans on nothing"},
		{"shared/rival", []string{"std", "shared/workload", "shared/staffing", "shared/autoscaling"}, "a rival must see the model of a service only, as every contestant does"},
		{"shared/demand", append([]string{"shared/staffing"}, nouns...), "demand is measured against rivals, so it stands alone"},
		{"shared/mass", nouns, "a mass failure is told by what services say of themselves, and by nothing else"},
		{"shared/decide", inner, "a decision is pure: it is replayed, rehearsed and tested against a changed policy"},
		{"shared/guard", inner, "the last word before a call must be the same on a laptop and in production"},
		{"shared/observe", outer, "reading leans on AWS and on nouns, never on what is decided"},
		{"shared/act", outer, "acting leans on AWS and on nouns, never on what is decided"},
		{"shared/record", outer, "recording leans on AWS and on nouns, never on what is decided"},
		{
			"shared/pipeline", append([]string{"shared/decide", "shared/guard", "shared/mass", "shared/record", "github.com/aws/aws-lambda-go/events"}, inner...),
			"the pipeline owns the order of the steps and reaches AWS through its own interfaces",
		},
		{"infra/rules", []string{"std", "shared/contract"}, "event patterns are data: the stack deploys them, rehearsals match them"},
		{
			"infra/workload",
			[]string{"std", "shared/contract", "github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go", "github.com/aws/constructs-go"},
			"what a learner watches knows Homeostat by its tag only, as every enrolled service does",
		},
		{"infra/...", append([]string{
			"shared/contract", "shared/policy", "infra/rules", "infra/workload", "github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go",
			"github.com/aws/constructs-go",
		}, "std"), "the stack is never linked into a function"},
		{"functions/boot", []string{
			"std", "shared/contract", "shared/fleet", "shared/policy", "shared/observe", "shared/act", "shared/record",
			"shared/pipeline", sdk, "github.com/aws/aws-lambda-go",
		}, "what is deployed is wired in one place"},
		{"functions/...", []string{"functions/boot", "shared/contract"}, "a function is its name and its wiring"},
		{
			"shared/ecssim/...", append([]string{"shared/ecssim", "shared/staffing", "shared/autoscaling", "github.com/fxamacker/cbor/v2"}, nouns...),
			"the simulator must not know the product that it tests",
		},
		{
			"shared/rehearse",
			[]string{
				"std", "shared/ecssim", "shared/traffic", "functions/boot", "infra/rules", "shared/pipeline", "shared/policy", "shared/fleet",
				"shared/record", "shared/contract", sdk, "github.com/aws/aws-lambda-go/events", "github.com/truora/minidyn",
			},
			"what is rehearsed is wired like what is deployed",
		},
		{
			"shared/doctor", append([]string{"shared/policy", "infra/rules"}, nouns...),
			"an installation is judged by what was read of it, so that each finding is a table test",
		},
		{
			"shared/installed", append([]string{"shared/doctor", "shared/policy", "shared/observe"}, outer...),
			"reading an installation changes nothing and judges nothing",
		},
		{
			"shared/bench/scaling",
			[]string{"std", "shared/traffic", "shared/workload", "shared/staffing", "shared/demand", "shared/rival"},
			"other people's scalers are measured by it too, in a module of their own, so it drags nothing along",
		},
		{
			"shared/bench",
			[]string{"std", "shared/bench/scaling", "shared/rehearse", "shared/ecssim/bus", "shared/fleet", sdk + "/aws", sdk + "/service/ecs"},
			"rivals are measured from outside: by what the simulator did, never by a part of the product",
		},
		{"shared/report", []string{"std", "shared/bench", "shared/traffic", "shared/workload", "shared/rehearse", "shared/ecssim", "shared/fleet", "shared/whatif"}, "a report shows what was run, and runs nothing of its own"},
		{
			"shared/whatif",
			[]string{"std", "shared/bench/scaling", "shared/recording", "shared/workload", "shared/rival", "shared/policy", "shared/demand", "shared/decide", "shared/guard", "shared/fleet"},
			"what would have been is computed from a file, and touches nothing",
		},
		{"shared/console", whole, "the web page is a place that builds real clients"},
		{"shared/cli", whole, "the command line is a place that builds real clients"},
		{"cmd/homeostat", []string{"std", "shared/cli"}, "main is os.Exit(cli.Run(...)), nothing else"},
	}
}

// ban is a thing that a pattern must never import, whatever the table allows.
type ban struct {
	patterns, imports []string
	why               string
}

func bans() []ban {
	return []ban{
		{
			[]string{"shared/decide", "shared/guard"},
			[]string{"context", "log", "os", "math/rand", "net", "io", "syscall", "runtime", "sync", "database"},
			"a decision has no input but its arguments and no effect but its answer",
		},
		{
			[]string{"shared/judge", "shared/demand", "shared/cause", "shared/mass", "shared/calendar"},
			[]string{"context", "log", "os", "math/rand", "net"},
			"what a decision leans on is as pure as the decision",
		},
		{
			[]string{"shared/doctor"},
			[]string{"context", "log", "os", "math/rand", "net"},
			"a finding follows from the reading alone",
		},
		{[]string{"shared/fleet", "shared/contract", "shared/fault"}, []string{"net", "os", "log"}, "nouns do no I/O"},
	}
}

// closures are what the deployed functions must not contain, however they
// would come by it: a function starts cold and should hold nothing of tests.
func closures() ban {
	return ban{
		patterns: []string{"functions/..."},
		imports: []string{
			"shared/ecssim", "shared/rehearse", "shared/cli", "shared/doctor", "shared/installed", sdk + "/service/cloudformation",
			sdk + "/service/lambda", sdk + "/service/iam", sdk + "/service/eventbridge", sdk + "/service/sts", "github.com/aws/aws-cdk-go", "github.com/aws/jsii-runtime-go",
			"github.com/truora/minidyn", "github.com/alecthomas/kong", "github.com/stretchr/testify", "testing",
		},
		why: "a deployed function holds neither the simulator, nor the stack, nor the command line, nor tests",
	}
}

// selectorRule bounds which names of a package a pattern may use.
type selectorRule struct {
	patterns []string
	// except are patterns that the rule is not about.
	except []string
	// of is the import; empty is any.
	of         string
	only, none []string
	why        string
}

func selectorRules() []selectorRule {
	return []selectorRule{
		{
			patterns: []string{"shared/pipeline"}, of: "homeostat/shared/record", only: []string{"Lease"},
			why: "the pipeline reaches the store through its interfaces; only the lease's type is shared",
		},
		{
			patterns: []string{"shared/pipeline"}, of: "github.com/aws/aws-lambda-go/events", only: []string{"SQSEvent", "SQSEventResponse", "SQSBatchItemFailure"},
			why: "of Lambda, only the batch's shape is needed",
		},
		{
			patterns: []string{"shared/decide", "shared/guard", "shared/judge", "shared/demand", "shared/mass", "shared/fleet", "shared/ecssim/..."}, of: "time",
			none: []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"},
			why:  "time is an argument, so that a decision can be replayed and a day simulated in seconds",
		},
		{
			patterns: []string{"..."}, except: []string{"functions/boot", "shared/cli", "shared/console", "shared/rehearse"},
			none: []string{"NewFromConfig", "LoadDefaultConfig"}, why: "real clients are built in few places, so that a test can never reach AWS by accident",
		},
	}
}

// Bounds of one file and one function of product code.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
)
