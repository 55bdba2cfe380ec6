package decode_test

import (
	"os"
	"testing"

	"homeostat/shared/core/decode"
)

func BenchmarkDecode(b *testing.B) {
	for _, file := range []string{"ecs/task-stopped-oom", "sqs/batch", "cloudwatch/alarm", "ecr/image-push"} {
		raw, err := os.ReadFile("../../../events/" + file + ".json")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				decode.Events(raw)
			}
		})
	}
}
