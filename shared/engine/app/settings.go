package app

import (
	"fmt"
	"path/filepath"
	"strings"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
)

// Settings are the values that the stack sets in the environment of a function.
type Settings struct {
	Function   string
	Home       fleet.Account
	Table      string
	PolicyPath string
	TimerQueue string
	Topic      string
	Limit      policy.Mode
	Accounts   []string
	Namespace  string
	// Logs is true if the function may read log lines of tasks.
	Logs bool
	// SourceDates is true if the function may read the last changes of parameters and
	// secrets.
	SourceDates bool
	// NoRegistration is the reason why the function may register no task definition;
	// empty if it may.
	NoRegistration string
}

// ReadSettings reads the environment by getenv. The error names the variable and
// its expected value.
func ReadSettings(function string, getenv func(string) string) (Settings, error) {
	s := Settings{
		Function:   function,
		Home:       fleet.Account{ID: getenv(contract.EnvAccount), Region: getenv("AWS_REGION")},
		Table:      getenv(contract.EnvTable),
		PolicyPath: bundled(getenv(contract.EnvPolicy), getenv("LAMBDA_TASK_ROOT")),
		TimerQueue: getenv(contract.EnvTimerQueue),
		Topic:      getenv(contract.EnvNotifyTopic),
		Limit:      policy.Mode(getenv(contract.EnvMode)),
		Namespace:  getenv(contract.EnvMetricsPrefix),
		Logs:       getenv(contract.EnvLogs) == "true",

		SourceDates: getenv(contract.EnvSourceDates) == "true",
	}
	if getenv(contract.EnvPin) == "false" {
		s.NoRegistration = contract.NotPinning
	}
	for account := range strings.SplitSeq(getenv(contract.EnvAccounts), ",") {
		if account = strings.TrimSpace(account); account != "" {
			s.Accounts = append(s.Accounts, account)
		}
	}
	if s.Namespace == "" {
		s.Namespace = contract.MetricNamespace
	}
	for _, needed := range []struct{ name, value string }{
		{contract.EnvAccount, s.Home.ID}, {"AWS_REGION", s.Home.Region}, {contract.EnvTable, s.Table},
	} {
		if needed.value == "" {
			return s, fmt.Errorf("the environment lacks %s; the stack sets it when it is deployed", needed.name)
		}
	}
	if s.Limit != "" && !s.Limit.Valid() {
		return s, fmt.Errorf("%s is %q, expected off, observe, propose or act", contract.EnvMode, s.Limit)
	}
	return s, nil
}

// bundled returns the path of a file beside the code. Lambda gives the folder of
// the unpacked code; emulators have another one for each function.
func bundled(name, unpacked string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(unpacked, name)
}
