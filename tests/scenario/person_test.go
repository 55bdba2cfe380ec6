package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/tests/artefact"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestAPersonsHand plays the scripts of an operator at an installation. ENDPOINT
// is an account with one service. alarm.json is a current alarm of that service.
func TestAPersonsHand(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "person", RequireExplicitExec: true, Setup: func(env *testscript.Env) error {
		ctx, cancel := context.WithCancel(context.Background())
		env.Defer(cancel)
		account, err := artefact.NewAccount(ctx, time.Now().Add(-20*time.Minute))
		if err != nil {
			return err
		}
		if err := furnish(ctx, account); err != nil {
			return err
		}
		socket := httptest.NewServer(withStack(account.Sim.Handler()))
		env.Defer(socket.Close)
		for name, value := range map[string]string{
			"ENDPOINT": socket.URL, "AWS_REGION": artefact.Region, "AWS_EC2_METADATA_DISABLED": "true",
			"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none",
		} {
			env.Setenv(name, value)
		}
		alarm, err := json.Marshal(map[string]any{
			"id": "1", "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
			"account": artefact.AccountID, "region": artefact.Region, "time": time.Now().UTC().Format(time.RFC3339),
			"detail": map[string]any{
				"alarmName": "web-cpu-high", "state": map[string]string{"value": "ALARM"}, "previousState": map[string]string{"value": "OK"},
				"configuration": map[string]any{"metrics": []any{map[string]any{"id": "m", "returnData": true, "metricStat": map[string]any{
					"period": 60, "stat": "Average",
					"metric": map[string]any{"namespace": "AWS/ECS", "name": "CPUUtilization", "dimensions": map[string]string{"ClusterName": "shop", "ServiceName": "web"}},
				}}}},
			},
		})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(env.WorkDir, "alarm.json"), alarm, 0o600)
	}})
}

// furnish adds an enrolled service to the account, with an image in quarantine.
func furnish(ctx context.Context, a *artefact.Account) error {
	a.Sim.AddCluster("shop")
	a.Sim.PushImage("shop/web", "stable", ecssim.Behaviour{})
	arn, err := a.Sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "shop/web:stable"}}})
	if err != nil {
		return err
	}
	for name, tags := range map[string]map[string]string{"web": {contract.TagMode: "act"}, "plain": nil} {
		if _, err := a.Sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: name, TaskDefinition: arn, Desired: 1, Tags: tags}); err != nil {
			return err
		}
	}
	a.Sim.RunUntil(time.Now())
	web := a.Service("shop", "web")
	lease, _, err := a.Store.Acquire(ctx, web, "heal", time.Now())
	if err != nil {
		return err
	}
	if err := a.Store.SaveMemory(ctx, lease, fleet.Memory{ImageLog: fleet.ImageLog{Quarantine: []fleet.Quarantined{{
		Image: fleet.Image{Repository: "shop/web", Digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
		At:    time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), Why: "3 tasks of 3 died", Episode: "e1",
	}}}}); err != nil {
		return err
	}
	return a.Store.Abandon(ctx, lease)
}

// withStack answers CloudFormation beside ecssim. ecssim does not have it.
func withStack(rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		form, _ := url.ParseQuery(string(body)) // other bodies have no version
		if form.Get("Version") != "2010-05-15" {
			r.Body = io.NopCloser(bytes.NewReader(body))
			rest.ServeHTTP(w, r)
			return
		}
		if form.Get("StackName") != "Homeostat" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>")
			return
		}
		answers := map[string]string{
			"DescribeStacks": "<Stacks><member><StackName>Homeostat</StackName><StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks>",
			"ListStackResources": "<StackResourceSummaries><member><ResourceType>AWS::DynamoDB::Table</ResourceType>" +
				"<LogicalResourceId>Memory0A1B2C3D</LogicalResourceId><PhysicalResourceId>" + artefact.Table + "</PhysicalResourceId></member></StackResourceSummaries>",
		}
		action := form.Get("Action")
		fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, answers[action])
	})
}
