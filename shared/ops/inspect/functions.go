package inspect

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/policy"
	"homeostat/shared/ops/doctor"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

func (r *Reader) functions(ctx context.Context, in *doctor.Installation, resources []Resource) error {
	for _, name := range contract.Functions() {
		for _, found := range Of(resources, kindFunction) {
			if found.ID != logical(name)+"Function" {
				continue
			}
			f, location, err := r.function(ctx, name, found.Physical)
			if err != nil {
				return err
			}
			in.Functions = append(in.Functions, f)
			if f.Environment[contract.EnvPolicy] != "" && !in.Policy.Bundled {
				in.Policy = r.policy(ctx, f, location)
			}
		}
	}
	return nil
}

func (r *Reader) function(ctx context.Context, name, physical string) (f doctor.Function, location string, err error) {
	f = doctor.Function{Name: name, Physical: physical}
	out, err := r.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(physical)})
	if fault.IsNotFound(err) {
		return f, "", nil
	}
	if err != nil {
		return f, "", fault.FromAWS("reading the function "+physical, err)
	}
	if c := out.Configuration; c != nil {
		f.State, f.UpdateStatus = string(c.State), string(c.LastUpdateStatus)
		f.Timeout = time.Duration(aws.ToInt32(c.Timeout)) * time.Second
		f.Role, f.CodeHash = aws.ToString(c.Role), aws.ToString(c.CodeSha256)
		if at, err := time.Parse("2006-01-02T15:04:05.000-0700", aws.ToString(c.LastModified)); err == nil {
			f.Changed = at
		}
		if c.Environment != nil {
			f.Environment = c.Environment.Variables
		}
	}
	if out.Concurrency != nil && out.Concurrency.ReservedConcurrentExecutions != nil {
		reserved := int(*out.Concurrency.ReservedConcurrentExecutions)
		f.Reserved = &reserved
	}
	if out.Code != nil {
		location = aws.ToString(out.Code.Location)
	}
	pages := lambda.NewListEventSourceMappingsPaginator(r.Lambda, &lambda.ListEventSourceMappingsInput{FunctionName: aws.String(physical)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return f, location, fault.FromAWS("listing the event sources of the function "+physical, err)
		}
		for _, m := range page.EventSourceMappings {
			f.Sources = append(f.Sources, doctor.Source{
				ID: aws.ToString(m.UUID), State: aws.ToString(m.State), Queue: aws.ToString(m.EventSourceArn), LastResult: aws.ToString(m.LastProcessingResult),
			})
		}
	}
	return f, location, nil
}

// Policy returns the policy of the functions and the cap of their mode.
func (r *Reader) Policy(ctx context.Context, resources []Resource) (doctor.Policy, policy.Mode, error) {
	var in doctor.Installation
	if err := r.functions(ctx, &in, resources); err != nil {
		return doctor.Policy{}, "", err
	}
	return in.Policy, doctor.Cap(in), nil
}

// maxBundle is above the largest zip file of Lambda, and maxPolicy is above the
// largest compiled policy. Both are in bytes.
const (
	maxBundle = 64 << 20
	maxPolicy = 32 << 20
)

// policy reads the policy from the bundle of the function. If the fetch fails,
// Parsed stays nil and Bundled is true.
func (r *Reader) policy(ctx context.Context, f doctor.Function, location string) doctor.Policy {
	p := doctor.Policy{Bundled: true}
	data, err := r.bundled(ctx, location, path.Base(f.Environment[contract.EnvPolicy]))
	if err != nil {
		return p
	}
	sum := sha256.Sum256(data)
	p.Hash = hex.EncodeToString(sum[:])
	if p.Parsed, err = parsed(path.Base(f.Environment[contract.EnvPolicy]), data); err != nil {
		p.Fault = err.Error()
	}
	return p
}

// parsed parses a bundled policy, either compiled or, from an older version, YAML.
func parsed(name string, data []byte) (*policy.Policy, error) {
	if path.Ext(name) == ".json" {
		return policy.ReadCompiled(data)
	}
	return policy.Parse(name, data)
}

// bundled fetches one file of the bundle from a URL that Lambda signed.
func (r *Reader) bundled(ctx context.Context, location, file string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location, nil)
	if err != nil {
		return nil, fmt.Errorf("fetching the bundle: %w", err)
	}
	answer, err := r.HTTP.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetching the bundle: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching the bundle: %s", answer.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxBundle))
	if err != nil {
		return nil, fmt.Errorf("fetching the bundle: %w", err)
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	member, err := archive.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	defer func() { _ = member.Close() }()
	return io.ReadAll(io.LimitReader(member, maxPolicy))
}

// permits simulates the permissions of the functions' roles in IAM. It performs
// none of the actions.
func (r *Reader) permits(ctx context.Context, in *doctor.Installation) error {
	for _, f := range in.Functions {
		if f.Role == "" {
			continue
		}
		for _, need := range doctor.Needs(*in, f.Name) {
			found, err := r.simulate(ctx, f, need)
			if err != nil {
				return err
			}
			in.Permits = append(in.Permits, found...)
		}
	}
	return nil
}

func (r *Reader) simulate(ctx context.Context, f doctor.Function, need doctor.Need) ([]doctor.Permit, error) {
	ask := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String(f.Role), ActionNames: need.Actions, ResourceArns: []string{need.Resource},
	}
	if need.Tag != nil {
		ask.ContextEntries = []iamtypes.ContextEntry{{
			ContextKeyName: aws.String("aws:ResourceTag/" + contract.TagMode), ContextKeyType: iamtypes.ContextKeyTypeEnumString,
			ContextKeyValues: []string{*need.Tag},
		}}
	}
	out, err := r.Simulate(ctx, ask)
	if err != nil {
		return nil, fault.FromAWS("simulating the permissions of "+f.Name, err)
	}
	var found []doctor.Permit
	for _, e := range out.EvaluationResults {
		p := doctor.Permit{
			Function: f.Name, Action: aws.ToString(e.EvalActionName), Resource: aws.ToString(e.EvalResourceName),
			Allowed: e.EvalDecision == iamtypes.PolicyEvaluationDecisionTypeAllowed, By: string(e.EvalDecision),
		}
		if d := e.OrganizationsDecisionDetail; d != nil && !d.AllowedByOrganizations {
			p.Allowed, p.By = false, "denied by the organization"
		}
		if d := e.PermissionsBoundaryDecisionDetail; d != nil && !d.AllowedByPermissionsBoundary {
			p.Allowed, p.By = false, "explicitDeny by the permissions boundary"
		}
		found = append(found, p)
	}
	return found, nil
}
