package ecssim

import (
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/ecr"
	"homeostat/shared/sim/ecssim/wire"
)

// revision is a service revision: the subject of a deployment, with the digests
// of its tags at the start of its first task.
type revision struct {
	arn, id    string
	service    *service
	td         *taskDefinition
	launchType string
	strategy   []wire.Object
	setup      wire.Object
	created    time.Time

	digests  []string // by container; "" while unresolved
	failures int      // failed resolutions
	group    int      // the target group of its last deployment
}

func (svc *service) newRevision(td *taskDefinition) *revision {
	id := account.Digits(svc.sim.entropy.names, 19)
	r := &revision{
		id: id, arn: svc.sim.account.ARN("ecs", "service-revision/"+svc.cluster.name+"/"+svc.name+"/"+id),
		service: svc, td: td, launchType: svc.launchType, strategy: svc.strategy, setup: svc.setup,
		created: svc.sim.Now(), digests: make([]string, len(td.containers)),
	}
	svc.revisions = append(svc.revisions, r)
	return r
}

// pull resolves the images for one more task. Every later task uses the digests
// of the first task, even if the tag has moved or the digest is gone ("version
// consistency"). The result missing has the references that cannot be resolved, by
// container. Only that of an essential container fails the start.
func (r *revision) pull() (digests []string, missing map[int]string) {
	s := r.service.sim
	digests = make([]string, len(r.td.containers))
	for i, c := range r.td.containers {
		if pinned := r.digests[i]; pinned != "" {
			digests[i] = pinned
			if reference := ecr.Pinned(c.image, pinned); !s.imageExists(reference) {
				missing = with(missing, i, reference)
			}
			continue
		}
		digest, ok := s.ecr.Pull(c.image)
		if !ok {
			missing = with(missing, i, c.image)
			continue
		}
		digests[i] = digest
	}
	if r.td.needs(missing) >= 0 {
		r.failures++
		return digests, missing
	}
	r.pin(digests)
	return digests, missing
}

func with(m map[int]string, i int, text string) map[int]string {
	if m == nil {
		m = map[int]string{}
	}
	m[i] = text
	return m
}

func (r *revision) pin(digests []string) {
	if r.failures >= resolveTries {
		return
	}
	for i, c := range r.td.containers {
		if c.pinned {
			r.digests[i] = digests[i]
		}
	}
}

// inherit takes the digests of the last revision for the same images. A
// deployment resolves tags anew only if it is forced or has a new task
// definition.
func (r *revision) inherit(from *revision) {
	if from != nil && from.td == r.td {
		copy(r.digests, from.digests)
	}
}

func (r *revision) object() wire.Object {
	images := make([]wire.Object, len(r.td.containers))
	for i, c := range r.td.containers {
		images[i] = wire.Object{"containerName": c.name, "image": c.image}
		if r.digests[i] != "" {
			images[i]["imageDigest"] = r.digests[i]
		}
	}
	out := wire.Object{
		"serviceRevisionArn": r.arn, "serviceArn": r.service.arn, "clusterArn": r.service.cluster.arn,
		"taskDefinition": r.td.arn, "containerImages": images, "guardDutyEnabled": false,
		"createdAt": r.created, "platformFamily": "Linux",
	}
	if r.launchType != "" {
		out["launchType"] = r.launchType
	}
	if len(r.strategy) > 0 {
		out["capacityProviderStrategy"] = r.strategy
	}
	for _, key := range setupKeys() {
		if r.setup.Has(key) {
			out[key] = r.setup[key]
		}
	}
	if !out.Has("platformVersion") {
		out["platformVersion"] = platformVersion
	}
	r.balancing(out)
	return out
}

// setupKeys are the parameters of UpdateService that start a deployment, besides
// the task definition.
func setupKeys() []string {
	return []string{
		"networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries",
		"serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations", "monitoring", "gatewayConnectors",
	}
}
