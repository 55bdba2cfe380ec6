package cause

import "strings"

// Agent is one row of the table of platform and agent containers. Such a container
// runs beside the application: AWS injects it, or a team adds it to each task.
type Agent struct {
	// ID is stable.
	ID string
	// Names lists beginnings of a word in the container's name, with | between them.
	// Prefix limits them to the beginning of the name.
	Names  string
	Prefix bool
	// Images lists parts of the image's reference, with | between them; empty for
	// none.
	Images string
	// Source names the documentation or an occurrence of the name.
	Source string
	// Note describes the container in a few words.
	Note string
}

// Agents returns the table of platform and agent containers.
func Agents() []Agent {
	return []Agent{
		{
			ID: "guardduty", Names: "aws-guardduty-agent", Prefix: true, Images: "/aws-guardduty-agent",
			Source: "https://github.com/aws/aws-cdk/issues/32877", Note: "security agent that GuardDuty injects",
		},
		{
			ID: "service-connect", Names: "ecs-service-connect", Prefix: true,
			Source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html", Note: "proxy that ECS injects",
		},
		{
			ID: "pause", Names: "~internal~ecs", Prefix: true,
			Source: agent + " agent/api/task", Note: "container of ECS for the network",
		},
		{
			ID: "log-router", Names: "log_router|log-router|logrouter|firelens|fluent-bit|fluentbit|fluentd", Images: "fluent-bit|fluent/fluentd",
			Source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html", Note: "log router",
		},
		{
			ID: "opentelemetry", Names: "otel|opentelemetry|adot|aws-collector", Images: "aws-otel-collector|opentelemetry-collector|otel-collector",
			Source: "https://aws-otel.github.io/docs/setup/ecs", Note: "telemetry collector",
		},
		{
			ID: "cloudwatch", Names: "cloudwatch-agent|cwagent|cw-agent", Images: "cloudwatch-agent",
			Source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/deploy-container-insights-ECS-adot.html", Note: "metrics agent",
		},
		{
			ID: "xray", Names: "xray|x-ray", Images: "aws-xray-daemon",
			Source: "https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-ecs.html", Note: "tracing daemon",
		},
		{
			ID: "datadog", Names: "datadog|dd-agent", Images: "datadog/agent",
			Source: "https://docs.datadoghq.com/integrations/ecs_fargate", Note: "monitoring agent",
		},
		{
			ID: "newrelic", Names: "newrelic|new-relic", Images: "newrelic/",
			Source: "https://github.com/newrelic/docs-website/issues/4017", Note: "monitoring agent",
		},
		{
			ID: "envoy", Names: "envoy|appmesh|app-mesh", Images: "aws-appmesh-envoy|envoyproxy/envoy",
			Source: "https://github.com/aws/aws-app-mesh-examples/pull/101", Note: "proxy of a service mesh",
		},
		{
			ID: "appconfig", Names: "aws-appconfig-agent|appconfig-agent", Images: "aws-appconfig-agent",
			Source: "https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-containers-agent.html", Note: "configuration agent",
		},
	}
}

// agentOf returns the row of a platform or agent container; ok is false for any
// other container.
func agentOf(name, image string) (a Agent, ok bool) {
	name, image = strings.ToLower(name), strings.ToLower(image)
	for _, a := range Agents() {
		if a.named(name) || a.Images != "" && image != "" && contains(image, a.Images) {
			return a, true
		}
	}
	return Agent{}, false
}

// named reports whether a word of the container's name begins with one of the names.
// The beginning of a word keeps "hotel" apart from "otel".
func (a *Agent) named(name string) bool {
	for list := a.Names; list != ""; {
		var item string
		item, list, _ = strings.Cut(list, "|")
		for from := 0; ; {
			at := strings.Index(name[from:], item)
			if at < 0 {
				break
			}
			at += from
			if at == 0 || !a.Prefix && !isLetterOrDigit(name[at-1]) {
				return true
			}
			from = at + 1
		}
	}
	return false
}

func isLetterOrDigit(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }
