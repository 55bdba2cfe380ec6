package doctor

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// Installation is what was read of one installation, at one time.
type Installation struct {
	Home      fleet.ServiceRef
	Stack     Stack
	Table     Table
	Functions []Function
	Rules     []Rule
	Queues    []Queue
	Topic     Topic
	Heartbeat Heartbeat
	Clock     Clock
	Policy    Policy
	Switches  []fleet.Freeze
	Permits   []Permit
	Clusters  []string
	Services  []Service
	Alarms    []Alarm
	// Unread says why a part could not be read, by the check that needs it.
	Unread map[string]Unread
}

// Unread is why a part could not be read. Denied is true where a permission
// was missing.
type Unread struct {
	Why    string
	Denied bool
}

func (u Unread) cure() string {
	if u.Denied {
		return readOnly
	}
	return "Try again; where it stays, look whether the endpoint knows this call."
}

// Stack is the CloudFormation stack. Status is empty where there is none.
type Stack struct {
	Name   string
	Status string
	Reason string
}

// Table is the DynamoDB table. Name is empty where the stack has none.
type Table struct {
	Name    string
	Status  string
	Expires bool
}

// Function is one deployed function.
type Function struct {
	// Name is heal, scale, redeploy or sweep; Physical is its name in Lambda.
	Name, Physical string
	State          string
	UpdateStatus   string
	Role           string
	CodeHash       string
	Changed        time.Time
	// Timeout is how long one call may take; zero where Lambda did not say.
	Timeout time.Duration
	// Reserved is its reserved concurrency; nil reserves nothing.
	Reserved    *int
	Environment map[string]string
	Sources     []Source
}

// Source is an event source mapping of a function.
type Source struct {
	ID, State, Queue, LastResult string
}

// Rule is one EventBridge rule. ID is its logical id in the stack, without the
// hash that the CDK appends.
type Rule struct {
	ID, Name string
	Enabled  bool
	// Targets are the ARNs that it sends to.
	Targets []string
}

// Queue is one queue. Dead is true where another queue gives up into it.
type Queue struct {
	ARN, URL, Name string
	// Function is the one that it feeds.
	Function string
	Dead     bool
	Waiting  int
}

// Topic is the topic through which people are told. ARN is empty where the
// stack has none.
type Topic struct {
	ARN                string
	Confirmed, Pending int
}

// Heartbeat is the latest call of the sweep. Known is false where it was not
// to be read; a zero At with Known is a heart that never beat.
type Heartbeat struct {
	Known bool
	At    time.Time
	// Longest is how long a call of the last hours took at most; zero where that
	// is not known.
	Longest time.Duration
}

// Clock compares the local clock with that of AWS.
type Clock struct {
	Known bool
	// Ahead is how far the local clock is ahead of AWS's.
	Ahead time.Duration
}

// Policy is the policy that the functions carry. Parsed is nil where none is
// bundled or it could not be read.
type Policy struct {
	Bundled bool
	Hash    string
	Parsed  *policy.Policy
	Fault   string
}

// Permit is the answer about one action of one function's role.
type Permit struct {
	Function, Action, Resource string
	Allowed                    bool
	// By says who denies: "implicitDeny", "explicitDeny", an organisation.
	By string
}

// Service is one ECS service of the account and region, enrolled or not.
type Service struct {
	Ref              fleet.ServiceRef
	Tags             map[string]string
	Controller       string
	Desired, Running int
	// Alarms are the alarms that its deployments heed.
	Alarms []string
	// Scaling is nil where it could not be read.
	Scaling *fleet.Scaling
}

// Alarm is one CloudWatch alarm.
type Alarm struct {
	Name  string
	State string
	// Since is when it came into its state.
	Since time.Time
	// Own is true for those of the stack.
	Own     bool
	Enabled bool
	Actions int
	About   string
	// Metric and what follows are empty where the alarm is of several metrics.
	Namespace, Metric, Comparison string
	Dimensions                    map[string]string
	Threshold                     *float64
	Period                        time.Duration
	// Data is when its metric last had a value. Known is false where that was
	// not asked.
	Data Heartbeat
}
