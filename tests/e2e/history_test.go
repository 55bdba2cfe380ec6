//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const ecsTarget = "AmazonEC2ContainerServiceV20141113."

// history is a proxy for ministack's ECS. It answers the three operations about
// past deployments, because ministack 1.4.21 leaves them empty. It adds the ended tasks
// that a test reports, because no task of ministack ends by itself. Its answers
// translate ministack's own deployments of the service and their task
// definitions. All other requests pass unchanged.
type history struct {
	ministack string
	// ended holds the details of the ended tasks that the test reports, by task id.
	ended   *sync.Map
	through *httputil.ReverseProxy
}

// withHistory starts the proxy and returns its address.
func (c *cloud) withHistory(t *testing.T) string {
	t.Helper()
	target, err := url.Parse(c.url)
	require.NoError(t, err)
	server := httptest.NewServer(&history{ministack: c.url, ended: &c.ended, through: httputil.NewSingleHostReverseProxy(target)})
	t.Cleanup(server.Close)
	return server.URL
}

func (h *history) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answers := map[string]func(r *http.Request, in object) (object, error){
		"ListServiceDeployments":     h.list,
		"DescribeServiceDeployments": h.deployments,
		"DescribeServiceRevisions":   h.revisions,
		"DescribeTasks":              h.tasks,
	}
	answer, ours := answers[strings.TrimPrefix(r.Header.Get("X-Amz-Target"), ecsTarget)]
	if !ours {
		h.through.ServeHTTP(w, r)
		return
	}
	var in object
	err := json.NewDecoder(r.Body).Decode(&in)
	var out object
	if err == nil {
		out, err = answer(r, in)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		out = object{"__type": "ServerException", "message": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(out)
}

// ask calls ministack's ECS, with the signature of the function's request.
func (h *history) ask(r *http.Request, operation string, in object) (object, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, h.ministack, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = r.Header.Clone()
	request.Header.Set("X-Amz-Target", ecsTarget+operation)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var out object
	return out, json.Unmarshal(data, &out)
}

// entry is one of ministack's deployments of a service.
type entry struct {
	of      string // cluster/service
	id      string
	is      object
	earlier string // id of the previous one
}

func (e entry) arn(kind string) string {
	return "arn:aws:ecs:" + region + ":" + account + ":" + kind + "/" + e.of + "/" + e.id
}

// entries returns ministack's deployments of a service, newest first.
func (h *history) entries(r *http.Request, service string) ([]entry, error) {
	name := service[strings.LastIndexByte(service, '/')+1:]
	out, err := h.ask(r, "DescribeServices", object{"cluster": strings.TrimSuffix(service, "/"+name), "services": []string{name}})
	if err != nil {
		return nil, err
	}
	var all []entry
	for _, s := range list(out["services"]) {
		for _, d := range list(s["deployments"]) {
			id := strings.TrimPrefix(d["id"].(string), "ecs-svc/")
			if len(all) > 0 {
				all[len(all)-1].earlier = id
			}
			all = append(all, entry{of: service, id: id, is: d})
		}
	}
	return all, nil
}

// named returns the entries of ARNs.
func (h *history) named(r *http.Request, arns any) ([]entry, error) {
	var found []entry
	names, _ := arns.([]any)
	for _, a := range names {
		_, path, _ := strings.Cut(a.(string), "/")
		of := path[:strings.LastIndexByte(path, '/')]
		all, err := h.entries(r, of)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if of+"/"+e.id == path {
				found = append(found, e)
			}
		}
	}
	return found, nil
}

func (h *history) list(r *http.Request, in object) (object, error) {
	all, err := h.entries(r, in["cluster"].(string)+"/"+in["service"].(string))
	briefs := []object{}
	for _, e := range all {
		briefs = append(briefs, e.deployment())
	}
	return object{"serviceDeployments": briefs}, err
}

func (h *history) deployments(r *http.Request, in object) (object, error) {
	found, err := h.named(r, in["serviceDeploymentArns"])
	out := []object{}
	for _, e := range found {
		out = append(out, e.deployment())
	}
	return object{"serviceDeployments": out, "failures": []any{}}, err
}

func (e entry) deployment() object {
	status := "IN_PROGRESS"
	if e.is["rolloutState"] == "COMPLETED" {
		status = "SUCCESSFUL"
	}
	out := object{
		"serviceDeploymentArn": e.arn("service-deployment"), "status": status, "createdAt": e.is["createdAt"], "finishedAt": e.is["updatedAt"],
		"targetServiceRevision": object{"arn": e.arn("service-revision")},
	}
	if e.earlier != "" {
		out["sourceServiceRevisions"] = []object{{"arn": entry{of: e.of, id: e.earlier}.arn("service-revision")}}
	}
	return out
}

func (h *history) revisions(r *http.Request, in object) (object, error) {
	found, err := h.named(r, in["serviceRevisionArns"])
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, e := range found {
		defined, err := h.ask(r, "DescribeTaskDefinition", object{"taskDefinition": e.is["taskDefinition"]})
		if err != nil {
			return nil, err
		}
		images := []object{}
		for _, c := range list(defined["taskDefinition"].(object)["containerDefinitions"]) {
			// Only a pinned image has a digest. ministack does not record the
			// digest of a tag.
			_, digest, _ := strings.Cut(c["image"].(string), "@")
			images = append(images, object{"containerName": c["name"], "image": c["image"], "imageDigest": digest})
		}
		out = append(out, object{
			"serviceRevisionArn": e.arn("service-revision"), "taskDefinition": e.is["taskDefinition"], "createdAt": e.is["createdAt"],
			"containerImages": images,
		})
	}
	return object{"serviceRevisions": out, "failures": []any{}}, nil
}

func list(value any) []object {
	values, _ := value.([]any)
	out := make([]object, 0, len(values))
	for _, v := range values {
		out = append(out, v.(object))
	}
	return out
}

// tasks adds the reported tasks to those of ministack.
func (h *history) tasks(r *http.Request, in object) (object, error) {
	out, err := h.ask(r, "DescribeTasks", in)
	if err != nil {
		return nil, err
	}
	tasks, _ := out["tasks"].([]any)
	ids, _ := in["tasks"].([]any)
	for _, id := range ids {
		name, _ := id.(string)
		if detail, ok := h.ended.Load(name[strings.LastIndexByte(name, '/')+1:]); ok {
			tasks = append(tasks, described(detail.(object)))
		}
	}
	out["tasks"] = tasks
	return out, nil
}

// described returns the detail of an event in the form of DescribeTasks, which has times
// in seconds.
func described(detail object) object {
	task := object{}
	for key, value := range detail {
		text, _ := value.(string)
		at, err := time.Parse(time.RFC3339, text)
		switch {
		case strings.HasSuffix(key, "At") && err == nil:
			task[key] = float64(at.UnixMilli()) / 1000
		case key != "attachments" && key != "attributes" && key != "overrides":
			task[key] = value
		}
	}
	return task
}
