package record

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The inventory of an account and region is one partition. It has a head, shards,
// and marks of services that events changed since the last part was read.
const (
	skHead    = "head"
	skShard   = "shard#"
	skChanged = "news#"
)

func inventoryPK(account fleet.Account) string { return "roster#" + accountPK(account) }

func shardSK(n int) string { return fmt.Sprintf("%s%05d", skShard, n) }

// Inventory reads the complete inventory. The zero Inventory was never written.
func (s *Store) Inventory(ctx context.Context, account fleet.Account) (r fleet.Inventory, err error) {
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.Table), Key: key(inventoryPK(account), skHead), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return r, fault.FromAWS("reading the inventory", err)
	}
	// An unreadable head is treated as missing: the account is read again.
	if len(out.Item) == 0 || json.Unmarshal([]byte(textOf(out.Item, attrBody)), &r) != nil {
		return fleet.Inventory{}, nil
	}
	r.Shards = make([][]fleet.Member, r.Count)
	keys := make([]item, 0, r.Count)
	for n := range r.Count {
		keys = append(keys, key(inventoryPK(account), shardSK(n)))
	}
	var broken error
	err = s.batchGet(ctx, keys, func(i item) {
		n, err := strconv.Atoi(strings.TrimPrefix(textOf(i, attrSK), skShard))
		if err != nil || n < 0 || n >= r.Count {
			return
		}
		if r.Shards[n], err = decoded(i); err != nil {
			broken = err
		}
	})
	if broken != nil {
		return fleet.Inventory{}, nil
	}
	return r, err
}

// Shard reads one shard. A missing shard is empty.
func (s *Store) Shard(ctx context.Context, account fleet.Account, n int) ([]fleet.Member, error) {
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(s.Table), Key: key(inventoryPK(account), shardSK(n))})
	if err != nil || len(out.Item) == 0 {
		return nil, fault.FromAWS("reading the inventory", err)
	}
	return decoded(out.Item)
}

// SaveInventory writes the head and the shards that differ from was. Only the owner
// of the inventory's lease writes it.
func (s *Store) SaveInventory(ctx context.Context, account fleet.Account, r, was fleet.Inventory) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fault.Terminalf("unencodable", "encoding the inventory: %w", err)
	}
	for n, members := range r.Shards {
		if n < len(was.Shards) && slices.EqualFunc(members, was.Shards[n], fleet.Member.Equal) {
			continue
		}
		packed, err := json.Marshal(members)
		if err != nil {
			return fault.Terminalf("unencodable", "encoding the inventory: %w", err)
		}
		put := key(inventoryPK(account), shardSK(n))
		put[attrBody] = text(string(packed))
		if err := s.put(ctx, put, "writing the inventory"); err != nil {
			return err
		}
	}
	// The head comes last: it names the existing shards.
	put := key(inventoryPK(account), skHead)
	put[attrBody] = text(string(body))
	return s.put(ctx, put, "writing the inventory")
}

func (s *Store) put(ctx context.Context, put item, doing string) error {
	_, err := s.DynamoDB.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.Table), Item: put})
	return fault.FromAWS(doing, err)
}

func decoded(i item) (members []fleet.Member, err error) {
	if err := json.Unmarshal([]byte(textOf(i, attrBody)), &members); err != nil {
		return nil, fault.Terminalf("unreadable", "reading the inventory: %w", err).
			WithHint("the next sweep reads the account again; delete the item if the error persists")
	}
	return members, nil
}

// MarkChanged records that an event changed a service: the next sweep reads it
// again.
func (s *Store) MarkChanged(ctx context.Context, ref fleet.ServiceRef, now time.Time) error {
	put := key(inventoryPK(fleet.AccountOf(ref)), skChanged+stamp(now)+"#"+ref.String())
	put[attrExpires] = expiry(now, keepChanged)
	return s.put(ctx, put, "marking the change of "+ref.String())
}

// Changed returns the services that events changed since a time.
func (s *Store) Changed(ctx context.Context, account fleet.Account, since time.Time) (refs []fleet.ServiceRef, err error) {
	seen := map[string]bool{}
	err = s.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :since AND :end"),
		ExpressionAttributeValues: item{
			":pk": text(inventoryPK(account)), ":since": text(skChanged + stamp(since)), ":end": text(skChanged + "~"),
		},
		ConsistentRead: aws.Bool(true),
	}, func(i item) error {
		_, name, _ := strings.Cut(strings.TrimPrefix(textOf(i, attrSK), skChanged), "#")
		if cluster, service, ok := strings.Cut(name, "/"); ok && !seen[name] {
			seen[name] = true
			refs = append(refs, account.Ref(cluster, service))
		}
		return nil
	})
	return refs, err
}
