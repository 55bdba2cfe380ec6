package record_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func pulse(service string, last time.Time) fleet.FailureReport {
	ref := fixture.Ref(service)
	return fleet.FailureReport{
		Ref: ref, First: last.Add(-time.Minute), Last: last, Failures: 3, Tasks: 5, Zones: []string{"a"}, Providers: []string{"FARGATE"},
		DependsOn: []string{"database"}, RolledOut: noon.Add(-time.Hour),
	}
}

func TestRecentReportsAreReadNewestFirstWithTheCounts(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		none, counts, err := s.FailureReports(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		assert.Empty(t, none)
		assert.Zero(t, counts)

		counted := fleet.ServiceCounts{At: noon, Services: 40, Clusters: map[string]int{"shop": 40}, Dependencies: map[string]int{"database": 12}}
		require.NoError(t, s.SaveServiceCounts(ctx, fixture.Home(), fleet.ServiceCounts{At: noon.Add(-time.Hour), Services: 1}))
		require.NoError(t, s.SaveServiceCounts(ctx, fixture.Home(), counted))
		for i, name := range []string{"web", "api", "old", "mail"} {
			last := noon.Add(time.Duration(i) * time.Minute)
			if name == "old" {
				last = noon.Add(-time.Nanosecond)
			}
			require.NoError(t, s.SaveFailureReport(ctx, pulse(name, last), last))
		}
		elsewhere := pulse("web", noon)
		elsewhere.Ref.Region = "us-east-1"
		require.NoError(t, s.SaveFailureReport(ctx, elsewhere, noon))
		require.NoError(t, s.SaveFailureReport(ctx, pulse("web", noon.Add(time.Hour)), noon), "a service has one pulse: the later replaces it")

		got, counts, err := s.FailureReports(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		assert.Equal(t, counted, counts)
		assert.Equal(t, []fleet.FailureReport{
			pulse("web", noon.Add(time.Hour)), pulse("mail", noon.Add(3*time.Minute)), pulse("api", noon.Add(time.Minute)),
		}, got)
	})
}

func TestOfManyReportsTheNewestAreRead(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		require.NoError(t, s.SaveServiceCounts(ctx, fixture.Home(), fleet.ServiceCounts{At: noon, Services: 300}))
		for i := range 203 {
			require.NoError(t, s.SaveFailureReport(ctx, pulse(fmt.Sprint("s", i), noon.Add(time.Duration(i)*time.Second)), noon))
		}
		got, counts, err := s.FailureReports(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		assert.Equal(t, 300, counts.Services)
		require.Len(t, got, 200)
		assert.Equal(t, "s202", got[0].Ref.Service)
		assert.Equal(t, "s3", got[199].Ref.Service)
	})
}

func TestReportsExpire(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		require.NoError(t, p.SaveFailureReport(ctx, pulse("web", noon), noon))
		out, err := p.client.Query(ctx, &dynamodb.QueryInput{
			TableName: aws.String(p.Table), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: "pulse#123456789012/eu-central-1"}},
		})
		require.NoError(t, err)
		require.Len(t, out.Items, 1)
		assert.Equal(t, &types.AttributeValueMemberN{Value: fmt.Sprint(noon.Add(time.Hour).Unix())}, out.Items[0]["expires"])
	})
}

func TestAnUnreadableReportHidesNoOther(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		require.NoError(t, p.SaveFailureReport(ctx, pulse("web", noon), noon))
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		for sk, moment := range map[string]string{"broken": "2026-01-05T13:00:00.000000000Z#broken", "census": "~census"} {
			_, err := p.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(p.Table), Item: map[string]types.AttributeValue{
				"pk": text("pulse#123456789012/eu-central-1"), "sk": text(sk), "day": text("pulse#123456789012/eu-central-1"),
				"moment": text(moment), "body": text("{"),
			}})
			require.NoError(t, err)
		}
		got, counts, err := p.FailureReports(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		assert.Equal(t, []fleet.FailureReport{pulse("web", noon)}, got)
		assert.Zero(t, counts, "as if nobody had counted")
	})
}

func TestOfSeveralChangesOfAFreezeOneSucceeds(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		frozen := fleet.Freeze{Scope: "account", Frozen: true, Who: "homeostat", Why: "12 of 40 fail", Until: noon.Add(15 * time.Minute), At: noon}
		for i, want := range []bool{true, false, false} {
			changed, err := s.ChangeFreeze(ctx, fixture.Home(), fleet.Freeze{}, frozen)
			require.NoError(t, err)
			assert.Equal(t, want, changed, "attempt %d", i)
		}
		read, err := s.FreezesOf(ctx, fixture.Web())
		require.NoError(t, err)
		require.Equal(t, []fleet.Freeze{frozen}, read)

		longer := frozen
		longer.Until = noon.Add(time.Hour)
		for _, want := range []bool{true, false} {
			changed, err := s.ChangeFreeze(ctx, fixture.Home(), read[0], longer)
			require.NoError(t, err)
			assert.Equal(t, want, changed)
		}

		require.NoError(t, s.SetFreeze(ctx, fixture.Home(), fleet.Freeze{Scope: "account", Who: "ann"}))
		changed, err := s.ChangeFreeze(ctx, fixture.Home(), longer, frozen)
		require.NoError(t, err)
		assert.False(t, changed, "a person came first")
		read, err = s.FreezesOf(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Equal(t, "ann", read[0].Who)
	})
}

func TestFreezesOfFurtherScopesAreFound(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		for _, scope := range []string{"zone:a", "zone:b", "dependency:database", "account"} {
			require.NoError(t, s.SetFreeze(ctx, fixture.Home(), fleet.Freeze{Scope: scope, Frozen: true}))
		}
		got, err := s.FreezesOf(ctx, fixture.Web(), fleet.ScopeZone("b"), fleet.ScopeDependency("database"), fleet.ScopeDependency("mail"))
		require.NoError(t, err)
		var scopes []string
		for _, freeze := range got {
			scopes = append(scopes, freeze.Scope)
		}
		assert.Equal(t, []string{"account", "zone:b", "dependency:database"}, scopes)
	})
}

func TestTheKeyDecidesTheScopeOfAFreeze(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		_, err := p.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(p.Table), Item: map[string]types.AttributeValue{
			"pk": text("123456789012/eu-central-1"), "sk": text("switch#cluster:shop"), "body": text(`{"frozen":true}`),
		}})
		require.NoError(t, err)
		got, err := p.FreezesOf(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Equal(t, []fleet.Freeze{{Scope: "cluster:shop", Frozen: true}}, got)
	})
}

func TestABusyTableIsReadAgainForReportsAndFreezes(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		frozen := fleet.Freeze{Scope: "account", Frozen: true, Who: "homeostat"}
		for name, call := range map[string]func() error{
			"reading pulses":     func() error { _, _, err := p.FailureReports(ctx, fixture.Home(), noon); return err },
			"writing a pulse":    func() error { return p.SaveFailureReport(ctx, pulse("web", noon), noon) },
			"writing the census": func() error { return p.SaveServiceCounts(ctx, fixture.Home(), fleet.ServiceCounts{At: noon}) },
			"changing a switch": func() error {
				_, err := p.ChangeFreeze(ctx, fixture.Home(), fleet.Freeze{}, frozen)
				return err
			},
		} {
			p.transport.failNext(refusal("ThrottlingException"))
			err := call()
			assert.Equal(t, fault.Retry, fault.ClassOf(err), "%s: %v", name, err)
			require.NoError(t, call(), name)
		}
	})
}
