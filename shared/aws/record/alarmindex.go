package record

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	skAlarmIndex = "arming"
	attrPrints   = "prints"   // fingerprints of the alarms
	attrIndexAt  = "armed_at" // epoch milliseconds, time of the index
)

// AlarmIndex returns the index of the trigger alarms that existed at the last
// synchronization; the zero AlarmIndex before the first one.
func (s *Store) AlarmIndex(ctx context.Context, account fleet.Account) (fleet.AlarmIndex, error) {
	out, err := s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(s.Table), Key: key(inventoryPK(account), skAlarmIndex)})
	if err != nil {
		return fleet.AlarmIndex{}, fault.FromAWS("reading the alarm index", err)
	}
	packed := bytesOf(out.Item, attrPrints)
	prints := make([]uint64, 0, len(packed)/printBytes)
	for part := range slices.Chunk(packed, printBytes) {
		if len(part) == printBytes {
			prints = append(prints, binary.BigEndian.Uint64(part))
		}
	}
	return fleet.NewAlarmIndex(moment(numOf(out.Item, attrIndexAt)), prints), nil
}

// SaveAlarmIndex saves the index of the existing trigger alarms at a time. An item
// holds those of 50,000 services.
func (s *Store) SaveAlarmIndex(ctx context.Context, account fleet.Account, alarms []fleet.TriggerAlarm, at time.Time) error {
	packed := make([]byte, 0, printBytes*len(alarms))
	for _, alarm := range alarms {
		packed = binary.BigEndian.AppendUint64(packed, alarm.Print())
	}
	put := key(inventoryPK(account), skAlarmIndex)
	put[attrIndexAt] = num(at.UnixMilli())
	if len(packed) > 0 {
		put[attrPrints] = &types.AttributeValueMemberB{Value: packed}
	}
	return s.put(ctx, put, "saving the alarm index")
}
