package doctor

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// Installation is the state of one installation at one time.
type Installation struct {
	Home      fleet.Account
	Stack     Stack
	Table     Table
	Functions []Function
	Rules     []Rule
	Queues    []Queue
	Topic     Topic
	Heartbeat Heartbeat
	Clock     Clock
	Policy    Policy
	Freezes   []fleet.Freeze
	Permits   []Permit
	Clusters  []string
	Services  []Service
	Alarms    []Alarm
	// Unread holds the unreadable parts, by the check that needs them.
	Unread map[string]Unread
}

// Unread is the error of an unreadable part. Denied is true if a permission was
// missing.
type Unread struct {
	Why    string
	Denied bool
}

func (u Unread) fix() string {
	if u.Denied {
		return readOnly
	}
	return "Try again; if it fails again, check that the endpoint supports this call."
}

// Stack is the CloudFormation stack. Status is empty if it does not exist.
type Stack struct {
	Name   string
	Status string
	Reason string
}

// Table is the DynamoDB table. Name is empty if the stack has none.
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
	// Timeout limits one invocation. It is zero if Lambda returned none.
	Timeout time.Duration
	// Reserved is the reserved concurrency; nil means none.
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
	// Targets holds the ARNs of its targets.
	Targets []string
}

// Queue is one queue. Dead is true for the dead-letter queue of another queue.
type Queue struct {
	ARN, URL, Name string
	// Function is the function that the queue invokes.
	Function string
	Dead     bool
	Waiting  int
}

// Topic is the topic for notifications. ARN is empty if the stack has none.
type Topic struct {
	ARN                string
	Confirmed, Pending int
}

// Heartbeat is the latest invocation of the sweep. Known is false if it could not
// be read. A zero At with Known means that there was no invocation.
type Heartbeat struct {
	Known bool
	At    time.Time
	// Longest is the longest invocation of the last hours. It is zero if unknown.
	Longest time.Duration
}

// Clock compares the local clock with that of AWS.
type Clock struct {
	Known bool
	// Ahead is the lead of the local clock over AWS's.
	Ahead time.Duration
	// Own is true for an emulator with a time of its own. The readers then use it.
	Own bool
}

// Policy is the policy of the functions. Parsed is nil if none is bundled or if
// it could not be read.
type Policy struct {
	Bundled bool
	Hash    string
	Parsed  *policy.Policy
	Fault   string
}

// Permit is the simulated result for one action of one function's role.
type Permit struct {
	Function, Action, Resource string
	Allowed                    bool
	// By names the decision, such as "implicitDeny" or "explicitDeny".
	By string
}

// Service is one ECS service of the account and region, enrolled or not.
type Service struct {
	Ref              fleet.ServiceRef
	Tags             map[string]string
	Controller       string
	Desired, Running int
	// Alarms holds the names of the alarms of its deployments.
	Alarms []string
	// Scaling is nil if it could not be read.
	Scaling *fleet.Scaling
	// Definition is the content of its task definition, which is read of enrolled
	// services only; nil otherwise. DefinitionUnread tells why it could not be read;
	// zero if it was read.
	Definition       *fleet.Definition
	DefinitionUnread Unread
}

// Alarm is one CloudWatch alarm.
type Alarm struct {
	Name  string
	State string
	// Evaluation is the reason why CloudWatch cannot evaluate the alarm; empty for
	// none.
	Evaluation string
	// Since is the time of its latest change of state.
	Since time.Time
	// Own is true for the alarms of the stack.
	Own     bool
	Enabled bool
	Actions int
	About   string
	// Metric and the next fields are empty if the alarm has several metrics.
	Namespace, Metric, Comparison string
	Dimensions                    map[string]string
	Threshold                     *float64
	Period                        time.Duration
	// Data is the time of the last value of its metric. Known is false if it was
	// not read.
	Data Heartbeat
}
