package record

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	skDemand           = "demand"
	attrControl        = "controller" // state of the controller
	attrScaling        = "scaling"    // last reading of Application Auto Scaling
	attrReadAt         = "read_at"    // epoch milliseconds of that reading
	attrStarted        = "started"    // epoch milliseconds of the newest learned start
	attrRan            = "ran"        // largest number of tasks seen lately
	attrRanAt          = "ran_at"     // epoch milliseconds of that number
	attrSuspect        = "doubted"    // epoch milliseconds; since then its CPU is suspect
	attrIdle           = "idle"       // epoch milliseconds; since then it has no demand
	attrSteady         = "steady"     // epoch milliseconds; since then the count is at need
	attrHighResolution = "fine"       // 1 for utilization every 20 s, else 0
	attrGroups         = "groups"     // target groups of the service
)

// DemandStates returns the demand states of the services, by key. A service without
// a state is not in the map.
func (s *Store) DemandStates(ctx context.Context, refs []fleet.ServiceRef) (map[string]fleet.DemandState, error) {
	found := make(map[string]fleet.DemandState, len(refs))
	byKey := make(map[string]fleet.ServiceRef, len(refs))
	for _, ref := range refs {
		byKey[ref.Key()] = ref
	}
	keys := make([]item, 0, len(refs))
	for _, ref := range refs {
		keys = append(keys, key(ref.Key(), skDemand))
	}
	err := s.batchGet(ctx, keys, func(i item) {
		pk := textOf(i, attrPK)
		state := fleet.DemandState{
			Ref: byKey[pk], State: bytesOf(i, attrControl), ScalingAt: moment(numOf(i, attrReadAt)), HighResolution: numOf(i, attrHighResolution) > 0, Known: i[attrHighResolution] != nil,
			Ran: int(numOf(i, attrRan)), RanAt: moment(numOf(i, attrRanAt)), SuspectSince: moment(numOf(i, attrSuspect)),
			Started: moment(numOf(i, attrStarted)), IdleSince: moment(numOf(i, attrIdle)), SteadySince: moment(numOf(i, attrSteady)),
		}
		// An unreadable reading counts as missing: it is read again.
		if text := textOf(i, attrScaling); text != "" && json.Unmarshal([]byte(text), &state.Scaling) != nil {
			state.Scaling, state.ScalingAt = fleet.Scaling{}, time.Time{}
		}
		// Unreadable groups count as unknown: the next revision that is read names them.
		if text := textOf(i, attrGroups); text != "" && json.Unmarshal([]byte(text), &state.Groups) != nil {
			state.Groups = nil
		}
		found[pk] = state
	})
	return found, err
}

// SaveDemandStates saves demand states. The last writer wins.
func (s *Store) SaveDemandStates(ctx context.Context, all []fleet.DemandState) error {
	puts := make([]item, 0, len(all))
	for _, l := range all {
		put := key(l.Ref.Key(), skDemand)
		if len(l.State) > 0 {
			put[attrControl] = &types.AttributeValueMemberB{Value: l.State}
		}
		if !l.ScalingAt.IsZero() {
			body, err := json.Marshal(l.Scaling)
			if err != nil {
				return fault.Terminalf("unencodable", "encoding the demand state of %s: %w", l.Ref, err)
			}
			put[attrScaling], put[attrReadAt] = text(string(body)), num(l.ScalingAt.UnixMilli())
		}
		if !l.RanAt.IsZero() {
			put[attrRan], put[attrRanAt] = num(int64(l.Ran)), num(l.RanAt.UnixMilli())
		}
		if !l.SuspectSince.IsZero() {
			put[attrSuspect] = num(l.SuspectSince.UnixMilli())
		}
		if !l.IdleSince.IsZero() {
			put[attrIdle] = num(l.IdleSince.UnixMilli())
		}
		if !l.SteadySince.IsZero() {
			put[attrSteady] = num(l.SteadySince.UnixMilli())
		}
		if !l.Started.IsZero() {
			put[attrStarted] = num(l.Started.UnixMilli())
		}
		if l.Known {
			put[attrHighResolution] = num(0)
		}
		if l.HighResolution {
			put[attrHighResolution] = num(1)
		}
		if len(l.Groups) > 0 {
			body, err := json.Marshal(l.Groups)
			if err != nil {
				return fault.Terminalf("unencodable", "encoding the demand state of %s: %w", l.Ref, err)
			}
			put[attrGroups] = text(string(body))
		}
		puts = append(puts, put)
	}
	return s.batchPut(ctx, puts)
}

// batchGet reads items in as few calls as DynamoDB allows. The reads are eventually
// consistent: no decision depends on them alone.
func (s *Store) batchGet(ctx context.Context, keys []item, each func(item)) error {
	for part := range slices.Chunk(keys, readLimit) {
		left := map[string]types.KeysAndAttributes{s.Table: {Keys: part}}
		for range batchTries {
			out, err := s.DynamoDB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: left})
			if err != nil {
				return fault.FromAWS("reading a batch of the table "+s.Table, err)
			}
			for _, i := range out.Responses[s.Table] {
				each(i)
			}
			if left = out.UnprocessedKeys; len(left) == 0 {
				break
			}
		}
		if len(left) > 0 {
			return fault.Retryf("throttled", "reading a batch of the table %s: a part was not read", s.Table)
		}
	}
	return nil
}

// batchPut writes items in as few calls as DynamoDB allows.
func (s *Store) batchPut(ctx context.Context, puts []item) error {
	for part := range slices.Chunk(puts, writeLimit) {
		requests := make([]types.WriteRequest, 0, len(part))
		for _, put := range part {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: put}})
		}
		left := map[string][]types.WriteRequest{s.Table: requests}
		for range batchTries {
			out, err := s.DynamoDB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: left})
			if err != nil {
				return fault.FromAWS("writing a batch of the table "+s.Table, err)
			}
			if left = out.UnprocessedItems; len(left) == 0 {
				break
			}
		}
		if len(left) > 0 {
			return fault.Retryf("throttled", "writing a batch of the table %s: a part was not written", s.Table)
		}
	}
	return nil
}

func bytesOf(i item, name string) []byte {
	if v, ok := i[name].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}
