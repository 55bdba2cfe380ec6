package observe

import (
	"context"
	"slices"
	"strings"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// partReader reads one part of the account.
type partReader struct {
	*Observer
	account fleet.Account
	calls   int // remaining calls
	pages   int
	found   []fleet.Member
}

// Part reads the enrolled services of the account from a place on. It makes at most
// the given number of calls, but reads at least one page. next is the place of the
// next part; complete is true after the last one. With an error the services read
// so far are returned.
func (o *Observer) Part(ctx context.Context, account fleet.Account, at fleet.Place, calls int) (found []fleet.Member, next fleet.Place, complete bool, err error) {
	clusters, err := o.clusters(ctx)
	if err != nil {
		return nil, at, false, err
	}
	r := &partReader{Observer: o, account: account, calls: calls - 1}
	for _, cluster := range clusters {
		if cluster < at.Cluster {
			continue
		}
		if cluster != at.Cluster {
			at = fleet.Place{Cluster: cluster}
		}
		for {
			if r.pages > 0 && r.calls < 1+listLimit/describeLimit {
				return r.found, at, false, nil
			}
			token, err := r.page(ctx, at)
			if err != nil {
				return r.found, at, false, err
			}
			if at.Page = token; token == "" {
				break
			}
		}
		// Nothing is left of a cluster after its last page.
		at = fleet.Place{Cluster: cluster + "\x00"}
	}
	return r.found, fleet.Place{}, true, nil
}

// clusters returns the clusters of the account, ordered by name.
func (o *Observer) clusters(ctx context.Context) (names []string, err error) {
	pages := ecs.NewListClustersPaginator(o.ECS, &ecs.ListClustersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault.FromAWS("listing clusters", err)
		}
		for _, arn := range page.ClusterArns {
			names = append(names, fleet.NameOf(arn))
		}
	}
	slices.Sort(names)
	return names, nil
}

// page reads one page of the services of a cluster. It returns the token of the
// next page; empty after the last one.
func (r *partReader) page(ctx context.Context, at fleet.Place) (token string, err error) {
	in := &ecs.ListServicesInput{Cluster: aws.String(at.Cluster), MaxResults: aws.Int32(listLimit)}
	if at.Page != "" {
		in.NextToken = aws.String(at.Page)
	}
	r.calls, r.pages = r.calls-1, r.pages+1
	out, err := r.ECS.ListServices(ctx, in)
	if fault.AWSCode(err) == "ClusterNotFoundException" {
		return "", nil // deleted since it was listed
	}
	if err != nil {
		return "", fault.FromAWS("listing services of "+at.Cluster, err)
	}
	for arns := range slices.Chunk(out.ServiceArns, describeLimit) {
		r.calls--
		members, _, err := r.describe(ctx, at.Cluster, arns)
		if err != nil {
			return "", err
		}
		r.found = append(r.found, members...)
	}
	return aws.ToString(out.NextToken), nil
}

// Members reads single services for the inventory. gone holds the services that ECS
// does not have, or that are no longer enrolled.
func (o *Observer) Members(ctx context.Context, refs []fleet.ServiceRef) (found []fleet.Member, gone []fleet.ServiceRef, err error) {
	byCluster := map[string][]string{}
	var order []string
	for _, ref := range refs {
		if byCluster[ref.Cluster] == nil {
			order = append(order, ref.Cluster)
		}
		byCluster[ref.Cluster] = append(byCluster[ref.Cluster], ref.Service)
	}
	for _, cluster := range order {
		for names := range slices.Chunk(byCluster[cluster], describeLimit) {
			members, missing, err := o.describe(ctx, cluster, names)
			if err != nil && !fault.IsNotFound(err) {
				return found, gone, err
			}
			if err != nil {
				missing = names
			}
			found = append(found, members...)
			for _, name := range missing {
				gone = append(gone, fleet.ServiceRef{Cluster: cluster, Service: name})
			}
		}
	}
	return found, gone, nil
}

// Facts reads the facts of the revision of each member, by the id of the revision. A
// revision that is not in the answer is not in the map.
func (o *Observer) Facts(ctx context.Context, account fleet.Account, members []fleet.Member) (map[string]fleet.RevisionFacts, error) {
	found := map[string]fleet.RevisionFacts{}
	for part := range slices.Chunk(members, revisionsLimit) {
		in := &ecs.DescribeServiceRevisionsInput{}
		for _, m := range part {
			in.ServiceRevisionArns = append(in.ServiceRevisionArns, m.Ref(account).RevisionARN(m.Revision))
		}
		out, err := o.ECS.DescribeServiceRevisions(ctx, in)
		if err != nil {
			return found, fault.FromAWS("describing service revisions", err)
		}
		for _, r := range out.ServiceRevisions {
			read := revision(r)
			found[fleet.NameOf(aws.ToString(r.ServiceRevisionArn))] = fleet.RevisionFacts{HighResolution: read.HighResolution, Groups: read.Groups}
		}
	}
	return found, nil
}

// describe reads services, by name or ARN. missing holds the names of the others,
// without the tag of enrolled services.
func (o *Observer) describe(ctx context.Context, cluster string, services []string) (found []fleet.Member, missing []string, err error) {
	out, err := o.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(cluster), Services: services, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	if err != nil {
		return nil, nil, fault.FromAWS("describing services of "+cluster, err)
	}
	for i := range out.Services {
		if m, enrolled := member(cluster, &out.Services[i]); enrolled {
			found = append(found, m)
		} else {
			missing = append(missing, m.Service)
		}
	}
	for _, f := range out.Failures {
		if aws.ToString(f.Reason) == "MISSING" {
			missing = append(missing, fleet.NameOf(aws.ToString(f.Arn)))
		}
	}
	return found, missing, nil
}

// member returns the entry of a service in the inventory.
func member(cluster string, in *ecstypes.Service) (m fleet.Member, enrolled bool) {
	var s fleet.Snapshot
	describe(&s, in)
	m = fleet.Member{
		Cluster: cluster, Service: aws.ToString(in.ServiceName), Definition: s.TaskDefinition,
		Desired: s.Desired, Running: s.Running, Pending: s.Pending, Deploying: s.Deploying(), Daemon: s.Daemon, Alarms: deploymentAlarms(in),
	}
	for name, value := range s.Tags {
		if strings.HasPrefix(name, contract.TagPrefix) {
			if m.Tags == nil {
				m.Tags = map[string]string{}
			}
			m.Tags[name] = value
		}
	}
	for _, r := range in.CurrentServiceRevisions {
		if len(in.CurrentServiceRevisions) == 1 {
			m.Revision = fleet.NameOf(aws.ToString(r.Arn))
		}
	}
	_, tagged := m.Tags[contract.TagMode]
	return m, tagged && s.Found
}
