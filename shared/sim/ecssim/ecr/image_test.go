package ecr

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReferencesAreTakenApart(t *testing.T) {
	for reference, want := range map[string][3]string{
		"web":                        {"web", "latest", ""},
		"web:1":                      {"web", "1", ""},
		"localhost:5000/web":         {"localhost:5000/web", "latest", ""},
		"localhost:5000/web:2":       {"localhost:5000/web", "2", ""},
		"r/web@sha256:00":            {"r/web", "latest", "sha256:00"},
		"r/web:3@sha256:00":          {"r/web", "3", "sha256:00"},
		"123.dkr.ecr.eu/shop/web:v1": {"123.dkr.ecr.eu/shop/web", "v1", ""},
	} {
		repo, tag, digest := SplitReference(reference)
		assert.Equal(t, want, [3]string{repo, tag, digest}, reference)
	}
}
